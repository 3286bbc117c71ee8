"""A mount as it is drawn: a box with its path, what it shows, its propagation and its marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mountlab.view.figure_shapes import MONO_ADVANCE, Rect, Words, clean, room, shortened
from mountlab.view.scene import NEW, SceneBox
from mountlab.view.words import say

# The colours of the stepper's light theme. Those of words have a contrast of 4.5 and more on all papers.
PAPER, INK, SOFT, RULE, CARD, GREY = "#ffffff", "#1d2329", "#57606a", "#8c96a0", "#f5f7f9", "#eceff2"
PEER, SLAVE, FRESH, WRONG = "#0b5cad", "#8a2f9e", "#146c3c", "#b3261e"
FILESYSTEMS = ("#4d5661", "#0b5cad", "#9a5200", "#00705a", "#a3246f", "#6b6100", "#0b6a8c", "#b03a12")

HEIGHT = 43.0
STRIPE = 5.0
EDGE = 6.0
"""Room between words and the box around them."""
PATH, WHAT, SMALL = 13.2, 11.6, 11.0
"""Sizes of type: those in which the typewriter font takes whole pixels, so that `room` is right."""
BETWEEN = 6.0
LEAST_LETTERS = 5
"""Letters of a path for which signs are made shorter."""
DOTTED = (1.5, 2.5)
DASHED = (5.0, 3.0)


class Place(NamedTuple):
    """Where a box stands."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right end."""
        return self.x + self.width


class Sign(NamedTuple):
    """A word or two at the right of a line, in a frame."""

    text: str
    ink: str
    edge: str
    """``none``: only the words."""
    part: str
    paper: str = PAPER
    dash: tuple[float, ...] = ()
    radius: float = 7.5
    bold: bool = True
    short: str | None = None
    """What is written where there is little room; empty: the sign is left out."""

    @property
    def width(self) -> float:
        """The room it takes, with its frame."""
        return room(self.text, SMALL, bold=self.bold) + (2 if self.edge == "none" else 10)

    @property
    def shorter(self) -> Sign:
        """The same in little room."""
        return self if self.short is None else self._replace(text=self.short)


def badges(box: SceneBox) -> list[Sign]:
    """Its propagation."""
    found = []
    if box.shared:
        found.append(Sign(say("badge.peer", group=box.shared), PEER, PEER, "badge"))
    if box.master:
        found.append(Sign(say("badge.slave", group=box.master), SLAVE, SLAVE, "badge", dash=(3.0, 2.0)))
    if box.unbindable:
        word = say("badge.unbindable")
        found.append(Sign(word, WRONG, WRONG, "badge", short=word[0]))
    found = found or [Sign(say("badge.private"), SOFT, "none", "badge", bold=False, short="")]
    if not box.hidden:
        return found
    return [sign._replace(ink=SOFT, edge="none" if sign.edge == "none" else SOFT) for sign in found]


def chips(box: SceneBox) -> list[Sign]:
    """Its marks, in words."""
    found = []
    if "ro" in box.options.split(","):
        found.append(Sign(say("ro"), SOFT, RULE, "chip", radius=3, bold=False, short=""))
    if box.hidden:
        found.append(Sign(say("covered"), SOFT, RULE, "chip", radius=3, bold=False))
    if box.is_new:
        found.append(Sign(say(NEW), PAPER, FRESH, "chip", FRESH, radius=3))
    return found


def _taken(signs: Sequence[Sign]) -> float:
    return sum(sign.width + BETWEEN for sign in signs if sign.text)


def needed(box: SceneBox, label: str) -> float:
    """The width in which everything about a mount can be read."""
    first = room(clean(label), PATH, mono=True) + _taken(badges(box))
    second = room(clean(box.what), WHAT, mono=True) + _taken(chips(box))
    return STRIPE + 2 * EDGE + max(first, second) + 2


def told(box: SceneBox) -> str:
    """All of it in words, for a pointer and a screen reader."""
    facts = [*box.badges, *([say("covered")] if box.hidden else []), *([NEW] if box.is_new else [])]
    return clean(f"{box.path}: {box.what}, {', '.join(facts)}")


def drawn(box: SceneBox, label: str, at: Place, *, is_narrow: bool) -> list[Rect | Words]:
    """The shapes of a mount."""
    own = FILESYSTEMS[box.colour % len(FILESYSTEMS)]
    ink, colour, stripe = (SOFT, SOFT, RULE) if box.hidden else (INK, own, own)
    shapes: list[Rect | Words] = [_frame(box, at), Rect(at.x, at.y, STRIPE, at.height, stripe, radius=2)]
    if is_narrow:
        middle = at.x + (at.width + STRIPE) / 2
        return [*shapes, Words(middle, at.y + 27, box.glyph, 14, colour, anchor="middle", part="glyph")]
    path = Words(at.x + STRIPE + EDGE, at.y + 18, clean(label), PATH, ink, mono=True, bold=True, part="path")
    what = path._replace(y=at.y + 35, text=clean(box.what), size=WHAT, colour=colour, bold=False, part="what")
    return [*shapes, *_line(path, at.right - EDGE, badges(box)), *_line(what, at.right - EDGE, chips(box))]


def _frame(box: SceneBox, at: Place) -> Rect:
    fill = GREY if box.hidden else PAPER
    dash = DASHED if box.hidden else ()
    edge, line = (FRESH, 2.6) if box.is_new else (RULE, 1.0)
    return Rect(*at, fill=fill, edge=edge, line=line, dash=dash, radius=5)


def _line(words: Words, right: float, signs: Sequence[Sign]) -> Iterator[Rect | Words]:
    """Words, and signs at the right; where there is little room, shorter ones."""
    least = min(room(words.text, words.size, mono=True), LEAST_LETTERS * MONO_ADVANCE * words.size)
    if right - words.x - _taken(signs) < least:
        signs = [sign.shorter for sign in signs]
    width = right - words.x - _taken(signs)
    yield words._replace(text=shortened(words.text, width, words.size))
    x = right
    for sign in reversed([sign for sign in signs if sign.text]):
        x -= sign.width
        if sign.edge != "none":
            yield Rect(x, words.y - 12, sign.width, 15, sign.paper, sign.edge, 1.1, sign.dash, sign.radius)
        middle, y = x + sign.width / 2, words.y - 0.5
        yield Words(middle, y, sign.text, SMALL, sign.ink, bold=sign.bold, anchor="middle", part=sign.part)
        x -= BETWEEN
