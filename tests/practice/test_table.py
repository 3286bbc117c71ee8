from __future__ import annotations

import re

from mountlab.practice.misconceptions import misconceptions
from mountlab.practice.predictions import NOTEBOOKS
from mountlab.practice.table import PAGE, drills_about, meetings, page


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m mountlab.practice.table"


def test_every_misconception_is_met_and_met_again() -> None:
    """In a prediction, and then in another or in drills."""
    for slug in misconceptions():
        where = meetings(slug)
        words = [word for notebook in where.values() for word in notebook]
        assert words[0] == "met", slug
        assert words.count("met") == 1
        assert len(words) > 1 or drills_about(slug), slug


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
