"""What of a scene is drawn: which columns, which rows are folded away, and what stands for them."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.view.figure_shapes import clean
from mountlab.view.scene import Scene
from mountlab.view.words import counted, say

MOST_NARROW = 14
"""Narrow columns that are drawn."""


def heading_lines(scene: Scene, column: int) -> tuple[str, str]:
    """A namespace, and who is in it."""
    here = scene.columns[column]
    return here.title, clean(", ".join(here.shells) or say("nobody"))


def bar_text(scene: Scene, row: int, count: int) -> str:
    """The line of a folded row."""
    return say("bar", text=clean(say("folded", path=scene.rows[row].path, count=counted("mounts", count))))


def folded_into(scene: Scene) -> dict[int, int]:
    """Row that is folded away -> the row whose line stands for it."""
    inside: dict[int, int] = {}
    for number, row in enumerate(scene.rows):
        if row.up in inside:
            inside[number] = inside[row.up]
        elif row.up in scene.closed:
            inside[number] = row.up
    return inside


def columns(scenes: Sequence[Scene]) -> tuple[list[int], int]:
    """The columns that are drawn, and how many are left out."""
    live = sorted({column.number for scene in scenes for column in scene.columns if column.is_live})
    strips = [column for column in live if column in scenes[0].narrow]
    left_out = set(strips[MOST_NARROW:])
    return [column for column in live if column not in left_out], len(left_out)
