"""The solutions beside the notebooks: fresh, complete, and nothing that a learner gets by accident."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mountlab import lab
from mountlab.course import capstone, solutions
from mountlab.course.asking import calls_in
from mountlab.course.receivers import check, situations
from mountlab.course.solutions import FOLDER, NOTEBOOKS, main, page, stale
from mountlab.practice.levels import Attempt, level, names
from mountlab.practice.predictions import prediction, predictions

NUMBERED = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
every_notebook = pytest.mark.parametrize("notebook", NUMBERED, ids=[path.stem for path in NUMBERED])
ASKED = re.compile(r'\bpredict\("([^"]+)"\)')
LEVEL = re.compile(r'^### .*: `level\("([a-z0-9-]+)"\)`$', re.MULTILINE)
INCIDENT = "`capstone()`"
SOLUTION = re.compile(r"\*\*(?:Solution|Another way)\*\*\n\n```\n(.*?)```", re.DOTALL)


def written(folder: Path, *cells: tuple[str, str]) -> Path:
    """A notebook of these cells: kind and source."""
    saved = [{"cell_type": kind, "id": str(n), "source": source} for n, (kind, source) in enumerate(cells)]
    path = folder / "02-small.ipynb"
    path.write_text(json.dumps({"cells": saved}))
    return path


def test_the_saved_solutions_are_what_the_sources_say() -> None:
    assert stale() == [], "run: python -m mountlab.course.solutions"


@every_notebook
def test_every_prediction_that_a_notebook_asks_is_answered(notebook: Path) -> None:
    cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
    asked = [name for cell in cells for name in ASKED.findall("".join(cell["source"]))]
    text = (FOLDER / f"{notebook.stem}.md").read_text() if asked else ""

    for name in asked:
        section = text.partition(f'`predict("{name}")`')[2].partition("\n### ")[0]
        right = sorted(prediction(name).question.right)
        assert f"Right: **{', '.join(map(str, right)) or 'none'}**" in section, name
        assert all(f"misconceptions.md#{slug}" in section for slug in prediction(name).question.beliefs)


def test_every_prediction_and_every_level_stands_on_some_page() -> None:
    text = "\n".join(path.read_text() for path in FOLDER.glob("*.md"))
    there = {path.stem.partition("-")[0] for path in NUMBERED}
    wanted = [name for name, each in predictions().items() if each.notebook in there]

    assert sorted(set(re.findall(r'`predict\("([^"]+)"\)`', text))) == sorted(wanted)
    assert sorted(LEVEL.findall(text)) == sorted(name for number in there for name in names(number))


def test_every_solution_reaches_the_goal_when_typed_as_it_is_printed() -> None:
    text = "\n".join(path.read_text() for path in FOLDER.glob("*.md"))
    _, *parts = LEVEL.split(text)
    for name, part in zip(parts[::2], parts[1::2], strict=True):
        ways = SOLUTION.findall(part.partition("\n### ")[0])
        assert ways, name
        for way in ways:
            attempt = Attempt(level(name))
            assert attempt.run(way).reached, (name, way)


def test_the_last_incident_is_solved_as_it_is_printed() -> None:
    text = (FOLDER / "04-slaves-and-unbindable.md").read_text()
    ways = SOLUTION.findall(text.partition(INCIDENT)[2].partition("\n## ")[0])

    assert ways
    for way in ways:
        assert Attempt(level(capstone.FILE)).run(way).reached


def test_the_answers_that_a_notebook_folds_away_are_unfolded() -> None:
    for notebook in NUMBERED:
        cells = json.loads(notebook.read_text())["cells"]
        folded = sum("".join(cell["source"]).count("<details>") for cell in cells)
        text = (FOLDER / f"{notebook.stem}.md").read_text() if folded else ""
        section = text.partition("## Answers that the notebook folds away\n")[2]
        assert section.count("\n### ") == folded, notebook.name


def test_the_receivers_of_the_solution_are_those_of_the_engine() -> None:
    text = (FOLDER / "04b-inside-the-kernel.md").read_text()
    [program] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    space: dict[str, Any] = {}
    exec(program, space)  # noqa: S102 - a learner would run it

    assert check(space["receivers"]).agreed == sum(1 for _ in situations())


def test_a_solution_is_sorted_by_where_the_notebook_asks(tmp_path: Path) -> None:
    cells = [
        ("markdown", "# Small\n\nAbout 5 minutes."),
        ("code", "%load_ext mountlab.course\nfrom mountlab.course import predict, level, drill, pretest"),
        ("markdown", "## Who sees it?"),
        ("code", "%%lab\nhost# echo 'predict(\"02/slave-hears\")'"),
        ("code", 'predict("02/cdrom")'),
        ("code", 'level("slave-only"); drill("slaves")'),
        ("code", 'drill("slaves", 2, seed=3)\npretest()'),
    ]
    notebook = written(tmp_path, *cells)

    text = page(notebook)

    assert [(call.function, call.name) for call in calls_in(notebook)] == [
        ("predict", "02/cdrom"), ("level", "slave-only"), ("drill", "slaves-2-3"), ("pretest", "")
    ]  # fmt: skip
    asked, more = text.split("## More predictions")
    assert asked.index("02/cdrom") < asked.index("slaves-2-3") < asked.index("question 8")
    assert "In “Who sees it?”." in asked
    assert "02/slave-hears" in more
    assert "not played" in text.lower()
    assert "Not played" not in text.partition('level("slave-only")')[2].partition("###")[0]


def test_check_names_what_is_stale_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(solutions, "FOLDER", tmp_path)
    (tmp_path / "99-gone.md").write_text("of a notebook that has gone")

    assert main(["--check"]) == 1
    assert "99-gone.md: not what its sources say now" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["99-gone.md"]
    assert main([]) == 0
    assert not (tmp_path / "99-gone.md").exists()
    assert main(["--check"]) == 0


def test_learners_get_no_solutions_with_their_copies(tmp_path: Path) -> None:
    copies = lab.refresh(NOTEBOOKS, tmp_path)

    assert "00-start-here.ipynb" in copies
    assert not [name for name in copies if "solution" in name]
    assert not list(tmp_path.rglob("solutions"))


def test_nothing_that_walks_the_folder_for_notebooks_finds_a_solution() -> None:
    assert {path.suffix for path in FOLDER.iterdir()} == {".md"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_every_link_of_a_solution_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text()):
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve()
        assert found.is_file(), target
        assert not anchor or f'<a id="{anchor}">' in found.read_text(), target
