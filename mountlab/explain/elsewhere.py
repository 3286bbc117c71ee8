"""Which mounts somebody who asks "why is it not here" may have in mind: where else there is one."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from mountlab.explain.ask import look
from mountlab.explain.tell import Named, Teller
from mountlab.model import Task, Vfs
from mountlab.processes import FIRST
from mountlab.resolve import visible_path
from mountlab.table import rows_seen_by


class Wanted(NamedTuple):
    """A mount, and the path at which it is missed: the one asked about, or one above it."""

    mount: int
    path: str


def absolute(vfs: Vfs, task: Task, path: str) -> str:
    """A path from the process's root, without dots."""
    if not path.startswith("/"):
        here = visible_path(vfs, task, task.cwd_mount, task.cwd_dentry) or "/"
        path = posixpath.join(here, path)
    return "/" + posixpath.normpath(path).lstrip("/")


def others(vfs: Vfs, task: Task) -> list[Task]:
    """One process for each other view of the machine, terminals first."""
    seen = {(task.namespace, task.root_mount, task.root_dentry)}
    found = []
    for other in sorted(vfs.tasks.values(), key=lambda each: (each.pid == FIRST, each.pid)):
        view = (other.namespace, other.root_mount, other.root_dentry)
        if view not in seen:
            seen.add(view)
            found.append(other)
    return found


def elsewhere(vfs: Vfs, task: Task, path: str) -> Iterator[Wanted]:
    """Mounts at the same path of another view, then mounts on the same directory; then those above."""
    while path != "/":
        here = look(vfs, task, path)
        if here.missing is None and vfs.mounts[here.mount].root == here.dentry:
            return
        for other in others(vfs, task):
            there = look(vfs, other, path)
            if there.missing is None and vfs.mounts[there.mount].root == there.dentry:
                yield Wanted(there.mount, path)
        if here.missing is None:
            for parent, kids in list(vfs.kids.items()):
                mount = kids.get(here.dentry)
                if mount is not None and parent != here.mount and vfs.mounts[mount].namespace is not None:
                    yield Wanted(mount, path)
        path = posixpath.dirname(path)


def covered(vfs: Vfs, task: Task, path: str) -> list[tuple[int, int]]:
    """Mounts of the process's own namespace at that path that something covers; each with what does."""
    rows = [row.mount_id for row in rows_seen_by(vfs, task) if row.mountpoint == path]
    top = look(vfs, task, path)
    found = []
    for mount in rows:
        if mount == top.mount and top.missing is None:
            continue
        cover = _cover(vfs, task, mount)
        if cover is not None:
            found.append((mount, cover))
    return found


def _cover(vfs: Vfs, task: Task, mount: int) -> int | None:
    """The topmost mount that keeps a path from leading to this one; what is over the own root does not."""
    found, came = None, 0
    dentry = vfs.mounts[mount].root
    seen: set[int] = set()
    while mount not in seen:
        seen.add(mount)
        kids = vfs.kids.get(mount, {})
        is_root = mount == task.root_mount
        for place in vfs.lineage(dentry):
            is_own_root = is_root and place == task.root_dentry
            is_shown = vfs.is_below(place, vfs.mounts[mount].root)
            if place in kids and kids[place] != came and is_shown and not is_own_root:
                found = vfs.topmost(kids[place])
        if is_root:
            break
        row = vfs.mounts[mount]
        came, mount, dentry = mount, row.parent_id, row.mountpoint
    return found


class Once(NamedTuple):
    """A mount that was there, and when it ceased to be."""

    mount: int
    until: int
    is_own: bool
    """It was at this path of this namespace; else elsewhere at the same path, or on the same directory."""


def once(teller: Teller, moment: int, task: Task, path: str, dentry: int | None) -> Once | None:
    """The last mount that was at a path and is gone: of the own namespace, else of another place."""
    lives = teller.chronicle.lives
    moves = sorted({place.moment for life in lives.values() for place in life.places[1:]})
    found: Once | None = None
    for mount, life in lives.items():
        ends = [each for each in moves if life.born < each < min(life.end or moment, moment)]
        if life.end is not None and life.end < moment:
            ends.append(life.end)
        for until in ends:
            is_path = _seen_at(teller, mount, until) == path
            is_own = is_path and life.row.namespace == task.namespace
            is_same_directory = until == life.end and life.place(until).mountpoint == dentry
            if not is_path and not is_same_directory:
                continue
            if found is None or (is_own, until) > (found.is_own, found.until):
                found = Once(mount, until, is_own)
    return found


def _seen_at(teller: Teller, mount: int, moment: int) -> str | None:
    """The path of a mount as the first shell of its namespace saw it."""
    view = teller.chronicle.view(teller.chronicle.lives[mount].row.namespace or 0, moment)
    root = (view.root_mount, view.root_dentry) if view else None
    return teller.path(Named(mount, moment, moment), root)
