"""Draws a scene as shapes: sentence, headings, trees, links, boxes, legend.  The painters only copy them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mountlab.view.figure_box import (
    CARD,
    DASHED,
    DOTTED,
    HEIGHT,
    INK,
    PAPER,
    PATH,
    PEER,
    RULE,
    SLAVE,
    SMALL,
    SOFT,
    STRIPE,
    WHAT,
    drawn,
    told,
)
from mountlab.view.figure_plan import MARGIN, Plan, folded_into, heading, heading_lines
from mountlab.view.figure_shapes import Drawing, Group, Rect, Wire, Words, clean, room, shortened, wrapped
from mountlab.view.scene import Scene
from mountlab.view.text import text
from mountlab.view.words import counted, say

TYPED, SAID = 13.0, 13.0
LINE = 19.0
"""Height of a line of the sentence."""
SAMPLE = 26.0
"""Length of a link's sample in the legend."""

Shape = Rect | Wire | Words


def drawing(scene: Scene, plan: Plan | None = None, *, top: float | None = None) -> Drawing:
    """The picture of a scene; with a `plan` and a `top` that were made for more scenes, in the same places."""
    plan = plan or Plan([scene])
    above = list(_sentence(scene, plan.width))
    top = top if top is not None else room_above(scene, plan)
    groups = [*_panels(scene, plan), *_links(scene, plan), *_empty(scene, plan), *_bars(scene, plan)]
    groups += _boxes(scene, plan)
    below, height = _legend(scene, plan)
    body = [_lowered(group, top) for group in [*groups, below]]
    title = say("picture", name=scene.name) if scene.name else say("picture.nameless")
    heard = "\n".join(part for part in (scene.typed, scene.say, text(scene)) if part)
    return Drawing(plan.width, top + height, clean(title), heard, (Group("sentence", "", tuple(above)), *body))


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
        yield Group(f"column-{column}", clean(heading(scene, column)), tuple(shapes))


def _heading(scene: Scene, plan: Plan, column: int) -> list[Words]:
    at = plan.panel(column)
    if plan.is_narrow(column):
        line = shortened(heading(scene, column), 140, SMALL + 1)
        x = at.x + at.width / 2 + 4
        return [Words(x, at.y - 7, line, SMALL + 1, INK, turned=True, part="heading")]
    title, shells = heading_lines(scene, column)
    shells = shortened(shells, at.width - 8, WHAT)
    return [
        Words(at.x + 4, at.y - 24, title, PATH + 0.5, INK, bold=True, part="heading"),
        Words(at.x + 4, at.y - 8, shells, WHAT, SOFT, mono=True, part="shells"),
    ]


def _guides(scene: Scene, plan: Plan, column: int) -> Iterator[Wire]:
    """From each thing to the one above it in the tree."""
    if plan.is_narrow(column):
        return
    boxes = {box.row for box in plan.shown(scene) if box.column == column}
    rows = boxes | {row for where, row in scene.empty if where == column and row in plan.rows}
    rows |= {row for row in plan.rows if plan.rows[row].bar and scene.count_below(row, column)}
    for row in sorted(rows):
        up = scene.rows[row].up
        while up >= 0 and up not in boxes:
            up = scene.rows[up].up
        if up < 0:
            continue
        above = plan.place(column, up, plan.rows[up].lanes[0])
        left = plan.panel(column).x + plan.inset(up) + 16
        if row in boxes or not plan.rows[row].bar:
            here = plan.place(column, row, plan.rows[row].lanes[0])
            end, y = here.x, here.y + HEIGHT / 2
        else:
            here = plan.bar_place(column, row)
            end, y = here.x, here.y + here.height / 2
        yield Wire(((left, above.y + HEIGHT), (left, y), (end, y)), RULE, 0.9)


def _links(scene: Scene, plan: Plan) -> Iterator[Group]:
    for link, points in plan.routes(scene):
        colour, dash = (SLAVE, DASHED) if link.is_slave else (PEER, ())
        line = Wire(points, colour, 1.7, dash, arrow=link.is_slave)
        kind = "slave" if link.is_slave else "peer"
        yield Group(f"{kind}-{link.start}-{link.to}", "", (line,))


