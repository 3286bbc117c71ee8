"""Each level that comes with the package, played in both worlds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mountlab.cli import main
from mountlab.kernel.backend import KernelBackend
from mountlab.practice import levels
from mountlab.practice.level_answers import answers, solution
from mountlab.practice.level_check import faults, trail, trails
from mountlab.practice.levels import Attempt, goal_machine, level, names
from mountlab.practice.misconceptions import misconceptions
from tests.levels.machines import Shifted

FOLDER = Path(levels.__file__).parent / "levels"
every_level = pytest.mark.parametrize("name", names())


@every_level
def test_a_teacher_would_find_no_fault(name: str) -> None:
    # Start far from the goal, each solution at it, par, every hint and failure met: see test_faults.py.
    assert faults(level(name)) == []


@every_level
@pytest.mark.kernel
@pytest.mark.programs
def test_its_solution_works_on_the_kernel(name: str, kernel: KernelBackend) -> None:
    way = solution(level(name))
    seen = list(trail(level(name), way, kernel))

    assert not seen[0].reached
    assert seen[-1].reached
    assert seen == list(trail(level(name), way))


@every_level
@pytest.mark.slow
@pytest.mark.kernel
@pytest.mark.programs
def test_every_way_is_the_same_on_the_kernel(name: str, kernel: KernelBackend) -> None:
    assert trails(level(name), kernel) == trails(level(name))


@every_level
def test_no_goal_hint_or_failure_depends_on_numbers(name: str) -> None:
    assert trails(level(name), Shifted()) == trails(level(name))


@every_level
def test_mountlab_run_plays_its_start(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--check", "--state", "none", str(FOLDER / f"{name}.mnt")]) == 0
    assert "[exit" not in capsys.readouterr().out


@every_level
def test_it_is_short_and_says_what_it_is_about(name: str) -> None:
    found = level(name)

    assert len(found.title) <= 60
    assert 1 <= found.story.count(". ") + 1 <= 5
    assert len(found.story) <= 420
    assert 2 <= len(found.hints) <= 7
    assert found.par <= 5
    assert found.teaches
    assert all(rule.sentence for rule in found.goal)
    assert all(sentence.endswith((".", "?", ":", ",", "PROPAGATION", "app", "x", "mountinfo"))
               for sentence in (rule.sentence for rule in (*found.goal, *found.hints, *found.failures)))


@every_level
def test_what_it_corrects_stands_in_the_catalogue(name: str) -> None:
    assert set(level(name).teaches) - set(misconceptions()) == set()


@every_level
def test_the_goal_has_a_machine_for_its_picture(name: str) -> None:
    shown = goal_machine(level(name))
    attempt = Attempt(level(name))
    for step in solution(level(name)).steps:
        attempt.run(f"{step.shell}# {step.text}")

    assert shown.tables() == attempt.machine.tables()
    assert [ran.typed for ran in shown.history[: attempt.began]] == [
        f"{step.shell}# {step.text}" for step in level(name).start.steps if step.command
    ]


def test_there_are_enough_of_them() -> None:
    assert len(names()) >= 58
    for notebook in ("01", "02", "03", "04", "05", "06"):
        assert len(names(notebook)) >= 11
    assert names("01") == names()[: len(names("01"))]


@pytest.mark.parametrize("notebook", ["01", "02", "03", "04", "06"])
def test_the_next_level_is_the_one_that_the_notebook_has_next(notebook: str) -> None:
    [path] = (Path(levels.__file__).parents[2] / "notebooks").glob(f"{notebook}-*.ipynb")
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    calls = [re.fullmatch(r'level\("([\w-]+)"\)', "".join(cell["source"])) for cell in cells]
    played = [call[1] for call in calls if call]

    assert names(notebook)[: len(played)] == played, "change order= in the levels' headers"
    assert sorted(level(name).order for name in names(notebook)) == [*range(1, len(names(notebook)) + 1)]


def test_most_can_be_solved_in_more_than_one_way() -> None:
    more = [name for name in names() if any(way.kind == "another" for way in answers(level(name)))]

    assert len(more) >= len(names()) * 3 // 4


def test_many_have_something_that_must_not_be_broken() -> None:
    assert sum(bool(level(name).failures) for name in names()) >= len(names()) // 2


def test_no_two_are_told_alike() -> None:
    stories = [level(name).story for name in names()]
    titles = [level(name).title for name in names()]

    assert len(set(stories)) == len(stories)
    assert len(set(titles)) == len(titles)


def test_the_solution_stands_apart_from_the_level() -> None:
    for name in names():
        start = [f"{step.shell}# {step.text}" for step in level(name).start.steps]
        way = [f"{step.shell}# {step.text}" for step in solution(level(name)).steps]

        assert not set(way) <= set(start)
        assert solution(level(name)).words not in (FOLDER / f"{name}.mnt").read_text(encoding="utf-8")
