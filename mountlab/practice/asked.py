"""What a question asks, and how its answer is read off a world: the simulator, a kernel, a believer's mind.

Four kinds of question, each with an answer that any world can give:

visible   which of these places show what is mounted?   the set of places
error     which command fails, and with which errno?    one sentence
tags      what are the optional fields of this line?    the fields as mountinfo has them
output    what does the last command print?             the text
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from mountlab.mountinfo import Canon, MountInfo
from mountlab.practice.words import say
from mountlab.shell.backend import UNKNOWN, Backend, NamespaceTable, Outcome, table_of
from mountlab.shell.lookup import find
from mountlab.shell.transcript import Step, parse

Answer = frozenset[str]
"""What is right: several places, or one text."""


class Place(NamedTuple):
    """A path as one shell sees it."""

    shell: str
    path: str

    def __str__(self) -> str:
        return f"{self.shell}: {self.path}"


class Wrong(NamedTuple):
    """A wrong choice that somebody wrote by hand, and the misconception behind it."""

    text: str
    misconception: str


class Draft(NamedTuple):
    """A question without its answer."""

    name: str
    kind: str
    story: str
    """Transcript lines that have been run."""
    asked: str
    """Transcript lines that come next: the question is about them."""
    places: tuple[Place, ...] = ()
    """visible: the choices.  tags: the one mount."""
    shows: str = ""
    """visible: the source of what is looked for."""
    misconceptions: tuple[str, ...] = ()
    """Whose believers answer too."""
    words: str = ""
    """The question in words; each kind has its own when this is empty."""
    init: str = "bare"
    wrong: tuple[Wrong, ...] = ()

    @property
    def transcript(self) -> str:
        """Everything, as `mountlab run` takes it."""
        return f"#: init={self.init}\n{self.story}\n{self.asked}\n"


class Seen(NamedTuple):
    """What a world has shown."""

    steps: tuple[Step, ...]
    """The lines that were asked about."""
    outcomes: tuple[Outcome, ...]
    before: Sequence[NamespaceTable]
    after: Sequence[NamespaceTable]


@lru_cache(maxsize=4096)
def _steps(text: str) -> tuple[Step, ...]:
    return parse(text, say("question")).steps


def steps_of(text: str) -> tuple[Step, ...]:
    """The lines of a transcript, read one by one: drills use the same lines again and again."""
    if "<<" in text or "\\\n" in text:
        return _steps(text)
    return tuple(step for line in text.splitlines() if line for step in _steps(line))


def watch(draft: Draft, world: Backend) -> Seen:
    """Run the story and what is asked about."""
    for step in steps_of(draft.story):
        _run(world, step)
    before = world.tables() if draft.kind == "tags" else ()
    asked = steps_of(draft.asked)
    outcomes = tuple(outcome for step in asked if (outcome := _run(world, step)))
    return Seen(asked, outcomes, before, world.tables())


def _run(world: Backend, step: Step) -> Outcome | None:
    world.open(step.shell)
    return world.run(step.shell, step.command) if step.command else None


def answer_in(draft: Draft, world: Backend) -> Answer:
    """What is right in that world."""
    return KINDS[draft.kind](draft, watch(draft, world))


def shown_source(tables: Sequence[NamespaceTable], place: Place) -> str | None:
    """What is mounted at a place, as that shell sees it; None for a plain directory."""
    found = find(table_of(tables, place.shell) or (), place.path)
    return found.mount.source if found and found.is_mountpoint else None


def _visible(draft: Draft, seen: Seen) -> Answer:
    return frozenset(str(each) for each in draft.places if shown_source(seen.after, each) == draft.shows)


def _error(_draft: Draft, seen: Seen) -> Answer:
    commands = [step for step in seen.steps if step.command]
    failed = [(step, outcome) for step, outcome in zip(commands, seen.outcomes, strict=True) if outcome.exit]
    if not failed:
        return frozenset({say("works" if len(commands) == 1 else "none.fails")})
    return frozenset({say("and").join(_failure(step, outcome, len(commands)) for step, outcome in failed)})


def _failure(step: Step, outcome: Outcome, count: int) -> str:
    errno = outcome.errno if outcome.errno and outcome.errno is not UNKNOWN else say("an.error")
    if count == 1:
        return say("fails", errno=errno)
    return say("this.fails", shell=step.shell, command=step.text, errno=errno)


def _tags(draft: Draft, seen: Seen) -> Answer:
    place = draft.places[0]
    found = find(table_of(seen.after, place.shell) or (), place.path)
    if found is None or not found.is_mountpoint:
        return frozenset({say("not.mounted")})
    known = numbers(seen.before)
    return frozenset({tags_of(found.mount, known)})


def numbers(tables: Sequence[NamespaceTable]) -> dict[int, int]:
    """The peer groups of a machine, numbered in the order in which they appear in its tables."""
    canon = Canon()
    rows = [row for table in tables for row in table.mounts]
    groups = [group for row in rows for group in (row.shared, row.master, row.propagate_from) if group]
    return {group: canon.name("group", group) for group in groups}


def tags_of(row: MountInfo, known: dict[int, int]) -> str:
    """The optional fields of a line; a group that was not there before is called new."""
    fields = (("shared", row.shared), ("master", row.master), ("propagate_from", row.propagate_from))
    words = [f"{word}:{known.get(group, say('new'))}" for word, group in fields if group]
    return " ".join([*words, *(["unbindable"] if row.unbindable else [])]) or say("no.fields")


def _output(draft: Draft, seen: Seen) -> Answer:
    last = seen.outcomes[-1]
    if last.exit:
        return _error(draft, seen._replace(steps=seen.steps[-1:], outcomes=(last,)))
    return frozenset({" ".join(last.stdout.split()) or say("nothing")})


KINDS: dict[str, Callable[[Draft, Seen], Answer]] = {
    "visible": _visible,
    "error": _error,
    "tags": _tags,
    "output": _output,
}
