"""What people believe of the files and directories that mounts stand on."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from mountlab.practice.mind import NOTHING, Mind, Reading
from mountlab.practice.spoken import said
from mountlab.shell.backend import Outcome

REMOVING = ("rm", "rmdir")
BUSY = Outcome(1, errno="EBUSY")


def mountpoint_must_be_a_directory(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """Only a directory can be a mountpoint."""
    told = said(argv)
    target = mind.place(shell, told.target) if told.attaches else None
    is_file = target is not None and mind.vfs.dentries[target.dentry].kind == "file"
    yield Outcome(32, errno="ENOTDIR") if is_file else argv


def rm_stops_at_mounts(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """``rm -r`` refuses a tree in which something is mounted, and deletes nothing."""
    told = said(argv)
    paths = told.operands if told.verb == "rm" else ()
    yield BUSY if any(list(_mounts_below(mind, shell, path)) for path in paths) else argv


def mountpoints_cannot_be_removed(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A directory on which something is mounted, in whichever namespace, cannot be removed."""
    yield BUSY if _stand_on(mind, shell, argv) else argv


def namespaces_protect_mounts(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """Who removes a directory does not touch what others have mounted on it."""
    here = mind.machine.terminals[shell].ns if shell in mind.machine.terminals else None
    found = {mind.row(mount).namespace for mount in _stand_on(mind, shell, argv)}
    yield NOTHING if found and here not in found else argv


def namespace_hides_files(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A process in its own mount namespace has its own files: later changes are seen on one side only."""
    yield argv
    if said(argv).verb != "unshare":
        return
    place = mind.place(shell, "/")
    for name in list(mind.vfs.entries[place.dentry]) if place else []:
        path = f"/{name}"
        below = mind.place(shell, path)
        if below is None or mind.vfs.dentries[below.dentry].kind != "dir":
            continue
        if not list(_mounts_below(mind, shell, path)):
            yield from _copied(mind, path, below.dentry)


def _copied(mind: Mind, path: str, dentry: int) -> Iterator[Sequence[str]]:
    """A directory of the same names, mounted over it."""
    names = {name: mind.vfs.dentries[entry].kind for name, entry in mind.vfs.entries[dentry].items()}
    yield ["mount", "-t", "tmpfs", "copy", path]
    for name, kind in names.items():
        yield ["mkdir" if kind == "dir" else "touch", f"{path}/{name}"]


def _stand_on(mind: Mind, shell: str, argv: Sequence[str]) -> list[int]:
    """The mounts on what a command removes, in all namespaces."""
    told = said(argv)
    places = [mind.place(shell, path) for path in told.operands] if told.verb in REMOVING else []
    dentries = {place.dentry for place in places if place is not None}
    rows = list(mind.vfs.mounts.values())
    return [row.mount_id for row in rows if row.mountpoint in dentries and row.parent_id != row.mount_id]


def _mounts_below(mind: Mind, shell: str, path: str) -> Iterator[str]:
    """Where a shell sees mounts at a path and below it."""
    mind.machine.open(shell)
    path = posixpath.normpath(path)
    for row in mind.machine.sim.mountinfo(mind.machine.terminals[shell]):
        if row.mountpoint == path or row.mountpoint.startswith(f"{path}/"):
            yield row.mountpoint


ALL = (
    mountpoint_must_be_a_directory,
    rm_stops_at_mounts,
    mountpoints_cannot_be_removed,
    namespaces_protect_mounts,
    namespace_hides_files,
)
