"""Makes copies of a notebook for grading: where it asks, a cell to answer and a locked one that checks.

A teacher's copy has in the cells' metadata, under ``mountlab``, what is asked, what is right and the check.
A learners' copy has none of that: no answer, no entry, and of the check only what says that an answer can be
read.  Both carry nbgrader's metadata, schema 3.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from mountlab.course.asking import CAPSTONE, FORMS, calls_of
from mountlab.course.graded import Graded, graded, names_of_test
from mountlab.practice.drills import DIFFICULTIES, name_of

Json = dict[str, Any]

ENTRY = "mountlab"
POINTS = 1
FIRST_SEED = 1000
"""Far from the seeds of the tests, and of the drills that a learner meets first."""
DRILLS = {
    "01": ("binds",),
    "02": ("namespaces",),
    "03": ("groups",),
    "04": ("slaves", "umount", "errors"),
}
"""Notebook -> the topics that somebody who has read it can be asked about."""
SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
FLAGS = re.MULTILINE | re.DOTALL
WITHHELD = [re.compile(f"^{begin}\n.*?^{end}(\n|\\Z)", FLAGS) for begin, end in (SOLUTION, HIDDEN)]
ASKS = "# Your answer to {name}: {how}."
ANSWERED = "from mountlab.course.grading import answered\n\nanswered({call})"
CHECK = "from mountlab.course.grading import check\n\ncheck({call})"
DRILLS_HEAD = "## Drills\n\nEach asks about a situation of its own."


def teachers_copy(notebook: Json, number: str = "", seed: int = FIRST_SEED) -> Json:
    """The notebook without outputs, with two more cells for each thing that it asks, and drills at its end.

    Args:
        notebook: as `json` reads it.
        number: the notebook's, ``03``: it says of which topics the drills are.
        seed: of the first drill; the next ones count on.

    Raises:
        GradingError: when it asks something that is not there.
    """
    cells: list[Json] = []
    seen: set[str] = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            cells.append(cell)
            continue
        source, seed = _seeded("".join(cell["source"]), seed)
        cells.append(cell | {"outputs": [], "execution_count": None, "source": _lines(source)})
        for name in _names(source):
            if name not in seen:
                seen.add(name)
                cells += _two_cells(graded(name))
    return notebook | {"cells": [*cells, *_drills(number, seed)]}


def learners_copy(teachers: Json) -> Json:
    """A teacher's copy without answers, without what checks them, and without what is said of them."""
    cells = []
    for cell in teachers["cells"]:
        source = "".join(cell["source"])
        for region in WITHHELD if "nbgrader" in cell["metadata"] else ():
            source = region.sub("", source)
        metadata = {key: value for key, value in cell["metadata"].items() if key != ENTRY}
        cells.append(cell | {"metadata": metadata, "source": _lines(source.rstrip("\n"))})
    return teachers | {"cells": cells}


def entries(teachers: Json) -> Iterator[tuple[Json, Json]]:
    """The ``mountlab`` entry of each graded cell, and what nbgrader knows of it."""
    for cell in teachers["cells"]:
        metadata = cell.get("metadata", {})
        if metadata.get("nbgrader", {}).get("grade") and ENTRY in metadata:
            yield metadata[ENTRY], metadata["nbgrader"]


def answer_id(name: str) -> str:
    """The grade_id of the cell with the answer."""
    return f"answer-{_id(name)}"


def _names(source: str) -> Iterator[str]:
    """What a cell asks, by the names that are graded."""
    for call in calls_of(source):
        if call.function in FORMS:
            yield from names_of_test(call.function)
        else:
            yield call.name or CAPSTONE


def _two_cells(asked: Graded) -> Iterator[Json]:
    """Where to answer, and what checks it."""
    name = asked.name
    variable = "answer_" + re.sub(r"\W", "_", name)
    begin, end = SOLUTION
    first = [ASKS.format(name=name, how=asked.how), f"{variable} = None"]
    answer = "\n".join([*first, begin, f"{variable} = {asked.source}", end])
    yield _code(answer_id(name), answer, {"solution": True}, {"asks": name})
    begin, end = HIDDEN
    call = f'"{name}", {variable}, asked="{asked.mark}"'
    entry: Json = {"asks": name, "kind": asked.kind, "question": asked.asks.splitlines(), **asked.right}
    check = CHECK.format(call=call)
    entry |= {"check": check, "mark": asked.mark}
    checks = "\n".join([ANSWERED.format(call=call), begin, check, end])
    cell = _code(f"check-{_id(name)}", checks, {"grade": True, "locked": True, "points": POINTS}, entry)
    # "Run All" goes on behind a question that is not answered yet.
    cell["metadata"]["tags"] = ["raises-exception"]
    yield cell


def _drills(number: str, seed: int) -> Iterator[Json]:
    """Drills that are the same for everybody; a text asks, for a page would tell the answer."""
    topics = DRILLS.get(number, ())
    if topics:
        yield _text("drills", DRILLS_HEAD)
    asked = [(topic, difficulty) for topic in topics for difficulty in DIFFICULTIES]
    for count, (topic, difficulty) in enumerate(asked):
        drill = graded(name_of(topic, difficulty, seed + count))
        yield _text(drill.name, f"**{drill.name}**\n\n```\n{drill.asks}\n```")
        yield from _two_cells(drill)


def _seeded(source: str, seed: int) -> tuple[str, int]:
    """A cell whose drills are the same for everybody, and the next seed that is free."""
    if source.startswith("%%"):
        return source, seed
    lines = source.split("\n")
    program = "\n".join("" if line.startswith(("%", "!")) else line for line in lines)
    calls = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call)]
    unseeded = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "drill"]
    unseeded = [call for call in unseeded if _lacks_seed(call)]
    unseeded.sort(key=lambda call: (call.lineno, call.col_offset))
    # From the last to the first: what is put in moves nothing that is still to come.
    for count, call in reversed([*enumerate(unseeded, seed)]):
        row, column = (call.end_lineno or call.lineno) - 1, (call.end_col_offset or 1) - 1
        line = lines[row].encode()  # Python counts bytes
        comma = ", " if call.args or call.keywords else ""
        lines[row] = line[:column].decode() + f"{comma}seed={count}" + line[column:].decode()
    return "\n".join(lines), seed + len(unseeded)


def _lacks_seed(call: ast.Call) -> bool:
    position = 2
    return len(call.args) <= position and all(each.arg != "seed" for each in call.keywords)


# -- cells -------------------------------------------------------------------------------------------------


def _code(id: str, source: str, nbgrader: Json, entry: Json) -> Json:
    cell: Json = {"cell_type": "code", "execution_count": None, "id": id, "outputs": []}
    metadata = {"nbgrader": _nbgrader(id, "code") | nbgrader, ENTRY: entry}
    return cell | {"metadata": metadata, "source": _lines(source)}


def _text(name: str, source: str) -> Json:
    """A text that learners cannot change."""
    id = f"asks-{_id(name)}"
    metadata = {"nbgrader": _nbgrader(id, "markdown") | {"locked": True}}
    return {"cell_type": "markdown", "id": id, "metadata": metadata, "source": _lines(source)}


def _nbgrader(id: str, kind: str) -> Json:
    known: Json = {"schema_version": 3, "grade_id": id, "cell_type": kind, "task": False}
    return known | {"grade": False, "solution": False, "locked": False}


def _id(name: str) -> str:
    """A name as nbgrader and Jupyter allow it."""
    return name.replace("/", "_")


def _lines(source: str | Iterable[str]) -> list[str]:
    return "".join(source).splitlines(keepends=True)
