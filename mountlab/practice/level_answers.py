"""The ways to a level's goal, and those that lead astray: kept apart, so that nobody sees them by accident.

Beside ``NAME.mnt`` stands ``NAME.answers.mnt``, a transcript in parts.  Each part goes on where the level
starts:

    #? solution
    # What is to be learned from it.
    host# mount --bind /a /b
    #? another
    host# mount --rbind /a /b
    #? detour
    host# umount /a

The solution is the reference, and as long as par.  ``another`` reaches the goal as well, perhaps under par.
A ``detour`` is what learners try: it shows that a hint or a failure can be met.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

from mountlab.practice.level_counted import counts
from mountlab.practice.level_file import Level
from mountlab.shell.complaints import Place, TranscriptError, shown
from mountlab.shell.transcript import Step, Transcript, parse

KINDS = ("solution", "another", "detour")


class Answer(NamedTuple):
    """One way."""

    kind: str
    """``solution``, ``another`` or ``detour``."""
    steps: tuple[Step, ...]
    words: str
    """The comments in it."""
    line: int

    @property
    def length(self) -> int:
        """How many of its commands count against par."""
        lines = [step.command for step in self.steps if step.command]
        return sum(counts(command) for line in lines for command in line.commands)

    def __str__(self) -> str:
        lines = [f"{step.shell}# {step.text}".rstrip() for step in self.steps]
        return "\n".join([*lines, *([f"# {self.words}"] if self.words else [])])


def answers(level: Level) -> tuple[Answer, ...]:
    """All ways of a level, the solution first.

    Raises:
        TranscriptError: when there is no such file, or one that is not understood.
    """
    if level.answers is None:
        sentence = f"there are no answers to this level; they belong into {level.name}.answers.mnt beside it"
        raise TranscriptError(sentence, file=level.file)
    transcript = parse(level.answers, level.answers_file)
    try:
        found = _parts(transcript)
    except TranscriptError as error:
        error.file = level.answers_file
        raise
    return tuple(sorted(found, key=lambda answer: answer.kind != "solution"))


def solution(level: Level) -> Answer:
    """The reference solution (`TranscriptError` when there is none)."""
    return answers(level)[0]


def _parts(transcript: Transcript) -> list[Answer]:
    marks = [(line, text[1:].strip()) for line, text in transcript.comments if text.startswith("?")]
    for line, text in marks:
        if text not in KINDS:
            sentence = f"{shown(text)}: a part begins with #? and one of {', '.join(KINDS)}"
            raise TranscriptError(sentence, place=Place(line), word=text)
    if sum(text == "solution" for _, text in marks) != 1:
        raise TranscriptError("there has to be one part '#? solution'")
    if transcript.steps[:1] and transcript.steps[0].line < marks[0][0]:
        sentence = "this line belongs to no part; above it write: #? solution"
        raise TranscriptError(sentence, place=Place(transcript.steps[0].line))
    ends = [*(line for line, _ in marks[1:]), sys.maxsize]
    return [
        Answer(
            kind,
            tuple(step for step in transcript.steps if line < step.line < end),
            _words(transcript, line, end),
            line,
        )
        for (line, kind), end in zip(marks, ends, strict=True)
    ]


def _words(transcript: Transcript, first: int, last: int) -> str:
    said = [text for line, text in transcript.comments if first < line < last and not text.startswith("?")]
    return " ".join(text for text in said if text)
