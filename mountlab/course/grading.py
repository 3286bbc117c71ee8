"""Exports a notebook for grading: behind each prediction and level a cell to answer, and one that checks.

    python -m mountlab.course.grading NOTEBOOK OUT              the teacher's copy, with the answers
    python -m mountlab.course.grading --learners NOTEBOOK OUT   the same without them
    python -m mountlab.course.grading --points FILE …           what was handed in -> points, as CSV

The cells carry nbgrader's metadata (schema 3), so nbgrader makes the learners' copies and grades them too.
What ``mountlab`` in a cell's metadata says is what is asked and for how many points.  The answer itself
stands between nbgrader's marks: unknown metadata would go out to the learners.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mountlab.course import capstone
from mountlab.course.asking import CAPSTONE, Call, calls_of
from mountlab.practice.level_file import Level
from mountlab.practice.levels import Attempt, UnknownLevelError, level, solution
from mountlab.practice.predictions import prediction
from mountlab.practice.questions import AnswerError

Json = dict[str, Any]

REFUSED = 2
POINTS = 1
GRADED = ("predict", "level", CAPSTONE)
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
SOLUTION = re.compile(f"^{BEGIN}\n.*?^{END}\n?", re.MULTILINE | re.DOTALL)
ASKS = {
    "choices": "# Your answer to {name}: the numbers of all right choices, such as [1, 3]; [] for none.",
    "goal": '# Your answer to {name}: the lines that you typed, with their prompts, between """ and """.',
}
CHECK = 'from mountlab.course.grading import check\n\ncheck("{name}", {variable})'
COLUMNS = ("file", "asked", "points", "of", "why")
FAULTS = (OSError, KeyError, ValueError, UnknownLevelError)
"""A file or a name that is not what it should be."""


class WrongAnswer(AssertionError):
    """An answer that gets no points; the message says what kind of wrong it is, not what would be right."""


def check(name: str, given: object) -> None:
    """Judge the answer to a prediction (``02/cdrom``) or a level; silent when it is right.

    Raises:
        WrongAnswer: otherwise.
    """
    if given is None:
        raise WrongAnswer(f"{name}: there is no answer")
    if _kind(name) == "choices":
        _check_choices(name, given)
    else:
        _check_lines(name, given)


def _check_choices(name: str, given: object) -> None:
    question = prediction(name).question
    numbers = [given] if isinstance(given, int) else given
    if not isinstance(numbers, list | tuple | set) or not all(isinstance(each, int) for each in numbers):
        raise WrongAnswer(f"{name}: an answer is a list of numbers, such as [1, 3]")
    try:
        taken = question.choose(numbers)
    except AnswerError as error:
        raise WrongAnswer(f"{name}: {error}") from None
    if taken != question.right:
        raise WrongAnswer(f"{name}: not so")


def _check_lines(name: str, given: object) -> None:
    if not isinstance(given, str):
        raise WrongAnswer(f"{name}: an answer is the text of the lines that were typed")
    attempt = Attempt(_level(name))
    came = attempt.run(given)
    if came.refused or came.failed:
        raise WrongAnswer(f"{name}: {came.refused or came.failed}")
    missing = [wanted.text for wanted in attempt.goal if not wanted.holds]
    if missing:
        raise WrongAnswer(f"{name}: not yet: {'; '.join(missing)}")


def _level(name: str) -> Level:
    return level(capstone.FILE if name == CAPSTONE else name)


# -- the copies --------------------------------------------------------------------------------------------


def exported(notebook: Json, *, for_learners: bool = False) -> Json:
    """The notebook without outputs, with two more cells behind each that asks."""
    cells: list[Json] = []
    seen: set[Call] = set()
    for cell in notebook["cells"]:
        is_code = cell["cell_type"] == "code"
        cells.append(cell | ({"outputs": [], "execution_count": None} if is_code else {}))
        for call in calls_of("".join(cell["source"])) if is_code else ():
            if call.function in GRADED and call not in seen:
                seen.add(call)
                cells += _two_cells(call.name or call.function, for_learners=for_learners)
    return notebook | {"cells": cells}


def _two_cells(name: str, *, for_learners: bool) -> Iterator[Json]:
    """Where to answer, and what checks it."""
    variable = "answer_" + re.sub(r"\W", "_", name)
    source = f"{ASKS[_kind(name)].format(name=name)}\n{variable} = None"
    if not for_learners:
        source += f"\n{BEGIN}\n{variable} = {_right(name)}\n{END}"
    yield _cell("answer", name, source, is_check=False)
    yield _cell("check", name, CHECK.format(name=name, variable=variable), is_check=True)


def _kind(name: str) -> str:
    return "choices" if "/" in name else "goal"


def _right(name: str) -> str:
    """The right answer as Python."""
    if _kind(name) == "choices":
        return str(sorted(prediction(name).question.right))
    steps = solution(_level(name)).steps
    lines = "\n".join(f"{step.shell}# {step.text}".rstrip() for step in steps)
    return f'r"""\n{lines}\n"""'


def _cell(word: str, name: str, source: str, *, is_check: bool) -> Json:
    id = f"{word}-{re.sub(r'[^A-Za-z0-9-]', '-', name)}"
    graded: Json = {"schema_version": 3, "grade_id": id, "cell_type": "code", "task": False}
    graded |= {"grade": is_check, "solution": not is_check, "locked": is_check}
    graded |= {"points": POINTS} if is_check else {}
    asks = {"asks": name, "points": POINTS, "check": _kind(name)}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": id,
        "metadata": {"nbgrader": graded, "mountlab": asks},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


# -- what was handed in ------------------------------------------------------------------------------------


def points(notebook: Json) -> Iterator[tuple[str, int, int, str]]:
    """Each answer of a copy: what was asked, points, of how many, and why not all.

    The learner's code is read, not run: an answer has to be written out.
    """
    for cell in notebook["cells"]:
        metadata = cell.get("metadata", {})
        if not metadata.get("nbgrader", {}).get("solution") or "mountlab" not in metadata:
            continue
        asks = metadata["mountlab"]
        try:
            check(asks["asks"], _written(SOLUTION.sub("", "".join(cell["source"]))))
        except WrongAnswer as wrong:
            yield asks["asks"], 0, asks["points"], str(wrong).partition(": ")[2]
        else:
            yield asks["asks"], asks["points"], asks["points"], ""


def _written(source: str) -> object:
    """What the last assignment of a cell assigns; None when that is no list, number or text."""
    try:
        values = [node.value for node in ast.parse(source).body if isinstance(node, ast.Assign)]
        return ast.literal_eval(values[-1])
    except (ValueError, SyntaxError, IndexError, RecursionError):
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the words ask for; 2 and a sentence when that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m mountlab.course.grading", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--learners", action="store_true", help="leave the answers out")
    parser.add_argument("--points", action="store_true", help="grade the files that were handed in")
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    if not options.points and len(options.files) != 2:  # noqa: PLR2004 - one in, one out
        parser.error("two files are expected: NOTEBOOK OUT")
    try:
        if options.points:
            _print_points(options.files)
            return 0
        notebook, out = options.files
        copy = exported(_read(notebook), for_learners=options.learners)
        out.write_text(json.dumps(copy, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except FAULTS as error:
        print(f"mountlab.course.grading: {_said(error)}", file=sys.stderr)
        return REFUSED
    count = sum(cell.get("metadata", {}).get("nbgrader", {}).get("grade", False) for cell in copy["cells"])
    print(f"{out}: {count} answers to check")
    return 0


def _print_points(files: Iterable[Path]) -> None:
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(COLUMNS)
    for path in files:
        try:
            table.writerows((path, *row) for row in list(points(_read(path))))
        except FAULTS as error:  # one strange file does not keep a class from its points
            table.writerow((path, "", 0, 0, _said(error)))


def _read(path: Path) -> Json:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        is_one = all({"cell_type", "source"} <= cell.keys() for cell in notebook["cells"])
    except (ValueError, KeyError, TypeError, AttributeError):
        is_one = False
    if not is_one:
        raise ValueError(f"{path} is no notebook that Jupyter could open")
    return dict(notebook)


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    return str(error.args[0] if error.args else error)


if __name__ == "__main__":
    sys.exit(main())
