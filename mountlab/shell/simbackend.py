"""The simulator as a backend: terminals are processes of a simulated machine."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence

from mountlab.errors import MountError
from mountlab.model import Task
from mountlab.mountinfo import MountInfo
from mountlab.processes import INITIAL
from mountlab.resolve import follow_mounts
from mountlab.shell import programs
from mountlab.shell.backend import CallMade, NamespaceTable, Outcome
from mountlab.shell.programs.context import strerror
from mountlab.shell.syntax import Command, CommandLine
from mountlab.simulator import INITIAL_STATES, Process, Simulator
from mountlab.table import rows_seen_by

__all__ = ["INITIAL_STATES", "SimulatorBackend"]

REPORTED = ("mount", "umount2", "pivot_root", "unshare", "setns", "chroot")
"""The system calls that a record lists."""
EXIT_STATUS = re.compile(r"[+-]?[0-9]+")


class SimulatorBackend:
    """A simulated machine with terminals.

    Args:
        init: the state it boots into, one of `INITIAL_STATES`.
        kernel: the version it behaves like.
    """

    name = "simulator"

    def __init__(self, init: str = INITIAL_STATES[0], kernel: str = "6.18") -> None:
        self.sim = Simulator(init=init, kernel=kernel)
        self.terminals: dict[str, Process] = {}
        """The terminals that are open, by name."""
        self._appeared: dict[str, int] = {}

    def open(self, shell: str) -> None:
        """Open the terminal in the initial namespace, unless it is open already."""
        if shell not in self.terminals:
            self._appeared.setdefault(shell, len(self._appeared))
            self.terminals[shell] = self.sim.spawn(shell)

    def run(self, shell: str, line: CommandLine) -> Outcome:
        """Run one line in the terminal: ``;`` and ``&&`` as a shell has it, up to an ``exit``."""
        self.open(shell)
        done = Outcome(0, calls=())
        for command in line.commands:
            if command.after_success_only and done.exit != 0:
                continue
            done = _then(done, self._run_one(shell, command, done.exit))
            if shell not in self.terminals:
                break
        return done

    def tables(self) -> list[NamespaceTable]:
        """Every namespace that is alive, in order of creation; the initial one always."""
        inside: dict[int, list[str]] = {INITIAL: []}
        for shell in sorted(self.terminals, key=self._appeared.__getitem__):
            inside.setdefault(self.terminals[shell].ns, []).append(shell)
        return [self._table(number, inside[number]) for number in sorted(inside)]

    def close(self) -> None:
        """Nothing is held outside this object."""

    def _table(self, number: int, shells: Sequence[str]) -> NamespaceTable:
        seen = {shell: self.sim.mountinfo(self.terminals[shell]) for shell in shells}
        first = seen[shells[0]] if shells else self._initial_table()
        views = {shell: rows for shell, rows in seen.items() if rows != first}
        return NamespaceTable(number, tuple(shells), (), first, views)

    def _initial_table(self) -> list[MountInfo]:
        """The initial namespace as a new terminal would see it."""
        vfs = self.sim.vfs
        root = vfs.namespaces[INITIAL].root
        at = follow_mounts(vfs, root, vfs.mounts[root].root)
        return rows_seen_by(vfs, Task(0, "", INITIAL, 0, *at, *at, capable=True, uid_mapped=True))

    # -- one command -----------------------------------------------------------------------------------

    def _run_one(self, shell: str, command: Command, last_status: int) -> Outcome:
        """One command, with its redirects opened first, as a shell does."""
        process = self.terminals[shell]
        for redirect in command.redirects:
            try:
                self.sim.write(process, redirect.target, "", append=redirect.append)
            except MountError as error:
                message = f"bash: {redirect.target}: {strerror(error)}\n"
                return Outcome(1, stderr=message, errno=error.errno, calls=())
        self.sim.calls.clear()
        if command.argv[0] == "exit":
            done = self._exit(shell, command.argv[1:], last_status)
        else:
            ran = programs.run(self.sim, process, self.terminals, command)
            calls = tuple(CallMade(*call) for call in self.sim.calls if call.name in REPORTED)
            done = Outcome(ran.exit, ran.stdout, ran.stderr, ran.errno, calls, ran.refused)
        return self._redirected(process, command, done)

    def _redirected(self, process: Process, command: Command, done: Outcome) -> Outcome:
        """Put the output into the files that the redirects name; the last one of a stream gets it."""
        for fd, name in ((1, "stdout"), (2, "stderr")):
            targets = [redirect.target for redirect in command.redirects if redirect.fd == fd]
            text = getattr(done, name)
            if targets and text:
                # The file was opened before: should it be out of reach by now, what was written is lost.
                with contextlib.suppress(MountError):
                    self.sim.write(process, targets[-1], text, append=True)
            if targets:
                done = done._replace(**{name: ""})
        return done

    def _exit(self, shell: str, words: tuple[str, ...], last_status: int) -> Outcome:
        """``exit [N]`` closes the terminal, unless it has too many words."""
        if words and not EXIT_STATUS.fullmatch(words[0]):
            status, message = 2, f"bash: exit: {words[0]}: numeric argument required\n"
        elif len(words) > 1:
            return Outcome(1, stderr="bash: exit: too many arguments\n", calls=())
        else:
            status, message = int(words[0]) & 255 if words else last_status, ""
        self.sim.exit(self.terminals.pop(shell))
        return Outcome(status, stderr=message, calls=())


def _then(first: Outcome, second: Outcome) -> Outcome:
    """Two commands of one line as one outcome: the status of the last, the first error."""
    return Outcome(
        second.exit,
        first.stdout + second.stdout,
        first.stderr + second.stderr,
        first.errno or second.errno,
        (*(first.calls or ()), *(second.calls or ())),
        first.refused or second.refused,
    )
