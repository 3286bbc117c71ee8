"""Why a mount is here, and why another is not: collected line by line for a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mountlab.explain.answer import Link
from mountlab.explain.chain import why_mount
from mountlab.explain.why import obstacles
from mountlab.model import Vfs
from mountlab.mountinfo import MountInfo
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.view.tables import Key, Recall, Tables
from mountlab.view.visible import hidden

MOST_SLOTS = 40
"""Empty places of one moment that are explained; a picture with more is too big to ask everywhere."""

Slot = tuple[Key, str]
"""A column, and a path where it has no mount."""


class Reasons:
    """The answers for one trace; to be asked with the state as it is after each line.

    Without a machine (a kernel tells its tables, and no more) it is known which places are empty, not why.
    """

    def __init__(self, machine: SimulatorBackend | None, recall: Recall) -> None:
        self.machine, self.names = machine, ToldNumbers(recall)
        self.whys: list[Mapping[int, Sequence[Link]]] = []
        """For each moment asked about, the start first: mount -> why it is here, if it is new there."""
        self.absences: list[Mapping[Slot, Sequence[Link]]] = []
        """The same for empty places."""
        self._known: set[tuple[int, int, str]] = set()
        """Mounts with their parents and places."""

    def ask(self, vfs: Vfs | None, tables: Tables, until: int = 0) -> None:
        """Explain what there is now, after so many system calls."""
        places = {
            (row.mount_id, row.parent_id, row.mountpoint) for table in tables.values() for row in table.rows
        }
        fresh = sorted({mount for mount, _, _ in places - self._known})
        self._known = places
        self.whys.append({mount: self._why(vfs, mount, until) for mount in fresh})
        self.absences.append({slot: self._absent(vfs, slot, until) for slot in _slots(tables)})

    def _why(self, vfs: Vfs | None, mount: int, until: int) -> Sequence[Link]:
        if self.machine is None or vfs is None:
            return ()
        return why_mount(self.machine, vfs, mount, self.names, until)

    def _absent(self, vfs: Vfs | None, slot: Slot, until: int) -> Sequence[Link]:
        if self.machine is None or vfs is None:
            return ()
        (namespace, shell), path = slot
        return obstacles(self.machine, vfs, None, namespace, path, shell=shell, names=self.names, until=until)


class ToldNumbers:
    """Numbers in explanations, told as a picture tells them."""

    def __init__(self, recall: Recall) -> None:
        self._recall = recall

    def mount(self, number: int, /) -> int | None:
        told: int | None = self._recall("mount", number)
        return told

    def group(self, number: int, /) -> int | None:
        told: int | None = self._recall("group", number)
        return told


def _slots(tables: Tables) -> list[Slot]:
    """Where a column has nothing at a path where another shows a mount."""
    seen = {key: _visible(table.rows) for key, table in tables.items()}
    paths = sorted(set().union(*seen.values()))
    slots = [(key, path) for path in paths for key in tables if path not in seen[key]]
    taken = {(key, row.mountpoint) for key, table in tables.items() for row in table.rows}
    free = [slot for slot in slots if slot not in taken]
    return free if len(free) <= MOST_SLOTS else []


def _visible(rows: Sequence[MountInfo]) -> set[str]:
    covered = hidden(rows)
    return {row.mountpoint for row in rows if row.mount_id not in covered}
