"""What a page needs to ask a question and to reveal its answer, all in one piece: it may never meet a kernel.

    {"v": 1, "name": "02/cdrom", "title": …, "kind": "visible", "many": true, "machine": …,
     "story": [LINE, …], "asked": [LINE, …], "tables": [LINE, …], "text": …, "choices": [TEXT, …],
     "right": [1], "answers": {"1 2": RECORD, …}, "texts": [TEXT, …], "beliefs": {SLUG: BELIEF, …},
     "frames": the stepper's data, "at": its position right before the command that is asked about}

``answers`` has every answer that can be given; its key is the numbers that were taken, "" for none.
RECORD = {"rule": T, "chain": [T, …], "told": [SLUG, …], "exact": bool}: T numbers ``texts``; ``told`` are the
beliefs that are spoken of, and ``exact`` says that their believers answer just so.
BELIEF = {"title": …, "believed": …, "truth": …}
A drill has ``"drill": true`` as well.  A test has ``questions`` instead, and ``read``: SLUG -> notebooks.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from mountlab.practice.asked import steps_of, watch
from mountlab.practice.misconceptions import misconceptions
from mountlab.practice.predictions import NOTEBOOKS, Prediction, predictions
from mountlab.practice.questions import Question, start_of
from mountlab.practice.reveal import MOST_BELIEFS, answer
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.view.frames import Frames, frames

MIME = "application/vnd.mountlab.question+json"
VERSION = 1
Json = dict[str, Any]


def data_of(question: Question, title: str = "") -> Json:
    """The data of one question."""
    draft = question.draft
    texts: dict[str, int] = {}
    answers = {" ".join(map(str, taken)): _record(question, taken, texts) for taken in _takings(question)}
    told = sorted({slug for record in answers.values() for slug in record["told"]})
    return {
        "v": VERSION,
        "name": question.name,
        "title": title,
        "kind": question.kind,
        "many": question.many,
        "machine": start_of(draft.init),
        "story": draft.story.splitlines(),
        "asked": draft.asked.splitlines(),
        "tables": question.tables.splitlines(),
        "text": question.text,
        "choices": [choice.text for choice in question.choices],
        "right": sorted(question.right),
        "answers": answers,
        "texts": list(texts),
        "beliefs": {slug: belief_of(slug) for slug in told},
        "frames": _frames(question),
        "at": {"command": sum(step.command is not None for step in steps_of(draft.story)) - 1},
    }


def belief_of(slug: str) -> Json:
    """A misconception in the words that a learner reads."""
    found = misconceptions()[slug]
    return {"title": found.title, "believed": found.believed, "truth": found.truth}


def _takings(question: Question) -> Iterator[tuple[int, ...]]:
    """Every answer that can be given."""
    numbers = range(1, len(question.choices) + 1)
    sizes = range(len(numbers) + 1) if question.many else (1,)
    return itertools.chain.from_iterable(itertools.combinations(numbers, size) for size in sizes)


def _record(question: Question, taken: tuple[int, ...], texts: dict[str, int]) -> Json:
    found = answer(question, taken)
    is_exact = frozenset(taken) in question.beliefs.values()

    def number(text: str) -> int:
        return texts.setdefault(text, len(texts))

    return {
        "rule": number(found.rule) if found.rule else None,
        "chain": [number(link) for link in found.chain],
        "told": list(found.misconceptions[: 1 if is_exact else MOST_BELIEFS]),
        "exact": is_exact,
    }


def _frames(question: Question) -> Frames:
    """The story and what is asked about, to be stepped through."""
    machine = SimulatorBackend(question.draft.init)
    watch(question.draft, machine)
    return frames(machine, name=question.name)


def data_of_exam(form: str, title: str, questions: Sequence[Question]) -> Json:
    """The data of a test: its questions, and where each belief is spoken of."""
    asked = [data_of(question) for question in questions]
    beliefs = {slug: belief for each in asked for slug, belief in each["beliefs"].items()}
    return {
        "v": VERSION,
        "name": form,
        "title": title,
        "questions": asked,
        "beliefs": beliefs,
        "read": {slug: _notebooks(slug) for slug in beliefs},
    }


@cache
def _notebooks(slug: str) -> list[str]:
    """The notebooks that meet a misconception."""
    met = {each.notebook for each in predictions().values() if slug in _named(each)}
    return [NOTEBOOKS[number] for number in sorted(met)]


def _named(each: Prediction) -> list[str]:
    return [*each.draft.misconceptions, *(wrong.misconception for wrong in each.draft.wrong)]
