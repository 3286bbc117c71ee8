"""Brings the peer groups of a snapshot together: rings, lists of slaves, masters that nobody shows.

The tables say who is in which group, not in which order the kernel walks them.  The order is taken by
number, as numbers tell what is older: a ring goes from its oldest member up, as copies that propagation
makes do; a slave stands on the list of the newest member that is older than itself, the newest slave
first, as it is put there.  Over random histories this is right more often than any other such rule; where
it is wrong, the same mounts receive the same copies, in another order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from mountlab.model import Vfs
from mountlab.snapshot import words

Tags = dict[int, tuple[int, int]]
"""Mount -> its peer group and its master group; only mounts that have one of them."""
Outside = Callable[[int, int], int]
"""Makes the mount that stands for a group outside of the snapshot: group, mount that listens to it."""


class Groups:
    """Who is in which group, once the tables are brought together."""

    def __init__(self, tags: Tags, dominating: dict[int, set[int]], remarks: list[str]) -> None:
        """`dominating`: master group -> the groups that tables name as ``propagate_from`` of its slaves."""
        self.tags, self.dominating, self.remarks = tags, dominating, remarks
        self.members: dict[int, list[int]] = {}
        self.master: dict[int, int] = {}
        """Peer group -> its master group (0: none)."""
        for mount, (group, master) in tags.items():
            if group:
                self._enter(mount, group, master)
        self._break_circles()
        for mount, (group, _master) in tags.items():
            if group:
                tags[mount] = (group, self.master[group])

    def _enter(self, mount: int, group: int, master: int) -> None:
        self.members.setdefault(group, []).append(mount)
        if self.master.setdefault(group, master) != master:
            self.remarks.append(words.TWO_MASTERS.format(group=group, mount=mount))

    def _break_circles(self) -> None:
        """No group may listen to itself, not even through others."""
        for group in self.master:
            seen = {group}
            above = self.master[group]
            while above:
                if above in seen:
                    self.remarks.append(words.OWN_MASTER.format(group=group))
                    self.master[group] = 0
                    break
                seen.add(above)
                above = self.master.get(above, 0)

    def link(self, vfs: Vfs, outside: Outside) -> None:
        """Write rings and lists of slaves; masters outside of the snapshot are made with `outside`."""
        unseen = self._unseen()
        for group, listener in unseen.items():
            self.remarks.append(words.OUTSIDE.format(group=group))
            self.members[group] = [outside(group, listener)]
            self.master[group] = 0
        for group in unseen:
            self.master[group] = self._nearest(group)
            self.tags[self.members[group][0]] = (group, self.master[group])
        listeners: list[tuple[int, list[int]]] = []
        for group, mounts in self.members.items():
            mounts.sort()
            _write_ring(vfs, mounts)
            if self.master[group]:
                listeners.append((self.master[group], mounts))
        listeners += [(master, [mount]) for mount, (own, master) in self.tags.items() if master and not own]
        lists: dict[int, list[int]] = {}
        for master, ring in sorted(listeners, key=lambda each: -each[1][0]):
            peers = self.members[master]
            older = bisect_left(peers, ring[0])
            lists.setdefault(peers[max(older - 1, 0)], []).extend(ring)
        for mount, slaves in lists.items():
            _write_slaves(vfs, mount, slaves)

    def _unseen(self) -> dict[int, int]:
        """Master groups of which no table shows a member, each with a mount that listens to it."""
        found: dict[int, int] = {}
        for mount, (_group, master) in self.tags.items():
            if master and master not in self.members:
                found.setdefault(master, mount)
        for master, listener in list(found.items()):
            for above in self.dominating.get(master, ()):
                if above not in self.members:
                    found.setdefault(above, listener)
        return found

    def _nearest(self, group: int) -> int:
        """The group that a group outside listens to: of those named in ``propagate_from`` the lowest one."""
        named = {each for each in self.dominating.get(group, ()) if group not in self._above(each)}
        higher = {above for each in named for above in self._above(each) if above != each}
        return min(named - higher, default=0)

    def _above(self, group: int) -> set[int]:
        """The group, its master, that one's master, and so on."""
        found: set[int] = set()
        while group and group not in found:
            found.add(group)
            group = self.master.get(group, 0)
        return found


def _write_ring(vfs: Vfs, ring: list[int]) -> None:
    if len(ring) == 1:
        return
    before = ring[-1]
    for mount in ring:
        vfs.next_peer[before] = mount
        vfs.prev_peer[mount] = before
        before = mount


def _write_slaves(vfs: Vfs, master: int, slaves: list[int]) -> None:
    vfs.first_slave[master] = slaves[0]
    for slave, following in zip(slaves, [*slaves[1:], None], strict=True):
        vfs.slave_of[slave] = master
        if following is not None:
            vfs.next_slave[slave] = following
            vfs.prev_slave[following] = slave
