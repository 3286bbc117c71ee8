"""What keeps mount namespaces alive besides shells: containers, units, mounts of their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mountlab.mountinfo import MountInfo
from mountlab.nsfs import number_of
from mountlab.shell.backend import Holder, NamespaceTable

KINDS = {":container": "container", ":unit": "unit"}
"""How a daemon's process is called, and what it holds its namespace as."""
_INITIAL = 1


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
        kind, _, name = process.partition(" ")
        if kind in KINDS and number in found and number != _INITIAL:
            found[number].append(Holder(KINDS[kind], name))
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
