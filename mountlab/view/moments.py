"""What one line did, moment by moment: each with a sentence, and the mount tables it left.

A moment is one thing that a person would point at: a mount was made, a copy arrived, a mount left its peer
group.  So some events are told together, such as the copies of a whole tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mountlab.apply import apply
from mountlab.events import (
    Cloned,
    DentryChanged,
    Detached,
    Event,
    FilesystemChanged,
    FilesystemCreated,
    Freed,
    JoinedGroup,
    LeftGroup,
    Listed,
    LocksChanged,
    MasterChanged,
    Mounted,
    NamespaceCreated,
    NamespaceEnded,
    Received,
    Skipped,
    TaskChanged,
    Tucked,
    UserNamespaceCreated,
)
from mountlab.model import Task, Vfs
from mountlab.shell.holders import KINDS
from mountlab.simulator import Operation
from mountlab.view.left_out import left_out
from mountlab.view.tables import Eye, Names, Recall, Tables, is_waiting
from mountlab.view.telling import Told, tell
from mountlab.view.words import counted, say

MOST = 40
"""Moments that one line is told in; what goes beyond is told together."""


class Moment(NamedTuple):
    """One thing that happened, and what can be seen afterwards."""

    told: Told
    tables: Tables


def opened(vfs: Vfs, eye: Eye, operations: Sequence[Operation]) -> Tables:
    """Play what happens when a terminal opens: it is simply there."""
    for operation in operations:
        for event in operation.events:
            apply(vfs, event)
    return eye.look() if operations else eye.seen()


def moments(
    vfs: Vfs,
    eye: Eye,
    operations: Sequence[Operation],
    before: Tables,
    recall: Recall,
    tells_runtime: bool = False,
) -> Iterator[Moment]:
    """Play the operations on the state, which they change, and stop after each thing worth seeing.

    What a container's runtime does is one thing, unless all its calls are asked for.
    """
    gone = False
    is_wide = any(_reaches_far(vfs, event) for operation in operations for event in operation.events)
    making = Making(vfs)
    for number, operation in enumerate(operations, 1):
        if not tells_runtime and making.takes(operation):
            touched = making.play(operation)
            if number == len(operations) or not making.takes(operations[number]):
                after = eye.look(None if is_wide and number == len(operations) else touched)
                if after != before:
                    yield Moment(making.told(after), after)
                before = after
            continue
        names = Names(before, recall)
        deaf = left_out(vfs, operation.events, names)
        things = _bounded(things_in(vfs, operation.events))
        for count, thing in enumerate(things, 1):
            touched = _namespaces(vfs, thing)
            stays = _ends_inside(vfs, thing)
            for event in thing:
                apply(vfs, event)
            touched |= _namespaces(vfs, thing)
            ends = number == len(operations) and count == len(things)
            after = eye.look(None if ends and is_wide else touched)
            told = tell(vfs, thing, Names(before, recall), Names(after, recall), is_consequence=gone)
            if stays or _is_end_of_a_helper(thing, eye):
                told = None
            if told is None and _is_said_by_the_next(thing):
                continue
            gone = gone or (told is not None and told.kind == "gone")
            if told is not None or after != before:
                yield Moment(told or Told.unnamed(thing), after)
            before = after
        for one in deaf:
            yield Moment(one, before)


class Making:
    """How a container or a unit comes to its namespace: many calls of a runtime, told as one thing.

    What a runtime mounts and leaves behind on the way is nothing that anybody else ever sees.
    """

    def __init__(self, vfs: Vfs) -> None:
        self._vfs = vfs
        self._known = set(vfs.namespaces)
        self._touched: set[int] = set()
        self._task: Task | None = None

    def takes(self, operation: Operation) -> bool:
        """Whether it is a call of a process that is on its way into a namespace made just now."""
        task = self._vfs.tasks.get(operation.pid)
        if task is None or task.name.partition(" ")[0] not in KINDS or operation.name == "fork":
            return False
        return operation.name == "unshare" or task.namespace not in self._known

    def play(self, operation: Operation) -> set[int]:
        """Play its events; the namespaces that were touched since the beginning."""
        for event in operation.events:
            self._touched |= _namespaces(self._vfs, [event])
            apply(self._vfs, event)
            self._touched |= _namespaces(self._vfs, [event])
        self._task = self._vfs.tasks.get(operation.pid)
        return self._touched

    def told(self, after: Tables) -> Told:
        """The one sentence about it."""
        if self._task is None:
            return Told(say("changed"), None, "none")
        rows = next((table.rows for key, table in after.items() if key[0] == self._task.namespace), ())
        mounts = tuple(row.mount_id for row in rows)
        text = say("holder.begins", name=self._task.name, count=counted("mounts", len(mounts)))
        return Told(text, "unshare", "namespace", mounts)


def _ends_inside(vfs: Vfs, thing: Sequence[Event]) -> bool:
    """Whether a terminal's shell ends in a container: the terminal stays open, another shell of it waits."""
    ended = {
        vfs.tasks[event.pid].name for event in thing if isinstance(event, TaskChanged) and not event.task
    }
    waiting = {task.name.partition(" ")[0] for task in vfs.tasks.values() if is_waiting(task)}
    return bool(ended) and ended <= waiting


