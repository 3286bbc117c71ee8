"""A whole transcript, read and checked before anything of it runs."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mountlab.shell.complaints import SHOWN_LINE, Place, TranscriptError, shown
from mountlab.shell.expect import SHELL, ExitExpected, Expectation, read_expectation
from mountlab.shell.lexer import Lexed, lex
from mountlab.shell.syntax import Command, CommandLine
from mountlab.shell.words import LONGEST_LINE, split

LARGEST_FILE = 32 * 1024 * 1024
PROMPT = re.compile(rf"[ \t]*({SHELL})([#$])(?=[ \t]|$)[ \t]*")
FOREIGN_PROMPTS = tuple(
    re.compile(rf"[ \t]*{prompt}[ \t]*(?P<command>.*)")
    for prompt in (
        rf"\[?[\w.+-]+@(?P<name>{SHELL})[: ][^#$]*[#$]",  # root@host:~# and [root@host ~]#
        rf"(?P<name>{SHELL})[:~/][^#$\s]*[ \t]*[#$](?=\s)",  # host:/mnt#
        r"[~/][^#$\s]*[ \t]*[#$](?=\s)",  # ~# and the "/ #" of a busybox shell
        rf"(?P<name>{SHELL})#",  # host#mount
        r"[$%>](?=\s)",
    )
)
HEADER_WORD = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)

Check = Callable[[Command], str | None]
"""Says why a program or its options are not understood; None when they are."""


class Step(NamedTuple):
    """One line with a prompt, and the expectations below it."""

    line: int
    end_line: int
    shell: str
    command: CommandLine | None
    """None when the line only opens the terminal."""
    expectations: tuple[Expectation, ...] = ()

    @property
    def text(self) -> str:
        """The command as written."""
        return self.command.text if self.command else ""


class Transcript(NamedTuple):
    """A transcript that is inside the language."""

    file: str
    header: Mapping[str, str]
    steps: tuple[Step, ...]
    expectations: tuple[Expectation, ...] = ()
    """Those above the first line with a prompt: about the initial state."""
    comments: tuple[tuple[int, str], ...] = ()
    """Line number and text of every other comment, ``#?`` lines that are no expectations included."""
    places: Mapping[str, Place] = MappingProxyType({})
    """Where each key of the header stands."""

    @property
    def needs(self) -> tuple[str, ...]:
        """What a backend must have."""
        return tuple(word for word in re.split(r"[,\s]+", self.header.get("needs", "")) if word)


def read(path: str) -> str:
    """The text of a transcript file, or of standard input for ``-``; `TranscriptError` when it is no text."""
    name = display_name(path)
    try:
        if path == "-":
            data = sys.stdin.buffer.read(LARGEST_FILE + 1) if sys.stdin else b""
        else:
            with Path(path).open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
    except IsADirectoryError:
        raise TranscriptError("this is a directory; a transcript is a text file", file=name) from None
    except OSError as error:
        raise TranscriptError(f"cannot be read: {error.strerror}", file=name) from None
    except ValueError as error:
        raise TranscriptError(f"cannot be read: {error}", file=name) from None
    if len(data) > LARGEST_FILE:
        sentence = f"too long for a transcript: more than {LARGEST_FILE // 1024 // 1024} MiB"
        raise TranscriptError(sentence, file=name)
    return decode(data, name)


def display_name(path: str) -> str:
    """How messages call the file."""
    return "<stdin>" if path == "-" else path


