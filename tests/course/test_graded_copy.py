"""Copies of notebooks for grading: the teacher's has every answer and check, the learners' has none."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mountlab.course.graded import Choices, GradingError, Lines, WrongAnswer, check, graded
from mountlab.course.graded_copy import DRILLS, learners_copy, teachers_copy
from mountlab.practice.drills import again
from mountlab.practice.exam import exam
from mountlab.practice.levels import answers, level
from mountlab.practice.predictions import prediction
from mountlab.practice.words import TOPICS

Json = dict[str, Any]
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NUMBERS = sorted(path.stem.partition("-")[0] for path in NOTEBOOKS.glob("[0-9]*.ipynb"))
CHANGED = "quite another answer"
ANSWERED = r'from mountlab.course.grading import answered\n\nanswered\("[^"]+", \w+, asked="[0-9a-f]{8}"\)'

every_notebook = pytest.mark.parametrize("number", NUMBERS)


def notebook(*sources: str) -> Json:
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": each, "execution_count": 7,
         "outputs": [{"output_type": "stream", "name": "stdout", "text": "the right answer"}]}
        for n, each in enumerate(sources)
    ]  # fmt: skip
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@cache
def lesson(number: str) -> str:
    return next(NOTEBOOKS.glob(f"{number}-*.ipynb")).read_text(encoding="utf-8")


@cache
def _teachers(number: str) -> str:
    return json.dumps(teachers_copy(json.loads(lesson(number)), number))


def teachers(number: str) -> Json:
    return dict(json.loads(_teachers(number)))


def graded_cells(copy: Json) -> dict[str, tuple[Json, Json]]:
    """grade_id without its first word -> the cell to answer, the cell that checks."""
    of: dict[str, list[Json]] = {}
    for cell in copy["cells"]:
        known = cell["metadata"].get("nbgrader", {})
        if known.get("solution") or known.get("grade"):
            of.setdefault(known["grade_id"].partition("-")[2], []).append(cell)
    return {name: (answer, checks) for name, (answer, checks) in of.items()}


def asked_in(text: str) -> list[str]:
    """What a notebook asks, read off its text: independent of how the export finds it."""
    code = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    found: list[str] = []
    for source in ("".join(cell["source"]) for cell in code):
        found += re.findall(r'^(?:predict|level)\("([^"]+)"\)', source, re.MULTILINE)
        for form in re.findall(r"^(pretest|posttest)\(\)", source, re.MULTILINE):
            found += [f"{form}/{n}" for n in range(1, 9)]
        found += re.findall(r"^(capstone)\(\)", source, re.MULTILINE)
    return list(dict.fromkeys(found))


@every_notebook
def test_all_that_a_notebook_asks_is_graded_and_drills_besides(number: str) -> None:
    made = [checks["metadata"]["mountlab"]["asks"] for _, checks in graded_cells(teachers(number)).values()]
    drills = [name for name in made if re.fullmatch(r"[a-z]+-[1-3]-1[0-9]{3}", name)]

    assert [name for name in made if name not in drills] == asked_in(lesson(number))
    assert len(drills) == 3 * len(DRILLS.get(number, ()))


def test_there_are_drills_of_all_topics_and_both_tests_and_the_last_incident() -> None:
    assert {topic for topics in DRILLS.values() for topic in topics} == set(TOPICS)
    everything = {name for number in NUMBERS for name in asked_in(lesson(number))}
    assert {"pretest/8", "posttest/8", "capstone"} <= everything


@every_notebook
def test_the_metadata_is_what_nbgrader_asks_for(number: str) -> None:
    """Schema 3: https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html."""
    copy = teachers(number)
    nbformat.validate(copy)  # type: ignore[no-untyped-call]
    known = [(cell, cell["metadata"]["nbgrader"]) for cell in copy["cells"] if "nbgrader" in cell["metadata"]]
    ids = [each["grade_id"] for _, each in known]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", id) for id in ids)
    for cell, each in known:
        assert (each["schema_version"], each["task"], each["cell_type"]) == (3, False, cell["cell_type"])
        what = (each["grade"], each["solution"], each["locked"], "points" in each)
        if cell["cell_type"] == "markdown":
            assert what == (False, False, True, False)
        else:
            assert what in {(False, True, False, False), (True, False, True, True)}


@every_notebook
def test_the_teachers_answers_pass_the_checks_in_the_cells_and_in_the_metadata(number: str) -> None:
    for answer, checks in graded_cells(teachers(number)).values():
        for source in ("".join(checks["source"]), checks["metadata"]["mountlab"]["check"]):
            space: Json = {}
            exec("".join(answer["source"]), space)  # noqa: S102 - as a notebook would run it
            exec(source, space)  # noqa: S102


def test_the_metadata_says_what_is_asked_and_what_is_right() -> None:
    entries = {
        checks["metadata"]["mountlab"]["asks"]: checks["metadata"]["mountlab"]
        for _, checks in graded_cells(teachers("04")).values()
    }

    for name, question in {
        "04/up": prediction("04/up").question,
        "posttest/3": exam("after")[2],
        "slaves-2-1001": again("slaves-2-1001"),
    }.items():
        assert entries[name]["right"] == sorted(question.right)
        assert "\n".join(entries[name]["question"]) == question.with_story()
    ways = [way for way in answers(level("slave-only")) if way.kind != "detour"]
    assert [each[0].partition("# ")[2] for each in entries["slave-only"]["right"]] == [
        way.steps[0].text for way in ways
    ]
    assert "Goal:" in entries["capstone"]["question"]


# -- the learners' copy ------------------------------------------------------------------------------------


@every_notebook
def test_a_learners_file_has_no_answers_and_no_checks(number: str, tmp_path: Path) -> None:
    file = tmp_path / "learners.ipynb"
    file.write_text(json.dumps(learners_copy(teachers(number))), encoding="utf-8")

    copy = json.loads(file.read_text(encoding="utf-8"))

    nbformat.validate(copy)  # type: ignore[no-untyped-call]
    assert not [cell for cell in copy["cells"] if "mountlab" in cell["metadata"] or cell.get("outputs")]
    for name, (answer, checks) in graded_cells(copy).items():
        given = ast.parse("".join(answer["source"])).body
        assert [ast.unparse(node).partition(" = ")[2] for node in given] == ["None"], name
        assert re.fullmatch(ANSWERED, "".join(checks["source"]))


@every_notebook
def test_a_learners_file_is_the_same_whatever_is_right(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it can tell nothing of it, in whatever way."""
    before = learners_copy(teachers(number))
    for kind in (Choices, Lines):
        monkeypatch.setattr(kind, "right", property(lambda _self: {"right": [CHANGED]}))
        monkeypatch.setattr(kind, "source", property(lambda _self: CHANGED))
    copy = teachers_copy(json.loads(lesson(number)), number)

    assert (CHANGED in json.dumps(copy)) == (copy != before)
    assert learners_copy(copy) == before


