"""Where everything stands in a drawn picture: one plan for one moment, or for all moments of a trace."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mountlab.view.figure_box import EDGE, HEIGHT, PATH, SMALL, STRIPE, WHAT, Place, needed
from mountlab.view.figure_choice import bar_text, columns, folded_into, heading_lines
from mountlab.view.figure_links import Cell, Way, gap_tracks, gutter_tracks, points, way
from mountlab.view.figure_shapes import Point, clean, room
from mountlab.view.scene import Link, Scene, SceneBox, links
from mountlab.view.words import counted, say

MARGIN = 14.0
PITCH, SHIFT, WIDEST_SHIFT = 40.0, 6.0, 30.0
"""Each mount of a stack stands so much higher, and so much further right, than the one below it."""
GAP, TRACK = 13.0, 6.0
BAR = 21.0
"""Height of a folded row's line."""
PAD = 9.0
INDENT, DEEPEST = 15.0, 75.0
GUTTER, STRIP_GUTTER, LAST_GUTTER = 38.0, 18.0, 8.0
NARROW = 28.0
LEAST, USUAL, MOST = 122.0, 176.0, 300.0
"""Widths of a column: where there is little room, where there is enough, and for long paths."""
WIDTH = 980.0
"""What fits in a notebook; wide columns become narrower to keep to it, as far as they can be read."""
MOST_ROWS = 60
HEAD, TALLEST = 46.0, 120.0
"""Heights of a heading, and of one that is written upwards."""


class RowPlace(NamedTuple):
    """A row that is drawn."""

    number: int
    lanes: tuple[int, ...]
    """The places of its stack that are in use, the lowest first."""
    bar: bool
    """Whether it is folded, so that a line tells how many mounts are below."""

    @property
    def stack(self) -> float:
        """The height of its boxes."""
        return HEIGHT + (len(self.lanes) - 1) * PITCH if self.lanes else 0.0

    @property
    def height(self) -> float:
        """Its height with the line."""
        return self.stack + (BAR + (4 if self.lanes else 0) if self.bar else 0)


