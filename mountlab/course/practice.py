"""Predictions, drills and the two tests of the course in a notebook.

predict("02/cdrom")          asks, on the page and as text
answer("02/cdrom", 2)        answers without a page, and tells what is right
drill("slaves")              a fresh question of a topic; drill() chooses what was answered wrongly before
pretest(), posttest()        eight questions before the course, and eight that are equally hard after it
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mountlab.course.question import MIME, Json, data_of, data_of_exam
from mountlab.course.record import PracticeError, Record, listen
from mountlab.practice import drills
from mountlab.practice.exam import exam
from mountlab.practice.predictions import prediction
from mountlab.practice.questions import AnswerError, Question
from mountlab.practice.repetition import next_drill
from mountlab.practice.reveal import Reveal
from mountlab.practice.reveal import answer as judged

HOW = "On the page: choose, then Answer. Without a page: {call}"
HOW_EXAM = (
    "On the page: one question after the other. Without a page: test = {name}(), test.answer(1, …) and so on"
)
NAMES = {"before": "pretest", "after": "posttest"}
TITLES = {"before": "Before the course", "after": "After the course"}
Typed = int | str | Iterable[int]


class Asked:
    """A question that a cell asks: its output is the page, its text the question."""

    def __init__(self, question: Question, where: str, title: str = "") -> None:
        self.question = question
        self.record = Record(where)
        self.title = title

    def __str__(self) -> str:
        how = HOW.format(call=f'answer("{self.question.name}", …)')
        return "\n".join([*([self.title] if self.title else []), self.question.with_story(), how])

    __repr__ = __str__

    def data(self) -> Json:
        """What the page needs, also where there is no kernel."""
        return data_of(self.question, self.title) | self._more()

    def _more(self) -> Json:
        return {}

    def _repr_mimebundle_(self, **_options: object) -> Json:
        listen(self.question.name, self)
        return {"text/plain": str(self), MIME: self.data()}

    def take(self, message: Json) -> Json:
        """What a page says, and the answer to it."""
        match message["type"]:
            case "answer":
                told = judged(self.question, message["taken"])
                return self.record.keep(self.question, told)
            case other:
                raise PracticeError(f"not understood: {other}")


class Drill(Asked):
    """A question that has others like it."""

    def __init__(self, question: Question, topic: str | None, difficulty: int) -> None:
        super().__init__(question, "drill")
        self.topic, self.difficulty = topic, difficulty

    def _more(self) -> Json:
        return {"drill": True}

    def take(self, message: Json) -> Json:
        """As of any question; ``another`` is a fresh one."""
        if message["type"] != "another":
            return super().take(message)
        self.question = _fresh(self.topic, self.difficulty, self.record)
        return {"data": self.data()}


class Exam:
    """Eight questions, one after the other; what is right is told at the end."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.questions = exam(form)
        self.record = Record(form)
        self._answers: dict[int, Reveal] = {}

    def __str__(self) -> str:
        title = f"{TITLES[self.form]}: {len(self.questions)} questions"
        parts = [f"Question {n}\n{each.with_story()}" for n, each in enumerate(self.questions, 1)]
        return "\n\n".join([title, *parts, HOW_EXAM.format(name=NAMES[self.form])])

    __repr__ = __str__

    def answer(self, number: int, typed: Typed) -> str:
        """Answer the question of that number; the first answer counts."""
        question = self._numbered(number)
        told = _judged(question, typed)
        self._answers.setdefault(number, told)
        self.record.keep(question, told)
        left = len(self.questions) - len(self._answers)
        return f"Kept. {left} to go." if left else self.result()

    def _numbered(self, number: int) -> Question:
        if not 1 <= number <= len(self.questions):
            raise PracticeError(f"question {number}: they are numbered 1 to {len(self.questions)}")
        return self.questions[number - 1]

    def result(self) -> str:
        """How many were right, and what is worth reading about."""
        right = sum(told.correct for told in self._answers.values())
        believed = dict.fromkeys(slug for told in self._answers.values() for slug in told.misconceptions[:1])
        data = data_of_exam(self.form, TITLES[self.form], self.questions)
        lines = [f"{right} of {len(self.questions)} right."]
        lines += ["Worth reading about:"] if believed else []
        for slug in believed:
            where = f" ({', '.join(data['read'][slug])})" if data["read"][slug] else ""
            lines.append(f"- {data['beliefs'][slug]['title']}. {data['beliefs'][slug]['truth']}{where}")
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_options: object) -> Json:
        listen(self.form, self)
        data = data_of_exam(self.form, TITLES[self.form], self.questions)
        return {"text/plain": str(self), MIME: data}

    def take(self, message: Json) -> Json:
        """An answer from the page: ``question`` is its number, counted from 1."""
        question = self._numbered(message["question"])
        return self.record.keep(question, judged(question, message["taken"]))


def predict(name: str) -> Asked:
    """Ask what will happen before it is run; names are as ``02/cdrom``."""
    try:
        found = prediction(name)
    except KeyError as error:
        raise PracticeError(str(error.args[0])) from None
    return Asked(found.question, found.notebook, found.title)


def answer(name: str, typed: Typed) -> None:
    """Answer a prediction or a drill without its page: a number, several, ``"none"``, or a choice's text."""
    asked = _drill_of(name) if "/" not in name else predict(name)
    told = _judged(asked.question, typed)
    asked.record.keep(asked.question, told)
    print(told)


def drill(topic: str | None = None, difficulty: int | None = None, seed: int | None = None) -> Asked:
    """A fresh question of a topic; without one, of what was answered wrongly before.

    Args:
        topic: binds, namespaces, groups, slaves, umount or errors.
        difficulty: 1 to 3; by default as the earlier answers suggest.
        seed: the same question everywhere, for a notebook that is to be the same everywhere.
    """
    try:
        if seed is not None:
            return Drill(drills.drill(topic or "binds", difficulty or 1, seed), topic, difficulty or 1)
        return Drill(_fresh(topic, difficulty, Record("drill")), topic, difficulty or 0)
    except ValueError as error:
        raise PracticeError(str(error)) from None


def pretest() -> Exam:
    """Eight questions before the course: what do you know already?"""
    return Exam("before")


def posttest() -> Exam:
    """Eight questions after it, as hard as those before."""
    return Exam("after")


def _fresh(topic: str | None, difficulty: int | None, record: Record) -> Question:
    answers = record.answers
    if topic is None or not difficulty:
        return next_drill(answers, topic)
    return drills.drill(topic, difficulty, len(answers))


def _drill_of(name: str) -> Asked:
    try:
        return Asked(drills.again(name), "drill")
    except ValueError as error:
        raise PracticeError(str(error)) from None


def _judged(question: Question, typed: Typed) -> Reveal:
    try:
        return judged(question, typed)
    except AnswerError as error:
        raise PracticeError(str(error)) from None


__all__: Sequence[str] = ["answer", "drill", "posttest", "predict", "pretest"]
