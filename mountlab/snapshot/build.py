"""Puts the mounts of a snapshot together to one state: every namespace, view and process of it.

The state is written as a whole and without events: it is where the machine's history begins.
"""

from __future__ import annotations

from typing import NamedTuple

from mountlab.model import Mount, Namespace, Task, Vfs
from mountlab.processes import FIRST, INITIAL
from mountlab.propagation import collector_paused
from mountlab.snapshot.format import Snapshot
from mountlab.snapshot.ground import UNSEEN, Ground, Row
from mountlab.snapshot.groups import Groups
from mountlab.snapshot.places import Places
from mountlab.snapshot.standing import Floor


class Built(NamedTuple):
    """A state, its terminals, and what could not be taken as it stood."""

    vfs: Vfs
    terminals: dict[str, int]
    first_command: str
    remarks: tuple[str, ...]


def build(snapshot: Snapshot, quirks: frozenset[str]) -> Built:
    """Make the state.  Raises SnapshotError for tables that cannot be."""
    with collector_paused():
        return _Builder(snapshot, Vfs(quirks)).build()


class _Builder:
    """The namespaces first, then the groups, then the processes."""

    def __init__(self, snapshot: Snapshot, vfs: Vfs) -> None:
        self.snapshot, self.vfs = snapshot, vfs
        self.ground = Ground(snapshot, vfs)
        # The one of process 1 is the machine's first; the others keep their order.
        order = sorted(
            snapshot.namespaces, key=lambda shown: all(process.pid != FIRST for process in shown.processes)
        )
        self.namespaces = [Places(self.ground, number, each) for number, each in enumerate(order, INITIAL)]
        self.elsewhere = INITIAL + len(order)
        """The namespace of what no process shows."""

    def build(self) -> Built:
        ground, vfs = self.ground, self.vfs
        for places in self.namespaces:
            places.place()
        groups = Groups(ground.tags, ground.dominating, ground.remarks)
        groups.link(vfs, self._outside)
        terminals = self._processes()
        files = (ground.texts[number].root for number in self.snapshot.files)
        ground.trees.finish(files, {(row.root, row.mountpoint) for row in ground.rows.values()})
        self._write_mounts()
        counters = vfs.counters
        counters["mount"], counters["ns"] = ground.free, self.elsewhere + 1
        counters["group"] = 1 + max((max(tags) for tags in ground.tags.values()), default=0)
        return Built(vfs, terminals, vfs.tasks[FIRST].name, tuple(ground.remarks))

    def _outside(self, group: int, listener: int) -> int:
        """The mount that stands for a peer group outside: in a namespace of its own, where nobody is."""
        ground, number = self.ground, self.elsewhere
        if number not in self.vfs.namespaces:
            self.vfs.namespaces[number] = Namespace(number, ground.unseen(ground.number(), number), 0)
        floor = self.vfs.namespaces[number].root
        fs = ground.rows[listener].fs
        mountpoint = ground.trees.walk(ground.rows[floor].root, f"group-{group}")
        mount = ground.number()
        root = self.vfs.filesystems[fs].root
        ground.put(mount, Row(floor, fs, root, mountpoint, number, 0, UNSEEN, mount))
        ground.tags[mount] = (group, 0)
        return mount

    def _write_mounts(self) -> None:
        vfs, ground = self.vfs, self.ground
        vfs.members = {number: {} for number in vfs.namespaces}
        nothing = (0, 0)
        for mount, row in ground.rows.items():
            group, master = ground.tags.get(mount, nothing)
            # In the order of the fields; NamedTuple's own constructor costs twice as much.
            vfs.mounts[mount] = tuple.__new__(Mount, (
                mount, row.parent, row.fs, row.root, row.mountpoint, row.namespace, group, master,
                mount in ground.unbindable, row.flags, False, 0, row.source, row.rank,
            ))  # fmt: skip
            vfs.members[row.namespace][mount] = row.rank

    def _processes(self) -> dict[str, int]:
        """Every process of the snapshot, and a terminal for each view."""
        vfs = self.vfs
        floors = [Floor(places) for places in self.namespaces]
        for places, floor in zip(self.namespaces, floors, strict=True):
            for process in places.shown.processes:
                at = (*floor.roots[process.view], *floor.cwd(process))
                self._task(Task(process.pid, process.name, places.number, 0, *at, True, True))
        if FIRST not in vfs.tasks:
            self._task(Task(FIRST, "init", INITIAL, 0, *floors[0].roots[0], *floors[0].roots[0], True, True))
        terminals: dict[str, int] = {}
        pid = max(vfs.tasks)
        for places, floor in zip(self.namespaces, floors, strict=True):
            for view, root in zip(places.shown.views, floor.roots, strict=True):
                pid += 1
                terminals[view.name] = pid
                self._task(Task(pid, view.name, places.number, 0, *root, *root, True, True))
        vfs.counters["pid"] = pid + 1
        return terminals

    def _task(self, task: Task) -> None:
        self.vfs.tasks[task.pid] = task
        for mount in (task.root_mount, task.cwd_mount):
            self.vfs.pins[mount] = self.vfs.pins.get(mount, 0) + 1
