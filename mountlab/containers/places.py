"""Which mount holds a path: as container programs look it up in mountinfo."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.mountinfo import MountInfo


def mount_that_holds(rows: Sequence[MountInfo], path: str) -> MountInfo | None:
    """The first of the rows with the longest mountpoint that leads to the path.

    By text alone, as they all do it (runc: getParentMount; moby: getSourceMount; containerd: lookupMount):
    of mounts stacked at one place they take the lowest.
    """
    found = [row for row in rows if row.mountpoint in ("/", path) or path.startswith(row.mountpoint + "/")]
    return max(found, key=lambda row: len(row.mountpoint), default=None)
