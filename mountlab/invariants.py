"""Structural truths about every state, each with a name; what breaks one is a bug of the engine.

Those in `ALWAYS` hold after every event, those in `SETTLED` after every system call: in between a
mount may have left its group while its slaves are still to be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mountlab.model import Vfs


def ring_is_group(vfs: Vfs) -> Iterator[str]:
    """The mounts with one peer group number form one ring, and only they."""
    groups: dict[int, set[int]] = {}
    for row in vfs.mounts.values():
        if row.peer_group:
            groups.setdefault(row.peer_group, set()).add(row.mount_id)
        elif row.mount_id in vfs.next_peer:
            yield f"mount {row.mount_id} is in a ring and in no group"
    for group, members in groups.items():
        ring = vfs.ring(next(iter(members)))
        if set(ring) != members or len(ring) != len(members):
            yield f"group {group} has the members {sorted(members)} and the ring {ring}"
        if any(vfs.prev_peer.get(vfs.next_peer[m]) != m for m in ring if len(ring) > 1):
            yield f"the ring of group {group} does not run backwards as it runs forwards"


def slaves_are_listed_once(vfs: Vfs) -> Iterator[str]:
    """A slave stands on the list of slaves of exactly one mount, the one it says."""
    listed = [(slave, master) for master in vfs.first_slave for slave in vfs.slaves(master)]
    if sorted(listed) != sorted(vfs.slave_of.items()):
        yield f"lists of slaves say {sorted(listed)}, slaves say {sorted(vfs.slave_of.items())}"


def members_are_rows(vfs: Vfs) -> Iterator[str]:
    """A namespace holds the mounts whose rows name it."""
    by_row: dict[int, set[int]] = {}
    for row in vfs.mounts.values():
        if row.namespace is not None:
            by_row.setdefault(row.namespace, set()).add(row.mount_id)
    for namespace, members in vfs.members.items():
        if set(members) != by_row.get(namespace, set()):
            named = sorted(by_row.get(namespace, ()))
            yield f"namespace {namespace} lists {sorted(members)}, rows say {named}"


def pins_are_processes(vfs: Vfs) -> Iterator[str]:
    """A mount is held as often as processes have their root or working directory in it."""
    held: dict[int, int] = {}
    for task in vfs.tasks.values():
        for mount in (task.root_mount, task.cwd_mount):
            held[mount] = held.get(mount, 0) + 1
    if held != vfs.pins:
        yield f"processes hold {held}, the pins say {vfs.pins}"
    for mount in held:
        if mount not in vfs.mounts:
            yield f"a process stands in mount {mount}, which does not exist"


def root_is_in_filesystem(vfs: Vfs) -> Iterator[str]:
    """What a mount shows belongs to its filesystem."""
    for row in vfs.mounts.values():
        if vfs.dentries[row.root].fs != row.fs:
            yield f"mount {row.mount_id} shows a dentry of another filesystem"


def one_mount_per_mountpoint(vfs: Vfs) -> Iterator[str]:
    """The children that a mount lists are those whose rows name it, one on each mountpoint."""
    listed = {(parent, at, child) for parent, kids in vfs.kids.items() for at, child in kids.items()}
    rows = {(r.parent_id, r.mountpoint, r.mount_id) for r in vfs.mounts.values() if r.parent_id != r.mount_id}
    for parent, at, child in listed ^ rows:
        yield f"mount {child} on dentry {at} of mount {parent}: the list and the row disagree"


def mountpoint_is_shown(vfs: Vfs) -> Iterator[str]:
    """A mountpoint lies under what the parent mount shows, and is of the same kind as the root."""
    for row in vfs.mounts.values():
        if row.parent_id == row.mount_id:
            continue
        if not vfs.is_below(row.mountpoint, vfs.mounts[row.parent_id].root):
            yield f"mount {row.mount_id} stands outside of what its parent shows"
        if vfs.dentries[row.mountpoint].kind != vfs.dentries[row.root].kind:
            yield f"mount {row.mount_id} mounts a file on a directory, or the reverse"


def parent_is_in_namespace(vfs: Vfs) -> Iterator[str]:
    """A mount and its parent belong to one namespace, and every one leads to the namespace's root."""
    for namespace, members in vfs.members.items():
        reached = set(vfs.subtree(vfs.namespaces[namespace].root))
        if reached != set(members):
            yield f"namespace {namespace}: its root leads to {sorted(reached)}, it holds {sorted(members)}"


def peers_share_master(vfs: Vfs) -> Iterator[str]:
    """All members of a peer group have the same master, and stand together on its list."""
    for mount in vfs.next_peer:
        peer = vfs.next_peer[mount]
        if vfs.slave_of.get(mount) != vfs.slave_of.get(peer):
            yield f"the peers {mount} and {peer} have different masters"
    for master in vfs.first_slave:
        groups = [vfs.mounts[slave].peer_group for slave in vfs.slaves(master)]
        runs = [g for i, g in enumerate(groups) if g and (i == 0 or groups[i - 1] != g)]
        if len(runs) != len(set(runs)):
            yield f"the slaves of mount {master} do not stand together by group: {groups}"


def master_is_shared(vfs: Vfs) -> Iterator[str]:
    """A slave's master is a shared mount, and its number is that group's."""
    for row in vfs.mounts.values():
        master = vfs.slave_of.get(row.mount_id)
        group = vfs.mounts[master].peer_group if master is not None else 0
        if row.master != group or (master is not None and not group):
            yield f"mount {row.mount_id} has master:{row.master}, but mount {master} is in group {group}"


def unbindable_is_private(vfs: Vfs) -> Iterator[str]:
    """An unbindable mount is neither shared nor a slave."""
    for row in vfs.mounts.values():
        if row.unbindable and (row.peer_group or row.master):
            yield f"mount {row.mount_id} is unbindable and not private"


def detached_is_private(vfs: Vfs) -> Iterator[str]:
    """A mount without a namespace is out of propagation, and held by a process or by its parent."""
    for row in vfs.mounts.values():
        if row.namespace is None:
            if row.peer_group or row.master or vfs.first_slave.get(row.mount_id):
                yield f"mount {row.mount_id} is detached and still in propagation"
            if row.parent_id == row.mount_id and not vfs.pins.get(row.mount_id):
                yield f"mount {row.mount_id} is detached and nobody holds it"


Invariant = Callable[[Vfs], Iterator[str]]
ALWAYS: tuple[Invariant, ...] = (
    ring_is_group,
    slaves_are_listed_once,
    members_are_rows,
    pins_are_processes,
    root_is_in_filesystem,
)
SETTLED: tuple[Invariant, ...] = (
    *ALWAYS,
    one_mount_per_mountpoint,
    mountpoint_is_shown,
    parent_is_in_namespace,
    peers_share_master,
    master_is_shared,
    unbindable_is_private,
    detached_is_private,
)


def broken(vfs: Vfs, invariants: tuple[Invariant, ...] = SETTLED) -> list[str]:
    """What does not hold, each as ``name: sentence``; empty for a sound state."""
    return [f"{check.__name__}: {sentence}" for check in invariants for sentence in check(vfs)]
