"""What keeps mount namespaces alive besides shells: containers, units, mounts of their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mountlab.mountinfo import MountInfo
from mountlab.nsfs import number_of
from mountlab.processes import INITIAL
from mountlab.shell.backend import Holder, NamespaceTable

KINDS = ("container", "unit")
"""What a daemon's process holds a namespace as: the first word of its name."""


def with_holders(
    tables: Iterable[NamespaceTable], daemons: Mapping[str, int] | None = None
) -> list[NamespaceTable]:
    """The tables, each with what holds its namespace: containers and units, mounts of its file.

    Args:
        tables: of all namespaces.
        daemons: in which namespace the processes are that are no terminals, by name.  What is in the initial
            namespace does not count: that one never ends.
    """
    tables = list(tables)
    roots = {f"mnt:[{number_of(table.id)}]": table.id for table in tables}
    found: dict[int, list[Holder]] = {table.id: [] for table in tables}
    for process, number in (daemons or {}).items():
        kind, _, name = process.removeprefix(":").partition(" ")
        if kind in KINDS and number in found and number != INITIAL:
            found[number].append(Holder(kind, name))
    for table in tables:
        for row in _rows(table):
            if row.fstype == "nsfs" and row.root in roots:
                found[roots[row.root]].append(Holder("file", row.mountpoint))
    return [table._replace(holders=(*table.holders, *found[table.id])) for table in tables]


def _rows(table: NamespaceTable) -> Iterator[MountInfo]:
    """Every mount of the namespace that a shell of it sees, once."""
    seen: set[int] = set()
    for rows in (table.mounts, *table.views.values()):
        for row in rows:
            if row.mount_id not in seen:
                seen.add(row.mount_id)
                yield row
