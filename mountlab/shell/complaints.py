"""Why a transcript is refused: where, which word, and what would be understood instead."""

from __future__ import annotations

from typing import NamedTuple

SHOWN_WORD = 60
"""A message quotes at most this many characters of a word, whatever the input was."""
SHOWN_LINE = 100


class Place(NamedTuple):
    """A position in a transcript, both counted from 1; column 0 means the whole line."""

    line: int
    column: int = 0


class TranscriptError(Exception):
    """The transcript is outside the language; nothing of it has been run."""

    def __init__(
        self,
        sentence: str,
        *,
        file: str = "<transcript>",
        place: Place | None = None,
        word: str = "",
        source: str | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.file = file
        self.place = place
        self.word = word
        self.source = source
        """The line of the transcript the message is about, for the excerpt."""

    @property
    def line(self) -> int | None:
        """Number of the line that is refused, or None when the file could not be read at all."""
        return self.place.line if self.place else None

    @property
    def column(self) -> int | None:
        """Where the refused word starts in that line, or None when it is about the whole line."""
        return (self.place.column or None) if self.place else None

    def __str__(self) -> str:
        where = shown(self.file, 200, quote=False)
        if self.place is None:
            return f"{where}: {self.sentence}"
        where += f":{self.place.line}"
        if self.place.column:
            where += f":{self.place.column}"
        message = f"{where}: {self.sentence}"
        return message if self.source is None else message + "\n" + self._excerpt(self.source, self.place)

    def _excerpt(self, source: str, place: Place) -> str:
        """The line with a mark under the word, cut so that the word stays in sight."""
        column = max(place.column, 1) - 1
        start = max(0, column - SHOWN_LINE // 2) if len(source) > SHOWN_LINE else 0
        cut = source[start : start + SHOWN_LINE]
        text = "".join(char if char.isprintable() else " " if char == "\t" else "?" for char in cut)
        margin = f"  line {place.line} | "
        shown_text = ("…" if start else "") + text + ("…" if start + SHOWN_LINE < len(source) else "")
        if not place.column:
            return margin + shown_text
        mark = " " * (column - start + bool(start)) + "^"
        return f"{margin}{shown_text}\n{' ' * (len(margin) - 2)}| {mark}"


def shown(word: str, limit: int = SHOWN_WORD, *, quote: bool = True) -> str:
    """The word as a message shows it: cut, and with nothing in it that could move a terminal's cursor."""
    cut = word[:limit]
    text = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)
    if len(word) > limit:
        text += f"… ({len(word)} characters)"
    mark = '"' if "'" in text else "'"
    return f"{mark}{text}{mark}" if quote else text
