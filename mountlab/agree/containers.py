"""Runs lines of docker, systemctl and mount in both worlds and finds the first difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mountlab.agree.worlds import Difference
from mountlab.shell.runner import Counterpart, play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse

if TYPE_CHECKING:
    from mountlab.kernel.backend import KernelBackend

MANY = 150
"""A run ends when there are so many mounts: nothing new is learned from more."""


def first_difference_of_containers(
    lines: Sequence[str], init: str, kernel: KernelBackend, tally: Counter[str] | None = None
) -> Difference | None:
    """Run the lines in both worlds; None when outputs, statuses and tables agree after each.

    A run ends, in agreement, when a process stands on the stage's hidden floor.
    """
    transcript = parse("".join(line + "\n" for line in lines), "random")
    kernel.reset(init)
    simulated = SimulatorBackend(init)
    for number, result in enumerate(play(transcript, simulated, Counterpart(kernel))):
        vfs = simulated.sim.vfs
        floors = {namespace.root for namespace in vfs.namespaces.values()}
        if any(task.root_mount in floors for task in vfs.tasks.values()):
            return None
        if result.differs:
            return Difference(number, result.differs)
        if tally is not None and result.outcome is not None:
            tally["lines"] += 1
            tally[lines[number].split()[1]] += 1
            tally["failed"] += result.outcome.exit != 0
        if len(vfs.mounts) > MANY:
            return None
    return None
