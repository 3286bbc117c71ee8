"""What can be graded: a name -> what is asked, what is right, and whether an answer is.

02/cdrom       a prediction                    slave-only     a level
pretest/3      a question of a test            capstone       the last incident
slaves-2-17    a drill: its name is its seed
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from typing import Any, NamedTuple

import mountlab
from mountlab.course import capstone
from mountlab.course.asking import CAPSTONE, FORMS
from mountlab.practice import drills
from mountlab.practice.exam import exam
from mountlab.practice.levels import Attempt, Level, UnknownLevelError, answers, level
from mountlab.practice.predictions import prediction
from mountlab.practice.questions import AnswerError, Question
from mountlab.practice.words import TOPICS
from mountlab.shell.complaints import shown

Json = dict[str, Any]

DRILL = re.compile(rf"({'|'.join(TOPICS)})-[0-9]+-[0-9]+")
NO_ANSWER = "there is no answer"
SEVERAL = "the numbers of all right choices, such as [1, 3]; [] for none"
ONE = "the number of the right choice, such as 2"
LINES = 'the lines that you typed, with their prompts, between """ and """'
TYPED = "an answer is the text of the lines that were typed"
NUMBERS = "an answer is a list of numbers, such as [1, 3]"
ANOTHER = (
    "{name}: this mountlab ({version}) asks something else under that name than the one that made the copy; "
    "install the same version, or make the copies again"
)


class GradingError(ValueError):
    """What cannot be graded; the message says why."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return [str(self)]


class WrongAnswer(AssertionError):
    """An answer that gets no points; the message says what kind of wrong it is, not what would be right."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return [str(self)]


class Choices(NamedTuple):
    """A question with numbered choices."""

    name: str
    question: Question

    @property
    def kind(self) -> str:
        return "choices"

    @property
    def how(self) -> str:
        """How to answer."""
        return SEVERAL if self.question.many else ONE

    @property
    def asks(self) -> str:
        """What a learner reads."""
        return self.question.with_story()

    @property
    def right(self) -> Json:
        """The right answer, for the teacher's copy."""
        numbers = sorted(self.question.right)
        return {"right": numbers, "texts": [self.question.choices[number - 1].text for number in numbers]}

    @property
    def source(self) -> str:
        """The right answer as Python."""
        numbers = sorted(self.question.right)
        return str(numbers if self.question.many else numbers[0])

    @property
    def mark(self) -> str:
        """The same wherever the same is asked, with the same choices in the same order."""
        texts = [choice.text for choice in self.question.choices]
        return _mark(self.question.draft.transcript, self.question.text, *texts)

    def read(self, given: object) -> frozenset[int]:
        """The choices that an answer names (`WrongAnswer` when it is none)."""
        if given is None:
            raise WrongAnswer(f"{self.name}: {NO_ANSWER}")
        several = given if isinstance(given, list | tuple | set | frozenset) else [given]
        is_number = all(isinstance(each, int) and not isinstance(each, bool) for each in several)
        if not (is_number or isinstance(given, str)):
            raise WrongAnswer(f"{self.name}: {NUMBERS}")
        try:
            return self.question.choose(given)  # type: ignore[arg-type] # numbers or a text, as seen above
        except AnswerError as error:
            raise WrongAnswer(f"{self.name}: {error}") from None

    def judge(self, given: object) -> None:
        """Silent when it is right."""
        if self.read(given) != self.question.right:
            raise WrongAnswer(f"{self.name}: not so")


