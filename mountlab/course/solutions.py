"""Writes notebooks/solutions/: the answers to what each notebook asks, from the sources that ask it.

Again: ``python -m mountlab.course.solutions``.  ``--check`` writes nothing, and tells what is stale.

They are Markdown: nobody runs them, they print, they can be read beside a running notebook, and whatever
walks the folder for notebooks (`mountlab.lab`, nbval, the site) leaves them alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from mountlab.course import capstone
from mountlab.course.asking import CAPSTONE, FORMS, Call, calls_in, folded_in
from mountlab.course.solved import solved_level, solved_question
from mountlab.practice import drills, levels
from mountlab.practice.exam import exam
from mountlab.practice.predictions import Prediction, prediction, predictions

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
FOLDER = NOTEBOOKS / "solutions"
INDEX = "README.md"
AGAIN = "To make this page again: `python -m mountlab.course.solutions`."
HEAD = """\
# Solutions: {title}

For teachers, and for who is stuck. The lesson: [{name}.ipynb](../{name}.ipynb).
Every answer is computed by the simulator from what the notebook asks; a test holds this page fresh.
{again}
"""
_INDEX = """\
# Solutions

One page for each notebook: every prediction with its answer, why it is so, and the misconceptions behind
the wrong answers; every level with its solutions, and the ways that lead astray.
Learners' copies (`make lab`) come without this folder.
{again}
"""


def page(notebook: Path) -> str:
    """The solutions of one notebook."""
    number = notebook.stem.partition("-")[0]
    parts = [HEAD.format(title=_title(notebook), name=notebook.stem, again=AGAIN)]
    asked = [call for call in calls_in(notebook) if call.function not in ("level", CAPSTONE)]
    answered = [line for call in asked for line in _answered(call)]
    names = {call.name for call in asked}
    rest = [each for name, each in predictions().items() if each.notebook == number and name not in names]
    unasked = [line for each in rest for line in _predicted(each)]
    sections = {
        "Predictions": answered,
        "More predictions, not in the notebook": unasked,
        "Levels": _levels(notebook),
        "Answers that the notebook folds away": _folded(notebook),
    }
    for title, lines in sections.items():
        parts += [f"## {title}", "", *lines] if lines else []
    return "\n".join(parts).rstrip() + "\n"


def _levels(notebook: Path) -> list[str]:
    """The levels that the notebook plays, and the others that belong to it."""
    calls = calls_in(notebook)
    played = [call.name for call in calls if call.function == "level"]
    names = list(dict.fromkeys([*played, *levels.names(notebook.stem.partition("-")[0])]))
    lines = [line for name in names for line in solved_level(levels.level(name), is_played=name in played)]
    if any(call.function == CAPSTONE for call in calls):
        lines += solved_level(levels.level(capstone.FILE), call=f"{CAPSTONE}()")
    return lines


def _folded(notebook: Path) -> list[str]:
    """What stands in the notebook itself, where a learner has to click."""
    found = [(f"{each.section}: {each.summary}", each.text) for each in folded_in(notebook)]
    return [line for title, text in found for line in (f"### {title}", "", text, "")]


def _answered(call: Call) -> list[str]:
    """The answers to one call."""
    where = f"In “{call.section}”." if call.section else ""
    if call.function in FORMS:
        numbered = enumerate(exam(FORMS[call.function]), 1)
        titled = [(f"`{call.function}()`, question {number}", each) for number, each in numbered]
        return [line for title, each in titled for line in solved_question(each, title, where)]
    if call.function == "drill":
        return solved_question(drills.again(call.name), f"Drill {call.name}", where)
    return _predicted(prediction(call.name), where)


def _predicted(found: Prediction, where: str = "") -> list[str]:
    return solved_question(found.question, f'{found.title}: `predict("{found.draft.name}")`', where)


def _title(notebook: Path) -> str:
    first = "".join(json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"])
    return first.partition("\n")[0].removeprefix("# ")


def pages() -> dict[str, str]:
    """File name -> text, for every notebook that asks something or has levels."""
    found = {}
    for notebook in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        text = page(notebook)
        if "\n## " in text:
            found[f"{notebook.stem}.md"] = text
    links = [f"- [{text.partition(': ')[2].partition(chr(10))[0]}]({name})" for name, text in found.items()]
    return {INDEX: "\n".join([_INDEX.format(again=AGAIN), *links, ""]), **found}


def stale() -> list[str]:
    """The files that are not what the sources say, or should not be there."""
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    return sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the solutions, or with ``--check`` only tell which are not fresh; 1 when there is one."""
    parser = argparse.ArgumentParser(prog="python -m mountlab.course.solutions", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    names = stale()
    if parser.parse_args(arguments).check:
        for name in names:
            print(f"{name}: not what its sources say now")
        return 1 if names else 0
    wanted = pages()
    FOLDER.mkdir(exist_ok=True)
    for name in names:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
        print(f"{name}: {'saved' if name in wanted else 'removed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
