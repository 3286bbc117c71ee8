"""The history of a machine, indexed by mount, so that every question about it is a look-up.

One walk over all events, once; where a machine has gone on since, it is read on from there.
"""

# ruff: noqa: SLF001 - the table of handlers names methods of its own class
from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from mountlab.events import (
    Cloned,
    Detached,
    JoinedGroup,
    LeftGroup,
    MasterChanged,
    Mounted,
    Moved,
    Received,
    Reparented,
    Skipped,
    TaskChanged,
    Tucked,
    UnbindableChanged,
)
from mountlab.explain.lives import START, Change, Life, Place, Spread, View, at
from mountlab.model import Mount, Task, Vfs
from mountlab.processes import FIRST
from mountlab.shell.history import Ran
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.simulator import Operation

SPREAD = ("propagate.peer", "propagate.slave")
"""Rules of copies that propagation made."""


class Chronicle:
    """The index of one machine."""

    def __init__(self) -> None:
        self.lives: dict[int, Life] = {}
        self.stood: dict[tuple[int, int], list[int]] = {}
        """(parent, mountpoint) -> the mounts that ever came to stand there, in order."""
        self.members: dict[int, dict[int, None]] = {}
        """Peer group -> the mounts that ever were in it, in order."""
        self.group_masters: dict[int, list[Change]] = {}
        """Peer group -> the group that it listens to."""
        self.views: dict[int, list[View]] = {}
        """Namespace -> by whose eyes it is named."""
        self.roots: dict[int, list[Change]] = {}
        """Process -> its root mount, whenever its root changed."""
        self.spreads: dict[int, Spread] = {}
        """Operation -> what it attached."""
        self.tops: dict[int, int] = {}
        """Copy that propagation made -> the top of the copied tree that it belongs to."""
        self.seeds: dict[int, int] = {}
        """Copy that propagation made -> the mount of the attached tree that it is a copy of."""
        self.heads: dict[int, int] = {}
        """Top of a propagated copy -> the first copy made in the same peer group."""
        self.skipped: dict[int, list[int]] = {}
        """Operation -> receivers that got nothing."""
        self.gone: dict[int, list[int]] = {}
        """Operation -> mounts that left, in order."""
        self.starts: list[int] = []
        """Operation -> the moment of its first event."""
        self.moments = 0
        self.memo: dict[Any, Any] = {}
        """For those who are asked the same again."""
        self._last: Operation | None = None
        self._top = 0
        self._tasks: dict[int, Task] = {}
        self._order: dict[str, int] = {}
        self._others: set[int] = set()
        """Processes that are no terminals."""
        self._firsts: list[int] = []
        self._lines: list[Ran] = []

    # -- reading -------------------------------------------------------------------------------------

    def continues(self, operations: list[Operation]) -> bool:
        """Whether what was read so far is the beginning of this history."""
        known = len(self.starts)
        return known <= len(operations) and (not known or operations[known - 1] is self._last)

    def begin(self, vfs: Vfs, shells: set[str]) -> None:
        """What the machine started with; of its processes those named so are terminals."""
        self._others = {pid for pid, task in vfs.tasks.items() if pid == FIRST or task.name not in shells}
        for row in vfs.mounts.values():
            self._enter(row, None, START)
        for pid, task in vfs.tasks.items():
            self._tasks[pid] = task
            self._order.setdefault(task.name, len(self._order))
        for namespace in vfs.namespaces:
            self._look(namespace, START)

    def read(self, machine: SimulatorBackend) -> None:
        """Index what happened since the last time."""
        operations = machine.sim.operations
        for number in range(len(self.starts), len(operations)):
            self.starts.append(self.moments)
            for event in operations[number].events:
                handle = _HANDLERS.get(event.__class__)
                if handle is not None:
                    handle(self, event, number)
                self.moments += 1
            self._last = operations[number]
        lines = machine.history
        if len(lines) != len(self._lines) or (lines and lines[-1] is not self._lines[-1]):
            self._lines = list(lines)
            self._firsts = [ran.first for ran in lines]

    def _enter(self, row: Mount, event: Mounted | Cloned | Received | None, moment: int) -> None:
        self.lives[row.mount_id] = Life(row, event, moment)
        self.stood.setdefault((row.parent_id, row.mountpoint), []).append(row.mount_id)
        if row.peer_group:
            self._joined(row.mount_id, row.peer_group, row.master, moment)

    def _joined(self, mount: int, group: int, master: int, moment: int) -> None:
        self.members.setdefault(group, {})[mount] = None
        self._listens(group, master, moment)

    def _listens(self, group: int, master: int, moment: int) -> None:
        known = self.group_masters.setdefault(group, [])
        if not known or known[-1].value != master:
            known.append(Change(moment, master, ""))

    def _attached(self, event: Mounted | Cloned, number: int) -> None:
        row = event.mount
        self._enter(row, event, self.moments)
        if isinstance(event, Cloned) and event.rule in SPREAD:
            self._copied(row.mount_id, event.original, self._top)
        elif not event.rule.startswith("unshare"):
            self.spreads.setdefault(number, Spread(row.mount_id, row.parent_id, row.mountpoint))

    def _received(self, event: Received, _number: int) -> None:
        top = self._top = event.mount.mount_id
        self._enter(event.mount, event, self.moments)
        self._copied(top, event.original, top)
        self.heads[top] = top if event.slave else self.heads.get(event.original, event.original)

    def _copied(self, mount: int, original: int, top: int) -> None:
        self.tops[mount] = top
        made_now = self.operation(self.lives[original].born) == len(self.starts) - 1
        self.seeds[mount] = self.seeds.get(original, original) if made_now else original

    def _placed(self, event: Moved | Reparented | Tucked, number: int) -> None:
        mount, parent = event.mount, event.parent
        where = self.lives[parent].row.root if isinstance(event, Tucked) else event.mountpoint
        self.lives[mount].places.append(Place(self.moments, parent, where, event.attached, event.rule))
        self.stood.setdefault((parent, where), []).append(mount)
        if event.rule == "move":
            self.spreads[number] = Spread(mount, parent, where)

    def _grouped(self, event: JoinedGroup | LeftGroup, _number: int) -> None:
        life = self.lives[event.mount]
        group = event.group if isinstance(event, JoinedGroup) else 0
        life.groups.append(Change(self.moments, group, event.rule))
        if group:
            self._joined(event.mount, group, life.masters[-1].value, self.moments)
            if life.unbindable[-1].value:
                life.unbindable.append(Change(self.moments, 0, event.rule))

    def _mastered(self, event: MasterChanged, _number: int) -> None:
        life = self.lives[event.mount]
        master = self.lives[event.master].groups[-1].value if event.master is not None else 0
        life.masters.append(Change(self.moments, master, event.rule))
        if life.groups[-1].value:
            self._listens(life.groups[-1].value, master, self.moments)

    def _ended(self, event: Detached, number: int) -> None:
        life = self.lives[event.mount]
        if life.end is None:
            life.end = self.moments
            self.gone.setdefault(number, []).append(event.mount)

    def _task(self, event: TaskChanged, _number: int) -> None:
        old, new = self._tasks.pop(event.pid, None), event.task
        if new is not None:
            self._tasks[event.pid] = new
            self._order.setdefault(new.name, len(self._order))
        for namespace in {task.namespace for task in (old, new) if task}:
            self._look(namespace, self.moments)

        if new is not None and (old is None or _root(old) != _root(new)):
            self.roots.setdefault(event.pid, []).append(Change(self.moments, new.root_mount, event.rule))

    def _look(self, namespace: int, moment: int) -> None:
        """Note by whose eyes a namespace is named from now on."""
        inside = [task for task in self._tasks.values() if task.namespace == namespace]
        shells = [task for task in inside if task.pid not in self._others]
        best = min(shells or inside, key=lambda task: self._order[task.name], default=None)
        if best is not None:
            view = View(moment, best.name if shells else None, best.root_mount, best.root_dentry)
            views = self.views.setdefault(namespace, [])
            if not views or views[-1][1:] != view[1:]:
                views.append(view)

    def _skip(self, event: Skipped, number: int) -> None:
        self.skipped.setdefault(number, []).append(event.receiver)

    def _unbindable(self, event: UnbindableChanged, _number: int) -> None:
        change = Change(self.moments, int(event.unbindable), event.rule)
        self.lives[event.mount].unbindable.append(change)

    # -- asking --------------------------------------------------------------------------------------

    def end_of(self, operations: int | None) -> int:
        """The moment after that many operations; now, when None."""
        if operations is None or operations >= len(self.starts):
            return self.moments
        return self.starts[operations]

    def operation(self, moment: int) -> int:
        """The operation to which an event belongs; -1 for the machine's start."""
        return bisect_right(self.starts, moment) - 1 if moment > START else -1

    def line(self, moment: int) -> Ran | None:
        """The line that made an event; None for the machine's start, and for a terminal that was opened."""
        operation = self.operation(moment)
        index = bisect_right(self._firsts, operation) - 1
        ran = self._lines[index] if operation >= 0 and index >= 0 else None
        return ran if ran is not None and operation < ran.end else None

    def after(self, moment: int) -> int:
        """The moment after the line (or the system call) to which an event belongs."""
        if moment <= START:
            return 0
        ran = self.line(moment)
        return self.end_of(ran.end if ran else self.operation(moment) + 1)

    def before(self, moment: int) -> int:
        """The moment before the system call to which an event belongs."""
        return self.starts[self.operation(moment)] if moment > START else 0

    def view(self, namespace: int, moment: int) -> View | None:
        """By whose eyes a namespace is named at a moment."""
        views = self.views.get(namespace)
        return at(views, moment) if views else None

    def rooted(self, pid: int, moment: int) -> int:
        """The moment since which a process has its root."""
        roots = self.roots.get(pid)
        return at(roots, moment).moment if roots else START

    def master_of(self, group: int, moment: int) -> int:
        """The group that a peer group listens to at a moment; 0 when to none."""
        known = self.group_masters.get(group, [])
        index = bisect_left(known, moment, key=lambda change: change.moment) - 1
        return known[index].value if index >= 0 else 0

    def member(self, group: int, moment: int) -> int | None:
        """The first of the members that a peer group has at a moment."""
        for mount in self.members.get(group, ()):
            life = self.lives[mount]
            if life.alive(moment) and life.group(moment).value == group:
                return mount
        return None


