"""Questions about what a command will do: the answers are computed, and so are the wrong ones.

`make` runs the transcript of a draft on the simulator, and in the mind of a believer for each misconception
that it names.  What the simulator shows is right; what a believer would predict is a wrong choice, and that
misconception is what the learner is told about who takes it.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from mountlab.containers.machines import has_systemd
from mountlab.practice.asked import KINDS, Answer, Draft, answer_in, numbers, steps_of, tags_of, watch
from mountlab.practice.beliefs import BELIEFS, mind_of
from mountlab.practice.mind import machine
from mountlab.practice.misconceptions import misconceptions
from mountlab.practice.words import say
from mountlab.shell.backend import NamespaceTable
from mountlab.shell.complaints import shown

__all__ = ["AnswerError", "Choice", "Question", "make"]

LEAST_CHOICES = 2
NUMBER = re.compile(r"[0-9]{1,3}")


class AnswerError(ValueError):
    """What was typed is no answer to this question; the message says what would be."""


class Choice(NamedTuple):
    """One thing that can be answered."""

    text: str
    right: bool
    misconceptions: tuple[str, ...] = ()
    """Who judges it wrongly believes one of these."""


class Question(NamedTuple):
    """A question with its choices."""

    draft: Draft
    text: str
    """What is asked, in one sentence."""
    choices: tuple[Choice, ...]
    many: bool
    """Several choices may be right, or none; otherwise exactly one is."""
    beliefs: dict[str, frozenset[int]]
    """Misconception -> the choices that its believer would take, where that is not the right answer."""

    @property
    def name(self) -> str:
        """Under which answers to it are kept."""
        return self.draft.name

    @property
    def kind(self) -> str:
        """visible, error, tags or output."""
        return self.draft.kind

    @property
    def right(self) -> frozenset[int]:
        """The numbers of the right choices, counted from 1."""
        return frozenset(number for number, choice in enumerate(self.choices, 1) if choice.right)

    @property
    def tables(self) -> str:
        """Where the fields of mountinfo are asked for: the lines before the command."""
        if self.kind != "tags":
            return ""
        tables = watch(self.draft, machine(self.draft.init)).before
        known = numbers(tables)
        lines = [
            f"{_who(table)}: {row.mountpoint}  {row.source}  {tags_of(row, known)}"
            for table in tables
            for row in table.mounts
        ]
        return "\n".join(lines)

    def __str__(self) -> str:
        parts = [say("about.to.run"), *(f"    {line}" for line in self.draft.asked.splitlines())]
        if self.tables:
            parts += [say("tables.now"), *(f"    {line}" for line in self.tables.splitlines())]
        parts += [self.text, *(f"  {number}. {each.text}" for number, each in enumerate(self.choices, 1))]
        one_place = "answer.place" if len(self.choices) == 1 else "answer.many"
        return "\n".join([*parts, say(one_place if self.many else "answer.one")])

    def with_story(self) -> str:
        """The question for somebody who has not seen what was run before."""
        machine = start_of(self.draft.init)
        story = [f"    {line}" for line in self.draft.story.splitlines()]
        return "\n".join([machine, *([say("was.run"), *story] if story else []), str(self)])

    def choose(self, answer: int | str | Iterable[int]) -> frozenset[int]:
        """Read an answer: a number, several, ``"1 3"``, ``"none"``, or the text of a choice.

        Raises:
            AnswerError: when it names no choice, or too many.
        """
        taken = frozenset(self._numbers(answer))
        if not taken <= set(range(1, len(self.choices) + 1)):
            raise AnswerError(say("no.such.choice", answer=_told(taken), count=len(self.choices)))
        if not self.many and len(taken) != 1:
            raise AnswerError(say("one.choice", count=len(self.choices)))
        return taken

    def _numbers(self, answer: int | str | Iterable[int]) -> list[int]:
        if isinstance(answer, int):
            return [answer] if answer else []
        if not isinstance(answer, str):
            return list(answer)
        texts = [choice.text.lower() for choice in self.choices]
        typed = answer.strip().lower()
        if typed in texts:
            return [texts.index(typed) + 1]
        if typed in ("", "0", say("none")):
            return []
        words = [word for word in re.split(r"[,;\s]+|\band\b", typed) if word]
        if not all(NUMBER.fullmatch(word) for word in words):
            raise AnswerError(say("no.answer", answer=shown(answer), count=len(self.choices)))
        return [int(word) for word in words]


def start_of(init: str) -> str:
    """What is said of a machine before its first command."""
    return say("machine.shared" if has_systemd(init) else "machine.private")


def _who(table: NamespaceTable) -> str:
    """Who is in a namespace: its terminals, else what holds it."""
    return "/".join(table.shells or (f"{kind} {name}" for kind, name in table.holders))


def _told(taken: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(taken)))


def make(draft: Draft) -> Question:
    """Compute the answer and the choices of a question.

    Raises:
        ValueError: when it cannot be asked: an unknown kind or misconception, no place to look at.
    """
    _check(draft)
    right = answer_in(draft, machine(draft.init))
    believed = {slug: answer_in(draft, mind_of(slug, draft.init)) for slug in draft.misconceptions}
    many = draft.kind == "visible"
    if many:
        texts = [str(place) for place in draft.places]
    else:
        wrong = [text for answer in believed.values() for text in answer if answer != right]
        texts = list(dict.fromkeys([*right, *wrong, *(each.text for each in draft.wrong)]))
        random.Random(zlib.crc32(draft.transcript.encode())).shuffle(texts)  # noqa: S311 - an order, no secret
    by_hand = {each.misconception: frozenset({each.text}) for each in draft.wrong}
    behind = {slug: answer for slug, answer in (believed | by_hand).items() if answer != right}
    choices = tuple(
        Choice(
            text,
            text in right,
            # That a believer passes over the one right choice says nothing of who takes it.
            tuple(slug for slug, answer in behind.items() if _misjudged(text, answer, right, many=many)),
        )
        for text in texts
    )
    beliefs = {
        slug: frozenset(number for number, text in enumerate(texts, 1) if text in answer)
        for slug, answer in behind.items()
    }
    return Question(draft, draft.words or _words(draft), choices, many, beliefs)


def _misjudged(text: str, answer: Answer, right: Answer, *, many: bool) -> bool:
    return (text in answer) != (text in right) and (many or text not in right)


def flaws(question: Question) -> list[str]:
    """What is wrong with a question, for its author; none for a good one."""
    draft = question.draft
    found = [say("flaw.agrees", slug=slug) for slug in draft.misconceptions if slug not in question.beliefs]
    if not question.beliefs:
        found.append(say("flaw.nobody"))
    found += [say("flaw.story", line=line) for line in _failing(draft)]
    if len(question.choices) < (1 if question.many else LEAST_CHOICES):
        found.append(say("flaw.choices"))
    texts = [choice.text for choice in question.choices]
    found += [say("flaw.twice", text=text) for text in dict.fromkeys(texts) if texts.count(text) > 1]
    if not question.many and len(question.right) != 1:
        found.append(say("flaw.right", count=len(question.right)))
    wrong = [choice for choice in question.choices if not choice.right]
    found += [say("flaw.feedback", text=choice.text) for choice in wrong if not choice.misconceptions]
    return found


def _failing(draft: Draft) -> list[str]:
    """Commands of the story that fail: an author's slip."""
    world = machine(draft.init)
    found = []
    for step in steps_of(draft.story):
        world.open(step.shell)
        if step.command and world.run(step.shell, step.command).exit:
            found.append(f"{step.shell}# {step.text}")
    return found


