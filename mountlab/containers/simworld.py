"""The simulated machine as daemons and container runtimes see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from mountlab.containers.world import FIRST, Lived, Ran
from mountlab.errors import MountError
from mountlab.mountinfo import MountInfo
from mountlab.simulator import Process, Simulator
from mountlab.table import rows_seen_by

Execute = Callable[[Process, Sequence[str]], Ran | None]
Live = Callable[[Process, Sequence[str]], Lived]


class SimWorld:
    """A `World` on a simulator.

    Args:
        sim: the machine.
        terminals: the open terminals by name; `enter` and `leave` exchange their processes.
        execute: runs a command of the transcript language as a process.
        live: does as a process what the first one of a container does; without it nothing is understood.
    """

    def __init__(
        self, sim: Simulator, terminals: dict[str, Process], execute: Execute, live: Live | None = None
    ) -> None:
        self.sim = sim
        self._terminals, self._execute, self._live = terminals, execute, live
        self.daemons: dict[str, Process] = {}
        """The processes that are no open terminals, by name; what waits for a terminal to come back, too."""
        self._served: dict[str, list[int]] = {}
        """The filesystems of FUSE that a process serves."""

    @property
    def init(self) -> str:
        """Name of the machine."""
        return self.sim.init

    def process(self, name: str) -> Process:
        """The process of that name."""
        if name == FIRST:
            return self.sim.first
        return self.daemons[name] if name.startswith(":") else self._terminals[name]

    def fork(self, parent: str, child: str) -> None:
        """fork(2)."""
        self.daemons[child] = self.sim.fork(self.process(parent), child.removeprefix(":"))

    def end(self, process: str) -> None:
        """exit(2)."""
        for fs in self._served.pop(process, ()):
            self.sim.disconnect(fs)
        ended = self.daemons.pop(process, None)
        if ended is not None and ended.pid in self.sim.vfs.tasks:
            self.sim.exit(ended)

    def is_alive(self, process: str) -> bool:
        """Whether there is such a process."""
        return process == FIRST or process in self.daemons

    def mount(
        self, process: str, source: str, target: str, fstype: str | None, flags: int, data: str = ""
    ) -> None:
        """mount(2)."""
        self.sim.mount(self.process(process), source, target, fstype, flags, data)
        if fstype and fstype.startswith("fuse."):
            self._served.setdefault(process, []).append(self.sim.vfs.counters["fs"] - 1)

    def umount(self, process: str, target: str, flags: int = 0) -> None:
        """umount2(2)."""
        self.sim.umount(self.process(process), target, flags)

    def pivot_root(self, process: str, new_root: str, put_old: str) -> None:
        """pivot_root(2)."""
        self.sim.pivot_root(self.process(process), new_root, put_old)

    def unshare(self, process: str) -> None:
        """unshare(2)."""
        self.sim.unshare(self.process(process))

    def setns(self, process: str, other: str) -> None:
        """setns(2)."""
        self.sim.setns(self.process(process), self.process(other))

    def chroot(self, process: str, path: str) -> None:
        """chroot(2)."""
        self.sim.chroot(self.process(process), path)

    def chdir(self, process: str, path: str) -> None:
        """chdir(2)."""
        self.sim.chdir(self.process(process), path)

    def drop_administration(self, process: str) -> None:
        """Without CAP_SYS_ADMIN."""
        self.sim.drop_administration(self.process(process))

    def mkdir(self, process: str, path: str, mode: int = 0o755) -> None:
        """mkdir(2)."""
        self.sim.mkdir(self.process(process), path, mode)

    def rmdir(self, process: str, path: str) -> None:
        """rmdir(2)."""
        self.sim.rmdir(self.process(process), path)

    def unlink(self, process: str, path: str) -> None:
        """unlink(2)."""
        self.sim.unlink(self.process(process), path)

    def write(self, process: str, path: str, text: str) -> None:
        """open(2), write(2)."""
        self.sim.write(self.process(process), path, text)

    def kind(self, process: str, path: str) -> Literal["dir", "file"] | None:
        """stat(2)."""
        try:
            found = self.sim.stat(self.process(process), path)
        except MountError:
            return None
        return "dir" if found.kind == "dir" else "file"

    def read(self, process: str, path: str) -> str:
        """read(2)."""
        return self.sim.read(self.process(process), path)

    def listdir(self, process: str, path: str) -> Sequence[str]:
        """getdents(2), sorted."""
        return sorted(self.sim.listdir(self.process(process), path))

    def mountinfo(self, process: str) -> Sequence[MountInfo]:
        """The whole table."""
        return rows_seen_by(self.sim.vfs, self.process(process).task, with_fixtures=True)

    def execute(self, process: str, argv: Sequence[str]) -> Ran | None:
        """Run a program of the language."""
        return self._execute(self.process(process), argv)

    def live(self, process: str, argv: Sequence[str]) -> Lived:
        """Do what the first process of a container does."""
        return self._live(self.process(process), argv) if self._live else Lived(None, is_opaque=True)

    def enter(self, shell: str, process: str) -> None:
        """The terminal's process waits, and a new one takes its name."""
        outside = self._terminals[shell]
        self.sim.rename_process(outside, f"{shell} outside")
        self.daemons[self._waiting(shell)] = outside
        self._terminals[shell] = self.sim.fork(self.process(process), shell)

    def leave(self, shell: str) -> None:
        """The process that waits has the name again."""
        inside = self._terminals[shell]
        if inside.pid in self.sim.vfs.tasks:
            self.sim.exit(inside)
        outside = self.daemons.pop(self._waiting(shell, back=True))
        self.sim.rename_process(outside, shell)
        self._terminals[shell] = outside

    def _waiting(self, shell: str, *, back: bool = False) -> str:
        """The name of the process that waits for the terminal, or of the next one that would."""
        depth = sum(name.startswith(f":waiting {shell} ") for name in self.daemons)
        return f":waiting {shell} {depth - 1 if back else depth}"
