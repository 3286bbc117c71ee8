"""Changes the state as an event says: the only code that does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mountlab.events import (
    Cloned,
    DentryChanged,
    Detached,
    Event,
    FilesystemChanged,
    FilesystemCreated,
    FlagsChanged,
    Freed,
    JoinedGroup,
    LeftGroup,
    Listed,
    LocksChanged,
    MasterChanged,
    Mounted,
    Moved,
    NamespaceCreated,
    NamespaceEnded,
    Received,
    Refused,
    Reparented,
    Skipped,
    TaskChanged,
    Tucked,
    UnbindableChanged,
    UserNamespaceCreated,
)
from mountlab.model import MISSING, Mount, Vfs, inode_counter
from mountlab.peers import ring_insert, ring_remove, slave_insert_behind, slave_insert_first, slave_remove


def _row(vfs: Vfs, mount: int, **changes: Any) -> None:  # noqa: ANN401 - as NamedTuple._replace
    vfs.put(vfs.mounts, mount, vfs.mounts[mount]._replace(**changes))


def _count(vfs: Vfs, counter: object, used: int) -> None:
    if used >= vfs.counters[counter]:
        vfs.put(vfs.counters, counter, used + 1)


def _place(vfs: Vfs, mount: int, parent: int, mountpoint: int) -> None:
    """Enter a mount into its parent's children."""
    kids = vfs.kids.get(parent)
    if kids is None:
        kids = vfs.kids[parent] = {}
    vfs.put(kids, mountpoint, mount)


def _take(vfs: Vfs, mount: int) -> None:
    """Take a mount out of its parent's children, unless another one already has its place."""
    row = vfs.mounts[mount]
    kids = vfs.kids.get(row.parent_id)
    if kids and kids.get(row.mountpoint) == mount:
        vfs.drop(kids, row.mountpoint)


def _add(vfs: Vfs, row: Mount) -> None:
    """Enter a new mount everywhere; written out without `Vfs.put`, as it is done for every copy."""
    mount_id, parent, note = row.mount_id, row.parent_id, vfs.log.append
    note((vfs.mounts, mount_id, MISSING))
    vfs.mounts[mount_id] = row
    if row.namespace is not None:
        members = vfs.members[row.namespace]
        note((members, mount_id, MISSING))
        members[mount_id] = mount_id
    if parent != mount_id:
        kids = vfs.kids.get(parent)
        if kids is None:
            kids = vfs.kids[parent] = {}
        note((kids, row.mountpoint, kids.get(row.mountpoint, MISSING)))
        kids[row.mountpoint] = mount_id
    counters = vfs.counters
    note((counters, "mount", counters["mount"]))
    counters["mount"] = mount_id + 1


def _clone(vfs: Vfs, event: Cloned | Received) -> None:
    row, original = event.mount, event.original
    _add(vfs, row)
    group, mount_id = row.peer_group, row.mount_id
    source_group = vfs.mounts[original].peer_group
    if group:
        if group == source_group:
            ring_insert(vfs, mount_id, original)
        else:
            _count(vfs, "group", group)
    if event.slave and source_group:
        slave_insert_first(vfs, mount_id, original)
    elif original in vfs.slave_of:
        slave_insert_behind(vfs, mount_id, original)


def _filesystem_created(vfs: Vfs, event: FilesystemCreated) -> None:
    fs, root = event.filesystem, event.root
    vfs.put(vfs.filesystems, fs.id, fs)
    _count(vfs, "fs", fs.id)
    vfs.put(vfs.counters, inode_counter(fs), root.ino + 1)
    vfs.put(vfs.dentries, root.id, root)
    vfs.put(vfs.entries, root.id, {})
    _count(vfs, "dentry", root.id)
    for dentry in event.contents:
        _dentry(vfs, DentryChanged(dentry))


def _filesystem_changed(vfs: Vfs, event: FilesystemChanged) -> None:
    fs = event.filesystem
    vfs.put(vfs.filesystems, fs.id, fs)
    if fs.is_dead:
        vfs.put(vfs.dead, fs.root, fs.id)


def _attach(vfs: Vfs, event: Moved | Reparented) -> None:
    _take(vfs, event.mount)
    _row(vfs, event.mount, parent_id=event.parent, mountpoint=event.mountpoint, attached=event.attached)
    _place(vfs, event.mount, event.parent, event.mountpoint)
    _count(vfs, "mount", event.attached)


def _tucked(vfs: Vfs, event: Tucked) -> None:
    root = vfs.mounts[event.parent].root
    _attach(vfs, Moved(event.mount, event.parent, root, event.attached))


def _listed(vfs: Vfs, event: Listed) -> None:
    for place, mount in zip(sorted(event.mounts), event.mounts, strict=True):
        namespace = vfs.mounts[mount].namespace
        if namespace is not None:
            vfs.put(vfs.members[namespace], mount, place)


def _detached(vfs: Vfs, event: Detached) -> None:
    mount = event.mount
    row = vfs.mounts[mount]
    if row.namespace is not None:
        vfs.drop(vfs.members[row.namespace], mount)
    if event.connected:
        _row(vfs, mount, namespace=None)
        return
    _take(vfs, mount)
    _row(vfs, mount, namespace=None, parent_id=mount, mountpoint=row.root)


