"""The look at what is outside notices: else no attack could be seen to succeed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.safety.outside import MARK, Outside, changed, marked


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    outside = Outside(tmp_path / "canary")
    yield outside
    outside.end()


def _kill_one(outside: Outside) -> None:
    outside.guards[0].process.kill()
    outside.guards[0].process.wait()


@pytest.mark.parametrize(
    ("what", "name"),
    [
        (lambda outside: (outside.canary / "etc/canary").write_text("evil"), "canary"),
        (lambda outside: (outside.canary / "mnt/more").mkdir(), "canary"),
        (lambda outside: (outside.canary / "run/canary").chmod(0o4777), "canary"),
        (lambda outside: outside.guards[0].process.send_signal(signal.SIGUSR1), "guards"),
        (_kill_one, "guards"),
    ],
)
def test_a_change_is_seen(what: Callable[[Outside], None], name: str, outside: Outside) -> None:
    before = outside.look()
    assert not changed(before, outside.look())

    what(outside)

    assert [text.partition(":")[0] for text in changed(before, outside.look())] == [name]


@pytest.mark.kernel
@pytest.mark.userns
def test_a_mount_of_an_attack_is_seen_in_any_table(outside: Outside) -> None:
    script = f"mount -t tmpfs {MARK} /mnt && echo there && read line"
    words = ["unshare", *(["-m"] if os.geteuid() == 0 else ["-Urm"]), "sh", "-c", script]
    before = outside.look()
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        if process.stdout.readline() != "there\n":
            pytest.skip("no mount namespace can be made here: see `mountlab run --backend kernel`")
        seen = marked(set())
        process.communicate("\n")

    assert seen
    assert not changed(before, outside.look())
