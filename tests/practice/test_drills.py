from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.practice.asked import Draft, answer_in
from mountlab.practice.beliefs import mind_of
from mountlab.practice.drills import DIFFICULTIES, again, drill, named_shape
from mountlab.practice.exam import PLACES, exam
from mountlab.practice.kept import SHAPES, kept, line_of, lines, text_of
from mountlab.practice.mind import machine
from mountlab.practice.progress import Answered
from mountlab.practice.questions import Question, flaws
from mountlab.practice.repetition import GAPS, cards, next_drill
from mountlab.practice.situations import SITUATIONS
from mountlab.practice.words import TOPICS

each_topic = pytest.mark.parametrize("topic", TOPICS)
many = pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.slow)])


def shown(draft: Draft) -> tuple[object, ...]:
    """What a learner would call the same question."""
    return draft.init, draft.story, draft.asked, draft.places, draft.shows


@each_topic
@many
def test_every_question_has_one_answer_and_somebody_who_would_be_wrong(topic: str, count: int) -> None:
    found = {}
    for seed in range(count):
        question = drill(topic, 1 + seed % 3, seed)
        assert question.many or len(question.right) == 1
        assert question.beliefs
        found[question.name] = flaws(question)

    assert {name: said for name, said in found.items() if said} == {}


@each_topic
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("first", [0, 777])
def test_five_hundred_in_a_row_are_five_hundred_questions(topic: str, difficulty: int, first: int) -> None:
    row = [shown(named_shape(topic, difficulty, seed)) for seed in range(first, first + 500)]

    assert len(set(row)) == 500


@each_topic
def test_five_hundred_of_mixed_difficulty_are_too(topic: str) -> None:
    assert len({shown(named_shape(topic, 1 + seed % 3, seed)) for seed in range(500)}) == 500


def test_there_are_many_situations_and_no_two_are_one_with_other_names() -> None:
    assert set(kept()) == {(topic, difficulty) for topic in TOPICS for difficulty in DIFFICULTIES}
    for topic in TOPICS:
        mine = [shown(draft) for difficulty in DIFFICULTIES for draft in kept()[topic, difficulty]]
        assert len(set(mine)) == len(mine) == 3 * SHAPES


@pytest.mark.kernel
@pytest.mark.programs
@each_topic
@pytest.mark.parametrize("count", [2, pytest.param(60, marks=pytest.mark.slow)])
def test_the_kernel_gives_the_same_answer(kernel: KernelBackend, topic: str, count: int) -> None:
    wrong = {}
    for seed in range(count):
        question = drill(topic, 1 + (seed + list(TOPICS).index(topic)) % 3, seed)
        kernel.reset(question.draft.init)
        there = answer_in(question.draft, kernel)
        if there != {choice.text for choice in question.choices if choice.right}:
            wrong[question.name] = there

    assert wrong == {}


@each_topic
def test_no_command_is_needless(topic: str) -> None:
    """Without any one a command fails, a terminal of the question is not there, or an answer is another."""
    for difficulty in DIFFICULTIES:
        draft = drill(topic, difficulty, 5).draft
        story = draft.story.splitlines()
        before = answers(draft)
        for number in range(len(story)):
            shorter = draft._replace(story="\n".join([*story[:number], *story[number + 1 :]]))
            assert answers(shorter) != before, story[number]


def answers(draft: Draft) -> list[object]:
    """What is right and what is believed; nothing where a command of the story fails."""
    told = f"{draft.story}\n{draft.asked}".splitlines()
    others = {place.shell for place in draft.places} | {line.partition("#")[0] for line in told}
    made = {line.partition("#")[0] for line in told if " unshare " in line or " nsenter " in line}
    if not others <= made | {"host"}:
        return []
    world = machine(draft.init)
    for line in draft.story.splitlines():
        one = draft._replace(kind="error", story="", asked=line)
        if answer_in(one, world) != {"it succeeds"}:
            return []
    believed = [answer_in(draft, mind_of(slug, draft.init)) for slug in draft.misconceptions]
    return [answer_in(draft, machine(draft.init)), *believed]


@each_topic
def test_a_terminal_is_there_for_a_reason(topic: str) -> None:
    """Another terminal than the host's begins by making or entering a namespace."""
    for difficulty in DIFFICULTIES:
        for draft in kept()[topic, difficulty]:
            first: dict[str, str] = {}
            for line in (*draft.story.splitlines(), *draft.asked.splitlines()):
                first.setdefault(line.partition("#")[0], line)
            first.pop("host", None)
            assert all("unshare" in line or "nsenter" in line for line in first.values()), draft


def test_more_difficult_is_longer() -> None:
    for topic in TOPICS:
        lengths = [
            sum(draft.story.count("\n") for draft in kept()[topic, difficulty]) for difficulty in DIFFICULTIES
        ]
        assert all(shorter < longer for shorter, longer in pairwise(lengths)), topic


