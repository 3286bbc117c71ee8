"""The learner's copies: without outputs, up to date, and never overwritten."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mountlab import lab

ROOT = Path(__file__).resolve().parents[2]
FIRST = lab.FIRST_LESSON


def notebook(text: str) -> str:
    """Return a lesson of one cell that was run."""
    output = {"name": "stdout", "output_type": "stream", "text": ["the answer\n"]}
    cell = {"cell_type": "code", "execution_count": 7, "id": "a", "metadata": {}, "source": [text]}
    cells = [cell | {"outputs": [output]}]
    return json.dumps({"cells": cells, "metadata": {"widgets": {}}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / FIRST).write_text(notebook("version 1"))
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def listed(work: Path) -> list[str]:
    """List what a learner sees in the work folder."""
    return sorted(path.name for path in work.iterdir() if not path.name.startswith("."))


def test_a_copy_has_the_lesson_and_no_outputs(lessons: Path, work: Path) -> None:
    lab.refresh(lessons, work)

    cell = json.loads((work / FIRST).read_text())["cells"][0]
    assert cell["source"] == ["version 1"]
    assert cell["outputs"] == []
    assert cell["execution_count"] is None
    assert "the answer" not in (work / FIRST).read_text()


def test_the_lesson_itself_keeps_its_outputs(lessons: Path, work: Path) -> None:
    before = (lessons / FIRST).read_bytes()

    lab.refresh(lessons, work)

    assert (lessons / FIRST).read_bytes() == before


def test_a_changed_copy_stays_as_it_is(lessons: Path, work: Path) -> None:
    lab.refresh(lessons, work)
    (work / FIRST).write_text("mine")

    done = lab.refresh(lessons, work)

    assert (work / FIRST).read_text() == "mine"
    assert listed(work) == [FIRST]
    assert done[FIRST] == (FIRST, None)


def test_a_changed_lesson_comes_beside_a_changed_copy_and_this_is_said(lessons: Path, work: Path) -> None:
    lab.refresh(lessons, work)
    (work / FIRST).write_text("mine")
    (lessons / FIRST).write_text(notebook("version 2"))

    done = lab.refresh(lessons, work)

    assert (work / FIRST).read_text() == "mine"
    assert listed(work) == ["00-start-here-2.ipynb", FIRST]
    assert "version 2" in (work / "00-start-here-2.ipynb").read_text()
    assert done[FIRST].copy == "00-start-here-2.ipynb"
    assert "Your copy stays as it is" in (done[FIRST].news or "")
    assert lab.refresh(lessons, work)[FIRST] == ("00-start-here-2.ipynb", None)


def test_each_further_version_gets_its_own_copy(lessons: Path, work: Path) -> None:
    for version in (1, 2, 3):
        (lessons / FIRST).write_text(notebook(f"version {version}"))
        copy = lab.refresh(lessons, work)[FIRST].copy
        (work / copy).write_text(f"mine, version {version}")

    assert listed(work) == ["00-start-here-2.ipynb", "00-start-here-3.ipynb", FIRST]
    assert (work / FIRST).read_text() == "mine, version 1"


def test_a_copy_that_was_not_touched_takes_the_new_version(lessons: Path, work: Path) -> None:
    lab.refresh(lessons, work)
    (lessons / FIRST).write_text(notebook("version 2"))

    done = lab.refresh(lessons, work)

    assert listed(work) == [FIRST]
    assert "version 2" in (work / FIRST).read_text()
    assert "newer version" in (done[FIRST].news or "")


def test_new_outputs_alone_do_not_make_a_new_version(lessons: Path, work: Path) -> None:
    lab.refresh(lessons, work)
    (work / FIRST).write_text("mine")
    (lessons / FIRST).write_text(notebook("version 1").replace("the answer", "another answer"))

    lab.refresh(lessons, work)

    assert listed(work) == [FIRST]


def test_a_deleted_copy_comes_back_fresh(lessons: Path, work: Path) -> None:
    lab.refresh(lessons, work)
    (work / FIRST).unlink()

    lab.refresh(lessons, work)

    assert "version 1" in (work / FIRST).read_text()


def test_a_deleted_newer_copy_stays_deleted(lessons: Path, work: Path) -> None:
    lab.refresh(lessons, work)
    (work / FIRST).write_text("mine")
    (lessons / FIRST).write_text(notebook("version 2"))
    lab.refresh(lessons, work)
    (work / "00-start-here-2.ipynb").unlink()

    assert lab.refresh(lessons, work)[FIRST] == (FIRST, None)
    assert listed(work) == [FIRST]


def test_a_file_of_the_learner_with_the_lesson_s_name_stays(lessons: Path, work: Path) -> None:
    work.mkdir()
    (work / FIRST).write_text("mine, made by hand")

    done = lab.refresh(lessons, work)

    assert (work / FIRST).read_text() == "mine, made by hand"
    assert done[FIRST].copy == "00-start-here-2.ipynb"
    assert "stays as it is" in (done[FIRST].news or "")


def test_a_run_that_was_stopped_before_its_record_leaves_no_double(lessons: Path, work: Path) -> None:
    lab.refresh(lessons, work)
    (work / lab.RECORD).unlink()

    assert lab.refresh(lessons, work)[FIRST] == (FIRST, None)
    assert listed(work) == [FIRST]


def test_an_unreadable_record_loses_nothing(
    lessons: Path, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.refresh(lessons, work)
    (work / FIRST).write_text("mine")
    (work / lab.RECORD).write_text("[half a rec")

    lab.refresh(lessons, work)

    assert (work / FIRST).read_text() == "mine"
    assert "cannot be read" in capsys.readouterr().out


def test_companions_are_copied_and_the_rest_is_not(lessons: Path, work: Path) -> None:
    (lessons / "cases").mkdir()
    (lessons / "cases" / "a.mnt").write_text("host# true\n")
    (lessons / "sanitize.cfg").write_text("for the tests")
    (lessons / ".ipynb_checkpoints").mkdir()
    (lessons / ".ipynb_checkpoints" / FIRST).write_text(notebook("old"))

    done = lab.refresh(lessons, work)

    assert sorted(done) == [FIRST, "cases/a.mnt"]
    assert (work / "cases" / "a.mnt").read_text() == "host# true\n"


@pytest.mark.parametrize("broken", ["<<<<<<< HEAD", "[]", "{}", '{"cells": [1]}', "\x00"])
def test_a_broken_lesson_is_named_in_one_sentence(lessons: Path, work: Path, broken: str) -> None:
    (lessons / FIRST).write_text(broken)

    with pytest.raises(lab.LabError, match=rf"^{FIRST} is not a notebook"):
        lab.refresh(lessons, work)


def test_jupyter_as_root_is_allowed_and_opens_no_window(monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("DISPLAY", ":0")

    command = lab.jupyter_command(work, FIRST, ["--port=9999"])

    assert "--ServerApp.allow_root=True" in command
    assert "--no-browser" in command
    assert command[-1] == "--port=9999"


def test_jupyter_as_a_user_with_a_screen_opens_a_window(monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("DISPLAY", ":0")

    command = lab.jupyter_command(work, FIRST, [])

    assert "--ServerApp.allow_root=True" not in command
    assert "--no-browser" not in command


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="not in a git clone")
def test_git_ignores_the_work_folder() -> None:
    work = lab.default_work_folder(lab.find_lessons())
    git = ["git", "-c", "safe.directory=*", "-C", ROOT]  # root may test a clone that someone else made

    assert work == ROOT / "work"
    subprocess.run([*git, "check-ignore", "--quiet", work / FIRST], check=True)
