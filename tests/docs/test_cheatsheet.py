"""The printed sheet: fresh, on two pages, with nothing over the edge or over another word."""

from __future__ import annotations

import re
import zlib
from xml.etree import ElementTree as ET

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from mountlab.library.cheatsheet import FOLDER, PDF, files, first_page, second_page
from mountlab.library.sheet import HEIGHT, WIDTH
from mountlab.library.sheet_words import COMMANDS, LINE, QUESTIONS, TYPES
from mountlab.mountinfo import parse
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse as transcript
from mountlab.view.figure import painted
from mountlab.view.figure_shapes import Drawing

EDGE = 30.0
"""8 mm: most printers reach that far."""
PAGES = [first_page(), second_page()]
every_page = pytest.mark.parametrize("page", PAGES, ids=["1", "2"])


def streams(pdf: bytes) -> list[bytes]:
    """What stands in the file; how it is packed is the business of the machine's zlib."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return [zlib.decompressobj().decompress(each) if each[:1] == b"x" else each for each in found]


def test_the_saved_sheet_is_not_stale() -> None:
    for name, content in files().items():
        saved = (FOLDER / name).read_bytes()
        same = streams(saved) == streams(content) if name == PDF else saved == content
        assert same, f"{name}: run python -m mountlab.library.cheatsheet"


def test_the_pdf_has_two_pages_of_a4_and_no_date() -> None:
    pdf = (FOLDER / PDF).read_bytes()

    sizes = [tuple(map(float, size.split())) for size in re.findall(rb"/MediaBox \[ 0 0 ([\d. ]+?) \]", pdf)]
    millimetres = [tuple(round(length / 72 * 25.4) for length in size) for size in sizes]
    assert millimetres == [(210, 297)] * 2
    assert b"CreationDate" not in pdf


@every_page
def test_every_word_is_on_the_paper_and_covers_no_other(page: Drawing) -> None:
    figure = painted(page, 96)
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in figure.findobj(Text)]
    boxes = [(text, box) for text, box in boxes if text.strip()]

    assert len(boxes) > 100
    for text, box in boxes:
        assert box.x0 >= EDGE, text
        assert box.x1 <= WIDTH - EDGE, text
        assert box.y0 >= EDGE, text
        assert box.y1 <= HEIGHT - EDGE, text
    for number, (text, box) in enumerate(boxes):
        for other, there in boxes[number + 1 :]:
            width = min(box.x1, there.x1) - max(box.x0, there.x0)
            height = min(box.y1, there.y1) - max(box.y0, there.y0)
            assert width <= 0.5 or height <= 3, f"{text!r} over {other!r}"


@every_page
def test_in_black_and_white_every_word_can_be_read(page: Drawing) -> None:
    """The letters of the sheet are dark, and the links differ by their dashes."""
    grey = {words.colour for group in page.groups for words in group.shapes if hasattr(words, "mono")}

    assert all(sum(int(colour[n : n + 2], 16) for n in (1, 3, 5)) < 3 * 128 for colour in grey - {"#ffffff"})


def test_the_svg_is_well_formed_and_says_everything_as_text() -> None:
    text = "".join(ET.parse(FOLDER / "cheatsheet-2.svg").getroot().itertext())  # noqa: S314 - our own

    for question, _ in QUESTIONS:
        assert question.split()[0] in text
    for command, _ in COMMANDS:
        assert command in text


def test_the_line_of_mountinfo_is_one_and_the_tags_are_those_of_the_types() -> None:
    row = parse(LINE)

    assert (row.shared, row.master, row.root, row.mountpoint) == (7, 2, "/site", "/srv/www")
    made = ["mount --make-shared /m", "mount --bind /m /s", "mount --make-slave /s", "mount --bind /s /b"]
    made += ["mount --make-shared /b", "mount --bind /m /p", "mount --make-private /p"]
    world = SimulatorBackend("bare")
    for line in ["mkdir /m /s /b /p", "mount -t tmpfs disk /m", *made]:
        [step] = transcript(f"host# {line}", "types").steps
        world.open("host")
        assert step.command
        assert world.run("host", step.command).exit == 0
    [table] = world.tables()
    kinds = {row.mountpoint: row.propagation for row in table.mounts}
    assert {kinds["/m"], kinds["/s"], kinds["/b"].replace(",", " and "), kinds["/p"], "unbindable"} == {
        row[0] for row in TYPES[1:]
    }
