from __future__ import annotations

import pytest

from mountlab.practice.asked import Draft, Place, answer_in
from mountlab.practice.mind import machine
from mountlab.practice.predictions import prediction
from mountlab.practice.questions import AnswerError, Question, flaws, make
from mountlab.practice.reveal import answer

STORY = "host# mkdir -p /a/x /b\nhost# mount -t tmpfs disk /a/x"
BIND = Draft(
    "flat",
    "visible",
    STORY,
    "host# mount --bind /a /b",
    (Place("host", "/a/x"), Place("host", "/b/x")),
    "disk",
    ("bind-carries",),
)


@pytest.fixture
def question() -> Question:
    return make(BIND)


def test_the_text_tells_what_is_asked_and_how_to_answer(question: Question) -> None:
    assert str(question) == (
        "Before you run it, predict:\n"
        "    host# mount --bind /a /b\n"
        "Afterwards, which of these paths show disk?\n"
        "  1. host: /a/x\n"
        "  2. host: /b/x\n"
        "Answer with the numbers of all that are right, such as 1 3; 0 for none."
    )


def test_of_one_place_it_is_asked_whether_it_does() -> None:
    text = str(prediction("02/namespace-ends").question)

    assert text.endswith(
        "Afterwards, does host: /data show left?\n"
        "  1. host: /data\n"
        "Answer 1 if it does, 0 if it does not."
    )


def test_with_its_story_the_text_stands_alone(question: Question) -> None:
    text = question.with_story()

    assert text.startswith("On the machine, / is private.\nThis was run:\n    host# mkdir -p /a/x /b\n")
    assert text.endswith(str(question))


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        (1, {1}),
        ("1", {1}),
        ("2 1", {1, 2}),
        ("1, 2", {1, 2}),
        ("1 and 2", {1, 2}),
        ([2, 1], {1, 2}),
        ("none", set()),
        ("0", set()),
        (0, set()),
        ("", set()),
        ([], set()),
        ("host: /b/x", {2}),
        ("HOST: /b/x ", {2}),
    ],
)
def test_an_answer_may_be_typed_in_several_ways(question: Question, typed: object, taken: set[int]) -> None:
    assert question.choose(typed) == taken  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["3", "1 3", "yes", "-1", [0], "²", "1" * 5000])
def test_what_is_no_answer_is_refused_with_what_would_be_one(question: Question, typed: object) -> None:
    with pytest.raises(AnswerError, match="1 to 2"):
        question.choose(typed)  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["1 2", "none", "0"])
def test_one_right_choice_takes_one_number(typed: str) -> None:
    question = prediction("03/move").question

    with pytest.raises(AnswerError, match="one number"):
        question.choose(typed)


def test_the_wrong_answer_is_explained_by_the_belief_behind_it(question: Question) -> None:
    told = answer(question, "1 2")

    assert not told.correct
    assert told.misconceptions == ("bind-carries",)
    assert "Not so. Right is: host: /a/x." in str(told)
    assert "--bind makes one mount of one mount" in told.feedback
    assert "sharedsubtree.rst" in told.rule
    assert any("/b/x" in link for link in told.chain)


def test_an_answer_that_no_believer_gives_is_explained_by_the_nearest(question: Question) -> None:
    told = answer(question, "2")

    assert told.misconceptions == ("bind-carries",)
    assert told.feedback.startswith("Do you believe this?")


def test_a_place_that_nobody_takes_for_empty_is_explained_by_its_chain(question: Question) -> None:
    told = answer(question, "none")

    assert not told.correct
    assert told.misconceptions == ()
    assert any("mount -t tmpfs disk /a/x" in link for link in told.chain)


def test_the_reason_of_an_error_is_the_rule_that_refused_it() -> None:
    told = answer(prediction("03/move").question, "it succeeds")

    assert told.chain == ("EINVAL: A mount that stands on a shared mount cannot be moved.",)


def test_fields_are_asked_for_with_the_table_as_it_is_before() -> None:
    question = prediction("04/both-tags").question

    assert question.tables.splitlines()[-1] == "host: /b  disk  master:1"
    assert [choice.text for choice in question.choices if choice.right] == ["shared:new master:1"]


def test_the_answer_follows_the_transcript() -> None:
    """The same question on a changed story has another answer: nothing is written down."""
    recursive = BIND._replace(asked="host# mount --rbind /a /b", misconceptions=())

    assert answer_in(BIND, machine("bare")) == {"host: /a/x"}
    assert answer_in(recursive, machine("bare")) == {"host: /a/x", "host: /b/x"}


def test_a_plain_directory_shows_nothing_though_it_lies_in_a_mount() -> None:
    """/b/x is a directory of the root filesystem; nothing is mounted there."""
    below = BIND._replace(shows="root")

    assert answer_in(below, machine("bare")) == frozenset()
    assert answer_in(below._replace(places=(Place("host", "/b"),)), machine("bare")) == {"host: /b"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "colour"}, "visible, error, tags, output"),
        ({"misconceptions": ("nosuch",)}, "nosuch"),
        ({"places": ()}, "#\\? place"),
        ({"shows": ""}, "shows="),
        ({"asked": ""}, "no command"),
    ],
)
def test_a_question_that_cannot_be_asked_says_what_is_missing(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make(BIND._replace(**change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"misconceptions": ("slave-sends",)}, "gives the right answer"),
        ({"misconceptions": ()}, "no believer"),
        ({"places": (*BIND.places, Place("host", "/b"))}, "'host: /b'"),
        ({"places": (*BIND.places, BIND.places[0])}, "twice"),
        ({"story": f"{STORY}\nhost# umount /etc"}, "umount /etc"),
    ],
)
def test_a_question_that_is_not_good_says_why(change: dict[str, object], said: str) -> None:
    assert said in " ".join(flaws(make(BIND._replace(**change))))  # type: ignore[arg-type]
