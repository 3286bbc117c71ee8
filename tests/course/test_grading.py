"""`python -m mountlab.course.grading`: copies for learners and nbgrader, and points for what comes back."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.course.grading import main
from mountlab.practice.predictions import prediction

Json = dict[str, Any]
SOURCES = ['predict("02/cdrom")', '%%lab\nhost# ls', 'level("slave-only")']
RIGHT = str(sorted(prediction("02/cdrom").question.right))
SOLVED = '"""\nc1# mount --make-slave /\n"""'


def notebook(*sources: str) -> str:
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": each,
         "execution_count": 1, "outputs": []}
        for n, each in enumerate(sources)
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    path = tmp_path / "lesson.ipynb"
    path.write_text(notebook(*SOURCES))
    return path


@pytest.fixture
def teachers(lesson: Path) -> Path:
    assert main(["teacher", str(lesson), str(lesson.with_name("teacher.ipynb"))]) == 0
    return lesson.with_name("teacher.ipynb")


def handed_in(teachers: Path, name: str, *answers: str) -> Path:
    """A copy of the learners with these answers in their cells."""
    path = teachers.with_name(name)
    assert main(["learners", str(teachers), str(path)]) == 0
    copy = json.loads(path.read_text())
    cells = [cell for cell in copy["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]
    for cell, given in zip(cells, answers, strict=True):
        cell["source"] = "".join(cell["source"]).replace("= None", f"= {given}")
    path.write_text(json.dumps(copy))
    return path


def rows(capsys: pytest.CaptureFixture[str], *files: Path) -> list[dict[str, str]]:
    capsys.readouterr()
    assert main(["points", *map(str, files)]) == 0
    return list(csv.DictReader(capsys.readouterr().out.splitlines()))


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    capsys.readouterr()
    assert main([str(word) for word in words]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


# -- points ------------------------------------------------------------------------------------------------


def test_points_are_read_from_what_was_handed_in(teachers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ann = handed_in(teachers, "ann.ipynb", RIGHT, SOLVED)
    bob = handed_in(teachers, "bob.ipynb", "[]", '"""\nc1# ls\n"""')
    cyd = handed_in(teachers, "cyd.ipynb", "None", "None")

    found = rows(capsys, teachers, ann, bob, cyd)

    assert [(Path(row["file"]).stem, row["asked"], row["points"], row["of"]) for row in found] == [
        (who, asked, points, "1")
        for who, points in (("ann", "1"), ("bob", "0"), ("cyd", "0"))
        for asked in ("02/cdrom", "slave-only")
    ]
    assert [row["why"].partition(":")[0] for row in found] == [
        "", "", "not so", "not yet", "there is no answer", "there is no answer",
    ]  # fmt: skip


def test_points_that_the_teacher_has_changed_count(
    teachers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = handed_in(teachers, "ann.ipynb", RIGHT, SOLVED)
    teachers.write_text(teachers.read_text().replace('"points": 1', '"points": 2.5'))

    assert [(row["points"], row["of"]) for row in rows(capsys, teachers, ann)] == [("2.5", "2.5")] * 2


def test_a_cell_that_was_thrown_away_still_counts(
    teachers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = handed_in(teachers, "ann.ipynb", RIGHT, SOLVED)
    copy = json.loads(ann.read_text())
    copy["cells"] = [cell for cell in copy["cells"] if cell["id"] != "answer-slave-only"]
    ann.write_text(json.dumps(copy))

    found = rows(capsys, teachers, ann)

    assert [(row["points"], row["of"]) for row in found] == [("1", "1"), ("0", "1")]
    assert "not there" in found[1]["why"]


def test_what_a_learner_wrote_is_never_run(teachers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trap = teachers.with_name("trap")
    path = handed_in(teachers, "eve.ipynb", f'[open({str(trap)!r}, "w")]', "(")

    found = rows(capsys, teachers, path)

    assert [row["points"] for row in found] == ["0", "0"]
    assert all("not written out" in row["why"] for row in found)
    assert not trap.exists()


def test_a_strange_file_costs_its_own_points_only(
    teachers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = teachers.with_name("strange.ipynb")
    strange.write_text("[]")
    ann = handed_in(teachers, "ann.ipynb", "[1]", "None")

    found = rows(capsys, teachers, strange, teachers.with_name("gone.ipynb"), ann)

    assert "no notebook" in found[0]["why"]
    assert "No such file" in found[1]["why"]
    assert [Path(row["file"]).name for row in found[2:]] == ["ann.ipynb", "ann.ipynb"]


def test_points_need_the_teachers_copy_and_its_mountlab(
    teachers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = handed_in(teachers, "ann.ipynb", RIGHT, SOLVED)
    assert "the teacher's copy is needed" in refused(capsys, "points", ann, ann)

    copy = json.loads(teachers.read_text())
    for cell in copy["cells"]:
        cell["metadata"].get("mountlab", {}).update(mark="00000000")
    teachers.write_text(json.dumps(copy))
    said = refused(capsys, "points", teachers, ann)
    assert "asks something else" in said
    assert str(teachers) in said


# -- nbgrader ----------------------------------------------------------------------------------------------


def test_a_course_of_nbgrader_gets_the_copy_and_the_line_that_keeps_answers_back(
    lesson: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = lesson.with_name("course")

    assert main(["nbgrader", str(course), str(lesson)]) == 0

    copy = json.loads((course / "source" / "lesson" / "lesson.ipynb").read_text())
    ids = [cell["id"] for cell in copy["cells"] if cell["metadata"].get("nbgrader", {}).get("points")]
    assert ids == ["check-02_cdrom", "check-slave-only"]
    settings: list[Any] = []

    class Config:
        def __getattr__(self, name: str) -> Any:
            settings.append(Config())
            self.__dict__[name] = settings[-1]
            return settings[-1]

    exec((course / "nbgrader_config.py").read_text(), {"get_config": Config})  # noqa: S102 - as nbgrader does
    assert "mountlab" in settings[0].remove_metadata_fields
    assert "nbgrader generate_assignment lesson" in capsys.readouterr().out
    assert main(["nbgrader", str(course), str(lesson)]) == 0, "again, with its own configuration"


@pytest.mark.parametrize(
    "config",
    ["c = get_config()\n", '# c.ClearOutput.remove_metadata_fields = {"mountlab"}\n',
     'c.ClearOutput.remove_metadata_fields = {"collapsed"}  # "mountlab"\n'],
)  # fmt: skip
def test_a_course_that_would_give_the_answers_out_is_refused(
    lesson: Path, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    course = lesson.with_name("course")
    course.mkdir()
    (course / "nbgrader_config.py").write_text(config)

    said = refused(capsys, "nbgrader", course, lesson)

    assert "learners would get the answers" in said
    assert not (course / "source").exists()
    # What it says to put in is enough.
    (course / "nbgrader_config.py").write_text(config + said.partition("\n")[2])
    assert main(["nbgrader", str(course), str(lesson)]) == 0


# -- errors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('predict("02/nothing")', "there is no prediction"),
        ('level("slave-onyl")', "did you mean slave-only"),
        ('level("mine.mnt")', "come with mountlab"),
        ("print(1)", "nothing is asked"),
        ("predict(", "no Python"),
    ],
)
def test_a_notebook_that_cannot_be_graded_is_refused_in_a_sentence(
    lesson: Path, source: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson.write_text(notebook(source))

    told = refused(capsys, "teacher", lesson, lesson.with_name("out"))

    assert f"{lesson}: " in told
    assert said in told
    assert not lesson.with_name("out").exists()


def test_files_that_are_not_what_they_should_be_are_named(
    lesson: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = lesson.with_name("out")
    assert "gone.ipynb: No such file" in refused(capsys, "teacher", lesson.with_name("gone.ipynb"), out)
    assert "no teacher's copy" in refused(capsys, "learners", lesson, out)
    lesson.write_text('{"cells": [1]}')
    assert "no notebook" in refused(capsys, "teacher", lesson, out)


def test_help_shows_the_way_with_nbgrader_and_without(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    for words in ("nbgrader generate_assignment", "grading teacher", "grading learners", "grading points"):
        assert words in said
