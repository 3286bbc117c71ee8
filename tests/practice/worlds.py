"""Plays a transcript in a world, and tells what does not hold."""

from __future__ import annotations

from mountlab.shell.backend import Backend
from mountlab.shell.runner import play
from mountlab.shell.transcript import Transcript


def failures(transcript: Transcript, world: Backend) -> list[str]:
    """Expectations that do not hold, and commands that fail without an expectation that says so."""
    found = []
    for result in play(transcript, world):
        found += [f"{each.expectation.text}: {each.failure}" for each in result.checks if each.failure]
        announced = any(each.expectation.text.startswith("exit") for each in result.checks)
        if result.outcome and result.outcome.exit and not announced:
            found.append(f"{result.step.text if result.step else ''}: fails: {result.outcome.stderr.strip()}")
    return found
