"""A machine on the real kernel that is told lines of a transcript."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.kernel.backend import KernelBackend
from mountlab.mountinfo import MountInfo
from mountlab.shell.backend import Outcome, table_of
from mountlab.shell.transcript import parse


class Lab:
    """A machine that is told lines of a transcript."""

    def __init__(self, backend: KernelBackend) -> None:
        self.backend = backend

    def run(self, transcript: str) -> Outcome:
        """Run each line; the outcome of the last."""
        outcome = None
        for step in parse(transcript, check=lambda *_: None).steps:
            self.backend.open(step.shell)
            if step.command:
                outcome = self.backend.run(step.shell, step.command)
        assert outcome is not None
        return outcome

    def good(self, transcript: str) -> str:
        """Run each line, every one of which must succeed; what the last one printed."""
        printed = ""
        for step in parse(transcript, check=lambda *_: None).steps:
            self.backend.open(step.shell)
            if step.command:
                outcome = self.backend.run(step.shell, step.command)
                assert outcome.exit == 0, f"{step.text}: {outcome.stderr}"
                printed = outcome.stdout
        return printed

    def table(self, shell: str) -> Sequence[MountInfo]:
        """The rows that shell sees."""
        rows = table_of(self.backend.tables(), shell)
        assert rows is not None
        return rows

    def mountpoints(self, shell: str) -> list[str]:
        """Where something is mounted, in mountinfo's order."""
        return [row.mountpoint for row in self.table(shell)]
