"""Plays a transcript in a world, and tells what does not hold."""

from __future__ import annotations

import pytest

from mountlab.shell.backend import Backend
from mountlab.shell.runner import play
from mountlab.shell.transcript import Transcript

a_sample_or_all = pytest.mark.parametrize(
    "every", [5, pytest.param(1, marks=pytest.mark.slow)], ids=["sample", "all"]
)
"""On the kernel each command is a real program: `make test` looks at every fifth, `make test-long` at all."""


def failures(transcript: Transcript, world: Backend) -> list[str]:
    """Expectations that do not hold, and commands that fail without an expectation that says so."""
    found = []
    for result in play(transcript, world):
        found += [f"{each.expectation.text}: {each.failure}" for each in result.checks if each.failure]
        announced = any(each.expectation.text.startswith("exit") for each in result.checks)
        if result.outcome and result.outcome.exit and not announced:
            found.append(f"{result.step.text if result.step else ''}: fails: {result.outcome.stderr.strip()}")
    return found