def test_the_same_seed_is_the_same_question_in_every_process() -> None:
    program = "from mountlab.practice.drills import drill; print(drill('slaves', 2, 17).with_story())"
    environment = {**os.environ, "PYTHONHASHSEED": "99"}

    there = subprocess.check_output([sys.executable, "-c", program], text=True, env=environment)

    assert there.rstrip("\n") == drill("slaves", 2, 17).with_story()
    assert again("slaves-2-17").draft == drill("slaves", 2, 17).draft


def test_what_is_no_drill_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match="binds, namespaces"):
        drill("cooking")
    with pytest.raises(ValueError, match="1, 2 and 3"):
        drill("binds", 4)
    with pytest.raises(ValueError, match="slaves-2-17"):
        again("slaves")


@each_topic
def test_the_kept_shapes_are_those_that_are_made(topic: str) -> None:
    first = next(line for line in text_of().splitlines() if f'"topic": "{topic}"' in line)

    assert line_of(topic, 1, 0) == first, "run: python -m mountlab.practice.kept"


@pytest.mark.slow
@each_topic
def test_all_the_kept_shapes_are(topic: str) -> None:
    mine = [line for line in text_of().splitlines() if f'"topic": "{topic}"' in line]

    assert list(lines(topic)) == mine


def test_every_belief_of_a_topic_is_met_in_its_drills() -> None:
    unmet = {
        topic: set(situation.beliefs)
        - {
            slug
            for difficulty in DIFFICULTIES
            for draft in kept()[topic, difficulty]
            for slug in draft.misconceptions
        }
        for topic, situation in SITUATIONS.items()
    }

    assert {topic: slugs for topic, slugs in unmet.items() if slugs} == {}


# -- the test before and after ------------------------------------------------------------------------------


def test_both_forms_have_eight_questions_that_are_two_of_a_kind() -> None:
    before, after = exam("before"), exam("after")

    assert len(before) == len(after) == len(PLACES) == 8
    for one, other in zip(before, after, strict=True):
        assert one.draft.story != other.draft.story
        assert hardness(one) == hardness(other)
        assert flaws(one) == flaws(other) == []


def hardness(question: Question) -> tuple[object, ...]:
    topic, difficulty, _ = question.name.split("-")
    return topic, difficulty, question.kind, len(question.choices), question.draft.misconceptions[0]


def test_another_seed_is_another_pair_of_forms() -> None:
    assert [str(each) for each in exam("after", 1)] != [str(each) for each in exam("after", 2)]
    with pytest.raises(ValueError, match="before and after"):
        exam("middle")


# -- what comes next ----------------------------------------------------------------------------------------


def wrongly(slug: str) -> Answered:
    return Answered("drill", "slaves-1-0", correct=False, believed=(slug,), about=(slug,))


def rightly(*slugs: str) -> Answered:
    return Answered("drill", "groups-1-0", correct=True, about=slugs)


def test_what_was_answered_wrongly_comes_next() -> None:
    question = next_drill([wrongly("slave-sends")])

    assert "slave-sends" in question.beliefs


def test_it_comes_again_after_longer_and_longer() -> None:
    """Somebody who was wrong once, and is right from then on, is asked in the rhythm of the gaps."""
    answers = [wrongly("one-hop")]
    asked_at = []
    while cards(answers):
        due = cards(answers)["one-hop"].due <= len(answers)
        if due:
            asked_at.append(len(answers))
        answers.append(rightly("one-hop") if due else rightly())

    assert [later - sooner for sooner, later in pairwise(asked_at)] == list(GAPS[1:])


def test_who_is_wrong_again_begins_again() -> None:
    answers = [wrongly("one-hop"), rightly("one-hop"), rightly("one-hop"), wrongly("one-hop")]

    assert cards(answers)["one-hop"].box == 0


def test_with_nothing_to_repeat_the_topics_take_turns() -> None:
    answers: list[Answered] = []
    for _ in range(12):
        answers.append(Answered("drill", next_drill(answers).name, correct=True))

    assert Counter(each.question.partition("-")[0] for each in answers) == dict.fromkeys(TOPICS, 2)


def test_who_is_mostly_right_gets_harder_questions() -> None:
    good = [Answered("drill", "groups-1-0", correct=True)] * 6
    poor = [Answered("drill", "groups-1-0", correct=False)] * 6

    assert next_drill(good, "groups").name.startswith("groups-3-")
    assert next_drill(poor, "groups").name.startswith("groups-1-")


def test_a_question_that_comes_again_has_other_names() -> None:
    first = next_drill([wrongly("slave-sends")])
    later = next_drill([wrongly("slave-sends")] * 2)

    assert str(first) != str(later)
