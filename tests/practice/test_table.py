from __future__ import annotations

import re

from mountlab.practice.misconceptions import misconceptions
from mountlab.practice.predictions import NOTEBOOKS
from mountlab.practice.table import PAGE, drills_about, levels_about, meetings, page


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m mountlab.practice.table"


def test_every_misconception_is_met_in_a_prediction_and_again_or_else_in_a_level() -> None:
    """In a prediction, and then in another or in drills; what no prediction asks about, a level corrects."""
    for slug in misconceptions():
        words = [word for notebook in meetings(slug).values() for word in notebook]
        if not words:
            assert any(levels_about(slug, notebook) for notebook in NOTEBOOKS), slug
            continue
        assert words[0] == "met", slug
        assert words.count("met") == 1
        assert len(words) > 1 or drills_about(slug), slug


def test_most_misconceptions_are_asked_about_before_anything_is_run() -> None:
    assert sum(bool(meetings(slug)) for slug in misconceptions()) >= 50


def test_the_page_names_levels_by_the_notebook_that_they_belong_to() -> None:
    row = next(line for line in page().splitlines() if "](#rm-stops-at-mounts)" in line)

    assert [cell.strip() for cell in row.split("|")[2:-1]] == ["", "levels: 1", "", "", "", "", "", "0"]


def test_notebooks_from_the_second_on_take_something_known_into_a_new_situation() -> None:
    transferred = {
        notebook
        for slug in misconceptions()
        for notebook, words in meetings(slug).items()
        if "transferred" in words
    }

    assert transferred >= {"02", "03", "04"}


def test_every_link_of_the_page_leads_to_a_misconception() -> None:
    text = page()

    assert sorted(re.findall(r"\]\(#([a-z-]+)\)", text)) == sorted(misconceptions())
    assert sorted(re.findall(r'<a id="([a-z-]+)">', text)) == sorted(misconceptions())
    assert all(notebook in text for notebook in NOTEBOOKS)
