"""Unit files and their drop-ins, read from the files of a machine as systemd 252 reads them.

Sources: systemd v252: src/shared/conf-parser.c (config_parse, parse_line), src/basic/path-lookup.c and
src/shared/dropin.c (which files, in which order).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final, NamedTuple

from mountlab.containers.world import FIRST, World
from mountlab.errors import MountError

UNIT_FOLDERS: Final = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
"""Where unit files are looked for: the first one that is found counts."""


class Assignment(NamedTuple):
    """One ``Key=value``."""

    file: str
    line: int
    section: str
    key: str
    value: str


class Parsed(NamedTuple):
    """What one or more files say."""

    assignments: tuple[Assignment, ...] = ()
    warnings: tuple[str, ...] = ()
    """As they stand in the journal: ``FILE:LINE: sentence``."""
    is_broken: bool = False
    """A section header that cannot be read: systemd reads no further and does not load the unit."""


class UnitFiles(NamedTuple):
    """The files that make a unit, as they were when they were read."""

    fragment: str | None
    """The unit file; None when there is none."""
    dropins: tuple[str, ...]
    texts: Mapping[str, str]
    parsed: Parsed


class FolderCache:
    """Names in the unit folders, as systemd last saw them.

    systemd looks for drop-in directories in this list and not on the disk, so a directory that was made since
    is not noticed (src/core/unit.c: unit_need_daemon_reload, with Manager.unit_path_cache).
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._paths: frozenset[str] = frozenset()

    def __contains__(self, path: str) -> bool:
        return path in self._paths

    def refresh(self) -> None:
        """Look again: at daemon-reload, and whenever a unit is loaded that was not in memory."""
        found = ((folder, name) for folder in UNIT_FOLDERS for name in _names(self._world, folder))
        self._paths = frozenset(f"{folder}/{name}" for folder, name in found)


def read_unit(world: World, name: str, cache: FolderCache) -> UnitFiles:
    """The files of a unit, as they are now."""
    fragment = next((f"{folder}/{name}" for folder in UNIT_FOLDERS if f"{folder}/{name}" in cache), None)
    dropins = find_dropins(world, name, cache) if fragment else ()
    texts: dict[str, str] = {}
    assignments: list[Assignment] = []
    warnings: list[str] = []
    is_broken = False
    for path in (fragment, *dropins):
        text = file_text(world, path) if path else None
        if path is None or text is None:
            continue
        texts[path] = text
        parsed = parse(path, text)
        assignments += parsed.assignments
        warnings += parsed.warnings
        is_broken = is_broken or (parsed.is_broken and path == fragment)
    whole = Parsed(tuple(assignments), tuple(warnings), is_broken)
    return UnitFiles(fragment if fragment in texts else None, dropins, texts, whole)


def file_text(world: World, path: str) -> str | None:
    """What stands in a file; None when it cannot be read."""
    try:
        return world.read(FIRST, path)
    except MountError:
        return None


def find_dropins(world: World, name: str, cache: FolderCache) -> tuple[str, ...]:
    """The ``*.conf`` files for a unit, in the order in which they are read.

    That is the order of their names, whatever directory they are in; of two with one name the one of the
    directory that was found first counts.
    """
    chosen: dict[str, str] = {}
    folders = [f"{folder}/{own}.d" for folder in UNIT_FOLDERS for own in _more_general(name)]
    folders += [f"{folder}/{name.rpartition('.')[2]}.d" for folder in UNIT_FOLDERS]
    for folder in folders:
        if folder in cache:
            for file in _names(world, folder):
                if file.endswith(".conf"):
                    chosen.setdefault(file, f"{folder}/{file}")
    return tuple(chosen[file] for file in sorted(chosen))


def parse(path: str, text: str) -> Parsed:
    """Read one unit file or drop-in."""
    reader = _Reader(path)
    for number, line in _logical_lines(text):
        if not reader.take(number, line.strip()):
            return Parsed(tuple(reader.assignments), tuple(reader.warnings), is_broken=True)
    return Parsed(tuple(reader.assignments), tuple(reader.warnings))


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.section: str | None = None
        self.is_ignored = False
        self.assignments: list[Assignment] = []
        self.warnings: list[str] = []

    def take(self, number: int, line: str) -> bool:
        """Read one line; False when nothing after it can be read."""
        if not line:
            return True
        if line.startswith("["):
            return self._header(number, line)
        if self.section is None:
            if not self.is_ignored:
                self._warn(number, "Assignment outside of section. Ignoring.")
            return True
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals:
            self._warn(number, "Missing '=', ignoring line.")
        elif not key:
            self._warn(number, "Missing key name before '=', ignoring line.")
        elif key in KNOWN_KEYS[self.section]:
            self.assignments.append(Assignment(self.path, number, self.section, key, value))
        elif not key.startswith("X-"):
            self._warn(number, f"Unknown key '{key}' in section [{self.section}], ignoring.")
        return True

    def _header(self, number: int, line: str) -> bool:
        if not line.endswith("]"):
            self._warn(number, f"Invalid section header '{line}'")
            return False
        name = line[1:-1]
        self.is_ignored = name not in KNOWN_KEYS
        self.section = None if self.is_ignored else name
        if self.is_ignored and not name.startswith("X-"):
            self._warn(number, f"Unknown section '{name}'. Ignoring.")
        return True

    def _warn(self, number: int, sentence: str) -> None:
        self.warnings.append(f"{self.path}:{number}: {sentence}")


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Lines without comments, those that end in a backslash joined; each with the number of its last line."""
    lines: list[tuple[int, str]] = []
    begun = ""
    number = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith(("#", ";")):
            continue
        begun += line
        if (len(begun) - len(begun.rstrip("\\"))) % 2:
            begun = begun[:-1] + " "
            continue
        lines.append((number, begun))
        begun = ""
    return [*lines, (number, begun)]


def _more_general(name: str) -> Sequence[str]:
    """``a-b.service`` is also meant by drop-ins for ``a-.service``."""
    stem, _, suffix = name.rpartition(".")
    names = [name]
    while "-" in stem.rstrip("-").lstrip("-"):
        stem = stem.rstrip("-").rpartition("-")[0] + "-"
        names.append(f"{stem}.{suffix}")
    return names


def _names(world: World, folder: str) -> Sequence[str]:
    try:
        return world.listdir(FIRST, folder)
    except MountError:
        return ()


def _read_known_keys() -> Mapping[str, frozenset[str]]:
    keys: dict[str, frozenset[str]] = {}
    section = ""
    text = (files("mountlab.containers.systemd") / "known_keys.txt").read_text("utf-8")
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
            keys[section] = frozenset()
        elif not line.startswith("#"):
            keys[section] |= set(line.split())
    return keys


KNOWN_KEYS: Final = _read_known_keys()
"""The keys of each section that systemd 252 knows."""