def _boxes(scene: Scene, plan: Plan) -> Iterator[Group]:
    for box in plan.shown(scene):
        at = plan.place(box.column, box.row, box.lane)
        shapes = drawn(box, plan.label(scene, box), at, is_narrow=plan.is_narrow(box.column))
        yield Group(f"box-{box.number}", told(box), tuple(shapes))


def _empty(scene: Scene, plan: Plan) -> Iterator[Group]:
    for column, row in scene.empty:
        if column not in plan.column_of or row not in plan.rows or not scene.columns[column].is_live:
            continue
        at = plan.empty_place(column, row)
        shapes: list[Shape] = [Rect(*at, fill=PAPER, edge=SOFT, line=0.9, dash=DOTTED, radius=4)]
        if not plan.is_narrow(column):
            width = room(say("empty"), SMALL)
            path = shortened(clean(scene.rows[row].path), at.width - width - 3 * STRIPE - 6, SMALL)
            y = at.y + 16
            shapes.append(Words(at.x + STRIPE + 4, y, path, SMALL, SOFT, mono=True, part="path"))
            shapes.append(Words(at.right - 6, y, say("empty"), SMALL, SOFT, anchor="right", part="empty"))
        yield Group(f"empty-{column}-{row}", clean(f"{scene.rows[row].path}: {say('empty')}"), tuple(shapes))


def _bars(scene: Scene, plan: Plan) -> Iterator[Group]:
    """The lines that stand for what is folded away."""
    counts: dict[tuple[int, int], int] = {}
    folded = folded_into(scene)
    for box in scene.boxes:
        if box.row in folded:
            key = (box.column, folded[box.row])
            counts[key] = counts.get(key, 0) + 1
    for (column, row), count in sorted(counts.items()):
        if column not in plan.column_of or row not in plan.rows:
            continue
        at = plan.bar_place(column, row)
        told_count = counted("mounts", count)
        line = clean(say("folded", path=scene.rows[row].path, count=told_count))
        if plan.is_narrow(column):
            shown, size = say("bar.narrow", count=count), SMALL - 2
        else:
            shown, size = say("bar", text=line), SMALL
            if room(shown, size) > at.width:
                shown = say("bar", text=told_count)
        words = Words(at.x, at.y + 15, shown, size, INK, part="bar")
        yield Group(f"bar-{column}-{row}", line, (words,))


# -- legend ----------------------------------------------------------------------------------------


def _legend(scene: Scene, plan: Plan) -> tuple[Group, float]:
    """What the signs mean, as far as they are in the picture; and where it ends."""
    shown = plan.shown(scene)
    links = [link for link, _ in plan.routes(scene)]
    entries: list[tuple[Sequence[str], str]] = []
    if shown:
        entries.append(((), f"{shown[0].glyph} {say('legend.same')}"))
    if any(box.shared for box in shown):
        entries.append(((), say("legend.peer")))
    if any(not link.is_slave for link in links):
        entries.append((("peers",), say("legend.peers")))
    if any(box.master for box in shown):
        entries.append(((), say("legend.slave")))
    if any(link.is_slave for link in links):
        entries.append((("master",), say("legend.master")))
    shapes: list[Shape] = []
    x, y = MARGIN, plan.height + 20
    for sample, words in entries:
        width = room(words, SMALL) + (SAMPLE + 6 if sample else 0)
        if x > MARGIN and x + width > plan.width - MARGIN:
            x, y = MARGIN, y + 16
        if sample:
            shapes.append(_sample(sample[0], x, y - 4))
        start = x + (SAMPLE + 6 if sample else 0)
        shapes.append(Words(start, y, words, SMALL, SOFT, part="legend"))
        x += width + 14
    for note in plan.notes():
        y += 16
        shapes.append(Words(MARGIN, y, note, SMALL, INK, part="note"))
    return Group("legend", "", tuple(shapes)), y + MARGIN - 2


def _sample(kind: str, x: float, y: float) -> Wire:
    ends = ((x, y), (x + SAMPLE, y))
    return Wire(ends, PEER, 1.7) if kind == "peers" else Wire(ends, SLAVE, 1.7, DASHED, arrow=True)


def _lowered(group: Group, by: float) -> Group:
    shapes: list[Shape] = []
    for shape in group.shapes:
        if isinstance(shape, Wire):
            shapes.append(shape._replace(points=tuple((x, y + by) for x, y in shape.points)))
        else:
            shapes.append(shape._replace(y=shape.y + by))
    return group._replace(shapes=tuple(shapes))