class Lines(NamedTuple):
    """A level: the answer is what was typed."""

    name: str
    level: Level

    @property
    def kind(self) -> str:
        return "lines"

    @property
    def how(self) -> str:
        """How to answer."""
        return LINES

    @property
    def asks(self) -> str:
        """What a learner reads."""
        goal = [f"- {rule.sentence or rule.condition.text}" for rule in self.level.goal]
        return "\n".join([self.level.story, "Goal:", *goal])

    @property
    def right(self) -> Json:
        """Ways to the goal, for the teacher's copy; there may be more."""
        ways = [way for way in answers(self.level) if way.kind != "detour"]
        return {"right": [[f"{step.shell}# {step.text}".rstrip() for step in way.steps] for way in ways]}

    @property
    def source(self) -> str:
        """The reference solution as Python."""
        return 'r"""\n{}\n"""'.format("\n".join(self.right["right"][0]))

    @property
    def mark(self) -> str:
        """The same wherever the same is asked."""
        level = self.level
        rules = [f"{rule.kind} {rule.condition.text}" for rule in (*level.goal, *level.failures)]
        start = [f"{step.shell}# {step.text}" for step in level.start.steps]
        return _mark(level.init, *level.terminals, *(each.text for each in level.forbidden), *start, *rules)

    def read(self, given: object) -> str:
        """The lines of an answer (`WrongAnswer` when there are none)."""
        if given is None:
            raise WrongAnswer(f"{self.name}: {NO_ANSWER}")
        if not isinstance(given, str):
            raise WrongAnswer(f"{self.name}: {TYPED}")
        return given

    def judge(self, given: object) -> None:
        """Silent when these lines reach the goal, in whatever way."""
        attempt = Attempt(self.level)
        came = attempt.run(self.read(given))
        if came.refused or came.failed:
            raise WrongAnswer(f"{self.name}: {came.refused or came.failed}")
        missing = [wanted.text.rstrip(",;.") for wanted in attempt.goal if not wanted.holds]
        if missing:
            raise WrongAnswer(f"{self.name}: not yet: {'; '.join(missing)}")


Graded = Choices | Lines


@cache
def graded(name: str) -> Graded:
    """What is asked under a name.

    Raises:
        GradingError: when nothing is; the message says what there is.
    """
    form, _, number = name.partition("/")
    if name.endswith(".mnt"):
        raise GradingError(f"{shown(name)}: only levels that come with mountlab can be graded")
    try:
        if form in FORMS:
            return Choices(name, _of_test(form, number))
        if "/" in name:
            return Choices(name, prediction(name).question)
        if DRILL.fullmatch(name):
            return Choices(name, drills.again(name))
        return Lines(name, level(capstone.FILE if name == CAPSTONE else name))
    except (KeyError, UnknownLevelError) as error:
        raise GradingError(str(error.args[0])) from None
    except GradingError:
        raise
    except ValueError as error:
        raise GradingError(str(error)) from None


def names_of_test(form: str) -> list[str]:
    """The names of a test's questions: ``pretest/1`` and so on."""
    return [f"{form}/{number}" for number, _ in enumerate(_test(form), 1)]


def _of_test(form: str, number: str) -> Question:
    if number not in map(str, range(1, len(_test(form)) + 1)):
        raise GradingError(f"{form}/{number}: the questions are {form}/1 to {form}/{len(_test(form))}")
    return _test(form)[int(number) - 1]


@cache
def _test(form: str) -> tuple[Question, ...]:
    return exam(FORMS[form])


def _mark(*parts: str) -> str:
    return f"{zlib.crc32(chr(0).join(parts).encode()):08x}"


def _same(name: str, asked: str) -> Graded:
    """What is asked under a name, if it is still what was asked when the copy was made."""
    found = graded(name)
    if asked and asked != found.mark:
        raise GradingError(ANOTHER.format(name=name, version=mountlab.__version__))
    return found


def answered(name: str, given: object, asked: str = "") -> None:
    """Say whether there is an answer that can be read, and not whether it is right; silent when there is.

    Raises:
        WrongAnswer: when there is none.
        GradingError: as `check`.
    """
    _same(name, asked).read(given)


def check(name: str, given: object, asked: str = "") -> None:
    """Judge an answer; silent when it is right.

    Args:
        name: of what was asked.
        given: the numbers of choices, or the lines that were typed.
        asked: the mark of what was asked.  Numbers of choices mean nothing where other choices are numbered.

    Raises:
        WrongAnswer: when it gets no points.
        GradingError: when nothing is asked under that name, or something else than then.
    """
    _same(name, asked).judge(given)
