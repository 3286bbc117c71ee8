"""What all namespaces of a snapshot are built on: the state as it grows, and numbers that are free."""

from __future__ import annotations

from typing import NamedTuple

from mountlab.model import Vfs
from mountlab.snapshot.format import Snapshot
from mountlab.snapshot.groups import Tags
from mountlab.snapshot.trees import Text, Trees

UNSEEN = "rootfs"
"""Type and source of what no table shows: what a namespace's ``/`` stands on."""


class Row(NamedTuple):
    """A mount that has its place: what is to become a row of the state."""

    parent: int
    fs: int
    root: int
    mountpoint: int
    namespace: int
    flags: int
    source: str
    rank: int
    """Its place in mountinfo, counted from 1."""


class Ground:
    """The state while it is built."""

    def __init__(self, snapshot: Snapshot, vfs: Vfs) -> None:
        self.vfs = vfs
        self.trees = Trees(vfs)
        self.remarks = self.trees.remarks
        self.texts: list[Text] = self.trees.read(snapshot.rows)
        """What the rows of the snapshot say."""
        self.rows: dict[int, Row] = {}
        self.kids: dict[int, dict[int, int]] = vfs.kids
        self.tags: Tags = {}
        self.unbindable: set[int] = set()
        self.dominating: dict[int, set[int]] = {}
        """Master group -> the groups that tables name as ``propagate_from`` of its slaves."""
        entries = [e for each in snapshot.namespaces for view in each.views for e in view.mounts]
        self.free = 1 + max((max(entry.mount, entry.parent) for entry in entries), default=0)
        """The next number that no mount of the snapshot has."""
        self.unseen_fs = self.trees.filesystem(self.trees.free_device(), UNSEEN, UNSEEN)

    def number(self) -> int:
        """A mount id that the snapshot does not use."""
        self.free += 1
        return self.free - 1

    def put(self, mount: int, row: Row) -> None:
        """Enter a mount, and its parent's child."""
        self.rows[mount] = row
        if row.parent != mount:
            self.kids.setdefault(row.parent, {})[row.mountpoint] = mount

    def unseen(self, mount: int, namespace: int, name: str = "") -> int:
        """A mount that no table shows and that stands on nothing: the bottom of a namespace."""
        root = self.trees.walk(self.vfs.filesystems[self.unseen_fs].root, name)
        self.put(mount, Row(mount, self.unseen_fs, root, root, namespace, 0, UNSEEN, 0))
        return mount

    def path_between(self, parent: int, child: int) -> str | None:
        """The names from one row's mountpoint down to another's; None when it does not lie below."""
        above, below = self.texts[parent].path, self.texts[child].path
        if below == above:
            return ""
        return below[len(above) :] if below.startswith(above + "/") else None
