"""Runs the same operations in both worlds and finds the first difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from mountlab.agree.operations import CLONE_NEWNS, CLONE_NEWUSER, SHELLS, Op
from mountlab.errors import MountError
from mountlab.mountinfo import Canon, MountInfo, difference, parse_table
from mountlab.simulator import Process, Simulator

if TYPE_CHECKING:
    from mountlab.kernel.backend import KernelBackend

MANY = 80
"""A recursive bind under shared mounts turns N mounts into N(N+1): a run ends when it has so many."""
_FLOOR = "rootfs"
"""Source of what lies under the machine's `/`: it is the stage's own, and differs in its type."""


class Difference(NamedTuple):
    """Where two worlds part."""

    step: int
    """Which operation, counted from 0, it was after which they differ."""
    words: str


class Simulated(NamedTuple):
    """What the simulator did with one operation."""

    errno: str | None
    tables: tuple[tuple[MountInfo, ...], ...]


class SimulatedRun:
    """Four terminals on one simulated machine."""

    def __init__(self, init: str) -> None:
        self.sim = Simulator(init)
        self.shells = {name: self.sim.spawn(name) for name in SHELLS}

    def on_the_floor(self) -> bool:
        """Whether a terminal stands on the hidden bottom of its namespace, where the stage shows."""
        floors = {namespace.root for namespace in self.sim.vfs.namespaces.values()}
        return any(shell.task.root_mount in floors for shell in self.shells.values())

    def do(self, op: Op) -> str | None:
        """Make one system call; the name of its error, or None."""
        sim, proc = self.sim, self.shells[op.shell]
        try:
            if op.name == "mount":
                source, *rest = op.args
                sim.mount(proc, self._with_pid(source), *rest)
            elif op.name == "umount2":
                sim.umount(proc, *op.args)
            elif op.name == "unshare":
                flags, map_root = op.args
                sim.unshare(proc, bool(flags & CLONE_NEWNS), bool(flags & CLONE_NEWUSER), map_root)
            elif op.name == "setns":
                sim.setns(proc, self.shells[op.args[0]])
            elif op.name == "creat":
                sim.write(proc, op.args[0], "")
            else:
                getattr(sim, op.name)(proc, *op.args)
        except MountError as error:
            return error.errno
        return None

    def _with_pid(self, source: str) -> str:
        """A path of /proc with the process id where it names a shell."""
        for name, shell in self.shells.items():
            source = source.replace(f"/proc/{name}/", f"/proc/{shell.pid}/")
        return source

    def table(self, proc: Process) -> tuple[MountInfo, ...]:
        """What a terminal sees, as far as the worlds are to agree."""
        return tuple(_comparable(row) for row in self.sim.mountinfo(proc))


def _comparable(row: MountInfo) -> MountInfo:
    if row.source == _FLOOR:
        return row._replace(fstype="", options="", super_options="")
    return row._replace(super_options=row.super_options.partition(",")[0])


def first_difference(
    ops: Sequence[Op], init: str, kernel: KernelBackend, tally: Counter[str] | None = None
) -> Difference | None:
    """Run the operations in both worlds; None when errors and every terminal's table agree throughout.

    A run ends early, in agreement, when a terminal comes to stand on the stage's hidden floor, or
    when there are so many mounts that nothing new would be learned from more.
    """
    run = SimulatedRun(init)
    kernel.reset(init)
    for shell in SHELLS:
        kernel.open(shell)
    ours: list[Simulated] = []
    for op in ops:
        if run.on_the_floor() or len(run.sim.vfs.mounts) > MANY:
            break
        errno = run.do(op)
        ours.append(Simulated(errno, tuple(run.table(proc) for proc in run.shells.values())))
        if tally is not None:
            _count(tally, run, op, errno)
    theirs = kernel.raw_batch([(op.shell, op.name, op.args) for op in ops[: len(ours)]], SHELLS)
    for index, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        if mine.errno != other.errno:
            return Difference(index, f"error {mine.errno} in the simulator, {other.errno} in the kernel")
        here, there = Canon(), Canon()
        for shell, table in zip(SHELLS, mine.tables, strict=True):
            seen = [_comparable(row) for row in parse_table(other.tables[shell])]
            words = difference(here.table(table), there.table(seen))
            if words:
                return Difference(index, f"{shell}: {words}")
    return None


def _count(tally: Counter[str], run: SimulatedRun, op: Op, errno: str | None) -> None:
    """Keep account of what was tried: it says how much the agreement is worth."""
    tally["operations"] += 1
    tally[op.name] += 1
    vfs = run.sim.vfs
    if errno:
        tally["errors"] += 1
        tally[f"error {errno}"] += 1
    if any(shell.userns for shell in run.shells.values()):
        tally["with user namespaces"] += 1
    if any(vfs.overmount(mount) is not None for mount in vfs.mounts if mount > 2):  # noqa: PLR2004 - not the floor's
        tally["with stacked mounts"] += 1
    if vfs.ns_files:
        tally["with files of namespaces"] += 1
    if any(vfs.mounts[master].master for master in vfs.first_slave):
        tally["with slaves of slaves"] += 1
    if op.name == "pivot_root" and not errno:
        tally["pivots done"] += 1
