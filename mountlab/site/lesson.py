"""What the site knows of one notebook: its cells, and what its first cell promises."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)
MINUTES = re.compile(r"\b(\d+) minutes?\b")
PROMISE = "Afterwards you can"
"""Every lesson says so in its first cell; a list below names what."""
OBJECTIVE = re.compile(r"^[-*] +(.+(?:\n {2,}\S.*)*)", re.MULTILINE)


class SiteError(Exception):
    """The site cannot be built, and the message says what would help."""


class Lesson(NamedTuple):
    """One notebook, as the index and its own page need it."""

    name: str
    """The file's name without its suffix: the page is called the same."""
    title: str
    minutes: int | None
    objectives: tuple[str, ...]
    """What one can do afterwards, in Markdown."""
    cells: tuple[Json, ...]

    @property
    def number(self) -> str:
        """The number that the file's name begins with, or nothing."""
        found = re.match(r"\d+", self.name)
        return found[0] if found else ""


def text_of(field: str | list[str]) -> str:
    """Return a notebook's multi-line field: it may be saved as one string or as lines."""
    return field if isinstance(field, str) else "".join(field)


def read(path: Path) -> Lesson:
    """Read one notebook."""
    try:
        cells = tuple(json.loads(path.read_text(encoding="utf-8"))["cells"])
        first = text_of(cells[0]["source"]) if cells and cells[0]["cell_type"] == "markdown" else ""
    except (ValueError, KeyError, TypeError) as problem:
        message = f"{path} is not a notebook that Jupyter could open ({problem!r}); `git status` may tell why"
        raise SiteError(message) from problem
    title = TITLE.search(first)
    if title is None:
        message = f"{path}: the first cell has no title: it should be Markdown and begin with `# `"
        raise SiteError(message)
    minutes = MINUTES.search(first)
    promised = first.partition(PROMISE)[2]
    objectives = tuple(found[1].rstrip(",.; ") for found in OBJECTIVE.finditer(promised))
    return Lesson(path.stem, title[1].strip(), int(minutes[1]) if minutes else None, objectives, cells)


def read_all(folder: Path) -> list[Lesson]:
    """Read every notebook of a folder, in the order of their names."""
    paths = sorted(folder.glob("*.ipynb"))
    if not paths:
        message = f"there is no notebook (*.ipynb) in {folder}"
        raise SiteError(message)
    return [read(path) for path in paths]
