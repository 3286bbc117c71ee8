"""Where everything stands in the picture: a place for each mount that holds over a whole trace.

Columns are mount namespaces, rows are paths.  The same path is at the same height in every namespace, so a
mount that is missing leaves a gap.  A row has several lanes where mounts stand on one another.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mountlab.mountinfo import MountInfo
from mountlab.view.tables import Key, Table, Tables
from mountlab.view.visible import hidden, stacks

OPEN_ROWS = 30
"""Rows that are shown before anybody unfolds one."""
WIDE_COLUMNS = 6


class Box(NamedTuple):
    """One mount as one column shows it at one moment."""

    row: MountInfo
    hidden: bool


Boxes = dict[int, Box]
"""Number of a box -> what it shows.  A mount that two columns show is two boxes."""


class Row(NamedTuple):
    """A path."""

    path: str
    label: str
    """The path from the row above in the tree on."""
    up: int
    lanes: int
    is_group: bool = False
    """Only a directory that holds many mounts: no mount is ever on it."""


class Grid:
    """Sees the tables of one moment after the other, and then gives every box its place."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.column_of: dict[int, Key] = {}
        """Box -> its column."""
        self.mount_of: dict[int, int] = {}
        self._present: dict[Key, dict[int, tuple[int, MountInfo]]] = {}
        self._seen: dict[Key, tuple[Table, Boxes]] = {}
        self._below: dict[int, set[int]] = {}
        """Box -> boxes on the same place on which it was seen standing."""
        self._beside: dict[tuple[int, int], None] = {}
        """Boxes that were seen on the same place at once, neither on the other."""
        self._stacks: dict[int, set[tuple[int, ...]]] = {}
        """Box -> the stacks in which it was seen."""
        self._paths: dict[str, set[int]] = {}

    def see(self, tables: Tables) -> Boxes:
        """The boxes of this moment."""
        boxes: Boxes = {}
        for key in [key for key in self._present if key not in tables]:
            del self._present[key], self._seen[key]
        for key, table in tables.items():
            if key not in self.keys:
                self.keys.append(key)
            known = self._seen.get(key)
            if known is None or known[0].rows is not table.rows:
                self._seen[key] = (table, self._read(key, table.rows))
            boxes |= self._seen[key][1]
        return boxes

    def _read(self, key: Key, rows: Sequence[MountInfo]) -> Boxes:
        before = self._present.get(key, {})
        present: dict[int, tuple[int, MountInfo]] = {}
        for row in rows:
            number, was = before.get(row.mount_id, (0, None))
            if was is None or (was.dev, was.root) != (row.dev, row.root):
                # A kernel uses the number of a mount that has gone for the next one.
                number = len(self.column_of)
                self.column_of[number], self.mount_of[number] = key, row.mount_id
            present[row.mount_id] = (number, row)
        self._present[key] = present
        for path, mounts in stacks(rows).items():
            numbers = [present[mount][0] for mount in mounts]
            self._paths.setdefault(path, set()).update(numbers)
            if len(numbers) > 1:
                for number in numbers:
                    self._stacks.setdefault(number, set()).add(tuple(numbers))
            for lower, upper in itertools.pairwise(mounts):
                pair = present[lower][0], present[upper][0]
                if present[upper][1].parent_id == lower:
                    self._below.setdefault(pair[1], set()).add(pair[0])
                else:
                    self._beside[pair] = None
        covered = hidden(rows)
        return {number: Box(row, row.mount_id in covered) for number, row in present.values()}

    # -- places ------------------------------------------------------------------------------------

    def lanes(self) -> dict[int, int]:
        """Box -> its lane: above everything it was ever seen above, and never where it saw another one."""
        below = {box: set(lower) for box, lower in self._below.items()}
        for lower, upper in self._beside:
            if not _stands_on(below, lower, upper):
                below.setdefault(upper, set()).add(lower)
        lanes: dict[int, int] = {}
        for box in _lowest_first(sorted(self.column_of), below):
            lane = 1 + max((lanes[one] for one in below.get(box, ()) if one in lanes), default=-1)
            taken = {lanes[one] for stack in self._stacks.get(box, ()) for one in stack if one in lanes}
            while lane in taken:
                lane += 1
            lanes[box] = lane
        return lanes

    def rows(self) -> list[Row]:
        """All paths, depth first, each with room for its highest stack."""
        lanes = self.lanes()
        room = {path: 1 + max(lanes[box] for box in boxes) for path, boxes in self._paths.items()}
        return tree(room)


