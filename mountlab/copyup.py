"""What is written in an overlay: it goes to the upper directory, and so outlasts the mount.

A file or directory that is changed is copied up first, with the directories above it.  What a lower layer
holds cannot be removed: a whiteout in the upper one hides it.  A directory that takes a whiteout's place is
opaque: nothing of the lower layers shows in it.  The lower layers never change.
"""

from __future__ import annotations

from mountlab.apply import Recorder
from mountlab.events import DentryChanged
from mountlab.model import Dentry, Filesystem, Vfs, inode_counter

OPAQUE = "opaque"
"""Content of a directory in an upper layer that hides what lies below it."""
WHITEOUT = "whiteout"
"""Kind of what stands in an upper layer for a name that was removed: a character device 0:0."""


def change(rec: Recorder, row: Dentry) -> None:
    """Enter a file or directory as it is now; in an overlay also into the upper directory."""
    vfs = rec.vfs
    old = vfs.dentries.get(row.id)
    rec(DentryChanged(row))
    fs = vfs.filesystems[row.fs]
    if not fs.layers:
        return
    if old is not None and (row.unlinked or (old.parent, old.name) != (row.parent, row.name)):
        _take_away(rec, fs, old, row.mtime)
    if not row.unlinked:
        _put(rec, fs, row)


def is_read_only(vfs: Vfs, fs: int) -> bool:
    """Whether a filesystem takes no writes; an overlay does not when that of its upper directory does not."""
    row = vfs.filesystems[fs]
    return row.read_only or (bool(row.layers) and is_read_only(vfs, vfs.dentries[row.layers[0]].fs))


def _path(vfs: Vfs, fs: Filesystem, dentry: int) -> list[str]:
    """The names from the root of the overlay down to a directory of it."""
    names: list[str] = []
    while dentry != fs.root:
        names.insert(0, vfs.dentries[dentry].name)
        dentry = vfs.dentries[dentry].parent
    return names


def _upper(rec: Recorder, fs: Filesystem, names: list[str]) -> int:
    """The directory in the upper layer, made with those above it as far as they are missing."""
    vfs, here, shown = rec.vfs, fs.layers[0], fs.root
    for name in names:
        shown = vfs.entries[shown][name]
        found = vfs.entries[here].get(name)
        here = _new(rec, here, vfs.dentries[shown]) if found is None else found
    return here


def _new(rec: Recorder, directory: int, like: Dentry, content: str = "") -> int:
    """Make in the upper layer what the overlay shows; its number."""
    vfs = rec.vfs
    number, fs = vfs.counters["dentry"], vfs.dentries[directory].fs
    ino = vfs.counters[inode_counter(vfs.filesystems[fs])]
    content = like.content if like.kind == "file" else content
    made = Dentry(number, fs, directory, like.name, like.kind, ino, like.mode, content, like.mtime)
    rec(DentryChanged(made, "overlay.upper"))
    return number


def _put(rec: Recorder, fs: Filesystem, row: Dentry) -> None:
    vfs = rec.vfs
    if row.id == fs.root:
        rec(DentryChanged(vfs.dentries[fs.layers[0]]._replace(mtime=row.mtime), "overlay.upper"))
        return
    directory = _upper(rec, fs, _path(vfs, fs, row.parent))
    found = vfs.entries[directory].get(row.name)
    there = None if found is None else vfs.dentries[found]
    if there is not None and there.kind == row.kind:
        content = row.content if row.kind == "file" else there.content
        rec(DentryChanged(there._replace(mode=row.mode, content=content, mtime=row.mtime), "overlay.upper"))
        return
    if there is not None:
        rec(DentryChanged(there._replace(unlinked=True), "overlay.upper"))
    _new(rec, directory, row, OPAQUE if there is not None and row.kind == "dir" else "")


def _take_away(rec: Recorder, fs: Filesystem, row: Dentry, tick: int) -> None:
    vfs = rec.vfs
    names = _path(vfs, fs, row.parent)
    hidden = _is_in_lower(vfs, fs, names, row.name)
    directory = _upper(rec, fs, names)
    found = vfs.entries[directory].get(row.name)
    if found is not None:
        rec(DentryChanged(vfs.dentries[found]._replace(unlinked=True), "overlay.upper"))
    if hidden:
        _new(rec, directory, row._replace(kind=WHITEOUT, mode=0, mtime=tick))


def _is_in_lower(vfs: Vfs, fs: Filesystem, names: list[str], name: str) -> bool:
    """Whether a lower layer would show a name, were it not in the upper one."""
    upper, lower = fs.layers[0], list(fs.layers[1:])
    here: int | None = upper
    for part in names:
        here = None if here is None else vfs.entries[here].get(part)
        if here is not None and vfs.dentries[here].content == OPAQUE:
            return False
        found = [vfs.entries[layer][part] for layer in lower if part in vfs.entries[layer]]
        lower = [each for each in found if vfs.dentries[each].kind == "dir"]
    return any(name in vfs.entries[layer] for layer in lower)
