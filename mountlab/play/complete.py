"""What the Tab key offers in a terminal: programs, their options and values, paths, names of terminals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from mountlab.containers.names import PROGRAMS as CLIENTS
from mountlab.errors import MountError
from mountlab.filesystems import FILESYSTEM_TYPES
from mountlab.play import clients
from mountlab.shell.backend import Backend
from mountlab.shell.programs import BUILTINS, PROGRAMS
from mountlab.shell.programs.findmnt_columns import COLUMNS
from mountlab.shell.programs.mount_options import CLEARS, SETS
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.syntax import Command, CommandLine

MODES = ("private", "shared", "slave", "unchanged")
OPTION_WORDS = tuple(sorted({*SETS, *CLEARS}))
SHELLS = "shells"
VALUES: dict[tuple[str, str], Iterable[str]] = {
    ("findmnt", "-o"): tuple(COLUMNS),
    ("findmnt", "--output"): tuple(COLUMNS),
    ("findmnt", "-t"): FILESYSTEM_TYPES,
    ("findmnt", "--types"): FILESYSTEM_TYPES,
    ("lsns", "-t"): ("mnt",),
    ("lsns", "--type"): ("mnt",),
    ("mount", "-o"): OPTION_WORDS,
    ("mount", "--options"): OPTION_WORDS,
    ("mount", "-t"): FILESYSTEM_TYPES,
    ("mount", "--types"): FILESYSTEM_TYPES,
    ("nsenter", "-t"): SHELLS,
    ("nsenter", "--target"): SHELLS,
    ("unshare", "--propagation"): MODES,
}
"""What may stand after an option."""
LISTS = frozenset({"-o", "--options", "--output"})
"""Options whose value is a list with commas."""
NOT_PLAIN = re.compile(r"([^\w@%+=:,./-])")
OPERATORS = ";&|<>"


class Completion(NamedTuple):
    """What may replace the text from `start` to the cursor."""

    start: int
    choices: tuple[str, ...] = ()
    """As they are to be written; a directory ends with ``/``."""


class Half(NamedTuple):
    """A command line up to the cursor."""

    words: list[str]
    """The words of this command before the one that is being written."""
    start: int
    """Where that one starts."""
    word: str
    """What it says, without quotes and backslashes."""
    is_target: bool
    """It stands after ``>``."""


def complete(backend: Backend, shell: str, text: str) -> Completion:
    """What may come next in that terminal when `text` stands before its cursor."""
    half = read(text)
    words, word = half.words, half.word
    if half.is_target:
        return _paths(backend, shell, half.start, word)
    if not words:
        return _matching(half.start, word, [*PROGRAMS, *BUILTINS, *CLIENTS])
    if words[0] in CLIENTS and (named := clients.offered(words, word, backend.tables())):
        return _matching(half.start, word, named)
    option, equals, value = word.partition("=")
    given = (option, value) if equals and option.startswith("--") else (words[-1], word)
    values = VALUES.get((words[0], given[0]))
    if values is not None:
        known = _open_shells(backend) if values is SHELLS else values
        return _value(half, given[1], known, is_list=given[0] in LISTS)
    if word.startswith("-"):
        return _matching(half.start, word, _options(words[0], word))
    return _paths(backend, shell, half.start, word)


def read(text: str) -> Half:
    """The line up to the cursor, with quotes and backslashes taken as a shell does."""
    words: list[str] = []
    word, start, quote, is_target = "", len(text), "", False
    position, inside = 0, False
    while position < len(text):
        char = text[position]
        if not inside and char not in " \t" + OPERATORS:
            start, inside = position, True
        if quote:
            quote, word = ("", word) if char == quote else (quote, word + char)
        elif char in "'\"":
            quote = char
        elif char == "\\":
            position += 1
            word += text[position : position + 1]
        elif char in " \t" + OPERATORS:
            if inside and not is_target:
                words.append(word)
            is_target = char == ">" or (is_target and not inside)
            words = [] if char in ";&|" else words
            word, inside = "", False
        else:
            word += char
        position += 1
    return Half(words, start if inside else len(text), word, is_target)


def _matching(start: int, word: str, known: Iterable[str]) -> Completion:
    return Completion(start, tuple(sorted({each for each in known if each.startswith(word)})))


def _value(half: Half, value: str, known: Iterable[str], *, is_list: bool) -> Completion:
    done = re.match(r"\+?(?:.*,)?", value) if is_list else None
    kept = done[0] if done else ""
    before = half.word[: len(half.word) - len(value)] + kept
    found = _matching(half.start, value[len(kept) :], known)
    return found._replace(choices=tuple(before + each for each in found.choices))


def _options(program: str, word: str) -> list[str]:
    if program not in PROGRAMS:
        return []
    spelled = re.split(r", |/", PROGRAMS[program].options.understood_words())
    return [each for each in spelled if each.startswith("--") or not word.startswith("--")]


def _open_shells(backend: Backend) -> list[str]:
    return [shell for table in backend.tables() for shell in table.shells]


def _paths(backend: Backend, shell: str, start: int, word: str) -> Completion:
    directory, slash, begun = word.rpartition("/")
    found = [
        directory + slash + name
        for name in _names(backend, shell, directory + slash or ".")
        if name.startswith(begun) and (begun.startswith(".") or not name.startswith("."))
    ]
    return Completion(start, tuple(NOT_PLAIN.sub(r"\\\1", path) for path in sorted(found)))


def _names(backend: Backend, shell: str, directory: str) -> list[str]:
    """The names in a directory as that terminal sees it; nothing is recorded, nothing changes."""
    if not any(shell == name for name in _open_shells(backend)):
        return []
    if isinstance(backend, SimulatorBackend):
        return _simulated_names(backend, shell, directory)
    argv = ("ls", "-1ap", "--", directory)
    done = backend.run(shell, CommandLine((Command(argv),), " ".join(argv)))
    return [name for name in done.stdout.splitlines() if name not in ("./", "../")]


def _simulated_names(backend: SimulatorBackend, shell: str, directory: str) -> list[str]:
    process = backend.terminals[shell]
    names = []
    try:
        for name in backend.sim.listdir(process, directory):
            kind = backend.sim.stat(process, f"{directory.rstrip('/')}/{name}").kind
            names.append(name + "/" * (kind == "dir"))
    except MountError:
        pass
    return [name for name in names if name not in ("./", "../")]
