"""The compare view: what both worlds say after each command."""

from __future__ import annotations

import pytest

from mountlab.kernel.probe import probe
from mountlab.view.beside import compare

SHARED = """host# mkdir /a
host# mount -t tmpfs disk /a
host# mount --make-shared /a
c1# unshare --mount --propagation slave
host# mkdir /a/x
host# mount -t tmpfs stick /a/x
"""


@pytest.mark.kernel
def test_each_command_has_both_tables_and_they_are_equal() -> None:
    if probe().kind is None:
        pytest.skip(probe().reason)
    data = compare(SHARED).data

    assert len(data["kernel"]) == len(data["commands"]) == 6
    assert all(entry["differs"] is None for entry in data["kernel"])
    assert all(entry["ours"] == entry["theirs"] for entry in data["kernel"])
    assert "master:" in data["kernel"][-1]["theirs"]
    assert "/a/x" in data["kernel"][-1]["theirs"]
    assert "/a/x" not in data["kernel"][0]["theirs"]
