"""Writes docs/truth-tables.md: every cell is computed by the simulator from its transcript.

To make the page again: ``python -m mountlab.library.tables``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mountlab.library.cells import GOES, NOTES, SLIDES, STAYS, TABLES, Cell, Table
from mountlab.mountinfo import MountInfo
from mountlab.shell.backend import Backend, Outcome, table_of
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse

PAGE = Path(__file__).resolve().parents[2] / "docs" / "truth-tables.md"
_HEAD = """\
# Truth tables of mount propagation

Each cell says what becomes of one mount, and links to the transcript that shows it.
The transcript's last command is the one that its table is about; all before it only sets the scene.
A number leads to a note: there the documents and the kernel disagree, or need a word.

The documents are Documentation/filesystems/sharedsubtree.rst of the Linux kernel and mount_namespaces(7).
They know four types of source; the rows and columns "shared and slave" are ours.
The results are computed by the simulator of Linux 6.18, and a test replays every cell on a real kernel.
To make this page again: `python -m mountlab.library.tables`.
"""


def transcript_of(table: Table, cell: Cell) -> str:
    """The cell as a transcript, with what is expected of it."""
    header = f'#: init=bare title="{table.name}: {cell.row} / {cell.column}" source="{table.source}"'
    return "\n".join((header, *cell.commands, *_expectations(cell))) + "\n"


def _expectations(cell: Cell) -> list[str]:
    place = "#? {}: {}".format(*cell.look)
    expected = cell.expected
    if expected.endswith(")"):  # invalid (EINVAL), refused (EBUSY)
        return [f"#? exit 32 {expected.partition('(')[2].rstrip(')')}"]
    if expected in (GOES, "left out"):
        return [f"{place} absent"]
    if expected == SLIDES:
        return [f"{place} mounted source=TOP"]
    if expected == STAYS:
        return [f"{place} mounted"]
    kind = expected.partition(" of ")[0].replace(" and ", ",")
    return [f"{place} mounted propagation={kind}"]


def outcome_of(table: Table, cell: Cell, backend: Backend) -> str:
    """Run the cell's transcript in a world, and say in the table's words what came of it."""
    last: Outcome | None = None
    for step in parse(transcript_of(table, cell), table.name).steps:
        backend.open(step.shell)
        if step.command is not None:
            last = backend.run(step.shell, step.command)
    rows = table_of(backend.tables(), cell.look[0]) or ()
    if last is None or last.exit:
        refusal = "refused" if table.name == "umount" else "invalid"
        return f"{refusal} ({last.errno if last else ''})"
    return _umounted(rows, cell.look[1]) if table.name == "umount" else _state(rows, cell.look[1], table.name)


def _umounted(rows: Sequence[MountInfo], path: str) -> str:
    there = [row.source for row in rows if row.mountpoint == path]
    if "T" in there:
        return STAYS
    return SLIDES if there else GOES


def _state(rows: Sequence[MountInfo], path: str, table: str) -> str:
    row = next((row for row in rows if row.mountpoint == path), None)
    if row is None:
        return "left out"
    if table == "slaves" and row.master:
        return "slave of " + next(other.mountpoint for other in rows if other.shared == row.master)
    return row.propagation.replace(",", " and ")


def page() -> str:
    """The text of docs/truth-tables.md."""
    parts = [_HEAD, *(_section(table) for table in TABLES), _footnotes()]
    return "\n".join(parts)


def _anchor(table: Table, cell: Cell) -> str:
    return f"{table.name}-{table.cells.index(cell) + 1}"


def _section(table: Table) -> str:
    columns = list(dict.fromkeys(cell.column for cell in table.cells))
    rows = list(dict.fromkeys(cell.row for cell in table.cells))
    cells = {(cell.row, cell.column): _linked(table, cell) for cell in table.cells}
    body = [
        f"| **{row}** | " + " | ".join(cells.get((row, column), "") for column in columns) + " |"
        for row in rows
    ]
    lines = [
        f"## {table.title}",
        "",
        f"Source: {table.source}.",
        "",
        f"| {table.corner} | " + " | ".join(columns) + " |",
        "|---" * (len(columns) + 1) + "|",
        *body,
        "",
        f"<details><summary>The {len(table.cells)} transcripts</summary>",
        "",
        *(_details(table, cell) for cell in table.cells),
        "</details>",
        "",
    ]
    return "\n".join(lines)


def _linked(table: Table, cell: Cell) -> str:
    word = outcome_of(table, cell, SimulatorBackend())
    mark = f"<sup>{list(NOTES).index(cell.note) + 1}</sup>" if cell.note else ""
    return f"[{word}](#{_anchor(table, cell)}){mark}"


def _details(table: Table, cell: Cell) -> str:
    return f'<a id="{_anchor(table, cell)}"></a>\n\n```\n{transcript_of(table, cell)}```\n'


def _footnotes() -> str:
    notes = [f"{number}. {text}" for number, text in enumerate(NOTES.values(), 1)]
    return "\n".join(["## Notes", "", *notes, ""])


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
