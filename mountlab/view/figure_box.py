"""A mount as it is drawn: a box with its path, what it shows, its propagation and its marks."""

from __future__ import annotations

from typing import NamedTuple

from mountlab.view.figure_shapes import Rect, Words, clean, room, shortened
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
LEAST_PATH = 4
"""Characters of a path that are shown even in the narrowest column."""
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


class Badge(NamedTuple):
    """One word about propagation."""

    text: str
    colour: str
    dash: tuple[float, ...]
    has_edge: bool

    @property
    def width(self) -> float:
        """The room it takes, with its edge."""
        return room(self.text, SMALL, bold=self.has_edge) + (10 if self.has_edge else 0)


def badges(box: SceneBox) -> list[Badge]:
    """Its propagation."""
    found = []
    if box.shared:
        found.append(Badge(say("badge.peer", group=box.shared), PEER, (), has_edge=True))
    if box.master:
        found.append(Badge(say("badge.slave", group=box.master), SLAVE, (3.0, 2.0), has_edge=True))
    if box.unbindable:
        found.append(Badge(say("badge.unbindable"), WRONG, (), has_edge=True))
    return found or [Badge(say("badge.private"), SOFT, (), has_edge=False)]


def chips(box: SceneBox) -> list[str]:
    """Its marks, in words."""
    found = [say("ro")] if "ro" in box.options.split(",") else []
    found += [say("covered")] if box.hidden else []
    return found + ([say(NEW)] if box.is_new else [])


def _chip_width(text: str) -> float:
    return room(text, SMALL, bold=True) + 8


def needed(box: SceneBox, label: str) -> float:
    """The width in which everything about a mount can be read."""
    first = room(clean(label), PATH, mono=True) + sum(badge.width + BETWEEN for badge in badges(box))
    second = room(clean(box.what), WHAT, mono=True) + sum(_chip_width(chip) + BETWEEN for chip in chips(box))
    return STRIPE + 2 * EDGE + max(first, second) + 2


def told(box: SceneBox) -> str:
    """All of it in words, for a pointer and a screen reader."""
    facts = [*box.badges, *([say("covered")] if box.hidden else []), *([NEW] if box.is_new else [])]
    return clean(f"{box.path}: {box.what}, {', '.join(facts)}")


def drawn(box: SceneBox, label: str, at: Place, *, is_narrow: bool) -> list[Rect | Words]:
    """The shapes of a mount."""
    own = FILESYSTEMS[box.colour % len(FILESYSTEMS)]
    colour = SOFT if box.hidden else own
    shapes: list[Rect | Words] = [_frame(box, at)]
    shapes.append(Rect(at.x, at.y, STRIPE, at.height, RULE if box.hidden else own, radius=2))
    if is_narrow:
        middle = at.x + (at.width + STRIPE) / 2
        shapes.append(Words(middle, at.y + 27, box.glyph, 14, colour, anchor="middle", part="glyph"))
        return shapes
    left, right = at.x + STRIPE + EDGE, at.right - EDGE
    room_left = right
    for badge in reversed(badges(box)):
        room_left -= badge.width
        shapes += _badge(badge, room_left, at.y + 6, is_grey=box.hidden)
        room_left -= BETWEEN
    path = shortened(clean(label), max(room_left - left, LEAST_PATH * PATH * 0.6), PATH)
    ink = SOFT if box.hidden else INK
    shapes.append(Words(left, at.y + 18, path, PATH, ink, mono=True, bold=True, part="path"))
    room_left = right
    for chip in reversed(chips(box)):
        room_left -= _chip_width(chip)
        shapes += _chip(chip, room_left, at.y + 24.5)
        room_left -= BETWEEN
    what = shortened(clean(box.what), room_left - left, WHAT)
    shapes.append(Words(left, at.y + 35, what, WHAT, colour, mono=True, part="what"))
    return shapes


def _frame(box: SceneBox, at: Place) -> Rect:
    fill = GREY if box.hidden else PAPER
    dash = DASHED if box.hidden else ()
    edge, line = (FRESH, 2.6) if box.is_new else (RULE, 1.0)
    return Rect(*at, fill=fill, edge=edge, line=line, dash=dash, radius=5)


def _badge(badge: Badge, x: float, y: float, *, is_grey: bool) -> list[Rect | Words]:
    colour = SOFT if is_grey else badge.colour
    middle, bold = x + badge.width / 2, badge.has_edge
    words = Words(middle, y + 11.5, badge.text, SMALL, colour, bold=bold, anchor="middle", part="badge")
    if not badge.has_edge:
        return [words]
    return [Rect(x, y, badge.width, 15, PAPER, colour, 1.1, badge.dash, radius=7.5), words]


def _chip(text: str, x: float, y: float) -> list[Rect | Words]:
    is_new = text == say(NEW)
    fill, colour = (FRESH, PAPER) if is_new else (PAPER, SOFT)
    edge = FRESH if is_new else RULE
    width = _chip_width(text)
    words = Words(x + width / 2, y + 11, text, SMALL, colour, bold=is_new, anchor="middle", part="chip")
    return [Rect(x, y, width, 14, fill, edge, 1.0, radius=3), words]
