"""The truth tables in a notebook: what is shown of them, and that a picture is the picture of its cell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mountlab.course.matrix import MatrixError, matrix
from mountlab.library.cells import TABLES
from mountlab.view.display import STEPPER
from tests.course.notebook import Notebook

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "truth-tables.md").read_text()
every_table = pytest.mark.parametrize("name", [table.name for table in TABLES])


def rows_of_the_page(title: str) -> list[list[str]]:
    section = PAGE.partition(f"## {title}\n")[2].partition("<details>")[0]
    lines = [line for line in section.splitlines() if line.startswith("| **")]
    plain = [re.sub(r"<sup>.*?</sup>|\]\(#[^)]*\)|\*\*|\[", "", line) for line in lines]
    return [[word.strip() for word in line.strip("|").split("|")] for line in plain]


@every_table
def test_the_table_is_the_one_of_the_documents_page(name: str) -> None:
    shown = matrix(name)
    expected = rows_of_the_page(shown.table.title)

    assert expected
    assert [[row, *(shown.words.get((row, c), "") for c in shown.columns)] for row in shown.rows] == expected
    for row in expected:
        assert any(
            line.replace("[", "").replace("]", "").split() == " ".join(row).split()
            for line in str(shown).splitlines()
        )


def test_one_cell_is_chosen_by_what_is_bound_and_on_what() -> None:
    # sharedsubtree.rst 5b: a slave bound on a shared mount is a slave and shared.
    shown = matrix("bind", source="slave", dest="shared")

    assert "[shared and slave]" in str(shown)
    assert str(shown).count("[") == 1
    assert "target B is shared, source A is slave. Result: shared and slave." in str(shown)
    assert "/b/t" in str(shown.picture)
    assert "master:" in next(line for line in str(shown.picture).splitlines() if "/t " in line)


def test_a_refused_command_plays_too_and_its_note_is_told() -> None:
    # sharedsubtree.rst 5d and mount_namespaces(7) disagree on the second; the note says so.
    refused = matrix("move", source="unbindable", dest="shared")
    noted = matrix("move", source="unbindable", dest="private")

    assert "[invalid (EINVAL)]" in str(refused)
    assert refused.picture.data["commands"][-1]["errno"] == "EINVAL"
    assert "Note: The documents disagree" in str(noted)
    assert "Note:" not in str(refused)


def test_a_cell_shows_the_table_and_then_a_picture_that_plays(notebook: Notebook) -> None:
    ran = notebook.run('from mountlab.course.matrix import matrix\nmatrix("bind", "private", "shared")')

    table, picture = ran.shown
    assert ran.error is None
    assert '<th scope="row"' in table["text/html"]
    assert picture[STEPPER]["commands"][-1]["text"] == "mount --bind /a /b/t"


def test_a_cell_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(MatrixError, match="no table 'bnd': did you mean bind"):
        matrix("bnd")
    with pytest.raises(MatrixError, match=r"no source 'slav': did you mean slave.*unbindable"):
        matrix("bind", source="slav")
    with pytest.raises(MatrixError, match="the table mount has nothing for source='the copy at a peer of B'"):
        matrix("mount", source="the copy at a peer of B", dest="private")
