"""The incident at the end of notebook 04: it can be solved, in both worlds, and helps nobody on the way."""

from __future__ import annotations

import contextlib

import pytest

from mountlab.course.capstone import FILE, NO_HINTS, capstone
from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import probe
from mountlab.practice.level_answers import solution
from mountlab.practice.level_check import faults, trail, trails
from mountlab.practice.levels import level


@pytest.fixture(autouse=True)
def learner(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUNTLAB_PROGRESS", f"{tmp_path}/progress.json")


def test_a_teacher_would_miss_nothing_but_the_hints() -> None:
    assert {fault.partition("there is ")[2] for fault in faults(level(FILE))} == {"no hint"}


def test_the_solution_reaches_the_goal_and_the_start_does_not() -> None:
    case = capstone()
    assert "The goal is reached" not in str(case)
    for step in solution(level(FILE)).steps[:-1]:
        assert "The goal is reached" not in case.run(f"{step.shell}# {step.text}")
    last = solution(level(FILE)).steps[-1]

    assert "The goal is reached" in case.run(f"{last.shell}# {last.text}")


def test_the_hasty_way_costs_the_host_its_disk() -> None:
    assert "The host has lost the disk keep" in capstone().run("host# umount -R /jail")


def test_it_has_no_hints_on_the_page_and_without() -> None:
    case = capstone()

    assert level(FILE).hints == ()
    assert case.hint() == NO_HINTS
    assert case.questions["hint"]() == NO_HINTS
    assert "hint" not in str(case)
    assert "case = capstone(), then case.run(" in " ".join(str(case).split())
    assert "lv" not in str(case)


@pytest.mark.kernel
@pytest.mark.programs
def test_every_way_is_the_same_on_the_kernel() -> None:
    if probe().kind is None:
        pytest.skip(probe().reason)
    with contextlib.closing(KernelBackend()) as kernel:
        seen = list(trail(level(FILE), solution(level(FILE)), kernel))

        assert seen[-1].reached
        assert not seen[0].reached
        assert trails(level(FILE), kernel) == trails(level(FILE))