def _check(draft: Draft) -> None:
    if draft.kind not in KINDS:
        raise ValueError(say("no.kind", kind=shown(draft.kind), kinds=", ".join(KINDS)))
    named = [*draft.misconceptions, *(each.misconception for each in draft.wrong)]
    unknown = [slug for slug in named if slug not in misconceptions()]
    unknown += [slug for slug in draft.misconceptions if slug not in BELIEFS]
    if unknown:
        raise ValueError(say("no.misconception", slug=shown(unknown[0])))
    if draft.kind in ("visible", "tags") and not draft.places:
        raise ValueError(say("no.place", kind=draft.kind))
    if draft.kind == "visible" and not draft.shows:
        raise ValueError(say("no.shows"))
    if not steps_of(draft.asked):
        raise ValueError(say("nothing.asked"))


def _words(draft: Draft) -> str:
    """The question of a kind, in its usual words."""
    commands = sum(step.command is not None for step in steps_of(draft.asked))
    if draft.kind == "visible":
        one_place = len(draft.places) == 1
        key = "ask.visible.place" if one_place else "ask.visible"
        return say(key, shows=draft.shows, place=draft.places[0])
    if draft.kind == "error":
        return say("ask.error" if commands == 1 else "ask.errors")
    if draft.kind == "tags":
        return say("ask.tags", place=draft.places[0])
    return say("ask.output")
