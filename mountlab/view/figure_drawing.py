"""Draws a scene as shapes: sentence, headings, trees, links, boxes, legend.  The painters only copy them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mountlab.view.figure_box import (
    CARD,
    DASHED,
    DOTTED,
    HEIGHT,
    INK,
    PAPER,
    PEER,
    RULE,
    SLAVE,
    SMALL,
    SOFT,
    STRIPE,
    WHAT,
    Place,
    drawn,
    told,
)
from mountlab.view.figure_choice import bar_text, heading_lines
from mountlab.view.figure_plan import MARGIN, TALLEST, Plan
from mountlab.view.figure_shapes import Drawing, Group, Rect, Wire, Words, clean, room, shortened, wrapped
from mountlab.view.scene import Scene
from mountlab.view.text import text
from mountlab.view.words import counted, say

TYPED, SAID = 13.2, 13.0
LINE = 19.0
"""Height of a line of the sentence."""
SAMPLE = ((0.0, 0.0), (26.0, 0.0))
"""A link in the legend."""
LINK = 1.7
"""How thick links are."""

Shape = Rect | Wire | Words


def drawing(scene: Scene, plan: Plan | None = None, *, top: float | None = None) -> Drawing:
    """The picture of a scene; with a `plan` and a `top` for more scenes, all of them have the same places."""
    plan = plan or Plan([scene])
    above = list(_sentence(scene, plan.width))
    top = top if top is not None else room_above(scene, plan)
    groups = [*_panels(scene, plan), *_links(scene, plan), *_empty(scene, plan), *_bars(scene, plan)]
    groups += _boxes(scene, plan)
    below, height = _legend(scene, plan)
    body = [_lowered(group, top) for group in [*groups, below]]
    title = say("picture", name=scene.name) if scene.name else say("picture.nameless")
    heard = "\n".join(map(clean, f"{scene.typed}\n{scene.say}\n{text(scene)}".strip().split("\n")))
    sentence = Group("sentence", "", tuple(above))
    size = math.ceil(plan.width), math.ceil(top + height)
    return Drawing(*size, clean(title), heard, (sentence, *body))


def room_above(scene: Scene, plan: Plan) -> float:
    """The height of the command and the sentence."""
    return MARGIN + len(list(_sentence(scene, plan.width))) * LINE + 4


def _sentence(scene: Scene, width: float) -> Iterator[Words]:
    """The command, and what it did."""
    width -= 2 * MARGIN
    typed = wrapped(clean(scene.typed.partition("\n")[0]), width, TYPED, mono=True)
    y = MARGIN
    for line in typed:
        y += LINE
        yield Words(MARGIN, y - 5, line, TYPED, INK, mono=True, bold=True, part="typed")
    for line in wrapped(clean(scene.say), width, SAID):
        y += LINE
        yield Words(MARGIN, y - 5, line, SAID, INK, part="say")


def _panels(scene: Scene, plan: Plan) -> Iterator[Group]:
    """The columns with their headings and the lines of their trees."""
    for column in plan.columns:
        if not scene.columns[column].is_live:
            continue
        at = plan.panel(column)
        shapes: list[Shape] = [Rect(*at, fill=CARD, edge="#d8dee4", radius=6)]
        shapes += _heading(scene, plan, column)
        shapes += _guides(scene, plan, column)
        yield Group(f"column-{column}", clean(": ".join(heading_lines(scene, column))), tuple(shapes))


def _heading(scene: Scene, plan: Plan, column: int) -> list[Words]:
    at = plan.panel(column)
    title, shells = heading_lines(scene, column)
    if plan.is_narrow(column):
        return [
            Words(at.x + x, at.y - 7, shortened(line, TALLEST, SMALL), SMALL, colour, turned=True, part=part)
            for line, x, colour, part in ((title, 11, INK, "heading"), (shells, 24, SOFT, "shells"))
        ]
    shells = shortened(shells, at.width - 8, WHAT)
    return [
        Words(at.x + 4, at.y - 24, title, SAID, INK, bold=True, part="heading"),
        Words(at.x + 4, at.y - 8, shells, WHAT, SOFT, mono=True, part="shells"),
    ]


def _guides(scene: Scene, plan: Plan, column: int) -> Iterator[Wire]:
    """From each thing to the one above it in the tree."""
    if plan.is_narrow(column):
        return
    boxes: dict[int, Place] = {}
    """Row -> its lowest box."""
    for box in plan.shown(scene):
        if box.column == column:
            boxes.setdefault(box.row, plan.place(column, box.row, box.lane))
    empty = {row: plan.empty_place(where, row) for where, row in plan.empty_in(scene) if where == column}
    bars = {row: plan.bar_place(where, row) for where, row in plan.bars(scene) if where == column}
    for row, here in sorted((bars | empty | boxes).items()):
        up = scene.rows[row].up
        while up >= 0 and up not in boxes:
            up = scene.rows[up].up
        if up >= 0:
            left, y = plan.panel(column).x + plan.inset(up) + 16, here.y + here.height / 2
            yield Wire(((left, boxes[up].y + HEIGHT), (left, y), (here.x, y)), RULE, 0.9)


def _links(scene: Scene, plan: Plan) -> Iterator[Group]:
    for link, points in plan.routes(scene):
        colour, dash = (SLAVE, DASHED) if link.is_slave else (PEER, ())
        line = Wire(points, colour, LINK, dash, arrow=link.is_slave)
        kind = "slave" if link.is_slave else "peer"
        yield Group(f"{kind}-{link.start}-{link.to}", "", (line,))


def _boxes(scene: Scene, plan: Plan) -> Iterator[Group]:
    for box in plan.shown(scene):
        at = plan.place(box.column, box.row, box.lane)
        shapes = drawn(box, plan.label(scene, box), at, is_narrow=plan.is_narrow(box.column))
        yield Group(f"box-{box.number}", told(box), tuple(shapes))


def _empty(scene: Scene, plan: Plan) -> Iterator[Group]:
    for column, row in plan.empty_in(scene):
        at = plan.empty_place(column, row)
        shapes: list[Shape] = [Rect(*at, fill=PAPER, edge=SOFT, line=0.9, dash=DOTTED, radius=4)]
        if not plan.is_narrow(column):
            width = room(say("empty"), SMALL)
            path = shortened(clean(scene.rows[row].path), at.width - width - 3 * STRIPE - 6, WHAT)
            y = at.y + 16
            shapes.append(Words(at.x + STRIPE + 4, y, path, WHAT, SOFT, mono=True, part="path"))
            shapes.append(Words(at.right - 6, y, say("empty"), SMALL, SOFT, anchor="right", part="empty"))
        yield Group(f"empty-{column}-{row}", clean(f"{scene.rows[row].path}: {say('empty')}"), tuple(shapes))


def _bars(scene: Scene, plan: Plan) -> Iterator[Group]:
    """The lines that stand for what is folded away."""
    for (column, row), count in sorted(plan.bars(scene).items()):
        at = plan.bar_place(column, row)
        line, size = bar_text(scene, row, count), SMALL
        shown = line if room(line, size) <= at.width else say("bar", text=counted("mounts", count))
        if plan.is_narrow(column):
            shown, size = say("bar.narrow", count=count), SMALL - 2
        words = Words(at.x, at.y + 15, shown, size, INK, part="bar")
        yield Group(f"bar-{column}-{row}", line, (words,))


# -- legend ----------------------------------------------------------------------------------------


def _legend(scene: Scene, plan: Plan) -> tuple[Group, float]:
    """What the signs mean, as far as they are in the picture; and where it ends."""
    shown = plan.shown(scene)
    links = [link for link, _ in plan.routes(scene)]
    entries: list[tuple[Wire | None, str]] = []
    if shown:
        entries.append((None, say("legend.same", glyph=shown[0].glyph)))
    if any(box.shared for box in shown):
        peers = Wire(SAMPLE, PEER, LINK)
        entries.append((None if all(link.is_slave for link in links) else peers, say("legend.peer")))
    if any(box.master for box in shown):
        slave = Wire(SAMPLE, SLAVE, LINK, DASHED, arrow=True)
        entries.append((slave if any(link.is_slave for link in links) else None, say("legend.slave")))
    shapes: list[Shape] = []
    x, y = MARGIN, plan.height + 20
    for sample, words in entries:
        length = SAMPLE[1][0] + 6 if sample else 0
        if x > MARGIN and x + length + room(words, SMALL) > plan.width - MARGIN:
            x, y = MARGIN, y + 16
        if sample:
            points = tuple((x + right, y - 4 + down) for right, down in sample.points)
            shapes.append(sample._replace(points=points))
        shapes.append(Words(x + length, y, words, SMALL, SOFT, part="legend"))
        x += length + room(words, SMALL) + 22
    for note in plan.notes():
        y += 16
        shapes.append(Words(MARGIN, y, note, SMALL, INK, part="note"))
    return Group("legend", "", tuple(shapes)), y + MARGIN - 2


def _lowered(group: Group, by: float) -> Group:
    shapes: list[Shape] = []
    for shape in group.shapes:
        if isinstance(shape, Wire):
            shapes.append(shape._replace(points=tuple((x, y + by) for x, y in shape.points)))
        else:
            shapes.append(shape._replace(y=shape.y + by))
    return group._replace(shapes=tuple(shapes))
