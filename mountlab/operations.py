"""The system calls that change mounts: mount(2), umount2(2) and pivot_root(2).

Each function checks as the kernel checks, in the kernel's order, and then records events.  When
a check fails nothing has been recorded but the refusal.
"""

from __future__ import annotations

from mountlab.errors import MountError
from mountlab.events import (
    Cloned,
    FilesystemChanged,
    FlagsChanged,
    LeftGroup,
    LocksChanged,
    MasterChanged,
    Mounted,
    Moved,
    Recorder,
    TaskChanged,
    UnbindableChanged,
)
from mountlab.filesystems import new_filesystem, reconfigured
from mountlab.model import (
    ATIME_FLAGS,
    MNT_DETACH,
    MNT_FORCE,
    MOUNT_MAX,
    MS_BIND,
    MS_MOVE,
    MS_NOATIME,
    MS_NODEV,
    MS_NODIRATIME,
    MS_NOEXEC,
    MS_NOSUID,
    MS_NOSYMFOLLOW,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_RELATIME,
    MS_REMOUNT,
    MS_SHARED,
    MS_SILENT,
    MS_SLAVE,
    MS_STRICTATIME,
    MS_UNBINDABLE,
    PROPAGATION_FLAGS,
    UMOUNT_NOFOLLOW,
    Filesystem,
    Mount,
    Task,
    Vfs,
)
from mountlab.propagation import Branch, Copier, copy_of, no_space, share_tree, tree_shape
from mountlab.resolve import VfsPath, follow_mounts, is_reachable, resolve, resolve_dir
from mountlab.unmount import hand_over_slaves, is_busy, umount_tree

MOUNT_FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW | MS_NODIRATIME


def mount(rec: Recorder, task: Task, source: str, target: str, fstype: str | None, flags: int, data: str) -> None:
    """mount(2): one system call that does six things, told apart by its flags (path_mount).

    Raises:
        MountError: as mount(2) fails.
    """
    vfs = rec.vfs
    at = resolve(vfs, task, target)
    require_admin(vfs, task, "mount.permission")
    if flags & MS_REMOUNT:
        if flags & MS_BIND:
            _reconfigure_mount(rec, task, at, flags)
        else:
            _reconfigure_filesystem(rec, task, at, flags, data)
    elif flags & MS_BIND:
        _bind(rec, task, source, at, bool(flags & MS_REC))
    elif flags & PROPAGATION_FLAGS:
        _change_type(rec, task, at, flags)
    elif flags & MS_MOVE:
        _move(rec, task, source, at)
    else:
        _new(rec, task, source, at, fstype, flags, data)


def require_admin(vfs: Vfs, task: Task, rule: str) -> None:
    """EPERM unless the process is administrator of its mount namespace (may_mount)."""
    if not vfs.is_capable(task, vfs.namespaces[task.namespace].userns):
        raise MountError("EPERM", rule, "needs CAP_SYS_ADMIN in the user namespace that owns this mount namespace")


def _invalid(rule: str, sentence: str) -> MountError:
    return MountError("EINVAL", rule, sentence)


def is_mount_root(vfs: Vfs, path: VfsPath) -> bool:
    """Whether the path is the root of a mount, not a plain directory or file in it (path_mounted)."""
    return vfs.mounts[path.mount].root == path.dentry


def _lock_mount(vfs: Vfs, path: VfsPath) -> VfsPath:
    """Where a mount on this path really goes: on top of whatever stands there (LOCK_MOUNT)."""
    top = follow_mounts(vfs, *path)
    if vfs.dentries[top.dentry].unlinked or vfs.mounts[path.mount].namespace is None:
        raise MountError("ENOENT", "mount.gone", "the mountpoint was removed, or its mount is detached")
    return top


def _require_own(vfs: Vfs, task: Task, mount_id: int) -> None:
    if vfs.mounts[mount_id].namespace != task.namespace:
        raise _invalid("mount.foreign", "that mount belongs to another mount namespace")


def _require_same_kind(vfs: Vfs, source: int, mountpoint: int) -> None:
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


