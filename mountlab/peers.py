"""Keeps the order inside propagation: the ring of a peer group, and the list of a mount's slaves.

The two numbers of a mount say who hears whom.  The order says in which sequence copies are made,
and so which ids they get; the kernel keeps it in mnt_share and mnt_slave_list, and so do we.
"""

from __future__ import annotations

from mountlab.model import MISSING, Vfs


def ring_insert(vfs: Vfs, mount: int, after: int) -> None:
    """Put a new peer right behind the mount it was copied from (written out: it is done for every copy)."""
    ahead, behind, note = vfs.next_peer, vfs.prev_peer, vfs.log.append
    alone = after not in ahead
    follower = after if alone else ahead[after]
    note((ahead, mount, MISSING))
    ahead[mount] = follower
    note((behind, mount, MISSING))
    behind[mount] = after
    note((ahead, after, MISSING if alone else follower))
    ahead[after] = mount
    note((behind, follower, MISSING if alone else after))
    behind[follower] = mount


def ring_remove(vfs: Vfs, mount: int) -> None:
    """Take a mount out of its ring; a last one that is left is a ring of its own."""
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


def slave_insert_first(vfs: Vfs, mount: int, master: int) -> None:
    """Put a mount at the head of the list of slaves of another."""
    first = vfs.first_slave.get(master)
    vfs.put(vfs.first_slave, master, mount)
    vfs.put(vfs.slave_of, mount, master)
    if first is not None:
        vfs.put(vfs.next_slave, mount, first)
        vfs.put(vfs.prev_slave, first, mount)


def slave_insert_behind(vfs: Vfs, mount: int, sibling: int) -> None:
    """Put a mount right behind another slave, on the list of the same master."""
    vfs.put(vfs.slave_of, mount, vfs.slave_of[sibling])
    follower = vfs.next_slave.get(sibling)
    vfs.put(vfs.next_slave, sibling, mount)
    vfs.put(vfs.prev_slave, mount, sibling)
    if follower is not None:
        vfs.put(vfs.next_slave, mount, follower)
        vfs.put(vfs.prev_slave, follower, mount)


def slave_remove(vfs: Vfs, mount: int) -> None:
    """Take a mount off its master's list of slaves, if it is on one."""
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
