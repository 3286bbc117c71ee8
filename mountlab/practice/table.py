"""Writes docs/misconceptions.md: every misconception, and where the course meets it.

To make the page again: ``python -m mountlab.practice.table``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mountlab.practice.kept import kept
from mountlab.practice.levels import level, names
from mountlab.practice.misconceptions import Misconception, misconceptions
from mountlab.practice.predictions import NOTEBOOKS, Prediction, predictions
from mountlab.practice.words import SUBJECTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "misconceptions.md"
MET, AGAIN, TRANSFERRED = "met", "again", "transferred"
_HEAD = """\
# Misconceptions of mount propagation

What people believe of mounts that is not so, and where the course meets it.

- **met**: for the first time, a prediction of this notebook has it behind a wrong choice.
- **again**: another one has.
- **transferred**: it comes back in a new situation, one from somebody's machine.
- **levels**: so many levels of this notebook can be solved only by who does not believe it.
- **drills**: in so many of the situations from which drills are made it gives a wrong answer.

What each believer would predict is computed (`mountlab/practice/beliefs`), and a test holds the
transcript below each misconception against the simulator, a real kernel, and the believer.
To make this page again: `python -m mountlab.practice.table`.
"""


def behind(each: Prediction) -> set[str]:
    """The misconceptions that give a wrong answer to a prediction."""
    return {*each.draft.misconceptions, *(wrong.misconception for wrong in each.draft.wrong)}


def meetings(slug: str) -> dict[str, tuple[str, ...]]:
    """Notebook -> how it meets a misconception there; notebooks that do not are left out."""
    found: dict[str, set[str]] = {}
    for each in predictions().values():
        if slug in behind(each):
            word = TRANSFERRED if each.transfers and found else AGAIN if found else MET
            found.setdefault(each.notebook, set()).add(word)
    order = (MET, AGAIN, TRANSFERRED)
    return {notebook: tuple(sorted(words, key=order.index)) for notebook, words in found.items()}


def levels_about(slug: str, notebook: str) -> int:
    """How many levels of a notebook correct a misconception."""
    return sum(slug in level(name).teaches for name in names(notebook))


def drills_about(slug: str) -> int:
    """How many of the drills' situations can be answered by a misconception."""
    return sum(slug in draft.misconceptions for drafts in kept().values() for draft in drafts)


def page() -> str:
    """The text of docs/misconceptions.md."""
    parts = [_HEAD, *_table(), ""]
    for topic, title in SUBJECTS.items():
        parts += [f"## {title[0].upper()}{title[1:]}", ""]
        for met in misconceptions().values():
            if met.topic == topic:
                parts += _section(met)
    return "\n".join(parts)


def _table() -> Iterator[str]:
    yield "| misconception | " + " | ".join(NOTEBOOKS) + " | drills |"
    yield "|---" * (len(NOTEBOOKS) + 2) + "|"
    for slug, met in misconceptions().items():
        where = meetings(slug)
        cells = (", ".join((*where.get(notebook, ()), *_levels(slug, notebook))) for notebook in NOTEBOOKS)
        yield f"| [{met.title}](#{slug}) | " + " | ".join(cells) + f" | {drills_about(slug)} |"


def _levels(slug: str, notebook: str) -> list[str]:
    count = levels_about(slug, notebook)
    return [f"levels: {count}"] if count else []


def _section(met: Misconception) -> Iterator[str]:
    yield f'<a id="{met.slug}"></a>'
    yield ""
    yield f"### {met.title}"
    yield ""
    yield f"> {met.believed}"
    yield ""
    yield met.truth
    yield f"({met.source}; rules: {', '.join(f'`{rule}`' for rule in met.rules)})"
    yield ""
    yield "```"
    yield from (line for line in met.text.splitlines() if line.startswith("#?") or not line.startswith("#"))
    yield "```"
    yield ""


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
