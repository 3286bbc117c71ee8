"""The files that stand for mount namespaces: /proc/PID/ns/mnt, and what was bound from it."""

from __future__ import annotations

from mountlab.apply import Recorder
from mountlab.errors import MountError
from mountlab.events import DentryChanged
from mountlab.filesystems import create
from mountlab.model import Dentry, Filesystem, Task, Vfs
from mountlab.resolve import resolve, resolve_dir

FIRST_NUMBER, OTHER_NUMBERS = 4026531841, 4026532128
LINK = "/ns/mnt"


def number_of(namespace: int) -> int:
    """The inode number of a namespace's file: the initial one's of Linux 6.18, the others count up."""
    return FIRST_NUMBER if namespace == 1 else OTHER_NUMBERS + namespace


def behind_link(vfs: Vfs, task: Task, path: str) -> int | None:
    """The mount namespace behind ``/proc/PID/ns/mnt``; None when the path is no such link.

    Raises:
        MountError: EACCES when that process is more privileged (proc_ns_get_link), and what walking raises.
    """
    if not path.endswith(LINK):
        return None
    head, slash, name = path.removesuffix(LINK).rpartition("/")
    directory = vfs.dentries[resolve_dir(vfs, task, head or slash or ".").dentry]
    pid = task.pid if name == "self" else int(name) if name.isdecimal() else 0
    if directory.parent != directory.id or vfs.filesystems[directory.fs].fstype != "proc":
        return None
    other = vfs.tasks.get(pid)
    if other is None:
        return None
    if other.pid != task.pid and not vfs.may_look(task, other.userns):
        raise MountError(
            "EACCES", "setns.access", "the other process is more privileged: its namespaces cannot be reached"
        )
    return other.namespace


def named_by(vfs: Vfs, task: Task, path: str) -> int:
    """The mount namespace that a file stands for.

    Raises:
        MountError: EINVAL for any other file, and what walking raises.
    """
    found = behind_link(vfs, task, path)
    if found is None:
        found = vfs.dentries[resolve(vfs, task, path).dentry].namespace
    if found is None:
        raise MountError("EINVAL", "setns.file", f"{path} is not the file of a namespace")
    return found


def require_newer(task: Task, namespace: int) -> None:
    """EINVAL unless the namespace is newer than the process's own (mnt_ns_loop).

    So no two namespaces can hold each other, and none itself.
    """
    if task.namespace >= namespace:
        raise MountError(
            "EINVAL",
            "bind.namespace-loop",
            "a namespace's file is bound only in an older namespace, or namespaces could hold each other",
        )


def file_of(rec: Recorder, namespace: int) -> Dentry:
    """The file of a namespace, made when it is asked for the first time."""
    vfs = rec.vfs
    if namespace not in vfs.ns_files:
        fs, ino = _filesystem(rec), number_of(namespace)
        number = vfs.counters["dentry"]
        name = f"mnt:[{ino}]"
        file = Dentry(number, fs.id, number, name, "file", ino, 0o444, "", 0, namespace=namespace)
        rec(DentryChanged(file, "bind.namespace"))
    return vfs.dentries[vfs.ns_files[namespace]]


def _filesystem(rec: Recorder) -> Filesystem:
    """The one instance of nsfs."""
    for fs in rec.vfs.filesystems.values():
        if fs.fstype == "nsfs":
            return fs
    made = create(rec.vfs, "nsfs", "nsfs", {}, False)
    rec(made._replace(rule="bind.namespace"))
    return made.filesystem
