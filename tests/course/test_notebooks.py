"""The notebooks as they are saved: in one form, fresh, and the same from both worlds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mountlab.course import build
from mountlab.course.build import VOLATILE, saved_form
from tests.course.notebook import Notebook

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def saved(cell: dict[str, Any]) -> list[dict[str, Any]]:
    data = [output["data"] for output in cell["outputs"] if output["output_type"] == "display_data"]
    return [
        {mime: "".join(content) if isinstance(content, list) else content for mime, content in bundle.items()}
        for bundle in data
    ]


def without_pictures(bundles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The bytes of a PNG follow the version of matplotlib; what it shows stands beside it."""
    return [bundle | ({build.PICTURE: True} if build.PICTURE in bundle else {}) for bundle in bundles]


@every_notebook
def test_saved_outputs_are_what_the_cells_print(path: Path, either: Notebook) -> None:
    for cell in code_cells(path):
        ran = either.run("".join(cell["source"]))
        tags = cell["metadata"].get("tags", [])
        if VOLATILE in tags:
            continue
        errors = [output["evalue"] for output in cell["outputs"] if output["output_type"] == "error"]

        now, then = without_pictures(ran.shown), without_pictures(saved(cell))

        assert now == then, f"{cell['id']}: run python -m mountlab.course.build"
        assert ([] if ran.error is None else [ran.error]) == errors
        assert ran.error is None or "raises-exception" in tags


@every_notebook
def test_the_file_has_the_one_form(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]

    assert saved_form(notebook) == path.read_text(), "run python -m mountlab.course.build"
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


@every_notebook
def test_what_belongs_to_one_machine_is_not_saved(path: Path) -> None:
    volatile = [cell for cell in code_cells(path) if VOLATILE in cell["metadata"].get("tags", [])]

    assert not any(cell["outputs"] for cell in volatile)


@every_notebook
def test_a_lesson_begins_with_what_it_is_for_and_ends_with_its_sources(path: Path) -> None:
    texts = ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]

    assert texts[0].startswith("# ")
    assert "minutes" in texts[0]
    assert "\n- " in texts[0]
    assert "## Summary" in texts[-1]
    assert "## Sources" in texts[-1]


def test_build_says_what_is_stale_and_mends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = [("load", "%load_ext mountlab.course"), ("one", "%%lab\nhost# echo hello > /x\nhost# cat /x")]
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": 41,
                "id": id,
                "metadata": {"trusted": True},
                "outputs": [],
                "source": source,
            }
            for id, source in cells
        ],
        "metadata": {"widgets": {}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook))

    assert build.main([str(path)]) == 0
    assert "host# cat /x\\n" in path.read_text()
    assert "hello" in saved(code_cells(path)[1])[0]["text/plain"]
    assert "trusted" not in path.read_text()
    path.write_text(path.read_text().replace('"hello"', '"bye"'))
    assert build.main(["--check", str(path)]) == 1
    assert "saved outputs are not" in capsys.readouterr().out
