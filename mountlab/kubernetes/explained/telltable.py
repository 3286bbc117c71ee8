"""Who sees whose mounts, as a table of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mountlab.kubernetes.explained.table import Row, Table
from mountlab.kubernetes.explained.words import say

_WIDEST = 100
_GAP = "  "


def told_table(table: Table) -> Iterator[str]:
    """The lines of a table; where names would make it too wide, its columns are numbered."""
    names = list(table.parties)
    cells = [[say("table.row", maker=row.maker, folder=row.folder), *_cells(row)] for row in table.rows]
    head = [say("table.corner"), *names]
    if sum(len(each) + len(_GAP) for each in head) > _WIDEST:
        head = [head[0], *map(str, range(1, len(names) + 1))]
        yield from (say("table.key", number=n, name=name) for n, name in enumerate(names, 1))
    yield from _aligned([head, *cells])
    yield say("table.tried")
    if table.may_not:
        key = "table.may-not" if len(table.may_not) > 1 else "table.may-not.one"
        yield say(key, names=", ".join(table.may_not))


def _cells(row: Row) -> list[str]:
    return [
        say("table.own") if name == row.maker else say("table.yes" if place else "table.no")
        for name, place in row.seen
    ]


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (each.ljust(width) for each, width in zip(line, widths, strict=True))
        yield _GAP.join(padded).rstrip()
