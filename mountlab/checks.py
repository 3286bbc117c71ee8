"""Questions that several system calls ask before they do anything."""

from __future__ import annotations

from mountlab.errors import MountError
from mountlab.model import (
    MOUNT_MAX,
    MS_NOATIME,
    MS_NODEV,
    MS_NODIRATIME,
    MS_NOEXEC,
    MS_NOSUID,
    MS_NOSYMFOLLOW,
    MS_RDONLY,
    MS_RELATIME,
    MS_STRICTATIME,
    Filesystem,
    Task,
    Vfs,
)  # fmt: skip
from mountlab.propagation import no_space
from mountlab.resolve import VfsPath, follow_mounts

MOUNT_FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW | MS_NODIRATIME


def require_admin(vfs: Vfs, task: Task, rule: str) -> None:
    """EPERM unless the process is administrator of its mount namespace (may_mount)."""
    if not vfs.is_capable(task, vfs.namespaces[task.namespace].userns):
        raise MountError(
            "EPERM", rule, "needs CAP_SYS_ADMIN in the user namespace that owns this mount namespace"
        )


def invalid(rule: str, sentence: str) -> MountError:
    """EINVAL, the kernel's answer to most of what makes no sense."""
    return MountError("EINVAL", rule, sentence)


def is_mount_root(vfs: Vfs, path: VfsPath) -> bool:
    """Whether the path is the root of a mount, not a plain directory or file in it (path_mounted)."""
    return vfs.mounts[path.mount].root == path.dentry


def lock_mount(vfs: Vfs, path: VfsPath) -> VfsPath:
    """Where a mount on this path really goes: on top of whatever stands there (LOCK_MOUNT)."""
    top = follow_mounts(vfs, *path)
    detached = vfs.mounts[path.mount].namespace is None and "detached-foreign" not in vfs.quirks
    if vfs.dentries[top.dentry].unlinked or detached:
        raise MountError("ENOENT", "mount.gone", "the mountpoint was removed, or its mount is detached")
    return top


def require_own(vfs: Vfs, task: Task, mount_id: int) -> None:
    """EINVAL unless the mount belongs to the process's own namespace (check_mnt)."""
    if vfs.mounts[mount_id].namespace != task.namespace:
        raise invalid("mount.foreign", "that mount belongs to another mount namespace")


def require_same_kind(vfs: Vfs, source: int, mountpoint: int) -> None:
    """ENOTDIR unless both are directories or both are files."""
    if (vfs.dentries[source].kind == "dir") != (vfs.dentries[mountpoint].kind == "dir"):
        raise MountError("ENOTDIR", "mount.kind", "a directory mounts on a directory, a file on a file")


def mount_flags(flags: int) -> int:
    """The per-mount part of mount(2)'s flags; relatime unless told otherwise."""
    kept = flags & MOUNT_FLAGS
    if flags & MS_NOATIME:
        kept |= MS_NOATIME
    elif not flags & MS_STRICTATIME:
        kept |= MS_RELATIME
    return kept


def require_quiet(vfs: Vfs, fs: Filesystem, read_only: bool) -> None:
    """EBUSY for read-only while something that was removed is still held (sb_prepare_remount_readonly)."""
    if not read_only or fs.read_only:
        return
    held = {row.root for row in vfs.mounts.values() if row.fs == fs.id}
    for task in vfs.tasks.values():
        held |= {task.root_dentry, task.cwd_dentry}
    if any(vfs.dentries[dentry].unlinked and vfs.dentries[dentry].fs == fs.id for dentry in held):
        raise MountError("EBUSY", "remount.removed", "a removed file or directory of it is still in use")


def require_room(vfs: Vfs, namespace: int, mounts: int) -> None:
    """ENOSPC when the namespace cannot take that many more mounts (count_mounts)."""
    if len(vfs.members[namespace]) + mounts > MOUNT_MAX:
        raise no_space()
