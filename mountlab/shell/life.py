"""What the first process of a container does: its command, as far as that is in the transcript language.

Real manifests loop, wait and pipe.  What is in the language runs; where a command begins that is not, or one
that only waits, the container goes on and does no more here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from mountlab.containers.docker.client import SHELLS
from mountlab.containers.names import PROGRAMS as CLIENTS
from mountlab.containers.world import Lived, Ran
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.lexer import lex
from mountlab.shell.syntax import Command

RunCommand = Callable[[Command], Ran]
"""Runs one command."""

_SCRIPT = 3
_LONG_SLEEP = 60
"""A sleep of as many seconds goes on; a shorter one is over."""
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_IDLE = frozenset({":", "set", "trap", "umask", "export"})
"""Shell's own words that change no mount."""
_SEPARATORS = re.compile(r";|&&")


def live(argv: Sequence[str], run: RunCommand) -> Lived:
    """Do what a command is for.

    Args:
        argv: its words; a shell with ``-c`` has a script.
        run: runs a command of the language.
    """
    status, output = 0, ""
    for each in _commands(argv):
        command = each and _without_exec(each)
        if command is None:
            return Lived(None, output, is_opaque=True)
        if command.after_success_only and status:
            continue
        name, *words = command.argv
        if name == "exit":
            code = words[0] if words else str(status)
            return Lived(int(code) % 256 if code.isdecimal() else 2, output)
        if name in _IDLE or (name == "sleep" and not _is_long(words)):
            status = 0
            continue
        if not _is_understood(command):
            return Lived(None, output, is_opaque=name not in {"sleep", "tail", "wait"})
        ran = run(command)
        status, output = ran.status, output + ran.stdout + ran.stderr
    return Lived(status, output)


def _without_exec(command: Command) -> Command:
    """``exec PROGRAM`` ends as the program does."""
    return (
        command._replace(argv=command.argv[1:]) if command.argv[0] == "exec" and command.argv[1:] else command
    )


def _is_long(words: Sequence[str]) -> bool:
    """Whether a sleep goes on for as long as anybody looks."""
    seconds = 0.0
    for word in words:
        match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)([smhd]?)", word)
        if match is None:
            return word == "infinity"
        seconds += float(match[1]) * _UNITS[match[2]]
    return seconds >= _LONG_SLEEP


def _is_understood(command: Command) -> bool:
    from mountlab.shell import programs  # noqa: PLC0415 - programs judge clients' words, and so need this room

    return command.argv[0] not in CLIENTS and programs.check(command) is None


def _commands(argv: Sequence[str]) -> Iterator[Command | None]:
    """The commands of a script, or the only one; None where something outside the language begins."""
    if not (len(argv) >= _SCRIPT and argv[0] in SHELLS and re.fullmatch(r"-[a-z]*c", argv[1])):
        yield Command(tuple(argv)) if argv[0] not in SHELLS else None
        return
    lines = argv[2].split("\n")
    row = 0
    while row < len(lines):
        try:
            lexed = lex(lines, row, 0)
        except TranscriptError as error:
            yield from _before(lines[row], (error.column or 1) - 1 if error.line == row + 1 else 0)
            yield None
            return
        yield from lexed.line.commands
        row += lexed.lines_used


def _before(line: str, column: int) -> Iterator[Command]:
    """The commands of a line that end before the place where it leaves the language."""
    ends = [match.start() for match in _SEPARATORS.finditer(line, 0, column)]
    if ends:
        try:
            yield from lex([line[: ends[-1]]], 0, 0).line.commands
        except TranscriptError:
            return
