"""Changes mounts where they stand: their propagation, their flags, their filesystem."""

from __future__ import annotations

from mountlab.apply import Recorder
from mountlab.checks import invalid, is_mount_root, mount_flags, require_own, require_quiet
from mountlab.errors import MountError
from mountlab.events import FilesystemChanged, FlagsChanged, LeftGroup, MasterChanged, UnbindableChanged
from mountlab.filesystems import reconfigured
from mountlab.model import (
    ATIME_FLAGS,
    MS_NOATIME,
    MS_NODIRATIME,
    MS_RDONLY,
    MS_REC,
    MS_RELATIME,
    MS_SHARED,
    MS_SILENT,
    MS_SLAVE,
    MS_STRICTATIME,
    MS_UNBINDABLE,
    PROPAGATION_FLAGS,
    Mount,
    Task,
    Vfs,
)  # fmt: skip
from mountlab.propagation import share_tree
from mountlab.resolve import VfsPath
from mountlab.unmount import hand_over_slaves, heir_of


def change_type(rec: Recorder, task: Task, at: VfsPath, flags: int) -> None:
    """Make mounts shared, slave, private or unbindable (do_change_type)."""
    vfs = rec.vfs
    if not is_mount_root(vfs, at):
        raise invalid(
            "make.notmount", "propagation belongs to a mount, and this is a plain directory or file"
        )
    kind = flags & ~(MS_REC | MS_SILENT)
    if kind & ~PROPAGATION_FLAGS or kind & (kind - 1):
        raise invalid("make.words", "exactly one of shared, slave, private, unbindable")
    namespace = vfs.mounts[at.mount].namespace
    if namespace is None:
        raise invalid("make.detached", "the mount is detached: it belongs to no namespace")
    if not vfs.is_capable(task, vfs.namespaces[namespace].userns):
        raise MountError("EPERM", "mount.permission", "needs CAP_SYS_ADMIN over the mount's namespace")
    mounts = list(vfs.subtree(at.mount)) if flags & MS_REC else [at.mount]
    if kind == MS_SHARED:
        share_tree(rec, mounts, "make.shared")
        return
    for mount_id in mounts:
        set_propagation(rec, mount_id, kind)


def set_propagation(rec: Recorder, mount_id: int, kind: int) -> None:
    """Make one mount slave, private or unbindable (change_mnt_propagation).

    A shared mount leaves its peer group; its slaves pass to the next peer, else to its own master.
    As a slave it then listens to that same mount.  Slave of nobody is private.
    """
    vfs = rec.vfs
    heir = heir_of(vfs, mount_id)
    if vfs.mounts[mount_id].peer_group:
        rec(LeftGroup(mount_id, "make.slave" if kind == MS_SLAVE else "make.private"))
        hand_over_slaves(rec, mount_id, heir)
    if kind == MS_SLAVE:
        if heir is not None:
            rec(MasterChanged(mount_id, heir, "make.slave"))
        return
    if mount_id in vfs.slave_of:
        rec(MasterChanged(mount_id, None, "make.private"))
    if vfs.mounts[mount_id].unbindable != (kind == MS_UNBINDABLE):
        rec(UnbindableChanged(mount_id, kind == MS_UNBINDABLE))


def _remount_flags(row: Mount, flags: int) -> int:
    """A remount that says nothing of access times keeps them."""
    if flags & (MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME):
        return mount_flags(flags)
    return (mount_flags(flags) & ~ATIME_FLAGS) | (row.flags & ATIME_FLAGS)


def _require_changeable(vfs: Vfs, task: Task, at: VfsPath, flags: int) -> Mount:
    require_own(vfs, task, at.mount)
    if not is_mount_root(vfs, at):
        raise invalid("remount.notmount", "only a mount can be remounted: this is a plain directory or file")
    row = vfs.mounts[at.mount]
    locked = row.locked_flags
    if (row.flags ^ flags) & locked & ATIME_FLAGS or locked & ~ATIME_FLAGS & ~flags:
        raise MountError(
            "EPERM", "remount.locked", "a more privileged namespace set these flags: they are locked"
        )
    return row


def reconfigure_mount(rec: Recorder, task: Task, at: VfsPath, flags: int) -> None:
    """``remount,bind``: change the flags of this one mount (do_reconfigure_mnt)."""
    wanted = _remount_flags(rec.vfs.mounts[at.mount], flags)
    row = _require_changeable(rec.vfs, task, at, wanted)
    if row.flags != wanted:
        rec(FlagsChanged(at.mount, wanted))


def reconfigure_filesystem(rec: Recorder, task: Task, at: VfsPath, flags: int, data: str) -> None:
    """``remount``: change the filesystem for all its mounts, and the flags of this one (do_remount)."""
    vfs = rec.vfs
    wanted = _remount_flags(vfs.mounts[at.mount], flags)
    row = _require_changeable(vfs, task, at, wanted)
    fs = vfs.filesystems[row.fs]
    changed = reconfigured(fs, bool(flags & MS_RDONLY), data)
    if not vfs.is_capable(task, fs.userns):
        raise MountError(
            "EPERM", "remount.permission", "the filesystem belongs to a more privileged user namespace"
        )
    require_quiet(vfs, fs, changed.read_only)
    if changed != fs:
        rec(FilesystemChanged(changed))
    if row.flags != wanted:
        rec(FlagsChanged(at.mount, wanted, "remount.superblock"))
