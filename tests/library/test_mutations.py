"""Each rule of the engine, switched off, makes a named transcript fail its expectations."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from mountlab.library import load
from mountlab.rules import RULES
from tests.library.mutants import Edit, edited, in_force, without
from tests.library.mutations import EDITS, HANGS, LEFT_OUT, NOT_REACHED
from tests.library.replay import complaints


def _fails(name: str) -> bool:
    """Whether the transcript notices: by its expectations, or because the engine breaks down."""
    try:
        return bool(complaints(load(name)))
    except (AssertionError, LookupError, NameError, TimeoutError):
        return True


@contextmanager
def _time_limit() -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> Any:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("rule", sorted(set(LEFT_OUT) - HANGS))
def test_a_rule_left_out_is_noticed(rule: str) -> None:
    swaps = without(rule)
    assert swaps, "no statement names the rule any more"

    with in_force(swaps):
        assert _fails(LEFT_OUT[rule])


@pytest.mark.parametrize("rule", sorted(HANGS))
def test_a_rule_left_out_that_makes_a_ring_is_noticed(rule: str) -> None:
    with in_force(without(rule)), _time_limit():
        assert _fails(LEFT_OUT[rule])


@pytest.mark.parametrize(("edit", "killer"), EDITS, ids=[edit.what for edit, _ in EDITS])
def test_a_wrong_decision_is_noticed(edit: Edit, killer: str) -> None:
    with in_force(edited(edit)):
        assert _fails(killer)


@pytest.mark.parametrize("name", sorted({*LEFT_OUT.values(), *(killer for _, killer in EDITS)}))
def test_the_transcripts_that_notice_hold_on_the_true_engine(name: str) -> None:
    assert complaints(load(name)) == []


def test_every_rule_is_covered_or_out_of_reach() -> None:
    covered = {*LEFT_OUT, *(edit.rule for edit, _ in EDITS)}

    assert covered | set(NOT_REACHED) == set(RULES)
    assert not covered & set(NOT_REACHED)


def test_a_mutant_is_gone_afterwards() -> None:
    with in_force(without("move.loop")):
        assert _fails("fact-08-move-root")

    assert not _fails("fact-08-move-root")
