"""The mount tables of a state, one for each column of the picture.

A mount namespace is a column.  Where several terminals in it see different tables (after a chroot), each
such view is a column of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mountlab.model import Task, Vfs
from mountlab.mountinfo import MountInfo
from mountlab.processes import FIRST, INITIAL
from mountlab.shell.backend import NamespaceTable
from mountlab.shell.holders import KINDS
from mountlab.table import rows_seen_by
from mountlab.view.words import say

Key = tuple[int, str | None]
"""Namespace, and the terminal whose view it is; None: the view of the first."""


class Table(NamedTuple):
    """What one column shows."""

    shells: tuple[str, ...]
    rows: Sequence[MountInfo]


Tables = Mapping[Key, Table]


def tables_of(seen: Iterable[NamespaceTable]) -> Tables:
    """The columns of what a backend shows."""
    columns: dict[Key, Table] = {}
    for table in seen:
        own = tuple(shell for shell in table.shells if shell not in table.views)
        names = (*own, *(f"{holder.kind} {holder.name}" for holder in table.holders))
        columns[table.id, None] = Table(names, table.mounts)
        columns |= {(table.id, shell): Table((shell,), rows) for shell, rows in table.views.items()}
    return columns


class Eye:
    """Reads the tables of a state that changes event by event, and only where it has changed."""

    def __init__(self, vfs: Vfs, is_terminal: Callable[[int], bool]) -> None:
        self.vfs, self.is_terminal = vfs, is_terminal
        """By pid: other processes (those of a snapshot) have no name in a picture."""
        self._columns: dict[int, dict[Key, Table]] = {}

    def look(self, touched: Iterable[int] | None = None) -> Tables:
        """All columns; with `touched` only these namespaces are read anew."""
        readers = self._readers()
        stale = set(readers) if touched is None else set(touched) | (set(readers) - set(self._columns))
        self._columns = {
            number: self._read(number, tasks) if number in stale else self._columns[number]
            for number, tasks in sorted(readers.items())
        }
        return self.seen()

    def seen(self) -> Tables:
        """All columns as they were read last."""
        return {key: table for columns in self._columns.values() for key, table in columns.items()}

    def _readers(self) -> dict[int, list[Task]]:
        """Every namespace that is shown, with the terminals in it; the initial one always."""
        readers: dict[int, list[Task]] = {INITIAL: []}
        readers |= {number: [] for number in self.vfs.namespaces if number not in readers}
        for task in self.vfs.tasks.values():
            if (self.is_terminal(task.pid) and not is_waiting(task)) or _is_named_holder(task):
                readers.setdefault(task.namespace, []).append(task)
        return {
            number: sorted(tasks, key=lambda task: not self.is_terminal(task.pid))
            for number, tasks in readers.items()
        }

    def _read(self, number: int, tasks: Sequence[Task]) -> dict[Key, Table]:
        if not tasks:
            reader = self._stranger(number)
            return {(number, None): Table((), rows_seen_by(self.vfs, reader) if reader else ())}
        seen: dict[Key, Table] = {}
        roots: dict[tuple[int, int], Key] = {}
        for task in tasks:
            root = (task.root_mount, task.root_dentry)
            if root not in roots:
                rows = rows_seen_by(self.vfs, task)
                same = next((key for key, table in seen.items() if table.rows == rows), None)
                roots[root] = same or (number, task.name if seen else None)
                seen.setdefault(roots[root], Table((), rows))
            key = roots[root]
            seen[key] = seen[key]._replace(shells=(*seen[key].shells, task.name))
        return seen

    def _stranger(self, number: int) -> Task | None:
        """A reader at the top of a namespace that no terminal is in; None while it is being made."""
        vfs = self.vfs
        root = vfs.namespaces[number].root
        if root not in vfs.mounts:
            return None
        top = vfs.topmost(root)
        dentry = vfs.mounts[top].root
        first = vfs.tasks[FIRST]
        return first._replace(namespace=number, root_mount=top, root_dentry=dentry)


def is_waiting(task: Task) -> bool:
    """Whether a terminal's process only waits until the terminal comes back out of a container."""
    return " " in task.name


def _is_named_holder(task: Task) -> bool:
    """Whether a process is what a container or a unit is known by; in the initial namespace nobody asks."""
    return task.namespace != INITIAL and task.name.partition(" ")[0] in KINDS


Recall = Callable[[str, Any], Any]
"""How a number of a kind ("mount", "group" or "dev") is told to the learner; None: not at all."""


def as_counted(_kind: str, number: object) -> object:
    """The simulator's own numbers."""
    return number


class Names:
    """How a person calls the mounts of some tables: ``host:/a``."""

    def __init__(self, tables: Tables, recall: Recall = as_counted) -> None:
        self._recall = recall
        self._known: dict[int, tuple[str, str]] = {}
        for (number, view), table in tables.items():
            shell = view or next(iter(table.shells), None) or say("namespace", number=number)
            for row in table.rows:
                self._known.setdefault(row.mount_id, (shell, row.mountpoint))

    def __contains__(self, mount: int) -> bool:
        return mount in self._known

    def of(self, mount: int) -> str:
        """The name of a mount; a few words for one that is not in the tables."""
        return ":".join(self._known[mount]) if mount in self._known else say("mount")

    def group(self, number: int) -> int:
        """The number of a peer group as it is told."""
        told: int | None = self._recall("group", number)
        return told or number
