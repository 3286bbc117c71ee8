"""Reads the answers out of copies that were handed in, and gives points: nothing a learner wrote is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, NamedTuple

from mountlab.course.graded import GradingError, WrongAnswer, answered, check
from mountlab.course.graded_copy import answer_id, entries

Json = dict[str, Any]

NO_CELL = "the cell for the answer is not there"
NOT_WRITTEN = "the answer is not written out as a list, a number or a text"


class Given(NamedTuple):
    """One answer of one learner."""

    asked: str
    points: float
    most: float
    why: str
    """Why not all points; empty when all."""


def points(teachers: Json, handed_in: Json) -> Iterator[Given]:
    """Each thing that the teacher's copy asks, and the points for what this copy answers.

    Raises:
        GradingError: when the teacher's copy is none, or this mountlab asks something else.
    """
    asked = list(entries(teachers))
    if not asked:
        raise GradingError("there are no answers in it; the teacher's copy is needed")
    sources = {
        cell["metadata"]["nbgrader"].get("grade_id"): "".join(cell["source"])
        for cell in handed_in["cells"]
        if cell.get("metadata", {}).get("nbgrader")
    }
    for entry, nbgrader in asked:
        name, most = entry["asks"], nbgrader["points"]
        why = _why_not(name, entry["mark"], sources.get(answer_id(name)))
        yield Given(name, 0 if why else most, most, why)


def _why_not(name: str, mark: str, source: str | None) -> str:
    try:
        if source is None:
            _is_asked(name, mark)
            return NO_CELL
        check(name, _written(source), mark)
    except WrongAnswer as wrong:
        return str(wrong).removeprefix(f"{name}: ")
    except _Unwritten:
        return NOT_WRITTEN
    return ""


def _is_asked(name: str, mark: str) -> None:
    """Refuse what this mountlab does not ask, also where there is nothing to judge."""
    try:
        answered(name, None, mark)
    except WrongAnswer:
        return


class _Unwritten(Exception):
    """What would have to be run to be known."""


def _written(source: str) -> object:
    """What the last assignment of a cell assigns."""
    try:
        values = [node.value for node in ast.parse(source).body if isinstance(node, ast.Assign)]
        return ast.literal_eval(values[-1])
    except IndexError:
        return None
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        raise _Unwritten from None
