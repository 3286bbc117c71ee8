"""What can happen to the state, and `apply`, the only code that changes it.

An operation decides; what it decides is a list of events; the new state is the fold of `apply`
over them.  So a trace can never disagree with the state.  Every event names the rule that made
it (`mountlab.rules`).  `Skipped` and `Refused` change nothing: they are kept because people ask
why NOTHING appeared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mountlab.model import Dentry, Filesystem, Mount, Namespace, Task, UserNamespace, Vfs


class FilesystemCreated(NamedTuple):
    """A filesystem instance came to be, with its root dentry and what it holds from the start."""

    filesystem: Filesystem
    root: Dentry
    contents: tuple[Dentry, ...] = ()
    rule: str = "mount.new"


class FilesystemChanged(NamedTuple):
    """The superblock itself changed: every mount of it is affected."""

    filesystem: Filesystem
    rule: str = "remount.superblock"


class Mounted(NamedTuple):
    """A new filesystem was attached."""

    mount: Mount
    rule: str = "mount.new"


class Cloned(NamedTuple):
    """A copy of a mount was made and put where its row says (bind, rbind, a copied tree)."""

    mount: Mount
    original: int
    slave: bool
    """The copy listens to the original instead of joining its peer group."""
    rule: str = "bind"


class Received(NamedTuple):
    """Propagation brought a copy to a receiver, the parent in the copy's row."""

    mount: Mount
    original: int
    slave: bool
    rule: str = "propagate.peer"


class Skipped(NamedTuple):
    """A mount in the propagation tree got no copy."""

    receiver: int
    rule: str


class Tucked(NamedTuple):
    """A mount that was already on the mountpoint now stands on top of the one that slipped beneath."""

    mount: int
    parent: int
    attached: int
    rule: str = "propagate.tuck"


class Moved(NamedTuple):
    """A mount was taken from its mountpoint and attached elsewhere."""

    mount: int
    parent: int
    mountpoint: int
    attached: int
    rule: str = "move"


class Reparented(NamedTuple):
    """What stood on a mount that goes away slid down to the mountpoint below."""

    mount: int
    parent: int
    mountpoint: int
    attached: int
    rule: str = "umount.slide"


class Detached(NamedTuple):
    """A mount left its namespace; ``connected``: it stays on its (detached) parent."""

    mount: int
    connected: bool
    rule: str = "umount"


class Freed(NamedTuple):
    """A detached mount that nobody holds any more ceased to exist."""

    mount: int
    rule: str = "umount.freed"


class JoinedGroup(NamedTuple):
    """A mount became shared, in a peer group of its own."""

    mount: int
    group: int
    rule: str = "make.shared"


class LeftGroup(NamedTuple):
    """A mount left its peer group; the group ends with its last member."""

    mount: int
    rule: str = "make.private"


class MasterChanged(NamedTuple):
    """A mount now listens to the peer group of another mount, or (None) to nobody."""

    mount: int
    master: int | None
    rule: str = "make.slave"


class UnbindableChanged(NamedTuple):
    """A mount became unbindable, or ceased to be."""

    mount: int
    unbindable: bool
    rule: str = "make.unbindable"


class FlagsChanged(NamedTuple):
    """The flags of one mount (not of its filesystem) changed."""

    mount: int
    flags: int
    rule: str = "remount.bind"


class LocksChanged(NamedTuple):
    """A mount was locked to, or released from, what lies under it."""

    mount: int
    locked: bool
    locked_flags: int
    rule: str = "userns.locked"


class NamespaceCreated(NamedTuple):
    """A mount namespace came to be; its mounts follow as `Cloned` events."""

    namespace: Namespace
    rule: str = "unshare"


class NamespaceEnded(NamedTuple):
    """The last holder of a mount namespace is gone."""

    namespace: int
    rule: str = "namespace.end"


class UserNamespaceCreated(NamedTuple):
    """A user namespace came to be."""

    userns: UserNamespace
    rule: str = "unshare.user"


