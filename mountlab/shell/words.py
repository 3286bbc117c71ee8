"""Characters to words, with a POSIX shell's quotes, backslashes and continued lines.

A quote must end on the line where it starts, unless a backslash at the end of the line continues it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mountlab.shell.complaints import Place, TranscriptError, shown

QUOTED = "\0"
"""Stands for a quoted character in a word's mask; the reader of transcripts has refused real NULs."""

BLANK = " \t"
LONGEST_LINE = 131071
"""Linux starts no program with a longer argument (MAX_ARG_STRLEN, the final NUL counted)."""
OPERATOR = ";&|<>()"
EXPANSIONS = {
    "$": "'$' is refused: there are no variables or substitutions; write the value, or quote it: '$' or \\$",
    "`": "'`' is refused: there are no substitutions; write the words out, or quote it: '`' or \\`",
}


class Word(NamedTuple):
    """A word with the place where it starts, and its mask: quoted characters hidden, others as written."""

    text: str
    mask: str
    place: Place

    @property
    def is_quoted(self) -> bool:
        """True when any part of the word was quoted."""
        return self.text != self.mask or not self.text


def split(text: str, line: int, column: int) -> list[Word]:
    """Words of a header or an expectation: quotes and comments as in a shell, everything else literal."""
    reader = Reader([text], 0, column, literal=True, line_number=line)
    words = []
    while (char := reader.skip_blanks()) is not None and char != "#":
        words.append(reader.word())
    return words


class Reader:
    """Characters and words of a command that may be continued over several lines."""

    def __init__(
        self,
        lines: Sequence[str],
        row: int,
        column: int,
        *,
        literal: bool = False,
        line_number: int | None = None,
    ) -> None:
        self.lines = lines
        self.row = row
        self.column = column
        self.literal = literal
        self.offset = (line_number if line_number is not None else row + 1) - row
        self.text = self._enter(row)

    def place(self) -> Place:
        return Place(self.row + self.offset, self.column + 1)

    def refuse(self, sentence: str, word: str, place: Place | None = None) -> TranscriptError:
        place = place or self.place()
        return TranscriptError(sentence, place=place, word=word, source=self.lines[place.line - self.offset])

    def continued(self) -> bool:
        """Step over a backslash at the end of the line; True when there was one."""
        if self.literal or self.text[self.column :] != "\\":
            return False
        if self.row + 1 == len(self.lines):
            raise self.refuse("the backslash continues the line, but the transcript ends here", "\\")
        self.row, self.column = self.row + 1, 0
        self.text = self._enter(self.row)
        return True

    def _enter(self, row: int) -> str:
        """The line, when it is one that a program could be started with."""
        line = self.lines[row]
        if len(line) > LONGEST_LINE:
            sentence = f"{shown(line)} is too long: a line has at most {LONGEST_LINE} characters"
            raise TranscriptError(sentence, place=Place(row + self.offset), word=line, source=line)
        return line

    def peek(self) -> str | None:
        """The next character, or None at the end of the command line."""
        while self.column == len(self.text) - 1 and self.continued():
            pass
        return self.text[self.column] if self.column < len(self.text) else None

    def skip_blanks(self) -> str | None:
        while (char := self.peek()) is not None and char in BLANK:
            self.column += 1
        return char

    def at(self, operator: str) -> bool:
        """True when the operator stands here (no operator is cut in two by a continuation)."""
        return self.text.startswith(operator, self.column)

    def word(self) -> Word:
        """The word that starts here."""
        place = self.place()
        text: list[str] = []
        mask: list[str] = []
        operators = "" if self.literal else OPERATOR
        while (char := self.peek()) is not None and char not in BLANK and char not in operators:
            if char in "'\"":
                part = self._single() if char == "'" else self._double()
                text.append(part)
                mask.append(QUOTED * max(len(part), 1))
            elif char == "\\":
                text.append(self.text[self.column + 1 : self.column + 2] or "\\")
                mask.append(QUOTED)
                self.column += 2
            else:
                self._refuse_expansion(char)
                text.append(char)
                mask.append(char)
                self.column += 1
        return Word("".join(text), "".join(mask), place)

    def _refuse_expansion(self, char: str) -> None:
        if char in EXPANSIONS and not self.literal:
            raise self.refuse(EXPANSIONS[char], char)

    def _single(self) -> str:
        end = self.text.find("'", self.column + 1)
        if end < 0:
            raise self._unclosed("'", self.place())
        part = self.text[self.column + 1 : end]
        self.column = end + 1
        return part

    def _double(self) -> str:
        start = self.place()
        self.column += 1
        part: list[str] = []
        while (char := self.peek()) is not None:
            if char == '"':
                self.column += 1
                return "".join(part)
            if char == "\\":
                following = self.text[self.column + 1 : self.column + 2]
                part.append(following if following and following in '$`"\\' else char + following)
                self.column += 2
                continue
            self._refuse_expansion(char)
            part.append(char)
            self.column += 1
        raise self._unclosed('"', start)

    def _unclosed(self, quote: str, place: Place) -> TranscriptError:
        rest = self.lines[place.line - self.offset][place.column - 1 :]
        sentence = f"the quote of {shown(rest)} is not closed: {quote} must follow on the same line"
        return self.refuse(sentence, rest, place)
