"""What people believe of where the copy of a mount lands."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.practice.mind import Mind, Reading
from mountlab.practice.spoken import said


def copy_lands_on_top(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A copy that comes to an occupied mountpoint covers what is there."""
    before = mind.there()
    yield argv
    if not said(argv).attaches:
        return
    for copy in sorted(mind.there() - before):
        above = mind.vfs.overmount(copy)
        if above is not None and above in before:
            row = mind.row(copy)
            mind.put(above, row.parent_id, row.mountpoint)
            top = mind.vfs.topmost(above)
            mind.put(copy, top, mind.row(top).root)


def copy_is_refused(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A copy is not made where something is mounted already."""
    before = mind.there()
    yield argv
    if not said(argv).attaches:
        return
    for copy in sorted(mind.there() - before):
        above = mind.vfs.overmount(copy)
        if above is not None and above in before:
            row = mind.row(copy)
            mind.put(above, row.parent_id, row.mountpoint)
            mind.detach(copy)


ALL = (copy_lands_on_top, copy_is_refused)
