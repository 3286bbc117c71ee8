"""Who loses a mount: the kernel's umount_tree and propagate_umount (fs/namespace.c, fs/pnode.c).

The rule in words.  When a mount leaves its mountpoint on P, the mount on the same mountpoint of
every receiver of P leaves too, with two exceptions that Documentation/filesystems/propagate_umount.txt
names.  A mount stays if it carries a mount that stays, unless that one covers it completely (then
what lies on top slides down: "non-shifting").  And a locked mount goes only together with what it
hides ("non-revealing").  Afterwards every mount that went has left its peer group, and its slaves
have found another master: a peer that stays, else the master of the group.
"""

from __future__ import annotations

from mountlab.apply import Recorder
from mountlab.events import (
    Detached,
    Freed,
    LeftGroup,
    LocksChanged,
    MasterChanged,
    NamespaceEnded,
    Reparented,
)
from mountlab.model import Vfs
from mountlab.propagation import next_after, receiving_mounts


def umount_tree(rec: Recorder, top: int, *, propagate: bool, lazy: bool, keep_together: bool = False) -> None:
    """Unmount a mount with all that stands on it, here and, when told to, where it propagates.

    ``lazy``: locked mounts stay on a parent that goes with them, for a process that is inside.
    ``keep_together``: all of the tree does.
    """
    vfs = rec.vfs
    going = list(vfs.subtree(top))
    parent = vfs.mounts[top].parent_id
    if propagate and parent != top:
        _unlock_copies(rec, top)
    if propagate:
        going += _Propagation(rec, going).run()
    leave_groups(rec, going)
    gone = set(going)
    for mount in going:
        row = vfs.mounts[mount]
        stuck = lazy and row.parent_id != mount and row.parent_id in gone and (keep_together or row.locked)
        rec(Detached(mount, stuck))
    free_unused(rec, going)


def _unlock_copies(rec: Recorder, mount: int) -> None:
    """A mount that may go here may go where it was propagated to (propagate_mount_unlock)."""
    vfs = rec.vfs
    row = vfs.mounts[mount]
    for receiver in receiving_mounts(vfs, row.parent_id):
        child = vfs.kids.get(receiver, {}).get(row.mountpoint)
        if child is not None and vfs.mounts[child].locked:
            rec(LocksChanged(child, False, vfs.mounts[child].locked_flags, "umount.unlock"))


def is_busy(vfs: Vfs, mount: int) -> int | None:
    """The mount that keeps a plain umount from happening, or None (propagate_mount_busy).

    Busy: the mount has children, or a process stands in it; or a process stands in one of the
    copies that would go along, provided that copy has no children of its own.
    """
    row = vfs.mounts[mount]
    if vfs.kids.get(mount) or vfs.pins.get(mount):
        return mount
    if row.parent_id == mount:
        return None
    for receiver in receiving_mounts(vfs, row.parent_id):
        child = vfs.kids.get(receiver, {}).get(row.mountpoint)
        if child is None:
            continue
        kids = vfs.kids.get(child)
        if kids and (len(kids) > 1 or vfs.overmount(child) is None):
            continue
        if vfs.pins.get(child):
            return child
    return None


