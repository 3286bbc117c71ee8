"""One command line to words, redirects and commands, exactly as a POSIX shell lexes it.

What a shell would do beyond that (pipes, variables, substitutions, globs, background jobs) is refused, so
that no line means something else here than it means in a terminal.  Two decisions:

- ``1>`` and ``2>`` are understood, other descriptors and duplications (``2>&1``) are not;
- a redirect with no program before it (``> /a/f``) is the program ``true`` with that redirect, which is
  what a shell does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mountlab.shell.complaints import Place, shown
from mountlab.shell.heredoc import HereDocument, read_body
from mountlab.shell.refusals import PLAIN_COMMANDS, REFUSED_OPERATORS, what_a_shell_would_do
from mountlab.shell.syntax import Command, CommandLine, Redirect
from mountlab.shell.words import OPERATOR, Reader, Word

NUMBER = re.compile(r"[0-9]+")


class Lexed(NamedTuple):
    """One command line, how many lines of the transcript it took, and where each word of it stands."""

    line: CommandLine
    lines_used: int
    words: tuple[tuple[Word, ...], ...]
    """The words of each command, in the order of `CommandLine.commands`."""


def lex(lines: Sequence[str], first: int, column: int) -> Lexed:
    """Read the command that starts in ``lines[first]`` after `column` characters, with what continues it."""
    return _Parser(Reader(lines, first, column)).parse()


class _Parser:
    """Commands of one line out of its words and operators."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.first = reader.row
        self.start = reader.column
        self.commands: list[Command] = []
        self.words: list[tuple[Word, ...]] = []
        self.documents: list[tuple[int, HereDocument]] = []
        self.after_success = False
        self._begin()

    def _begin(self) -> None:
        self.current: list[Word] = []
        self.redirects: list[Redirect] = []
        self.has_document = False

    def parse(self) -> Lexed:
        reader = self.reader
        while (char := reader.skip_blanks()) is not None and char != "#":
            if char in OPERATOR:
                self._operator()
            else:
                self._word(reader.word())
        if not self._end_command() and self.after_success:
            raise reader.refuse("a command must follow '&&' on the same line", "&&")
        self._read_documents()
        used = reader.lines[self.first : reader.row + 1]
        text = "\n".join([used[0][self.start :], *used[1:]])
        return Lexed(CommandLine(tuple(self.commands), text), len(used), tuple(self.words))

    def _operator(self) -> None:
        reader = self.reader
        for operator, sentence in REFUSED_OPERATORS.items():
            if reader.at(operator):
                raise reader.refuse(sentence, operator)
        if reader.at("<<"):
            self._document()
        elif reader.at("<"):
            raise reader.refuse("'<' is refused: name the file as an operand, or use a here-document", "<")
        elif reader.at(">"):
            self._redirect(1)
        elif reader.at("&&"):
            self._separator("&&")
        elif reader.at(";"):
            self._separator(";")
        else:
            raise reader.refuse(f"'&' is refused: nothing runs in the background; {PLAIN_COMMANDS}", "&")

    def _separator(self, operator: str) -> None:
        if not self._end_command():
            raise self.reader.refuse(f"a command must stand before '{operator}'", operator)
        self.reader.column += len(operator)
        self.after_success = operator == "&&"

    def _end_command(self) -> bool:
        """Close the command that was being read; False when there was none."""
        if not self.current and not self.redirects and not self.has_document:
            return False
        argv = tuple(word.text for word in self.current) or ("true",)
        self.commands.append(Command(argv, tuple(self.redirects), None, self.after_success))
        self.words.append(tuple(self.current))
        self.after_success = False
        self._begin()
        return True

    def _word(self, word: Word) -> None:
        following = self.reader.peek()
        if NUMBER.fullmatch(word.mask) and following is not None and following in "<>":
            self._descriptor(word)
        else:
            self.current.append(self._literal(word, is_program=not self.current))

    def _descriptor(self, word: Word) -> None:
        """``2>``: a number right before the operator is a file descriptor."""
        if self.reader.at(">") and word.text in ("1", "2") and not self.reader.at(">&"):
            self._redirect(int(word.text))
        elif self.reader.at("<<") and word.text == "0":
            self._operator()
        else:
            sentence = f"file descriptor {shown(word.text)} is refused: understood are '>', '1>', '2>', '<<'"
            raise self.reader.refuse(sentence, word.text, word.place)

    def _target(self, operator: str, place: Place) -> Word:
        """The word after a redirection operator."""
        following = self.reader.skip_blanks()
        if following is None or following in OPERATOR + "#":
            raise self.reader.refuse(f"a word must follow '{operator}'", operator, place)
        return self.reader.word()

    def _redirect(self, fd: int) -> None:
        place = self.reader.place()
        for operator in (">|", ">&"):
            if self.reader.at(operator):
                raise self.reader.refuse(REFUSED_OPERATORS[operator], operator)
        operator = ">>" if self.reader.at(">>") else ">"
        self.reader.column += len(operator)
        target = self._literal(self._target(operator, place), is_program=False)
        self.redirects.append(Redirect(target.text, operator == ">>", fd))

    def _document(self) -> None:
        place = self.reader.place()
        operator = "<<-" if self.reader.at("<<-") else "<<"
        self.reader.column += len(operator)
        word = self._target(operator, place)
        document = HereDocument(word.text, word.is_quoted, operator == "<<-", place)
        self.documents.append((len(self.commands), document))
        self.has_document = True

    def _read_documents(self) -> None:
        """Read the bodies that follow the line, in the order of their ``<<``; a command reads its last."""
        for index, document in self.documents:
            body, self.reader.row = read_body(self.reader.lines, self.reader.row + 1, document)
            self.commands[index] = self.commands[index]._replace(stdin=body)

    def _literal(self, word: Word, *, is_program: bool) -> Word:
        """The word itself, when a shell would take it as it stands."""
        sentence = what_a_shell_would_do(word, is_program=is_program)
        if sentence:
            raise self.reader.refuse(sentence, word.text, word.place)
        return word