@every_notebook
def test_all_else_in_a_learners_file_is_the_lesson(number: str) -> None:
    def plain(cells: list[Json]) -> list[tuple[str, str]]:
        return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]

    copy = learners_copy(teachers(number))
    rest = [cell for cell in copy["cells"] if "nbgrader" not in cell["metadata"]]

    assert plain(rest) == plain(json.loads(lesson(number))["cells"])


def test_run_all_goes_on_behind_a_question_without_an_answer() -> None:
    for _, checks in graded_cells(learners_copy(teachers("00"))).values():
        assert checks["metadata"]["tags"] == ["raises-exception"]


# -- drills ------------------------------------------------------------------------------------------------


def test_a_drill_is_asked_in_the_copy_itself_in_the_words_of_its_seed() -> None:
    copy = learners_copy(teachers("01"))
    texts = ["".join(cell["source"]) for cell in copy["cells"] if cell["cell_type"] == "markdown"]

    for name in ("binds-1-1000", "binds-2-1001", "binds-3-1002"):
        assert any(again(name).with_story() in text for text in texts)


def test_another_seed_asks_other_drills() -> None:
    ours, theirs = ({*graded_cells(teachers_copy(notebook(), "01", seed))} for seed in (1, 500))

    assert len(ours) == len(theirs) == 3
    assert not ours & theirs