def _new(rec: Recorder, task: Task, source: str, at: VfsPath, fstype: str | None, flags: int, data: str) -> None:
    """Attach a new filesystem (do_new_mount, do_add_mount)."""
    vfs = rec.vfs
    fs, root_kind, event = new_filesystem(vfs, task, source, fstype, flags, data)
    dest = _lock_mount(vfs, at)
    _require_own(vfs, task, dest.mount)
    parent = vfs.mounts[dest.mount]
    if parent.fs == fs.id and parent.root == dest.dentry:
        raise MountError("EBUSY", "mount.same", "this filesystem is the one that is already mounted there")
    if root_kind != vfs.dentries[dest.dentry].kind:
        raise MountError("ENOTDIR", "mount.kind", "a directory mounts on a directory, a file on a file")
    require_room(vfs, task.namespace, 1)
    if event is not None:
        rec(event)
    number = vfs.counters["mount"]
    row = Mount(
        number, dest.mount, fs.id, fs.root, dest.dentry, task.namespace, 0, 0, False,
        mount_flags(flags), False, 0, source, number,
    )  # fmt: skip
    rec(Mounted(row))
    if parent.peer_group:
        _spread(rec, [Branch(number, -1, fs.root)], [number], dest, task, moving=False)


def require_room(vfs: Vfs, namespace: int, mounts: int) -> None:
    """ENOSPC when the namespace cannot take that many more mounts (count_mounts)."""
    if len(vfs.members[namespace]) + mounts > MOUNT_MAX:
        raise no_space()


def _spread(rec: Recorder, shape: list[Branch], source: list[int], dest: VfsPath, task: Task, moving: bool) -> None:
    """What is attached to a shared mount becomes shared, and goes to all who listen."""
    userns = rec.vfs.namespaces[task.namespace].userns
    Copier(rec, shape, source, dest.mount, userns).propagate(dest.dentry, moving=moving)


def _bind(rec: Recorder, task: Task, source: str, at: VfsPath, recursive: bool) -> None:
    """Show a directory or file at a second place, with or without what is mounted below (do_loopback)."""
    vfs = rec.vfs
    if not source:
        raise _invalid("bind.source", "a bind mount needs a source path")
    origin = resolve(vfs, task, source)
    dest = _lock_mount(vfs, at)
    _require_own(vfs, task, dest.mount)
    old = vfs.mounts[origin.mount]
    if old.unbindable:
        raise _invalid("bind.unbindable", "the source is unbindable: it cannot be bound")
    _require_own(vfs, task, origin.mount)
    if recursive:
        shape = tree_shape(vfs, origin.mount, origin.dentry)
    elif _has_locked_children(vfs, origin):
        raise _invalid("bind.locked", "a plain bind would uncover what a locked mount hides: bind recursively")
    else:
        shape = [Branch(origin.mount, -1, origin.dentry)]
    _require_same_kind(vfs, origin.dentry, dest.dentry)
    _require_present(vfs, _top_of_shape(vfs, shape))
    require_room(vfs, task.namespace, len(shape))
    made: list[int] = []
    for index, branch in enumerate(shape):
        parent = dest.mount if index == 0 else made[branch.parent]
        mountpoint = dest.dentry if index == 0 else branch.mountpoint
        row = copy_of(vfs, branch.mount, parent, mountpoint, task.namespace, False, False, index > 0)
        if index == 0 and origin.dentry != old.root:
            row = row._replace(root=origin.dentry)
        rec(Cloned(row, branch.mount, False, "rbind" if recursive else "bind"))
        made.append(row.mount_id)
    if vfs.mounts[dest.mount].peer_group:
        _spread(rec, shape, made, dest, task, moving=False)


def _top_of_shape(vfs: Vfs, shape: list[Branch]) -> int:
    """The root dentry on top of the stack of overmounts with which a copied tree begins."""
    top, dentry = 0, shape[0].mountpoint
    for index, branch in enumerate(shape):
        if branch.parent == top and branch.mountpoint == dentry and index:
            top, dentry = index, vfs.mounts[branch.mount].root
    return dentry


def _require_present(vfs: Vfs, dentry: int) -> None:
    """ENOENT when what would be attached was removed (get_mountpoint in attach_recursive_mnt)."""
    if vfs.dentries[dentry].unlinked:
        raise MountError("ENOENT", "mount.deleted", "what would be mounted was removed")


def _has_locked_children(vfs: Vfs, path: VfsPath) -> bool:
    return any(
        vfs.mounts[child].locked and vfs.is_below(mountpoint, path.dentry)
        for mountpoint, child in vfs.kids.get(path.mount, {}).items()
    )


