"""The truth tables in a notebook: what is shown of them, and that each picture ends as its cell says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mountlab.course.matrix import Matrix, MatrixError, matrix
from mountlab.course.matrix_data import MIME, unpacked
from mountlab.library.cells import STATES, TABLES, Cell
from mountlab.library.tables import transcript_of
from mountlab.view.display import show
from mountlab.view.scene import fold
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


def seen_in(frames: dict[str, Any], cell: Cell) -> str:
    """The word of a cell, read off the end of its picture alone."""
    last = frames["commands"][-1]
    if last["exit"]:
        return str(last["errno"])
    scene = fold(frames)
    shell, path = cell.look
    column = next(number for number, each in enumerate(scene.columns) if shell in each.shells)
    here = [box for box in scene.boxes if box.column == column]
    boxes = [box for box in here if box.path == path]
    if cell.expected.startswith(("goes", "stays")):
        sources = {box.source for box in boxes}
        return "stays" if "T" in sources else "goes; what lay on it slides down" if sources else "goes"
    if not boxes:
        return "left out"
    [box] = boxes
    if cell.expected not in STATES:
        return "slave of " + next(each.path for each in here if box.master and each.shared == box.master)
    words = [("shared", box.shared), ("slave", box.master), ("unbindable", box.unbindable)]
    return " and ".join(word for word, holds in words if holds) or "private"


def data_of(shown: Matrix) -> dict[str, Any]:
    """What a page is given, after its way through a notebook's file."""
    data: dict[str, Any] = json.loads(json.dumps(shown.data()))
    return data


@every_table
def test_every_cell_has_a_picture_that_ends_as_the_documents_say(name: str) -> None:
    shown = matrix(name)
    data = data_of(shown)

    for cell in shown.table.cells:
        given = data["cells"][data["rows"].index(cell.row)][data["columns"].index(cell.column)]
        frames = unpacked(given["frames"], data["parts"])
        # The expected words were written by hand, from the documents.
        assert seen_in(frames, cell) in {cell.expected, cell.expected.partition("(")[2].rstrip(")")}, cell
        assert given["word"] == cell.expected
        assert frames == json.loads(json.dumps(show(transcript_of(shown.table, cell)).data))
        assert frames["commands"][-1]["text"] == cell.commands[-1].partition("# ")[2]
    assert sum(each is not None for row in data["cells"] for each in row) == len(shown.table.cells)
    # A notebook is a file that people fetch and compare.
    assert len(json.dumps(data, separators=(",", ":"))) < 60_000


def test_a_button_is_named_by_source_destination_and_result_and_a_note_is_told() -> None:
    data = data_of(matrix("move", source="unbindable", dest="private"))
    row, column = data["at"]
    cell = data["cells"][row][column]

    assert (data["rows"][row], data["columns"][column]) == ("private", "unbindable")
    assert cell["name"] == "target B is private, source A is unbindable: unbindable"
    assert any(line.startswith("Note: The documents disagree") for line in cell["said"])
    assert not any("matrix(" in line for line in cell["said"]), "who clicks need not type"


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


def test_whoever_cannot_play_it_sees_the_table_and_then_the_picture(notebook: Notebook) -> None:
    ran = notebook.run('from mountlab.course.matrix import matrix\nmatrix("bind", "private", "shared")')

    table, picture = ran.shown
    assert ran.error is None
    assert '<th scope="row"' in table["text/html"]
    assert "/b/t" in picture["text/plain"]
    assert "/b/t" in table["text/plain"]
    assert "image/png" in picture
    assert picture[MIME] == {"v": 1, "above": True}, "where the table plays, there is no second picture"


def test_a_cell_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(MatrixError, match="no table 'bnd': did you mean bind"):
        matrix("bnd")
    with pytest.raises(MatrixError, match=r"no source 'slav': did you mean slave.*unbindable"):
        matrix("bind", source="slav")
    with pytest.raises(MatrixError, match="the table mount has nothing for source='the copy at a peer of B'"):
        matrix("mount", source="the copy at a peer of B", dest="private")
