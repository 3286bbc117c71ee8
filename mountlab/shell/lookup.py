"""A path to the mount it leads into, by one reader's mountinfo alone."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import NamedTuple

from mountlab.mountinfo import MountInfo


class Found(NamedTuple):
    """Where a path leads: the mount, and the place inside its filesystem."""

    mount: MountInfo
    inside: str
    """Path of the directory or file within the mount's filesystem."""
    is_mountpoint: bool
    """True when the path is the root of that mount, as seen by the reader."""


def find(rows: Sequence[MountInfo], path: str) -> Found | None:
    """Walk `path` from the reader's root; None when no row of the table lies on the way.

    Mounts stacked at one place are followed to the topmost, except at ``/``: a reader's root stays the
    mount it was when something is mounted over it.
    """
    listed = {row.mount_id for row in rows}
    # Whose parent is out of sight: the reader's root, or what is mounted below a root that is no mountpoint.
    orphans = [row for row in rows if row.parent_id not in listed or row.parent_id == row.mount_id]
    here = next((row for row in orphans if row.mountpoint == "/"), None)
    reached = "/"
    for prefix in _prefixes(path):
        while child := _mounted_at(prefix, here, rows, orphans):
            here, reached = child, prefix
    if here is None:
        return None
    end = _normal(path)
    inside = posixpath.join(here.root, posixpath.relpath(end, reached)) if end != reached else here.root
    return Found(here, inside, end == reached)


def _mounted_at(
    prefix: str, here: MountInfo | None, rows: Sequence[MountInfo], orphans: Sequence[MountInfo]
) -> MountInfo | None:
    """What is mounted at that path, directly on the mount where the walk is."""
    on_it = [row for row in rows if here and row.parent_id == here.mount_id]
    return next((row for row in (*on_it, *orphans) if row.mountpoint == prefix and row is not here), None)


def _normal(path: str) -> str:
    return "/" + posixpath.normpath(path).lstrip("/")


def _prefixes(path: str) -> list[str]:
    """``/a`` and ``/a/b`` for ``/a/b``."""
    parts = [part for part in _normal(path).split("/") if part]
    return ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]
