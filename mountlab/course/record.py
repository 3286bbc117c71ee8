"""Keeps what is answered on pages and in cells: the comm ``mountlab.practice``, and the learner's progress.

A page opens the comm with ``{"id": NAME}`` once something is answered; Python closes it when no cell of this
kernel has asked a question of that name.  Each message has a number ``n``, and gets one answer with it:

    {"type": "answer", "taken": [1, 3]}     {"kept": bool, "note": sentence | null}: what should be known
    the same with "question": 2             of a test with several questions
    {"type": "another"}                     {"data": the data of a fresh drill}
    anything that cannot be done            {"error": sentence}
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

from mountlab.practice.progress import Answered, Progress, ProgressError
from mountlab.practice.questions import AnswerError, Question
from mountlab.practice.reveal import Reveal

if TYPE_CHECKING:
    from comm.base_comm import BaseComm

TARGET = "mountlab.practice"
REMEMBERED = 100
"""So many questions of a kernel can be answered on their pages."""
Json = dict[str, Any]


class PracticeError(Exception):
    """What was asked for cannot be done; the message is for the person who asked."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return [str(self)]


class Answerable(Protocol):
    """What pages ask about."""

    def take(self, message: Json) -> Json:
        """What a page says, and the answer to it."""


class Record:
    """The answers to questions that were asked in one place: a notebook's number, drill, before, after."""

    def __init__(self, where: str) -> None:
        self.where = where
        self._progress = Progress()

    @property
    def answers(self) -> tuple[Answered, ...]:
        """All that was answered, here and elsewhere, oldest first; nothing where it cannot be read."""
        try:
            return self._progress.answers
        except ProgressError:
            return ()

    def keep(self, question: Question, told: Reveal) -> Json:
        """Keep the first answer to a question; for the page: was it kept, what should be known of that?"""
        return self.add(Answered.of(self.where, question, told))

    def add(self, answered: Answered) -> Json:
        """Keep what was done unless it was done before."""
        if not self.has(answered):
            self._progress.record(answered)
        notes = self._progress.notices
        # What could not be written is still known to this object, and to no other.
        return {"kept": Record(self.where).has(answered), "note": notes[-1] if notes else None}

    def has(self, answered: Answered) -> bool:
        """Whether the question was answered before, at the same place of the course."""
        key = answered.where, answered.question
        return key in {(each.where, each.question) for each in self.answers}


_known: OrderedDict[str, Answerable] = OrderedDict()


def listen(name: str, asked: Answerable) -> None:
    """Let pages find a question by its name: in a notebook's kernel; elsewhere nobody asks."""
    _known[name] = asked
    _known.move_to_end(name)
    while len(_known) > REMEMBERED:
        _known.popitem(last=False)
    try:
        from comm import get_comm_manager  # noqa: PLC0415 - comes with ipykernel
    except ImportError:
        return
    get_comm_manager().register_target(TARGET, _meet)


def _meet(comm: BaseComm, opening: Json) -> None:
    """A page has opened a comm."""
    asked = _known.get(str(opening["content"]["data"].get("id")))
    if asked is None:
        comm.close()
        return
    comm.on_msg(lambda message: comm.send(reply(asked, message["content"]["data"])))


def reply(asked: Answerable, message: Json) -> Json:
    """The answer to a message: whatever it holds, a sentence and no traceback."""
    number = message.get("n")
    try:
        return asked.take(message) | {"n": number}
    except (AnswerError, PracticeError, ValueError) as error:
        return {"n": number, "error": str(error)}
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        return {"n": number, "error": f"not understood: {message.get('type')} ({error!r})"}
