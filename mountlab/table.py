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
from mountlab.resolve import is_reachable, visible_path

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
    return ",".join(["ro" if flags & MS_RDONLY else "rw", *(word for bit, word in _FLAG_WORDS if flags & bit)])


def table_order(vfs: Vfs, namespace: int) -> list[int]:
    """The mounts of a namespace in the order in which mountinfo prints them: by creation."""
    return sorted(vfs.members[namespace])


def rows_seen_by(vfs: Vfs, task: Task, *, with_fixtures: bool = False) -> list[MountInfo]:
    """mountinfo of a process: what lies under its root, in order of creation.

    Rows of fixtures (the machine's own /proc and every copy of it) are left out unless asked for.
    """
    rows = []
    for mount_id in table_order(vfs, task.namespace):
        row = vfs.mounts[mount_id]
        if vfs.filesystems[row.fs].fixture and not with_fixtures:
            continue
        path = visible_path(vfs, task, mount_id, row.root)
        if path is not None:
            rows.append(_row(vfs, task, row, path))
    return rows


def _row(vfs: Vfs, task: Task, row: Mount, path: str) -> MountInfo:
    fs = vfs.filesystems[row.fs]
    super_options = "ro" if fs.read_only else "rw"
    return MountInfo(
        row.mount_id, row.parent_id, fs.dev, vfs.path_in_fs(row.root), path, options_text(row.flags),
        row.peer_group or None, row.master or None, propagate_from(vfs, task, row), row.unbindable,
        fs.fstype, row.source, f"{super_options},{fs.options}" if fs.options else super_options,
    )  # fmt: skip


def propagate_from(vfs: Vfs, task: Task, row: Mount) -> int | None:
    """The nearest dominating peer group with a member that the reader can see, unless it is the
    master itself (mount_namespaces(7); fs/pnode.c: get_dominating_id).
    """
    if not row.master:
        return None
    master: int | None = vfs.slave_of[row.mount_id]
    while master is not None:
        for peer in vfs.ring(master):
            if vfs.mounts[peer].namespace == task.namespace and is_reachable(vfs, task, peer):
                group = vfs.mounts[peer].peer_group
                return group if group != row.master else None
        master = vfs.slave_of.get(master)
    return None
