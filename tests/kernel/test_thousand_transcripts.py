"""A thousand random transcripts, a hundred of them killed with SIGKILL: the host is as it was."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from mountlab.agree.programs import first_difference_of_programs, random_lines
from mountlab.kernel.backend import KernelBackend

pytestmark = pytest.mark.kernel
ROOT = Path(__file__).parents[2]


def _host() -> tuple[str, Counter[str]]:
    """The host's mount table, and how many processes it has under the names that a sandbox uses."""
    names = Counter[str]()
    for file in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            names[file.read_text().strip()] += 1
    table = Path("/proc/1/mountinfo").read_text()
    return table, Counter({name: names[name] for name in ("mountlab", "init", "systemd")})


def _killed(seed: int, after: float) -> None:
    """The owner of a sandbox runs random transcripts, and is killed in the middle of one."""
    words = [sys.executable, "-m", "mountlab", "agree", "--programs", "--seed", str(seed), "--count", "9999"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as owner:
        time.sleep(after)
        owner.send_signal(signal.SIGKILL)


def _run(transcripts: int, kills: int) -> None:
    table, processes = _host()
    chance = random.Random(transcripts)
    backend = KernelBackend()
    for seed in range(transcripts - kills):
        lines = random_lines(random.Random(seed), 4)
        assert first_difference_of_programs(lines, chance.choice(["bare", "systemd"]), backend) is None, seed
    backend.close()
    for seed in range(kills):
        _killed(seed, 0.3 + chance.random() / 2)
    deadline = time.monotonic() + 10
    while (now := _host())[1] - processes and time.monotonic() < deadline:
        time.sleep(0.1)

    assert now[0] == table
    assert not now[1] - processes, "more processes than before"


@pytest.mark.alone
@pytest.mark.usefixtures("host_kernel")
def test_fifty_transcripts_five_of_them_killed() -> None:
    _run(50, 5)


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.usefixtures("host_kernel")
def test_a_thousand_transcripts_a_hundred_of_them_killed() -> None:
    _run(1000, 100)
