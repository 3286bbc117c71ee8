"""What can happen to the state: the events of which every trace consists.

An operation decides; what it decides is a list of events; the new state is the fold of
`mountlab.apply` over them.  So a trace can never disagree with the state.  Every event names the
rule that made it (`mountlab.rules`).  `Skipped` and `Refused` change nothing: they are kept
because people ask why NOTHING appeared.
"""

from __future__ import annotations

from typing import NamedTuple

from mountlab.model import Dentry, Filesystem, Mount, Namespace, Task, UserNamespace


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


class Listed(NamedTuple):
    """Copies made at once take each other's places in mountinfo: they are printed in this order."""

    mounts: tuple[int, ...]
    rule: str = "list.order"


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
    FilesystemCreated
    | FilesystemChanged
    | Mounted
    | Cloned
    | Received
    | Skipped
    | Tucked
    | Listed
    | Moved
    | Reparented
    | Detached
    | Freed
    | JoinedGroup
    | LeftGroup
    | MasterChanged
    | UnbindableChanged
    | FlagsChanged
    | LocksChanged
    | NamespaceCreated
    | NamespaceEnded
    | UserNamespaceCreated
    | TaskChanged
    | DentryChanged
    | Refused
)
