"""A step as people read it: the line as typed, what it printed, and what changed in the mount tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mountlab.mountinfo import MountInfo, render
from mountlab.shell.backend import UNKNOWN, NamespaceTable
from mountlab.shell.runner import StepResult

MOST_ROWS = 40
"""A table in the text format is cut after so many rows; the other formats have them all."""

_CONTROLS = {code: f"^{chr(code ^ 64)}" for code in (*range(32), 127) if chr(code) not in "\t\n"}
_CONTROLS |= {code: f"\\x{code:02x}" for code in range(128, 160)}
"""As `cat -v` shows them: a transcript that somebody sent may not command the reader's terminal."""

Line = tuple[str, ...]
"""The cells of one row of a table: a mark, the mountpoint, and what is mounted there."""


def text(result: StepResult, state: str = "changed", *, checked: bool = False) -> str:
    """The step for people; each line ends in a newline."""
    lines: list[str] = []
    if result.step is not None:
        lines.append(f"{result.step.shell}# {result.step.text}".rstrip(" "))
    if result.outcome is not None:
        outcome = result.outcome
        lines += _output(outcome.stdout) + _output(outcome.stderr)
        if outcome.exit:
            errno = "" if outcome.errno is None or outcome.errno is UNKNOWN else f", {outcome.errno}"
            lines.append(f"[exit {outcome.exit}{errno}]")
    if state != "none":
        lines += _tables(result, state)
    if checked:
        lines += [
            f"#? {each.expectation.text}  {'FAILED: ' + each.failure if each.failure else 'ok'}"
            for each in result.checks
        ]
    if result.differs is not None:
        known = f" (a known quirk: {result.quirk})" if result.quirk else ""
        lines.append(f"differs{known}: {result.differs}")
    return "".join(line + "\n" for line in lines).translate(_CONTROLS)


def mountinfo_text(result: StepResult, state: str = "full") -> str:
    """The step's tables as each shell reads them in /proc/self/mountinfo, under ``#`` lines."""
    if result.step is None or result.outcome is None:
        return ""
    lines = [f"# {result.number} {result.step.shell}# {result.step.text.splitlines()[0]}"]
    for table in _shown_tables(result, state):
        lines.append(f"# {_heading(table)}")
        lines += [render(row) for row in table.mounts]
        for shell, rows in table.views.items():
            lines.append(f"# namespace {table.id} as {shell} sees it")
            lines += [render(row) for row in rows]
    return "".join(line + "\n" for line in lines)


def _output(printed: str) -> list[str]:
    return printed.removesuffix("\n").split("\n") if printed else []


def _shown_tables(result: StepResult, state: str) -> list[NamespaceTable]:
    if state == "none":
        return []
    before = {table.id: table for table in result.before}
    return [table for table in result.tables if state == "full" or before.get(table.id) != table]


def _heading(table: NamespaceTable) -> str:
    names = [*table.shells, *(f"{holder.kind} {holder.name}" for holder in table.holders)]
    return f"namespace {table.id}: {', '.join(names) or 'nobody'}"


def _tables(result: StepResult, state: str) -> Iterator[str]:
    before = {table.id: table for table in result.before}
    for table in _shown_tables(result, state):
        old = before.get(table.id)
        new = "" if old or not result.before else " (new)"
        rows = list(_rows(old.mounts if old and state == "changed" else None, table.mounts))
        heads = old is None or (old.shells, old.holders) != (table.shells, table.holders)
        if rows or heads:
            yield f"  {_heading(table)}{new}"
            yield from _aligned(rows)
        for shell, view in table.views.items():
            seen = old.seen_by(shell) if old and state == "changed" else None
            rows = list(_rows(seen, view))
            if rows:
                yield f"  namespace {table.id} as {shell} sees it"
                yield from _aligned(rows)
    now = {table.id for table in result.tables}
    yield from (f"  namespace {id} has ended" for id in before if id not in now)


def _rows(before: Sequence[MountInfo] | None, now: Sequence[MountInfo]) -> Iterator[Line]:
    """Every row of a table, or, when there is one to compare it with, what appeared, changed and went."""
    if before is None:
        yield from ((" ", *_cells(row)) for row in now)
        return
    gone = {row.mount_id: row for row in before}
    for row in now:
        was = gone.pop(row.mount_id, None)
        if was is None:
            yield ("+", *_cells(row))
        elif _cells(was) != _cells(row):
            pairs = zip(_cells(was), _cells(row), strict=True)
            yield ("~", *(new if old == new else f"{old} → {new}" for old, new in pairs))
    yield from (("-", *_cells(row)) for row in gone.values())


def _cells(row: MountInfo) -> Line:
    source = row.source if row.root == "/" else f"{row.source}[{row.root}]"
    return row.mountpoint, source, row.fstype, _propagation(row), row.options


def _propagation(row: MountInfo) -> str:
    """The propagation type with its peer groups, in mountinfo's words."""
    words = [f"{word}:{group}" for word, group in (("shared", row.shared), ("master", row.master)) if group]
    if row.propagate_from:
        words.append(f"propagate_from:{row.propagate_from}")
    return " ".join(words) or row.propagation


def _aligned(rows: Sequence[Line]) -> Iterator[str]:
    cut = rows[:MOST_ROWS]
    widths = [max(len(row[column]) for row in cut) for column in range(len(cut[0]))] if cut else []
    for row in cut:
        yield "    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if len(rows) > MOST_ROWS:
        yield f"    … and {len(rows) - MOST_ROWS} more"
