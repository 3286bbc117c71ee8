"""The life of one mount: where it stood, in which group, whom it listened to, from which moment on.

A moment is a number: the place of an event among all events of a machine.  "At moment t" means
before event t.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from mountlab.events import Cloned, Mounted, Received
from mountlab.model import Mount

START = -1
"""The moment before all others: what the machine began with."""


class Place(NamedTuple):
    """Where a mount stood from a moment on."""

    moment: int
    parent: int
    mountpoint: int
    attached: int
    rule: str


class Change(NamedTuple):
    """A number (peer group, master group, 1 for unbindable) from a moment on."""

    moment: int
    value: int
    rule: str


class View(NamedTuple):
    """By whose eyes a namespace is named from a moment on: its first terminal, and that one's root."""

    moment: int
    shell: str | None
    """None where no terminal is."""
    root_mount: int
    root_dentry: int


class Spread(NamedTuple):
    """One attachment that may go to others: what was attached, on which mount, at which dentry."""

    source: int
    dest: int
    mountpoint: int


_Noted = TypeVar("_Noted", Place, Change, View)


def at(notes: Sequence[_Noted], moment: int) -> _Noted:
    """What was noted last before a moment; the first note when all came later."""
    if notes[-1].moment < moment:
        return notes[-1]
    return notes[max(0, bisect_left(notes, moment, key=lambda note: note.moment) - 1)]


class Life:
    """All that happened to one mount."""

    __slots__ = ("born", "end", "event", "groups", "masters", "places", "row", "unbindable")

    def __init__(self, row: Mount, event: Mounted | Cloned | Received | None, moment: int) -> None:
        self.row, self.event, self.born = row, event, moment
        self.end: int | None = None
        """The moment at which it left its namespace."""
        rule = event.rule if event else "start"
        self.places = [Place(moment, row.parent_id, row.mountpoint, row.attached, rule)]
        self.groups = [Change(moment, row.peer_group, rule)]
        self.masters = [Change(moment, row.master, rule)]
        self.unbindable = [Change(moment, int(row.unbindable), rule)]

    def place(self, moment: int) -> Place:
        """Where it stood at a moment (where it came to, when that is before it came)."""
        return at(self.places, moment)

    def group(self, moment: int) -> Change:
        """Its peer group at a moment (0: none), and since when."""
        return at(self.groups, moment)

    def master(self, moment: int) -> Change:
        """The group it listened to at a moment (0: none), and since when."""
        return at(self.masters, moment)

    def bindable(self, moment: int) -> Change:
        """Whether it was unbindable (1) at a moment, and since when."""
        return at(self.unbindable, moment)

    def alive(self, moment: int) -> bool:
        """Whether it was in its namespace at a moment."""
        return self.born < moment and (self.end is None or self.end >= moment)
