"""The truth tables in a notebook: the table as text, and the picture of one of its cells, which plays.

    matrix("bind")                                    the table, and its first cell
    matrix("bind", source="shared", dest="slave")     another cell

Every word of a table is computed: its transcripts are run when it is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import cached_property
from html import escape

from IPython.display import publish_display_data

from mountlab.library.cells import NOTES, TABLES, Cell, Table
from mountlab.library.tables import outcome_of, transcript_of
from mountlab.shell.complaints import shown
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.view.display import Bundle, Display, bundle, show

WHERE = "Below: {place}. Result: {word}."
LOOK = "The mount in question is {path}; the command is the last one, {last}"
HOW = "Another cell:"
NOTED = "Note: {note}"
CHOSEN = "background: rgba(128, 128, 128, 0.25); outline: 2px solid; font-weight: bold"
PLAIN = "text-align: left; white-space: normal"


class MatrixError(Exception):
    """There is no such table or cell; the message says which there are."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return [str(self)]


class Matrix:
    """One truth table with one of its cells; `matrix` makes it."""

    def __init__(self, table: Table, cell: Cell) -> None:
        self.table, self.cell = table, cell
        self.columns = list(dict.fromkeys(each.column for each in table.cells))
        self.rows = list(dict.fromkeys(each.row for each in table.cells))

    @cached_property
    def words(self) -> dict[tuple[str, str], str]:
        """(row, column) -> what became of the mount in question."""
        cells = self.table.cells
        return {(each.row, each.column): outcome_of(self.table, each, SimulatorBackend()) for each in cells}

    @cached_property
    def picture(self) -> Display:
        """The chosen cell's transcript, to be stepped through."""
        return show(transcript_of(self.table, self.cell))

    def __str__(self) -> str:
        """The table; the chosen cell stands in brackets."""
        grid = [[self.table.corner, *self.columns]]
        grid += [[row, *(self._marked(row, column) for column in self.columns)] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
        lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in grid]
        return "\n".join([self.table.title, "", *lines, "", *self._below()])

    __repr__ = __str__

    def _ipython_display_(self) -> None:
        for each in self.bundles():
            publish_display_data(each)  # type: ignore[no-untyped-call]

    def bundles(self) -> tuple[Bundle, Bundle]:
        """The two outputs: the table, and the picture."""
        return {"text/plain": str(self), "text/html": self._html()}, bundle(self.picture.data)

    def _marked(self, row: str, column: str) -> str:
        word = self.words.get((row, column), "")
        return f"[{word}]" if (row, column) == (self.cell.row, self.cell.column) else word

    def _below(self) -> Iterator[str]:
        cell = self.cell
        yield WHERE.format(place=_place(self.table, cell), word=self.words[cell.row, cell.column])
        yield LOOK.format(path=cell.look[1], last=cell.commands[-1])
        if cell.note:
            yield NOTED.format(note=NOTES[cell.note])
        yield HOW
        other = next(each for each in reversed(self.table.cells) if each != cell)
        yield f'matrix("{self.table.name}", source="{other.column}", dest="{other.row}")'

    def _html(self) -> str:
        head = "".join(f'<th scope="col" style="{PLAIN}">{escape(column)}</th>' for column in self.columns)
        body = "".join(self._html_row(row) for row in self.rows)
        *said, call = map(escape, self._below())
        below = "<br>".join([*said, f"<code>{call}</code>"])
        return (
            f'<table><caption style="{PLAIN}">{escape(self.table.title)}</caption>'
            f'<thead><tr><th scope="col" style="{PLAIN}">{escape(self.table.corner)}</th>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table><p>{below}</p>"
        )

    def _html_row(self, row: str) -> str:
        cells = []
        for column in self.columns:
            chosen = (row, column) == (self.cell.row, self.cell.column)
            style = f"{PLAIN}; {CHOSEN}" if chosen else PLAIN
            cells.append(f'<td style="{style}">{escape(self._marked(row, column))}</td>')
        return f'<tr><th scope="row" style="{PLAIN}">{escape(row)}</th>{"".join(cells)}</tr>'


def matrix(table: str = "bind", source: str | None = None, dest: str | None = None) -> Matrix:
    """One of the truth tables, with the picture of one cell.

    Args:
        table: bind, rbind, move, mount, received, make, slaves, umount or namespace.
        source: the cell's column: for bind and move the type of what is bound or moved.
        dest: the cell's row: for bind and move the type of the mount on which it is put.

    Raises:
        MatrixError: when there is no such table, column, row or cell.
    """
    found = next((each for each in TABLES if each.name == table), None)
    if found is None:
        raise MatrixError(_unknown("table", table, [each.name for each in TABLES]))
    for what, value, there in (
        ("source", source, [each.column for each in found.cells]),
        ("dest", dest, [each.row for each in found.cells]),
    ):
        if value is not None and value not in there:
            raise MatrixError(_unknown(what, value, list(dict.fromkeys(there))))
    chosen = [each for each in found.cells if source in (None, each.column) and dest in (None, each.row)]
    if not chosen:
        raise MatrixError(f"the table {table} has nothing for source={source!r} with dest={dest!r}")
    return Matrix(found, chosen[0])


def _place(table: Table, cell: Cell) -> str:
    """Which cell it is: the corner of the table, with the names of row and column in place of its arrows."""
    corner = table.corner if "→" in table.corner else f"{table.corner}, →"
    return corner.replace("↓", cell.row).replace("→", cell.column)


def _unknown(what: str, value: str, there: Iterable[str]) -> str:
    names = list(there)
    near = difflib.get_close_matches(value, names, 1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"matrix: no {what} {shown(value)}: {meant}there are {', '.join(names)}"
