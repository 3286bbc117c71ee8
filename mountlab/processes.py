"""Processes as far as mounts matter: birth, chdir, chroot, unshare(2), setns(2), death."""

from __future__ import annotations

from mountlab.apply import Recorder
from mountlab.errors import MountError
from mountlab.events import Cloned, NamespaceCreated, TaskChanged, UserNamespaceCreated
from mountlab.model import Namespace, Task, UserNamespace, Vfs
from mountlab.nsfs import named_by
from mountlab.propagation import copy_of, locked_row, tree_shape
from mountlab.resolve import follow_mounts, resolve_dir
from mountlab.unmount import end_unused_namespace, free_unused

INITIAL = 1
"""The mount namespace that never dies."""


FIRST = 1
"""The process that the machine starts with, and that never ends: every terminal is a child of it."""


def start_first(rec: Recorder) -> None:
    """Begin the first process, at the top of what is mounted on the initial namespace's root."""
    vfs = rec.vfs
    root = vfs.namespaces[INITIAL].root
    at = follow_mounts(vfs, root, vfs.mounts[root].root)
    rec(TaskChanged(FIRST, Task(FIRST, "init", INITIAL, 0, *at, *at, True, True)))


def spawn(rec: Recorder, name: str) -> int:
    """A child of the first process, with its root, which is also the working directory; returns its pid."""
    vfs = rec.vfs
    parent = vfs.tasks[FIRST]
    pid = vfs.counters["pid"]
    at_root = parent._replace(cwd_mount=parent.root_mount, cwd_dentry=parent.root_dentry)
    rec(TaskChanged(pid, at_root._replace(pid=pid, name=name)))
    return pid


def fork(rec: Recorder, task: Task, name: str) -> int:
    """A child with its parent's namespaces, root and working directory; returns its pid."""
    pid = rec.vfs.counters["pid"]
    rec(TaskChanged(pid, task._replace(pid=pid, name=name)))
    return pid


def rename(rec: Recorder, task: Task, name: str) -> None:
    """The process is called otherwise (prctl(2), PR_SET_NAME)."""
    rec(TaskChanged(task.pid, task._replace(name=name)))


def change(rec: Recorder, task: Task, new: Task | None, rule: str) -> None:
    """Replace a process's row (None: it ended) and let go of what only it held."""
    vfs = rec.vfs
    rec(TaskChanged(task.pid, new, rule))
    if new is None or new.namespace != task.namespace:
        end_unused_namespace(rec, task.namespace)
    free_unused(rec, [m for m in (task.cwd_mount, task.root_mount) if m in vfs.mounts])


def chdir(rec: Recorder, task: Task, path: str) -> None:
    """chdir(2).  Raises MountError: ENOENT, ENOTDIR."""
    at = resolve_dir(rec.vfs, task, path)
    change(rec, task, task._replace(cwd_mount=at.mount, cwd_dentry=at.dentry), "process.chdir")


def chroot(rec: Recorder, task: Task, path: str) -> None:
    """chroot(2): the working directory stays.  Raises MountError: EPERM, ENOENT, ENOTDIR."""
    at = resolve_dir(rec.vfs, task, path)
    if not task.capable and not task.uid_mapped:  # root without CAP_SYS_ADMIN keeps the other rights
        raise MountError("EPERM", "process.chroot", "needs CAP_SYS_CHROOT")
    change(rec, task, task._replace(root_mount=at.mount, root_dentry=at.dentry), "process.chroot")


def unshare(rec: Recorder, task: Task, *, newns: bool, newuser: bool, map_root: bool) -> None:
    """unshare(2) with CLONE_NEWNS, CLONE_NEWUSER or both.

    ``map_root``: the process writes itself a map from root to root; without one it is nobody.
    It holds all capabilities of a new user namespace until it executes a program.

    Raises:
        MountError: EPERM when the process may not make such a namespace.
    """
    vfs = rec.vfs
    new = task
    if newuser:
        if _is_chrooted(vfs, task):
            raise MountError("EPERM", "unshare.chrooted", "its root is not the root of its mount namespace")
        userns = UserNamespace(max(vfs.userns) + 1, task.userns)
        rec(UserNamespaceCreated(userns))
        new = new._replace(userns=userns.id, capable=True, uid_mapped=map_root)
    if newns:
        if not new.capable:
            raise MountError("EPERM", "unshare.permission", "needs CAP_SYS_ADMIN in its user namespace")
        new = _copy_namespace(rec, task, new)
    if new != task:
        change(rec, task, new, "unshare")


