"""What is wrong with a level: everything a teacher wants to know before learners see it.

`faults` plays the start and every part of the answers, and asks: is the goal far from the start and near
from the solution, is par right, can each hint and each failure be met, is there always something to say?
`trails` tells what was true after each line, so that two worlds can be compared.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mountlab.practice.level_answers import Answer, answers
from mountlab.practice.level_attempt import NOTHING_MORE, Attempt
from mountlab.practice.level_file import Level
from mountlab.practice.misconceptions import misconceptions
from mountlab.shell.backend import Backend
from mountlab.shell.complaints import shown
from mountlab.shell.expect import ExitExpected, failure
from mountlab.shell.transcript import Step


class Seen(NamedTuple):
    """What was true after a line of a way."""

    way: str
    """Its kind and the line where it begins; empty for the start."""
    line: int
    """Line of the file; 0 for the start."""
    goal: tuple[bool, ...]
    failed: str | None
    hint: str
    """The first that is said here."""
    refused: str | None = None
    surprise: str | None = None
    """A command that fails without an expectation that says so, or an expectation that does not hold."""

    @property
    def reached(self) -> bool:
        return all(self.goal) and self.failed is None


def trail(level: Level, way: Answer, backend: str | Backend = "sim") -> Iterator[Seen]:
    """Play the start and one way; what is true at the start, then after each line."""
    attempt = Attempt(level, backend)
    yield _seen(attempt, "", 0)
    for step in way.steps:
        feedback = attempt.run(f"{step.shell}# {step.text}")
        seen = _seen(attempt, f"{way.kind} in line {way.line}", step.line)
        surprise = None if feedback.refused else _surprise(attempt, step)
        yield seen._replace(refused=feedback.refused, surprise=surprise)
    attempt.close()


def trails(level: Level, backend: str | Backend = "sim") -> list[Seen]:
    """All ways of a level, one after the other."""
    return [seen for way in answers(level) for seen in trail(level, way, backend)]


def _seen(attempt: Attempt, way: str, line: int) -> Seen:
    goal = tuple(wanted.holds for wanted in attempt.goal)
    failed = attempt.failed if line else attempt.broken()
    return Seen(way, line, goal, failed, attempt.hint())


def _surprise(attempt: Attempt, step: Step) -> str | None:
    moment = attempt.moment()
    outcome = moment.outcome
    for expectation in step.expectations:
        if why := failure(expectation, outcome, moment.tables):
            return why
    said = any(isinstance(expectation.claim, ExitExpected) for expectation in step.expectations)
    if outcome and outcome.exit and not said and step.command:
        return f"fails without saying so (#? exit {outcome.exit}): {outcome.stderr.strip()}"
    return None


def faults(level: Level, backend: str | Backend = "sim") -> list[str]:
    """Sentences, one for each fault; none when the level can be given to learners."""
    ways = answers(level)
    played = [(way, list(trail(level, way, backend))) for way in ways]
    everything = [seen for _, seen_all in played for seen in seen_all]
    return [
        *_of_the_header(level),
        *_of_the_start(level, everything[0]),
        *(sentence for way, seen_all in played for sentence in _of_a_way(level, way, seen_all)),
        *_never_met(level, everything),
    ]


def _of_the_header(level: Level) -> Iterable[str]:
    for slug in level.teaches:
        if slug not in misconceptions():
            near = difflib.get_close_matches(slug, misconceptions(), 1)
            meant = f"; did you mean {near[0]}?" if near else "; they stand in docs/misconceptions.md"
            yield f"{level.name}: teaches={shown(slug)} is no misconception of the catalogue{meant}"


def _of_the_start(level: Level, start: Seen) -> Iterable[str]:
    if start.reached:
        yield f"{level.name}: the goal holds at the start"
    if start.failed:
        yield f"{level.name}: a failure holds at the start: {start.failed}"


def _of_a_way(level: Level, way: Answer, seen_all: list[Seen]) -> Iterable[str]:
    where = f"{level.name}: {way.kind} in line {way.line}"
    for seen in seen_all:
        if seen.refused:
            yield f"{where}: line {seen.line} is refused: {seen.refused}"
        if seen.surprise:
            yield f"{where}: line {seen.line} {seen.surprise}"
        if way.kind != "detour" and not seen.failed and seen.hint == NOTHING_MORE:
            yield f"{where}: after line {seen.line} there is no hint"
    end = seen_all[-1]
    if way.kind == "detour":
        if end.reached:
            yield f"{where}: a detour that reaches the goal is another solution"
        return
    if not end.reached:
        missing = [rule.condition.text for rule, holds in zip(level.goal, end.goal, strict=True) if not holds]
        yield f"{where}: does not reach the goal: {end.failed or '; '.join(missing)}"
    if any(seen.reached for seen in seen_all[:-1]):
        yield f"{where}: the goal is reached before its last line"
    if way.kind == "solution" and way.length != level.par:
        yield f"{where}: has {way.length} commands that count, par is {level.par}"


def _never_met(level: Level, everything: list[Seen]) -> Iterable[str]:
    hints = {seen.hint for seen in everything}
    failed = {seen.failed for seen in everything}
    for rule in level.hints:
        if rule.sentence not in hints:
            where = f"{level.name}: line {rule.line}"
            yield f"{where}: in no state of the answers is this the first hint: {rule.sentence}"
    for rule in level.failures:
        if rule.sentence not in failed:
            yield f"{level.name}: line {rule.line}: no way of the answers meets this failure: {rule.sentence}"
