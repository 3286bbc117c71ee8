"""What to ask next: what was answered wrongly comes again, soon at first and then after longer and longer.

Each misconception lies in one of five boxes.  Who answers by it puts it into the first; a right answer to a
question that could have been answered by it moves it on by one.  A misconception in box N is due again after
GAPS[N] more answers, whatever they are about; past the last box it counts as overcome.  Time is counted
in answers and not in days: who comes back after a month finds the same next.  What was never answered by is
in no box, and is met in the drills of its topic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mountlab.practice.drills import DIFFICULTIES, drill
from mountlab.practice.kept import kept
from mountlab.practice.progress import Answered
from mountlab.practice.questions import Question
from mountlab.practice.words import TOPICS

GAPS = (1, 2, 4, 8, 16)
"""Box -> so many answers later it is due."""
ENOUGH_RIGHT = 0.75
"""With so many right answers in a topic its questions become harder."""


class Card(NamedTuple):
    """A misconception that was answered by at least once."""

    slug: str
    box: int
    due: int
    """The number of the answer, counted from 0, at which it should be asked about."""


def cards(answers: Iterable[Answered]) -> dict[str, Card]:
    """Where each misconception lies after these answers; those that are overcome are left out."""
    lying: dict[str, Card] = {}
    for number, each in enumerate(answers, 1):
        for slug in each.believed:
            lying[slug] = Card(slug, 0, number + GAPS[0] - 1)
        if not each.correct:
            continue
        for slug in set(each.about) & set(lying):
            box = lying[slug].box + 1
            if box == len(GAPS):
                del lying[slug]
            else:
                lying[slug] = Card(slug, box, number + GAPS[box] - 1)
    return lying


def next_drill(answers: Sequence[Answered], topic: str | None = None) -> Question:
    """The next question for somebody who has given these answers; of one topic only, if it is named."""
    count = len(answers)
    due = sorted((card for card in cards(answers).values() if card.due <= count), key=lambda card: card.due)
    for card in due:
        found = _about(card, count, topic)
        if found is not None:
            return found
    topic = topic or _least_practised(answers)
    return drill(topic, _difficulty(answers, topic), count)


def _about(card: Card, count: int, topic: str | None) -> Question | None:
    """A question by which the misconception shows; harder from box to box."""
    for difficulty in (min(card.box + 1, len(DIFFICULTIES)), *DIFFICULTIES):
        for name, level in kept():
            if level != difficulty or topic not in (None, name):
                continue
            drafts = kept()[name, level]
            fitting = [n for n, draft in enumerate(drafts) if card.slug in draft.misconceptions]
            if fitting:
                # Another round of the same shapes has other names.
                return drill(name, level, fitting[count % len(fitting)] + len(drafts) * count)
    return None


def _least_practised(answers: Iterable[Answered]) -> str:
    asked = Counter(_topic(each) for each in answers)
    return min(TOPICS, key=lambda topic: asked[topic])


def _difficulty(answers: Iterable[Answered], topic: str) -> int:
    """One step up for every three right answers in a topic, as long as most are right."""
    mine = [each.correct for each in answers if _topic(each) == topic]
    if not mine or sum(mine) < ENOUGH_RIGHT * len(mine):
        return 1
    return min(1 + sum(mine) // 3, len(DIFFICULTIES))


def _topic(answer: Answered) -> str:
    """The topic of a drill, by its name."""
    return answer.question.partition("-")[0] if answer.where == "drill" else ""
