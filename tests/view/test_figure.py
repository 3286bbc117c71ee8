"""Pictures on paper: small, the same every time, readable by everybody, and nothing runs over words."""

from __future__ import annotations

import io
import itertools
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image

from mountlab.mountinfo import parse_table
from mountlab.shell.backend import NamespaceTable
from mountlab.view.animated import animated_svg
from mountlab.view.figure import figure, png, svg
from mountlab.view.figure_box import CARD, FILESYSTEMS, PAPER, PEER, SLAVE
from mountlab.view.figure_drawing import drawing
from mountlab.view.figure_shapes import Drawing, Point, Rect, Wire, Words, room, shortened
from mountlab.view.frames import frames, frames_of_tables
from mountlab.view.scene import Scene, fold, positions
from mountlab.view.text import text
from tests.view.worlds import data, machine, random_machine

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parents[2]

# What docs/pictures/propagation.svg plays, from the fourth line on.
PROPAGATION = (
    "host# mkdir -p /media/usb", "host# mount -t tmpfs media /media", "host# mount --make-shared /media",
    "c1# unshare --mount --propagation slave", "c2# unshare --mount", "host# mkdir /media/usb",
    "host# mount -t tmpfs stick /media/usb",
)  # fmt: skip


def propagation() -> Scene:
    return fold(data(*PROPAGATION))


def namespaces(count: int) -> Scene:
    lines = [f"c{number}# unshare --mount --propagation slave" for number in range(1, count)]
    return fold(data(*lines, "host# mount -t tmpfs disk /mnt", init="systemd"))


def random_scene(seed: int) -> Scene:
    shown = frames(random_machine(seed))
    return fold(shown, *Random(seed).choice(list(positions(shown))))


def words_of(picture: Drawing, part: str) -> list[str]:
    shapes = (shape for group in picture.groups for shape in group.shapes if isinstance(shape, Words))
    return [shape.text for shape in shapes if shape.part == part]


# -- files -----------------------------------------------------------------------------------------


def test_who_only_imports_it_does_not_wait_for_matplotlib() -> None:
    code = "import sys, mountlab.view.figure, mountlab.view.animated; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_picture_of_ten_mounts_is_a_small_png_without_date_or_program() -> None:
    made = png(propagation())
    chunks = re.findall(rb"(IHDR|PLTE|IDAT|IEND|tEXt|iTXt|zTXt|tIME|pHYs|tRNS)", made)

    assert len(propagation().boxes) == 8
    assert len(made) < 15_000
    assert set(chunks) == {b"IHDR", b"PLTE", b"IDAT", b"IEND"}


def test_the_same_scene_gives_the_same_bytes_whatever_the_reader_has_set_for_matplotlib() -> None:
    expected = png(propagation()), svg(propagation())
    with mpl.rc_context({"font.size": 30, "font.family": "serif", "text.color": "red", "figure.dpi": 10,
                         "lines.linewidth": 9, "axes.facecolor": "black", "savefig.facecolor": "black",
                         "figure.facecolor": "black", "text.usetex": True,
                         "path.sketch": (1, 100, 2), "text.antialiased": False}):  # fmt: skip
        assert (png(propagation()), svg(propagation())) == expected


