"""The state of one machine: its mounts, filesystems, namespaces and processes.

The field's words, as this package uses them:

filesystem    one instance of a filesystem (the kernel's superblock): a tree of dentries.
dentry        one name in a filesystem, with the directory or file behind it.
mount         a row of mountinfo: "this dentry of this filesystem stands there".
root          of a mount: the dentry that it shows at its mountpoint.
mountpoint    of a mount: the dentry, in the filesystem of its PARENT mount, that it covers.
parent        the mount on which a mount stands.
namespace     a set of mounts with a root: what a group of processes can see.
peer group    mounts that tell each other of every mount and umount below them (``shared:N``).
master        the peer group that a slave listens to (``master:N``).
shared        member of a peer group.          slave       has a master.
private       neither shared nor slave.        unbindable  private, and cannot be bound.
overmount     a mount that stands on the root dentry of another mount.
tuck beneath  to slip a new mount under one that already stands on the mountpoint.

Rows are immutable tuples in plain dictionaries.  A row is never changed: it is replaced, by
`mountlab.events.apply` and by nothing else, and `Vfs.log` keeps what was replaced.  So two
states share all rows that did not change, and going back is cheap at any size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

# Flags of mount(2), with the numbers of linux/mount.h.
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_NOSYMFOLLOW, MS_NOATIME, MS_NODIRATIME = 32, 256, 1024, 2048
MS_BIND, MS_MOVE, MS_REC, MS_SILENT = 4096, 8192, 16384, 32768
MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED = 1 << 17, 1 << 18, 1 << 19, 1 << 20
MS_RELATIME, MS_STRICTATIME, MS_LAZYTIME = 1 << 21, 1 << 24, 1 << 25
MNT_FORCE, MNT_DETACH, UMOUNT_NOFOLLOW = 1, 2, 8

ATIME_FLAGS = MS_NOATIME | MS_NODIRATIME | MS_RELATIME
"""The three bits that say how access times are kept; they are preserved and locked together."""
PROPAGATION_FLAGS = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE
MOUNT_MAX = 100_000
"""Mounts a namespace may hold (the default of the sysctl fs.mount-max)."""


class Dentry(NamedTuple):
    """A name in a filesystem, with the directory or file behind it (no hard links here)."""

    id: int
    fs: int
    parent: int
    """Dentry of the directory that holds it; the root dentry is its own parent."""
    name: str
    kind: str
    """``"dir"``, ``"file"``, or ``"whiteout"``: what an overlay leaves in its upper layer."""
    ino: int
    mode: int
    """Permission bits, without the file type."""
    content: str
    mtime: int
    """Simulated seconds: the number of the system call that last changed it."""
    unlinked: bool = False
    namespace: int | None = None
    """The mount namespace that the file stands for, as /proc/PID/ns/mnt does.  Such a file lies in no
    directory: it is its own parent, and has a name all the same."""


class Filesystem(NamedTuple):
    """One filesystem instance: what a device number stands for."""

    id: int
    dev: str
    """``major:minor`` as in mountinfo; one per instance."""
    fstype: str
    source: str
    root: int
    """Its root dentry."""
    options: str
    """Options beyond ro/rw, as mountinfo prints them (``size=10240k``)."""
    read_only: bool = False
    userns: int = 0
    """User namespace that owns it."""
    fixture: bool = False
    """Part of the stage (the machine's /proc): left out of every table that is shown."""
    layers: tuple[int, ...] = ()
    """Of an overlay that can be written to: the directories it shows, the upper one first."""
    is_dead: bool = False  # of FUSE: its server has ended


RAMFS_INODES = ("ino", "ramfs")
"""All ramfs of a machine number their inodes together (get_next_ino), as they have no count of their own."""


def inode_counter(fs: Filesystem) -> tuple[str, int | str]:
    """The counter from which a filesystem takes its next inode number."""
    return RAMFS_INODES if fs.fstype == "ramfs" else ("ino", fs.id)


class Mount(NamedTuple):
    """One row of the mount table.  Two integers hold all of propagation: peer_group and master."""

    mount_id: int
    parent_id: int
    """Mount it stands on; its own id when it stands on nothing."""
    fs: int
    root: int
    mountpoint: int
    """Dentry in the parent's filesystem; its own root when it stands on nothing."""
    namespace: int | None
    """None: it is detached (umount -l, or the end of its namespace) and only a process keeps it."""
    peer_group: int
    """``shared:N``; 0 when it is not shared."""
    master: int
    """``master:N``, the peer group it listens to; 0 when it has none."""
    unbindable: bool
    flags: int
    """MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOSYMFOLLOW and the atime bits."""
    locked: bool
    """May not be unmounted or moved alone: it came from a more privileged namespace."""
    locked_flags: int
    """Flags that a less privileged namespace may not change."""
    source: str
    """First word of the mount command: shown, and of no consequence."""
    attached: int
    """When it came to its mountpoint: the children of a mount are walked in this order."""


class Namespace(NamedTuple):
    """A mount namespace: its root mount, and the user namespace that owns it."""

    id: int
    root: int
    userns: int


class Task(NamedTuple):
    """A process as far as mounts matter: its namespaces, its root and its working directory."""

    pid: int
    name: str
    namespace: int
    userns: int
    root_mount: int
    root_dentry: int
    cwd_mount: int
    cwd_dentry: int
    capable: bool
    """Holds CAP_SYS_ADMIN (and the rest) in its user namespace."""
    uid_mapped: bool
    """False after ``unshare --user`` without a map: the user is nobody there."""


class UserNamespace(NamedTuple):
    """A user namespace and its parent (0, the initial one, is its own parent)."""

    id: int
    parent: int


Table = dict[Any, Any]
MISSING: Any = object()
"""What `Vfs.log` keeps for a key that was not there."""


class Vfs:
    """All the state, as tables of rows; see the module's docstring for the words.

    Of a peer group's inner order only this is kept beside the rows, because ids and the order
    of mountinfo follow it: the ring of peers, and for each mount the list of its slaves.
    """

    def __init__(self, quirks: frozenset[str] = frozenset()) -> None:
        self.mounts: dict[int, Mount] = {}
        self.filesystems: dict[int, Filesystem] = {}
        self.dentries: dict[int, Dentry] = {}
        self.namespaces: dict[int, Namespace] = {}
        self.userns: dict[int, UserNamespace] = {0: UserNamespace(0, 0)}
        self.tasks: dict[int, Task] = {}
        # Indexes, so that cost follows what an operation touches and not the size of the table.
        self.entries: dict[int, dict[str, int]] = {}
        """Directory dentry -> its names."""
        self.kids: dict[int, dict[int, int]] = {}
        """Mount -> mountpoint dentry -> the child mounted there."""
        self.members: dict[int, dict[int, int]] = {}
        """Namespace -> its mounts -> their places in mountinfo: the order of creation."""
        self.next_peer: dict[int, int] = {}
        """Shared mount -> the next one in the ring of its peer group."""
        self.prev_peer: dict[int, int] = {}
        self.slave_of: dict[int, int] = {}
        """Slave -> the peer of its master group on whose list it stands."""
        self.first_slave: dict[int, int] = {}
        self.next_slave: dict[int, int] = {}
        self.prev_slave: dict[int, int] = {}
        self.ns_files: dict[int, int] = {}
        """Mount namespace -> the dentry of its file, from the first time that it was bound."""
        self.dead: dict[int, int] = {}  # root dentry -> filesystem, of those whose server has ended
        self.pins: dict[int, int] = {}
        """Mount -> how many roots and working directories of processes are on it."""
        self.counters: dict[Any, int] = {"mount": 1, "group": 1, "dentry": 1, "fs": 0, "ns": 1, "pid": 1}
        self.counters[RAMFS_INODES] = 20001
        """The next free number of each kind; see `inode_counter` for the inodes of a filesystem."""
        self.quirks = quirks
        """Names of the version differences in force (mountlab.quirks)."""
        self.log: list[tuple[Table, Any, Any]] = []
        """What each write replaced, oldest first; `rewind` plays it backwards."""

    # -- writing: for mountlab.events only ---------------------------------------------------

    def put(self, table: Table, key: object, value: object) -> None:
        """Write one row, and keep what it replaces."""
        self.log.append((table, key, table.get(key, MISSING)))
        table[key] = value

    def drop(self, table: Table, key: object) -> None:
        """Remove one row, and keep it."""
        self.log.append((table, key, table.pop(key)))

    def rewind(self, mark: int) -> None:
        """Undo every write made since ``len(self.log)`` was ``mark``."""
        log = self.log
        while len(log) > mark:
            table, key, old = log.pop()
            if old is MISSING:
                del table[key]
            else:
                table[key] = old

    # -- reading: derived facts ------------------------------------------------------------------

    def children(self, mount_id: int) -> list[int]:
        """Mounts that stand on this mount, oldest attachment first (the kernel's mnt_mounts)."""
        kids = self.kids.get(mount_id)
        if not kids:
            return []
        if len(kids) == 1:
            return list(kids.values())
        mounts = self.mounts
        return sorted(kids.values(), key=lambda m: mounts[m].attached)

    def subtree(self, mount_id: int) -> Iterator[int]:
        """The mount and all below it, parents first, in the kernel's order (next_mnt)."""
        stack = [mount_id]
        while stack:
            mount = stack.pop()
            yield mount
            if self.kids.get(mount):
                stack.extend(reversed(self.children(mount)))

    def overmount(self, mount_id: int) -> int | None:
        """The mount that stands on this mount's root dentry, or None."""
        kids = self.kids.get(mount_id)
        return kids.get(self.mounts[mount_id].root) if kids else None

    def topmost(self, mount_id: int) -> int:
        """The top of the stack of overmounts that begins here."""
        above = self.overmount(mount_id)
        while above is not None:
            mount_id = above
            above = self.overmount(mount_id)
        return mount_id

    def ring(self, mount_id: int) -> list[int]:
        """The peers of a mount in ring order, itself first; just itself when it is not shared."""
        peers = [mount_id]
        peer = self.next_peer.get(mount_id, mount_id)
        while peer != mount_id:
            peers.append(peer)
            peer = self.next_peer[peer]
        return peers

    def slaves(self, mount_id: int) -> list[int]:
        """The mounts on this mount's own list of slaves, first to last."""
        found = []
        slave = self.first_slave.get(mount_id)
        while slave is not None:
            found.append(slave)
            slave = self.next_slave.get(slave)
        return found

    def is_below(self, dentry: int, ancestor: int) -> bool:
        """Whether a dentry is the ancestor or lies under it, in the same filesystem."""
        dentries = self.dentries
        while dentry != ancestor:
            parent = dentries[dentry].parent
            if parent == dentry:
                return False
            dentry = parent
        return True

    def lineage(self, dentry: int) -> set[int]:
        """The dentry and every directory above it, up to the root of its filesystem."""
        above = {dentry}
        while (parent := self.dentries[dentry].parent) != dentry:
            dentry = parent
            above.add(dentry)
        return above

    def path_in_fs(self, dentry: int, top: int | None = None) -> str:
        """Path of a dentry from the root of its filesystem (or from ``top``), for people."""
        names: list[str] = []
        row = self.dentries[dentry]
        if row.namespace is not None:
            return row.name
        while row.id not in (row.parent, top):
            names.append(row.name)
            row = self.dentries[row.parent]
        path = "/" + "/".join(reversed(names))
        return path + "//deleted" if self.dentries[dentry].unlinked else path

    def is_capable(self, task: Task, userns: int) -> bool:
        """Whether a process is administrator of what belongs to that user namespace."""
        if not task.capable:
            return False
        while userns != task.userns:
            if userns == 0:
                return False
            userns = self.userns[userns].parent
        return True

    def may_look(self, task: Task, userns: int) -> bool:
        """Whether a process may look into those of a user namespace: root may that gave up mounting only."""
        return self.is_capable(task._replace(capable=task.capable or task.uid_mapped), userns)

    def copy(self) -> Vfs:
        """An independent state: the tables are copied, the rows are shared."""
        twin = Vfs(self.quirks)
        for name, table in vars(self).items():
            if name in ("log", "quirks"):
                continue
            nested = name in ("entries", "kids", "members")
            setattr(twin, name, {k: dict(v) for k, v in table.items()} if nested else dict(table))
        return twin
