"""Who would be told of a mount or umount made at one place, who would not, and why.

A function of the state alone: it asks no history, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from mountlab.explain.tell import Group, Named
from mountlab.explain.words import say
from mountlab.model import Mount, Vfs
from mountlab.propagation import peer_groups


class Verdict(NamedTuple):
    """Whether one mount receives, by which rule, and through whom."""

    mount: int
    receives: bool
    rule: str
    key: str
    """Of the sentence in `mountlab.explain.words`."""
    through: int | None
    """The mount it hears it from, or (when it does not) the one that keeps it from hearing."""
    group: int = 0
    """The peer group that the sentence speaks of."""

    def parts(self, moment: int) -> dict[str, Named | Group]:
        """What goes into the sentence."""
        through = self.mount if self.through is None else self.through
        named = {"mount": Named(self.mount, moment, moment), "sender": Named(through, moment, moment)}
        return {**named, "group": Group(self.group)}

    def __str__(self) -> str:
        number = say("number", number=self.mount)
        sender = say("number", number=self.through)
        group = say("group", number=self.group)
        return say(self.key, mount=number, sender=sender, group=group)


def verdicts(
    vfs: Vfs,
    dest_mount: int,
    dentry: int,
    *,
    new: Collection[int] = (),
    among: Iterable[int] | None = None,
) -> list[Verdict]:
    """Judge every other mount that shows a place, or is in the propagation tree of the mount it is seen on.

    Args:
        vfs: the state before the mount or umount.
        dest_mount: the mount on which it is made.
        dentry: where on it.
        new: mounts that the same command made: they receive nothing of their own arrival.
        among: the mounts of that filesystem, where the caller knows them; else all mounts are looked at.
    """
    dest = vfs.mounts[dest_mount]
    lineage = vfs.lineage(dentry)
    heard = _tree(vfs, dest_mount, lineage, new) if dest.peer_group else {}
    fs = dest.fs
    rows = (vfs.mounts[m] for m in among) if among is not None else vfs.mounts.values()
    for row in rows:
        mount = row.mount_id
        if row.fs == fs and row.root in lineage and mount not in heard and row.namespace is not None:
            heard[mount] = _unheard(vfs, dest, row)
    heard.pop(dest_mount, None)
    return list(heard.values())


def _tree(vfs: Vfs, dest: int, lineage: set[int], new: Collection[int]) -> dict[int, Verdict]:
    """The propagation tree in the kernel's order."""
    heard: dict[int, Verdict] = {}
    for number, group in enumerate(peer_groups(vfs, dest)):
        sender = dest if number == 0 else None
        for mount in group:
            if number == 0 and mount == dest:
                continue
            verdict = _in_tree(vfs, mount, sender, lineage, new)
            heard[mount] = verdict
            if verdict.receives and sender is None:
                sender = mount
    return heard


def _in_tree(vfs: Vfs, mount: int, peer: int | None, lineage: set[int], new: Collection[int]) -> Verdict:
    row = vfs.mounts[mount]
    through = vfs.slave_of.get(mount) if peer is None else peer
    group = row.master if peer is None else row.peer_group
    if mount in new:
        return Verdict(mount, False, "propagate.self", "not.self", through, group)
    if row.root not in lineage:
        return Verdict(mount, False, "propagate.outside", "not.outside", through, group)
    if peer is None:
        return Verdict(mount, True, "propagate.slave", "hears.slave", through, group)
    return Verdict(mount, True, "propagate.peer", "hears.peer", through, group)


def _unheard(vfs: Vfs, dest: Mount, row: Mount) -> Verdict:
    """Why a mount that shows the place is not in the tree."""
    sender, mount = dest.mount_id, row.mount_id
    if not dest.peer_group:
        if dest.master:
            return Verdict(mount, False, "make.slave", "not.sent.slave", sender, dest.master)
        key = "unbindable" if dest.unbindable else "private"
        return Verdict(mount, False, f"make.{key}", f"not.sent.{key}", sender)
    if row.peer_group and row.peer_group in _masters(vfs, dest):
        return Verdict(mount, False, "make.slave", "not.upwards", sender, row.peer_group)
    if row.peer_group:
        return Verdict(mount, False, "propagate.group", "not.other.group", sender, row.peer_group)
    if row.master:
        return Verdict(mount, False, "propagate.group", "not.other.master", sender, row.master)
    key = "unbindable" if row.unbindable else "private"
    return Verdict(mount, False, f"make.{key}", f"not.{key}", sender)


def _masters(vfs: Vfs, row: Mount) -> Iterator[int]:
    """The groups above a mount: its master, the master's master …"""
    master = vfs.slave_of.get(row.mount_id)
    while master is not None:
        yield vfs.mounts[master].peer_group
        master = vfs.slave_of.get(master)
