"""Who receives a mount, and what copies are made: the kernel's propagate_mnt (fs/pnode.c).

The rule in words.  A mount made on a shared mount P is made on every peer of P as well, on every
slave of a peer, on every peer of such a slave, on their slaves, and so on; but not where P's
mountpoint lies outside of what the receiver shows.  The copies are joined as the receivers are:
the copies on the peers of one group form one peer group, and the copy on a slave becomes a
slave of the copy on its master.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import NamedTuple

from mountlab.apply import Recorder
from mountlab.errors import MountError
from mountlab.events import Cloned, JoinedGroup, Listed, Received, Skipped, Tucked
from mountlab.model import ATIME_FLAGS, MOUNT_MAX, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, Mount, Vfs

LOCKABLE = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC


class Branch(NamedTuple):
    """One mount of a tree that is to be copied: which, on which (index), and at which dentry."""

    mount: int
    parent: int
    mountpoint: int


def tree_shape(vfs: Vfs, top: int, below: int, *, for_namespace: bool = False) -> list[Branch]:
    """The tree of mounts under dentry ``below`` of mount ``top``, parents first.

    Unbindable mounts are left out with all that stands on them; for a new namespace they are taken
    along, and the files of mount namespaces are left out instead (copy_tree).

    Raises:
        MountError: EINVAL when the top itself is unbindable, EPERM when leaving out an
            unbindable mount would uncover what a locked mount hides.
    """
    if vfs.mounts[top].unbindable and not for_namespace:
        raise MountError("EINVAL", "bind.unbindable", "the source is unbindable: it cannot be bound")
    shape = [Branch(top, -1, below)]
    for child in vfs.children(top):
        if vfs.is_below(vfs.mounts[child].mountpoint, below):
            _add_branch(vfs, shape, child, 0, for_namespace)
    return shape


def _add_branch(vfs: Vfs, shape: list[Branch], mount: int, parent: int, for_namespace: bool) -> None:
    stack = [(mount, parent)]
    while stack:
        mount, parent = stack.pop()
        row = vfs.mounts[mount]
        if for_namespace and is_namespace_file(vfs, row.root):
            continue
        if row.unbindable and not for_namespace:
            if row.locked:
                raise MountError(
                    "EPERM", "bind.locked", "an unbindable mount below is locked: it cannot be left out"
                )
            continue
        shape.append(Branch(mount, parent, row.mountpoint))
        index = len(shape) - 1
        stack.extend((child, index) for child in reversed(vfs.children(mount)))


def is_namespace_file(vfs: Vfs, dentry: int) -> bool:
    """Whether it is the file of a mount namespace (is_mnt_ns_file)."""
    return bool(vfs.ns_files) and vfs.dentries[dentry].namespace is not None


def _told_part(vfs: Vfs, shape: list[Branch], source: list[int]) -> tuple[list[Branch], list[int]]:
    """What propagation copies of a tree: not the files of mount namespaces below its top (copy_tree)."""
    if not vfs.ns_files:
        return shape, source
    place: dict[int, int] = {-1: -1}
    told: list[Branch] = []
    mounts: list[int] = []
    for index, branch in enumerate(shape):
        if branch.parent in place and not (index and is_namespace_file(vfs, vfs.mounts[source[index]].root)):
            place[index] = len(told)
            told.append(branch._replace(parent=place[branch.parent]))
            mounts.append(source[index])
    return told, mounts


def peer_groups(vfs: Vfs, origin: int) -> Iterator[list[int]]:
    """The propagation tree of a mount: its own group first, then the groups of slaves, depth first.

    Each list is one peer group in ring order (a slave that is not shared is a group of one).
    The first list begins with the mount itself.
    """
    stack: list[Iterator[list[int]]] = [iter([vfs.ring(origin)])]
    while stack:
        group = next(stack[-1], None)
        if group is None:
            stack.pop()
            continue
        yield group
        stack.append(below for member in group for below in slave_groups(vfs, member))


def slave_groups(vfs: Vfs, master: int) -> Iterator[list[int]]:
    """The peer groups on one mount's list of slaves, in order; peers stand next to each other there."""
    slave = vfs.first_slave.get(master)
    while slave is not None:
        group = vfs.ring(slave)
        yield group
        for _ in group:
            slave = vfs.next_slave.get(slave) if slave is not None else None


