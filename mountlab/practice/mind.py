"""A machine as somebody imagines it who believes something that is not so.

It runs a transcript as any other world does, but reads each command the way the believer does: as other
commands, or with something done to the state that no kernel would do.  So what a believer would predict is
computed, for every kind of question, from the transcript alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from mountlab.apply import Recorder
from mountlab.change import set_propagation
from mountlab.containers.machines import has_systemd
from mountlab.errors import MountError
from mountlab.events import Cloned, MasterChanged, Reparented
from mountlab.model import MS_PRIVATE, Mount, Vfs
from mountlab.peers import ring_insert
from mountlab.propagation import copy_of, receiving_mounts
from mountlab.resolve import VfsPath, resolve, visible_path
from mountlab.shell.backend import NamespaceTable, Outcome
from mountlab.shell.simbackend import SimulatorBackend, Start
from mountlab.shell.syntax import Command, CommandLine
from mountlab.unmount import umount_tree

NOTHING = ("true",)
"""What a believer runs who thinks that a command has no effect."""

Reading = Iterator[Sequence[str] | Outcome]
"""The commands that are run instead; an outcome stands for a command that the believer thinks would fail."""
Belief = Callable[["Mind", str, Sequence[str]], Reading]
"""Reads one command of one shell; what stands behind a ``yield`` is done after that command has run."""


@cache
def _booted(init: str) -> SimulatorBackend:
    return SimulatorBackend(init)


def machine(init: str) -> SimulatorBackend:
    """A simulated machine that has just started; quicker than to let one boot, for whoever needs hundreds."""
    booted = _booted(init).sim
    start = Start(booted.vfs.copy(), {}, booted.first_command, has_systemd(init))
    return SimulatorBackend(init, start=start)


class Bound(NamedTuple):
    """A bind mount that was made: from where, and which mount it is."""

    shell: str
    source: str
    target: str
    origin: int
    made: int


class Mind:
    """One believer's machine; it is a world like any other (`mountlab.shell.backend.Backend`)."""

    def __init__(self, belief: Belief, init: str = "bare") -> None:
        self.name = f"mind of {belief.__name__}"
        self.belief = belief
        self.machine = machine(init)
        self.bound: list[Bound] = []
        """For beliefs that need to know what was bound from where."""
        self.input: str | None = None
        """The here-document of the command that is read; a belief may put another one in its place."""
        self.refused: set[int] = set()
        """For beliefs that need to know which mounts an umount was refused for."""

    # -- the world ---------------------------------------------------------------------------------------

    def open(self, shell: str) -> None:
        """Open the terminal in the initial namespace, unless it is open already."""
        self.machine.open(shell)

    def run(self, shell: str, line: CommandLine) -> Outcome:
        """Run a line as the believer reads it: the status of the last command, the first error."""
        done = Outcome(0)
        for command in line.commands:
            if command.after_success_only and done.exit:
                continue
            ran = self._read(shell, command)
            printed = done.stdout + ran.stdout, done.stderr + ran.stderr
            done = Outcome(ran.exit, *printed, errno=done.errno or ran.errno)
        return done

    def tables(self) -> list[NamespaceTable]:
        """What the believer thinks is mounted."""
        return self.machine.tables()

    def close(self) -> None:
        """Nothing is held outside this object."""

    def _read(self, shell: str, command: Command) -> Outcome:
        done = Outcome(0)
        self.input = command.stdin
        for instead in self.belief(self, shell, command.argv):
            if isinstance(instead, Outcome):
                done = instead
                continue
            words = command._replace(argv=tuple(instead), stdin=self.input, after_success_only=False)
            done = self.machine.run(shell, CommandLine((words,), " ".join(instead)))
        return done

    # -- what beliefs look at ----------------------------------------------------------------------------

    @property
    def vfs(self) -> Vfs:
        """The state."""
        return self.machine.sim.vfs

    def place(self, shell: str, path: str) -> VfsPath | None:
        """Where a path leads."""
        self.machine.open(shell)
        try:
            return resolve(self.vfs, self.machine.terminals[shell].task, path)
        except MountError:
            return None

    def mount_at(self, shell: str, path: str) -> int | None:
        """The mount whose root a path names; None for a plain directory."""
        place = self.place(shell, path)
        if place is None or self.vfs.mounts[place.mount].root != place.dentry:
            return None
        return place.mount

    def path_of(self, shell: str, mount: int) -> str | None:
        """Where a shell sees a mount."""
        task = self.machine.terminals[shell].task
        return visible_path(self.vfs, task, mount, self.vfs.mounts[mount].root)

    def row(self, mount: int) -> Mount:
        """A mount's row."""
        return self.vfs.mounts[mount]

    def there(self) -> set[int]:
        """All mounts, to be compared with those after a command."""
        return set(self.vfs.mounts)

    def receivers(self, mount: int) -> list[int]:
        """Who is told of what is mounted on a mount."""
        return list(receiving_mounts(self.vfs, mount)) if self.row(mount).peer_group else []

    def same_filesystem(self, mount: int) -> list[int]:
        """The other mounts that show something of the same filesystem."""
        fs = self.row(mount).fs
        rows = list(self.vfs.mounts.values())
        return [row.mount_id for row in rows if row.fs == fs and row.mount_id != mount and row.namespace]

    def copies(self, mount: int) -> list[int]:
        """What stands where a mount stands, on those who are told."""
        row, kids = self.row(mount), self.vfs.kids
        found = (kids.get(other, {}).get(row.mountpoint) for other in self.receivers(row.parent_id))
        return [copy for copy in found if copy is not None]

    # -- what beliefs do ---------------------------------------------------------------------------------

    def recorder(self) -> Recorder:
        """Changes the state, outside of every system call."""
        return Recorder(self.vfs)

    def detach(self, mount: int) -> None:
        """Take a mount away with all on it, and tell nobody."""
        if self.vfs.mounts.get(mount) and self.row(mount).namespace is not None:
            umount_tree(self.recorder(), mount, propagate=False, lazy=True)

    def make_private(self, mount: int) -> None:
        """Take a mount out of propagation."""
        set_propagation(self.recorder(), mount, MS_PRIVATE)

    def join(self, mount: int, peer: int) -> None:
        """Put a mount into another one's peer group."""
        self.make_private(mount)
        group = self.row(peer).peer_group
        self.vfs.put(self.vfs.mounts, mount, self.row(mount)._replace(peer_group=group))
        ring_insert(self.vfs, mount, peer)

    def listen(self, mount: int, master: int | None) -> None:
        """Give a mount another master, or none."""
        self.recorder()(MasterChanged(mount, master))

    def put(self, mount: int, parent: int, mountpoint: int) -> None:
        """Let a mount stand elsewhere."""
        number = self.vfs.counters["mount"]
        self.recorder()(Reparented(mount, parent, mountpoint, number))

    def copy_to(self, mount: int, place: VfsPath) -> int:
        """Show a mount at another place as well; nobody is told."""
        into = self.row(place.mount).namespace
        row = copy_of(self.vfs, mount, place.mount, place.dentry, into, False, False, keep_lock=False)
        self.recorder()(Cloned(row, mount, False))
        return row.mount_id
