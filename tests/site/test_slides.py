"""The slides: one page for each numbered notebook, nothing from the network, no cell lost unawares."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mountlab.site.lesson import read_all
from mountlab.site.slides import main, slides_of

ROOT = Path(__file__).resolve().parents[2]
LESSONS = [lesson for lesson in read_all(ROOT / "notebooks") if lesson.number]
LOADS = re.compile(r'<(?:link|script|img|iframe|embed)[^>]+(?:src|href)="(?!data:)[^"]*"|@import|url\((?!#)')


def cell(kind: str, source: str, *outputs: str) -> dict[str, Any]:
    shown = [{"output_type": "stream", "name": "stdout", "text": text} for text in outputs]
    common = {"cell_type": kind, "id": "x", "metadata": {}, "source": source}
    return {**common, "execution_count": 1, "outputs": shown}


def built(folder: Path, *cells: dict[str, Any]) -> str:
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    saved = {"cells": [cell("markdown", "# First"), *cells]}
    (notebooks / "00-first.ipynb").write_text(json.dumps(saved))
    assert main([str(folder / "out"), "--notebooks", str(notebooks)]) == 0
    return (folder / "out" / "00-first.html").read_text()


def slides(page: str) -> list[str]:
    begin, end = '<section class="slide"', "</main>"
    return [part.partition(">\n")[2] for part in page.partition(end)[0].split(begin)[1:]]


def test_every_numbered_notebook_becomes_slides_that_load_nothing(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0

    assert {path.stem for path in tmp_path.iterdir()} == {"index", *(lesson.name for lesson in LESSONS)}
    for path in tmp_path.iterdir():
        assert not LOADS.search(path.read_text()), path.name
    for lesson in LESSONS:
        assert f'<a href="{lesson.name}.html">' in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.name for lesson in LESSONS])
def test_no_text_and_no_output_is_lost_but_what_the_author_leaves_out(lesson: Any) -> None:
    shown = [each for slide in slides_of(lesson) for each in slide]
    meant = [each for each in lesson.cells if "no-slide" not in each["metadata"].get("tags", [])]

    def texts(cells: Any, kind: str) -> str:
        return "".join("".join(each["source"]) for each in cells if each["cell_type"] == kind)

    def outputs(cells: Any) -> list[Any]:
        return [output for each in cells for output in each.get("outputs", [])]

    assert texts(shown, "markdown") == texts(meant, "markdown")
    assert outputs(shown) == outputs(meant)


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.name for lesson in LESSONS])
def test_a_notebook_can_be_shown_in_its_minutes(lesson: Any) -> None:
    assert lesson.minutes
    assert len(list(slides_of(lesson))) <= lesson.minutes, "a slide takes a minute: tag cells with no-slide"


def test_a_cell_with_the_tag_is_no_slide(tmp_path: Path) -> None:
    left_out = {**cell("code", "level('x')", "played"), "metadata": {"tags": ["no-slide"]}}

    page = built(tmp_path, cell("markdown", "## One"), left_out, cell("markdown", "## Two"))

    assert "played" not in page
    assert len(slides(page)) == 3


def test_a_slide_is_a_section_or_a_cell_with_what_it_shows(tmp_path: Path) -> None:
    page = built(
        tmp_path,
        cell("code", "%load_ext mountlab.course"),
        cell("markdown", f"## One\n\nText.\n\n### Two\n\n{'More. ' * 40}"),
        cell("code", "%%lab\nhost# echo a", "said"),
        cell("code", "%%lab\nhost# true"),
        cell("code", "%%lab\nhost# echo b", "also"),
        cell("markdown", "Run it."),
        cell("code", "%%lab\nhost# echo c", "third"),
        cell("markdown", "Last.\n\n```\n# no heading\n```"),
    )

    found = slides(page)

    assert [re.sub(r"<.*?>|\s+", " ", slide).split()[:1] for slide in found] == [
        ["First"], ["One"], ["Two"], ["%%lab"], ["%%lab"], ["Run"], ["Last."]
    ]  # fmt: skip
    assert "load_ext" not in page
    assert "said" in found[3]
    assert "true" in found[4]
    assert "also" in found[4]
    assert "third" in found[5]
    assert "no heading" in found[6]
    assert 'aria-label="Slide 3 of 7"' in page


def test_without_scripts_all_slides_are_there(tmp_path: Path) -> None:
    page = built(tmp_path, cell("markdown", "## One"), cell("markdown", "## Two"))

    assert "<section" in page
    assert not re.search(r"<section[^>]* hidden", page)


def test_a_folder_without_notebooks_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "play.ipynb").write_text(json.dumps({"cells": [cell("markdown", "# Play")]}))

    assert main([str(tmp_path / "out"), "--notebooks", str(tmp_path)]) == 1
    assert "no numbered notebook" in capsys.readouterr().err