def receiving_mounts(vfs: Vfs, origin: int) -> Iterator[int]:
    """Every other mount in the propagation tree of a mount, in the kernel's order (propagation_next)."""
    mount = origin
    while True:
        slave = vfs.first_slave.get(mount)
        if slave is not None:
            mount = slave
        else:
            following = next_after(vfs, mount, origin)
            if following is None:
                return
            mount = following
        yield mount


def next_after(vfs: Vfs, mount: int, origin: int) -> int | None:
    """The mount that follows in the propagation tree of ``origin``, its own slaves passed over."""
    top_master = vfs.slave_of.get(origin)
    while True:
        master = vfs.slave_of.get(mount)
        if master == top_master:
            peer = vfs.next_peer.get(mount, mount)
            return None if peer == origin else peer
        if mount in vfs.next_slave:
            return vfs.next_slave[mount]
        mount = vfs.slave_of[mount]


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python's cyclic garbage collector away from work that makes many rows and no cycles.

    It would walk over all of them again and again: at 10,000 copies most of the time was spent so.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class Copier:
    """Makes the copies of one tree for all receivers of one attachment."""

    def __init__(
        self, rec: Recorder, shape: list[Branch], source: list[int], dest: int, actor_userns: int
    ) -> None:
        self.newly_shared = share_tree(rec, source, "attach.shared")
        """What is attached to a shared mount becomes shared; a moved mount that receives a copy of
        itself counts as what it was before."""
        self.rec, self.vfs, self.source = rec, rec.vfs, source
        self.shape, told = _told_part(rec.vfs, shape, source)
        self.dest, self.actor_userns = dest, actor_userns
        self.copies: dict[int, list[int]] = {source[0]: told}
        """Root of a copy -> all its mounts, in the order of the shape."""
        self.receiver: dict[int, int] = {source[0]: dest}
        self.covered: list[tuple[int, int]] = []
        """(copy, mount that stood there before): to be tucked at the end."""

    def propagate(self, mountpoint: int, *, moving: bool) -> None:
        """Copy the source tree to every receiver of ``dest`` at ``mountpoint``.

        A new mount receives nothing of its own arrival; one that is moved may.

        Raises:
            MountError: ENOSPC when a namespace would hold more than MOUNT_MAX mounts.
        """
        with collector_paused():
            self._propagate(mountpoint, moving)
            if "list-order" in self.vfs.quirks:
                self._list_backwards()
            self._tuck()

    def _propagate(self, mountpoint: int, moving: bool) -> None:
        vfs, dest = self.vfs, self.dest
        shown_from = vfs.lineage(mountpoint)
        marked = {vfs.slave_of[dest]} if dest in vfs.slave_of else set()
        last = self.source[0]
        fresh = set() if moving else set(self.source)
        for number, group in enumerate(list(peer_groups(vfs, dest))):
            slave = number > 0
            shared = vfs.mounts[group[0]].peer_group != 0 and group[0] not in self.newly_shared
            for receiver in group[0 if slave else 1 :]:
                if receiver in fresh:
                    continue
                if vfs.mounts[receiver].root not in shown_from:
                    self.rec(Skipped(receiver, "propagate.outside"))
                    continue
                if slave:
                    last = self._master_copy(receiver, last, marked)
                last = self._copy(last, receiver, mountpoint, slave, shared)
                if receiver in vfs.slave_of:
                    marked.add(vfs.slave_of[receiver])
                slave = False  # its peers join the first copy of their group

    def _master_copy(self, receiver: int, last: int, marked: set[int]) -> int:
        """Which copy the first copy of a slave group listens to (find_master)."""
        vfs = self.vfs
        while (master := vfs.slave_of.get(receiver)) is not None and master not in marked:
            receiver = master
        group_of = vfs.mounts
        original_group = group_of[self.source[0]].peer_group
        while group_of[last].peer_group != original_group:
            parent = self.receiver[last]
            if vfs.slave_of.get(parent) == master:
                group = group_of[parent].peer_group
                if not group or group != group_of[receiver].peer_group:
                    last = vfs.slave_of[last]
                break
            last = vfs.slave_of[last]
        return last

    def _copy(self, original: int, receiver: int, mountpoint: int, slave: bool, shared: bool) -> int:
        """Copy one tree onto one receiver; returns the root of the copy."""
        rec, vfs = self.rec, self.vfs
        if is_namespace_file(vfs, vfs.mounts[original].root):
            raise MountError("EINVAL", "propagate.namespace", "the file of a namespace is told to nobody")
        namespace = vfs.mounts[receiver].namespace or 0  # detached mounts are in no group: 0 never is
        if len(vfs.members[namespace]) + len(self.shape) > MOUNT_MAX:
            raise no_space()
        foreign = vfs.namespaces[namespace].userns != self.actor_userns
        before = vfs.kids.get(receiver, {}).get(mountpoint)
        originals, rule = self.copies[original], "propagate.slave" if slave else "propagate.peer"
        made: list[int] = []
        for index, branch in enumerate(self.shape):
            parent = receiver if index == 0 else made[branch.parent]
            at = mountpoint if index == 0 else branch.mountpoint
            row = copy_of(vfs, originals[index], parent, at, namespace, slave, shared, index > 0)
            if foreign:
                row = locked_row(row, index == 0)
            rec((Cloned if index else Received)(row, originals[index], slave, rule))
            made.append(row.mount_id)
        top = made[0]
        self.copies[top], self.receiver[top] = made, receiver
        if before is not None:
            self.covered.append((top, before))
        return top

    def _list_backwards(self) -> None:
        """Before Linux 6.8 the copy that was made last came first in the namespace's list (commit_tree)."""
        copies = [copy for top, copy in self.copies.items() if top != self.source[0]]
        if copies:
            self.rec(Listed(tuple(mount for copy in reversed(copies) for mount in copy)))

    def _tuck(self) -> None:
        """What stood on a receiver's mountpoint now stands on the copy that slipped beneath it."""
        rec, vfs = self.rec, self.vfs
        for copy, before in self.covered:
            rec(Tucked(before, vfs.topmost(copy), vfs.counters["mount"]))


