"""A node with a real containerd: kubelet's mounts are made by mount(8), its containers by the CRI."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from mountlab import model
from mountlab.containers.world import FIRST, Lived, Ran
from mountlab.errors import MountError
from mountlab.kernel.errors import errno_in
from mountlab.mountinfo import MountInfo, parse_table
from mountlab.runtimes import host
from mountlab.runtimes.machine import Machine, Running
from mountlab.shell.backend import BackendUnavailableError
from mountlab.shell.inner import inner_commands
from mountlab.shell.life import live
from mountlab.shell.syntax import Command

_PROPAGATIONS = {
    model.MS_SHARED: "shared",
    model.MS_PRIVATE: "private",
    model.MS_SLAVE: "slave",
    model.MS_UNBINDABLE: "unbindable",
}


class NodeWorld:
    """A `World` on the private machine.

    Args:
        machine: the node.
        init: its name.
        holder_of: the process of a terminal.
        run_inside: runs a command in a container.
        move: takes a terminal into a container, or out of it.
    """

    def __init__(
        self,
        machine: Machine,
        init: str,
        holder_of: Callable[[str], int],
        run_inside: Callable[[Running, Command], Ran],
        move: Callable[[str, Running | None], None],
    ) -> None:
        self._machine, self.init, self._holder_of = machine, init, holder_of
        self._run_inside, self._move = run_inside, move
        self.containers: dict[str, Running] = {}
        """By the name of their first process."""
        self._children: dict[str, str] = {}

    def container(self, process: str) -> Running | None:
        """The container in which a process of ours is."""
        return self.containers.get(self._children.get(process, process))

    def _pid(self, process: str) -> int:
        if process == FIRST:
            return self._machine.holder
        found = self.container(process)
        return found.pid if found else self._holder_of(process)

    def _run(self, process: str, *argv: str, stdin: str = "") -> host.Ran:
        if self.container(process):  # only the node plugin of a CSI driver works there
            raise BackendUnavailableError(
                "--backend cri: what a CSI driver mounts is the model's own: use --backend kernel"
            )
        enter = ["nsenter", "-t", str(self._pid(process)), "-m", "-r", "-w", "--"]
        return self._machine.host.run([*enter, *argv], stdin)

    def _do(self, process: str, *argv: str, stdin: str = "") -> str:
        ran = self._run(process, *argv, stdin=stdin)
        if ran.status:
            raise MountError(errno_in(ran.stderr) or "EINVAL", "kernel", ran.stderr.strip())
        return ran.stdout

    def fork(self, parent: str, child: str) -> None:
        """A process beside a container's first is a name only, until it runs something."""
        self._children[child] = self._children.get(parent, parent)

    def end(self, process: str) -> None:
        """Forget the name."""
        self._children.pop(process, None)

    def is_alive(self, process: str) -> bool:
        """Whether there is such a process."""
        return process == FIRST or process in self._children or process in self.containers

    def mount(
        self, process: str, source: str, target: str, fstype: str | None, flags: int, data: str = ""
    ) -> None:
        """mount(8), as the kubelet calls it."""
        words = [f"-o{data}"] if data else []
        for flag, name in _PROPAGATIONS.items():
            if flags & flag:
                recursive = "r" if flags & model.MS_REC else ""
                self._do(process, "mount", f"--make-{recursive}{name}", target)
                return
        if flags & model.MS_BIND:
            words.append("--rbind" if flags & model.MS_REC else "--bind")
        elif fstype:
            words += ["-t", fstype]
        self._do(process, "mount", *words, source, target)

    def umount(self, process: str, target: str, flags: int = 0) -> None:
        """umount(8)."""
        self._do(process, "umount", *(["-l"] if flags & model.MNT_DETACH else []), target)

    def pivot_root(self, process: str, new_root: str, put_old: str) -> None:
        """No kubelet does."""
        raise MountError("ENOSYS", "kernel", f"pivot_root {process} {new_root} {put_old}")

    def unshare(self, process: str) -> None:
        """No kubelet does."""
        raise MountError("ENOSYS", "kernel", f"unshare {process}")

    def setns(self, process: str, other: str) -> None:
        """No kubelet does."""
        raise MountError("ENOSYS", "kernel", f"setns {process} {other}")

    def chroot(self, process: str, path: str) -> None:
        """No kubelet does."""
        raise MountError("ENOSYS", "kernel", f"chroot {process} {path}")

    def chdir(self, process: str, path: str) -> None:
        """No kubelet does."""
        raise MountError("ENOSYS", "kernel", f"chdir {process} {path}")

    def drop_administration(self, process: str) -> None:
        """The real runtime does that."""

    def mkdir(self, process: str, path: str, mode: int = 0o755) -> None:
        """mkdir(1)."""
        self._do(process, "mkdir", "-m", f"{mode:o}", path)

    def rmdir(self, process: str, path: str) -> None:
        """rmdir(1)."""
        self._do(process, "rmdir", path)

    def unlink(self, process: str, path: str) -> None:
        """rm(1)."""
        self._do(process, "rm", path)

    def write(self, process: str, path: str, text: str) -> None:
        """Through a shell."""
        self._do(process, "sh", "-c", 'cat >"$1"', "sh", path, stdin=text)

    def kind(self, process: str, path: str) -> Literal["dir", "file"] | None:
        """test(1)."""
        if self._run(process, "test", "-d", path).status == 0:
            return "dir"
        return "file" if self._run(process, "test", "-e", path).status == 0 else None

    def read(self, process: str, path: str) -> str:
        """cat(1)."""
        return self._do(process, "cat", path)

    def listdir(self, process: str, path: str) -> Sequence[str]:
        """ls(1)."""
        return sorted(self._do(process, "ls", "-A", path).splitlines())

    def mountinfo(self, process: str) -> Sequence[MountInfo]:
        """The whole table, with all that a lesson is not shown."""
        return parse_table(self._machine.host.read(f"/proc/{self._pid(process)}/mountinfo"))

    def execute(self, process: str, argv: Sequence[str]) -> Ran | None:
        """Run it through the CRI."""
        commands = inner_commands(argv)
        if commands is None:
            return None
        status, stdout, stderr = 0, "", ""
        for command in commands:
            if command.after_success_only and status:
                continue
            ran = self._ran(process, command)
            status, stdout, stderr = ran.status, stdout + ran.stdout, stderr + ran.stderr
        return Ran(status, stdout, stderr)

    def _ran(self, process: str, command: Command) -> Ran:
        found = self.container(process)
        return self._run_inside(found, command) if found else Ran(1)

    def live(self, process: str, argv: Sequence[str]) -> Lived:
        """Do beside the container's first process what its command is for."""
        return live(argv, partial(self._ran, process))

    def enter(self, shell: str, process: str) -> None:
        """The terminal goes into the container."""
        self._move(shell, self.containers[process])

    def leave(self, shell: str) -> None:
        """The terminal is back."""
        self._move(shell, None)
