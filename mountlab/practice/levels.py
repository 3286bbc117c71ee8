"""The levels by name: small machines that are to be brought from a start to a goal.

    from mountlab.practice.levels import Attempt, level, names

    attempt = Attempt(level("slave-only"))
    print(attempt.level.story, attempt.goal)
    print(attempt.run("host# mount --make-slave /b"))
    print(attempt.hint())

A level of one's own is read by its path.  How one is written: `mountlab.practice.level_file`.
"""

from __future__ import annotations

import difflib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from mountlab.practice.level_answers import Answer, answers, solution
from mountlab.practice.level_attempt import Attempt, Feedback, Wanted, played
from mountlab.practice.level_file import Level, read_level
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import read

__all__ = [
    "Answer",
    "Attempt",
    "Feedback",
    "Level",
    "Wanted",
    "answers",
    "goal_machine",
    "level",
    "names",
    "read_level",
    "solution",
]

SUFFIX, ANSWERS = ".mnt", ".answers.mnt"
FOLDER = files("mountlab.practice") / "levels"


class UnknownLevelError(Exception):
    """There is no level of that name; the message says which there are."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return [str(self)]


@lru_cache(maxsize=1)
def _all() -> dict[str, Level]:
    """Every level that comes with the package, from the first to the last."""
    here = [file for file in FOLDER.iterdir() if file.name.endswith(SUFFIX)]
    texts = {file.name: file.read_text(encoding="utf-8") for file in here}
    found = []
    for file, text in texts.items():
        if not file.endswith(ANSWERS):
            name = file.removesuffix(SUFFIX)
            found.append(read_level(text, file, name, texts.get(name + ANSWERS), name + ANSWERS))
    found.sort(key=lambda each: (each.notebook, each.order, each.name))
    return {each.name: each for each in found}


def names(notebook: str | None = None) -> list[str]:
    """The names of all levels, or of one notebook's, in the order in which it has them."""
    return [name for name, each in _all().items() if notebook in (None, each.notebook)]


def level(name: str | Path) -> Level:
    """A level by its name, or from a file (its answers are then in ``NAME.answers.mnt`` beside it).

    Raises:
        UnknownLevelError: when there is none of that name.
        TranscriptError: when its file is not understood: file, line, word, what would work.
    """
    if isinstance(name, Path) or name.endswith(SUFFIX) or "/" in name:
        return _from_file(Path(name))
    found = _all().get(name)
    if found is None:
        near = difflib.get_close_matches(name, _all(), 3, 0.4)
        meant = f"; did you mean {' or '.join(near)}?" if near else f"; there are {', '.join(_all())}"
        raise UnknownLevelError(f"there is no level {name!r}{meant}")
    return found


def _from_file(path: Path) -> Level:
    beside = path.with_name(path.name.removesuffix(SUFFIX) + ANSWERS)
    apart = read(str(beside)) if beside.is_file() else None
    return read_level(read(str(path)), str(path), path.name.removesuffix(SUFFIX), apart, str(beside))


def goal_machine(level: Level) -> SimulatorBackend:
    """A simulated machine after the reference solution, for the picture of the goal."""
    return played(level, solution(level).steps)
