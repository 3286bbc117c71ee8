"""Drills: questions without end, each made from a topic, a difficulty and a seed.

The same three give the same question everywhere.  The situation is random and small, and what the question
does not need is left out; its answer is computed, and so are its wrong choices: what people would answer who
believe something that is not so.
"""

from __future__ import annotations

from mountlab.practice.asked import Draft, Place
from mountlab.practice.kept import kept
from mountlab.practice.naming import named, names_for
from mountlab.practice.questions import Question, make
from mountlab.practice.words import TOPICS, say
from mountlab.shell.complaints import shown

DIFFICULTIES = (1, 2, 3)


def drill(topic: str, difficulty: int = 1, seed: int = 0) -> Question:
    """A question.

    Args:
        topic: one of `mountlab.practice.words.TOPICS`.
        difficulty: 1 to 3: how much has been done before the command.
        seed: any number; 500 in a row give 500 different questions.

    Raises:
        ValueError: for a topic or difficulty that is not there; the message says which are.
    """
    if topic not in TOPICS:
        raise ValueError(say("no.topic", topic=shown(topic), topics=", ".join(TOPICS)))
    if difficulty not in DIFFICULTIES:
        raise ValueError(say("no.difficulty", difficulty=difficulty))
    return make(named_shape(topic, difficulty, abs(seed)))


def name_of(topic: str, difficulty: int, seed: int) -> str:
    """How a drill is called: ``slaves-2-17``."""
    return f"{topic}-{difficulty}-{seed}"


def again(name: str) -> Question:
    """The drill of that name.

    Raises:
        ValueError: when it is none.
    """
    topic, difficulty, seed = name.rsplit("-", 2) if name.count("-") >= 2 else (name, "", "")  # noqa: PLR2004
    if not (difficulty.isdecimal() and seed.isdecimal()):
        raise ValueError(say("no.drill.name", name=shown(name)))
    return drill(topic, int(difficulty), int(seed))


def named_shape(topic: str, difficulty: int, seed: int) -> Draft:
    """The question before its answers are computed: a shape with names in its places."""
    shapes = kept()[topic, difficulty]
    turn, number = divmod(seed, len(shapes))
    draft = shapes[number]
    # Shapes that are nearly alike begin with different names.
    names = names_for(draft.transcript, turn + number * difficulty)
    return draft._replace(
        name=name_of(topic, difficulty, seed),
        story=named(draft.story, names),
        asked=named(draft.asked, names),
        shows=named(draft.shows, names),
        places=tuple(Place(named(place.shell, names), named(place.path, names)) for place in draft.places),
    )
