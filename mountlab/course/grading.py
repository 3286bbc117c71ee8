"""Notebooks for grading: ``python -m mountlab.course.grading``, and what the cells of the copies call.

A teacher's copy has, for each prediction, question of a test, drill, level and the last incident, a cell to
answer and a locked cell that checks.  How to use it, with nbgrader and without: docs/teaching/grading.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mountlab.course.graded import GradingError, WrongAnswer, answered, check
from mountlab.course.graded_copy import FIRST_SEED, entries, learners_copy, teachers_copy
from mountlab.course.handed_in import Given, points

__all__ = ["GradingError", "WrongAnswer", "answered", "check", "main"]

Json = dict[str, Any]

REFUSED = 2
COLUMNS = ("file", "asked", "points", "of", "why")
ABOUT = "Makes copies of a notebook for grading, and grades what was handed in."
EXAMPLES = """\
With nbgrader:
  python -m mountlab.course.grading nbgrader my-course notebooks/03-peer-groups.ipynb
  cd my-course
  nbgrader generate_assignment 03-peer-groups
Without:
  python -m mountlab.course.grading teacher notebooks/03-peer-groups.ipynb teacher.ipynb
  python -m mountlab.course.grading learners teacher.ipynb learners.ipynb
  python -m mountlab.course.grading points teacher.ipynb handed-in/*.ipynb > points.csv
"""
CONFIG = "nbgrader_config.py"
SEED = "of the first drill, the next ones count on: another class gets other drills (default: %(default)s)"
FIELDS = re.compile(r"^[^#\n]*ClearOutput\.remove_metadata_fields\b[^#\n]*[\"']mountlab[\"']", re.MULTILINE)
LINES = """\
c.ClearOutput.remove_metadata_fields = {"collapsed", "scrolled", "mountlab"}
c.ClearSolutions.code_stub = {"python": "# Write it in the place of None."}
"""
CONFIG_TEXT = f"""\
# Answers stand in the metadata of the teacher's copies: without the next line learners would get them.
c = get_config()  # noqa: F821 - nbgrader's
{LINES}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the words ask for; 2 and a sentence when that cannot be."""
    options = _parser().parse_args(arguments)
    try:
        options.do(options)
    except (OSError, GradingError) as error:
        print(f"mountlab.course.grading: {_said(error)}", file=sys.stderr)
        return REFUSED
    return 0


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m mountlab.course.grading", description=ABOUT, epilog=EXAMPLES, formatter_class=raw
    )
    what = parser.add_subparsers(required=True, metavar="WHAT", help="one of:")

    def command(do: Callable[[argparse.Namespace], None], name: str, about: str) -> argparse.ArgumentParser:
        made = what.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        made.set_defaults(do=do)
        return made

    nbgrader = command(_nbgrader, "nbgrader", "puts teacher's copies where nbgrader looks for them")
    nbgrader.add_argument("course", metavar="COURSE", type=Path, help="the folder of the course")
    nbgrader.add_argument("notebooks", metavar="NOTEBOOK", type=Path, nargs="+", help="each is an assignment")
    teacher = command(_teacher, "teacher", "makes a copy with answers and checks")
    teacher.add_argument("notebook", metavar="NOTEBOOK", type=Path, help="of the course, or your own")
    teacher.add_argument("out", metavar="OUT", type=Path, help="the teacher's copy")
    for each in (nbgrader, teacher):
        each.add_argument("--seed", metavar="N", type=int, default=FIRST_SEED, help=SEED)
    learners = command(_learners, "learners", "makes the learners' copy out of the teacher's")
    given = command(_points, "points", "grades copies that were handed in, and prints a table as CSV")
    for each in (learners, given):
        each.add_argument("teachers", metavar="TEACHERS", type=Path, help="the teacher's copy")
    learners.add_argument("out", metavar="OUT", type=Path, help="the learners' copy")
    given.add_argument("files", metavar="FILE", type=Path, nargs="+", help="what came back")
    return parser


def _teacher(options: argparse.Namespace) -> None:
    copy = _copied(options.notebook, options.seed)
    _write(options.out, copy)
    print(f"{options.out}: {_count(copy)} answers to check. The right ones are in it: it is for you alone.")


def _learners(options: argparse.Namespace) -> None:
    teachers = _read(options.teachers)
    if not _count(teachers):
        raise GradingError(f"{options.teachers}: no teacher's copy; make one with: teacher NOTEBOOK OUT")
    _write(options.out, learners_copy(teachers))
    print(f"{options.out}: {_count(teachers)} answers to give. The right ones are not in it.")


def _nbgrader(options: argparse.Namespace) -> None:
    config = options.course / CONFIG
    if config.exists() and not FIELDS.search(config.read_text(encoding="utf-8")):
        raise GradingError(f"{config}: learners would get the answers. Put these lines into it:\n{LINES}")
    copies = {notebook.stem: _copied(notebook, options.seed) for notebook in options.notebooks}
    for name, copy in copies.items():
        out = options.course / "source" / name / f"{name}.ipynb"
        out.parent.mkdir(parents=True, exist_ok=True)
        _write(out, copy)
        print(f"{out}: {_count(copy)} answers to check")
    if not config.exists():
        config.write_text(CONFIG_TEXT, encoding="utf-8")
    print(f"Next: cd {options.course}; nbgrader generate_assignment {' '.join(list(copies)[:1])}")


def _points(options: argparse.Namespace) -> None:
    teachers = _read(options.teachers)
    rows: list[tuple[object, ...]] = []
    for path in options.files:
        try:
            handed_in = _read(path)
        except (OSError, GradingError) as error:  # one strange file does not keep a class from its points
            rows.append((path, "", 0, "", _said(error)))
        else:
            rows += [(path, *given) for given in _given(options.teachers, teachers, handed_in)]
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerows([COLUMNS, *rows])


def _given(path: Path, teachers: Json, handed_in: Json) -> list[Given]:
    try:
        return list(points(teachers, handed_in))
    except GradingError as error:
        raise GradingError(f"{path}: {error}") from None


def _copied(notebook: Path, seed: int) -> Json:
    """A teacher's copy of a notebook, which has to ask something."""
    try:
        copy = teachers_copy(_read(notebook), notebook.stem.partition("-")[0], seed)
    except SyntaxError as error:
        raise GradingError(f"{notebook}: a cell is no Python: {error.msg}: {error.text}") from None
    except GradingError as error:
        raise GradingError(f"{notebook}: {error}") from None
    if not _count(copy):
        raise GradingError(f"{notebook}: nothing is asked in it: no prediction, level, drill or test")
    return copy


def _count(copy: Json) -> int:
    return len(list(entries(copy)))


def _write(path: Path, notebook: Json) -> None:
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _read(path: Path) -> Json:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        is_one = all({"cell_type", "source", "metadata"} <= cell.keys() for cell in notebook["cells"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        is_one = False
    if not is_one:
        raise GradingError(f"{path}: no notebook that Jupyter could open")
    return dict(notebook)


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
