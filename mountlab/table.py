"""The mount table as a process sees it: paths and numbers are relative to who reads."""

from __future__ import annotations

from mountlab.model import (
    MS_NOATIME,
    MS_NODEV,
    MS_NODIRATIME,
    MS_NOEXEC,
    MS_NOSUID,
    MS_NOSYMFOLLOW,
    MS_RDONLY,
    MS_RELATIME,
    Mount,
    Task,
    Vfs,
)
from mountlab.mountinfo import MountInfo
from mountlab.resolve import VfsPath, is_reachable

_FLAG_WORDS = (
    (MS_NOSUID, "nosuid"),
    (MS_NODEV, "nodev"),
    (MS_NOEXEC, "noexec"),
    (MS_NOATIME, "noatime"),
    (MS_NODIRATIME, "nodiratime"),
    (MS_RELATIME, "relatime"),
    (MS_NOSYMFOLLOW, "nosymfollow"),
)


def options_text(flags: int) -> str:
    """The options of a mount as column 6 prints them (fs/proc_namespace.c: show_mnt_opts)."""
    words = (word for bit, word in _FLAG_WORDS if flags & bit)
    return ",".join(["ro" if flags & MS_RDONLY else "rw", *words])


def table_order(vfs: Vfs, namespace: int) -> list[int]:
    """The mounts of a namespace in the order in mountinfo's order: by creation, or as a quirk has it."""
    places = vfs.members[namespace]
    return sorted(places, key=places.__getitem__)


def rows_seen_by(vfs: Vfs, task: Task, *, with_fixtures: bool = False) -> list[MountInfo]:
    """mountinfo of a process: what lies under its root, in order of creation.

    Rows of fixtures (the machine's own /proc and every copy of it) are left out unless asked for.
    """
    paths = _Paths(vfs, task)
    rows = []
    for mount_id in table_order(vfs, task.namespace):
        row = vfs.mounts[mount_id]
        if vfs.filesystems[row.fs].fixture and not with_fixtures:
            continue
        path = paths.of(mount_id)
        if path is not None:
            rows.append(_row(vfs, task, row, path))
    return rows


class _Paths:
    """Where the mounts of one table stand for one reader; what was found for a parent is used again."""

    def __init__(self, vfs: Vfs, task: Task) -> None:
        self.vfs, self.task = vfs, task
        self.known: dict[int, str | None] = {}

    def of(self, mount: int) -> str | None:
        """Path of a mount's root; None when the reader cannot see it."""
        chain: dict[int, None] = {}
        while mount not in self.known and mount != self.task.root_mount:
            chain[mount] = None
            parent = self.vfs.mounts[mount].parent_id
            if parent == mount:
                break
            if parent in chain:  # in the middle of pivot_root(2) the two roots hang on each other
                self.known.update(dict.fromkeys(chain))
                return None
            mount = parent
        for mount in reversed(chain):
            self.known[mount] = self._below_parent(mount)
        if mount == self.task.root_mount:
            return "/" if self.vfs.mounts[mount].root == self.task.root_dentry else None
        return self.known[mount]

    def _below_parent(self, mount: int) -> str | None:
        row = self.vfs.mounts[mount]
        if row.parent_id == mount:
            return None
        if row.parent_id == self.task.root_mount:
            top, base = self.task.root_dentry, ""
            if not self.vfs.is_below(row.mountpoint, top):
                return None
        else:
            top, above = self.vfs.mounts[row.parent_id].root, self.known[row.parent_id]
            if above is None:
                return None
            base = "" if above == "/" else above
        return base + self._inside(row.mountpoint, top) or "/"

    def _inside(self, dentry: int, top: int) -> str:
        names = []
        while dentry != top:
            entry = self.vfs.dentries[dentry]
            names.append("/" + entry.name)
            dentry = entry.parent
        return "".join(reversed(names))


def _row(vfs: Vfs, task: Task, row: Mount, path: str) -> MountInfo:
    fs = vfs.filesystems[row.fs]
    super_options = "ro" if fs.read_only else "rw"
    return MountInfo(
        row.mount_id, row.parent_id, fs.dev, vfs.path_in_fs(row.root), path, options_text(row.flags),
        row.peer_group or None, row.master or None, propagate_from(vfs, task, row), row.unbindable,
        fs.fstype, row.source, f"{super_options},{fs.options}" if fs.options else super_options,
    )  # fmt: skip


def propagate_from(vfs: Vfs, task: Task, row: Mount) -> int | None:
    """The nearest dominating peer group of which the reader sees a member, unless it is the master's.

    Source: mount_namespaces(7); fs/pnode.c: get_dominating_id.
    """
    if not row.master:
        return None
    master: int | None = vfs.slave_of[row.mount_id]
    while master is not None:
        for number in vfs.ring(master):
            peer = vfs.mounts[number]
            if peer.namespace == task.namespace and is_reachable(vfs, task, VfsPath(number, peer.root)):
                return peer.peer_group if peer.peer_group != row.master else None
        master = vfs.slave_of.get(master)
    return None
