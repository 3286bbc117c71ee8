from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.practice.asked import answer_in
from mountlab.practice.predictions import NOTEBOOKS, Prediction, main, prediction, predictions, read_one
from mountlab.practice.questions import flaws
from mountlab.practice.reveal import answer
from mountlab.practice.words import SUBJECTS
from mountlab.shell.complaints import TranscriptError
from tests.practice.worlds import a_sample_or_all

ALL = predictions()
each_one = pytest.mark.parametrize("each", ALL.values(), ids=list(ALL))


def test_there_are_about_sixty_and_every_notebook_has_its_share() -> None:
    count = Counter(each.notebook for each in ALL.values())

    assert sum(count.values()) >= 60
    assert count["00"] == 3
    assert all(count[notebook] >= 12 for notebook in ("01", "02", "03", "04", "05", "06"))
    assert set(count) == set(NOTEBOOKS)


def test_visibility_comes_first_and_errors_and_fields_later() -> None:
    kinds = {notebook: Counter[str]() for notebook in NOTEBOOKS}
    for each in ALL.values():
        kinds[each.notebook][each.draft.kind] += 1

    for notebook in ("02", "03", "04"):
        assert kinds[notebook].most_common(1)[0][0] == "visible"
    assert not any(kinds[notebook]["tags"] for notebook in ("00", "01", "02"))
    assert all(kinds[notebook]["tags"] and kinds[notebook]["error"] for notebook in ("03", "04"))


def test_every_second_question_of_the_third_notebook_is_of_what_is_seen_through_a_peer() -> None:
    mine = [each for each in ALL.values() if each.notebook == "03"]

    assert 2 * sum(each.draft.kind == "visible" for each in mine) >= len(mine)


@each_one
def test_a_prediction_has_no_flaw(each: Prediction) -> None:
    """One right answer, each wrong choice with the misconception behind it, every named believer in error."""
    assert flaws(each.question) == []


@pytest.mark.kernel
@pytest.mark.programs
@a_sample_or_all
def test_the_kernel_gives_the_same_answers(kernel: KernelBackend, every: int) -> None:
    wrong = {}
    for name, each in list(ALL.items())[::every]:
        kernel.reset(each.draft.init)
        right = frozenset(choice.text for choice in each.question.choices if choice.right)
        if (there := answer_in(each.draft, kernel)) != right:
            wrong[name] = there

    assert wrong == {}


@each_one
def test_every_answer_is_told_what_is_right_and_why(each: Prediction) -> None:
    question = each.question
    for slug, taken in question.beliefs.items():
        told = answer(question, taken)
        assert not told.correct
        assert slug in told.misconceptions
        assert told.feedback
        assert told.rule
    for number, choice in enumerate(question.choices, 1):
        told = answer(question, [number])
        assert told.correct == (question.right == {number})
        assert told.correct or choice.right or told.misconceptions, choice.text
    told = answer(question, question.right)
    assert told.correct
    assert str(told).startswith("Right.")
    assert told.rule


def test_what_is_told_of_a_question_of_the_paths_names_the_causes() -> None:
    told = answer(prediction("04/up").question, "1 2")

    assert told.misconceptions == ("slave-sends",)
    assert any("slave" in link for link in told.chain)
    assert "sharedsubtree.rst" in told.rule


def test_a_name_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(KeyError, match="02/cdrom"):
        prediction("02/cdrum")


def test_no_two_predictions_are_the_same() -> None:
    asked = {(each.draft.transcript, each.draft.places, each.draft.shows) for each in ALL.values()}

    assert len(asked) == len(ALL)


def test_a_slip_of_the_pen_is_named() -> None:
    head = "#: title=x misconceptions=bind-carries shows=d\nhost# mkdir /a\n"
    with pytest.raises(TranscriptError, match="#\\? plaice host: /a"):
        read_one("01", "x", f"{head}#? predict\nhost# mount -t tmpfs d /a\n#? plaice host: /a\n")
    with pytest.raises(TranscriptError, match="#\\? predict"):
        read_one("01", "x", head)
    with pytest.raises(ValueError, match="nosuch"):
        _ = read_one(
            "01",
            "x",
            "#: title=x misconceptions=nosuch shows=d\n#? predict\nhost# true\n#? place host: /a\n",
        ).question


def test_a_teacher_sees_what_is_wrong_with_a_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.mnt"
    file.write_text(
        "#: title=Mine kind=visible shows=disk misconceptions='bind-carries slave-sends'\n"
        "host# mkdir -p /a/x /b\nhost# mount -t tmpfs disk /a/x\n"
        "#? predict\nhost# mount --bind /a /b\n#? place host: /a/x\n#? place host: /b/x\n"
    )

    assert main([str(file)]) == 1
    shown = capsys.readouterr().out

    assert "Right: 1" in shown
    assert "Who believes bind-carries answers: 1, 2" in shown
    assert "who believes slave-sends gives the right answer" in shown


def test_every_topic_is_asked_about() -> None:
    from mountlab.practice.misconceptions import misconceptions  # noqa: PLC0415

    asked = {misconceptions()[slug].topic for each in ALL.values() for slug in each.draft.misconceptions}

    assert asked == set(SUBJECTS)