def _move(rec: Recorder, task: Task, source: str, at: VfsPath) -> None:
    """Take a mount with all below it from one mountpoint to another (do_move_mount)."""
    vfs = rec.vfs
    if not source:
        raise _invalid("move.source", "a move needs a source path")
    origin = resolve(vfs, task, source)
    if not is_mount_root(vfs, origin):
        raise _invalid("move.notmount", "only a mount can be moved: the source is a plain directory or file")
    if (vfs.dentries[origin.dentry].kind == "dir") != (vfs.dentries[at.dentry].kind == "dir"):
        raise _invalid("move.kind", "a directory moves onto a directory, a file onto a file")
    dest = _lock_mount(vfs, at)
    moving = vfs.mounts[origin.mount]
    _require_own(vfs, task, origin.mount)
    if moving.parent_id == moving.mount_id or moving.locked:
        raise _invalid("move.locked", "the mount may not leave its place: it is locked, or the root of all")
    if vfs.mounts[moving.parent_id].peer_group:
        raise _invalid("move.shared-parent", "a mount that stands on a shared mount cannot be moved")
    _require_own(vfs, task, dest.mount)
    tree = list(vfs.subtree(origin.mount))
    shared = vfs.mounts[dest.mount].peer_group != 0
    if shared and any(vfs.mounts[member].unbindable for member in tree):
        raise _invalid("move.unbindable", "a tree with an unbindable mount cannot move onto a shared mount")
    if dest.mount in tree:
        raise MountError("ELOOP", "move.loop", "a mount cannot move below itself")
    _require_present(vfs, vfs.mounts[vfs.topmost(origin.mount)].root)
    if shared:
        index = {member: number for number, member in enumerate(tree)}
        rows = vfs.mounts
        shape = [Branch(m, index.get(rows[m].parent_id, -1), rows[m].mountpoint) for m in tree]
        _spread(rec, shape, tree, dest, task, moving=True)
    rec(Moved(origin.mount, dest.mount, dest.dentry, vfs.counters["mount"]))


def _change_type(rec: Recorder, task: Task, at: VfsPath, flags: int) -> None:
    """Make mounts shared, slave, private or unbindable (do_change_type)."""
    vfs = rec.vfs
    if not is_mount_root(vfs, at):
        raise _invalid("make.notmount", "propagation belongs to a mount, and this is a plain directory or file")
    kind = flags & ~(MS_REC | MS_SILENT)
    if kind & ~PROPAGATION_FLAGS or kind & (kind - 1):
        raise _invalid("make.words", "exactly one of shared, slave, private, unbindable")
    namespace = vfs.mounts[at.mount].namespace
    if namespace is None:
        raise _invalid("make.detached", "the mount is detached: it belongs to no namespace")
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
    heir = vfs.slave_of.get(mount_id)
    if vfs.mounts[mount_id].peer_group:
        heir = vfs.next_peer.get(mount_id, heir)
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
    _require_own(vfs, task, at.mount)
    if not is_mount_root(vfs, at):
        raise _invalid("remount.notmount", "only a mount can be remounted: this is a plain directory or file")
    row = vfs.mounts[at.mount]
    locked = row.locked_flags
    if (row.flags ^ flags) & locked & ATIME_FLAGS or locked & ~ATIME_FLAGS & ~flags:
        raise MountError("EPERM", "remount.locked", "a more privileged namespace set these flags: they are locked")
    return row


def _reconfigure_mount(rec: Recorder, task: Task, at: VfsPath, flags: int) -> None:
    """``remount,bind``: change the flags of this one mount (do_reconfigure_mnt)."""
    wanted = _remount_flags(rec.vfs.mounts[at.mount], flags)
    row = _require_changeable(rec.vfs, task, at, wanted)
    if row.flags != wanted:
        rec(FlagsChanged(at.mount, wanted))


def _reconfigure_filesystem(rec: Recorder, task: Task, at: VfsPath, flags: int, data: str) -> None:
    """``remount``: change the filesystem for all its mounts, and the flags of this one (do_remount)."""
    vfs = rec.vfs
    wanted = _remount_flags(vfs.mounts[at.mount], flags)
    row = _require_changeable(vfs, task, at, wanted)
    fs = vfs.filesystems[row.fs]
    changed = reconfigured(fs, bool(flags & MS_RDONLY), data)
    if not vfs.is_capable(task, fs.userns):
        raise MountError("EPERM", "remount.permission", "the filesystem belongs to a more privileged user namespace")
    _require_quiet(vfs, fs, changed.read_only)
    if changed != fs:
        rec(FilesystemChanged(changed))
    if row.flags != wanted:
        rec(FlagsChanged(at.mount, wanted, "remount.superblock"))


def _require_quiet(vfs: Vfs, fs: Filesystem, read_only: bool) -> None:
    """EBUSY for read-only while something that was removed is still held (sb_prepare_remount_readonly)."""
    if not read_only or fs.read_only:
        return
    held = {row.root for row in vfs.mounts.values() if row.fs == fs.id}
    for task in vfs.tasks.values():
        held |= {task.root_dentry, task.cwd_dentry}
    if any(vfs.dentries[dentry].unlinked and vfs.dentries[dentry].fs == fs.id for dentry in held):
        raise MountError("EBUSY", "remount.removed", "a removed file or directory of it is still in use")


