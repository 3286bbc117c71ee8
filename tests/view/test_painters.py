"""The painters cannot disagree: each picture, read back, is the scene; and the scene is the mount tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

from mountlab.agree.programs import random_lines
from mountlab.mountinfo import MountInfo
from mountlab.shell.backend import NamespaceTable
from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse
from mountlab.view.figure import figure, svg
from mountlab.view.frames import Line, Writer, frames
from mountlab.view.scene import Scene, fold, positions
from mountlab.view.tables import Tables
from mountlab.view.text import text
from tests.view.worlds import data, machine, random_machine

SVG = "{http://www.w3.org/2000/svg}"

HEARD = (
    "host# mkdir -p /media", "host# mount -t tmpfs media /media", "host# mount --make-shared /media",
    "c1# unshare --mount --propagation slave", "c2# unshare --mount", "host# mkdir /media/usb",
    "host# mount -t tmpfs stick /media/usb", "host# umount /media/usb", "c1# mount -t tmpfs own /media",
)  # fmt: skip
STACKED = (
    "host# mkdir -p /a /b", "host# mount -t tmpfs disk1 /a", "host# mount --make-shared /a",
    "host# mkdir -p /a/x", "host# mount --bind /a /b", "c1# unshare --mount --propagation slave",
    "c1# mount --make-shared /a",
    "host# mount -t tmpfs disk2 /a/x", "c2# unshare --mount --propagation unchanged",
    "host# mount -t tmpfs disk3 /a/x", "c1# mount --make-unbindable /b", "host# mount --move /a/x /b",
    "host# mount --make-private /", "host# mount --move /a/x /a", "c1# chroot /a", "c1# exit",
)  # fmt: skip
TRANSCRIPTS = {"heard": HEARD, "stacked": STACKED}


class Drawn(NamedTuple):
    """A mount as a reader of a picture finds it."""

    column: str
    path: str
    what: str
    badges: frozenset[str]
    covered: bool
    new: bool


class Picture(NamedTuple):
    mounts: list[Drawn]
    empty: set[tuple[str, str]]


# -- readers ---------------------------------------------------------------------------------------


def of_scene(scene: Scene) -> Picture:
    titles = [column.title for column in scene.columns]
    mounts = [
        Drawn(titles[box.column], box.path, box.what, frozenset(box.badges), box.hidden, box.is_new)
        for box in scene.boxes
    ]
    empty = {(titles[column], scene.rows[row].path) for column, row in scene.empty}
    return Picture(sorted(mounts, key=repr), empty)


def _drawn(column: str, path: str, what: str, facts: str) -> Drawn:
    words = set(filter(None, facts.split(", ")))
    marks = {"covered", "new"}
    return Drawn(column, path, what, frozenset(words - marks), "covered" in words, "new" in words)


def of_text(scene: Scene) -> Picture:
    """Read back from the text."""
    mounts, empty, column = [], set(), ""
    for line in text(scene).splitlines():
        if not line.startswith(" "):
            column = line.partition(": ")[0]
        elif line.endswith("(not here)"):
            empty.add((column, line.split()[0]))
        elif line != "  (nothing is mounted here)":
            path, what, facts = re.split(r"\s{2,}", line.strip())
            mounts.append(_drawn(column, path, what, facts))
    return Picture(sorted(mounts, key=repr), empty)


class Place(NamedTuple):
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    def has_on_side(self, point: tuple[float, float]) -> bool:
        x, y = point
        return min(abs(x - self.x), abs(x - self.right)) < 0.2 and self.y <= y <= self.y + self.height


def _groups(scene: Scene) -> dict[str, ET.Element]:
    groups = ET.fromstring(svg(scene)).iter(f"{SVG}g")  # noqa: S314 - our own file
    return {group.attrib["id"]: group for group in groups}


def _place(group: ET.Element) -> Place:
    rect = next(group.iter(f"{SVG}rect"))
    return Place(*(float(rect.get(name, 0)) for name in ("x", "y", "width", "height")))


def _title(group: ET.Element) -> str:
    return str(group.findtext(f"{SVG}title"))


def of_svg(scene: Scene) -> Picture:
    """Read back from the places of rectangles and from titles."""
    groups = _groups(scene)
    panels = [
        (str(group.findtext(f"{SVG}text")), _place(group))
        for name, group in groups.items()
        if name.startswith("column-")
    ]

    def column(group: ET.Element) -> str:
        here = _place(group)
        (inside,) = (title for title, panel in panels if panel.x <= here.x and here.right <= panel.right)
        return inside

    mounts, empty = [], set()
    for name, group in groups.items():
        path, _, rest = _title(group).partition(": ")
        if name.startswith("box-"):
            what, _, facts = rest.partition(", ")
            mounts.append(_drawn(column(group), path, what, facts))
        elif name.startswith("empty-"):
            empty.add((column(group), path))
    return Picture(sorted(mounts, key=repr), empty)


BADGES = {"⇄": "shared:", "←": "master:"}


def seen_in_figure(scene: Scene) -> dict[int, tuple[str, str, frozenset[str], bool, bool]]:
    """Box -> what the texts of the figure say: they are what a PNG shows."""
    said: dict[int, dict[str, set[str]]] = {}
    for artist in figure(scene).findobj(Text):
        assert isinstance(artist, Text)
        gid = artist.get_gid() or ""
        match = re.fullmatch(r"box-(\d+)-(\w+)", gid)
        if match:
            said.setdefault(int(match[1]), {}).setdefault(match[2], set()).add(artist.get_text())
    return {
        number: (
            next(iter(parts["path"])),
            next(iter(parts["what"])),
            frozenset(_badge(word) for word in parts["badge"]),
            "covered" in parts.get("chip", ()),
            "new" in parts.get("chip", ()),
        )
        for number, parts in said.items()
    }


def _badge(word: str) -> str:
    sign, _, rest = word.partition(" ")
    return BADGES[sign] + rest if sign in BADGES else rest or sign


def assert_all_agree(scene: Scene) -> None:
    expected = of_scene(scene)
    assert of_text(scene) == expected
    assert of_svg(scene) == expected
    assert_links_touch_their_boxes(scene)


def assert_links_touch_their_boxes(scene: Scene) -> None:
    """Every link of the scene is drawn, no other, each from the side of one box to the side of the other."""
    groups = _groups(scene)
    found = set()
    for name, group in groups.items():
        match = re.fullmatch(r"(peer|slave)-(\d+)-(\d+)", name)
        if match is None:
            continue
        line = next(group.iter(f"{SVG}path")).attrib
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", line["d"])]
        ends = [(numbers[0], numbers[1]), (numbers[-2], numbers[-1])]
        for number, point in zip(match.groups()[1:], ends, strict=True):
            assert _place(groups[f"box-{number}"]).has_on_side(point), name
        is_slave = match[1] == "slave"
        assert (group.find(f"{SVG}polygon") is not None) == is_slave
        assert ("stroke-dasharray" in line) == is_slave
        found.add((int(match[2]), int(match[3]), is_slave))
    assert found == {(link.start, link.to, link.is_slave) for link in scene.links}


# -- painters --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", TRANSCRIPTS.values(), ids=list(TRANSCRIPTS))
def test_text_and_svg_say_what_the_scene_says_at_every_position(lines: tuple[str, ...]) -> None:
    shown = data(*lines)
    for position in positions(shown):
        assert_all_agree(fold(shown, *position))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32))
def test_text_and_svg_say_what_the_scene_says_after_random_commands(seed: int) -> None:
    shown = frames(random_machine(seed))
    assume(not shown["closed"])
    for position in list(positions(shown))[::8]:
        assert_all_agree(fold(shown, *position))


@pytest.mark.parametrize("lines", TRANSCRIPTS.values(), ids=list(TRANSCRIPTS))
def test_the_figure_says_it_too(lines: tuple[str, ...]) -> None:
    shown = data(*lines)
    for position in list(positions(shown))[::4]:
        scene = fold(shown, *position)
        seen = seen_in_figure(scene)
        assert seen.keys() == {box.number for box in scene.boxes}
        for box in scene.boxes:
            label, what, badges, covered, new = seen[box.number]
            assert box.path.endswith(label)
            assert (what, badges, covered, new) == (box.what, frozenset(box.badges), box.hidden, box.is_new)


def test_where_there_is_no_room_for_all_of_them_no_mount_is_lost() -> None:
    names = [f"/data/{group}/{number}" for group in "abcde" for number in range(40)]
    lines = ["host# mkdir -p " + " ".join(names), *(f"host# mount -t tmpfs m {name}" for name in names)]
    scene = fold(data(*lines, "c1# unshare --mount"))
    groups = _groups(scene)
    bars = "\n".join(_title(group) for name, group in groups.items() if "bar-" in name)
    folded = re.findall(r"(\S+) and below: (\d+) mount", bars)

    boxes = [name for name in groups if name.startswith("box-")]
    assert len(boxes) + sum(int(count) for _, count in folded) == len(scene.boxes)
    assert folded == re.findall(r"(\S+) and below: (\d+) mount", text(scene))


# -- deltas add up ---------------------------------------------------------------------------------

Row = tuple[Any, ...]
Views = dict[str, set[Row]]


def _row(row: MountInfo) -> Row:
    place = (row.mount_id, row.parent_id, row.dev, row.root, row.mountpoint)
    propagation = (row.shared or 0, row.master or 0, row.propagate_from or 0, bool(row.unbindable))
    return (*place, row.options, row.fstype, row.source, *propagation)


def views_of_scene(scene: Scene) -> Views:
    """What each terminal sees; a namespace without one goes by its title."""
    views: Views = {}
    for column in scene.columns:
        if column.is_live:
            rows = {
                (box.mount_id, box.parent_id, box.dev, box.root, box.path, box.options, box.fstype,
                 box.source, box.shared, box.master, box.propagate_from, box.unbindable)
                for box in scene.boxes if box.column == column.number
            }  # fmt: skip
            views |= dict.fromkeys(column.shells or (column.title,), rows)
    return views


def views_of_backend(tables: list[NamespaceTable]) -> Views:
    views: Views = {}
    for table in tables:
        names = table.shells or (f"namespace {table.id}",)
        views |= {name: {_row(row) for row in table.views.get(name, table.mounts)} for name in names}
    return views


def views_of_moment(tables: Tables) -> Views:
    return {
        name: {_row(row) for row in table.rows}
        for (number, _), table in tables.items()
        for name in table.shells or (f"namespace {number}",)
    }


def assert_adds_up_to_the_tables(lines: list[str], init: str) -> None:
    """The last position of each command has the rows that the backend shows after it."""
    backend = SimulatorBackend(init)
    after = [
        views_of_backend(list(result.tables))
        for result in play(parse("".join(f"{line}\n" for line in lines), "test"), backend)
        if result.outcome is not None
    ]
    shown = frames(backend)
    assert len(after) == len(shown["commands"])
    for number, views in enumerate(after):
        assert views_of_scene(fold(shown, number)) == views, lines[number]


@pytest.mark.parametrize("lines", TRANSCRIPTS.values(), ids=list(TRANSCRIPTS))
def test_the_deltas_add_up_to_the_mount_tables(lines: tuple[str, ...]) -> None:
    assert_adds_up_to_the_tables(list(lines), "bare")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_the_deltas_of_random_commands_add_up_to_the_mount_tables(seed: int) -> None:
    rng = Random(seed)
    assert_adds_up_to_the_tables(random_lines(rng, 20), rng.choice(["bare", "systemd"]))


class Watched(Writer):
    """Remembers the tables of every moment that it writes about."""

    seen: list[tuple[Tables, list[list[Tables]]]] = []  # noqa: RUF012 - emptied before each use

    def __init__(self, start: Tables, lines: Sequence[Line], *rest: Any) -> None:
        self.seen.append((start, [[moment.tables for moment in line.moments] for line in lines]))
        super().__init__(start, lines, *rest)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32))
def test_every_single_step_adds_up_to_the_tables_of_its_moment(seed: int) -> None:
    Watched.seen.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mountlab.view.frames.Writer", Watched)
        shown = frames(random_machine(seed, 20))
    ((start, lines),) = Watched.seen
    assert views_of_scene(fold(shown, -1)) == views_of_moment(start)
    for number, moments in enumerate(lines):
        assert len(moments) == len(shown["commands"][number]["steps"])
        for step, tables in enumerate(moments):
            assert views_of_scene(fold(shown, number, step)) == views_of_moment(tables), (number, step)


def test_a_place_is_never_empty_and_taken() -> None:
    shown = data(
        "c1# unshare --mount", "host# mount -t tmpfs disk /mnt", "c1# mount --make-shared /",
        "c1# mount -t tmpfs own /mnt", "host# mount -t tmpfs disk /srv", "c1# exit",
    )  # fmt: skip
    assert any(fold(shown, *position).empty for position in positions(shown))
    for position in positions(shown):
        scene = fold(shown, *position)
        assert not set(scene.empty) & {(box.column, box.row) for box in scene.boxes}
        assert all(scene.columns[column].is_live for column, _ in scene.empty)


def test_a_new_box_is_one_that_was_not_there_before_the_command() -> None:
    shown = data(*HEARD[:7])

    assert [box.path for box in fold(shown).boxes if box.is_new] == ["/media/usb", "/media/usb"]
    assert {box.is_new for box in fold(shown, 5).boxes} == {False}
    assert machine(*HEARD[:7]).tables()[2].mounts[-1].mountpoint == "/media"
