"""Notebooks for grading: learners get no answers, and what they hand in gets the points it deserves."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mountlab.course.grading import WrongAnswer, check, exported, main
from mountlab.practice.levels import level, solution
from mountlab.practice.predictions import prediction

Json = dict[str, Any]
ASKING = ['predict("02/cdrom")', '%%lab\nhost# ls', 'level("slave-only")']


def notebook(*sources: str) -> Json:
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": each, "execution_count": 7,
         "outputs": [{"output_type": "stream", "name": "stdout", "text": "the right answer"}]}
        for n, each in enumerate(sources)
    ]  # fmt: skip
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    path = tmp_path / "lesson.ipynb"
    path.write_text(json.dumps(notebook(*ASKING)))
    return path


def copy(lesson: Path, *options: str) -> Json:
    out = lesson.with_name("out.ipynb")
    assert main([*options, str(lesson), str(out)]) == 0
    return dict(json.loads(out.read_text()))


def answered(lesson: Path, name: str, *answers: str) -> Path:
    """A copy of the learners with these answers in their cells."""
    handed_in = copy(lesson, "--learners")
    cells = [cell for cell in handed_in["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]
    for cell, given in zip(cells, answers, strict=True):
        cell["source"] = "".join(cell["source"]).replace("= None", f"= {given}")
    path = lesson.with_name(name)
    path.write_text(json.dumps(handed_in))
    return path


def rows(capsys: pytest.CaptureFixture[str], *files: Path) -> list[dict[str, str]]:
    capsys.readouterr()
    assert main(["--points", *map(str, files)]) == 0
    return list(csv.DictReader(capsys.readouterr().out.splitlines()))


def test_behind_each_question_stand_a_cell_to_answer_and_a_locked_one_that_checks(lesson: Path) -> None:
    cells = copy(lesson)["cells"]

    graded = [cell["metadata"].get("nbgrader") for cell in cells]
    assert [bool(each) for each in graded] == [False, True, True, False, False, True, True]
    for answer, checks in ((graded[1], graded[2]), (graded[5], graded[6])):
        assert (answer["solution"], answer["locked"], answer["grade"]) == (True, False, False)
        assert (checks["solution"], checks["locked"], checks["grade"]) == (False, True, True)
        assert checks["points"] == 1
    assert len({cell["id"] for cell in cells}) == len(cells)


def test_both_copies_are_notebooks_without_outputs(lesson: Path) -> None:
    for options in ([], ["--learners"]):
        made = copy(lesson, *options)
        nbformat.validate(made)  # type: ignore[no-untyped-call]
        assert "the right answer" not in json.dumps(made)


def test_learners_get_no_answers_not_even_in_the_metadata(lesson: Path) -> None:
    teachers, learners = json.dumps(copy(lesson)), json.dumps(copy(lesson, "--learners"))

    right = str(sorted(prediction("02/cdrom").question.right))
    for answer in (right, solution(level("slave-only")).steps[0].text):
        assert answer in teachers
        assert answer not in learners


def test_the_teachers_own_answers_pass_their_checks(lesson: Path) -> None:
    space: Json = {}
    for cell in copy(lesson)["cells"]:
        if "nbgrader" in cell["metadata"]:
            exec("".join(cell["source"]), space)  # noqa: S102 - as a notebook would run it


def test_wrong_answers_are_refused_without_telling_the_right_ones() -> None:
    for name, given in [
        ("02/cdrom", None), ("02/cdrom", [1, 2]), ("02/cdrom", [9]), ("02/cdrom", "both"),
        ("slave-only", ""), ("slave-only", "c1# mount --make-private /"), ("slave-only", "c1# unshare -m"),
        ("slave-only", 3),
    ]:  # fmt: skip
        with pytest.raises(WrongAnswer) as wrong:
            check(name, given)
        assert "--make-slave" not in str(wrong.value)
        assert str(wrong.value).startswith(f"{name}: ")


def test_a_level_may_be_solved_in_another_way() -> None:
    check("slave-only", "c1# mount --make-rslave /")


def test_points_are_read_from_what_was_handed_in(lesson: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = str(sorted(prediction("02/cdrom").question.right))
    ann = answered(lesson, "ann.ipynb", right, '"""\nc1# mount --make-slave /\n"""')
    bob = answered(lesson, "bob.ipynb", "[]", "None")

    found = rows(capsys, ann, bob)

    assert [(Path(row["file"]).name, row["asked"], row["points"], row["of"]) for row in found] == [
        ("ann.ipynb", "02/cdrom", "1", "1"), ("ann.ipynb", "slave-only", "1", "1"),
        ("bob.ipynb", "02/cdrom", "0", "1"), ("bob.ipynb", "slave-only", "0", "1"),
    ]  # fmt: skip
    assert found[3]["why"] == "there is no answer"


def test_what_a_learner_wrote_is_never_run(lesson: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trap = lesson.with_name("trap")
    path = answered(lesson, "eve.ipynb", f'[open({str(trap)!r}, "w")]', "(")

    assert [row["points"] for row in rows(capsys, path)] == ["0", "0"]
    assert not trap.exists()


def test_a_strange_file_costs_its_own_points_only(lesson: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strange = lesson.with_name("strange.ipynb")
    strange.write_text("[]")
    ann = answered(lesson, "ann.ipynb", "[1]", "None")

    found = rows(capsys, strange, ann)

    assert "no notebook" in found[0]["why"]
    assert [Path(row["file"]).name for row in found] == ["strange.ipynb", "ann.ipynb", "ann.ipynb"]


def test_what_cannot_be_exported_is_said_in_a_sentence(
    lesson: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson.write_text(json.dumps(notebook('predict("02/nothing")')))

    assert main([str(lesson), str(lesson.with_name("out"))]) == 2
    assert main([str(lesson.with_name("gone")), "out"]) == 2
    said = capsys.readouterr().err
    assert "there is no prediction" in said
    assert "No such file" in said
    assert "Traceback" not in said


def test_the_last_incident_is_graded_like_a_level() -> None:
    made = exported(notebook("from mountlab.course.capstone import capstone\n\ncapstone()"))
    space: Json = {}
    for cell in made["cells"][1:]:
        exec("".join(cell["source"]), space)  # noqa: S102 - as a notebook would run it

    assert len(made["cells"]) == 3
    with pytest.raises(WrongAnswer, match="keep"):
        check("capstone", "host# umount -R /jail")


def test_a_question_that_is_asked_twice_is_graded_once() -> None:
    made = exported(notebook('predict("02/cdrom")', 'predict("02/cdrom")'))

    assert len(made["cells"]) == 4
