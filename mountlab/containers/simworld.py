"""The simulated machine as daemons and container runtimes see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from mountlab.containers.world import FIRST
from mountlab.errors import MountError
from mountlab.mountinfo import MountInfo
from mountlab.simulator import Process, Simulator
from mountlab.table import rows_seen_by


class SimWorld:
    """A `World` on a simulator.

    Args:
        sim: the machine.
        terminal: finds the process of a terminal by its name.
    """

    def __init__(self, sim: Simulator, terminal: Callable[[str], Process]) -> None:
        self.sim = sim
        self._terminal = terminal
        self._daemons: dict[str, Process] = {}

    @property
    def init(self) -> str:
        """Name of the machine."""
        return self.sim.init

    def process(self, name: str) -> Process:
        """The process of that name."""
        if name == FIRST:
            return self.sim.first
        return self._daemons[name] if name.startswith(":") else self._terminal(name)

    def fork(self, parent: str, child: str) -> None:
        """fork(2)."""
        self._daemons[child] = self.sim.fork(self.process(parent), child.removeprefix(":"))

    def end(self, process: str) -> None:
        """exit(2)."""
        if process in self._daemons:
            self.sim.exit(self._daemons.pop(process))

    def is_alive(self, process: str) -> bool:
        """Whether there is such a process."""
        return process == FIRST or process in self._daemons

    def mount(
        self, process: str, source: str, target: str, fstype: str | None, flags: int, data: str = ""
    ) -> None:
        """mount(2)."""
        self.sim.mount(self.process(process), source, target, fstype, flags, data)

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
