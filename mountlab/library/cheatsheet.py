"""Writes docs/cheatsheet.pdf, and a docs/cheatsheet-N.svg for each of its two pages.

To make them again: ``python -m mountlab.library.cheatsheet``.  The tables and pictures are computed; the
shapes of a page are written as SVG, and painted as PDF by matplotlib.  Nothing depends on the day.
"""

from __future__ import annotations

import io
from pathlib import Path

from mountlab.library.cells import TABLES, Table
from mountlab.library.sheet import Cell, Page
from mountlab.library.sheet_words import (
    COMMANDS,
    FIELDS,
    LINE,
    MODELLED,
    PEERS,
    PLACE,
    PRIVATE,
    QUESTIONS,
    SHORT,
    SLAVE,
    TOLD,
    TYPES,
)
from mountlab.library.tables import outcome_of
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.view.display import show
from mountlab.view.figure import painted
from mountlab.view.figure_drawing import drawing
from mountlab.view.figure_shapes import Drawing
from mountlab.view.figure_svg import written
from mountlab.view.scene import fold

FOLDER = Path(__file__).resolve().parents[2] / "docs"
PDF = "cheatsheet.pdf"
SMALLER = 0.82
"""Of a picture on the page: its letters are as large as those of the text."""

HOW = """\
#: init=systemd
host# mkdir /m
c1# unshare --mount --propagation {how}
host# mount -t tmpfs disk /m
"""
SUBDIRECTORY = """\
host# mkdir /m /b
host# mount -t tmpfs disk /m
host# mount --make-shared /m
host# mkdir -p /m/sub/x
host# mount --bind /m/sub /b
host# mount -t tmpfs new /m/sub/x
"""
PICTURES = (
    ((PEERS, HOW.format(how="unchanged")), (SLAVE, HOW.format(how="slave"))),
    ((PRIVATE, HOW.format(how="private")), (PLACE, SUBDIRECTORY)),
)


def first_page() -> Drawing:
    """Types, pictures, a line of mountinfo."""
    page = Page("Mount propagation, page 1: types, who hears whom, mountinfo")
    page.title("Mount propagation", MODELLED)
    page.heading("A mount is one of these")
    rows = [[Cell(text, mono=n == 1 and bool(number)) for n, text in enumerate(row)]
            for number, row in enumerate(TYPES)]  # fmt: skip
    page.table((1.15, 1.45, 1.5, 1.75, 2.15), rows)
    page.says(TOLD)
    page.heading("Who hears whom")
    for pair in PICTURES:
        page.pictures([(caption, drawing(fold(show(text).data))) for caption, text in pair], SMALLER)
    page.heading("A line of /proc/PID/mountinfo")
    page.says(LINE, mono=True)
    page.table((1.4, 4), [(Cell(word, mono=True), Cell(meaning)) for word, meaning in FIELDS], head=False)
    return page.drawing()


def second_page() -> Drawing:
    """Commands, tables, and what to ask a missing mount."""
    page = Page("Mount propagation, page 2: commands, bind and move, five questions")
    page.title("Bind, move, ask", MODELLED)
    page.heading("Commands")
    page.table((2.7, 4), [(Cell(word, mono=True), Cell(meaning)) for word, meaning in COMMANDS], head=False)
    for name, title in (
        ("bind", "mount --bind A B/t: what the new mount is"),
        ("move", "mount --move A B/t: what the moved mount is"),
        ("namespace", "unshare --mount: what the copy is"),
    ):
        page.heading(title)
        page.table((1.75, 1, 1, 1, 1, 1), _rows(next(table for table in TABLES if table.name == name)))
    page.heading("Five questions to a missing mount")
    numbered = enumerate(QUESTIONS, 1)
    rows = [(Cell(f"{number}. {question}", bold=True), Cell(how)) for number, (question, how) in numbered]
    page.table((1.6, 4.4), rows, head=False)
    return page.drawing()


def _rows(table: Table) -> list[list[Cell]]:
    """A truth table; every word is computed."""
    columns = list(dict.fromkeys(cell.column for cell in table.cells))
    words = {(cell.row, cell.column): outcome_of(table, cell, SimulatorBackend()) for cell in table.cells}
    rows = list(dict.fromkeys(cell.row for cell in table.cells))
    head = [Cell(table.corner), *map(Cell, columns)]
    body = [
        [Cell(row, bold=True), *(Cell(SHORT.get(words[row, each], words[row, each])) for each in columns)]
        for row in rows
    ]
    return [head, *body]


def files() -> dict[str, bytes]:
    """File name -> content."""
    pages = (first_page(), second_page())
    svgs = {f"cheatsheet-{number}.svg": written(page).encode() for number, page in enumerate(pages, 1)}
    return {**svgs, PDF: pdf(pages)}


def pdf(pages: tuple[Drawing, ...]) -> bytes:
    """All pages in one file, the same on every day."""
    from matplotlib.backends.backend_pdf import PdfPages  # noqa: PLC0415 - only who makes the sheet needs it

    file = io.BytesIO()
    metadata = {"Title": "Mount propagation", "CreationDate": None, "Creator": None, "Producer": None}
    with PdfPages(file, metadata=metadata) as paper:
        for page in pages:
            paper.savefig(painted(page))
    return file.getvalue()


if __name__ == "__main__":
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
