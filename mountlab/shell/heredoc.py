"""The body of a here-document, as a POSIX shell reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mountlab.shell.complaints import Place, TranscriptError, shown

SPECIAL = re.compile(r"\\.|[$`]")
ESCAPED = re.compile(r"\\([$`\\])")


class HereDocument(NamedTuple):
    """What ``<<EOF`` announced: the line that ends the body, and how the body is to be read."""

    delimiter: str
    literal: bool
    """True for ``<<'EOF'``: nothing in the body is special."""
    strips_tabs: bool
    """True for ``<<-EOF``: tabs at the beginning of each line are dropped."""
    place: Place


def read_body(lines: Sequence[str], row: int, document: HereDocument) -> tuple[str, int]:
    """The body that starts at ``lines[row]``, and the row of the line that ends it."""
    body: list[str] = []
    while row < len(lines):
        line, first = lines[row], row
        while not document.literal and row + 1 < len(lines) and _is_continued(line):
            row += 1
            line = line[:-1] + lines[row]
        if document.strips_tabs:
            line = line.lstrip("\t")
        if line == document.delimiter:
            return "".join(body), row
        if not document.literal:
            _refuse_expansion(lines, first, row)
            line = _unescape(line)
        body.append(line + "\n")
        row += 1
    raise TranscriptError(
        f"the here-document never ends: no line after it reads {shown(document.delimiter)}",
        place=document.place,
        word=document.delimiter,
        source=lines[document.place.line - 1],
    )


def _is_continued(line: str) -> bool:
    """True when an odd number of backslashes ends the line."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _unescape(line: str) -> str:
    r"""The line with ``\$``, ``\``` and ``\\`` undone; every other backslash stays, as in a shell."""
    return ESCAPED.sub(r"\1", line)


def _refuse_expansion(lines: Sequence[str], first: int, row: int) -> None:
    """Refuse a ``$`` or backtick that a shell would act on, in the rows `first` to `row`."""
    for number in range(first, row + 1):
        for match in SPECIAL.finditer(lines[number]):
            char = match.group()
            if char in "$`":
                raise TranscriptError(
                    f"'{char}' in a here-document is refused: nothing is expanded; write \\{char}, "
                    "or quote the delimiter (<<'EOF') to take the whole body literally",
                    place=Place(number + 1, match.start() + 1),
                    word=char,
                    source=lines[number],
                )