class TaskChanged(NamedTuple):
    """A process was born, moved (root, working directory, namespaces) or, with None, ended."""

    pid: int
    task: Task | None
    rule: str = "process"


class DentryChanged(NamedTuple):
    """A file or directory was made, written, renamed or (``unlinked``) removed."""

    dentry: Dentry
    rule: str = "file"


class Refused(NamedTuple):
    """A system call failed; the state is as it was."""

    errno: str
    rule: str
    sentence: str


Event = (
    FilesystemCreated | FilesystemChanged | Mounted | Cloned | Received | Skipped | Tucked | Moved | Reparented
    | Detached | Freed | JoinedGroup | LeftGroup | MasterChanged | UnbindableChanged | FlagsChanged | LocksChanged
    | NamespaceCreated | NamespaceEnded | UserNamespaceCreated | TaskChanged | DentryChanged | Refused
)  # fmt: skip


# -- the ring of peers and the lists of slaves -------------------------------------------------


def _ring_insert(vfs: Vfs, mount: int, after: int) -> None:
    """Put a new peer right behind the mount it was copied from."""
    follower = vfs.next_peer.get(after, after)
    vfs.put(vfs.next_peer, after, mount)
    vfs.put(vfs.next_peer, mount, follower)
    vfs.put(vfs.prev_peer, mount, after)
    vfs.put(vfs.prev_peer, follower, mount)


def _ring_remove(vfs: Vfs, mount: int) -> None:
    if mount not in vfs.next_peer:
        return
    before, behind = vfs.prev_peer[mount], vfs.next_peer[mount]
    vfs.drop(vfs.next_peer, mount)
    vfs.drop(vfs.prev_peer, mount)
    if before == behind:  # the one peer that is left is a ring of its own
        vfs.drop(vfs.next_peer, before)
        vfs.drop(vfs.prev_peer, before)
    else:
        vfs.put(vfs.next_peer, before, behind)
        vfs.put(vfs.prev_peer, behind, before)


def _slave_insert_first(vfs: Vfs, mount: int, master: int) -> None:
    first = vfs.first_slave.get(master)
    vfs.put(vfs.first_slave, master, mount)
    vfs.put(vfs.slave_of, mount, master)
    if first is not None:
        vfs.put(vfs.next_slave, mount, first)
        vfs.put(vfs.prev_slave, first, mount)


def _slave_insert_behind(vfs: Vfs, mount: int, sibling: int) -> None:
    vfs.put(vfs.slave_of, mount, vfs.slave_of[sibling])
    follower = vfs.next_slave.get(sibling)
    vfs.put(vfs.next_slave, sibling, mount)
    vfs.put(vfs.prev_slave, mount, sibling)
    if follower is not None:
        vfs.put(vfs.next_slave, mount, follower)
        vfs.put(vfs.prev_slave, follower, mount)


def _slave_remove(vfs: Vfs, mount: int) -> None:
    if mount not in vfs.slave_of:
        return
    master = vfs.slave_of[mount]
    before, behind = vfs.prev_slave.get(mount), vfs.next_slave.get(mount)
    vfs.drop(vfs.slave_of, mount)
    if before is not None:
        vfs.drop(vfs.prev_slave, mount)
    if behind is not None:
        vfs.drop(vfs.next_slave, mount)
    if before is None and behind is None:
        vfs.drop(vfs.first_slave, master)
    elif before is None:
        vfs.put(vfs.first_slave, master, behind)
        vfs.drop(vfs.prev_slave, behind)
    elif behind is None:
        vfs.drop(vfs.next_slave, before)
    else:
        vfs.put(vfs.next_slave, before, behind)
        vfs.put(vfs.prev_slave, behind, before)


# -- one small function per event --------------------------------------------------------------


