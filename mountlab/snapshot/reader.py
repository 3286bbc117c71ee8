"""Reads the file of a snapshot, and says in a sentence what is wrong with one that is none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mountlab.propagation import collector_paused
from mountlab.shell.complaints import shown
from mountlab.snapshot import words
from mountlab.snapshot.format import (
    FORMAT,
    LARGEST_FILE,
    VERSION,
    Entry,
    Namespace,
    Snapshot,
    SnapshotError,
    Standing,
    View,
    parse_row,
)

TERMINAL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
DEVICE = re.compile(r"[0-9]{1,9}:[0-9]{1,9}")
TABLE_LINE = re.compile(r"[0-9]+ [0-9]+ [0-9]+:[0-9]+ ")
LARGEST_NUMBER = 2**48
FEWEST, MOST = 3, 7
"""Numbers that describe a mount."""
_KINDS = {dict: "an object", list: "a list", str: "a text", int: "a number", bool: "true or false"}
_Object = dict[str, Any]


def load(source: str | Path) -> Snapshot:
    """Read a snapshot: its text (a str that begins with ``{``), or the path of its file.

    Raises:
        SnapshotError: what is wrong, and where.
    """
    if isinstance(source, str) and source.lstrip()[:1] == "{":
        return parse(source, "<text>")
    return parse(_read(Path(source)), str(source))


def _read(path: Path) -> str:
    name = shown(str(path), 200, quote=False)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except IsADirectoryError:
        raise SnapshotError(f"{name}: {words.IS_DIRECTORY}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SnapshotError(f"{name}: {words.CANNOT_READ.format(reason=reason)}") from None
    if len(data) > LARGEST_FILE:
        raise SnapshotError(f"{name}: {words.TOO_LARGE.format(limit=LARGEST_FILE // 1024 // 1024)}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SnapshotError(f"{name}: {words.NO_TEXT}") from None


def parse(text: str, file: str) -> Snapshot:
    """Read the text of a snapshot; `file` is for messages.  Raises SnapshotError."""
    try:
        with collector_paused():
            return _snapshot(_json(text))
    except SnapshotError as error:
        raise SnapshotError(f"{shown(file, 200, quote=False)}: {error}") from None


def _json(text: str) -> _Object:
    if "\0" in text:
        raise SnapshotError(words.NO_TEXT)
    if TABLE_LINE.match(text):
        raise SnapshotError(words.LOOKS_LIKE_TABLE)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise SnapshotError(
            words.NO_JSON.format(line=error.lineno, column=error.colno, reason=error.msg)
        ) from None
    except (ValueError, RecursionError) as error:
        raise SnapshotError(words.NO_JSON_AT_ALL.format(reason=error)) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise SnapshotError(words.NO_SNAPSHOT.format(format=FORMAT))
    if type(found.get("version")) is not int or found["version"] != VERSION:
        version = shown(json.dumps(found.get("version")), quote=False)
        raise SnapshotError(words.OTHER_VERSION.format(found=version, known=VERSION))
    return found


def _take(where: str, holder: _Object, key: str, kind: type, *, none: bool = False) -> Any:  # noqa: ANN401
    """A key's value, when it is of the kind that the format wants."""
    if key not in holder:
        raise SnapshotError(words.LACKS.format(where=where, key=shown(key)))
    value = holder[key]
    if (value is None and none) or type(value) is kind:
        if kind is int and value is not None:
            _number(f"{where}: {key}", value)
        return value
    raise _wrong(f"{where}: {key}", _KINDS[kind] + (" or null" if none else ""), value)


def _wrong(where: str, wanted: str, found: object) -> SnapshotError:
    text = shown(json.dumps(found), quote=False)
    return SnapshotError(words.WRONG_KIND.format(where=where, wanted=wanted, found=text))


def _number(where: str, value: object) -> int:
    if type(value) is int and 0 <= value <= LARGEST_NUMBER:
        return value
    raise _wrong(where, f"a number from 0 to {LARGEST_NUMBER}", value)


def _snapshot(found: _Object) -> Snapshot:
    top = "the snapshot"
    rows = tuple(_take(top, found, "rows", list))
    for number, row in enumerate(rows):
        _check_row(f"row {number}", row)
    files = tuple(_number("files", number) for number in _take(top, found, "files", list))
    if files and max(files) >= len(rows):
        raise SnapshotError(words.NO_ROW.format(where="files", number=max(files), count=len(rows)))
    reader = _Reader(len(rows))
    listed = _take(top, found, "namespaces", list)
    namespaces = tuple(reader.namespace(f"namespace {n}", each) for n, each in enumerate(listed, 1))
    if not namespaces:
        raise SnapshotError(words.EMPTY)
    remarks = _take(top, found, "remarks", list)
    return Snapshot(
        _take(top, found, "kernel", str, none=True),
        _take(top, found, "redacted", bool),
        rows,
        files,
        namespaces,
        tuple(_unread(each) for each in _take(top, found, "unread", list)),
        tuple(remark for remark in remarks if isinstance(remark, str)),
    )


def _check_row(where: str, row: object) -> None:
    try:
        if isinstance(row, str):
            parsed = parse_row(row)
            if DEVICE.fullmatch(parsed.dev) and parsed.mountpoint[:1] == "/" and parsed.root:
                return
    except ValueError:
        pass
    raise SnapshotError(words.BAD_ROW.format(where=where, text=shown(json.dumps(row), quote=False)))


def _unread(found: object) -> tuple[str, str, int]:
    match found:
        case [str(what), str(why), int(count)]:
            return what, why, count
    raise _wrong("unread", "[what, why, number of processes]", found)


class _Reader:
    """Reads the namespaces, and remembers what may be there once only."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.names: set[str] = set()
        self.pids: set[int] = set()

    def namespace(self, where: str, found: object) -> Namespace:
        if not isinstance(found, dict):
            raise _wrong(where, "an object", found)
        listed = _take(where, found, "views", list)
        views = tuple(self.view(f"{where}, view {number}", each) for number, each in enumerate(listed))
        if not views:
            raise SnapshotError(words.NO_VIEWS.format(where=where))
        standing = tuple(self.standing(where, each, views) for each in _take(where, found, "processes", list))
        return Namespace(_take(where, found, "inode", int, none=True), views, standing)

    def view(self, where: str, found: object) -> View:
        if not isinstance(found, dict):
            raise _wrong(where, "an object", found)
        name = _take(where, found, "name", str)
        if not TERMINAL.fullmatch(name):
            raise SnapshotError(words.BAD_NAME.format(where=where, name=shown(name)))
        if name in self.names:
            raise SnapshotError(words.SAME_NAME.format(where=where, name=name))
        self.names.add(name)
        mounts = tuple(self.entry(where, each) for each in _take(where, found, "mounts", list))
        _check_twice(where, [entry.mount for entry in mounts])
        return View(
            name,
            _take(where, found, "pid", int),
            _take(where, found, "process", str),
            _take(where, found, "root", str, none=True),
            _take(where, found, "root_mount", int, none=True),
            mounts,
        )

    def entry(self, where: str, found: object) -> Entry:
        if type(found) is list and FEWEST <= len(found) <= MOST and set(map(type, found)) == {int}:
            number, row = found[0], found[2]
            if number > 0 and row < self.rows and min(found) >= 0 and max(found) <= LARGEST_NUMBER:
                return Entry(*found)
        # Not all is well, and the words for it take longer.
        if not isinstance(found, list) or not FEWEST <= len(found) <= MOST:
            raise _wrong(where, f"a list of {FEWEST} to {MOST} numbers for each mount", found)
        entry = Entry(*(_number(where, number) for number in found))
        if not entry.mount:
            raise _wrong(where, "the id of a mount, above 0,", found)
        if entry.row >= self.rows:
            raise SnapshotError(words.NO_ROW.format(where=where, number=entry.row, count=self.rows))
        return entry

    def standing(self, where: str, found: object, views: tuple[View, ...]) -> Standing:
        match found:
            case [int(pid), str(name), int(view), str() | None as cwd, int() | None as mount]:
                if not 0 <= view < len(views):
                    raise SnapshotError(words.NO_VIEW.format(where=where, number=view, count=len(views)))
                if pid in self.pids:
                    raise SnapshotError(words.SAME_PID.format(where=where, pid=pid))
                self.pids.add(_number(where, pid))
                return Standing(pid, name, view, cwd, mount)
        raise _wrong(where, "[pid, name, view, working directory, mount] for each process", found)


def _check_twice(where: str, mounts: list[int]) -> None:
    if len(set(mounts)) == len(mounts):
        return
    seen: set[int] = set()
    for mount in mounts:
        if mount in seen:
            raise SnapshotError(words.TWICE.format(where=where, mount=mount))
        seen.add(mount)
