"""What a learner has answered so far: one JSON file, in their own home, that nothing depends on.

The file is ``$MOUNTLAB_PROGRESS``, or ``mountlab/progress.json`` in the XDG data directory.  Two notebooks
may write at once: each write takes a lock, reads what the other has written, and replaces the file whole.
A file that cannot be read is set aside, and one that cannot be written is done without: `Progress.notices`
says so.  Nothing ever leaves the machine.

    {"v": 1, "answers": [{"id": "…", "at": "2026-01-31T12:00:00Z", "where": "02", "question": "02/cdrom",
     "correct": false, "chosen": ["…"], "believed": ["table-is-global"], "about": ["table-is-global", …]}]}
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from mountlab.practice.questions import Question
from mountlab.practice.reveal import Reveal
from mountlab.practice.words import say

CAN_LOCK = importlib.util.find_spec("fcntl") is not None
"""Not every system has it; without it two notebooks that write at once may lose an answer."""

VERSION = 1
Row = dict[str, Any]
"""One answer as the file has it: keys that we do not know are kept."""


class ProgressError(ValueError):
    """A file that is no progress; the message says what is wrong with it."""


class LaterVersionError(ProgressError):
    """A later version of mountlab wrote the file."""


class Answered(NamedTuple):
    """One answer."""

    where: str
    """A notebook's number, ``drill``, ``before``, ``after`` or ``level``."""
    question: str
    correct: bool
    chosen: tuple[str, ...] = ()
    believed: tuple[str, ...] = ()
    """The misconceptions by which it was answered."""
    about: tuple[str, ...] = ()
    """The misconceptions by which it could have been answered wrongly."""
    at: str = ""
    """When, in UTC."""
    id: str = ""

    @classmethod
    def of(cls, where: str, question: Question, told: Reveal) -> Answered:
        """The answer to a question."""
        return cls(
            where, question.name, told.correct, told.chosen, told.misconceptions, tuple(question.beliefs)
        )


def default_path() -> Path:
    """Where the file is."""
    if named := os.environ.get("MOUNTLAB_PROGRESS"):
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME", "")
    if Path(data).is_absolute():
        return Path(data) / "mountlab" / "progress.json"
    try:
        return Path.home() / ".local" / "share" / "mountlab" / "progress.json"
    except RuntimeError:  # nobody's home: a user whom the system does not know
        return Path(os.devnull) / "progress.json"


class Progress:
    """A learner's answers."""

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = Path(path) if path is not None else default_path()
        self.notices: list[str] = []
        """What a learner should know: the file was set aside, or nothing can be kept."""
        self._unwritten: list[Row] = []

    @property
    def answers(self) -> tuple[Answered, ...]:
        """All answers, oldest first."""
        return tuple(answered(row) for row in self._rows())

    def record(self, answer: Answered) -> None:
        """Keep an answer; where it cannot be written it is kept for as long as this object is there."""
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        row = answer._replace(at=answer.at or now, id=answer.id or secrets.token_hex(8))._asdict()
        self._add([row])

    def export(self, path: Path | str) -> int:
        """Write all answers to another file; how many."""
        rows = self._rows()
        _replace(Path(path), rows)
        return len(rows)

    def merge(self, path: Path | str) -> int:
        """Take in the answers of another file; how many were new.

        Raises:
            ProgressError: when it is no file of progress.
            OSError: when it cannot be read.
        """
        known = {row["id"] for row in self._rows()}
        new = [row for row in rows_in(Path(path)) if row["id"] not in known]
        self._add(new)
        return len(new)

    def _rows(self) -> list[Row]:
        try:
            there = rows_in(self.path)
        except FileNotFoundError:
            there = []
        except LaterVersionError as error:
            self._note(str(error))
            there = []
        except ProgressError as error:
            there = self._set_aside(error)
        except OSError as error:
            self._note(say("progress.unreadable", path=self.path, why=error.strerror))
            there = []
        return _merged(there, self._unwritten)

    def _is_later(self) -> bool:
        """Whether a later version wrote the file: then it is not ours to replace."""
        try:
            rows_in(self.path)
        except LaterVersionError:
            return True
        except (ProgressError, OSError):
            pass
        return False

    def _add(self, rows: list[Row]) -> None:
        self._unwritten = _merged(self._unwritten, rows)
        if self._is_later():
            self._rows()
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _locked(self.path):
                _replace(self.path, self._rows())
            self._unwritten = []
        except OSError as error:
            self._note(say("progress.unwritable", path=self.path, why=error.strerror))

    def _set_aside(self, error: ProgressError) -> list[Row]:
        """Give a file that cannot be understood another name, so that nothing in it is lost."""
        number = next(n for n in range(1, 10_000) if not self._aside(n).exists())
        with contextlib.suppress(OSError):
            self.path.rename(self._aside(number))
        self._note(say("progress.aside", path=self.path, aside=self._aside(number).name, why=error))
        return []

    def _aside(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.unreadable-{number}")

    def _note(self, sentence: str) -> None:
        if sentence not in self.notices:
            self.notices.append(sentence)


def answered(row: Mapping[str, Any]) -> Answered:
    """An answer from a row of the file."""
    lists = {key: _texts(row.get(key)) for key in ("chosen", "believed", "about")}
    texts = {key: str(row.get(key, "")) for key in ("where", "question", "at", "id")}
    return Answered(correct=bool(row.get("correct")), **lists, **texts)  # type: ignore[arg-type]


def _texts(value: object) -> tuple[str, ...]:
    """A list of texts; whatever else somebody's hand has put there counts as none."""
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()


def rows_in(path: Path) -> list[Row]:
    """The answers in a file.

    Raises:
        ProgressError: when it is none of ours.
        OSError: when it cannot be read.
    """
    try:
        # As bytes: editors and shells of other systems write a mark in front, or UTF-16.
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise ProgressError(say("progress.no.json", path=path)) from None
    if not isinstance(content, dict) or not isinstance(content.get("v"), int):
        raise ProgressError(say("progress.strange", path=path))
    if content["v"] > VERSION:
        raise LaterVersionError(say("progress.later", path=path, version=content["v"]))
    rows = content.get("answers")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "id" in row for row in rows):
        raise ProgressError(say("progress.strange", path=path))
    return rows


def _merged(first: Iterable[Row], second: Iterable[Row]) -> list[Row]:
    """The answers of both, each once, in the order of time."""
    rows = {str(row["id"]): row for row in (*first, *second)}
    return sorted(rows.values(), key=lambda row: str(row.get("at", "")))


def _replace(path: Path, rows: list[Row]) -> None:
    """Write a file as a whole: whoever reads it sees the old one or the new one, never a part."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"v": VERSION, "answers": rows}, file, ensure_ascii=False, indent=1)
            file.write("\n")
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Nobody else writes meanwhile."""
    if not CAN_LOCK:
        yield
        return
    fcntl = importlib.import_module("fcntl")
    with path.with_name(f"{path.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