class _Propagation:
    """Finds the mounts that go along with a set of mounts; names follow propagate_umount.txt."""

    def __init__(self, rec: Recorder, going: list[int]) -> None:
        self.rec, self.vfs = rec, rec.vfs
        self.going = going
        self.doomed = set(going)
        self.candidates: set[int] = set()
        self.marked: set[int] = set()
        self.along: list[int] = []
        """Committed to unmounting, in order."""

    def run(self) -> list[int]:
        undecided = self._gather()
        left = [mount for mount in undecided if not self._trim(mount)]
        while left:
            self._commit_unlocked(left)
        for mount in self.along:
            above = self.vfs.overmount(mount)
            if above is not None and above not in self.doomed:
                self._slide(above)
        return self.along

    def _gather(self) -> list[int]:
        """Every mount that stands where a going mount stands, on a receiver of its parent."""
        vfs, candidates = self.vfs, self.candidates
        found: list[int] = []
        for mount in self.going:
            if mount in candidates:
                continue
            candidates.add(mount)
            row = vfs.mounts[mount]
            receiver = self._next(row.parent_id, row.parent_id)
            while receiver is not None:
                child = vfs.kids.get(receiver, {}).get(row.mountpoint)
                if child is not None:
                    if child in candidates:
                        receiver = self._skip_subtree(receiver, row.parent_id)
                        continue
                    candidates.add(child)
                    if child not in self.doomed:
                        found.append(child)
                receiver = self._next(receiver, row.parent_id)
        candidates -= self.doomed
        found.reverse()  # the kernel puts each at the head of its list
        return found

    def _next(self, mount: int, origin: int) -> int | None:
        slave = self.vfs.first_slave.get(mount)
        return slave if slave is not None else next_after(self.vfs, mount, origin)

    def _skip_subtree(self, mount: int, origin: int) -> int | None:
        """The next mount that does not get propagation from this one."""
        following = next_after(self.vfs, mount, origin)
        group = self.vfs.mounts[mount].peer_group
        while following is not None and group and self.vfs.mounts[following].peer_group == group:
            following = next_after(self.vfs, following, origin)
        return following

    def _staying_kids(self, mount: int) -> list[int]:
        return [child for child in self.vfs.children(mount) if child not in self.doomed]

    def _trim(self, mount: int) -> bool:
        """Decide one candidate as far as possible; True when it is decided."""
        if mount not in self.candidates:
            self._forget(mount)
            return True
        kids = self._staying_kids(mount)
        above = self.vfs.overmount(mount)
        obstacles = [child for child in kids if child not in self.candidates]
        if obstacles:
            self._trim_ancestors(mount)
            if any(child != above for child in obstacles):
                self._forget(mount)
                return True
        elif not kids and not self.vfs.mounts[mount].locked:
            self._forget(mount)
            self._commit(mount)
            return True
        return False

    def _trim_ancestors(self, mount: int) -> None:
        """Some child of the mount stays: so does every ancestor that it does not cover completely."""
        parent = self.vfs.mounts[mount].parent_id
        while parent in self.candidates:
            if mount in self.marked:
                return
            self.marked.add(mount)
            if self.vfs.overmount(parent) != mount:
                self.candidates.discard(parent)
            mount, parent = parent, self.vfs.mounts[parent].parent_id

    def _commit_unlocked(self, left: list[int]) -> None:
        """Commit a chain of candidates up to where a locked mount would reveal what it hides."""
        mount = left[0]
        if mount not in self.candidates:
            self._forget(mount)
            left.remove(mount)
            return
        rows = self.vfs.mounts
        cutoff = parent = mount
        while parent in self.candidates:
            self._forget(parent)
            if parent in left:
                left.remove(parent)
            if not rows[parent].locked:
                cutoff = rows[parent].parent_id
            parent = rows[parent].parent_id
        if parent in self.doomed:
            cutoff = parent
        while mount != cutoff:
            self._commit(mount)
            mount = rows[mount].parent_id

    def _forget(self, mount: int) -> None:
        self.candidates.discard(mount)
        self.marked.discard(mount)

    def _commit(self, mount: int) -> None:
        self.doomed.add(mount)
        self.along.append(mount)

    def _slide(self, mount: int) -> None:
        """What stays on top of a stack that goes slides down to where the stack stood."""
        rows = self.vfs.mounts
        parent, mountpoint = rows[mount].parent_id, rows[mount].mountpoint
        while parent in self.doomed:
            mountpoint, parent = rows[parent].mountpoint, rows[parent].parent_id
        self.rec(Reparented(mount, parent, mountpoint, self.vfs.counters["mount"]))


def heir_of(vfs: Vfs, mount: int) -> int | None:
    """To whom a mount's slaves pass when it leaves its group: the next peer, else its own master."""
    if "slaves-last" in vfs.quirks:
        root = vfs.mounts[mount].root
        same = (peer for peer in vfs.ring(mount)[1:] if vfs.mounts[peer].root == root)
        return next(same, vfs.next_peer.get(mount, vfs.slave_of.get(mount)))
    return vfs.next_peer.get(mount, vfs.slave_of.get(mount))


