"""The ways of the links: through the gutters beside columns and the gaps between rows, never over words.

A gutter lies to the right of each column, a gap above each row and below the last.  Links of one peer group,
and those from one master, share a track; others keep apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from mountlab.view.figure_box import HEIGHT, Place
from mountlab.view.figure_shapes import Point
from mountlab.view.scene import Link

PEER_PORT, SLAVE_PORT, CHAIN_PORT = 0.34 * HEIGHT, 0.68 * HEIGHT, 0.87 * HEIGHT
"""How far below the top of a box links end: of peers; of a master; of a master that is a slave itself."""
APART = 4.0
"""Two links on one track are at least so far from each other."""


class Cell(NamedTuple):
    """The place of a box, counted among the columns and rows that are drawn, and among those of its stack."""

    column: int
    row: int
    lane: int


class Way(NamedTuple):
    """The gutter in which a link leaves, the gap that it takes, and the gutter in which it arrives."""

    link: Link
    start: Cell
    to: Cell
    is_chain: bool
    """Whether it leaves from a slave: a second link arrives there."""
    out: int | None
    gap: int | None = None
    into: int | None = None

    @property
    def key(self) -> str:
        """Links with the same key share a track."""
        return f"master {self.link.start}" if self.link.is_slave else f"peers {self.link.group}"

    @property
    def ports(self) -> tuple[float, float]:
        """How far below the tops of its boxes it begins and ends."""
        if not self.link.is_slave:
            return PEER_PORT, PEER_PORT
        return CHAIN_PORT if self.is_chain else SLAVE_PORT, SLAVE_PORT


def way(link: Link, start: Cell, to: Cell, is_free: Callable[[int, int], bool], *, is_chain: bool) -> Way:
    """How a link goes; `is_free` tells whether nothing stands in a column and row."""
    if start.column == to.column:
        return Way(link, start, to, is_chain, start.column)
    forth = start.column < to.column
    out, into = (start.column, to.column - 1) if forth else (start.column - 1, to.column)
    between = range(min(start.column, to.column) + 1, max(start.column, to.column))
    if all(is_free(column, to.row) for column in between):
        is_straight = (start.row, start.lane) == (to.row, to.lane) and not is_chain
        return Way(link, start, to, is_chain, None if is_straight else out)
    gap = to.row if start.row <= to.row else to.row + 1
    return Way(link, start, to, is_chain, out, gap, into)


class Tracks:
    """Parallel ways through one gutter or gap."""

    def __init__(self) -> None:
        self._spans: dict[str, tuple[float, float]] = {}
        self._track: dict[str, int] = {}
        self.count = 0

    def add(self, key: str, one: float, other: float) -> None:
        """A link of that key runs from here to there."""
        low, high = self._spans.get(key, (one, one))
        self._spans[key] = (min(low, one, other), max(high, one, other))

    def settle(self) -> None:
        """Give each its track, the shortest first: so the others go around it."""
        taken: list[list[tuple[float, float]]] = []
        for _, key in sorted((high - low, key) for key, (low, high) in self._spans.items()):
            low, high = self._spans[key]
            track = next((n for n, spans in enumerate(taken) if _fits(spans, low, high)), len(taken))
            if track == len(taken):
                taken.append([])
            taken[track].append((low, high))
            self._track[key] = track
        self.count = len(taken)

    def of(self, key: str) -> int:
        """Its track, counted from 0."""
        return self._track[key]


def _fits(taken: Iterable[tuple[float, float]], low: float, high: float) -> bool:
    return all(high < start - APART or low > end + APART for start, end in taken)


def gap_tracks(ways: Iterable[Way]) -> dict[int, Tracks]:
    """For each gap between rows that links go through."""
    gaps: dict[int, Tracks] = {}
    for each in ways:
        if each.gap is not None and each.out is not None and each.into is not None:
            gaps.setdefault(each.gap, Tracks()).add(each.key, each.out * 100, each.into * 100)
    for tracks in gaps.values():
        tracks.settle()
    return gaps


def gutter_tracks(
    ways: Iterable[Way], y_of: Callable[[Cell], float], y_of_gap: Callable[[Way], float]
) -> dict[int, Tracks]:
    """For each gutter that links go up and down in."""
    gutters: dict[int, Tracks] = {}
    for each in ways:
        start, to = (y_of(cell) + port for cell, port in zip((each.start, each.to), each.ports, strict=True))
        if each.gap is not None and each.out is not None and each.into is not None:
            middle = y_of_gap(each)
            gutters.setdefault(each.out, Tracks()).add(each.key, start, middle)
            gutters.setdefault(each.into, Tracks()).add(each.key, middle, to)
        elif each.out is not None:
            gutters.setdefault(each.out, Tracks()).add(each.key, start, to)
    for tracks in gutters.values():
        tracks.settle()
    return gutters


def points(
    each: Way, start: Place, to: Place, x_of: Callable[[int, str], float], y_of_gap: Callable[[Way], float]
) -> Sequence[Point]:
    """The corners of a link's line."""
    y, end = start.y + each.ports[0], to.y + each.ports[1]
    goes_right = each.start.column <= each.to.column
    comes_right = each.start.column >= each.to.column
    first = (start.right if goes_right else start.x, y)
    last = (to.right if comes_right else to.x, end)
    if each.out is None:
        return first, last
    out = x_of(each.out, each.key)
    if each.gap is None or each.into is None:
        return first, (out, y), (out, end), last
    middle, into = y_of_gap(each), x_of(each.into, each.key)
    return first, (out, y), (out, middle), (into, middle), (into, end), last
