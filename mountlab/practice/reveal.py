"""What a learner is told after an answer: right or wrong, the belief behind it, the rule, the causes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mountlab.events import Refused
from mountlab.explain import QuestionError, why, whynot
from mountlab.practice.asked import Place, steps_of, watch
from mountlab.practice.misconceptions import misconceptions
from mountlab.practice.questions import Question
from mountlab.practice.words import say
from mountlab.rules import RULES
from mountlab.shell.simbackend import SimulatorBackend

LONGEST_CHAIN = 6
MOST_BELIEFS = 2


class Reveal(NamedTuple):
    """The answer to an answer."""

    correct: bool
    chosen: tuple[str, ...]
    right: tuple[str, ...]
    misconceptions: tuple[str, ...]
    """What somebody believes who answers so; the likeliest first, none for a right answer."""
    feedback: str
    """Why the wrong choice is wrong, by the misconception behind it; empty for a right answer."""
    rule: str
    """The rule that decides, and its source."""
    chain: tuple[str, ...]
    """How the mount came to where it is, or why it is not where it was looked for."""

    def __str__(self) -> str:
        lines = [say("right") if self.correct else say("wrong", answer=_listed(self.right))]
        lines += [self.feedback] if self.feedback else []
        lines += [self.rule] if self.rule else []
        lines += [f"  {number}. {link}" for number, link in enumerate(self.chain, 1)]
        return "\n".join(lines)


def answer(question: Question, typed: int | str | Iterable[int]) -> Reveal:
    """Judge an answer.

    Raises:
        AnswerError: when it is none to this question.
    """
    taken = question.choose(typed)
    correct = taken == question.right
    behind = () if correct else _behind(question, taken)
    texts = {number: choice.text for number, choice in enumerate(question.choices, 1)}
    return Reveal(
        correct,
        tuple(texts[number] for number in sorted(taken)),
        tuple(texts[number] for number in sorted(question.right)),
        behind,
        _feedback(question, taken, behind),
        _rule(question, behind),
        _chain(question, taken),
    )


def _behind(question: Question, taken: frozenset[int]) -> tuple[str, ...]:
    """The misconceptions whose believers answer so; else, mistake by mistake, of those who come nearest."""
    exactly = [slug for slug, answer in question.beliefs.items() if answer == taken]
    if exactly:
        return tuple(exactly)
    near = sorted(question.beliefs, key=lambda slug: len(question.beliefs[slug] ^ taken))
    found: dict[str, None] = {}
    for mistake in sorted(taken ^ question.right):
        sharing = [slug for slug in near if mistake in question.beliefs[slug] ^ question.right]
        found.update(dict.fromkeys(sharing[:1]))
    return tuple(found)


def _feedback(question: Question, taken: frozenset[int], behind: tuple[str, ...]) -> str:
    """What the first one believes, where they all answer so; else what each of them believes."""
    exactly = any(answer == taken for answer in question.beliefs.values())
    told = [misconceptions()[slug] for slug in (behind[:1] if exactly else behind[:MOST_BELIEFS])]
    key = "believer" if exactly else "perhaps"
    return "\n".join(say(key, title=met.title, believed=met.believed, truth=met.truth) for met in told)


def _rule(question: Question, behind: tuple[str, ...]) -> str:
    """The rule that the believer misses; after a right answer, that which was not missed."""
    slugs = behind or tuple(question.beliefs)
    if not slugs:
        return ""
    rule = misconceptions()[slugs[0]].rule
    return say("rule", sentence=rule.sentence, source=rule.source)


def _chain(question: Question, taken: frozenset[int]) -> tuple[str, ...]:
    """Why it is so, at the first place that was judged wrongly; at the first that matters if none was."""
    machine = SimulatorBackend(question.draft.init)
    watch(question.draft, machine)
    if question.kind in ("error", "output"):
        return _refusal(question, machine)
    judged = sorted(taken ^ question.right) or sorted(question.right)[-1:]
    places = question.draft.places if question.kind == "tags" else None
    place = places[0] if places else _place(question, judged)
    if place is None:
        return ()
    there = question.kind == "tags" or str(place) in {question.choices[n - 1].text for n in question.right}
    try:
        told = why(machine, *place) if there else whynot(machine, *place, cures=0)
    except QuestionError:  # the shell has gone
        return ()
    return tuple(link.text for link in told.links[:LONGEST_CHAIN])


def _place(question: Question, judged: list[int]) -> Place | None:
    return question.draft.places[judged[0] - 1] if judged else None


def _refusal(question: Question, machine: SimulatorBackend) -> tuple[str, ...]:
    """Why a command was refused, in the words of its system call."""
    asked = machine.history[-sum(step.command is not None for step in steps_of(question.draft.asked)) :]
    events = [event for call in machine.sim.operations[asked[0].first :] for event in call.events]
    refused = [event for event in events if isinstance(event, Refused)]
    if not refused:
        return ()
    rule = RULES.get(refused[0].rule)
    sentence = rule.sentence if rule else refused[0].sentence
    return (say("refused", errno=refused[0].errno, sentence=sentence),)


def _listed(texts: tuple[str, ...]) -> str:
    return ", ".join(texts) or say("none")
