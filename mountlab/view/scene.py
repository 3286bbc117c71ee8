"""One moment of a picture, as plain data: namespaces, boxes, links.  The painters draw this.

A scene is read out of the data that `mountlab.view.frames` writes; the stepper in the browser reads the same
data by the same rules.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mountlab.view.words import say

NEW = "new"


class SceneBox(NamedTuple):
    """A mount in its place."""

    number: int
    column: int
    row: int
    lane: int
    path: str
    mount_id: int | None
    parent_id: int | None
    glyph: str
    colour: int
    dev: str
    fstype: str
    source: str
    root: str
    options: str
    shared: int
    master: int
    propagate_from: int
    unbindable: bool
    hidden: bool
    is_new: bool
    """It was not there before the command."""

    @property
    def what(self) -> str:
        """What it shows: the filesystem, and which part of it."""
        part = self.source if self.root == "/" else say("part", root=self.root, source=self.source)
        return f"{self.glyph} {part}"

    @property
    def badges(self) -> list[str]:
        """Its propagation in mountinfo's words."""
        found = [say("shared", group=self.shared)] if self.shared else []
        found += [say("master", group=self.master)] if self.master else []
        found += [say("unbindable.word")] if self.unbindable else []
        return found or [say("private")]


class SceneColumn(NamedTuple):
    """A mount namespace."""

    number: int
    title: str
    shells: tuple[str, ...]
    is_live: bool


class SceneRow(NamedTuple):
    """A path, with its place in the tree."""

    path: str
    label: str
    up: int
    lanes: int
    depth: int
    is_group: bool


class Link(NamedTuple):
    """Two boxes that belong together: peers, or a master and its slave (``to`` is the slave)."""

    start: int
    to: int
    is_slave: bool
    group: int


class Scene(NamedTuple):
    """Everything that is drawn of one moment."""

    name: str
    columns: tuple[SceneColumn, ...]
    rows: tuple[SceneRow, ...]
    boxes: tuple[SceneBox, ...]
    """By column, row and lane."""
    links: tuple[Link, ...]
    empty: tuple[tuple[int, int], ...]
    """(column, row) where a mount might be expected, and is not."""
    say: str
    """What has just happened."""
    closed: frozenset[int]
    narrow: frozenset[int]
    typed: str
    """The command that has just run; empty at the start."""

    def visible_rows(self) -> list[int]:
        """The rows that are not inside a folded one."""
        shown: list[int] = []
        inside: set[int] = set()
        for number, row in enumerate(self.rows):
            if row.up in inside or row.up in self.closed:
                inside.add(number)
            else:
                shown.append(number)
        return shown

    def count_below(self, row: int, column: int | None = None) -> int:
        """How many mounts a folded row holds, itself not counted."""
        below = {row}
        for number in range(row + 1, len(self.rows)):
            if self.rows[number].up in below:
                below.add(number)
        below.discard(row)
        return sum(box.row in below and column in (None, box.column) for box in self.boxes)


Fields = dict[str, Any]