def test_no_state_is_shared_with_a_readers_own_figures() -> None:
    code = (
        "import sys; from mountlab.view.display import machine_for; from mountlab.view.frames import frames\n"
        "from mountlab.view.scene import fold; from mountlab.view.figure import png\n"
        "png(fold(frames(machine_for('host# mount -t tmpfs disk /mnt'))))\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_its_paper_is_white_on_a_dark_page_too() -> None:
    image = Image.open(io.BytesIO(png(propagation())))
    corners = itertools.product((0, image.width - 1), (0, image.height - 1))

    assert {image.convert("RGBA").getpixel(corner) for corner in corners} == {(255, 255, 255, 255)}


def test_a_filesystem_has_its_very_colour_in_the_png() -> None:
    image = Image.open(io.BytesIO(png(propagation()))).convert("RGB")
    colours = {colour for _, colour in image.getcolors(1 << 20) or ()}
    stripes = {
        shape.fill
        for group in drawing(propagation()).groups
        if group.name.startswith("box-")
        for shape in group.shapes[1:2]
        if isinstance(shape, Rect)
    }

    assert len(stripes) == 3
    assert {tuple(bytes.fromhex(stripe[1:])) for stripe in stripes} <= colours


def test_a_higher_resolution_makes_more_pixels_of_the_same_picture() -> None:
    natural, fine = (Image.open(io.BytesIO(png(propagation(), dpi))) for dpi in (96, 192))
    made = figure(propagation())

    assert (fine.width, fine.height) == (natural.width * 2, natural.height * 2)
    assert made.get_size_inches() * 96 == pytest.approx(natural.size, abs=1)


def test_who_cannot_see_the_svg_hears_the_words_of_the_text_painter() -> None:
    root = ET.fromstring(svg(propagation()))  # noqa: S314 - our own file

    assert root.attrib["role"] == "img"
    assert text(propagation()).strip() in str(root.findtext(f"{SVG}desc"))
    assert root.findtext(f"{SVG}title") == "Mounts of test"
    assert root.attrib["aria-labelledby"] == "title desc"


@pytest.mark.parametrize("name", ["$x^2$", "日本語", "a<b>&'\"c", "ünï", "\\", "🙂", "_"])
def test_any_name_can_be_drawn(name: str) -> None:
    scene = fold(data("host# true"))
    box = scene.boxes[0]._replace(path=f"/{name}\n\udcff", source=name)
    scene = scene._replace(boxes=(box,), say=name, typed=f"host# {name}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = svg(scene).encode()
        assert png(scene)

    titles = [node.text for node in ET.fromstring(made).iter(f"{SVG}title")]  # noqa: S314 - our own file
    assert any(title and title.startswith(f"/{name} ") for title in titles)


# -- what fits, and what does not ------------------------------------------------------------------


def test_a_long_path_loses_its_middle_and_keeps_it_in_the_title() -> None:
    path = "/srv/" + "/".join(f"directory-{number}" for number in range(9))
    made = svg(fold(data(f"host# mkdir -p {path}", f"host# mount -t tmpfs disk {path}")))
    root = ET.fromstring(made)  # noqa: S314 - our own file
    drawn = [str(node.text) for node in root.iter(f"{SVG}text") if "path" in node.get("class", "")]

    assert any(word.startswith("/srv/dir") and "…" in word and word.endswith("directory-8") for word in drawn)
    assert any(path in str(node.text) for node in root.iter(f"{SVG}title"))


@given(st.text("abc/é日", max_size=60), st.integers(20, 300))
def test_a_shortened_text_has_its_ends_and_fits(word: str, width: int) -> None:
    short = shortened(word, width, 12)

    assert short == word or (room(short, 12, mono=True) <= width and "…" in short)
    begin, _, end = short.partition("…")
    assert word.startswith(begin)
    assert word.endswith(end)


def test_twelve_namespaces_have_wide_columns_and_strips() -> None:
    scene = namespaces(12)
    picture = drawing(scene)
    panels = [group.shapes[0] for group in picture.groups if group.name.startswith("column-")]
    widths = [panel.width for panel in panels if isinstance(panel, Rect)]

    assert len(widths) == 12
    assert sorted(width < 40 for width in widths).count(True) == 7
    assert picture.width < 1400


def test_it_says_how_many_namespaces_it_leaves_out() -> None:
    picture = drawing(namespaces(40))
    notes = words_of(picture, "note")

    assert notes == ["21 more namespaces are left out of the picture."]
    assert picture.width < 1700


def test_a_thousand_mounts_are_a_readable_picture() -> None:
    names = [f"/data/{group}/{number}" for group in "abcdefghij" for number in range(50)]
    tables = [
        NamespaceTable(namespace, (f"c{namespace}",), (), parse_table("".join(
            f"{number} 1 0:{number} / {name} rw,relatime - tmpfs m rw\n"
            for number, name in enumerate(["/", *names], namespace * 1000)
        )), {})
        for namespace in (1, 2)
    ]  # fmt: skip
    scene = fold(frames_of_tables(tables, ()))
    picture = drawing(scene)

    assert len(scene.boxes) == 1002
    assert "▸ /data/a and below: 50 mounts" in words_of(picture, "bar")
    assert picture.height < 1000


# -- nothing runs over words -----------------------------------------------------------------------


class Area(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: Area) -> bool:
        return (
            self.left - 1 <= other.left and other.right <= self.right + 1
            and self.top - 1 <= other.top and other.bottom <= self.bottom + 1
        )  # fmt: skip

    def meets(self, other: Area) -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        return across > 1 and min(self.bottom, other.bottom) - max(self.top, other.top) > 1


def area(shape: Rect) -> Area:
    return Area(shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)


def texts_of(scene: Scene) -> list[tuple[str, str, Area]]:
    """The group and the words of every text, and the pixels that matplotlib gives it."""
    made = figure(scene)
    canvas: Any = FigureCanvasAgg(made)
    renderer = canvas.get_renderer()
    height = made.get_size_inches()[1] * 96
    found = []
    for artist in made.findobj(Text):
        assert isinstance(artist, Text)
        box = artist.get_window_extent(renderer)
        where = Area(box.x0, height - box.y1, box.x1, height - box.y0)
        found.append((str(artist.get_gid()).rpartition("-")[0], artist.get_text(), where))
    return found


def segments(points: tuple[Point, ...]) -> list[Area]:
    return [
        Area(min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1)
        for a, b in itertools.pairwise(points)
    ]


def links_of(scene: Scene) -> list[tuple[str, tuple[Point, ...]]]:
    return [
        (group.name, shape.points)
        for group in drawing(scene).groups
        if group.name.startswith(("peer-", "slave-"))
        for shape in group.shapes
        if isinstance(shape, Wire)
    ]


SCENES = st.builds(random_scene, st.integers(0, 2**32)).filter(lambda scene: len(scene.boxes) < 100)


@settings(max_examples=15, deadline=None)
@given(SCENES)
def test_words_stay_in_their_boxes_and_off_each_other(scene: Scene) -> None:
    groups = drawing(scene).groups
    boxes = {group.name: group.shapes[0] for group in groups if group.name.startswith(("box", "empty"))}
    texts = texts_of(scene)
    for name, words, where in texts:
        frame = boxes.get(name)
        assert not isinstance(frame, Rect) or area(frame).holds(where), words
    for (_, one, here), (_, other, there) in itertools.combinations(texts, 2):
        assert not here.meets(there), (one, other)


@settings(max_examples=15, deadline=None)
@given(SCENES)
def test_no_link_runs_over_words(scene: Scene) -> None:
    texts = texts_of(scene)
    for name, points in links_of(scene):
        for piece, (_, words, where) in itertools.product(segments(points), texts):
            assert not piece.meets(where), (name, words)


@settings(max_examples=15, deadline=None)
@given(SCENES)
def test_no_box_hides_another_but_in_a_stack(scene: Scene) -> None:
    groups = drawing(scene).groups
    frames_of = {group.name: group.shapes[0] for group in groups if group.name.startswith("box-")}
    placed = [(box, area(frames_of[f"box-{box.number}"])) for box in scene.boxes]  # type: ignore[arg-type]
    for (one, here), (other, there) in itertools.combinations(placed, 2):
        is_stack = (one.column, one.row) == (other.column, other.row)
        overlap = min(here.bottom, there.bottom) - max(here.top, there.top)
        assert overlap < 5 if is_stack else not here.meets(there)


@settings(max_examples=15, deadline=None)
@given(SCENES)
def test_links_of_two_groups_never_run_on_one_track(scene: Scene) -> None:
    groups = {str(box.number): box.shared for box in scene.boxes}
    upright = []
    for name, points in links_of(scene):
        kind, start, _ = name.split("-")
        owner = (kind, start if kind == "slave" else groups[start])
        upright += [(owner, piece) for piece in segments(points) if piece.right - piece.left < 3]
    for (one, here), (other, there) in itertools.combinations(upright, 2):
        assert one == other or not here.meets(there)


# -- who sees it -----------------------------------------------------------------------------------


def light(colour: str) -> float:
    """Relative luminance, as WCAG 2.1 defines it."""
    parts = [part / 255 for part in bytes.fromhex(colour[1:])]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = parts
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@settings(max_examples=15, deadline=None)
@given(SCENES)
def test_all_words_have_the_contrast_of_wcag_aa(scene: Scene) -> None:
    papers = [(Area(-9999, -9999, 9999, 9999), "#ffffff")]
    for group in drawing(scene).groups:
        for shape in group.shapes:
            if isinstance(shape, Rect):
                papers.append((area(shape), shape.fill))
            elif isinstance(shape, Words):
                dot = Area(shape.x, shape.y - 4, shape.x, shape.y - 4)
                paper = next(fill for where, fill in reversed(papers) if where.holds(dot))
                assert contrast(shape.colour, paper) >= 4.5, (shape.text, shape.colour, paper)


def test_every_filesystem_colour_can_be_read() -> None:
    papers = (PAPER, CARD)
    assert min(contrast(colour, paper) for colour in FILESYSTEMS for paper in papers) >= 4.5
    assert min(contrast(colour, paper) for colour in (PEER, SLAVE) for paper in papers) >= 4.5


def test_colour_is_never_the_only_sign() -> None:
    lines = ("host# mkdir /a", "host# mount -t tmpfs one /a", "host# mount -t tmpfs two /a")
    scene = fold(data(*lines, "host# mount -t tmpfs three /mnt"))
    groups = {group.name: group.shapes for group in drawing(scene).groups}
    boxes = {box.source: groups[f"box-{box.number}"] for box in scene.boxes}
    said = {
        name: {shape.text for shape in drawn if isinstance(shape, Words)} for name, drawn in boxes.items()
    }
    edges = {name: drawn[0] for name, drawn in boxes.items()}

    assert "covered" in said["one"]
    assert "new" in said["three"]
    assert len({next(word for word in words if name in word)[0] for name, words in said.items()}) == 4
    assert isinstance(edges["three"], Rect)
    assert edges["three"].line > 2
    assert isinstance(edges["one"], Rect)
    assert edges["one"].dash


# -- the file that plays ---------------------------------------------------------------------------


def played() -> str:
    return animated_svg(frames(machine(*PROPAGATION), 3))


def test_a_trace_plays_in_one_small_file_without_scripts_and_without_others() -> None:
    made = played()

    assert len(made.encode()) < 60_000
    assert "<script" not in made
    assert not re.search(r"(href|src|url\()", made)
    ET.fromstring(made)  # noqa: S314 - our own file


def test_every_step_that_is_played_is_told_in_the_description() -> None:
    shown = frames(machine(*PROPAGATION), 3)
    told = str(ET.fromstring(animated_svg(shown)).findtext(f"{SVG}desc"))  # noqa: S314 - our own file
    steps = [step["say"] for command in shown["commands"] for step in command["steps"] if step["d"]]

    assert len(steps) > 6
    assert all(step in told for step in steps)
    assert "mkdir" not in told


def test_who_prefers_no_motion_sees_the_last_picture() -> None:
    made = played()
    root = ET.fromstring(made)  # noqa: S314 - our own file
    classes = [group.get("class", "l").split() for group in root.iter(f"{SVG}g")]
    still = [group for group, names in zip(root.iter(f"{SVG}g"), classes, strict=True) if "l" in names]
    titles = {title.text for group in still for title in group.iter(f"{SVG}title")}
    last = {group.title for group in drawing(propagation()).groups if group.title}

    assert titles == last
    before, _, motion = made.partition("@media (prefers-reduced-motion:no-preference){")
    assert "animation:" not in before
    assert "animation:" in motion


def test_the_key_frames_are_in_order_and_within_the_time() -> None:
    blocks = re.findall(r"@keyframes v\d+\{((?:[\d.]+%\{[^}]*\})+)\}", played())

    assert blocks
    for block in blocks:
        at = [float(number) for number in re.findall(r"([\d.]+)%", block)]
        assert at == sorted(at)
        assert 0 <= at[0] <= at[-1] <= 100


def test_a_copy_travels_from_where_it_was_made() -> None:
    made = played()
    (way,) = set(re.findall(r"transform:translate\((-?[\d.]+)px,(-?[\d.]+)px\)", made))

    # From the first column to the second: the same height, and one column to the left.
    assert float(way[1]) == 0
    assert -300 < float(way[0]) < -100


def test_the_picture_of_the_readme_is_what_the_trace_plays() -> None:
    file = ROOT / "docs" / "pictures" / "propagation.svg"
    if "MOUNTLAB_WRITE_PICTURES" in os.environ:
        file.write_text(played(), encoding="utf-8")

    assert file.read_text(encoding="utf-8") == played(), "run this test with MOUNTLAB_WRITE_PICTURES=1"
