"""Writes slides, one page for each notebook: ``python -m mountlab.site.slides OUT``.

nbconvert's slides load reveal.js, jQuery, RequireJS and MathJax from the network, and show our pictures as
still images.  These pages are made of the site's pieces: they need no network, and their pictures step.

A slide is a section's text, or a cell with what it shows; a line or two stand above the cell that follows.
A cell with the tag ``no-slide`` is left out: what each does alone, what prints, what is for later.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from mountlab.lab import LabError, find_lessons
from mountlab.site.build import HERE, Built, filled, module_text, painters
from mountlab.site.cells import cells_as_html
from mountlab.site.lesson import Json, Lesson, SiteError, read_all, text_of
from mountlab.site.prose import Prose

SECTION = re.compile(r"^(?=#{1,3} )", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~)", re.MULTILINE)
SHORT = 220
"""So many letters of text need no slide of their own."""
LEFT_OUT = "no-slide"


def build(notebooks: Path, out: Path) -> Built:
    """Write the slides of these notebooks into a folder.  Raises SiteError."""
    lessons = [lesson for lesson in read_all(notebooks) if lesson.number]
    if not lessons:
        message = f"there is no numbered notebook (00-….ipynb) in {notebooks}"
        raise SiteError(message)
    script = painters() + module_text(HERE / "slides.js")
    style = (HERE / "slides.css").read_text(encoding="utf-8")
    pages = {"index.html": filled("decks.html.j2", "", more_style=style, lessons=lessons)}
    names = {each.name for each in lessons}
    for lesson in lessons:
        prose = Prose(notebooks, names)
        slides = [cells_as_html(lesson._replace(cells=cells), prose) for cells in slides_of(lesson)]
        pages[f"{lesson.name}.html"] = filled(
            "slides.html.j2", script, more_style=style, title=lesson.title, slides=slides
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (out / name).write_text(text, encoding="utf-8")
    return Built(len(lessons), sum(len(text.encode()) for text in pages.values()), [])


def slides_of(lesson: Lesson) -> Iterator[tuple[Json, ...]]:
    """The cells of each slide; what is short, or prints nothing, goes along with the next cell."""
    waiting: list[Json] = []
    for cell in lesson.cells:
        if LEFT_OUT in cell["metadata"].get("tags", []):
            continue
        source = text_of(cell["source"])
        if cell["cell_type"] == "markdown":
            if waiting:
                yield tuple(waiting)
            *parts, last = ({**cell, "source": section} for section in _sections(source))
            yield from ((part,) for part in parts)
            waiting = [last]
            if len(last["source"]) > SHORT:
                yield tuple(waiting)
                waiting = []
        elif cell["outputs"]:
            yield (*waiting, cell)
            waiting = []
        elif source.startswith("%%"):  # a transcript may be shown without its output, set-up need not be
            waiting.append(cell)
    if waiting:
        yield tuple(waiting)


def _sections(markdown: str) -> list[str]:
    """The parts that begin with a heading; a comment inside a block of code is none."""
    if FENCE.search(markdown):
        return [markdown]
    return [part for part in SECTION.split(markdown) if part.strip()] or [markdown]


def main(arguments: list[str] | None = None) -> int:
    """Build the slides; 1 and a sentence when that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m mountlab.site.slides", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the pages")
    parser.add_argument("--notebooks", type=Path, help="folder of the notebooks (default: the lessons)")
    options = parser.parse_args(arguments)
    try:
        built = build(options.notebooks or find_lessons(), options.out)
    except (SiteError, LabError, OSError) as problem:
        print(f"mountlab.site.slides: {problem}", file=sys.stderr)
        return 1
    print(f"{options.out / 'index.html'}: slides of {built.pages} notebooks, {built.size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
