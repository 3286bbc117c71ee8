"""The few shapes that a drawn picture is made of, and how much room words take.

The plan of a picture is made without any drawing library, so that every painter draws the same.  All
lengths are CSS pixels; y grows downwards.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

Point = tuple[float, float]

SANS = "DejaVu Sans"
MONO = "DejaVu Sans Mono"
MONO_ADVANCE = 0.6021
"""Width of a character of the typewriter font, as a part of its size."""
BEND = 5.0
"""Radius of the bends of a wire, and of the corners of a box."""
ADVANCES = {
    0.32: "'IJijl ,.", 0.35: "/:;\\|", 0.4: "()-[]ft", 0.47: '!r"*_`?', 0.55: "cszFL", 0.6: "kvxyEPSTY",
    0.7: "ABCKRVXZ", 0.85: "NUDGHOQ&#+<=>^w~⇄←⊘Mm", 1.0: "%@W…—",
}  # fmt: skip
"""Widths of the letters of the sans-serif font in a few steps, as parts of its size; others: 0.65."""
BOLD = 1.12
"""How much wider bold letters are."""
ELLIPSIS = "…"


class Rect(NamedTuple):
    """A box, or a panel."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str = "none"
    line: float = 1.0
    dash: tuple[float, ...] = ()
    radius: float = 0.0


class Wire(NamedTuple):
    """A line through points, with rounded bends; with `arrow`, a head at its end."""

    points: tuple[Point, ...]
    colour: str
    line: float = 1.0
    dash: tuple[float, ...] = ()
    arrow: bool = False


class Words(NamedTuple):
    """A piece of text; (x, y) is the left, middle or right end of its baseline."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    mono: bool = False
    bold: bool = False
    anchor: str = "left"
    turned: bool = False
    """Written upwards."""
    part: str = ""
    """What it tells of its group: ``path``, ``what``, ``badge`` …; readers of a picture go by it."""


class Group(NamedTuple):
    """Shapes that belong together: a mount, a link, a heading."""

    name: str
    title: str
    """What a pointer or a screen reader is told; empty: nothing."""
    shapes: tuple[Rect | Wire | Words, ...]


class Drawing(NamedTuple):
    """A picture as shapes, the lowest first."""

    width: float
    height: float
    title: str
    description: str
    groups: tuple[Group, ...]


# -- words -----------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """The text on one line, without characters that no font and no file can hold."""
    return "".join(
        char if char.isprintable() else "\ufffd" if "\ud800" <= char <= "\udfff" else " " for char in text
    )


def room(text: str, size: float, *, mono: bool = False, bold: bool = False) -> float:
    """About how wide a text is; rather more than less."""
    if mono:
        return sum(_cells(char) for char in text) * MONO_ADVANCE * size
    return sum(_advance(char) for char in text) * size * (BOLD if bold else 1.0)


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _advance(char: str) -> float:
    return next((wide for wide, letters in ADVANCES.items() if char in letters), 0.65 * _cells(char))


def shortened(text: str, width: float, size: float) -> str:
    """A text in the typewriter font, without its middle where that would not fit."""
    if room(text, size, mono=True) <= width:
        return text
    keep = max(0, int(width / (MONO_ADVANCE * size)) - 1)
    while keep > 0 and room(_without_middle(text, keep), size, mono=True) > width:
        keep -= 1
    return _without_middle(text, keep)


def _without_middle(text: str, keep: int) -> str:
    # The end of a path says more than its beginning.
    end = (keep + 1) * 2 // 3
    return text[: keep - end] + ELLIPSIS + text[len(text) - end :]


def wrapped(text: str, width: float, size: float, *, mono: bool = False) -> list[str]:
    """The lines that a text takes, at most four; a word that is too long for one is shortened."""
    lines: list[str] = []
    for word in text.split():
        piece = shortened(word, width, size)
        if lines and room(f"{lines[-1]} {piece}", size, mono=mono, bold=mono) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1] + ELLIPSIS]


MOST_LINES = 4

# -- lines -----------------------------------------------------------------------------------------

Stroke = tuple[str, tuple[Point, ...]]
"""``M`` and ``L`` with a point, ``Q`` with the corner and the point behind it: as in the path of an SVG."""


def strokes(points: Sequence[Point]) -> list[Stroke]:
    """A line through the points with rounded bends."""
    path: list[Stroke] = [("M", (points[0],))]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(BEND, _length(before, corner) / 2, _length(corner, after) / 2)
        path.append(("L", (_towards(corner, before, radius),)))
        path.append(("Q", (corner, _towards(corner, after, radius))))
    path.append(("L", (points[-1],)))
    return path


def arrow_head(points: Sequence[Point], size: float = 8.0) -> tuple[Point, Point, Point]:
    """The head of an arrow that arrives at the last point."""
    tip, foot = points[-1], _towards(points[-1], points[-2], size)
    across = ((tip[1] - foot[1]) * 0.5, (foot[0] - tip[0]) * 0.5)
    return tip, (foot[0] + across[0], foot[1] + across[1]), (foot[0] - across[0], foot[1] - across[1])


def _length(start: Point, end: Point) -> float:
    return abs(end[0] - start[0]) + abs(end[1] - start[1])


def _towards(start: Point, end: Point, by: float) -> Point:
    length = _length(start, end) or 1.0
    return start[0] + (end[0] - start[0]) * by / length, start[1] + (end[1] - start[1]) * by / length
