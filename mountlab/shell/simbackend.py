"""The simulator as a backend: terminals are processes of a simulated machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from mountlab.containers import world as container
from mountlab.containers.machines import has_systemd, install
from mountlab.containers.simworld import SimWorld
from mountlab.model import Vfs
from mountlab.mountinfo import MountInfo
from mountlab.processes import INITIAL, at_top
from mountlab.shell import programs
from mountlab.shell.backend import CallMade, NamespaceTable, Outcome, one_after
from mountlab.shell.history import Ran
from mountlab.shell.holders import with_holders
from mountlab.shell.syntax import Command, CommandLine
from mountlab.simulator import INITIAL_STATES, Process, Simulator
from mountlab.table import rows_seen_by

if TYPE_CHECKING:
    from mountlab.containers.ledger import Made
    from mountlab.kubernetes.daemons import Daemons

__all__ = ["INITIAL_STATES", "SimulatorBackend"]

REPORTED = ("mount", "umount2", "pivot_root", "unshare", "setns", "chroot")
"""The system calls that a record lists."""


class Start(NamedTuple):
    """A prepared machine, for which no command was run: its state and its terminals."""

    vfs: Vfs
    terminals: Mapping[str, int]
    """Name -> pid of the terminals that are open from the start, in order of appearance."""
    first_command: str
    """What lists of processes call the first process."""
    has_systemd: bool = False
    """Whether the first process starts units."""


class SimulatorBackend:
    """A simulated machine with terminals.

    Args:
        init: the state it boots into, one of `INITIAL_STATES`; with `start` merely what it is called.
        kernel: the version it behaves like.
        start: a prepared machine, instead of one that boots; it is used up.
    """

    name = "simulator"

    def __init__(
        self, init: str = INITIAL_STATES[0], kernel: str = "6.18", start: Start | None = None
    ) -> None:
        self.sim = Simulator(init=init, kernel=kernel, start=start.vfs if start else None)
        self.terminals: dict[str, Process] = {}
        """The terminals that are open, by name."""
        self.history: list[Ran] = []
        """The lines that were run, oldest first."""
        self.tells_runtime = False
        """Whether pictures show each call of a container's runtime (``runtime=shown`` in a header)."""
        self._appeared: dict[str, int] = {}
        self._start = start
        self._pids: set[int] = set()
        """The processes that are, or were, terminals."""
        self._world = SimWorld(self.sim, self.terminals, self._execute, self._live)
        self._has_systemd = start.has_systemd if start else has_systemd(init)
        if start is None:
            install(self._world)
            self.sim.forget_history()
        if start is not None:
            self._pids |= set(start.terminals.values())
            self.sim.first_command = start.first_command
            self.terminals |= {name: Process(self.sim, pid) for name, pid in start.terminals.items()}
            self._appeared = {name: number for number, name in enumerate(start.terminals)}

    @cached_property
    def daemons(self) -> Daemons:
        """What runs besides terminals, from the first time that it is asked."""
        from mountlab.kubernetes.daemons import Daemons  # noqa: PLC0415 - most machines need none

        return Daemons(self._world, has_systemd=self._has_systemd)

    def fresh(self) -> SimulatorBackend:
        """Another machine, as this one was before its first command."""
        start = self._start._replace(vfs=self.sim.at(0)) if self._start else None
        return SimulatorBackend(self.sim.init, self.sim.kernel, start)

    def open(self, shell: str) -> None:
        """Open the terminal in the initial namespace, unless it is open already."""
        if shell not in self.terminals:
            self._appeared.setdefault(shell, len(self._appeared))
            self.terminals[shell] = self.sim.spawn(shell)
            self._pids.add(self.terminals[shell].pid)

    def is_terminal(self, pid: int) -> bool:
        """Whether a process is, or was, a terminal."""
        return pid in self._pids

    def run(self, shell: str, line: CommandLine) -> Outcome:
        """Run one line in the terminal: ``;`` and ``&&`` as a shell has it, up to an ``exit``."""
        self.open(shell)
        first = len(self.sim.operations)
        done = self._run_all(shell, line)
        self._pids |= {process.pid for process in self.terminals.values()}
        number = len(self.history) + 1
        self.history.append(Ran(number, shell, line, first, len(self.sim.operations), done))
        return done

    def _run_all(self, shell: str, line: CommandLine) -> Outcome:
        done = Outcome(0, calls=())
        for command in line.commands:
            if command.after_success_only and done.exit != 0:
                continue
            done = one_after(done, self._run_one(shell, command, done.exit))
            if shell not in self.terminals:
                break
        return done

    def tables(self) -> list[NamespaceTable]:
        """Every namespace that is alive, in order of creation; the initial one always."""
        vfs = self.sim.vfs
        inside: dict[int, list[str]] = {INITIAL: [], **{held: [] for held in vfs.ns_files}}
        inside |= {process.ns: [] for process in self._world.daemons.values()}
        for shell in sorted(self.terminals, key=self._appeared.__getitem__):
            inside.setdefault(self.terminals[shell].ns, []).append(shell)
        tables = [self._table(number, inside[number]) for number in sorted(inside)]
        daemons = {name: process.ns for name, process in self._world.daemons.items()}
        return with_holders(tables, daemons)

    def close(self) -> None:
        """Nothing is held outside this object."""

    def _table(self, number: int, shells: Sequence[str]) -> NamespaceTable:
        seen = {shell: self.sim.mountinfo(self.terminals[shell]) for shell in shells}
        first = seen[shells[0]] if shells else self._table_at_top(number)
        views = {shell: rows for shell, rows in seen.items() if rows != first}
        return NamespaceTable(number, tuple(shells), (), first, views)

    def _table_at_top(self, number: int) -> list[MountInfo]:
        """The namespace as one would see it who entered it now."""
        if number == INITIAL:
            return self.sim.mountinfo(self.sim.first)
        for process in self._world.daemons.values():
            if process.ns == number:
                return self.sim.mountinfo(process)
        return rows_seen_by(self.sim.vfs, at_top(self.sim.vfs, self.sim.first.task, number))

    def _execute(self, process: Process, argv: Sequence[str]) -> container.Ran | None:
        """Run a command of the language as a process that a daemon made."""
        from mountlab.shell.inner import inner_commands  # noqa: PLC0415 - only daemons ask for it

        commands = inner_commands(argv)
        if commands is None:
            return None
        status, stdout, stderr = 0, "", ""
        for command in commands:
            if command.after_success_only and status:
                continue
            ran = self._ran(process, command)
            status, stdout, stderr = ran.status, stdout + ran.stdout, stderr + ran.stderr
            if process.pid not in self.sim.vfs.tasks:
                break
        return container.Ran(status, stdout, stderr)

    def _ran(self, process: Process, command: Command) -> container.Ran:
        ran = programs.run(self.sim, process, self.terminals, command, hidden=self._world.daemons)
        return container.Ran(ran.exit, ran.stdout, ran.stderr)

    def _live(self, process: Process, argv: Sequence[str]) -> container.Lived:
        """Do what the first process of a container does."""
        from mountlab.shell.life import live  # noqa: PLC0415 - only pods ask for it

        return live(argv, partial(self._ran, process))

    def _ask_daemons(
        self, shell: str, argv: tuple[str, ...], stdin: str | None
    ) -> tuple[container.Ran, list[Made]]:
        return self.daemons.run(argv, shell, stdin)

    def _is_back(self, shell: str, code: int) -> bool:
        """Whether a terminal whose shell has ended was in a container, and so is open outside."""
        return "daemons" in self.__dict__ and self.daemons.left(shell, code)

    # -- one command -----------------------------------------------------------------------------------

    def _run_one(self, shell: str, command: Command, last_status: int) -> Outcome:
        """One command; after ``exit`` the terminal is closed."""
        process = self.terminals[shell]
        if command.argv == ("exit",):
            command = command._replace(argv=("exit", str(last_status)))
        if command.argv[0] == "exit" and command.redirects:
            # Afterwards there is no process left that could write: the files are made before.
            made = self._run_one(shell, command._replace(argv=("true",)), last_status)
            return made if made.exit else self._run_one(shell, command._replace(redirects=()), last_status)
        client = partial(self._ask_daemons, shell)
        ran = programs.run(self.sim, process, self.terminals, command, client, self._world.daemons)
        if process.pid not in self.sim.vfs.tasks and not self._is_back(shell, ran.exit):
            del self.terminals[shell]
        calls = tuple(CallMade(name, errno) for name, errno in ran.calls if name in REPORTED)
        return Outcome(ran.exit, ran.stdout, ran.stderr, ran.errno, calls, ran.refused)
