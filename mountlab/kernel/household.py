"""Processes that a daemon starts: no terminal of the learner's, and not shown as one.

A terminal that goes into a container gives its name to a new process inside, and the old one waits until
the name comes back.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from mountlab.containers.world import FIRST, title
from mountlab.kernel.wire import Json

if TYPE_CHECKING:
    from mountlab.kernel.machines import Machines


def is_hidden(name: str) -> bool:
    """Whether a process is no terminal; a terminal's name cannot begin so."""
    return name.startswith(":")


def any_hidden(machines: Machines) -> bool:
    """Whether a daemon or a container is there."""
    return any(is_hidden(name) for name in machines.shells)


def handlers(machines: Machines) -> dict[str, Callable[..., Json]]:
    """What the owner may ask for, by name."""
    household = _Household(machines)
    return {
        "fork": household.fork,
        "end": household.end,
        "enter": household.enter,
        "leave": household.leave,
        "look": household.look,
        "table": household.table,
    }


class _Household:
    def __init__(self, machines: Machines) -> None:
        self._machines = machines

    def _pid(self, name: str) -> int:
        machines = self._machines
        return machines.shells[name].outer_pid if name in machines.shells else machines.first or 0

    def fork(self, parent: str, child: str) -> None:
        """A new process where its parent is; the machine's first one is the parent of those without.

        What stands for the machine's first process is not seen beside it in lists of processes.
        """
        like, is_outside = self._pid(parent), child == FIRST
        begun = self._machines.begin(child, like, title(child), is_outside=is_outside)
        self._machines.shells[child] = begun
        self._machines.note_namespaces()

    def end(self, name: str) -> None:
        """Kill a process, unless it has ended by itself, as a shell does that was told to exit."""
        if name not in self._machines.shells:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid(name), signal.SIGKILL)
        self._machines.close(name)
        self._machines.note_namespaces()

    def enter(self, shell: str, process: str) -> None:
        """The terminal's name goes to a new child of that process."""
        machines = self._machines
        machines.open(shell)
        inside = machines.begin(shell, self._pid(process))
        machines.shells[self._waiting(shell)] = machines.shells[shell]
        machines.shells[shell] = inside

    def leave(self, shell: str) -> None:
        """The terminal's name comes back to the process that waits."""
        machines = self._machines
        if shell in machines.shells:
            self.end(shell)
        machines.shells[shell] = machines.shells.pop(self._waiting(shell, back=True))
        machines.note_namespaces()

    def _waiting(self, shell: str, *, back: bool = False) -> str:
        """The name of the process that waits for the terminal, or of the next one that would."""
        depth = sum(name.startswith(f":waiting {shell} ") for name in self._machines.shells)
        return f":waiting {shell} {depth - 1 if back else depth}"

    def look(self, name: str, question: str, path: str) -> Json:
        """What a process sees at a path: ``[errno, None]`` or ``[None, answer]``."""
        if name not in self._machines.shells:
            self.fork("", name)
        return self._machines.ask_socket(self._machines.shells[name].sock, ["look", question, path])

    def table(self, name: str) -> str:
        """The whole mountinfo of a process, the fixture included."""
        machines = self._machines
        return machines.fixture.cleaned(machines.mountinfo(self._pid(name)))
