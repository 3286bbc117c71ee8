from __future__ import annotations

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.practice.beliefs import BELIEFS, mind_of
from mountlab.practice.misconceptions import Misconception, misconceptions, read_one
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.simbackend import SimulatorBackend
from tests.practice.worlds import a_sample_or_all, failures

ALL = misconceptions()
each_one = pytest.mark.parametrize("each", ALL.values(), ids=list(ALL))


def test_there_are_enough() -> None:
    assert len(ALL) >= 18


@each_one
def test_the_transcript_holds_in_the_simulator(each: Misconception) -> None:
    assert failures(each.transcript, SimulatorBackend(each.transcript.header["init"])) == []


@pytest.mark.kernel
@pytest.mark.programs
@a_sample_or_all
def test_the_transcripts_hold_on_the_kernel(kernel: KernelBackend, every: int) -> None:
    wrong = {}
    for each in list(ALL.values())[::every]:
        kernel.reset(each.transcript.header["init"])
        wrong[each.slug] = failures(each.transcript, kernel)

    assert {slug: said for slug, said in wrong.items() if said} == {}


@each_one
def test_the_transcript_contradicts_the_believer(each: Misconception) -> None:
    """In the mind of somebody who believes it the same expectations do not hold: so it refutes the belief."""
    mind = mind_of(each.slug, each.transcript.header["init"])

    assert failures(each.transcript, mind)


@each_one
def test_no_line_of_the_transcript_could_be_left_out(each: Misconception) -> None:
    """It is the shortest: without any one command it would not run, or the believer would agree with it."""
    lines = each.text.splitlines()
    init = each.transcript.header["init"]
    needless = []
    for step in each.transcript.steps:  # a command with its here-document
        rest = lines[step.end_line :]
        shorter = read_one(each.slug, "\n".join(lines[: step.line - 1] + rest[_claims(rest) :]))
        if _refutes(shorter, init):
            needless.append(lines[step.line - 1])

    assert needless == []


def _claims(lines: list[str]) -> int:
    """How many expectations follow at once."""
    return next((count for count, line in enumerate(lines) if not line.startswith("#?")), len(lines))


def _refutes(each: Misconception, init: str) -> bool:
    claims = sum(len(step.expectations) for step in each.transcript.steps)
    holds = not failures(each.transcript, SimulatorBackend(init))
    return bool(claims) and holds and bool(failures(each.transcript, mind_of(each.slug, init)))


def test_every_misconception_has_a_believer_and_every_believer_a_misconception() -> None:
    assert set(ALL) == set(BELIEFS)


@each_one
def test_the_truth_is_told_in_two_sentences(each: Misconception) -> None:
    assert each.truth.count(". ") + each.truth.count(": ") >= 1
    assert each.truth.endswith(".")
    assert len(each.truth) < 300


def test_a_file_without_its_parts_is_refused_with_what_is_missing() -> None:
    with pytest.raises(TranscriptError, match="True:"):
        read_one("x", '#: title="x" topic=binds rules=bind source=y\n# Believed: z\nhost# true\n')
    with pytest.raises(TranscriptError, match="nosuch"):
        read_one("x", '#: title=x topic=binds rules=nosuch source=y\n# Believed: z\n# True: w\nhost# true\n')