def _root(task: Task) -> tuple[int, int]:
    return task.root_mount, task.root_dentry


_HANDLERS: dict[type, Callable[[Chronicle, Any, int], None]] = {
    Mounted: Chronicle._attached,
    Cloned: Chronicle._attached,
    Received: Chronicle._received,
    Moved: Chronicle._placed,
    Reparented: Chronicle._placed,
    Tucked: Chronicle._placed,
    JoinedGroup: Chronicle._grouped,
    LeftGroup: Chronicle._grouped,
    MasterChanged: Chronicle._mastered,
    Detached: Chronicle._ended,
    TaskChanged: Chronicle._task,
    Skipped: Chronicle._skip,
    UnbindableChanged: Chronicle._unbindable,
}


def shells_of(machine: SimulatorBackend) -> set[str]:
    """The terminals that are open, and those in which something was typed."""
    return set(machine.terminals) | {ran.shell for ran in machine.history}


_KNOWN: WeakKeyDictionary[SimulatorBackend, Chronicle] = WeakKeyDictionary()


def chronicle(machine: SimulatorBackend) -> Chronicle:
    """The index of a machine's history up to now; made once, and read on when the machine has gone on."""
    known = _KNOWN.get(machine)
    if known is None or not known.continues(machine.sim.operations):
        known = _KNOWN[machine] = Chronicle()
        known.begin(machine.sim.at(0), shells_of(machine))
    known.read(machine)
    return known
