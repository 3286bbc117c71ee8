"""Small but real file trees: make, read, write, rename and remove files and directories.

Removing a name takes every mount off it in namespaces other than the caller's (detach_mounts);
in the caller's own it is refused with EBUSY.
"""

from __future__ import annotations

from typing import NamedTuple

from mountlab.apply import Recorder
from mountlab.copyup import change, is_read_only
from mountlab.errors import MountError
from mountlab.model import MS_RDONLY, Dentry, Task, Vfs, inode_counter
from mountlab.resolve import Parent, VfsPath, require_served, resolve, resolve_dir, resolve_parent
from mountlab.unmount import umount_tree


class Stat(NamedTuple):
    """What stat(2) tells of a file or directory."""

    dev: str
    ino: int
    kind: str
    mode: int
    nlink: int
    size: int
    mtime: int
    fstype: str
    mount: int


def stat(vfs: Vfs, task: Task, path: str) -> Stat:
    """stat(2): what stands at a path, mounts included."""
    at = resolve(vfs, task, path)
    require_served(vfs, at.dentry, path)
    return stat_at(vfs, at)


def stat_at(vfs: Vfs, at: VfsPath) -> Stat:
    """stat(2) of a place that is already known."""
    row = vfs.dentries[at.dentry]
    fs = vfs.filesystems[row.fs]
    if row.kind != "dir":
        return Stat(
            fs.dev,
            row.ino,
            row.kind,
            row.mode,
            int(not row.unlinked),
            len(row.content.encode("utf-8", "surrogateescape")),
            row.mtime,
            fs.fstype,
            at.mount,
        )
    names = vfs.entries[row.id]
    subdirs = sum(1 for child in names.values() if vfs.dentries[child].kind == "dir")
    size = 40 + 20 * len(names) if fs.fstype == "tmpfs" else 0
    return Stat(
        fs.dev,
        row.ino,
        "dir",
        row.mode,
        0 if row.unlinked else 2 + subdirs,
        size,
        row.mtime,
        fs.fstype,
        at.mount,
    )


def listdir(vfs: Vfs, task: Task, path: str) -> list[str]:
    """The names in a directory, newest first, as tmpfs hands them out."""
    names = vfs.entries[resolve_dir(vfs, task, path).dentry]
    return sorted(names, key=lambda name: -names[name])


def read(vfs: Vfs, task: Task, path: str) -> str:
    """The content of a file (EISDIR for a directory)."""
    row = vfs.dentries[resolve(vfs, task, path).dentry]
    if row.kind == "dir":
        raise MountError("EISDIR", "file.isdir", f"{path}: is a directory")
    if row.namespace is not None:
        raise MountError("EINVAL", "file.namespace", "the file of a namespace cannot be read")
    return row.content


def require_writable(vfs: Vfs, mount: int) -> None:
    """EROFS when the mount or its filesystem is read-only (mnt_want_write)."""
    row = vfs.mounts[mount]
    if row.flags & MS_RDONLY:
        raise MountError("EROFS", "file.readonly-mount", "the mount is read-only")
    if is_read_only(vfs, row.fs):
        raise MountError("EROFS", "file.readonly-filesystem", "the filesystem is read-only")


def _new_dentry(vfs: Vfs, at: Parent, kind: str, mode: int, content: str, tick: int) -> Dentry:
    if vfs.dentries[at.dentry].unlinked:
        raise MountError("ENOENT", "file.deleted-directory", "the directory was removed")
    fs = vfs.dentries[at.dentry].fs
    if vfs.filesystems[fs].fstype == "proc":
        raise MountError("ENOENT", "file.proc", "nothing can be made in /proc")
    ino = vfs.counters[inode_counter(vfs.filesystems[fs])]
    return Dentry(vfs.counters["dentry"], fs, at.dentry, at.name, kind, ino, mode, content, tick)


def mkdir(rec: Recorder, task: Task, path: str, mode: int, tick: int) -> None:
    """mkdir(2).  Raises MountError: EEXIST, ENOENT, ENOTDIR, EROFS, ENAMETOOLONG."""
    vfs = rec.vfs
    at = resolve_parent(vfs, task, path)
    if not at.name or at.name in vfs.entries[at.dentry]:
        raise MountError("EEXIST", "file.exists", f"{path}: exists")
    require_writable(vfs, at.mount)
    change(rec, _new_dentry(vfs, at, "dir", mode, "", tick))
    _touch_directory(rec, at.dentry, tick)


def _touch_directory(rec: Recorder, dentry: int, tick: int) -> None:
    change(rec, rec.vfs.dentries[dentry]._replace(mtime=tick))


def write(rec: Recorder, task: Task, path: str, text: str, tick: int, *, append: bool = False) -> None:
    """Open for writing (made when missing, emptied unless ``append``) and write.

    Raises:
        MountError: EISDIR, EROFS, ENOENT, ENOTDIR, ENAMETOOLONG, EACCES.
    """
    _write(rec, task, path, text, tick, append=append)


def touch(rec: Recorder, task: Task, path: str, tick: int) -> None:
    """Make an empty file, or set the times of what is there (EROFS and so on as for writing)."""
    vfs = rec.vfs
    try:
        at = resolve(vfs, task, path)
    except MountError as error:
        if error.errno != "ENOENT":
            raise
        _write(rec, task, path, "", tick, append=True)
        return
    require_writable(vfs, at.mount)
    _require_changeable(vfs.dentries[at.dentry])
    change(rec, vfs.dentries[at.dentry]._replace(mtime=tick))