def umount(rec: Recorder, task: Task, target: str, flags: int) -> None:
    """umount2(2): take away the mount whose root the path is, and its propagated copies.

    Raises:
        MountError: EBUSY, EINVAL, EPERM, and what walking the path raises.
    """
    vfs = rec.vfs
    if flags & ~(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW):
        raise _invalid("umount.flags", "unknown flags")
    at = follow_mounts(vfs, *resolve(vfs, task, target))
    require_admin(vfs, task, "umount.permission")
    if not is_mount_root(vfs, at):
        raise _invalid("umount.notmount", "not mounted: a plain directory or file")
    _require_own(vfs, task, at.mount)
    row = vfs.mounts[at.mount]
    if row.locked:
        raise _invalid("umount.locked", "the mount is locked: it came from a more privileged namespace")
    if at.mount == task.root_mount and not flags & MNT_DETACH:
        _umount_root(rec, task, row)
        return
    if row.parent_id == at.mount:
        raise _invalid("umount.root", "the root of all cannot be unmounted")
    if not flags & MNT_DETACH:
        busy = is_busy(vfs, at.mount)
        if busy is not None:
            raise MountError("EBUSY", "umount.busy", _why_busy(vfs, at.mount, busy))
    umount_tree(rec, at.mount, propagate=True, lazy=bool(flags & MNT_DETACH))


def _why_busy(vfs: Vfs, wanted: int, busy: int) -> str:
    if busy != wanted:
        return "a process stands in a copy of it, in another place, which would go too"
    return "something is mounted below it" if vfs.kids.get(busy) else "a process has its working directory or root in it"


def _umount_root(rec: Recorder, task: Task, row: Mount) -> None:
    """A process that unmounts its own root makes that filesystem read-only instead (do_umount_root)."""
    fs = rec.vfs.filesystems[row.fs]
    if not rec.vfs.is_capable(task, fs.userns):
        raise MountError("EPERM", "umount.permission", "the root filesystem belongs to a more privileged user namespace")
    _require_quiet(rec.vfs, fs, True)
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
    old = _lock_mount(vfs, resolve_dir(vfs, task, put_old))
    rows = vfs.mounts
    root, top = rows[task.root_mount], rows[new.mount]
    if any(rows[m].peer_group for m in (old.mount, top.parent_id, root.parent_id)):
        raise _invalid("pivot.shared", "the old root's parent, the new root's parent and the place for the old root must not be shared")
    _require_own(vfs, task, root.mount_id)
    _require_own(vfs, task, new.mount)
    if top.locked:
        raise _invalid("pivot.locked", "the new root is locked")
    if vfs.dentries[new.dentry].unlinked:
        raise MountError("ENOENT", "pivot.gone", "the new root was removed")
    if root.mount_id in (new.mount, old.mount):
        raise MountError("EBUSY", "pivot.same", "new root and the place for the old root must not be on the present root")
    if root.root != task.root_dentry or not is_mount_root(vfs, new):
        raise _invalid("pivot.notmount", "the present root and the new root must be mounts")
    if root.parent_id == root.mount_id or top.parent_id == top.mount_id:
        raise _invalid("pivot.absolute", "the root of all cannot be pivoted")
    inside = task._replace(root_mount=new.mount, root_dentry=new.dentry)
    if not _is_path_reachable(vfs, old, inside) or not is_reachable(vfs, task, new.mount):
        raise _invalid("pivot.unreachable", "the place for the old root must lie below the new root, and that below the present one")
    _exchange_roots(rec, task, root, top, old)


def _is_path_reachable(vfs: Vfs, path: VfsPath, task: Task) -> bool:
    mount_id, dentry = path
    while mount_id != task.root_mount:
        row = vfs.mounts[mount_id]
        if row.parent_id == mount_id:
            return False
        mount_id, dentry = row.parent_id, row.mountpoint
    return vfs.is_below(dentry, task.root_dentry)


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
        root_at = after if (other.root_mount, other.root_dentry) == before else (other.root_mount, other.root_dentry)
        cwd_at = after if (other.cwd_mount, other.cwd_dentry) == before else (other.cwd_mount, other.cwd_dentry)
        moved = other._replace(root_mount=root_at[0], root_dentry=root_at[1], cwd_mount=cwd_at[0], cwd_dentry=cwd_at[1])
        if moved != other:
            rec(TaskChanged(pid, moved, "pivot"))
