"""The picture of a level's goal, where the goal speaks of containers in which nobody types."""

from __future__ import annotations

import pytest

from mountlab.course import level


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("the-card-put-in-later", 2),  # host, viewer
        ("two-agents-one-folder", 2),  # A and B, not the host
        ("which-of-the-four", 5),  # all of them run in the end: to show one alone would tell which it is
    ],
)
def test_it_shows_the_containers_of_which_the_goal_speaks_and_no_others(name: str, columns: int) -> None:
    frames = level(name).data()["level"]["frames"]

    assert len(frames["columns"]) == columns
    assert {row["path"] for row in frames["rows"]} > {"/"}