def positions(data: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """Every place where one can stop: (-1, 0) at the start, then each command and step, counted from 0."""
    yield -1, 0
    for number, command in enumerate(data["commands"]):
        for step in range(len(command["steps"])):
            yield number, step


def fold(data: Mapping[str, Any], command: int | None = None, step: int | None = None) -> Scene:
    """The scene after a step; by default at the end of the trace, or after the last step of the command."""
    commands = data["commands"]
    last = len(commands) - 1 if command is None else command
    state = _State()
    state.add(data["start"])
    old: frozenset[int] = frozenset(state.boxes)
    said, typed = say("start"), ""
    for number in range(last + 1):
        steps = commands[number]["steps"]
        if number == last and step is not None:
            steps = steps[: step + 1]
        old = frozenset(state.boxes)
        for each in steps:
            state.add(each["d"])
        said = steps[-1]["say"] if step is not None else commands[number]["say"]
        typed = f"{commands[number]['shell']}# {commands[number]['text']}"
    return state.scene(data, said, typed, old if last >= 0 else frozenset(state.boxes))


class _State:
    """What the deltas so far add up to."""

    def __init__(self) -> None:
        self.boxes: dict[int, Fields] = {}
        self.shells: dict[int, Sequence[str]] = {}
        self.live: dict[int, bool] = {}
        self.empty: dict[tuple[int, int], Sequence[int] | None] = {}

    def add(self, delta: Mapping[str, Any]) -> None:
        """One more delta."""
        for number, fields in delta.get("set", ()):
            self.boxes[number] = {**self.boxes.get(number, {}), **fields}
        for number in delta.get("gone", ()):
            del self.boxes[number]
        self.shells.update(delta.get("shells", ()))
        self.live.update(delta.get("live", ()))
        for column, row, texts in delta.get("empty", ()):
            if texts is None:
                self.empty.pop((column, row), None)
            else:
                self.empty[column, row] = texts

    def scene(self, data: Mapping[str, Any], said: str, typed: str, old: frozenset[int]) -> Scene:
        boxes = [_box(data, number, fields, number not in old) for number, fields in self.boxes.items()]
        boxes.sort(key=lambda box: (box.column, box.row, box.lane))
        columns = tuple(
            SceneColumn(
                number,
                say("view", number=column["ns"], shell=column["view"]) if column["view"] else column["title"],
                tuple(self.shells.get(number, ())),
                self.live.get(number, False),
            )
            for number, column in enumerate(data["columns"])
        )
        # What is missing is only told at the end of a line: by then a copy may have come, or the column gone.
        taken = {(box.column, box.row) for box in boxes}
        empty = sorted(slot for slot in self.empty if slot not in taken and columns[slot[0]].is_live)
        return Scene(
            data["name"], columns, _rows(data), tuple(boxes), tuple(links(boxes)), tuple(empty),
            said, frozenset(data["closed"]), frozenset(data["narrow"]), typed,
        )  # fmt: skip


def _rows(data: Mapping[str, Any]) -> tuple[SceneRow, ...]:
    rows: list[SceneRow] = []
    for row in data["rows"]:
        depth = rows[row["up"]].depth + 1 if row["up"] >= 0 else 0
        rows.append(SceneRow(row["path"], row["label"], row["up"], row["lanes"], depth, "group" in row))
    return tuple(rows)


def _box(data: Mapping[str, Any], number: int, fields: Fields, is_new: bool) -> SceneBox:
    fs = data["filesystems"][fields["fs"]]
    return SceneBox(
        number, fields["c"], fields["r"], fields["l"], data["rows"][fields["r"]]["path"], fields["id"],
        fields["up"], fs["glyph"], fs["colour"], fs["dev"], fs["type"], fs["source"], fields["root"],
        fields["opt"], fields["sh"], fields["ma"], fields["pf"], bool(fields["ub"]), bool(fields["hid"]),
        is_new,
    )  # fmt: skip


def links(boxes: Sequence[SceneBox]) -> Iterator[Link]:
    """Peers one to the next; each slave to the nearest member of its master group.

    `boxes` come by column, row and lane.  Nearest: in the same row first, then by column, by row, by place.
    """
    groups: dict[int, list[SceneBox]] = {}
    for box in boxes:
        if box.shared:
            groups.setdefault(box.shared, []).append(box)
    for group, peers in sorted(groups.items()):
        for one, following in itertools.pairwise(peers):
            yield Link(one.number, following.number, is_slave=False, group=group)
    for box in boxes:
        if box.master in groups:
            nearest = min(groups[box.master], key=lambda peer: _distance(peer, box))
            yield Link(nearest.number, box.number, is_slave=True, group=box.master)


def _distance(peer: SceneBox, slave: SceneBox) -> tuple[bool, int, int, int]:
    return (
        peer.row != slave.row,
        abs(peer.column - slave.column),
        abs(peer.row - slave.row),
        peer.number,
    )
