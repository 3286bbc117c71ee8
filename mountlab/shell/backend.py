"""What a world must offer to run a transcript: the simulator, a kernel, whatever comes later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple, Protocol

from mountlab.mountinfo import MountInfo
from mountlab.shell.syntax import CommandLine


class Unknown(Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
"""The errno of a command whose system calls the backend cannot see."""


class CallMade(NamedTuple):
    """A system call a program made, and the error it returned."""

    name: str
    errno: str | None = None


class Outcome(NamedTuple):
    """What one transcript line did, as a person at that terminal sees it."""

    exit: int
    """Status of the last program that ran."""
    stdout: str = ""
    """Bytes that are no UTF-8 are surrogate-escaped, here and in stderr."""
    stderr: str = ""
    errno: str | Unknown | None = None
    """Name of the first failing system call's error."""
    calls: tuple[CallMade, ...] | None = None
    """The mount system calls in order, or None where they cannot be seen."""
    refused: str | None = None
    """Why the program refused before any system call."""


def one_after(first: Outcome, second: Outcome) -> Outcome:
    """Two commands of one line as one outcome: the status of the last, the first error."""
    return Outcome(
        second.exit,
        first.stdout + second.stdout,
        first.stderr + second.stderr,
        first.errno or second.errno,
        (*(first.calls or ()), *(second.calls or ())),
        first.refused or second.refused,
    )


class Holder(NamedTuple):
    """What keeps a namespace alive besides shells: a container, a unit, a bound namespace file."""

    kind: str
    name: str


class NamespaceTable(NamedTuple):
    """One mount namespace and what is mounted in it."""

    id: int
    """1 for the initial namespace, then in order of creation."""
    shells: tuple[str, ...]
    """In order of first appearance."""
    holders: tuple[Holder, ...]
    mounts: Sequence[MountInfo]
    """As the first of the shells sees them, without the rows of the /proc fixture."""
    views: Mapping[str, Sequence[MountInfo]]
    """The tables of those other shells that see another one (a root of their own)."""

    def seen_by(self, shell: str) -> Sequence[MountInfo]:
        """The rows in that shell's mountinfo."""
        return self.views.get(shell, self.mounts)


class Backend(Protocol):
    """A world with terminals."""

    @property
    def name(self) -> str:
        """How messages call this world: simulator, kernel …"""

    def open(self, shell: str) -> None:
        """Open the terminal in the initial namespace, unless it is open already."""

    def run(self, shell: str, line: CommandLine) -> Outcome:
        """Run one line in the terminal, which `open` has seen before."""

    def tables(self) -> list[NamespaceTable]:
        """Every namespace that is alive, in order of creation; the initial one always."""

    def close(self) -> None:
        """End the world and everything in it."""


class BackendUnavailableError(Exception):
    """The world is not to be had on this machine; the message says why."""


def table_of(tables: Sequence[NamespaceTable], shell: str) -> Sequence[MountInfo] | None:
    """The rows that shell sees, or None when no such terminal is open."""
    for table in tables:
        if shell in table.shells:
            return table.seen_by(shell)
    return None