@pytest.mark.parametrize(
    ("written", "seeded", "names"),
    [
        ('drill("slaves")', 'drill("slaves", seed=1000)', ["slaves-1-1000"]),
        ("drill()", "drill(seed=1000)", ["binds-1-1000"]),
        ('# drill("ä")\ndrill("binds", 2)', '# drill("ä")\ndrill("binds", 2, seed=1000)', ["binds-2-1000"]),
        ('"ä"; drill("binds")', '"ä"; drill("binds", seed=1000)', ["binds-1-1000"]),
        ('%lab reset\ndrill(\n "binds"\n)', '%lab reset\ndrill(\n "binds"\n, seed=1000)', ["binds-1-1000"]),
        ("drill(); drill()", "drill(seed=1000); drill(seed=1001)", ["binds-1-1000", "binds-1-1001"]),
        ('drill("binds", 1, 7)', 'drill("binds", 1, 7)', ["binds-1-7"]),
        ('drill("umount", seed=7)', 'drill("umount", seed=7)', ["umount-1-7"]),
        ("%%lab\nhost# drill()", "%%lab\nhost# drill()", []),
    ],
)
def test_a_drill_without_a_seed_gets_one(written: str, seeded: str, names: list[str]) -> None:
    copy = teachers_copy(notebook(written))

    assert "".join(copy["cells"][0]["source"]) == seeded
    assert [*graded_cells(copy)] == names


# -- what is asked -----------------------------------------------------------------------------------------


def test_a_question_that_is_asked_twice_is_graded_once() -> None:
    made = teachers_copy(notebook('predict("02/cdrom")', 'predict("02/cdrom")'))

    assert len(made["cells"]) == 4


def test_wrong_answers_are_refused_without_telling_the_right_ones() -> None:
    for name, given in [
        ("02/cdrom", None), ("02/cdrom", [1, 2]), ("02/cdrom", [9]), ("02/cdrom", "both"), ("02/cdrom", True),
        ("02/cdrom", {"a": 1}), ("posttest/1", 17), ("slaves-1-1000", []), ("slave-only", ""),
        ("slave-only", "c1# mount --make-private /"), ("slave-only", "c1# unshare -m"), ("slave-only", 3),
    ]:  # fmt: skip
        with pytest.raises(WrongAnswer) as wrong:
            check(name, given)
        assert "--make-slave" not in str(wrong.value)
        assert str(wrong.value).startswith(f"{name}: ")


@pytest.mark.parametrize("spelled", [list, lambda right: " ".join(map(str, right)), tuple, set])
def test_an_answer_may_be_written_as_on_the_page(spelled: Callable[[list[int]], object]) -> None:
    check("02/cdrom", spelled(sorted(prediction("02/cdrom").question.right)))


def test_a_level_may_be_solved_in_another_way() -> None:
    check("slave-only", "c1# mount --make-rslave /")


def test_the_last_incident_is_lost_with_the_disk_that_had_to_stay() -> None:
    with pytest.raises(WrongAnswer, match="keep"):
        check("capstone", "host# umount -R /jail")


@pytest.mark.parametrize("name", ["02/cdrom", "pretest/1", "slaves-2-17", "slave-only", "capstone"])
def test_another_mountlab_that_asks_something_else_grades_nothing(name: str) -> None:
    with pytest.raises(GradingError, match="something else"):
        check(name, [1], asked="00000000")
    with pytest.raises(WrongAnswer):
        check(name, None, asked=graded(name).mark)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("02/nothing", "there is no prediction"),
        ("slave-onyl", "did you mean slave-only"),
        ("pretest/9", "pretest/1 to pretest/8"),
        ("binds-9-1", "difficulty"),
        ("my/own.mnt", "come with mountlab"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(name: str, said: str) -> None:
    with pytest.raises(GradingError, match=re.escape(said)):
        graded(name)