def _row(vfs: Vfs, mount: int, **changes: Any) -> None:
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
    mount_id, namespace = row.mount_id, row.namespace
    vfs.put(vfs.mounts, mount_id, row)
    if namespace is not None:
        vfs.put(vfs.members[namespace], mount_id, True)
    if row.parent_id != mount_id:
        _place(vfs, mount_id, row.parent_id, row.mountpoint)
    _count(vfs, "mount", mount_id)


def _clone(vfs: Vfs, event: Cloned | Received) -> None:
    row, original = event.mount, event.original
    _add(vfs, row)
    group, mount_id = row.peer_group, row.mount_id
    source_group = vfs.mounts[original].peer_group
    if group:
        if group == source_group:
            _ring_insert(vfs, mount_id, original)
        else:
            _count(vfs, "group", group)
    if event.slave and source_group:
        _slave_insert_first(vfs, mount_id, original)
    elif original in vfs.slave_of:
        _slave_insert_behind(vfs, mount_id, original)


def _filesystem_created(vfs: Vfs, event: FilesystemCreated) -> None:
    fs, root = event.filesystem, event.root
    vfs.put(vfs.filesystems, fs.id, fs)
    _count(vfs, "fs", fs.id)
    vfs.put(vfs.counters, ("ino", fs.id), root.ino + 1)
    vfs.put(vfs.dentries, root.id, root)
    vfs.put(vfs.entries, root.id, {})
    _count(vfs, "dentry", root.id)
    for dentry in event.contents:
        _dentry(vfs, DentryChanged(dentry))


def _attach(vfs: Vfs, event: Moved | Reparented) -> None:
    _take(vfs, event.mount)
    _row(vfs, event.mount, parent_id=event.parent, mountpoint=event.mountpoint, attached=event.attached)
    _place(vfs, event.mount, event.parent, event.mountpoint)
    _count(vfs, "mount", event.attached)


def _tucked(vfs: Vfs, event: Tucked) -> None:
    root = vfs.mounts[event.parent].root
    _attach(vfs, Moved(event.mount, event.parent, root, event.attached))


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
    _ring_remove(vfs, event.mount)
    _row(vfs, event.mount, peer_group=0)


def _master(vfs: Vfs, event: MasterChanged) -> None:
    _slave_remove(vfs, event.mount)
    if event.master is None:
        _row(vfs, event.mount, master=0)
    else:
        _slave_insert_first(vfs, event.mount, event.master)
        _row(vfs, event.mount, master=vfs.mounts[event.master].peer_group)


def _namespace_created(vfs: Vfs, event: NamespaceCreated) -> None:
    vfs.put(vfs.namespaces, event.namespace.id, event.namespace)
    vfs.put(vfs.members, event.namespace.id, {})
    _count(vfs, "ns", event.namespace.id)


def _namespace_ended(vfs: Vfs, event: NamespaceEnded) -> None:
    vfs.drop(vfs.namespaces, event.namespace)
    vfs.drop(vfs.members, event.namespace)


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
    if new.parent == new.id:  # the root directory has no name
        return
    if old is not None and not old.unlinked:
        vfs.drop(vfs.entries[old.parent], old.name)
    if not new.unlinked:
        vfs.put(vfs.entries[new.parent], new.name, new.id)
    if old is None:
        _count(vfs, "dentry", new.id)
        _count(vfs, ("ino", new.fs), new.ino)
        if new.kind == "dir":
            vfs.put(vfs.entries, new.id, {})


def _nothing(vfs: Vfs, event: Skipped | Refused) -> None:
    """Told, but without effect."""


_APPLY: dict[type, Callable[[Vfs, Any], None]] = {
    FilesystemCreated: _filesystem_created,
    FilesystemChanged: lambda vfs, e: vfs.put(vfs.filesystems, e.filesystem.id, e.filesystem),
    Mounted: lambda vfs, e: _add(vfs, e.mount),
    Cloned: _clone,
    Received: _clone,
    Skipped: _nothing,
    Tucked: _tucked,
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
