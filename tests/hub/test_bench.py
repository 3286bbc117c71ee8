"""``make bench-classroom``: a small class really comes and goes, and a class that breaks is told so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hub.bench import part, run, table
from tests.hub.test_classroom import machine, why_not

ROOT = Path(__file__).parents[2]
HELD = {
    "backend": "sim",
    "learners": 30,
    "first answer": [50.2, 61.0],
    "start": [1.0, 2.0],
    "cell": [0.5, 4.25],
    "MB each": 199.6,
}
HELD |= {"told to wait": 0, "seconds in all": 91.4, "failed": []}
PORTS = """
import asyncio, runpy, sys
from types import SimpleNamespace
from jupyterhub.spawner import LocalProcessSpawner
async def start(self): return self.port
LocalProcessSpawner.start = start
Box = runpy.run_path(sys.argv[1] + '/jupyterhub_config.py')['BoxSpawner']
free = iter([7, 7, 7, 8, 7, 9])
Box.start.__globals__['random_port'] = lambda: next(free)
print(*[asyncio.run(Box(user=SimpleNamespace(name=name)).start()) for name in ('one', 'two', 'three')])
"""


@pytest.mark.hub
@pytest.mark.alone
def test_a_class_of_two_learns_and_leaves_nothing() -> None:
    if reason := why_not():
        pytest.skip(reason)
    before = machine()

    row = run("sim", 2)

    assert row["failed"] == []
    assert row["through"] == 2
    assert row["MB each"] > 0
    assert all(each > 0 for each in (*row["first answer"], *row["start"], *row["cell"]))
    assert machine() == before


def test_the_table_says_whether_a_class_holds() -> None:
    broken = {**HELD, "learners": 45, "failed": ["learner-7: cell 3: no answer in 60 s", "another"]}
    ended = {"backend": "uml", "learners": 60, "failed": ["the class ended with 137"]}
    heads, held, breaks, end = table([HELD, broken, ended])

    assert (
        heads.split()
        == "backend learners first answer first %%lab a cell MB each told to wait in all".split()
    )
    assert held.split("  ")[-1] == "holds"
    assert "50 / 61 s" in held
    assert "BREAKS: 2 failed, as learner-7: cell 3: no answer in 60 s" in breaks
    assert end.endswith("BREAKS: 1 failed, as the class ended with 137")


def test_parts_of_a_hundred() -> None:
    assert part(list(range(101)), 95) == 95
    assert part([4.0], 50) == 4.0
    assert part([], 50) == 0


def test_where_there_is_no_classroom_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOUNTLAB_CLASSROOM", raising=False)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.hub.bench"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 4
    assert "run as root" in ran.stderr or "setup.sh --programs" in ran.stderr


@pytest.mark.hub
def test_two_learners_are_never_promised_the_same_port(tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(reason)
    room = Path(os.environ["MOUNTLAB_CLASSROOM"])
    ran = subprocess.run(
        [room / "lab/bin/python", "-c", PORTS, room],
        env={**os.environ, "CLASSROOM_STATE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stdout == "7 8 9\n", ran.stderr