def _freed(vfs: Vfs, event: Freed) -> None:
    _take(vfs, event.mount)
    vfs.drop(vfs.mounts, event.mount)


def _joined(vfs: Vfs, event: JoinedGroup) -> None:
    _row(vfs, event.mount, peer_group=event.group, unbindable=False)
    _count(vfs, "group", event.group)


def _left(vfs: Vfs, event: LeftGroup) -> None:
    ring_remove(vfs, event.mount)
    _row(vfs, event.mount, peer_group=0)


def _master(vfs: Vfs, event: MasterChanged) -> None:
    slave_remove(vfs, event.mount)
    if event.master is None:
        _row(vfs, event.mount, master=0)
    else:
        slave_insert_first(vfs, event.mount, event.master)
        _row(vfs, event.mount, master=vfs.mounts[event.master].peer_group)


def _namespace_created(vfs: Vfs, event: NamespaceCreated) -> None:
    vfs.put(vfs.namespaces, event.namespace.id, event.namespace)
    vfs.put(vfs.members, event.namespace.id, {})
    _count(vfs, "ns", event.namespace.id)


def _namespace_ended(vfs: Vfs, event: NamespaceEnded) -> None:
    vfs.drop(vfs.namespaces, event.namespace)
    vfs.drop(vfs.members, event.namespace)
    if event.namespace in vfs.ns_files:
        vfs.drop(vfs.ns_files, event.namespace)


def _pin(vfs: Vfs, mount: int, change: int) -> None:
    count = vfs.pins.get(mount, 0) + change
    if count:
        vfs.put(vfs.pins, mount, count)
    else:
        vfs.drop(vfs.pins, mount)


def _task(vfs: Vfs, event: TaskChanged) -> None:
    old, new = vfs.tasks.get(event.pid), event.task
    if new is not None:
        vfs.put(vfs.tasks, event.pid, new)
        _count(vfs, "pid", event.pid)
        _pin(vfs, new.root_mount, 1)
        _pin(vfs, new.cwd_mount, 1)
    if old is not None:
        _pin(vfs, old.root_mount, -1)
        _pin(vfs, old.cwd_mount, -1)
        if new is None:
            vfs.drop(vfs.tasks, event.pid)


def _dentry(vfs: Vfs, event: DentryChanged) -> None:
    new = event.dentry
    old = vfs.dentries.get(new.id)
    vfs.put(vfs.dentries, new.id, new)
    if new.parent == new.id:  # the root directory has no name, and the file of a namespace no directory
        if new.namespace is not None and old is None:
            _count(vfs, "dentry", new.id)
            vfs.put(vfs.ns_files, new.namespace, new.id)
        return
    if old is not None and not old.unlinked:
        vfs.drop(vfs.entries[old.parent], old.name)
    if not new.unlinked:
        vfs.put(vfs.entries[new.parent], new.name, new.id)
    if old is None:
        _count(vfs, "dentry", new.id)
        _count(vfs, inode_counter(vfs.filesystems[new.fs]), new.ino)
        if new.kind == "dir":
            vfs.put(vfs.entries, new.id, {})


def _nothing(vfs: Vfs, event: Skipped | Refused) -> None:
    """Told, but without effect."""


_APPLY: dict[type, Callable[[Vfs, Any], None]] = {
    FilesystemCreated: _filesystem_created,
    FilesystemChanged: _filesystem_changed,
    Mounted: lambda vfs, e: _add(vfs, e.mount),
    Cloned: _clone,
    Received: _clone,
    Skipped: _nothing,
    Tucked: _tucked,
    Listed: _listed,
    Moved: _attach,
    Reparented: _attach,
    Detached: _detached,
    Freed: _freed,
    JoinedGroup: _joined,
    LeftGroup: _left,
    MasterChanged: _master,
    UnbindableChanged: lambda vfs, e: _row(vfs, e.mount, unbindable=e.unbindable),
    FlagsChanged: lambda vfs, e: _row(vfs, e.mount, flags=e.flags),
    LocksChanged: lambda vfs, e: _row(vfs, e.mount, locked=e.locked, locked_flags=e.locked_flags),
    NamespaceCreated: _namespace_created,
    NamespaceEnded: _namespace_ended,
    UserNamespaceCreated: lambda vfs, e: vfs.put(vfs.userns, e.userns.id, e.userns),
    TaskChanged: _task,
    DentryChanged: _dentry,
    Refused: _nothing,
}


def apply(vfs: Vfs, event: Event) -> Vfs:
    """Change the state as the event says (in place; `Vfs.rewind` takes it back) and return it."""
    _APPLY[event.__class__](vfs, event)
    return vfs


class Recorder:
    """Applies the events of one operation and keeps them, in order."""

    __slots__ = ("events", "vfs")

    def __init__(self, vfs: Vfs) -> None:
        self.vfs = vfs
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        _APPLY[event.__class__](self.vfs, event)
        self.events.append(event)
