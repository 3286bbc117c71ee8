"""Which mounts show the same place and are not told of a mount or umount there, and why."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.events import Cloned, Detached, Event, Mounted, Moved
from mountlab.explain.verdicts import Verdict, verdicts
from mountlab.model import Vfs
from mountlab.view.tables import Names
from mountlab.view.telling import Told
from mountlab.view.words import WORDS, counted, say

TOLD_BY_EVENTS = ("propagate.outside", "propagate.self")
"""The kernel looks at these receivers and passes them over: they have events of their own."""
ONE_BY_ONE = 5


def left_out(vfs: Vfs, events: Sequence[Event], names: Names) -> list[Told]:
    """Who hears nothing of a system call, with the reason.

    Args:
        vfs: the state before it.
        events: what it is about to do.
        names: what mounts are called.
    """
    head = next((event for event in events if _place(vfs, event)), None)
    place = _place(vfs, head) if head is not None else None
    if place is None or place[0] not in vfs.mounts:
        return []
    going = isinstance(head, Detached)
    made = [event.mount.mount_id for event in events if isinstance(event, Mounted | Cloned)]
    deaf = [
        verdict
        for verdict in verdicts(vfs, *place, new=made)
        if not verdict.receives and verdict.rule not in TOLD_BY_EVENTS and verdict.mount in names
    ]
    if going:  # only where something might have gone
        kids = ((verdict, vfs.kids.get(verdict.mount, {}).get(place[1])) for verdict in deaf)
        deaf = [verdict._replace(mount=kid) for verdict, kid in kids if kid is not None]
    if len(deaf) <= ONE_BY_ONE:
        return [_told([verdict], names, going=going) for verdict in deaf]
    by_reason: dict[str, list[Verdict]] = {}
    for verdict in deaf:
        by_reason.setdefault(verdict.key, []).append(verdict)
    return [_told(alike, names, going=going) for alike in by_reason.values()]


def _place(vfs: Vfs, event: Event) -> tuple[int, int] | None:
    """The mount and the dentry on which something is attached, or from which it is taken."""
    match event:
        case Mounted(mount=row):
            return row.parent_id, row.mountpoint
        case Cloned(mount=row, rule="bind" | "rbind"):
            return row.parent_id, row.mountpoint
        case Moved(parent=parent, mountpoint=mountpoint):
            return parent, mountpoint
        case Detached(mount=mount, rule="umount") if mount in vfs.mounts:
            row = vfs.mounts[mount]
            return (row.parent_id, row.mountpoint) if row.parent_id != mount else None
        case _:
            return None


def _told(alike: Sequence[Verdict], names: Names, *, going: bool) -> Told:
    """One sentence for mounts that have the same reason."""
    verdict = alike[0]
    sender = names.of(verdict.through) if verdict.through is not None else ""
    many = f"{verdict.key}.n"
    key = many if len(alike) > 1 and many in WORDS else verdict.key
    reason = say(key, sender=sender, group=names.group(verdict.group))
    if len(alike) == 1:
        text = say("stays" if going else "deaf.one", mount=names.of(verdict.mount), reason=reason)
    else:
        text = say("stay" if going else "deaf.many", count=counted("mounts", len(alike)), reason=reason)
    mounts = tuple(one.mount for one in alike)
    return Told(text, verdict.rule, "skip", mounts, verdict.through, len(alike))
