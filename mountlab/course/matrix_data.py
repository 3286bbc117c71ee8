"""What a page needs to play every cell of a truth table, all in one piece: it may never meet a kernel.

    {"v": 1, "name": "bind", "title": …, "corner": …, "columns": [TEXT, …], "rows": [TEXT, …],
     "cells": [[CELL, …], …], "at": [row, column], "parts": [PART, …]}

``cells`` has a list for each row, with null where there is nothing; ``at`` is the cell that is shown first.
CELL = {"word": the result, "name": what its button is called, "said": [LINE, …], "frames": PACKED}
PACKED is the stepper's data, and what stands one level down in it is only a number of ``parts``: the cells of
a table have most of their commands in common, so this takes a third of the room.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from mountlab.view.frames import Frames

MIME = "application/vnd.mountlab.matrix+json"
VERSION = 1
ABOVE = {"v": VERSION, "above": True}
"""The data of an output that is only there for whoever cannot play the one above it."""
Json = dict[str, Any]


class Shown(NamedTuple):
    """One cell, as a page shows it."""

    row: str
    column: str
    word: str
    name: str
    said: tuple[str, ...]
    frames: Frames


def data_of(heading: Json, cells: Iterable[Shown], at: tuple[str, str]) -> Json:
    """The data of one table.

    Args:
        heading: its name, title and corner.
        at: row and column of the cell that is shown first.
    """
    found = {(cell.row, cell.column): cell for cell in cells}
    rows, columns = (list(dict.fromkeys(place[side] for place in found)) for side in (0, 1))
    parts = Parts()
    grid = [[_cell(found.get((row, column)), parts) for column in columns] for row in rows]
    return {
        "v": VERSION,
        **heading,
        "columns": columns,
        "rows": rows,
        "cells": grid,
        "at": [rows.index(at[0]), columns.index(at[1])],
        "parts": parts.all,
    }


def _cell(cell: Shown | None, parts: Parts) -> Json | None:
    if cell is None:
        return None
    frames = parts.packed(cell.frames)
    return {"word": cell.word, "name": cell.name, "said": list(cell.said), "frames": frames}


class Parts:
    """Parts of pictures, each kept once."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self._numbers: dict[str, int] = {}

    def packed(self, frames: Frames) -> Json:
        """The picture with numbers in place of what stands one level down."""
        return {key: self._value(value) for key, value in frames.items()}

    def _value(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, list):
            return [self._number(each) for each in value]
        if isinstance(value, dict):
            return {key: self._number(each) for key, each in value.items()}
        return value

    def _number(self, part: Any) -> int:  # noqa: ANN401 - any JSON
        number = self._numbers.setdefault(json.dumps(part), len(self.all))
        if number == len(self.all):
            self.all.append(part)
        return number


def unpacked(packed: Json, parts: Sequence[Any]) -> Frames:
    """The picture again; a page does the same."""
    return {key: _again(value, parts) for key, value in packed.items()}


def _again(value: Any, parts: Sequence[Any]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [parts[number] for number in value]
    return {key: parts[number] for key, number in value.items()} if isinstance(value, dict) else value
