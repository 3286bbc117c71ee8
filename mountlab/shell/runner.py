"""Runs a transcript step by step, in one world or in two side by side.

`play` is a plain generator: its caller may stop, wait or draw between two steps.  A caller whose world
answers asynchronously awaits it, and hands what it saw to `check_all` and `compare`, which ask nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mountlab.shell.backend import Backend, NamespaceTable, Outcome
from mountlab.shell.compare import Observation, compare
from mountlab.shell.expect import Expectation, failure
from mountlab.shell.transcript import Step, Transcript


class Checked(NamedTuple):
    """An expectation, and why it does not hold; None when it holds."""

    expectation: Expectation
    failure: str | None


class StepResult(NamedTuple):
    """One step that has been run."""

    number: int | None
    """Counts commands from 1; None for the initial state and for a line that only opens a terminal."""
    step: Step | None
    """None for the initial state."""
    outcome: Outcome | None
    tables: Sequence[NamespaceTable]
    before: Sequence[NamespaceTable]
    """The tables as they were before the step."""
    checks: tuple[Checked, ...]
    differs: str | None = None
    """The first difference between two worlds, in words."""
    quirk: str | None = None
    """Name of the quirk that explains the difference."""

    @property
    def failed(self) -> bool:
        """True when an expectation does not hold."""
        return any(each.failure for each in self.checks)


class Counterpart(NamedTuple):
    """A second world that runs the same steps, to be compared with the first."""

    backend: Backend
    same_programs: bool = True
    """False when its programs are of another version: then what they print is not compared."""
    understudy: Backend | None = None
    """A simulator of that world's kernel version: where it agrees with it, a difference is a quirk."""
    quirks: tuple[str, ...] = ()
    """Names of what sets that version apart from the one in the first world."""


def play(transcript: Transcript, backend: Backend, other: Counterpart | None = None) -> Iterator[StepResult]:
    """Run every step in `backend`, and in the `other` world too when there is one.

    Expectations above the first prompt give a first result whose `step` is None.  Closing the worlds is the
    caller's business.
    """
    before: Sequence[NamespaceTable] = ()
    if transcript.expectations:
        before = backend.tables()
        checks = check_all(transcript.expectations, None, before)
        yield StepResult(None, None, None, before, (), checks)
    number = 0
    for step in transcript.steps:
        number += step.command is not None
        seen = _run(backend, step)
        checks = check_all(step.expectations, seen.outcome, seen.tables)
        differs, quirk = _beside(other, step, seen) if other else (None, None)
        yield StepResult(
            number if step.command else None, step, seen.outcome, seen.tables, before, checks, differs, quirk
        )
        before = seen.tables


def _run(backend: Backend, step: Step) -> Observation:
    backend.open(step.shell)
    outcome = backend.run(step.shell, step.command) if step.command else None
    return Observation(backend.name, outcome, backend.tables())


def _beside(other: Counterpart, step: Step, seen: Observation) -> tuple[str | None, str | None]:
    """Run the step in the other world too: the difference in words, and the quirk that explains it."""
    there = _run(other.backend, step)
    differs = compare(step.command, seen, there, same_programs=other.same_programs)
    if other.understudy is None:
        return differs, None
    stand_in = _run(other.understudy, step)
    explained = differs and not compare(step.command, stand_in, there, same_programs=other.same_programs)
    return differs, ", ".join(other.quirks) if explained else None


def check_all(
    expectations: Sequence[Expectation], outcome: Outcome | None, tables: Sequence[NamespaceTable]
) -> tuple[Checked, ...]:
    """Every expectation with why it does not hold."""
    return tuple(Checked(each, failure(each, outcome, tables)) for each in expectations)
