"""The eight questions before the course, and the eight after it: two forms that are equally hard.

Each of the eight places has a topic and a difficulty.  The two forms have, at each place, two different
situations of the same kind, with as many choices, by which the same misconception shows first.
"""

from __future__ import annotations

from itertools import combinations

from mountlab.practice.drills import drill
from mountlab.practice.kept import kept
from mountlab.practice.questions import Question, make
from mountlab.practice.words import say
from mountlab.shell.complaints import shown

FORMS = ("before", "after")
PLACES = (
    ("binds", 1),
    ("namespaces", 1),
    ("groups", 1),
    ("groups", 2),
    ("slaves", 1),
    ("slaves", 2),
    ("umount", 2),
    ("errors", 2),
)
"""Topic and difficulty of each question."""


def exam(form: str, seed: int = 0) -> tuple[Question, ...]:
    """The eight questions of a form.

    Args:
        form: ``before`` or ``after``.
        seed: another one gives another pair of forms, for another class.

    Raises:
        ValueError: for another form.
    """
    if form not in FORMS:
        raise ValueError(say("no.form", form=shown(form)))
    questions = []
    for number, (topic, difficulty) in enumerate(PLACES):
        pair = _pair(topic, difficulty, seed + 7 * number)
        count = len(kept()[topic, difficulty])
        at = pair[FORMS.index(form)] + count * (2 * seed + FORMS.index(form))
        questions.append(drill(topic, difficulty, at))
    return tuple(questions)


def _pair(topic: str, difficulty: int, turn: int) -> tuple[int, int]:
    """Two shapes that are two of a kind."""
    drafts = kept()[topic, difficulty]
    marks = [(draft.kind, len(draft.places), draft.misconceptions[0]) for draft in drafts]
    pairs = [pair for pair in combinations(range(len(drafts)), 2) if marks[pair[0]] == marks[pair[1]]]
    start = turn % len(pairs)
    for one, other in (*pairs[start:], *pairs[:start]):
        if len(make(drafts[one]).choices) == len(make(drafts[other]).choices):
            return one, other
    raise RuntimeError(say("no.pair", topic=topic, difficulty=difficulty))
