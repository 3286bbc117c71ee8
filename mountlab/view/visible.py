"""Which mounts of a table a path still leads to, and which stand on one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mountlab.mountinfo import MountInfo

OUTSIDE = 0
"""Stands for a parent that the reader does not see."""


def parents(rows: Sequence[MountInfo]) -> dict[int, int]:
    """Each mount's parent, or `OUTSIDE`."""
    listed = {row.mount_id for row in rows}
    inside = (row.parent_id if row.parent_id != row.mount_id else OUTSIDE for row in rows)
    return {
        row.mount_id: parent if parent in listed else OUTSIDE
        for row, parent in zip(rows, inside, strict=True)
    }


def hidden(rows: Sequence[MountInfo]) -> set[int]:
    """The mounts that no path leads to: something stands on them, or on a directory above them.

    A path begins at the reader's root, even where another mount stands on that: see path_resolution(7).
    (After a chroot into a plain directory the table does not say what lies under a mount on that directory.)
    """
    above = parents(rows)
    mounted = {(above[row.mount_id], row.mountpoint): row.mount_id for row in rows}
    return {row.mount_id for row in rows if _at(mounted, row.mountpoint) != row.mount_id}


def _at(mounted: dict[tuple[int, str], int], path: str) -> int:
    """The mount that one reaches by a path."""
    mount = mounted.get((OUTSIDE, "/"), OUTSIDE)
    for prefix in _prefixes(path):
        while (mount, prefix) in mounted:
            mount = mounted[mount, prefix]
    return mount


def _prefixes(path: str) -> Iterator[str]:
    """``/a``, ``/a/b`` … of ``/a/b``; nothing of ``/``."""
    end = path.find("/", 1)
    while end != -1:
        yield path[:end]
        end = path.find("/", end + 1)
    if path != "/":
        yield path


def stacks(rows: Sequence[MountInfo]) -> dict[str, list[int]]:
    """Mountpoint -> the mounts there, the lowest first."""
    above = parents(rows)
    places: dict[str, list[int]] = {}
    for row in rows:
        places.setdefault(row.mountpoint, []).append(row.mount_id)
    for path, mounts in places.items():
        if len(mounts) > 1:
            heights = {mount: _height(above, set(mounts), mount) for mount in mounts}
            places[path] = sorted(mounts, key=heights.__getitem__)
    return places


def _height(above: dict[int, int], here: set[int], mount: int) -> int:
    """How many of the mounts on the same place lie below one of them."""
    height, parent = 0, above[mount]
    while parent in here:
        height, parent = height + 1, above[parent]
    return height
