"""One simulated machine: its system calls, and the history of what they did.

    sim = Simulator()
    host = sim.spawn("host")
    sim.mkdir(host, "/a")
    sim.mount(host, "disk", "/a", "tmpfs")
    sim.mount(host, "", "/a", flags=MS_SHARED)
    print(sim.table(host))

Every call is one `Operation`: its events, or its refusal.  A refused call leaves the state as it
was.  `undo`, `redo` and `at` go back and forth; identical calls always give identical numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from mountlab import files, operations, processes
from mountlab.apply import Recorder, apply
from mountlab.boot import boot
from mountlab.errors import MountError
from mountlab.events import Event, Refused
from mountlab.files import Stat
from mountlab.filesystems import end_server
from mountlab.model import MS_REC, MS_SHARED, Task, Vfs
from mountlab.mountinfo import MountInfo, render
from mountlab.processes import FIRST
from mountlab.quirks import quirks_of
from mountlab.resolve import visible_path
from mountlab.table import rows_seen_by

INITIAL_STATES = ("bare", "systemd", "docker-1.10", "k3d", "wsl2")
"""``bare``: every mount private, as the kernel boots.  ``systemd``: every mount shared.  ``docker-1.10``: the
same, with the Docker of 2016 installed.  ``k3d``: as ``systemd``, and the node of a cluster is a container.
``wsl2``: systemd, and every mount private (from issue 8922 of microsoft/WSL, not run)."""
_PRIVATE = ("bare", "wsl2")


_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")
_NOBODY = Task(0, "", 0, 0, 0, 0, 0, 0, False, False)
"""Who asks for the first process."""


class Operation(NamedTuple):
    """One system call with what came of it."""

    name: str
    pid: int
    errno: str | None
    events: list[Event]
    mark: int
    """Length of the state's log before it."""


class Process:
    """A handle on one process of the machine; its facts are read from the present state."""

    __slots__ = ("_sim", "pid")

    def __init__(self, sim: Simulator, pid: int) -> None:
        self._sim, self.pid = sim, pid

    @property
    def task(self) -> Task:
        """The process's row in the state."""
        return self._sim.vfs.tasks[self.pid]

    @property
    def name(self) -> str:
        """The name it was spawned with."""
        return self.task.name

    @property
    def ns(self) -> int:
        """Id of its mount namespace."""
        return self.task.namespace

    @property
    def userns(self) -> int:
        """Id of its user namespace; 0 is the initial one."""
        return self.task.userns

    @property
    def uid_mapped(self) -> bool:
        """False when the process is nobody in its user namespace."""
        return self.task.uid_mapped


