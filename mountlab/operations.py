"""The system calls that change mounts: mount(2), umount2(2) and pivot_root(2).

Each function checks as the kernel checks, in the kernel's order, and then records events.  When
a check fails nothing has been recorded but the refusal.
"""

from __future__ import annotations

from mountlab.apply import Recorder
from mountlab.attach import bind, move, new
from mountlab.change import change_type, reconfigure_filesystem, reconfigure_mount
from mountlab.checks import invalid, is_mount_root, lock_mount, require_admin, require_own, require_quiet
from mountlab.errors import MountError
from mountlab.events import FilesystemChanged, LocksChanged, Moved, TaskChanged
from mountlab.model import (
    MNT_DETACH,
    MNT_FORCE,
    MS_BIND,
    MS_MOVE,
    MS_REC,
    MS_REMOUNT,
    PROPAGATION_FLAGS,
    UMOUNT_NOFOLLOW,
    Mount,
    Task,
    Vfs,
)  # fmt: skip
from mountlab.resolve import VfsPath, follow_mounts, is_reachable, resolve, resolve_dir
from mountlab.unmount import is_busy, umount_tree


def mount(
    rec: Recorder, task: Task, source: str, target: str, fstype: str | None, flags: int, data: str
) -> None:
    """mount(2): one system call that does six things, told apart by its flags (path_mount).

    Raises:
        MountError: as mount(2) fails.
    """
    vfs = rec.vfs
    at = resolve(vfs, task, target)
    require_admin(vfs, task, "mount.permission")
    if flags & MS_REMOUNT:
        if flags & MS_BIND:
            reconfigure_mount(rec, task, at, flags)
        else:
            reconfigure_filesystem(rec, task, at, flags, data)
    elif flags & MS_BIND:
        bind(rec, task, source, at, bool(flags & MS_REC))
    elif flags & PROPAGATION_FLAGS:
        change_type(rec, task, at, flags)
    elif flags & MS_MOVE:
        move(rec, task, source, at)
    else:
        new(rec, task, source, at, fstype, flags, data)


def umount(rec: Recorder, task: Task, target: str, flags: int) -> None:
    """umount2(2): take away the mount whose root the path is, and its propagated copies.

    Raises:
        MountError: EBUSY, EINVAL, EPERM, and what walking the path raises.
    """
    vfs = rec.vfs
    if flags & ~(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW):
        raise invalid("umount.flags", "unknown flags")
    at = follow_mounts(vfs, *resolve(vfs, task, target))
    require_admin(vfs, task, "umount.permission")
    if not is_mount_root(vfs, at):
        raise invalid("umount.notmount", "not mounted: a plain directory or file")
    require_own(vfs, task, at.mount)
    row = vfs.mounts[at.mount]
    if row.locked:
        raise invalid("umount.locked", "the mount is locked: it came from a more privileged namespace")
    if at.mount == task.root_mount and not flags & MNT_DETACH:
        _umount_root(rec, task, row)
        return
    if row.parent_id == at.mount:
        raise invalid("umount.root", "the root of all cannot be unmounted")
    if not flags & MNT_DETACH:
        busy = is_busy(vfs, at.mount)
        if busy is not None:
            raise MountError("EBUSY", "umount.busy", _why_busy(vfs, at.mount, busy))
    umount_tree(rec, at.mount, propagate=True, lazy=bool(flags & MNT_DETACH))


def _why_busy(vfs: Vfs, wanted: int, busy: int) -> str:
    if busy != wanted:
        return "a process stands in a copy of it, in another place, which would go too"
    return (
        "something is mounted below it"
        if vfs.kids.get(busy)
        else "a process has its working directory or root in it"
    )


def _umount_root(rec: Recorder, task: Task, row: Mount) -> None:
    """A process that unmounts its own root makes that filesystem read-only instead (do_umount_root)."""
    fs = rec.vfs.filesystems[row.fs]
    if not rec.vfs.is_capable(task, fs.userns):
        raise MountError(
            "EPERM", "umount.permission", "the root filesystem belongs to a more privileged user namespace"
        )
    require_quiet(rec.vfs, fs, True)
    if not fs.read_only:
        rec(FilesystemChanged(fs._replace(read_only=True), "umount.root"))


def pivot_root(rec: Recorder, task: Task, new_root: str, put_old: str) -> None:
    """pivot_root(2): make a mount the root of the namespace, and hang the old root below it.

    Raises:
        MountError: EPERM, ENOENT, ENOTDIR, EINVAL, EBUSY.
    """
    vfs = rec.vfs
    require_admin(vfs, task, "pivot.permission")
    new = resolve_dir(vfs, task, new_root)
    old = lock_mount(vfs, resolve_dir(vfs, task, put_old))
    rows = vfs.mounts
    root, top = rows[task.root_mount], rows[new.mount]
    if any(rows[m].peer_group for m in (old.mount, top.parent_id, root.parent_id)):
        raise invalid(
            "pivot.shared",
            "the old root's parent, the new root's parent and the place for the old root must not be shared",
        )
    require_own(vfs, task, root.mount_id)
    require_own(vfs, task, new.mount)
    if top.locked:
        raise invalid("pivot.locked", "the new root is locked")
    if vfs.dentries[new.dentry].unlinked:
        raise MountError("ENOENT", "pivot.gone", "the new root was removed")
    if root.mount_id in (new.mount, old.mount):
        raise MountError(
            "EBUSY", "pivot.same", "new root and the place for the old root must not be on the present root"
        )
    if root.root != task.root_dentry or not is_mount_root(vfs, new):
        raise invalid("pivot.notmount", "the present root and the new root must be mounts")
    if root.parent_id == root.mount_id or top.parent_id == top.mount_id:
        raise invalid("pivot.absolute", "the root of all cannot be pivoted")
    inside = task._replace(root_mount=new.mount, root_dentry=new.dentry)
    if not is_reachable(vfs, inside, old) or not is_reachable(vfs, task, new):
        raise invalid(
            "pivot.unreachable",
            "the place for the old root must lie below the new root, and that below the present one",
        )
    _exchange_roots(rec, task, root, top, old)


def _exchange_roots(rec: Recorder, task: Task, root: Mount, top: Mount, old: VfsPath) -> None:
    vfs = rec.vfs
    if root.locked:
        rec(LocksChanged(top.mount_id, True, top.locked_flags, "pivot"))
        rec(LocksChanged(root.mount_id, False, root.locked_flags, "pivot"))
    rec(Moved(root.mount_id, old.mount, old.dentry, vfs.counters["mount"], "pivot"))
    rec(Moved(top.mount_id, root.parent_id, root.mountpoint, vfs.counters["mount"], "pivot"))
    before = (task.root_mount, task.root_dentry)
    after = (top.mount_id, top.root)
    for pid, other in list(vfs.tasks.items()):  # chroot_fs_refs: every process that had the old root
        root_at = (
            after
            if (other.root_mount, other.root_dentry) == before
            else (other.root_mount, other.root_dentry)
        )
        cwd_at = (
            after if (other.cwd_mount, other.cwd_dentry) == before else (other.cwd_mount, other.cwd_dentry)
        )
        moved = other._replace(
            root_mount=root_at[0], root_dentry=root_at[1], cwd_mount=cwd_at[0], cwd_dentry=cwd_at[1]
        )
        if moved != other:
            rec(TaskChanged(pid, moved, "pivot"))
