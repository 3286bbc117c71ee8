"""From what a person types or pastes to lines of a transcript, and to the steps in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mountlab.play.worlds import SNAPSHOT
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.expect import Expectation
from mountlab.shell.lexer import lex
from mountlab.shell.transcript import PROMPT, Step, Transcript, parse

NAME = "playground"
"""How messages call the text."""
BLANK_ENDS = re.compile(r"\A(?:[ \t]*\n)+|(?:\n[ \t]*)+\Z")


class Comment(NamedTuple):
    """A line that says something to people only."""

    line: int
    text: str


Item = Step | Expectation | Comment


def with_prompts(text: str, shell: str) -> str:
    """The lines of a transcript that `text` means in that terminal: as they are when they have prompts.

    Raises:
        TranscriptError: for what no terminal could read.
    """
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if any(PROMPT.match(line) for line in _before_the_first_command(lines)):
        return "\n".join(lines)
    made: list[str] = []
    row = 0
    while row < len(lines):
        line = lines[row].strip(" \t")
        used = 1
        if line.startswith("#"):
            made.append(line)
        elif line:
            used = lex(lines, row, 0).lines_used
            made.append(f"{shell}# " + "\n".join([lines[row].lstrip(), *lines[row + 1 : row + used]]))
        row += used
    return "\n".join(made)


def _before_the_first_command(lines: list[str]) -> Iterator[str]:
    """The lines up to the first that is neither empty nor a comment."""
    for line in lines:
        yield line
        if line.strip() and not line.lstrip().startswith("#"):
            return


def is_unfinished(text: str, error: TranscriptError) -> bool:
    """Whether a terminal would wait for more: a here-document that has not ended, a backslash at the end."""
    for rest in ("", error.word):
        try:
            parse(f"{text}\n{rest}", NAME)
        except TranscriptError:
            continue
        return True
    return False


def items(transcript: Transcript, after: int) -> list[Item]:
    """The steps, expectations and comments below that line, in their order."""
    found: list[Item] = [*transcript.steps, *transcript.expectations]
    for step in transcript.steps:
        found += step.expectations
    found += [Comment(line, text) for line, text in transcript.comments]
    return sorted((item for item in found if item.line > after), key=lambda item: item.line)


def begun(text: str, init: str) -> str:
    """A transcript that says which machine it runs on, without the blank lines around it.

    Raises:
        TranscriptError: when it is outside the language.
    """
    text = BLANK_ENDS.sub("", text.replace("\r\n", "\n"))
    # Read after that: a backslash before a blank line at the end would eat the line that comes next.
    read = parse(text, NAME)
    parts = [] if "init" in read.header else [f"#: init={init}"]
    parts += [text] if text else []
    # The terminals of a snapshot are there already; elsewhere one is opened, to have where to type.
    is_open = read.steps or init == SNAPSHOT
    return "\n".join(parts if is_open else [*parts, "host#"])
