"""A learner's own receivers(): what is tried, what is said, and that the expected answers are a kernel's."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mountlab.course.receivers import LAST_FIGURE, Receivers, Seen, Situation, check, situations
from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import probe
from mountlab.shell.transcript import parse
from mountlab.view.display import STEPPER
from tests.course.notebook import Notebook

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "04b-inside-the-kernel.ipynb"
ALL = tuple(situations())
SAMPLE = [each for each in ALL if each.expected][:: len(ALL) // 10]


def inside(directory: str, root: str) -> bool:
    return root == "/" or f"{directory}/".startswith(f"{root}/")


def below(mounts: Iterable[Seen], start: Seen) -> set[int]:
    groups = {start.group} - {0}
    while more := {each.group for each in mounts if each.master in groups} - groups - {0}:
        groups |= more
    return groups


def right(mounts: list[Seen], start: Seen, directory: str) -> list[str]:
    groups = below(mounts, start)
    return [
        each.name
        for each in mounts
        if each != start and {each.group, each.master} & groups and inside(directory, each.shows)
    ]


def peers_only(mounts: list[Seen], start: Seen, _directory: str) -> list[Seen]:
    return [each for each in mounts if each.group and each.group == start.group and each != start]


def one_hop(mounts: list[Seen], start: Seen, directory: str) -> list[Seen]:
    mine = [each for each in mounts if start.group in (each.group, each.master) and start.group]
    return [each for each in mine if each != start and inside(directory, each.shows)]


def upwards(mounts: list[Seen], start: Seen, directory: str) -> list[str]:
    above = [each.name for each in mounts if start.group and start.master and each.group == start.master]
    return right(mounts, start, directory) + above


def everywhere(mounts: list[Seen], start: Seen, directory: str) -> list[str]:
    return right([each._replace(shows="/") for each in mounts], start._replace(shows="/"), directory)


def blind_relays(mounts: list[Seen], start: Seen, directory: str) -> list[str]:
    return right([each for each in mounts if inside(directory, each.shows)], start, directory)


def with_itself(mounts: list[Seen], start: Seen, directory: str) -> list[str]:
    return [*right(mounts, start, directory), start.name]


def test_a_function_that_says_the_rule_agrees_everywhere() -> None:
    # mount_namespaces(7): to all peers and slaves, and on from those; only where the directory is seen.
    verdict = check(right)

    assert verdict.passed
    assert str(len(ALL)) in str(verdict)
    assert [list(bundle) for bundle in verdict.bundles()] == [["text/plain"]]


@pytest.mark.parametrize(
    ("function", "size"),
    [(peers_only, 2), (one_hop, 3), (upwards, 2), (everywhere, 2), (blind_relays, 3), (with_itself, 1)],
)
def test_each_mistake_is_met_in_the_smallest_number_of_mounts(function: Receivers, size: int) -> None:
    failed = check(function).failed

    assert failed is not None
    assert len(failed.mounts) == size
    assert not any(disagrees(function, each) for each in ALL if len(each.mounts) < size)
    assert disagrees(function, failed)


def disagrees(function: Receivers, each: Situation) -> bool:
    given = function(list(each.mounts), each.start, each.directory)
    return {getattr(one, "name", one) for one in given} != each.expected


def test_the_counterexample_is_told_and_drawn(notebook: Notebook) -> None:
    source = "from mountlab.course.receivers import check\ncheck(lambda mounts, start, directory: [])"
    told, picture = notebook.run(source).shown

    assert "Your receivers() gives: none (missing: /b)" in told["text/plain"]
    assert "The engine gives:  /b" in told["text/plain"]
    last = picture[STEPPER]["commands"][-1]
    assert last["text"] in told["text/plain"]
    assert "copy" in [step["act"]["kind"] for step in last["steps"]]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda *_: None, "returns None"),
        (lambda *_: "/a", "returns the text '/a': return a list of names"),
        (lambda *_: 3, "returns 3: return a list of names"),
        (lambda _mounts, _start: [], "raises TypeError"),
        (lambda mounts, *_: mounts[7], "raises IndexError"),
    ],
)
def test_a_function_that_is_no_such_function_is_told_so(function: Receivers, said: str) -> None:
    assert f"Your receivers() {said}" in str(check(function))


def test_the_notebooks_solution_is_one() -> None:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    text = "".join(line for cell in cells if cell["cell_type"] == "markdown" for line in cell["source"])
    solution = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert solution is not None
    found: dict[str, Any] = {}
    exec(solution[1], found)  # noqa: S102 - our own notebook

    assert check(found["receivers"]).passed
    assert len(solution[1].splitlines()) <= 16


def test_a_function_may_spoil_what_it_was_given() -> None:
    def spoils(mounts: list[Seen], start: Seen, directory: str) -> list[str]:
        found = right(mounts, start, directory)
        mounts.clear()
        return found

    assert check(spoils).passed
    assert check(right).passed


def test_small_situations_come_first_and_none_comes_twice() -> None:
    sizes = [
        (len(each.mounts), any(one.shows != "/" for one in each.mounts), len(each.commands)) for each in ALL
    ]
    figure = [each for each in ALL if len(each.mounts) == len(LAST_FIGURE) + 1]

    assert sizes == sorted(sizes)
    assert len({each[1:] for each in ALL}) == len(ALL)
    assert len(figure) == 12
    # sharedsubtree.rst 8A: what is mounted on a peer of A reaches all others, what on a leaf nobody.
    assert len(next(each for each in figure if each.start.name == "/b").expected) == 11
    assert sorted(len(each.expected) for each in figure)[:6] == [0] * 6


@pytest.mark.kernel
@pytest.mark.programs
@pytest.mark.parametrize("each", SAMPLE, ids=lambda each: f"{len(each.mounts)}{each.start.name}")
def test_the_expected_answer_is_the_kernels(each: Situation) -> None:
    if probe().kind is None:
        pytest.skip(probe().reason)
    with contextlib.closing(KernelBackend("bare")) as kernel:
        kernel.open("host")
        for step in parse("\n".join(f"host# {one}" for one in each.commands), "case").steps:
            assert step.command is not None
            assert kernel.run("host", step.command).exit == 0
        rows = kernel.tables()[0].mounts
    names = {row.mount_id: row.mountpoint for row in rows}
    there = [names[row.parent_id] for row in rows if row.source == "new"]

    assert sorted(there) == sorted([*each.expected, each.start.name])


def test_the_sample_has_all_sizes() -> None:
    assert {len(each.mounts) for each in SAMPLE} >= {2, 3, 4}
    assert all(itertools.chain(each.expected) for each in SAMPLE)
