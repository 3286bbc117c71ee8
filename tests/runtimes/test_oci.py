"""The real runc and crun with a config.json: they do what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mountlab.runtimes import oci_matrix
from mountlab.runtimes.bundle import Bundles, config, runtime_missing
from mountlab.runtimes.host import Host
from mountlab.runtimes.places import STATES
from mountlab.runtimes.record import about
from tests.runtimes.live import canonical, differences, needs, portable, same_versions

Read = Callable[[str], dict[str, Any]]
both = [pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("runc", "crun")]
pytestmark = pytest.mark.parametrize("bundles", both, indirect=True, scope="module")

SOME_ROOTS = (None, "private", "rslave", "shared")
"""The recording has all of them: a minute more for each runtime."""


@pytest.fixture(scope="module")
def bundles(request: pytest.FixtureRequest) -> Iterator[Bundles]:
    needs(runtime_missing(request.param))
    with Host() as host:
        yield Bundles(request.param, host)


@pytest.fixture
def recording(bundles: Bundles, recorded: Read) -> dict[str, Any]:
    found = recorded(bundles.runtime)
    same_versions(found, about(bundles.host, bundles.runtime), bundles.runtime)
    return found


def test_a_container_runs_what_its_config_says_and_is_gone_afterwards(bundles: Bundles) -> None:
    spec = config([{"destination": "/mnt", "type": "tmpfs", "source": "given"}])
    assert bundles.start("seen", spec).status == 0
    table = bundles.host.table(bundles.pid("seen"))
    bundles.delete("seen")

    assert [(row.fstype, row.source) for row in table if row.mountpoint == "/mnt"] == [("tmpfs", "given")]
    assert bundles.host.run([bundles.runtime, "state", "seen"]).status == 1


def test_what_the_runtime_says_of_a_bad_config_is_kept(bundles: Bundles) -> None:
    spec = config([{"destination": "/mnt", "type": "bind", "source": "/nowhere", "options": ["rbind"]}])
    ran = bundles.start("bad", spec)

    assert ran.status == 1
    assert "o such file or directory" in ran.stderr
    bundles.delete("bad")


@pytest.mark.parametrize("state", STATES)
def test_the_matrix_is_the_recorded_one(bundles: Bundles, recording: dict[str, Any], state: str) -> None:
    pairs = "shared" in state  # elsewhere a row has one container here: no other could see its mounts
    live = list(oci_matrix.matrix(bundles, SOME_ROOTS, states=(state,), pairs=pairs))
    then = [
        row
        for row in recording["matrix"]
        if row["source"] == state and row["rootfs_propagation"] in SOME_ROOTS
    ]

    assert len(live) == len(SOME_ROOTS) * 7
    assert not differences(live, then, *([] if pairs else ["container_to_container"]))


def test_answers_to_bad_input_are_the_recorded_ones(bundles: Bundles, recording: dict[str, Any]) -> None:
    assert not differences(list(oci_matrix.bad_input(bundles)), recording["bad_input"])


def test_the_system_calls_and_the_tables_are_the_recorded_ones(
    bundles: Bundles, recording: dict[str, Any]
) -> None:
    for live, then in zip(oci_matrix.call_orders(bundles), recording["calls"], strict=True):
        assert portable(live["calls"]) == portable(then["calls"])
        assert canonical(live["mountinfo"]) == canonical(then["mountinfo"])
        assert live["classes"] == then["classes"]
