"""What keeps mount namespaces alive besides shells: mounts of their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mountlab.mountinfo import MountInfo
from mountlab.nsfs import number_of
from mountlab.shell.backend import Holder, NamespaceTable


def with_holders(tables: Sequence[NamespaceTable]) -> list[NamespaceTable]:
    """The tables, each with the paths at which its namespace's file is mounted in any of them."""
    roots = {f"mnt:[{number_of(table.id)}]": table.id for table in tables}
    found: dict[int, list[Holder]] = {table.id: [] for table in tables}
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
