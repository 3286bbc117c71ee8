"""Walks a path: from a process and a name to a mount and a dentry, as the kernel's fs/namei.c does."""

from __future__ import annotations

from typing import NamedTuple

from mountlab.errors import MountError
from mountlab.model import Task, Vfs

NAME_MAX, PATH_MAX = 255, 4096


class VfsPath(NamedTuple):
    """Where a name leads: a dentry, seen through a mount."""

    mount: int
    dentry: int


class Parent(NamedTuple):
    """Where a name would be made or removed: a directory, the last word, and what it was."""

    mount: int
    dentry: int
    name: str
    """Empty when the path has no last name (``/``, or ends in ``.`` or ``..``)."""
    last: str
    """The last component as written: a name, ``.``, ``..`` or empty for ``/``."""
    must_be_dir: bool
    """A slash follows the last component."""


def follow_mounts(vfs: Vfs, mount: int, dentry: int) -> VfsPath:
    """Step up from a dentry to the root of whatever is mounted on it, to the top of the stack."""
    kids = vfs.kids
    while (above := kids.get(mount)) and (child := above.get(dentry)) is not None:
        mount, dentry = child, vfs.mounts[child].root
    return VfsPath(mount, dentry)


def _dotdot(vfs: Vfs, task: Task, mount: int, dentry: int) -> VfsPath:
    """``..``: stays at the process's root, and crosses from a mount's root to its parent."""
    root = (task.root_mount, task.root_dentry)
    start = VfsPath(mount, dentry)
    while (mount, dentry) != root:
        row = vfs.mounts[mount]
        if dentry != row.root:
            return follow_mounts(vfs, mount, vfs.dentries[dentry].parent)
        if row.parent_id == mount:
            break
        mount, dentry = row.parent_id, row.mountpoint
    return follow_mounts(vfs, *start)


def _enoent(path: str) -> MountError:
    return MountError("ENOENT", "path.missing", f"{path}: no such file or directory")


def _walk(vfs: Vfs, task: Task, path: str, components: list[str]) -> VfsPath:
    if path[0] == "/":
        mount, dentry = task.root_mount, task.root_dentry
    else:
        mount, dentry = task.cwd_mount, task.cwd_dentry
    entries, kids, dead = vfs.entries, vfs.kids, vfs.dead
    for name in components:
        if not name or name == ".":
            continue
        names = entries.get(dentry)
        if names is None:
            raise MountError("ENOTDIR", "path.notdir", f"{path}: a file stands where a directory should be")
        if name == "..":
            mount, dentry = _dotdot(vfs, task, mount, dentry)
            continue
        if dentry in dead:
            require_served(vfs, dentry, path)
        found = names.get(name)
        if found is None:
            if len(name.encode("utf-8", "surrogateescape")) > NAME_MAX:
                raise MountError(
                    "ENAMETOOLONG", "path.long", f"a name of {len(name)} bytes: {NAME_MAX} is the most"
                )
            raise _enoent(path)
        dentry = found
        while (above := kids.get(mount)) and (child := above.get(dentry)) is not None:  # as follow_mounts
            mount, dentry = child, vfs.mounts[child].root
    return VfsPath(mount, dentry)


def require_served(vfs: Vfs, dentry: int, path: str) -> None:
    """ENOTCONN for the root of a filesystem of FUSE whose server has ended."""
    if dentry in vfs.dead:
        raise MountError("ENOTCONN", "fuse.unserved", f"{path}: the process that served it is gone")


def _check_length(path: str) -> None:
    if not path:
        raise MountError("ENOENT", "path.missing", "an empty path names nothing")
    if len(path) >= PATH_MAX // 4 and len(path.encode("utf-8", "surrogateescape")) >= PATH_MAX:
        raise MountError(
            "ENAMETOOLONG", "path.long", f"a path of {len(path)} bytes: {PATH_MAX - 1} is the most"
        )


def resolve(vfs: Vfs, task: Task, path: str) -> VfsPath:
    """Find what a path names for a process.

    Every component steps onto whatever is mounted there.  The process's root itself does not:
    ``/`` alone is the process's own root, even when something is mounted over it (path_resolution(7),
    fs/namei.c: walk_component, follow_dotdot).

    Raises:
        MountError: ENOENT, ENOTDIR, ENAMETOOLONG.
    """
    _check_length(path)
    components = path.split("/")
    found = _walk(vfs, task, path, components)
    if components[-1] in ("", ".") and vfs.dentries[found.dentry].kind != "dir":
        raise MountError("ENOTDIR", "path.notdir", f"{path}: not a directory")
    return found


def resolve_dir(vfs: Vfs, task: Task, path: str) -> VfsPath:
    """Like `resolve`, for what must be a directory (ENOTDIR otherwise), and is looked into."""
    found = resolve(vfs, task, path)
    require_served(vfs, found.dentry, path)
    if vfs.dentries[found.dentry].kind != "dir":
        raise MountError("ENOTDIR", "path.notdir", f"{path}: not a directory")
    return found


def resolve_parent(vfs: Vfs, task: Task, path: str) -> Parent:
    """Find the directory in which the last name of a path stands or would stand.

    The last component is not looked up, so no mount on it is followed: mkdir, rmdir and unlink
    work on the dentry beneath.

    Raises:
        MountError: ENOENT, ENOTDIR, ENAMETOOLONG.
    """
    _check_length(path)
    stripped = path.rstrip("/")
    components = stripped.split("/")
    last = components[-1]
    mount, dentry = _walk(vfs, task, path, components[:-1])
    if dentry not in vfs.entries:
        raise MountError("ENOTDIR", "path.notdir", f"{path}: a file stands where a directory should be")
    require_served(vfs, dentry, path)
    name = "" if last in ("", ".", "..") else last
    if len(name.encode("utf-8", "surrogateescape")) > NAME_MAX:
        raise MountError("ENAMETOOLONG", "path.long", f"a name of {len(name)} bytes: {NAME_MAX} is the most")
    return Parent(mount, dentry, name, last, path.endswith("/"))


def is_reachable(vfs: Vfs, task: Task, place: VfsPath) -> bool:
    """Whether a place lies under the process's root (fs/namespace.c: is_path_reachable)."""
    mount, dentry = place
    while mount != task.root_mount:
        row = vfs.mounts[mount]
        if row.parent_id == mount:
            return False
        mount, dentry = row.parent_id, row.mountpoint
    return vfs.is_below(dentry, task.root_dentry)


def visible_path(vfs: Vfs, task: Task, mount: int, dentry: int) -> str | None:
    """The path of a place as a process sees it; None when it is not under the process's root."""
    parts: list[str] = []
    mounts, dentries = vfs.mounts, vfs.dentries
    while (mount, dentry) != (task.root_mount, task.root_dentry):
        row = mounts[mount]
        if dentry == row.root:
            if row.parent_id == mount:
                return None
            mount, dentry = row.parent_id, row.mountpoint
            continue
        entry = dentries[dentry]
        parts.append(entry.name)
        dentry = entry.parent
    return "/" + "/".join(reversed(parts))
