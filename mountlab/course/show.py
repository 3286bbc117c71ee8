"""How a cell shows the state of its machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from mountlab.explain import Answer
from mountlab.mountinfo import MountInfo
from mountlab.shell.backend import NamespaceTable
from mountlab.shell.text import MOST_ROWS
from mountlab.view.display import Bundle, bundle
from mountlab.view.frames import Frames

Cells = tuple[str, ...]

HEADING: Cells = ("", "ID", "PARENT", "MOUNTPOINT", "SOURCE", "ROOT", "TYPE", "OPTIONS", "PROPAGATION")
TO_THE_RIGHT = ("ID", "PARENT")
MARKS = ("+", "~", "-")
# JupyterLab breaks long lines anywhere, inside words too.
WRAPPED = "margin: 0.4em 0 0.4em 0.3em; white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere"
UNCHANGED = "(mount tables as before)"
RULE = "border-top: 1px solid #bbb; padding-top: 0.5em"


class State(NamedTuple):
    """The mount tables after a cell, in the learner's numbers."""

    tables: Sequence[NamespaceTable]
    before: Sequence[NamespaceTable] | None = None
    """The tables when the cell began; with None every row is shown, and none is marked."""
    is_first: bool = False
    """The first cell of a machine shows its tables even when nothing has changed."""


def display_of(state: State, picture: Frames | None = None) -> Bundle:
    """What the notebook shows of a state: MIME type -> content.

    The tables are the plain text, for readers without a screen and for nbval; a picture shows them too.
    """
    text = plain(state)
    if picture is not None and text != UNCHANGED:
        return bundle({**picture, "tables": text}, text)
    lines = (f"<b>{escape(line)}</b>" if line[:1] in MARKS else escape(line) for line in text.split("\n"))
    return {"text/plain": text, "text/html": _pre("\n".join(lines), f"{WRAPPED}; {RULE}")}


def display_of_steps(steps: Sequence[tuple[str, str]]) -> Bundle:
    """What the notebook shows of a transcript: the commands, and below each what it printed."""
    text = "".join(command + printed for command, printed in steps).rstrip("\n")
    html = "".join(f"<b>{escape(command)}</b>{escape(printed)}" for command, printed in steps).rstrip("\n")
    return {"text/plain": text, "text/html": _pre(html, WRAPPED)}


def display_of_answer(answer: Answer) -> Bundle:
    """What the notebook shows of an explanation; long sentences are broken between words."""
    text = str(answer)
    return {"text/plain": text, "text/html": _pre(escape(text), WRAPPED)}


def _pre(html: str, style: str) -> str:
    return f'<pre style="{style}">{html}</pre>'


def plain(state: State) -> str:
    """The mount tables: new rows are marked ``+``, changed ones ``~``, and rows that have gone ``-``."""
    before = {table.id: table for table in state.before or ()}
    unchanged = all(_same(before.get(table.id), table) for table in state.tables)
    if state.before is not None and unchanged and len(before) == len(state.tables) and not state.is_first:
        return UNCHANGED
    lines: list[str] = []
    for table in state.tables:
        old = before.get(table.id)
        new = " (new)" if old is None and state.before is not None else ""
        if _same(old, table) and not state.is_first:
            lines.append(f"namespace {table.id}: {_names(table)} (as before)")
            continue
        lines += [f"namespace {table.id}: {_names(table)}{new}", *_table(old and old.mounts, table.mounts)]
        for shell, rows in table.views.items():
            lines += [f"namespace {table.id} as {shell} sees it", *_table(old and old.seen_by(shell), rows)]
    now = {table.id for table in state.tables}
    lines += [f"namespace {id} has ended" for id in before if id not in now]
    return "\n".join(lines)


def _same(old: NamespaceTable | None, table: NamespaceTable) -> bool:
    return old is not None and (old.mounts, old.views) == (table.mounts, table.views)


def _names(table: NamespaceTable) -> str:
    holders = [f"{holder.kind} {holder.name}" for holder in table.holders]
    return ", ".join([*table.shells, *holders]) or "nobody"


def _table(before: Sequence[MountInfo] | None, now: Sequence[MountInfo]) -> Iterator[str]:
    rows = [HEADING, *_rows(before, now)]
    cut = rows[: MOST_ROWS + 1]
    widths = [max(len(row[column]) for row in cut) for column in range(1, len(HEADING))]
    for mark, *row in cut:
        cells = (
            cell.rjust(width) if name in TO_THE_RIGHT else cell.ljust(width)
            for name, cell, width in zip(HEADING[1:], row, widths, strict=True)
        )
        yield f"{mark:1} {'  '.join(cells)}".rstrip()
    if len(rows) > len(cut):
        yield f"  … and {len(rows) - len(cut)} more"


def _rows(before: Sequence[MountInfo] | None, now: Sequence[MountInfo]) -> Iterator[Cells]:
    gone = {row.mount_id: row for row in before or ()}
    for row in now:
        was = gone.pop(row.mount_id, None)
        mark = "" if before is None or was == row else "+" if was is None else "~"
        yield (mark, *_cells(row))
    yield from (("-", *_cells(row)) for row in gone.values())


def _cells(row: MountInfo) -> Cells:
    return (
        str(row.mount_id), str(row.parent_id), row.mountpoint, row.source, row.root, row.fstype, row.options,
        _propagation(row),
    )  # fmt: skip


def _propagation(row: MountInfo) -> str:
    """The propagation type with its peer groups, in mountinfo's words."""
    groups = (("shared", row.shared), ("master", row.master), ("propagate_from", row.propagate_from))
    return " ".join(f"{word}:{group}" for word, group in groups if group) or row.propagation