def _is_said_by_the_next(thing: Sequence[Event]) -> bool:
    """Whether a shell has begun to wait, or has ended: where its terminal is now, the next event says."""
    return all(
        isinstance(event, TaskChanged) and (not event.task or is_waiting(event.task)) for event in thing
    )


def _is_end_of_a_helper(thing: Sequence[Event], eye: Eye) -> bool:
    """Whether all that happened is that a process ended which a daemon had started: no terminal closes."""
    return all(
        isinstance(event, TaskChanged) and event.task is None and not eye.is_terminal(event.pid)
        for event in thing
    )


def _reaches_far(vfs: Vfs, event: Event) -> bool:
    """Whether an event may change a row of a namespace that it does not name.

    A mount shows options of its filesystem, the path of its root, and propagate_from, which follows
    the masters of masters.
    """
    if isinstance(event, DentryChanged):
        known = vfs.dentries.get(event.dentry.id)
        return known is not None and (
            event.dentry.unlinked or (known.parent, known.name) != (event.dentry.parent, event.dentry.name)
        )
    return isinstance(event, FilesystemChanged | LeftGroup | MasterChanged | TaskChanged)


def things_in(vfs: Vfs, events: Sequence[Event]) -> list[list[Event]]:
    """The events of one system call, put together as they are told."""
    things: list[list[Event]] = []
    waiting: list[Event] = []
    for event in events:
        if isinstance(event, Tucked):
            _arrival(vfs, things, event).append(event)
        elif _comes_first(event):
            waiting.append(event)
        elif things and not waiting and _belongs(vfs, things[-1], event):
            things[-1].append(event)
        else:
            things.append([*waiting, event])
            waiting = []
    if waiting:
        things.append(waiting)
    return things


def _arrival(vfs: Vfs, things: list[list[Event]], event: Tucked) -> list[Event]:
    """What brought the copy that slipped beneath a mount: the two are seen at once."""
    row = vfs.mounts[event.mount]
    place = (row.parent_id, row.mountpoint)
    for thing in things:
        for one in thing:
            if isinstance(one, Received) and (one.mount.parent_id, one.mount.mountpoint) == place:
                return thing
    return things[-1]


def _comes_first(event: Event) -> bool:
    """Whether an event only prepares the next one."""
    if isinstance(event, LeftGroup | MasterChanged):
        return event.rule == "umount" or (isinstance(event, LeftGroup) and event.rule == "make.slave")
    if isinstance(event, TaskChanged):
        return event.task is None  # and so its namespace may end
    return isinstance(event, FilesystemCreated | UserNamespaceCreated | LocksChanged)


def _belongs(vfs: Vfs, thing: Sequence[Event], event: Event) -> bool:
    """Whether an event is told together with the thing before it."""
    head = next((one for one in thing if not _comes_first(one)), thing[0])
    match event:
        case Listed() | Freed() | DentryChanged():
            return True
        case TaskChanged():
            return isinstance(head, NamespaceCreated)
        case Cloned():
            return isinstance(head, NamespaceCreated | Cloned | Received)
        case JoinedGroup():
            return isinstance(head, JoinedGroup) and head.rule == event.rule
        case LeftGroup():
            return isinstance(head, LeftGroup | MasterChanged) and head.rule == event.rule
        case MasterChanged():
            return isinstance(head, LeftGroup | MasterChanged) and _same_cause(head.rule, event.rule)
        case NamespaceEnded():
            return isinstance(head, Detached)
        case Detached():
            gone = {one.mount for one in thing if isinstance(one, Detached)}
            return event.mount in vfs.mounts and vfs.mounts[event.mount].parent_id in gone
        case _:
            return False


def _same_cause(first: str, second: str) -> bool:
    causes = ("make.slave", "make.private")
    return first == second and first in causes


def _bounded(things: list[list[Event]]) -> list[list[Event]]:
    """At most `MOST` things: of a long row of copies the first are told one by one, the others at once."""
    if len(things) <= MOST:
        return things
    keep = MOST // 2
    kinds = (Received, Skipped, Detached)
    bounded: list[list[Event]] = []
    for thing in things:
        alike = bounded and isinstance(thing[-1], kinds) and isinstance(bounded[-1][-1], kinds)
        if (len(bounded) >= keep and alike) or len(bounded) >= MOST:
            bounded[-1] = [*bounded[-1], *thing]
        else:
            bounded.append(thing)
    return bounded


def _namespaces(vfs: Vfs, thing: Sequence[Event]) -> set[int]:
    """The namespaces of the mounts that the events name, as far as they are there now."""
    found = set()
    for event in thing:
        match event:
            case Mounted(mount=row) | Cloned(mount=row) | Received(mount=row):
                numbers = [row.namespace]
            case Skipped() | DentryChanged() | Listed():
                numbers = []
            case TaskChanged(pid=pid):
                numbers = [vfs.tasks[pid].namespace] if pid in vfs.tasks else []
            case NamespaceCreated(namespace=namespace):
                numbers = [namespace.id]
            case NamespaceEnded(namespace=ended):
                numbers = [ended]
            case _:
                mount = getattr(event, "mount", None)
                numbers = [vfs.mounts[mount].namespace] if mount in vfs.mounts else []
        found |= {number for number in numbers if number is not None}
    return found