class Simulator:
    """A machine with one root filesystem and /proc.

    Args:
        init: one of `INITIAL_STATES`.
        kernel: version whose behaviour is simulated, ``"6.18"`` or one named in `mountlab.quirks`.
        start: a prepared state to begin with, instead of `init`; it becomes the machine's own.

    Raises:
        ValueError: for an initial state or kernel that is not known.
    """

    def __init__(self, init: str = "bare", kernel: str = "6.18", start: Vfs | None = None) -> None:
        if init not in INITIAL_STATES and start is None:
            raise ValueError(f"no initial state {init!r}; there are {', '.join(INITIAL_STATES)}")
        self.init, self.kernel = init, kernel
        self.vfs = Vfs(quirks_of(kernel)) if start is None else start
        self.operations: list[Operation] = []
        self._undone: list[Operation] = []
        self.first = Process(self, FIRST)
        """The process that the machine starts with; it never ends."""
        self.first_command = "init" if init == "bare" else "systemd"
        """What lists of processes call it."""
        if start is None:
            self._boot()

    def _boot(self) -> None:
        boot(Recorder(self.vfs))
        if self.init not in _PRIVATE:
            self.mount(self.first, "none", "/", flags=MS_SHARED | MS_REC)
        self.forget_history()

    def forget_history(self) -> None:
        """What was done until now belongs to the machine's beginning: it cannot be undone."""
        self.operations.clear()
        self.vfs.log.clear()

    # -- system calls ------------------------------------------------------------------------------

    def _do(
        self,
        call: str,
        pid: int,
        function: Callable[Concatenate[Recorder, Task, _Args], _Result],
        *args: _Args.args,
        **options: _Args.kwargs,
    ) -> _Result:
        """Run one system call; raises MountError, and then the state is as before."""
        vfs = self.vfs
        mark = len(vfs.log)
        rec = Recorder(vfs)
        if self._undone:
            self._undone.clear()
        try:
            result = function(rec, vfs.tasks.get(pid, _NOBODY), *args, **options)
        except MountError as error:
            vfs.rewind(mark)
            refusal: list[Event] = [Refused(error.errno, error.rule, error.sentence)]
            self.operations.append(Operation(call, pid, error.errno, refusal, mark))
            raise
        self.operations.append(Operation(call, pid, None, rec.events, mark))
        return result

    def spawn(self, name: str) -> Process:
        """Begin a process in the initial namespaces, at ``/``."""
        return Process(self, self._do("fork", 0, lambda rec, _task: processes.spawn(rec, name)))

    def fork(self, proc: Process, name: str) -> Process:
        """Begin a process that is where its parent is."""
        return Process(self, self._do("fork", proc.pid, processes.fork, name))

    def rename_process(self, proc: Process, name: str) -> None:
        """prctl(2): the process is called otherwise."""
        self._do("prctl", proc.pid, processes.rename, name)

    def exit(self, proc: Process, rule: str = "process") -> None:
        """End a process; its namespace ends with it if it was the last."""
        self._do("exit", proc.pid, lambda rec, task: processes.change(rec, task, None, rule))

    def mount(
        self,
        proc: Process,
        source: str,
        target: str,
        fstype: str | None = None,
        flags: int = 0,
        data: str = "",
    ) -> None:
        """mount(2)."""
        self._do("mount", proc.pid, operations.mount, source, target, fstype, flags, data)

    def disconnect(self, fs: int) -> None:
        """The process that served a filesystem of FUSE has ended."""
        self._do("close", 0, lambda rec, _task: end_server(rec, fs))

    def umount(self, proc: Process, target: str, flags: int = 0) -> None:
        """umount2(2)."""
        self._do("umount2", proc.pid, operations.umount, target, flags)

    def pivot_root(self, proc: Process, new_root: str, put_old: str) -> None:
        """pivot_root(2)."""
        self._do("pivot_root", proc.pid, operations.pivot_root, new_root, put_old)

    def unshare(
        self, proc: Process, newns: bool = True, newuser: bool = False, map_root: bool = False
    ) -> None:
        """unshare(2)."""
        self._do("unshare", proc.pid, processes.unshare, newns=newns, newuser=newuser, map_root=map_root)

    def setns(self, proc: Process, other: Process) -> None:
        """setns(2) into the mount namespace of another process."""
        self._do("setns", proc.pid, processes.setns, other.task)

    def enter(self, proc: Process, path: str) -> None:
        """setns(2) into the mount namespace that a file stands for."""
        self._do("setns", proc.pid, processes.enter, path)

    def enter_userns(self, proc: Process, other: Process) -> None:
        """setns(2) into the user namespace of another process."""
        self._do("setns", proc.pid, processes.enter_userns, other.task)

    def drop_administration(self, proc: Process) -> None:
        """capset(2): the process may mount no more."""
        self._do("capset", proc.pid, processes.drop_administration)

    def execute(self, proc: Process) -> None:
        """execve(2), as far as capabilities go."""
        self._do("execve", proc.pid, processes.execute)

    def follow(self, proc: Process, other: Process) -> None:
        """execve(2) of a program that moved, as another process, and is a shell again."""
        self._do("execve", proc.pid, processes.follow, other.task)

    def chdir(self, proc: Process, path: str) -> None:
        """chdir(2)."""
        self._do("chdir", proc.pid, processes.chdir, path)

    def chroot(self, proc: Process, path: str) -> None:
        """chroot(2)."""
        self._do("chroot", proc.pid, processes.chroot, path)

    def mkdir(self, proc: Process, path: str, mode: int = 0o755) -> None:
        """mkdir(2)."""
        self._do("mkdir", proc.pid, files.mkdir, path, mode, self._tick())

    def rmdir(self, proc: Process, path: str) -> None:
        """rmdir(2)."""
        self._do("rmdir", proc.pid, files.rmdir, path, self._tick())

    def unlink(self, proc: Process, path: str) -> None:
        """unlink(2)."""
        self._do("unlink", proc.pid, files.unlink, path, self._tick())

    def rename(self, proc: Process, old: str, new: str) -> None:
        """rename(2) of a file."""
        self._do("rename", proc.pid, files.rename, old, new, self._tick())

    def write(self, proc: Process, path: str, text: str, append: bool = False) -> None:
        """Open for writing, write, close."""
        self._do("open", proc.pid, files.write, path, text, self._tick(), append=append)

    def touch(self, proc: Process, path: str) -> None:
        """Make an empty file, or set its times."""
        self._do("open", proc.pid, files.touch, path, self._tick())

    def _tick(self) -> int:
        return len(self.operations) + 1

    # -- questions: nothing changes, nothing is recorded -------------------------------------------

    def stat(self, proc: Process, path: str) -> Stat:
        """stat(2).  Raises MountError."""
        return files.stat(self.vfs, proc.task, path)

    def listdir(self, proc: Process, path: str) -> list[str]:
        """Names in a directory, newest first.  Raises MountError."""
        return files.listdir(self.vfs, proc.task, path)

    def read(self, proc: Process, path: str) -> str:
        """The content of a file.  Raises MountError."""
        return files.read(self.vfs, proc.task, path)

    def getcwd(self, proc: Process) -> str:
        """getcwd(2).  Raises MountError: ENOENT when the directory was removed."""
        task = proc.task
        if self.vfs.dentries[task.cwd_dentry].unlinked:
            raise MountError("ENOENT", "path.missing", "the working directory was removed")
        path = visible_path(self.vfs, task, task.cwd_mount, task.cwd_dentry)
        return path if path is not None else "(unreachable)"

    def mountinfo(self, proc: Process) -> list[MountInfo]:
        """The rows of /proc/PID/mountinfo, without those of the machine's own /proc."""
        return rows_seen_by(self.vfs, proc.task)

    def table(self, proc: Process) -> str:
        """`mountinfo` as the kernel prints it."""
        return "".join(render(row) + "\n" for row in self.mountinfo(proc))

    # -- history -------------------------------------------------------------------------------------

    def undo(self, count: int = 1) -> int:
        """Take back the last operations; returns how many there were to take back."""
        taken = 0
        while taken < count and self.operations:
            operation = self.operations.pop()
            self.vfs.rewind(operation.mark)
            self._undone.append(operation)
            taken += 1
        return taken

    def redo(self, count: int = 1) -> int:
        """Do again what was undone last; returns how many operations that was."""
        done = 0
        while done < count and self._undone:
            operation = self._undone.pop()
            for event in operation.events:
                apply(self.vfs, event)
            self.operations.append(operation)
            done += 1
        return done

    def at(self, operation: int) -> Vfs:
        """An independent copy of the state as it was before the given operation (0: the beginning)."""
        later = len(self.operations) - operation
        undone = len(self._undone)
        self.undo(later)
        state = self.vfs.copy()
        self.redo(len(self._undone) - undone)
        return state