def copy_of(
    vfs: Vfs,
    original: int,
    parent: int,
    mountpoint: int,
    namespace: int | None,
    slave: bool,
    shared: bool,
    keep_lock: bool,
    root: int | None = None,
) -> Mount:
    """The row of a copy: same filesystem, root and flags, and its place in propagation (clone_mnt).

    ``slave``: it listens to the original's peer group instead of joining it.
    ``shared``: it is to be shared; a slave then gets a peer group of its own.
    ``root``: the dentry it shows, when that is not the original's root.
    """
    old = vfs.mounts[original]
    group, master = old.peer_group, old.master
    if slave:
        if group:
            master = group
        group = 0
    if shared and not group:
        group = vfs.counters["group"]
    number = vfs.counters["mount"]
    unbindable = old.unbindable and not group and "unbindable-copied" in vfs.quirks
    # In the order of the fields; made without NamedTuple's own constructor, which costs twice as much.
    return tuple.__new__(Mount, (
        number, parent, old.fs, old.root if root is None else root, mountpoint, namespace, group, master,
        unbindable, old.flags, old.locked and keep_lock, old.locked_flags, old.source, number,
    ))  # fmt: skip


def locked_row(row: Mount, is_top: bool) -> Mount:
    """A copy in a less privileged namespace: its flags are locked (lock_mnt_tree).

    So is its place, unless it is the top of the tree.
    """
    flags = row.locked_flags | (row.flags & LOCKABLE) | ATIME_FLAGS
    return row._replace(locked=row.locked or not is_top, locked_flags=flags)


def share_tree(rec: Recorder, mounts: list[int], rule: str) -> set[int]:
    """Make every mount of a tree shared that is not (invent_group_ids, set_mnt_shared); returns those."""
    vfs = rec.vfs
    changed = {mount for mount in mounts if not vfs.mounts[mount].peer_group}
    for mount in mounts:
        if mount in changed:
            rec(JoinedGroup(mount, vfs.counters["group"], rule))
    return changed


def no_space() -> MountError:
    """ENOSPC: the table of a namespace is full."""
    return MountError(
        "ENOSPC", "mount.max", f"the namespace would hold more than {MOUNT_MAX} mounts (fs.mount-max)"
    )
