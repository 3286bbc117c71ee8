"""Where a mount that is made later would arrive: read from the tags of mount tables alone.

A mount is told to its peers and to the slaves of its group; a slave that is shared tells its own group.
So a level can ask for the effect ("c1 hears host") and leave the way to it to the learner.
"""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.mountinfo import MountInfo
from mountlab.shell.backend import NamespaceTable, table_of
from mountlab.shell.lookup import find

End = tuple[str, str]
"""A terminal and a path in it."""


def hears(tables: Sequence[NamespaceTable], receiver: End, sender: End) -> bool:
    """Whether what is mounted below the sender's directory would appear below the receiver's."""
    found = [find(table_of(tables, shell) or (), path) for shell, path in (receiver, sender)]
    here, there = found
    if here is None or there is None:
        return False
    if (here.mount.dev, here.inside) != (there.mount.dev, there.inside):
        return False
    if here.mount.mount_id == there.mount.mount_id:
        return True
    groups = groups_reached(tables, there.mount)
    return here.mount.shared in groups or here.mount.master in groups


def groups_reached(tables: Sequence[NamespaceTable], sender: MountInfo) -> set[int]:
    """The peer groups that a mount tells: its own, those of slaves that are shared, and so on."""
    reached = {sender.shared} if sender.shared else set[int]()
    rows = [row for table in tables for seen in (table.mounts, *table.views.values()) for row in seen]
    links = {(row.master, row.shared) for row in rows if row.master and row.shared}
    while more := {group for master, group in links if master in reached and group not in reached}:
        reached |= more
    return reached
