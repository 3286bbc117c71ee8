"""Puts mounts where they are wanted: a new filesystem, a bind, a move."""

from __future__ import annotations

from mountlab.apply import Recorder
from mountlab.checks import (
    invalid,
    is_mount_root,
    lock_mount,
    mount_flags,
    require_own,
    require_room,
    require_same_kind,
)
from mountlab.errors import MountError
from mountlab.events import Cloned, FilesystemCreated, Mounted, Moved
from mountlab.filesystems import new_filesystem
from mountlab.model import MS_RDONLY, Filesystem, Mount, Task, Vfs
from mountlab.nsfs import behind_link, file_of, require_newer
from mountlab.overlay import overlay
from mountlab.propagation import Branch, Copier, copy_of, tree_shape
from mountlab.resolve import VfsPath, resolve


def new(
    rec: Recorder, task: Task, source: str, at: VfsPath, fstype: str | None, flags: int, data: str
) -> None:
    """Attach a new filesystem (do_new_mount, do_add_mount)."""
    vfs = rec.vfs
    fs, root_kind, event = _instance(vfs, task, source, fstype, flags, data)
    dest = lock_mount(vfs, at)
    require_own(vfs, task, dest.mount)
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


def _instance(
    vfs: Vfs, task: Task, source: str, fstype: str | None, flags: int, data: str
) -> tuple[Filesystem, str, FilesystemCreated | None]:
    """What is to be attached, as `new_filesystem` tells it; an overlay is made of directories."""
    if fstype != "overlay":
        return new_filesystem(vfs, task, source, fstype, flags, data)
    event = overlay(vfs, task, source, data, bool(flags & MS_RDONLY))
    return event.filesystem, "dir", event


def _spread(
    rec: Recorder, shape: list[Branch], source: list[int], dest: VfsPath, task: Task, moving: bool
) -> None:
    """What is attached to a shared mount becomes shared, and goes to all who listen."""
    userns = rec.vfs.namespaces[task.namespace].userns
    Copier(rec, shape, source, dest.mount, userns).propagate(dest.dentry, moving=moving)


def bind(rec: Recorder, task: Task, source: str, at: VfsPath, recursive: bool) -> None:
    """Show a directory or file at a second place, with or without what is mounted below (do_loopback)."""
    vfs = rec.vfs
    if not source:
        raise invalid("bind.source", "a bind mount needs a source path")
    linked = behind_link(vfs, task, source)
    if linked is not None:
        _bind_namespace(rec, task, linked, at)
        return
    origin = resolve(vfs, task, source)
    held = vfs.dentries[origin.dentry].namespace
    if held is not None:
        require_newer(task, held)
    dest = lock_mount(vfs, at)
    require_own(vfs, task, dest.mount)
    old = vfs.mounts[origin.mount]
    if old.unbindable:
        raise invalid("bind.unbindable", "the source is unbindable: it cannot be bound")
    if held is None:
        require_own(vfs, task, origin.mount)
    if recursive:
        shape = tree_shape(vfs, origin.mount, origin.dentry)
    elif _has_locked_children(vfs, origin):
        raise invalid("bind.locked", "a plain bind would uncover what a locked mount hides: bind recursively")
    else:
        shape = [Branch(origin.mount, -1, origin.dentry)]
    require_same_kind(vfs, origin.dentry, dest.dentry)
    _require_present(vfs, _top_of_shape(vfs, shape))
    require_room(vfs, task.namespace, len(shape))
    made: list[int] = []
    for index, branch in enumerate(shape):
        parent = dest.mount if index == 0 else made[branch.parent]
        mountpoint = dest.dentry if index == 0 else branch.mountpoint
        root = origin.dentry if index == 0 else None
        row = copy_of(vfs, branch.mount, parent, mountpoint, task.namespace, False, False, index > 0, root)
        rec(Cloned(row, branch.mount, False, "rbind" if recursive else "bind"))
        made.append(row.mount_id)
    if vfs.mounts[dest.mount].peer_group:
        _spread(rec, shape, made, dest, task, moving=False)


def _bind_namespace(rec: Recorder, task: Task, namespace: int, at: VfsPath) -> None:
    """Bind a namespace's file from /proc: the kernel's own mount of it is in no namespace."""
    vfs = rec.vfs
    require_newer(task, namespace)
    dest = lock_mount(vfs, at)
    require_own(vfs, task, dest.mount)
    file = file_of(rec, namespace)
    require_same_kind(vfs, file.id, dest.dentry)
    require_room(vfs, task.namespace, 1)
    number = vfs.counters["mount"]
    row = Mount(
        number, dest.mount, file.fs, file.id, dest.dentry, task.namespace, 0, 0, False,
        0, False, 0, "nsfs", number,
    )  # fmt: skip
    rec(Mounted(row, "bind.namespace"))
    if vfs.mounts[dest.mount].peer_group:
        _spread(rec, [Branch(number, -1, file.id)], [number], dest, task, moving=False)


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
    if len(vfs.userns) == 1:  # nothing is ever locked where there is one user namespace only
        return False
    return any(
        vfs.mounts[child].locked and vfs.is_below(mountpoint, path.dentry)
        for mountpoint, child in vfs.kids.get(path.mount, {}).items()
    )


def move(rec: Recorder, task: Task, source: str, at: VfsPath) -> None:
    """Take a mount with all below it from one mountpoint to another (do_move_mount)."""
    vfs = rec.vfs
    if not source:
        raise invalid("move.source", "a move needs a source path")
    origin = resolve(vfs, task, source)
    if not is_mount_root(vfs, origin):
        raise invalid("move.notmount", "only a mount can be moved: the source is a plain directory or file")
    if (vfs.dentries[origin.dentry].kind == "dir") != (vfs.dentries[at.dentry].kind == "dir"):
        raise invalid("move.kind", "a directory moves onto a directory, a file onto a file")
    dest = lock_mount(vfs, at)
    moving = vfs.mounts[origin.mount]
    require_own(vfs, task, origin.mount)
    if moving.parent_id == moving.mount_id or moving.locked:
        raise invalid("move.locked", "the mount may not leave its place: it is locked, or the root of all")
    if vfs.mounts[moving.parent_id].peer_group:
        raise invalid("move.shared-parent", "a mount that stands on a shared mount cannot be moved")
    require_own(vfs, task, dest.mount)
    tree = list(vfs.subtree(origin.mount))
    shared = vfs.mounts[dest.mount].peer_group != 0
    if shared and any(vfs.mounts[member].unbindable for member in tree):
        raise invalid("move.unbindable", "a tree with an unbindable mount cannot move onto a shared mount")
    if dest.mount in tree:
        raise MountError("ELOOP", "move.loop", "a mount cannot move below itself")
    _require_present(vfs, vfs.mounts[vfs.topmost(origin.mount)].root)
    if shared:
        index = {member: number for number, member in enumerate(tree)}
        rows = vfs.mounts
        shape = [Branch(m, index.get(rows[m].parent_id, -1), rows[m].mountpoint) for m in tree]
        _spread(rec, shape, tree, dest, task, moving=True)
    rec(Moved(origin.mount, dest.mount, dest.dentry, vfs.counters["mount"]))
