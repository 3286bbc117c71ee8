"""What was typed on a simulated machine: each line with the system calls that it made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mountlab.shell.backend import Outcome
from mountlab.shell.syntax import CommandLine


class Ran(NamedTuple):
    """One line that was run."""

    number: int
    """Counts the lines of a machine from 1: the "step 3" of every explanation."""
    shell: str
    line: CommandLine
    first: int
    """Its system calls are ``Simulator.operations[first:end]``."""
    end: int
    outcome: Outcome

    @property
    def typed(self) -> str:
        """The line as it stands in a transcript."""
        return f"{self.shell}# {self.line.text}"


def line_of(history: Sequence[Ran], operation: int) -> Ran | None:
    """The line that made a system call; None for one that a terminal made when it was opened."""
    return next((ran for ran in history if ran.first <= operation < ran.end), None)
