"""`mountlab agree`: what it prints, how it stops, how it goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from mountlab import agree
from mountlab.agree.operations import Op, random_run, setting
from mountlab.agree.programs import random_lines
from mountlab.agree.shrink import shrink
from mountlab.agree.worlds import Difference
from mountlab.shell.transcript import parse

ROOT = Path(__file__).parents[2]


def test_shrinking_leaves_what_is_needed_and_nothing_else() -> None:
    def differs(steps: Sequence[int]) -> Difference | None:
        return Difference(steps.index(70), "found") if 13 in steps and 70 in steps else None

    shortest, found = shrink(range(200), differs)

    assert shortest == [13, 70]
    assert found == Difference(1, "found")


def test_shrinking_what_agrees_is_refused() -> None:
    with pytest.raises(ValueError, match="agree"):
        shrink([1, 2], lambda _: None)


@pytest.mark.parametrize("seed", range(20))
def test_random_runs_are_of_the_language(seed: int) -> None:
    ops = random_run(Random(seed), 50)
    assert ops[: len(setting())] == setting()
    text = "".join(op.command() + "\n" for op in ops) + "\n".join(random_lines(Random(seed), 50))

    assert len(parse(text).steps) >= 100


def test_without_a_kernel_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOUNTLAB_KERNEL", "none")

    assert agree.main(["--count", "10"]) == 4
    assert "no real kernel here" in capsys.readouterr().err


def test_an_account_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    account = tmp_path / "account.json"
    account.write_text("[]")

    assert agree.main(["--resume", str(account)]) == 2
    assert str(account) in capsys.readouterr().err


@pytest.mark.kernel
def test_a_wrong_simulator_is_found_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def deaf(_vfs: object, mount: int) -> list[list[int]]:
        return [[mount]]

    monkeypatch.setattr("mountlab.propagation.peer_groups", deaf)

    status = agree.main(["--count", "5000", "--seed", "1"])
    if status == 4:
        pytest.skip(capsys.readouterr().err)

    said = capsys.readouterr().out
    transcript = said[: said.index("{")]
    assert status == 3
    assert "# seed" in transcript
    assert len(parse(transcript).steps) <= 8


@pytest.mark.kernel
def test_it_can_be_interrupted_and_resumed(tmp_path: Path) -> None:
    account = tmp_path / "account.json"
    words = [sys.executable, "-m", "mountlab", "agree", "--seed", "7", "--resume", str(account), "--count"]
    unbroken = ["env", "--default-signal=INT", *words, "10000000"]  # who runs the tests may ignore Ctrl-C
    with subprocess.Popen(unbroken, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            time.sleep(3)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    if process.returncode == 4:
        pytest.skip(errors.decode())
    kept = json.loads(account.read_text())

    again = subprocess.run(
        [*words, str(kept["tally"]["operations"] + 1)], cwd=ROOT, capture_output=True, check=True
    )

    assert process.returncode == 130
    assert b"go on with" in errors
    assert kept["next_seed"] > 7
    assert json.loads(again.stdout)["next_seed"] > kept["next_seed"]


def test_an_operation_is_a_line_of_a_transcript() -> None:
    assert Op("s1", "umount2", ("/a", 2)).command() == "s1# umount -l /a"
    assert (
        Op("s0", "mount", ("none", "/a", None, 16384 | 1 << 19, "")).command() == "s0# mount --make-rslave /a"
    )
    assert os.linesep not in Op("s0", "setns", ("s2",)).command()