def decode(data: bytes, file: str) -> str:
    """UTF-8 text, a byte order mark dropped; anything else is refused at its first strange byte."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    at, what = data.find(b"\0"), "a NUL byte"
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if at < 0 or error.start < at:
            at, what = error.start, f"the byte 0x{data[error.start]:02x}"
    if at < 0:
        return text
    line_start = data.rfind(b"\n", 0, at) + 1
    before = data[line_start:at].decode(errors="replace")
    hint = "; it looks like UTF-16, save it as UTF-8" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    raise TranscriptError(
        f"{what} is no text: a transcript is UTF-8 text{hint}",
        file=file,
        place=Place(data.count(b"\n", 0, at) + 1, len(before) + 1),
        word=what,
    )


def parse(text: str, file: str = "<transcript>", check: Check | None = None) -> Transcript:
    """Read a transcript; `TranscriptError` for the first line that is outside the language.

    `check` judges each program and its options; without it those that `mountlab.shell.programs` knows pass.
    """
    if check is None:
        from mountlab.shell import programs  # noqa: PLC0415 - to read a transcript needs no programs

        check = programs.check
    try:
        return _Parser(text, file, check).parse()
    except TranscriptError as error:
        error.file = file
        raise


class _Parser:
    """Goes down the lines once."""

    def __init__(self, text: str, file: str, check: Check) -> None:
        self.lines = text.replace("\r\n", "\n").split("\n")
        self.file = file
        self.check = check
        self.header: dict[str, str] = {}
        self.places: dict[str, Place] = {}
        self.steps: list[Step] = []
        self.expectations: list[Expectation] = []
        self.comments: list[tuple[int, str]] = []

    def parse(self) -> Transcript:
        row = 0
        while row < len(self.lines):
            line = self.lines[row]
            start = line.lstrip(" \t")
            if start.startswith("#:"):
                self._header(row)
            elif start.startswith("#?"):
                self._expectation(row)
            elif start.startswith("#"):
                self.comments.append((row + 1, start[1:].strip()))
            elif start:
                row += self._prompt(row) - 1
            row += 1
        parts = (tuple(self.steps), tuple(self.expectations), tuple(self.comments))
        return Transcript(self.file, self.header, *parts, self.places)

    def _refuse(self, sentence: str, row: int, column: int = 0, word: str = "") -> TranscriptError:
        return TranscriptError(sentence, place=Place(row + 1, column), word=word, source=self.lines[row])

    def _header(self, row: int) -> None:
        line = self.lines[row]
        for word in split(line, row + 1, line.index("#:") + 2):
            match = HEADER_WORD.fullmatch(word.text)
            if not match:
                sentence = f'{shown(word.text)}: a header holds key=value words, for example: title="A b"'
            elif match[1] in self.header:
                sentence = f"{shown(word.text)}: the header has '{match[1]}' already"
            else:
                self.header[match[1]] = match[2]
                self.places[match[1]] = word.place
                continue
            raise self._refuse(sentence, row, word.place.column, word.text)

    def _expectation(self, row: int) -> None:
        line = self.lines[row]
        expectation = read_expectation(line, row + 1)
        if expectation is None:
            self.comments.append((row + 1, line.lstrip(" \t")[1:].strip()))
            return
        if isinstance(expectation.claim, ExitExpected) and not (self.steps and self.steps[-1].command):
            raise self._refuse("'exit': the line above is no command", row, line.index("exit") + 1, "exit")
        if self.steps:
            last = self.steps[-1]
            self.steps[-1] = last._replace(expectations=(*last.expectations, expectation))
        else:
            self.expectations.append(expectation)

    def _prompt(self, row: int) -> int:
        """Read the step that starts here; how many lines it took."""
        match = PROMPT.match(self.lines[row])
        if not match:
            raise self._no_prompt(row)
        shell, mark = match.groups()
        if mark == "$":
            word = f"{shell}$"
            sentence = f"{shown(word)} is refused: a later version has unprivileged shells; write NAME#"
            raise self._refuse(sentence, row, match.start(1) + 1, word)
        lexed = lex(self.lines, row, match.end())
        self._check(lexed)
        command = lexed.line if lexed.line.commands else None
        self.steps.append(Step(row + 1, row + lexed.lines_used, shell, command))
        return lexed.lines_used

    def _no_prompt(self, row: int) -> TranscriptError:
        """A line that begins with no prompt of ours: show it mended."""
        line = self.lines[row]
        word = line.split(None, 1)[0]
        name = self.steps[-1].shell if self.steps else "host"
        command = line.strip()
        for pattern in FOREIGN_PROMPTS:
            if match := pattern.match(line[:LONGEST_LINE]):
                name, command = match.groupdict().get("name") or name, match["command"]
                break
        mended = shown(f"{name}# {command}".rstrip(), SHOWN_LINE, quote=False)
        sentence = f"{shown(word)} is no prompt; a line reads NAME# COMMAND, here perhaps: {mended}"
        return self._refuse(sentence, row, line.index(word) + 1, word)

    def _check(self, lexed: Lexed) -> None:
        """Refuse unknown programs and options."""
        for command, words in zip(lexed.line.commands, lexed.words, strict=True):
            name = command.argv[0]
            sentence = self.check(command)
            if sentence is None:
                continue
            if name not in sentence:
                sentence = f"{shown(name)}: {sentence}"
            said = set(re.findall(r"[^\s,;:'\"]+", sentence))
            named = [word for word in words[1:] if word.text in said or f"'{word.text}'" in sentence]
            word = (named or words)[0]
            source = self.lines[word.place.line - 1]
            raise TranscriptError(sentence, place=word.place, word=word.text, source=source)