def _leave_one_by_one(rec: Recorder, going: list[int]) -> None:
    """As kernels before 6.17 did it: a slave may pass through several hands (change_mnt_propagation)."""
    vfs = rec.vfs
    for mount in going:
        heir = heir_of(vfs, mount)
        if vfs.mounts[mount].peer_group:
            rec(LeftGroup(mount, "umount"))
        hand_over_slaves(rec, mount, heir)
        if mount in vfs.slave_of:
            rec(MasterChanged(mount, None, "umount"))


def leave_groups(rec: Recorder, going: list[int]) -> None:
    """Take mounts out of propagation all at once, and find their slaves a new master (bulk_make_private)."""
    if "slaves-last" in rec.vfs.quirks:
        _leave_one_by_one(rec, going)
        return
    gone = set(going)
    heir: dict[int, int | None] = {}
    for mount in going:
        if mount not in heir:
            _find_heir(rec, mount, gone, heir)
    for mount in going:
        hand_over_slaves(rec, mount, heir[mount])


def _find_heir(rec: Recorder, mount: int, gone: set[int], heir: dict[int, int | None]) -> None:
    """Follow peers, then masters, to the first mount that stays; all on the way inherit that answer."""
    vfs = rec.vfs
    chain: list[int] = []
    found: int | None = mount
    while found is not None and found in gone and found not in heir:
        mount = found
        peer = vfs.next_peer.get(mount)
        found = peer if peer is not None else vfs.slave_of.get(mount)
        chain.append(mount)
        heir[mount] = None
        if mount in vfs.slave_of:
            rec(MasterChanged(mount, None, "umount"))
        if vfs.mounts[mount].peer_group:
            rec(LeftGroup(mount, "umount"))
    if found is not None and found in gone:
        found = heir[found]
    for mount in chain:
        heir[mount] = found


def hand_over_slaves(rec: Recorder, mount: int, heir: int | None) -> None:
    """The slaves of a mount that left its group listen to its heir, in their old order, first of all."""
    vfs = rec.vfs
    rule = "master.gone" if heir is None else "master.passed"
    slaves = vfs.slaves(mount)
    if slaves and heir is not None and "slaves-last" in vfs.quirks:
        slaves = [*vfs.slaves(heir), *slaves]  # told again, they come before the new ones
    for slave in reversed(slaves):
        rec(MasterChanged(slave, heir, rule))


def free_unused(rec: Recorder, candidates: list[int]) -> None:
    """Detached mounts cease to exist once no process holds them (nor a mount they stick to).

    With the last mount of its file a mount namespace may end, too.
    """
    vfs = rec.vfs
    stack = list(reversed(candidates))
    while stack:
        mount = stack.pop()
        row = vfs.mounts.get(mount)
        if row is None or row.namespace is not None or row.parent_id != mount or vfs.pins.get(mount):
            continue
        for child in vfs.children(mount):
            rec(Detached(child, False, "umount.freed"))
            stack.append(child)
        rec(Freed(mount))
        held = vfs.dentries[row.root].namespace
        if held is not None:
            end_unused_namespace(rec, held)


def end_unused_namespace(rec: Recorder, namespace: int) -> None:
    """A mount namespace ends with its last holder; nothing of it propagates (put_mnt_ns).

    A process in it holds it, and so does a mount of its file.  The initial one has the first process.
    """
    vfs = rec.vfs
    if any(task.namespace == namespace for task in vfs.tasks.values()) or _is_bound(vfs, namespace):
        return
    umount_tree(rec, vfs.namespaces[namespace].root, propagate=False, lazy=True)
    rec(NamespaceEnded(namespace))


def _is_bound(vfs: Vfs, namespace: int) -> bool:
    file = vfs.ns_files.get(namespace)
    return file is not None and any(row.root == file for row in vfs.mounts.values())
