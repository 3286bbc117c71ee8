"""What a question means: the state after a step, the process that looks, and where its path leads."""

from __future__ import annotations

from typing import NamedTuple

from mountlab.errors import MountError
from mountlab.explain.answer import QuestionError
from mountlab.explain.chronicle import shells_of
from mountlab.explain.tell import Named, Names, Teller
from mountlab.explain.words import say
from mountlab.model import Mount, Task, Vfs
from mountlab.processes import FIRST
from mountlab.resolve import VfsPath, resolve
from mountlab.shell.complaints import shown
from mountlab.shell.simbackend import SimulatorBackend


class Reached(NamedTuple):
    """How far a path leads."""

    mount: int
    dentry: int
    missing: str | None = None
    """The first name that is not there; None when the path exists."""
    errno: str | None = None


class Question:
    """One machine at one step, and one shell."""

    def __init__(
        self, machine: SimulatorBackend, shell: str, step: int | None = None, names: Names | None = None
    ) -> None:
        """Look at the machine as it was after a line.

        Raises:
            QuestionError: when there is no such step, or no such shell then.
        """
        self.machine, self.shell = machine, shell
        self.step = step if step is not None else len(machine.history) or None
        operations = _operations(machine, step)
        self.teller = Teller(machine, names)
        self.moment = self.teller.now = self.teller.chronicle.end_of(operations)
        """The state is that before this moment."""
        now = operations is None or operations == len(machine.sim.operations)
        self.vfs: Vfs = machine.sim.vfs if now else machine.sim.at(operations or 0)
        self.task = _task(machine, self.vfs, shell, self.step)

    def look(self, path: str, task: Task | None = None) -> Reached:
        """Walk a path as far as it goes."""
        return look(self.vfs, task or self.task, path)

    def row(self, mount: int) -> Mount:
        """A mount of the state that is asked about."""
        return self.vfs.mounts[mount]

    def at(self, mount: int, dentry: int | None = None) -> Named:
        """A mount of that state, to be told."""
        return self.teller.at(mount, self.moment, dentry)


def _operations(machine: SimulatorBackend, step: int | None) -> int | None:
    """How many system calls there were after a line; None for all."""
    if step is None:
        return None
    last = len(machine.history)
    if not 0 <= step <= last:
        raise QuestionError(say("no.step", step=step, last=last) if last else say("no.steps", step=step))
    if step == last:
        return None
    return machine.history[step - 1].end if step else 0


def _task(machine: SimulatorBackend, vfs: Vfs, shell: str, step: int | None) -> Task:
    named = shells_of(machine)
    shells = {task.name: task for task in vfs.tasks.values() if task.pid != FIRST and task.name in named}
    if shell in shells:
        return shells[shell]
    if step == 0 or not shells:  # the state before all: a terminal that is opened would see this
        first = vfs.tasks[FIRST]
        if shell in named:
            return first
    when = say("after.step", step=step) if step else say("now")
    known = say("shells", shells=", ".join(shells)) if shells else say("no.shells")
    raise QuestionError(say("no.shell", shell=shown(shell), when=when, known=known))


def look(vfs: Vfs, task: Task, path: str) -> Reached:
    """Where a path leads for a process; where it ends, if it is not there."""
    try:
        return Reached(*resolve(vfs, task, path))
    except MountError:
        pass
    walked = VfsPath(task.root_mount, task.root_dentry)
    if not path.startswith("/"):
        walked = VfsPath(task.cwd_mount, task.cwd_dentry)
    done = "/" if path.startswith("/") else "."
    for name in path.split("/"):
        if not name:
            continue
        following = f"{done.rstrip('/')}/{name}"
        try:
            walked = resolve(vfs, task, following)
        except MountError as error:
            return Reached(*walked, missing=name, errno=error.errno)
        done = following
    return Reached(*walked, missing=path.rpartition("/")[2], errno="ENOTDIR")