def _write(rec: Recorder, task: Task, path: str, text: str, tick: int, *, append: bool) -> None:
    vfs = rec.vfs
    at = resolve_parent(vfs, task, path)
    if at.must_be_dir or not at.name:
        raise MountError("EISDIR", "file.isdir", f"{path}: is a directory")
    if at.name in vfs.entries[at.dentry]:
        found = resolve(vfs, task, path)
        row = vfs.dentries[found.dentry]
        if row.kind == "dir":
            raise MountError("EISDIR", "file.isdir", f"{path}: is a directory")
        require_writable(vfs, found.mount)
        _require_changeable(row)
        if vfs.filesystems[row.fs].fstype == "proc":
            raise MountError("EACCES", "file.proc", "this file of /proc cannot be written")
        change(rec, row._replace(content=row.content + text if append else text, mtime=tick))
        return
    if not vfs.dentries[at.dentry].unlinked:
        require_writable(vfs, at.mount)
    change(rec, _new_dentry(vfs, at, "file", 0o644, text, tick))
    _touch_directory(rec, at.dentry, tick)


def _require_changeable(row: Dentry) -> None:
    if row.namespace is not None:
        raise MountError("EPERM", "file.namespace", "the file of a namespace cannot be changed")


def rmdir(rec: Recorder, task: Task, path: str, tick: int) -> None:
    """rmdir(2).  Raises MountError: EBUSY, ENOTEMPTY, ENOTDIR, ENOENT, EINVAL, EROFS."""
    vfs = rec.vfs
    at = resolve_parent(vfs, task, path)
    if not at.name:
        errno = {".": "EINVAL", "..": "ENOTEMPTY"}.get(at.last, "EBUSY")
        raise MountError(errno, "file.dots", f"{path}: not a name that can be removed")
    row = _doomed(vfs, at, path)
    if row.kind != "dir":
        raise MountError("ENOTDIR", "path.notdir", f"{path}: not a directory")
    _require_unmounted(vfs, task, row.id)
    if vfs.entries[row.id]:
        raise MountError("ENOTEMPTY", "file.notempty", f"{path}: not empty")
    _remove(rec, at, row, tick)


def unlink(rec: Recorder, task: Task, path: str, tick: int) -> None:
    """unlink(2).  Raises MountError: EBUSY, EISDIR, ENOTDIR, ENOENT, EROFS."""
    vfs = rec.vfs
    at = resolve_parent(vfs, task, path)
    if not at.name:
        raise MountError("EISDIR", "file.isdir", f"{path}: is a directory")
    row = _doomed(vfs, at, path)
    if at.must_be_dir:
        raise MountError(
            "EISDIR" if row.kind == "dir" else "ENOTDIR", "path.notdir", f"{path}: a slash follows"
        )
    if row.kind == "dir":
        raise MountError("EISDIR", "file.isdir", f"{path}: is a directory")
    _require_unmounted(vfs, task, row.id)
    _remove(rec, at, row, tick)


def rename(rec: Recorder, task: Task, old: str, new: str, tick: int) -> None:
    """rename(2) of a file onto a file, as ``sed -i`` does it.

    Raises:
        MountError: EBUSY when something is mounted on either name in this namespace, EXDEV
            across mounts, and what walking raises.
    """
    vfs = rec.vfs
    source, target = resolve_parent(vfs, task, old), resolve_parent(vfs, task, new)
    if source.mount != target.mount:
        raise MountError("EXDEV", "file.exdev", "a rename stays within one mount")
    row = _doomed(vfs, source, old)
    _require_unmounted(vfs, task, row.id)
    replaced = vfs.entries[target.dentry].get(target.name)
    if replaced is not None:
        _require_unmounted(vfs, task, replaced)
        _remove(rec, target, vfs.dentries[replaced], tick)
    change(rec, row._replace(parent=target.dentry, name=target.name))


def _doomed(vfs: Vfs, at: Parent, path: str) -> Dentry:
    require_writable(vfs, at.mount)
    found = vfs.entries[at.dentry].get(at.name)
    if found is None:
        raise MountError("ENOENT", "path.missing", f"{path}: no such file or directory")
    return vfs.dentries[found]


def _mounted_on(vfs: Vfs, dentry: int) -> list[int]:
    return [
        row.mount_id
        for row in vfs.mounts.values()
        if row.mountpoint == dentry and row.parent_id != row.mount_id
    ]


def _require_unmounted(vfs: Vfs, task: Task, dentry: int) -> None:
    if any(vfs.mounts[m].namespace == task.namespace for m in _mounted_on(vfs, dentry)):
        raise MountError("EBUSY", "file.mountpoint", "it is a mountpoint in this mount namespace")


def _remove(rec: Recorder, at: Parent, row: Dentry, tick: int) -> None:
    vfs = rec.vfs
    change(rec, row._replace(unlinked=True, mtime=tick))
    _touch_directory(rec, at.dentry, tick)
    for mount in sorted(_mounted_on(vfs, row.id), key=lambda m: -vfs.mounts[m].attached):
        if mount in vfs.mounts and vfs.mounts[mount].namespace is not None:
            umount_tree(rec, mount, propagate=False, lazy=True, keep_together=True)
