"""What the page on grading tells a teacher to type does what it says."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from mountlab.course import grading
from mountlab.course.graded_copy import DRILLS, POINTS
from tests.docs.documents import NOTEBOOKS, ROOT, commands

PAGE = ROOT / "docs" / "teaching" / "grading.md"
PROGRAM = ["python", "-m", "mountlab.course.grading"]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the page says to type, by its first word; typed where the notebooks are."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(NOTEBOOKS, "notebooks")
    return {words[3]: words[3:] for words in commands(PAGE) if words[:3] == PROGRAM}


def graded(copy: Path) -> list[dict[str, Any]]:
    """The metadata of the cells that are graded."""
    cells = json.loads(copy.read_text())["cells"]
    return [cell["metadata"] for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade")]


def test_notebooks_are_copied_and_graded_without_nbgrader(
    told: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert grading.main(told["teacher"]) == 0
    assert grading.main(told["learners"]) == 0
    Path("handed-in").mkdir()
    for name in told["points"][2:]:
        shutil.copy("learners.ipynb", name)
    capsys.readouterr()
    assert grading.main(told["points"]) == 0

    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert len(rows) == 2 * len(graded(Path("teacher.ipynb"))) >= 20
    assert {row["points"] for row in rows} == {"0"}


def test_notebooks_are_put_where_nbgrader_looks_for_them(told: dict[str, list[str]]) -> None:
    assert grading.main(told["nbgrader"]) == 0

    _, course, *notebooks = told["nbgrader"]
    for stem in (Path(each).stem for each in notebooks):
        assert graded(Path(course) / "source" / stem / f"{stem}.ipynb")
    line = re.findall(r"^    (c\.ClearOutput.*)$", PAGE.read_text(), re.MULTILINE)
    assert line[0] in (Path(course) / "nbgrader_config.py").read_text().splitlines()


def test_the_metadata_has_what_the_page_shows(told: dict[str, list[str]]) -> None:
    assert grading.main(told["teacher"]) == 0

    shown = PAGE.read_text().partition("## What is in the cells")[2]
    named = set(re.findall(r'"([a-z]+)": ', shown)) - {"mountlab"}
    known = re.search(r"schema 3 \(([^)]+)\)", shown)
    assert known is not None
    for metadata in graded(Path("teacher.ipynb")):
        assert set(metadata["mountlab"]) <= named
        assert set(re.findall(r"`(\w+)`", known[1])) <= set(metadata["nbgrader"])


def test_points_and_topics_are_those_of_the_page() -> None:
    page = PAGE.read_text()

    points = re.findall(r"\| (\d)(?: each)? \|$", page, re.MULTILINE)
    assert points == [str(POINTS)] * 5
    listed = page.partition("at the end of a copy: ")[2].partition(".\n")[0]
    found = {number: tuple(re.findall(r"[a-z]+", words.replace(" and ", " ")))
             for words, number in re.findall(r"([a-z, ]+?) in (\d\d)", listed)}  # fmt: skip
    assert found == DRILLS