def _lowest_first(boxes: Iterable[int], below: dict[int, set[int]]) -> list[int]:
    """What a box stands on comes before it.

    Of two that changed places over time, whichever is asked for first comes later, and so stays higher.
    """
    order: dict[int, None] = {}
    asked: set[int] = set()
    for box in boxes:
        waiting = [(box, False)]
        while waiting:
            one, is_done = waiting.pop()
            if is_done:
                order[one] = None
            elif one not in asked:
                asked.add(one)
                waiting.append((one, True))
                waiting += [(lower, False) for lower in sorted(below.get(one, ()), reverse=True)]
    return [*order]


def _stands_on(below: dict[int, set[int]], box: int, other: int) -> bool:
    """Whether a box is above another, with others between them or not."""
    waiting, met = [box], {box}
    while waiting:
        for lower in below.get(waiting.pop(), ()):
            if lower == other:
                return True
            if lower not in met:
                met.add(lower)
                waiting.append(lower)
    return False


def tree(room: dict[str, int]) -> list[Row]:
    """The rows of these paths; where they are many, directories that hold several get a row of their own."""
    paths = {_parts(path): lanes for path, lanes in room.items()}
    groups = _directories(paths) if len(paths) > OPEN_ROWS else set()
    rows: list[Row] = []
    index: dict[tuple[str, ...], int] = {}
    for parts in sorted(paths.keys() | groups):
        up = next((index[parts[:end]] for end in range(len(parts) - 1, -1, -1) if parts[:end] in index), -1)
        start = len(_parts(rows[up].path)) if up > 0 else 0
        label = "/".join(parts[start:]) if up > 0 else "/" + "/".join(parts)
        index[parts] = len(rows)
        rows.append(Row("/" + "/".join(parts), label, up, paths.get(parts, 1), parts not in paths))
    return rows


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)


def _directories(paths: Iterable[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Directories with several mounts below; of a chain of them that hold the same ones, the last."""
    counts: dict[tuple[str, ...], int] = {}
    for path in paths:
        for end in range(1, len(path)):
            counts[path[:end]] = counts.get(path[:end], 0) + 1
    chains = {path[:-1] for path, count in counts.items() if counts.get(path[:-1]) == count}
    return {path for path, count in counts.items() if count > 1 and path not in chains} - set(paths)


def closed(rows: Sequence[Row]) -> list[int]:
    """The rows that are folded at first, so that about `OPEN_ROWS` are seen."""
    children: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        children.setdefault(row.up, []).append(number)
    shown = len(children.get(-1, ()))
    waiting, folded = list(children.get(-1, ())), []
    while waiting:
        waiting.sort(key=lambda number: len(children.get(number, ())))
        number = waiting.pop(0)
        below = children.get(number, [])
        if below and shown + len(below) > OPEN_ROWS:
            folded.append(number)
            continue
        shown += len(below)
        waiting += below
    return sorted(folded)


def narrow(count: int, actors: Sequence[int]) -> list[int]:
    """Columns that are drawn narrow at first: what is beyond the first few, and nobody types in."""
    if count <= WIDE_COLUMNS:
        return []
    wide = list(dict.fromkeys([0, *actors, *range(count)]))[: WIDE_COLUMNS - 1]
    return [column for column in range(count) if column not in wide]
