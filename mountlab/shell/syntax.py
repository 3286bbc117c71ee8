"""The parsed form of one command line: what the lexer makes and every backend runs.

A line such as ``mkdir -p /a && echo hi > /a/f`` is a `CommandLine` of two
`Command` objects.  Nothing here is expanded: words are final, as the language
of TRANSCRIPTS.md has no variables, globs or substitutions.
"""

from __future__ import annotations

from typing import NamedTuple


class Redirect(NamedTuple):
    """Where one output stream of a command goes: ``> target`` or ``>> target``."""

    target: str
    append: bool = False
    fd: int = 1


class Command(NamedTuple):
    """One program with its arguments, as it would stand between ``;`` and ``&&``."""

    argv: tuple[str, ...]
    redirects: tuple[Redirect, ...] = ()
    stdin: str | None = None
    """Body of a here-document, or None."""
    after_success_only: bool = False
    """True when ``&&`` stands before this command, False for ``;`` or the first."""


class CommandLine(NamedTuple):
    """All the commands of one transcript line, in order."""

    commands: tuple[Command, ...]
    text: str
    """The line as written; the body of a here-document follows after a newline."""
