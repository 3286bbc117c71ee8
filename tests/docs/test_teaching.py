"""The pages for teachers: plans that add up, signs for every misconception, commands that do what is said."""

from __future__ import annotations

import csv
import itertools
import re
import shutil
from pathlib import Path

import pytest

from mountlab.cli import main
from mountlab.practice.levels import level
from mountlab.practice.misconceptions import misconceptions
from mountlab.practice.predictions import prediction, predictions
from mountlab.practice.progress import Answered, Progress
from mountlab.practice.reveal import answer
from mountlab.practice.table import behind
from tests.docs.documents import LESSON, NOTEBOOKS, ROOT, commands, dead_links, headings, missing_lessons

FOLDER = ROOT / "docs" / "teaching"
README, ROOM = FOLDER / "README.md", FOLDER / "in-the-room.md"
PAGES = [README, ROOM, FOLDER / "grading.md"]
every_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
TIME = re.compile(r"^\| (\d+):(\d\d) \| (\d+) \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
SIGN = re.compile(
    r"^- \*\*\[(.+)\]\(\.\./misconceptions\.md#([a-z-]+)\)\*\*\n"
    r"  - You see: (.+)\n  - Ask: (.+\?.*|.+\.)\n  - Show: `(predict|level)\(\"(.+)\"\)`$",
    re.MULTILINE,
)


def plan(title: str) -> list[tuple[int, int, str, str]]:
    """Start and length in minutes, what, and where."""
    section = README.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [
        (60 * int(hour) + int(minute), int(length), what, where)
        for hour, minute, length, what, where in TIME.findall(section)
    ]


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    assert dead_links(page) == []
    assert missing_lessons(page) == []


@pytest.mark.parametrize(("title", "whole"), [("90 minutes", 90), ("One day", 8 * 60)])
def test_a_plan_has_no_gap_and_adds_up(title: str, whole: int) -> None:
    rows = plan(title)

    assert len(rows) >= 8
    for (start, length, *_), (following, *_) in itertools.pairwise(rows):
        assert start + length == following
    assert sum(length for _, length, *_ in rows) == whole


def test_the_day_gives_every_notebook_the_time_that_it_asks_for() -> None:
    rows = plan("One day")
    for notebook in sorted(NOTEBOOKS.glob("0[0-4]-*.ipynb")):
        number = notebook.stem[:2]
        promised = int(re.findall(r"About (\d+) minutes", notebook.read_text())[0])
        given = [length for _, length, what, _ in rows if what == f"Notebook {number}"]
        assert given, number
        assert given[0] >= promised, f"{number} says {promised} minutes"


def test_every_misconception_has_a_sign_a_question_and_something_to_show() -> None:
    found = SIGN.findall(ROOM.read_text())

    assert [slug for _, slug, *_ in found] == list(misconceptions())
    for title, slug, _, _, kind, name in found:
        assert title == misconceptions()[slug].title
        about = behind(prediction(name)) if kind == "predict" else set(level(name).teaches)
        assert slug in about, f"{kind}({name}) is not about {slug}"
    assert ROOM.read_text().count("\n- **") == len(found)


def test_the_predictions_and_levels_that_are_named_exist() -> None:
    for page in PAGES:
        for kind, name in re.findall(r'(predict|level)\("([^"]+)"\)', page.read_text()):
            assert name in predictions() if kind == "predict" else level(name)


def test_every_discussion_question_says_what_to_listen_for() -> None:
    section = README.read_text().partition("## Discussion questions\n")[2].partition("\n## ")[0]
    questions = re.findall(r"^\d+\. (.+)$", section, re.MULTILINE)

    assert len(questions) >= 8
    for question in questions:
        assert re.search(r"[?.\"] \(.{20,}\)$", question), question


def test_the_make_targets_and_commands_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = commands(README)

    assert {words[1] for words in named if words[0] == "make"} <= targets
    assert {"setup", "lab", "slides"} <= {words[1] for words in named if words[0] == "make"}


def told(program: str) -> list[list[str]]:
    """The lines of the page that run a program."""
    return [words for words in commands(README) if " ".join(words).startswith(program) and len(words) > 3]


def test_progress_is_collected_by_the_commands_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    question = prediction("02/cdrom").question
    own = tmp_path / "own.json"
    Progress(own).record(Answered.of("02", question, answer(question, [1, 2])))
    export, collect = told("mountlab progress")

    assert main(["progress", "--file", str(own), *export[2:]]) == 0
    Path("handed-in").mkdir()
    shutil.move("ann.json", "handed-in")
    assert main(collect[1:]) == 0

    rows = list(csv.DictReader(Path("class.csv").read_text().splitlines()))
    assert {row["learner"] for row in rows} == {"ann"}
    assert any(row["state"] == "open" for row in rows)
    states = set(re.findall(r"\*(\w+)\*: ", README.read_text()))
    assert {row["state"] for row in rows} <= states
    assert Path("class.png").read_bytes().startswith(b"\x89PNG")


def test_the_lessons_of_the_plans_are_those_of_the_notebooks_that_are_taught() -> None:
    for title in ("90 minutes", "One day"):
        for *_, where in plan(title):
            for number, section, target in LESSON.findall(where):
                assert section in headings((FOLDER / target).resolve()), number