def _is_chrooted(vfs: Vfs, task: Task) -> bool:
    """Whether a process sees less than its mount namespace (current_chrooted)."""
    top = vfs.topmost(vfs.namespaces[task.namespace].root)
    return (task.root_mount, task.root_dentry) != (top, vfs.mounts[top].root)


def _copy_namespace(rec: Recorder, task: Task, new: Task) -> Task:
    """Copy every mount of the namespace (copy_mnt_ns): as peers, or as slaves in a less privileged one."""
    vfs = rec.vfs
    old = vfs.namespaces[task.namespace]
    foreign = new.userns != old.userns
    number = vfs.counters["ns"]
    rule = "unshare.slave" if foreign else "unshare"
    shape = tree_shape(vfs, old.root, vfs.mounts[old.root].root, for_namespace=True)
    rec(NamespaceCreated(Namespace(number, vfs.counters["mount"], new.userns)))
    made: list[int] = []
    twin: dict[int, int] = {}
    for index, branch in enumerate(shape):
        parent = vfs.counters["mount"] if index == 0 else made[branch.parent]
        row = copy_of(vfs, branch.mount, parent, branch.mountpoint, number, foreign, False, index > 0)
        if foreign:
            row = locked_row(row, index == 0)
        rec(Cloned(row, branch.mount, foreign, rule))
        made.append(row.mount_id)
        twin[branch.mount] = row.mount_id
    return new._replace(
        namespace=number,
        root_mount=twin.get(task.root_mount, task.root_mount),
        cwd_mount=twin.get(task.cwd_mount, task.cwd_mount),
    )


def require_access(vfs: Vfs, task: Task, other: Task) -> None:
    """EPERM unless the process may look into the other one (cap_ptrace_access_check)."""
    equals = task.userns == other.userns and (task.capable or not other.capable)
    if task.pid != other.pid and not equals and not vfs.may_look(task, other.userns):
        raise MountError(
            "EPERM", "setns.access", "the other process is more privileged: its namespaces cannot be reached"
        )


def follow(rec: Recorder, task: Task, other: Task) -> None:
    """Be where another process is: what is left of a shell that executed a program, which moved."""
    change(rec, task, other._replace(pid=task.pid, name=task.name), "setns")


def setns(rec: Recorder, task: Task, other: Task) -> None:
    """setns(2) into the mount namespace of another process.  Raises MountError: EPERM."""
    require_access(rec.vfs, task, other)
    _join(rec, task, other.namespace)


def enter(rec: Recorder, task: Task, path: str) -> None:
    """setns(2) into the mount namespace whose file the path is.

    Raises:
        MountError: EPERM, EINVAL for another file, EACCES, and what walking raises.
    """
    _join(rec, task, named_by(rec.vfs, task, path))


def at_top(vfs: Vfs, task: Task, number: int) -> Task:
    """The process in a mount namespace: its root and working directory are the top of what is mounted
    on that namespace's root (mntns_install).
    """
    root = vfs.namespaces[number].root
    at = follow_mounts(vfs, root, vfs.mounts[root].root)
    return task._replace(
        namespace=number,
        root_mount=at.mount,
        root_dentry=at.dentry,
        cwd_mount=at.mount,
        cwd_dentry=at.dentry,
    )


def _join(rec: Recorder, task: Task, number: int) -> None:
    vfs = rec.vfs
    namespace = vfs.namespaces[number]
    if not vfs.is_capable(task, namespace.userns) or not task.capable:
        raise MountError(
            "EPERM", "setns.permission", "needs CAP_SYS_ADMIN over that namespace and in its own"
        )
    change(rec, task, at_top(vfs, task, number), "setns")


def enter_userns(rec: Recorder, task: Task, other: Task) -> None:
    """setns(2) into the user namespace of another process, with all capabilities there."""
    vfs = rec.vfs
    if other.userns == task.userns:
        raise MountError("EINVAL", "setns.same-user", "it is in that user namespace already")
    if not vfs.is_capable(task, other.userns):
        raise MountError("EPERM", "setns.permission", "needs CAP_SYS_ADMIN in that user namespace")
    change(
        rec, task, task._replace(userns=other.userns, capable=True, uid_mapped=other.uid_mapped), "setns.user"
    )


def execute(rec: Recorder, task: Task) -> None:
    """execve(2): who is nobody in the user namespace loses the capabilities there."""
    if task.capable and not task.uid_mapped:
        change(rec, task, task._replace(capable=False), "process.exec")


def drop_administration(rec: Recorder, task: Task) -> None:
    """capset(2) without CAP_SYS_ADMIN, for the process and all it will start."""
    change(rec, task, task._replace(capable=False), "process.capset")
