"""A short trace as one SVG file that plays by itself: for pages on which no script runs.

Each step's picture is held while its sentence is read; a copy travels from the mount it is a copy of.  Who
prefers less motion, or whose program cannot animate, sees the last picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from mountlab.view.figure_box import DASHED, FRESH, PAPER, RULE, SMALL, WRONG
from mountlab.view.figure_drawing import drawing, room_above
from mountlab.view.figure_plan import Plan
from mountlab.view.figure_shapes import Drawing, Group, Rect, Words, clean, room
from mountlab.view.figure_svg import STYLE, background, group_written, number, opening
from mountlab.view.scene import Scene, fold
from mountlab.view.words import say

FADE, FLIGHT = 0.35, 0.9
"""How long it takes to appear, and to travel, in seconds."""
LEAST, PER_LETTER, AT_THE_END = 1.0, 0.03, 4.0
"""How long a step is held: at least, more for a longer sentence, and more at the end."""
LAYERS = ("column", "peer", "slave", "empty", "bar", "box", "pointer", "legend", "sentence")
"""First words of the names of groups, the lowest first."""
WORDS = ("legend", "pointer", "sentence")
"""Groups that must not be seen twice at once."""


class Moment(NamedTuple):
    """One picture of the trace."""

    scene: Scene
    step: Mapping[str, Any]
    start: float
    """When it is shown, in seconds."""


class Part(NamedTuple):
    """Shapes that are shown during some moments, the same in all of them."""

    group: Group
    moments: tuple[int, ...]


def animated_svg(data: Mapping[str, Any]) -> str:
    """The file.  Commands that change nothing are left out."""
    moments, total = _moments(data)
    scenes = [moment.scene for moment in moments]
    plan = Plan(scenes)
    top = max(room_above(scene, plan) for scene in scenes)
    pictures = [_pointed(drawing(moment.scene, plan, top=top), moment, plan, top) for moment in moments]
    whole = pictures[-1]._replace(
        height=max(picture.height for picture in pictures),
        description="\n".join(clean(f"{scene.typed} {scene.say}".strip()) for scene in scenes),
    )
    styles: dict[str, str] = {}
    """Rules that are needed -> the name of their class."""
    flights = _flights(moments, plan)
    body = []
    for part in _parts(pictures):
        is_always = len(part.moments) == len(moments)
        kinds = [] if is_always else [_named(styles, _visibility(part, moments, total), "v")]
        way = flights.get((part.group.name, part.moments[0]))
        if way:
            kinds.append(_named(styles, _flight(way, moments[part.moments[0]].start, total), "m"))
        is_last = part.moments[-1] == len(moments) - 1
        body.append(_written(part, kinds, is_last=is_last))
    return _file(whole, body, styles, total)


# -- time ------------------------------------------------------------------------------------------


def _moments(data: Mapping[str, Any]) -> tuple[list[Moment], float]:
    """The start and every step that says more than that nothing changed; and how long all of it takes."""
    found, now = [], 0.0
    places: list[tuple[int, int, Mapping[str, Any]]] = [(-1, 0, {})]
    places += [
        (command, index, step)
        for command, line in enumerate(data["commands"])
        for index, step in enumerate(line["steps"])
        if step["d"] or step["act"]["kind"] != "none"
    ]
    for command, index, step in places:
        scene = fold(data, command, index)
        found.append(Moment(scene, step, now))
        now += LEAST + PER_LETTER * len(scene.typed + scene.say)
    return found, now + AT_THE_END


def _parts(pictures: Sequence[Drawing]) -> list[Part]:
    """What is drawn, without drawing anything twice; what lies lower comes first."""
    seen: dict[tuple[Group, int], list[int]] = {}
    running: dict[Group, int] = {}
    """Shapes of the moment before -> the moment in which they appeared."""
    for moment, picture in enumerate(pictures):
        running = {group: running.get(group, moment) for group in picture.groups}
        for group, begun in running.items():
            seen.setdefault((group, begun), []).append(moment)
    parts = [Part(group, tuple(run)) for (group, _), run in seen.items()]
    return sorted(parts, key=lambda part: LAYERS.index(part.group.name.partition("-")[0]))


def _pointed(picture: Drawing, moment: Moment, plan: Plan, top: float) -> Drawing:
    """The picture with a frame around what its sentence is about; a mount that is left out is named so."""
    act = moment.step.get("act", {})
    about = act.get("box", [])
    boxes = {box.number: box for box in plan.shown(moment.scene)}
    is_left_out = act.get("kind") == "skip"
    shapes: list[Rect | Words] = []
    for box in (boxes[each] for each in (about if isinstance(about, list) else [about]) if each in boxes):
        at = plan.place(box.column, box.row, box.lane)
        colour, dash = (WRONG, DASHED) if is_left_out else (FRESH, ())
        around = (at.x - 4, at.y - 4 + top, at.width + 8, at.height + 8)
        shapes.append(Rect(*around, fill="none", edge=colour, line=2, dash=dash, radius=8))
        if is_left_out:
            width = room(say("skipped"), SMALL, bold=True) + 10
            shapes.append(Rect(at.right - width, around[1] - 9, width, 16, WRONG, radius=4))
            middle = at.right - width / 2
            words = Words(middle, around[1] + 3, say("skipped"), SMALL, PAPER, bold=True, anchor="middle")
            shapes.append(words)
    pointer = [Group("pointer", "", tuple(shapes))] if shapes else []
    return picture._replace(groups=(*picture.groups, *pointer))


# -- styles ----------------------------------------------------------------------------------------


def _named(styles: dict[str, str], frames: str, letter: str) -> str:
    """The class that plays these key frames."""
    return styles.setdefault(frames, f"{letter}{len(styles)}")


def _visibility(part: Part, moments: Sequence[Moment], total: float) -> str:
    """Key frames: appear with the first moment, go after the last one."""
    first, last = part.moments[0], part.moments[-1]
    start = moments[first].start
    points = [(0.0, 1.0)] if first == 0 else [(0.0, 0.0), (start, 0.0), (start + FADE, 1.0)]
    if last + 1 < len(moments):
        end = moments[last + 1].start
        # A picture goes when its successor covers it; of two sentences only one can be read.
        wait, fade = (0.0, 0.05) if part.group.name in WORDS else (FADE, FADE)
        points += [(end + wait, 1.0), (end + wait + fade, 0.0)]
    else:
        points += [(total - FADE, 1.0), (total, 0.0)] if first else []
    return "".join(f"{_percent(at, total)}{{opacity:{number(value)}}}" for at, value in points)


def _flights(moments: Sequence[Moment], plan: Plan) -> dict[tuple[str, int], tuple[float, float]]:
    """(name of a box, moment) -> how far away it comes from, as a copy."""
    found = {}
    for index, moment in enumerate(moments):
        act = moment.step.get("act", {})
        boxes = {box.number: box for box in moment.scene.boxes}
        origin = boxes.get(act.get("from", -1))
        if act.get("kind") not in ("copy", "tuck") or origin is None or not plan.has(origin):
            continue
        start = plan.place(origin.column, origin.row, origin.lane)
        made = act["box"] if isinstance(act["box"], list) else [act["box"]]
        for box in (boxes[each] for each in made if each in boxes and plan.has(boxes[each])):
            end = plan.place(box.column, box.row, box.lane)
            found[f"box-{box.number}", index] = (start.x - end.x, start.y - end.y)
    return found


def _flight(way: tuple[float, float], start: float, total: float) -> str:
    far = f"{{transform:translate({number(way[0])}px,{number(way[1])}px)}}"
    here = f"{_percent(start + FLIGHT, total)}{{transform:none}}"
    return f"0%{far}{_percent(start, total)}{far}{here}"


def _percent(at: float, total: float) -> str:
    return f"{number(100 * at / total)}%" if at < total else "100%"


# -- the file --------------------------------------------------------------------------------------


def _written(part: Part, kinds: Sequence[str], *, is_last: bool) -> str:
    """A group; names may come twice in a file, so they are left out."""
    if not kinds:
        return group_written(part.group, named=False)
    classes = " ".join(("f", *kinds, *(["l"] if is_last else [])))
    return group_written(part.group, f' class="{classes}"', named=False)


def _file(picture: Drawing, body: Sequence[str], styles: Mapping[str, str], total: float) -> str:
    rules = "\n".join(_rules(styles, total))
    bar = f'<rect class="bar" y="{number(picture.height - 3)}" width="{number(picture.width)}" height="3"/>'
    start = f"{opening(picture)}<style>{STYLE}\n{escape(rules)}\n</style>\n{background(picture)}"
    return "\n".join((start, *body, bar, "</svg>\n"))


def _rules(styles: Mapping[str, str], total: float) -> Iterator[str]:
    time = f"{number(total)}s infinite"
    yield ".f{opacity:0}.l{opacity:1}"
    yield f".bar{{transform:scaleX(0);fill:{RULE}}}"
    yield "@media (prefers-reduced-motion:no-preference){"
    yield f".bar{{animation:bar {time} linear}}"
    for frames, name in styles.items():
        yield f"@keyframes {name}{{{frames}}}"
    for name in styles.values():
        yield f".{name}{{animation:{name} {time}}}"
    flying = [name for name in styles.values() if name.startswith("m")]
    for shown in (name for name in styles.values() if name.startswith("v")):
        for name in flying:
            yield f".{shown}.{name}{{animation:{shown} {time},{name} {time}}}"
    yield "}@keyframes bar{to{transform:none}}"
