"""Runs a transcript step by step, in one world or in two side by side.

`play` is a plain generator: its caller may stop, wait or draw between two steps.  A caller whose world
answers asynchronously awaits the world itself and hands what it saw to `judge`, which asks nobody.
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


class Understudy(NamedTuple):
    """A simulator of the other world's version: where it agrees with that world, quirks explain a difference."""

    backend: Backend
    quirks: tuple[str, ...]
    """What sets its version apart from the one that is simulated."""


def play(
    transcript: Transcript,
    backend: Backend,
    other: Backend | None = None,
    understudy: Understudy | None = None,
) -> Iterator[StepResult]:
    """Run every step in `backend`, and in `other` too when there is one, to be compared.

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
        counterpart = _run(other, step) if other else None
        result = judge(step, number if step.command else None, before, seen, counterpart)
        if understudy and counterpart:
            stand_in = _run(understudy.backend, step)
            if result.differs and not compare(step.command, stand_in, counterpart):
                result = result._replace(quirk=", ".join(understudy.quirks))
        yield result
        before = seen.tables


def _run(backend: Backend, step: Step) -> Observation:
    backend.open(step.shell)
    outcome = backend.run(step.shell, step.command) if step.command else None
    return Observation(backend.name, outcome, backend.tables(), backend.same_programs)


def judge(
    step: Step,
    number: int | None,
    before: Sequence[NamespaceTable],
    seen: Observation,
    counterpart: Observation | None = None,
) -> StepResult:
    """The result of a step from what was seen after it, in one world or in both."""
    checks = check_all(step.expectations, seen.outcome, seen.tables)
    differs = compare(step.command, seen, counterpart) if counterpart else None
    return StepResult(number, step, seen.outcome, seen.tables, before, checks, differs)


def check_all(
    expectations: Sequence[Expectation], outcome: Outcome | None, tables: Sequence[NamespaceTable]
) -> tuple[Checked, ...]:
    """Every expectation with why it does not hold."""
    return tuple(Checked(each, failure(each, outcome, tables)) for each in expectations)
