"""What a running program has: its process, its streams, and the system calls it makes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from mountlab.errors import MountError
from mountlab.files import Stat
from mountlab.mountinfo import MountInfo
from mountlab.simulator import Process, Simulator
from mountlab.table import rows_seen_by

ERROR_TEXTS = {
    "EPERM": "Operation not permitted",
    "ENOENT": "No such file or directory",
    "EIO": "Input/output error",
    "EBADF": "Bad file descriptor",
    "EACCES": "Permission denied",
    "ENOTBLK": "Block device required",
    "EBUSY": "Device or resource busy",
    "EEXIST": "File exists",
    "EXDEV": "Invalid cross-device link",
    "ENODEV": "No such device",
    "ENOTDIR": "Not a directory",
    "EISDIR": "Is a directory",
    "EINVAL": "Invalid argument",
    "EFBIG": "File too large",
    "ENOSPC": "No space left on device",
    "EROFS": "Read-only file system",
    "ENAMETOOLONG": "File name too long",
    "ENOTEMPTY": "Directory not empty",
    "ELOOP": "Too many levels of symbolic links",
    "EUSERS": "Too many users",
    "EOPNOTSUPP": "Operation not supported",
    "ENOTCONN": "Transport endpoint is not connected",
    "ESTALE": "Stale file handle",
    "EAGAIN": "Resource temporarily unavailable",
}
"""What strerror(3) says."""
_PROC_OF = re.compile(r"/proc/([\w.-]+)(?=/)")
P = ParamSpec("P")
T = TypeVar("T")


def strerror(error: MountError) -> str:
    """The text of an error number."""
    return ERROR_TEXTS.get(error.errno, error.errno)


class Result(NamedTuple):
    """What one command did."""

    exit: int = 0
    stdout: str = ""
    stderr: str = ""
    errno: str | None = None
    """Name of the first failing system call's error that the program could not get over."""
    refused: str | None = None
    """Why the program gave up before any system call."""
    calls: tuple[tuple[str, str | None], ...] = ()
    """The system calls it made, by name, each with its errno."""


class Leave(Exception):
    """The program ends here with this status, as exit(3) does it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Context:
    """One run of one program."""

    def __init__(
        self,
        sim: Simulator,
        proc: Process,
        shells: Mapping[str, Process],
        argv: tuple[str, ...],
        stdin: str | None,
        hidden: Mapping[str, Process] | None = None,
    ) -> None:
        self.sim, self.proc, self.shells = sim, proc, shells
        self.hidden = hidden or {}
        """The machine's processes that are no open terminals, by name."""
        self.program = argv[0]
        self.words = list(argv[1:])
        self.stdin = stdin or ""
        self.errno: str | None = None
        self._calls: list[tuple[str, str | None]] = []
        self.succeeded_late = False
        """It worked after calls that failed, and those are told all the same."""
        self._out: list[str] = []
        self._err: list[str] = []

    def say(self, text: str) -> None:
        """Print to stdout; no newline is added."""
        self._out.append(text)

    def complain(self, text: str) -> None:
        """Print to stderr as warnx(3): the program's name, the text, a newline."""
        self._err.append(f"{self.program}: {text}\n")

    def hint(self, text: str) -> None:
        """Print a line to stderr as it stands."""
        self._err.append(text + "\n")

    def print_error(self, text: str) -> None:
        """Print to stderr as it stands."""
        self._err.append(text)

    def add_calls(self, calls: Sequence[tuple[str, str | None]]) -> None:
        """System calls that somebody else made for this program; the first error is the program's."""
        self._calls += calls
        self.errno = self.errno or next((errno for _, errno in calls if errno), None)

    def fail(self, status: int, text: str) -> Leave:
        """What errx(3) does: ``raise context.fail(1, "bad usage")``."""
        self.complain(text)
        return Leave(status)

    def usage(self, status: int, text: str | None = None) -> Leave:
        """Complain, and point to --help."""
        if text is not None:
            self.complain(text)
        self.hint(f"Try '{self.program} --help' for more information.")
        return Leave(status)

    def call(
        self, function: Callable[Concatenate[Process, P], T], *arguments: P.args, **named: P.kwargs
    ) -> T:
        """Make a system call for the process; the first error of a program's calls is its errno."""
        try:
            return function(self.proc, *arguments, **named)
        except MountError as error:
            self.note(error)
            raise
        finally:
            made = self.sim.operations[-1]
            self._calls.append((made.name, made.errno))

    def with_pid(self, path: str) -> str:
        """A path of /proc with the process id where the transcript names a shell."""
        named = _PROC_OF.match(path)
        if named is None or named[1] not in self.shells:
            return path
        return f"/proc/{self.shells[named[1]].pid}{path[named.end() :]}"

    def refuse_call(self, name: str, errno: str) -> MountError:
        """A system call that fails on what is not simulated (``raise context.refuse_call(...)``)."""
        self._calls.append((name, errno))
        error = MountError(errno, "program.unsimulated", ERROR_TEXTS[errno])
        self.note(error)
        return error

    def note(self, error: MountError) -> None:
        """Remember the first error."""
        self.errno = self.errno or error.errno

    def stat(self, path: str) -> Stat | None:
        """stat(2) as a probe: None when there is nothing."""
        try:
            return self.sim.stat(self.proc, path)
        except MountError:
            return None

    def table(self) -> list[MountInfo] | None:
        """/proc/self/mountinfo as it is shown, or None where the process sees no /proc."""
        found = self.stat("/proc/self/mountinfo")
        return self.sim.mountinfo(self.proc) if found and found.fstype == "proc" else None

    def whole_table(self) -> list[MountInfo] | None:
        """`table` with the rows of /proc, which are never shown: mount and umount look things up in it."""
        if self.table() is None:
            return None
        return rows_seen_by(self.sim.vfs, self.proc.task, with_fixtures=True)

    @property
    def is_root(self) -> bool:
        """Whether geteuid(2) is 0."""
        return self.proc.uid_mapped

    @property
    def may_mount(self) -> bool:
        """Whether the process is administrator of its mount namespace."""
        vfs, task = self.sim.vfs, self.proc.task
        return bool(vfs.is_capable(task, vfs.namespaces[task.namespace].userns))

    def result(self, status: int) -> Result:
        """What came of it."""
        stderr = "".join(self._err)
        refused = None
        if status and self.errno is None and not self._calls and stderr:
            refused = stderr.splitlines()[0].removeprefix(f"{self.program}: ")
        errno = self.errno if status or self.succeeded_late else None
        return Result(status, "".join(self._out), stderr, errno, refused, tuple(self._calls))
