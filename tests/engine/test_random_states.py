"""Truths about every state that random operations can reach."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from mountlab.agree.operations import Op, random_run
from mountlab.agree.worlds import SimulatedRun
from mountlab.apply import apply
from mountlab.invariants import ALWAYS, broken
from mountlab.model import Vfs
from mountlab.mountinfo import canonical, difference, parse_table, render
from mountlab.rules import RULES

RUNS = st.builds(lambda seed: random_run(Random(seed), 40), st.integers(0, 2**32))


def play(ops: list[Op], init: str = "bare") -> SimulatedRun:
    run = SimulatedRun(init)
    for op in ops:
        run.do(op)
    return run


def same_state(left: Vfs, right: Vfs) -> bool:
    """Whether all tables are equal; a parent with no children left counts as one that never had any."""
    for name in vars(left).keys() - {"log", "quirks", "kids"}:
        if getattr(left, name) != getattr(right, name):
            return False
    ours, theirs = ({parent: kids for parent, kids in vfs.kids.items() if kids} for vfs in (left, right))
    return ours == theirs


@settings(max_examples=60, deadline=None)
@given(RUNS, st.sampled_from(["bare", "systemd"]))
def test_invariants_hold_after_every_event_and_every_call(ops: list[Op], init: str) -> None:
    run = play([], init)
    shadow = run.sim.vfs.copy()
    for op in ops:
        before = len(run.sim.operations)
        run.do(op)
        for operation in run.sim.operations[before:]:
            for event in operation.events:
                apply(shadow, event)
                assert not broken(shadow, ALWAYS), (op, event)
        assert not broken(run.sim.vfs), op
        if len(run.sim.vfs.mounts) > 200:
            break


@settings(max_examples=40, deadline=None)
@given(RUNS)
def test_the_state_is_the_fold_of_its_events(ops: list[Op]) -> None:
    fresh = play([]).sim
    run = play(ops)
    for operation in run.sim.operations[len(fresh.operations) :]:
        for event in operation.events:
            apply(fresh.vfs, event)

    assert same_state(fresh.vfs, run.sim.vfs)


@settings(max_examples=40, deadline=None)
@given(RUNS, st.integers(0, 60))
def test_undo_and_redo_lead_back(ops: list[Op], count: int) -> None:
    run = play(ops)
    after = run.sim.vfs.copy()

    undone = run.sim.undo(count)
    assert not broken(run.sim.vfs)
    assert run.sim.redo(undone) == undone

    assert same_state(run.sim.vfs, after)


@settings(max_examples=20, deadline=None)
@given(RUNS, st.integers(0, 30))
def test_a_state_of_the_past_is_what_it_was(ops: list[Op], index: int) -> None:
    run = play(ops)
    wanted = play(ops[:index])
    now = run.sim.vfs.copy()

    past = run.sim.at(len(wanted.sim.operations))

    assert same_state(past, wanted.sim.vfs)
    assert same_state(run.sim.vfs, now)


@settings(max_examples=40, deadline=None)
@given(RUNS)
def test_a_refused_call_changes_nothing(ops: list[Op]) -> None:
    run = play([])
    for op in ops:
        before = run.sim.vfs.copy()
        if run.do(op) is not None:
            assert same_state(run.sim.vfs, before), op


@settings(max_examples=40, deadline=None)
@given(RUNS)
def test_tables_survive_printing_and_parsing(ops: list[Op]) -> None:
    run = play(ops)
    for proc in run.shells.values():
        rows = run.sim.mountinfo(proc)
        text = run.sim.table(proc)
        assert parse_table(text) == rows
        assert "".join(render(row) + "\n" for row in parse_table(text)) == text
        assert difference(canonical(rows), canonical(canonical(rows))) is None


@settings(max_examples=40, deadline=None)
@given(RUNS)
def test_every_event_names_a_rule(ops: list[Op]) -> None:
    run = play(ops)
    named = {event.rule for operation in run.sim.operations for event in operation.events}

    assert named <= set(RULES)


def test_the_same_operations_give_the_same_numbers() -> None:
    ops = random_run(Random(5), 100)
    first, second = play(ops), play(ops)

    tables = [first.sim.table(proc) for proc in first.shells.values()]

    assert tables == [second.sim.table(proc) for proc in second.shells.values()]
