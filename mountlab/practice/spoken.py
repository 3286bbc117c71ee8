"""Reads a command as far as beliefs about mounts need it: what is done, to which paths, with which words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

TYPES = ("shared", "slave", "private", "unbindable")
MAKE = re.compile(rf"(?:--make-)?(r?)({'|'.join(TYPES)})")
WITH_VALUE = {"-t", "--types", "-o", "--options", "--propagation", "-S", "--setuid"}
VERBS = {"--bind": "bind", "-B": "bind", "--rbind": "rbind", "-R": "rbind", "--move": "move", "-M": "move"}
OPTION_VERBS = {"bind": "bind", "rbind": "rbind", "remount": "remount"}


class Said(NamedTuple):
    """One command."""

    verb: str
    """new, bind, rbind, move, make, remount, umount, unshare, exit; or the program's name."""
    operands: tuple[str, ...] = ()
    type: str = ""
    """The propagation type that is asked for."""
    recursive: bool = False
    options: tuple[str, ...] = ()
    """The words after ``-o``."""

    @property
    def target(self) -> str:
        """The path that changes."""
        return self.operands[-1] if self.operands else ""

    @property
    def source(self) -> str:
        """The path that is shown a second time."""
        return self.operands[0] if self.operands else ""

    @property
    def attaches(self) -> bool:
        """Whether a mount comes to a mountpoint."""
        return self.verb in ("new", "bind", "rbind", "move") and len(self.operands) == 2  # noqa: PLR2004


def said(argv: Sequence[str]) -> Said:
    """Read a command."""
    program = argv[0]
    words = list(_words(argv[1:]))
    operands = tuple(value for flag, value in words if not flag)
    flags = [flag for flag, _ in words if flag]
    if program == "umount":
        return Said("umount", operands, recursive="-R" in flags or "--recursive" in flags)
    if program == "unshare":
        type = next((value for flag, value in words if flag == "--propagation"), "private")
        return Said("unshare", (), type)
    if program == "mount" and operands:
        return _mount(words, flags, operands)
    return Said(program, operands)


def _mount(words: list[tuple[str, str]], flags: list[str], operands: tuple[str, ...]) -> Said:
    options = tuple(word for flag, value in words if flag in ("-o", "--options") for word in value.split(","))
    made = next((match for flag in (*flags, *options) if (match := MAKE.fullmatch(flag))), None)
    verbs = [OPTION_VERBS[word] for word in options if word in OPTION_VERBS]
    verb = "remount" if "remount" in verbs else next((VERBS[flag] for flag in flags if flag in VERBS), "")
    verb = verb or (verbs[0] if verbs else "make" if made and len(operands) == 1 else "new")
    return Said(verb, operands, made[2] if made else "", bool(made and made[1]), options)


def _words(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each option with its value; operands have no flag."""
    rest = iter(words)
    for word in rest:
        flag, equals, value = word.partition("=")
        if flag in WITH_VALUE:
            yield flag, value if equals else next(rest, "")
        elif word.startswith("-"):
            yield word, ""
        else:
            yield "", word
