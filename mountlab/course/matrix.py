"""The truth tables in a notebook: a table whose cells play, and as text the table with one of its cells.

    matrix("bind")                                    the table, and its first cell
    matrix("bind", source="shared", dest="slave")     another cell is shown first

Every word of a table is computed: its transcripts are run when it is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import cached_property
from html import escape

from IPython.display import publish_display_data

from mountlab.course.matrix_data import ABOVE, MIME, Json, Shown, data_of
from mountlab.library.cells import NOTES, TABLES, Cell, Table
from mountlab.library.tables import outcome_of
from mountlab.shell.complaints import shown
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.view.display import STEPPER, Bundle, Display, bundle, show

NAMED = "{place}: {word}"
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
    def run(self) -> dict[tuple[str, str], tuple[str, Display]]:
        """(row, column) -> what became of the mount in question, and the transcript to be stepped through."""
        return {(each.row, each.column): self._run(each) for each in self.table.cells}

    def _run(self, cell: Cell) -> tuple[str, Display]:
        machine = SimulatorBackend()
        word = outcome_of(self.table, cell, machine)
        return word, show(machine)

    @cached_property
    def words(self) -> dict[tuple[str, str], str]:
        """(row, column) -> what became of the mount in question."""
        return {place: word for place, (word, _) in self.run.items()}

    @property
    def picture(self) -> Display:
        """The chosen cell's transcript, to be stepped through."""
        return self.run[self.cell.row, self.cell.column][1]

    def data(self) -> Json:
        """All of the table, for a page on which its cells can be chosen."""
        table = self.table
        heading = {"name": table.name, "title": table.title, "corner": table.corner}
        cells = [self._shown(cell) for cell in table.cells]
        return data_of(heading, cells, (self.cell.row, self.cell.column))

    def _shown(self, cell: Cell) -> Shown:
        word, picture = self.run[cell.row, cell.column]
        name = NAMED.format(place=_place(self.table, cell), word=word)
        return Shown(cell.row, cell.column, word, name, tuple(self._below(cell)), picture.data)

    def __str__(self) -> str:
        """The table; the chosen cell stands in brackets."""
        grid = [[self.table.corner, *self.columns]]
        grid += [[row, *(self._marked(row, column) for column in self.columns)] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
        lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in grid]
        below = [*self._below(self.cell), HOW, self._other()]
        return "\n".join([self.table.title, "", *lines, "", *below])

    __repr__ = __str__

    def _ipython_display_(self) -> None:
        for each in self.bundles():
            publish_display_data(each)  # type: ignore[no-untyped-call]

    def bundles(self) -> tuple[Bundle, Bundle]:
        """The two outputs: the table, and the picture of the chosen cell.

        Where the table's cells can be chosen, the picture plays below them; there the second shows nothing.
        """
        table: Bundle = {"text/plain": str(self), "text/html": self._html(), MIME: self.data()}
        picture = {mime: content for mime, content in bundle(self.picture.data).items() if mime != STEPPER}
        return table, picture | {MIME: ABOVE}

    def _marked(self, row: str, column: str) -> str:
        word = self.words.get((row, column), "")
        return f"[{word}]" if (row, column) == (self.cell.row, self.cell.column) else word

    def _below(self, cell: Cell) -> Iterator[str]:
        yield WHERE.format(place=_place(self.table, cell), word=self.words[cell.row, cell.column])
        yield LOOK.format(path=cell.look[1], last=cell.commands[-1])
        if cell.note:
            yield NOTED.format(note=NOTES[cell.note])

    def _other(self) -> str:
        """What one would type to see another cell."""
        other = next(each for each in reversed(self.table.cells) if each != self.cell)
        return f'matrix("{self.table.name}", source="{other.column}", dest="{other.row}")'

    def _html(self) -> str:
        head = "".join(f'<th scope="col" style="{PLAIN}">{escape(column)}</th>' for column in self.columns)
        body = "".join(self._html_row(row) for row in self.rows)
        said = [*map(escape, self._below(self.cell)), HOW, f"<code>{escape(self._other())}</code>"]
        below = "<br>".join(said)
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
    """One of the truth tables; its cells can be chosen, and play.

    Args:
        table: bind, rbind, move, mount, received, make, slaves, umount or namespace.
        source: the column of the cell shown first: for bind and move the type of what is bound or moved.
        dest: its row: for bind and move the type of the mount on which it is put.

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