class Plan:
    """The places of columns, rows, boxes and links; the same for all of the `scenes`."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        first = self._first = scenes[0]
        self.folded = folded_into(first)
        self.columns, self.more_columns = columns(scenes)
        self.column_of = {number: index for index, number in enumerate(self.columns)}
        self.boxes = {
            (box.column, box.row, box.lane): box for scene in scenes for box in scene.boxes if self.has(box)
        }
        self.empty = {
            (column, row) for scene in scenes for column, row in scene.empty if column in self.column_of
        }
        every, self.more_rows = self._rows_in_use(scenes)
        self.rows, self._stacks = {row.number: row for row in every}, every
        self.row_of = {row.number: index for index, row in enumerate(every)}
        self.boxes = {key: box for key, box in self.boxes.items() if box.row in self.rows}
        deepest = max((first.rows[row].depth for row in self.rows), default=0)
        self._above = {(column, row) for column, row, _ in self.boxes}
        highest = max((len(row.lanes) for row in every), default=1) - 1
        self.indent = min(INDENT, DEEPEST / max(1, deepest))
        self.shift = min(SHIFT, WIDEST_SHIFT / max(1, highest))
        self.least = LEAST + deepest * self.indent + highest * self.shift
        occupied = {(column, row) for column, row, _ in self.boxes} | self.empty
        self._occupied = {
            (self.column_of[column], self.row_of[row]) for column, row in occupied if row in self.row_of
        }
        ways = {link: each for scene in scenes for link, each in self._ways(scene)}
        self._gaps = gap_tracks(ways.values())
        self.heading = max([HEAD, *(self._turned(column, scenes) for column in self.columns)])
        self._tops = list(self._heights())
        self._gutters = gutter_tracks(ways.values(), self._top, self._gap)
        self.widths = self._widths(scenes)
        self.lefts = list(
            itertools.accumulate(
                (width + self._gutter(index) for index, width in enumerate(self.widths)), initial=MARGIN
            )
        )
        self.width = max(self.lefts[-1] + MARGIN, 440.0)
        self.height = self._tops[-1]

    # -- what is drawn -----------------------------------------------------------------------------

    def has(self, box: SceneBox) -> bool:
        """Whether a mount's column is drawn, and its row is not folded away."""
        return box.column in self.column_of and box.row not in self.folded

    def shown(self, scene: Scene) -> list[SceneBox]:
        """The boxes of a scene that are drawn."""
        return [box for box in scene.boxes if self.has(box) and box.row in self.rows]

    def bars(self, scene: Scene) -> dict[tuple[int, int], int]:
        """(column, folded row) -> how many mounts its line stands for."""
        counts: dict[tuple[int, int], int] = {}
        for box in scene.boxes:
            key = (box.column, self.folded.get(box.row, -1))
            if key[1] in self.rows and box.column in self.column_of:
                counts[key] = counts.get(key, 0) + 1
        return counts

    def empty_in(self, scene: Scene) -> list[tuple[int, int]]:
        """The empty places of a scene that are drawn."""
        return [(column, row) for column, row in scene.empty if column in self.column_of and row in self.rows]

    def is_narrow(self, column: int) -> bool:
        """Whether a column is only a strip."""
        return column in self._first.narrow

    def _rows_in_use(self, scenes: Sequence[Scene]) -> tuple[list[RowPlace], int]:
        lanes: dict[int, set[int]] = {}
        for _, row, lane in self.boxes:
            lanes.setdefault(row, set()).add(lane)
        for _, row in self.empty:
            if row not in self.folded:
                lanes.setdefault(row, {0})
        bars = {self.folded[box.row] for scene in scenes for box in scene.boxes if box.row in self.folded}
        used = sorted(lanes.keys() | bars)
        drawn = [RowPlace(row, tuple(sorted(lanes.get(row, ()))), row in bars) for row in used[:MOST_ROWS]]
        return drawn, len(used) - len(drawn)

    # -- heights -----------------------------------------------------------------------------------

    def _turned(self, column: int, scenes: Sequence[Scene]) -> float:
        """The height of a strip's title, which is written upwards."""
        if not self.is_narrow(column):
            return 0.0
        lines = (line for scene in scenes for line in heading_lines(scene, column))
        return min(TALLEST, max(room(line, SMALL) for line in lines)) + 12

    def _heights(self) -> Iterator[float]:
        y = self.heading
        for index, row in enumerate(self.rows.values()):
            y += self._gap_height(index)
            yield y
            y += row.height
        yield y + self._gap_height(len(self.rows))

    def _gap_height(self, index: int) -> float:
        tracks = self._gaps.get(index)
        return GAP + (tracks.count * TRACK if tracks else 0)

    def _top(self, cell: Cell) -> float:
        return self._tops[cell.row] + (len(self._stacks[cell.row].lanes) - 1 - cell.lane) * PITCH

    def _gap(self, each: Way) -> float:
        """The height of a link's way between two rows."""
        if each.gap is None:
            return 0.0
        track = self._gaps[each.gap].of(each.key)
        return self._tops[each.gap] - GAP / 2 - track * TRACK - (1 if each.gap < len(self.rows) else 0)

    # -- widths ------------------------------------------------------------------------------------

    def _widths(self, scenes: Sequence[Scene]) -> list[float]:
        wanted = {column: max(USUAL, self.least) for column in self.columns if not self.is_narrow(column)}
        for scene in scenes:
            for column, width in self._needs(scene):
                if column in wanted:
                    wanted[column] = max(wanted[column], min(width + 2 * PAD, MOST))
        around = 2 * MARGIN + sum(self._gutter(index) for index in range(len(self.columns)))
        around += NARROW * (len(self.columns) - len(wanted))
        most = _most(list(wanted.values()), WIDTH - around, self.least)
        return [min(wanted[column], most) if column in wanted else NARROW for column in self.columns]

    def _needs(self, scene: Scene) -> Iterator[tuple[int, float]]:
        """Column, and a width that something in it needs."""
        for column in self.columns:
            yield column, max(room(line, PATH, bold=True) for line in heading_lines(scene, column))
        for box in self.shown(scene):
            inset = self.inset(box.row) + (len(self.rows[box.row].lanes) - 1) * self.shift
            yield box.column, needed(box, self.label(scene, box)) + inset
        for column, row in self.empty_in(scene):
            words = room(clean(scene.rows[row].path), WHAT, mono=True) + room(say("empty"), SMALL)
            yield column, words + self.inset(row) + 3 * EDGE + STRIPE
        for (column, row), count in self.bars(scene).items():
            yield column, room(bar_text(scene, row, count), SMALL) + self.inset(row)

    def _gutter(self, index: int) -> float:
        count = self._count(index)
        if index == len(self.columns) - 1:
            return LAST_GUTTER + (count + 1) * self._apart(index) if count else 0.0
        both = self.is_narrow(self.columns[index]) and self.is_narrow(self.columns[index + 1])
        least = STRIP_GUTTER if both else GUTTER
        return max(least, 18 + count * self._apart(index))

    def _count(self, index: int) -> int:
        return self._gutters[index].count if index in self._gutters else 0

    def _apart(self, index: int) -> float:
        """Room between two tracks of a gutter."""
        return max(3.0, min(8.0, 90.0 / max(1, self._count(index))))

    def _track(self, gutter: int, key: str) -> float:
        start = self.lefts[gutter] + self.widths[gutter]
        return start + 9 + self._gutters[gutter].of(key) * self._apart(gutter)

    # -- places ------------------------------------------------------------------------------------

    def inset(self, row: int) -> float:
        """How far a row stands in."""
        return self._first.rows[row].depth * self.indent

    def place(self, column: int, row: int, lane: int) -> Place:
        """Where a box stands."""
        index, lanes = self.column_of[column], self.rows[row].lanes
        lane = lanes.index(lane)
        narrow = self.is_narrow(column)
        pad, inset, shift = (4.0, 0.0, 0.0) if narrow else (PAD, self.inset(row), self.shift)
        x = self.lefts[index] + pad + inset + lane * shift
        right = self.lefts[index] + self.widths[index] - pad - (len(lanes) - 1 - lane) * shift
        y = self._tops[self.row_of[row]] + (len(lanes) - 1 - lane) * PITCH
        return Place(x, y, right - x, HEIGHT)

    def empty_place(self, column: int, row: int) -> Place:
        """Where it is told that a mount is not here."""
        box = self.place(column, row, self.rows[row].lanes[0])
        return Place(box.x, box.y + 8, box.width, HEIGHT - 16)

    def bar_place(self, column: int, row: int) -> Place:
        """Where the line of a folded row stands."""
        index, place = self.column_of[column], self.rows[row]
        pad, inset = (2.0, 0.0) if self.is_narrow(column) else (PAD, self.inset(row))
        x = self.lefts[index] + pad + inset
        right = self.lefts[index] + self.widths[index] - pad
        y = self._tops[self.row_of[row]] + place.height - BAR
        return Place(x, y, right - x, BAR)

    def panel(self, column: int) -> Place:
        """The whole of a column below its heading."""
        index = self.column_of[column]
        return Place(self.lefts[index], self.heading, self.widths[index], self.height - self.heading)

    # -- links -------------------------------------------------------------------------------------

    def _ways(self, scene: Scene) -> Iterator[tuple[Link, Way]]:
        """The links between boxes that are drawn."""
        shown = self.shown(scene)
        boxes = {box.number: box for box in shown}
        for link in links(shown):
            start, to = boxes[link.start], boxes[link.to]
            is_chain = link.is_slave and bool(start.master)
            yield link, way(link, self._cell(start), self._cell(to), self._is_free, is_chain=is_chain)

    def _is_free(self, column: int, row: int) -> bool:
        return (column, row) not in self._occupied

    def _cell(self, box: SceneBox) -> Cell:
        lane = self.rows[box.row].lanes.index(box.lane)
        return Cell(self.column_of[box.column], self.row_of[box.row], lane)

    def routes(self, scene: Scene) -> Iterator[tuple[Link, tuple[Point, ...]]]:
        """Each link of a scene, and the corners of its line."""
        boxes = {box.number: box for box in self.shown(scene)}
        for link, each in self._ways(scene):
            start, to = self._at(boxes[link.start]), self._at(boxes[link.to])
            yield link, tuple(points(each, start, to, self._track, self._gap))

    def _at(self, box: SceneBox) -> Place:
        return self.place(box.column, box.row, box.lane)

    # -- words -------------------------------------------------------------------------------------

    def label(self, scene: Scene, box: SceneBox) -> str:
        """What a box is called: its path from the box above it in the tree on."""
        row = scene.rows[box.row]
        return row.label if (box.column, row.up) in self._above else row.path

    def notes(self) -> list[str]:
        """What had to be left out."""
        found = [counted("more.columns", self.more_columns)] if self.more_columns else []
        return found + ([counted("more.rows", self.more_rows)] if self.more_rows else [])


def _most(wanted: Sequence[float], available: float, least: float) -> float:
    """The width that no column may exceed, so that all of them fit, if they can."""
    most = MOST
    while most > least and sum(min(width, most) for width in wanted) > available:
        most -= 2
    return most
