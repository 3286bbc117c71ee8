"""The sandbox as daemons and container runtimes see it: their system calls are real."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from mountlab.containers.world import FIRST, Lived, Ran
from mountlab.errors import MountError
from mountlab.kernel.sandbox import Sandbox
from mountlab.kernel.wire import Json
from mountlab.mountinfo import MountInfo, parse_table
from mountlab.shell.backend import Outcome
from mountlab.shell.inner import inner_commands
from mountlab.shell.life import live
from mountlab.shell.syntax import Command, CommandLine

RunLine = Callable[[str, CommandLine], Outcome]


class SandboxWorld:
    """A `World` on a machine of the sandbox.

    Args:
        sandbox: with the machine in it.
        init: the machine's name.
        run: runs a command line as a process.
    """

    def __init__(self, sandbox: Sandbox, init: str, run: RunLine) -> None:
        self._sandbox, self.init, self._run = sandbox, init, run
        self._alive: set[str] = set()
        self._limited: set[str] = set()
        """Processes that may not mount; their children may not either."""

    def _call(self, process: str, name: str, *args: Json) -> None:
        self._begin_first(process)
        ((error, _),) = self._sandbox.ask("raw", [(process, name, args)], [])
        if error:
            raise MountError(error, "kernel", f"{name}: {error}")

    def _begin_first(self, process: str) -> None:
        """What daemons are started from is a process of its own beside the machine's first, and like it."""
        if process == FIRST and FIRST not in self._alive:
            self._sandbox.ask("fork", "", FIRST)
            self._alive.add(FIRST)

    def fork(self, parent: str, child: str) -> None:
        """fork(2)."""
        self._begin_first(parent)
        self._sandbox.ask("fork", parent, child)
        self._alive.add(child)
        self._limit(parent, child)

    def _limit(self, parent: str, child: str) -> None:
        if parent in self._limited:
            self.drop_administration(child)

    def end(self, process: str) -> None:
        """kill(2)."""
        if process in self._alive:
            self._alive.discard(process)
            self._limited.discard(process)
            self._sandbox.ask("end", process)

    def is_alive(self, process: str) -> bool:
        """Whether there is such a process."""
        return process == FIRST or process in self._alive

    def mount(
        self, process: str, source: str, target: str, fstype: str | None, flags: int, data: str = ""
    ) -> None:
        """mount(2); an overlay of the sandbox's root keeps its notes in attributes that a user may write."""
        if fstype == "overlay":
            data += ",userxattr"
        self._call(process, "mount", source, target, fstype, flags, data or None)

    def umount(self, process: str, target: str, flags: int = 0) -> None:
        """umount2(2)."""
        self._call(process, "umount2", target, flags)

    def pivot_root(self, process: str, new_root: str, put_old: str) -> None:
        """pivot_root(2)."""
        self._call(process, "pivot_root", new_root, put_old)

    def unshare(self, process: str) -> None:
        """unshare(2)."""
        self._call(process, "unshare", 0x00020000)

    def setns(self, process: str, other: str) -> None:
        """setns(2)."""
        self._call(process, "setns", other)

    def chroot(self, process: str, path: str) -> None:
        """chroot(2)."""
        self._call(process, "chroot", path)

    def chdir(self, process: str, path: str) -> None:
        """chdir(2)."""
        self._call(process, "chdir", path)

    def drop_administration(self, process: str) -> None:
        """Without CAP_SYS_ADMIN."""
        self._call(process, "drop_administration")
        self._limited.add(process)

    def mkdir(self, process: str, path: str, mode: int = 0o755) -> None:
        """mkdir(2)."""
        self._call(process, "mkdir", path, mode)

    def rmdir(self, process: str, path: str) -> None:
        """rmdir(2)."""
        self._call(process, "rmdir", path)

    def unlink(self, process: str, path: str) -> None:
        """unlink(2)."""
        self._call(process, "unlink", path)

    def write(self, process: str, path: str, text: str) -> None:
        """open(2), write(2)."""
        self._call(process, "write", path, text)

    def _look(self, process: str, question: str, path: str) -> Json:
        self._begin_first(process)
        error, answer = self._sandbox.ask("look", process, question, path)
        if error:
            raise MountError(error, "kernel", f"{path}: {error}")
        return answer

    def kind(self, process: str, path: str) -> Literal["dir", "file"] | None:
        """stat(2)."""
        try:
            found = self._look(process, "kind", path)
        except MountError:
            return None
        return "dir" if found == "dir" else "file"

    def read(self, process: str, path: str) -> str:
        """read(2)."""
        return str(self._look(process, "read", path))

    def listdir(self, process: str, path: str) -> Sequence[str]:
        """getdents(2), sorted."""
        names: list[str] = self._look(process, "listdir", path)
        return names

    def mountinfo(self, process: str) -> Sequence[MountInfo]:
        """The whole table."""
        self._begin_first(process)
        return parse_table(self._sandbox.ask("table", process))

    def execute(self, process: str, argv: Sequence[str]) -> Ran | None:
        """Run a real program of the language."""
        commands = inner_commands(argv)
        if commands is None:
            return None
        return self._ran(process, *commands)

    def _ran(self, process: str, *commands: Command) -> Ran:
        done = self._run(process, CommandLine(commands, ""))
        return Ran(done.exit, done.stdout, done.stderr)

    def live(self, process: str, argv: Sequence[str]) -> Lived:
        """Do what the first process of a container does."""
        return live(argv, partial(self._ran, process))

    def enter(self, shell: str, process: str) -> None:
        """The terminal's process waits, and a new one takes its name."""
        self._sandbox.ask("enter", shell, process)
        self._limit(process, shell)

    def leave(self, shell: str) -> None:
        """The process that waits has the name again."""
        self._limited.discard(shell)
        self._sandbox.ask("leave", shell)
