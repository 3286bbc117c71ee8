"""The numbers a learner sees instead of the machine's.

A kernel that has been up for a day calls a mount 21514; another calls it 36.  Both are told to the learner
as the same small number, which the mount keeps from cell to cell for as long as it is there.  Numbers are
given in order of appearance in the mount tables, by the same rule in every world, and none is used twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mountlab.mountinfo import MountInfo
from mountlab.shell.backend import NamespaceTable
from mountlab.shell.simbackend import SimulatorBackend


class Numbers:
    """What one world's numbers are called in one session."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, object], int] = {}
        self._given: dict[str, int] = {}
        self._ever: dict[tuple[str, object], int] = {}

    def name(self, kind: str, raw: object) -> int:
        """The learner's number; the next free one when the raw number is new."""
        if (kind, raw) not in self._names:
            self._given[kind] = self._given.get(kind, 0) + 1
            self._names[kind, raw] = self._ever[kind, raw] = self._given[kind]
        return self._names[kind, raw]

    def recall(self, kind: str, raw: Any) -> int | str | None:  # noqa: ANN401 - as they come
        """The number that was given once, to what may have gone since; None when none was given.

        For a simulated world only: a kernel uses its numbers again.
        """
        number = self._ever.get((kind, raw))
        if kind != "dev":
            return number
        return f"0:{number}" if number and raw.startswith("0:") else str(raw)

    def knows(self, kind: str, raw: object) -> bool:
        """Whether the number has appeared, and what it stands for is still there."""
        return (kind, raw) in self._names

    def meet(self, tables: Sequence[NamespaceTable]) -> None:
        """Give numbers to what has appeared."""
        for kind, raw in _numbers_in(tables):
            self.name(kind, raw)

    def part(self, tables: Sequence[NamespaceTable]) -> None:
        """Forget what has gone: the kernel uses its numbers again, for something else."""
        there = set(_numbers_in(tables))
        for kind, raw in list(self._names):
            if kind in ("mount", "group", "dev") and (kind, raw) not in there:
                del self._names[kind, raw]

    def tables(self, tables: Sequence[NamespaceTable]) -> list[NamespaceTable]:
        """The tables as the learner sees them."""
        return [
            table._replace(
                mounts=self.rows(table.mounts),
                views={shell: self.rows(rows) for shell, rows in table.views.items()},
            )
            for table in tables
        ]

    def rows(self, rows: Iterable[MountInfo]) -> list[MountInfo]:
        """The rows of one table as the learner sees them."""
        return [
            row._replace(
                mount_id=self.name("mount", row.mount_id),
                parent_id=self.name("mount", row.parent_id),
                dev=self.device(row.dev),
                shared=row.shared and self.name("group", row.shared),
                master=row.master and self.name("group", row.master),
                propagate_from=row.propagate_from and self.name("group", row.propagate_from),
            )
            for row in rows
        ]

    def device(self, dev: str) -> str:
        """A device number; that of a real disk (major number not 0) says something, and stays."""
        return f"0:{self.name('dev', dev)}" if dev.startswith("0:") else dev


def _numbers_in(tables: Sequence[NamespaceTable]) -> Iterator[tuple[str, object]]:
    """Every number in the tables, a parent before its children."""
    for table in tables:
        for rows in (table.mounts, *table.views.values()):
            for row in rows:
                yield "mount", row.parent_id
                yield "mount", row.mount_id
                groups = (row.shared, row.master, row.propagate_from)
                yield from (("group", group) for group in groups if group)
                if row.dev.startswith("0:"):
                    yield "dev", row.dev


def numbers_of(machine: SimulatorBackend) -> Numbers:
    """The learner's numbers for all that a machine has shown, line by line."""
    numbers = Numbers()
    twin = machine.fresh()
    numbers.meet(twin.tables())
    for ran in machine.history:
        twin.open(ran.shell)
        twin.run(ran.shell, ran.line)
        tables = twin.tables()
        numbers.meet(tables)
        numbers.part(tables)
    return numbers
