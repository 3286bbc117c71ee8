"""Paints a scene as text: for terminals, for tests, and for readers without a screen."""

from __future__ import annotations

from collections.abc import Iterator

from mountlab.view.scene import NEW, Scene, SceneBox
from mountlab.view.words import counted, say


def text(scene: Scene) -> str:
    """The mounts of every namespace, each below its heading, with what is missing there."""
    return "\n".join(line for column in scene.columns for line in _column(scene, column.number)) + "\n"


def _column(scene: Scene, number: int) -> Iterator[str]:
    column = scene.columns[number]
    if not column.is_live:
        return
    yield f"{column.title}: {', '.join(column.shells) or say('nobody')}"
    boxes: dict[int, list[SceneBox]] = {}
    for box in scene.boxes:
        if box.column == number:
            boxes.setdefault(box.row, []).append(box)
    lines: list[tuple[str, str, str]] = []
    for row in scene.visible_rows():
        indent = "  " * _depth(scene, row, boxes)
        stack = reversed(boxes.get(row, []))
        lines += [(f"  {indent}{box.path}", box.what, _facts(box)) for box in stack]
        if (number, row) in scene.empty:
            lines.append((f"  {indent}{scene.rows[row].path}", f"({say('empty')})", ""))
        below = scene.count_below(row, number) if row in scene.closed else 0
        if below:
            folded = say("folded", path=scene.rows[row].path, count=counted("mounts", below))
            lines.append((f"  {indent}{folded}", "", ""))
    if not lines:
        yield f"  ({say('nothing mounted')})"
    yield from _aligned(lines)


def _depth(scene: Scene, row: int, boxes: dict[int, list[SceneBox]]) -> int:
    """How many of the rows above it have something in this column."""
    depth, up = 0, scene.rows[row].up
    while up >= 0:
        depth += up in boxes or up in scene.closed
        up = scene.rows[up].up
    return depth


def _facts(box: SceneBox) -> str:
    words = [*box.badges]
    if box.hidden:
        words.append(say("covered"))
    if box.is_new:
        words.append(NEW)
    return ", ".join(words)


def _aligned(lines: list[tuple[str, str, str]]) -> Iterator[str]:
    first = max((len(line[0]) for line in lines), default=0)
    second = max((len(line[1]) for line in lines), default=0)
    for path, what, facts in lines:
        yield f"{path.ljust(first)}  {what.ljust(second)}  {facts}".rstrip()
