"""Which commands count against par, and which a level does not want.

To look is free: ls, cat, findmnt, `mount` alone change nothing, nor does ``docker ps``.  Every other command
counts, each of a line with ``;`` and ``&&``; one that failed counts too.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mountlab.shell.syntax import Command

FREE = frozenset({"cat", "cd", "echo", "findmnt", "ls", "lsns", "stat", "true"})
"""Programs that only look, as long as their output goes to the terminal."""
LOOKS = {
    "docker": frozenset({"ps", "inspect", "volume ls", "volume inspect"}),
    "systemctl": frozenset({"show", "cat", "status", "is-active"}),
}
"""Their commands that only look."""
_EXEC = 3
"""Words of ``docker exec NAME``."""
SPELLINGS = {
    "--bind": "-B",
    "--rbind": "-R",
    "--move": "-M",
    "--lazy": "-l",
    "--recursive": "-R",
    "--mount": "-m",
    "--user": "-U",
    "--map-root-user": "-r",
    "--target": "-t",
    "--options": "-o",
    "--parents": "-p",
}
"""Long options beside their short ones, for the programs whose options a level may forbid."""


class Forbidden(NamedTuple):
    """A program, or a program with certain words."""

    text: str
    program: str
    words: frozenset[str]

    def matches(self, command: Command) -> bool:
        """Whether the command is one of these, however its options are written."""
        name, *rest = command.argv
        return name == self.program and self.words <= spelled(rest)


def read_forbidden(text: str) -> tuple[Forbidden, ...]:
    """From ``umount, mount --move``.

    Raises:
        ValueError: when quotes do not fit, or nothing stands between two commas.
    """
    found = []
    for part in text.split(",") if text.strip() else []:
        words = shlex.split(part)
        if not words:
            raise ValueError("forbidden: a command is missing between two commas; write: umount, mount -M")
        found.append(Forbidden(" ".join(words), words[0], spelled(words[1:])))
    return tuple(found)


def spelled(words: Iterable[str]) -> frozenset[str]:
    """Words, with options in one spelling: ``-lR`` is ``-l -R``, ``--lazy`` is ``-l``, ``-o bind`` ``-B``."""
    found: set[str] = set()
    for word in words:
        if word.startswith("--"):
            name, _, value = word.partition("=")
            found.update({SPELLINGS.get(name, name), *([value] if value else [])})
        elif word.startswith("-") and len(word) > 1:
            found.update(f"-{letter}" for letter in word[1:])
        else:
            found.add(word)
            for option in word.split(","):
                found.update({"bind": {"-B"}, "rbind": {"-R"}, "move": {"-M"}}.get(option, set()))
    return frozenset(found)


def counts(command: Command) -> bool:
    """Whether a command counts against par."""
    if command.redirects:
        return True
    return command.argv[0] not in FREE and command.argv != ("mount",) and not _asks_a_daemon(command.argv)


def _asks_a_daemon(argv: Sequence[str]) -> bool:
    """Whether docker or systemctl is asked, or a container made to run something that only looks."""
    looks = LOOKS.get(argv[0], frozenset())
    if " ".join(argv[1:2]) in looks or " ".join(argv[1:3]) in looks:
        return True
    is_exec = argv[:2] == ("docker", "exec") and len(argv) > _EXEC
    return is_exec and not counts(Command(tuple(argv[_EXEC:])))
