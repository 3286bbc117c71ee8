"""What a machine must offer so that daemons and container runtimes can run on it: processes and system calls.

The simulated machine offers it, and so does the sandbox on a real kernel.  The model of Docker, of
runc and of systemd is written against this alone, and so makes the same calls in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, Protocol

from mountlab.mountinfo import MountInfo

FIRST: Final = ":init"
"""The machine's first process: what every daemon is started from."""


def title(process: str) -> str:
    """What lists of processes call one that is no open terminal; what waits for a terminal is a shell."""
    return "bash" if process.startswith(":waiting ") else process.removeprefix(":")


class Ran(NamedTuple):
    """What a command did that a daemon ran for somebody."""

    status: int
    stdout: str = ""
    stderr: str = ""


class Lived(NamedTuple):
    """What the first process of a container did, as far as its command is in the transcript language."""

    status: int | None
    """How it ended; None when it goes on, as a server does, or ``sleep``."""
    output: str = ""
    """What it printed, to both streams."""
    is_opaque: bool = False
    """It does something that is not in the language: what that is, nobody knows here."""


class World(Protocol):
    """A machine as its daemons see it.

    Processes are known by name: a terminal by its own, what a daemon starts by one that begins with a
    colon, as no terminal's can.  Every method that makes a system call raises
    `mountlab.errors.MountError` with the name of the error; a call that fails changes nothing.
    """

    @property
    def init(self) -> str:
        """Name of the machine: ``bare``, ``systemd`` …"""

    def fork(self, parent: str, child: str) -> None:
        """Begin a process with its parent's namespace, root and working directory."""

    def end(self, process: str) -> None:
        """End a process; a mount namespace ends with the last one in it.  Nothing happens when it is gone."""

    def is_alive(self, process: str) -> bool:
        """Whether there is such a process."""

    def mount(
        self, process: str, source: str, target: str, fstype: str | None, flags: int, data: str = ""
    ) -> None:
        """mount(2)."""

    def umount(self, process: str, target: str, flags: int = 0) -> None:
        """umount2(2)."""

    def pivot_root(self, process: str, new_root: str, put_old: str) -> None:
        """pivot_root(2)."""

    def unshare(self, process: str) -> None:
        """unshare(2) with CLONE_NEWNS."""

    def setns(self, process: str, other: str) -> None:
        """setns(2) into the mount namespace of another process."""

    def chroot(self, process: str, path: str) -> None:
        """chroot(2)."""

    def chdir(self, process: str, path: str) -> None:
        """chdir(2)."""

    def drop_administration(self, process: str) -> None:
        """Give up CAP_SYS_ADMIN, with which one mounts."""

    def mkdir(self, process: str, path: str, mode: int = 0o755) -> None:
        """mkdir(2)."""

    def rmdir(self, process: str, path: str) -> None:
        """rmdir(2)."""

    def unlink(self, process: str, path: str) -> None:
        """unlink(2)."""

    def write(self, process: str, path: str, text: str) -> None:
        """Make or empty a file and write to it."""

    def kind(self, process: str, path: str) -> Literal["dir", "file"] | None:
        """What stat(2) finds there; None when it fails."""

    def read(self, process: str, path: str) -> str:
        """The content of a file.  Raises MountError."""

    def listdir(self, process: str, path: str) -> Sequence[str]:
        """Names in a directory, sorted.  Raises MountError."""

    def mountinfo(self, process: str) -> Sequence[MountInfo]:
        """The whole table that the process sees, /proc included."""

    def execute(self, process: str, argv: Sequence[str]) -> Ran | None:
        """Run a command of the transcript language as that process; None when it is not in the language."""

    def live(self, process: str, argv: Sequence[str]) -> Lived:
        """Do as that process what the words are for, up to what goes on, or is not in the language."""

    def enter(self, shell: str, process: str) -> None:
        """The terminal's shell is from now on a child of that process, and where that is."""

    def leave(self, shell: str) -> None:
        """The terminal is back where it was before the last `enter`."""


def make_directories(world: World, process: str, path: str) -> None:
    """``mkdir -p``: make what is missing of a path.  Raises MountError."""
    done = ""
    for part in (part for part in path.split("/") if part):
        done += "/" + part
        if world.kind(process, done) is None:
            world.mkdir(process, done)
