"""Questions and levels in a notebook, without a page: what their outputs hold, what is kept, what is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mountlab.course import answer, drill, level, posttest, predict, pretest
from mountlab.course import levels as course_levels
from mountlab.course.question import MIME, data_of
from mountlab.course.record import PracticeError, Record, _meet, reply
from mountlab.play.protocol import Pages
from mountlab.play.session import PlayError
from mountlab.practice.levels import UnknownLevelError, names, solution
from mountlab.practice.levels import level as read_level
from mountlab.practice.predictions import predictions
from mountlab.practice.progress import Progress
from mountlab.practice.reveal import answer as judged

ROOT = Path(__file__).resolve().parents[2]
LARGEST = {"05": 25_000, "06": 28_000}
"""Bytes, where three containers and the host stand side by side, and in 06 a manifest with them; elsewhere
`USUAL` is enough."""
USUAL = 15_000
EVERY = 6
KEPT: dict[str, Any] = {"kept": True, "note": None}
SAMPLE = list(predictions())[::EVERY]
LEVELS = names()[::EVERY]


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Progress:
    """A learner who has answered nothing yet."""
    path = tmp_path / "progress.json"
    monkeypatch.setenv("MOUNTLAB_PROGRESS", str(path))
    return Progress(path)


def written(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


# -- questions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLE)
def test_the_page_can_tell_every_answer_what_python_tells_it(name: str) -> None:
    each = predictions()[name]
    question = each.question
    data = json.loads(written(data_of(question, each.title)))

    count = len(question.choices)
    assert len(data["answers"]) == (2**count if question.many else count)
    for key, record in data["answers"].items():
        taken = [int(word) for word in key.split()]
        told = judged(question, taken)
        assert (taken == data["right"]) == told.correct
        assert tuple(data["texts"][at] for at in record["chain"]) == told.chain
        assert (data["texts"][record["rule"]] if record["rule"] is not None else "") == told.rule
        for slug in record["told"]:
            assert data["beliefs"][slug]["truth"] in told.feedback


def test_every_prediction_is_small_and_its_pictures_stop_right_before_the_command() -> None:
    for name, each in predictions().items():
        data = data_of(each.question, each.title)
        following = data["frames"]["commands"][data["at"]["command"] + 1]

        assert len(written(data).encode()) < LARGEST.get(name.partition("/")[0], USUAL), name
        assert data["asked"][0].startswith(f"{following['shell']}# "), name
        assert following["text"] in "\n".join(data["asked"]), name


def test_as_text_it_has_story_numbers_and_how_to_answer_without_a_page() -> None:
    bundle = predict("02/cdrom")._repr_mimebundle_()

    assert set(bundle) == {"text/plain", MIME}
    text = bundle["text/plain"]
    assert "    child# unshare --mount\n" in text
    assert "  2. child: /mnt/cdrom\n" in text
    assert text.endswith('Without a page: answer("02/cdrom", …)')
    assert str(predict("02/cdrom")) == text


def test_an_answer_in_a_cell_is_told_and_the_first_one_is_kept(
    capsys: pytest.CaptureFixture[str], kept: Progress
) -> None:
    answer("02/cdrom", "1 2")
    told = capsys.readouterr().out
    answer("02/cdrom", 1)

    assert told.startswith("Not so. Right is: host: /mnt/cdrom.\n")
    assert "There is one mount table" in told
    assert capsys.readouterr().out.startswith("Right.\n")
    [only] = kept.answers
    assert (only.where, only.question, only.correct) == ("02", "02/cdrom", False)
    assert only.believed[0] == "table-is-global"


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("02/cd", 1, "there is no prediction '02/cd'; near it: 02/cdrom"),
        ("02/cdrom", 7, "7: the choices are numbered 1 to 2"),
        ("02/cdrom", "maybe", "maybe' is not understood"),
        ("cdrom", 1, "cdrom' is no drill's name"),
    ],
)
def test_what_is_no_answer_is_refused_in_a_sentence(name: str, typed: Any, said: str) -> None:
    with pytest.raises(PracticeError) as refused:
        answer(name, typed)

    assert said in str(refused.value)
    assert refused.value._render_traceback_() == [str(refused.value)]


def test_a_page_keeps_its_answer_and_hears_only_of_trouble(kept: Progress) -> None:
    asked = predict("02/cdrom")

    assert reply(asked, {"type": "answer", "taken": [2], "n": 1}) == KEPT | {"n": 1}
    assert [each.question for each in kept.answers] == ["02/cdrom"]
    assert "numbered 1 to 2" in reply(asked, {"type": "answer", "taken": [9], "n": 2})["error"]
    for strange in ({}, {"type": "answer"}, {"type": "answer", "taken": 3.5}, {"type": "sing"}, {"type": []}):
        assert isinstance(reply(asked, strange)["error"], str)
    assert len(kept.answers) == 1


def test_where_nothing_can_be_written_the_page_is_told_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MOUNTLAB_PROGRESS", str(tmp_path / "file" / "progress.json"))

    told = reply(predict("02/cdrom"), {"type": "answer", "taken": [2], "n": 1})

    assert told["kept"] is False
    assert "progress.json" in told["note"]


def test_a_broken_file_is_set_aside_and_the_answer_kept(kept: Progress) -> None:
    kept.path.write_text("{")

    told = reply(predict("02/cdrom"), {"type": "answer", "taken": [2], "n": 1})

    assert told["kept"] is True
    assert "progress.json" in told["note"]
    assert len(kept.answers) == 1


class Comm:
    """What a page has opened."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True

    def send(self, message: Any) -> None:
        self.sent.append(message)

    def on_msg(self, handler: Any) -> None:
        self.handler = handler


def met(name: str) -> Comm:
    comm = Comm()
    _meet(comm, {"content": {"data": {"id": name}}})  # type: ignore[arg-type]
    return comm


def test_a_page_finds_the_question_of_its_name_and_no_other(kept: Progress) -> None:
    predict("02/cdrom")._repr_mimebundle_()

    comm = met("02/cdrom")
    comm.handler({"content": {"data": {"type": "answer", "taken": [1], "n": 4}}})

    assert comm.sent == [KEPT | {"n": 4}]
    assert kept.answers[0].correct
    assert met("02/never-asked").is_closed
    assert met("").is_closed


# -- drills and tests --------------------------------------------------------------------------------------


def test_a_drill_has_another_one_and_seeds_repeat_it(kept: Progress) -> None:
    first = drill("slaves", 2, seed=5)
    assert str(first) == str(drill("slaves", 2, seed=5))
    assert first.data()["drill"] is True

    name = first.question.name
    reply(first, {"type": "answer", "taken": sorted(first.question.right), "n": 1})
    other = reply(first, {"type": "another", "n": 2})["data"]

    assert other["name"] != name
    assert other["name"].startswith("slaves-2-")
    reply(first, {"type": "answer", "taken": sorted(first.question.right), "n": 3})
    assert [each.question for each in kept.answers] == [name, other["name"]]


def test_a_drill_without_a_topic_comes_back_to_what_was_answered_wrongly(kept: Progress) -> None:
    answer("02/cdrom", "1 2")
    assert kept.answers

    assert "table-is-global" in drill().question.draft.misconceptions
    with pytest.raises(PracticeError, match="is no topic; there are: binds"):
        drill("weather")
    with pytest.raises(PracticeError, match="there are 1, 2 and 3"):
        drill("slaves", 9)


def test_the_two_tests_keep_their_answers_apart_and_tell_at_the_end(kept: Progress) -> None:
    before, after = pretest(), posttest()
    assert {each.name for each in before.questions}.isdisjoint(each.name for each in after.questions)

    for number, question in enumerate(before.questions, 1):
        wrong = next(iter(question.beliefs.values())) if number == 1 else question.right
        told = before.answer(number, wrong)
        assert number == 8 or told == f"Kept. {8 - number} to go."

    assert told.startswith("7 of 8 right.\nWorth reading about:\n- ")
    after.answer(1, after.questions[0].right)
    assert [each.where for each in kept.answers] == ["before"] * 8 + ["after"]
    with pytest.raises(PracticeError, match="they are numbered 1 to 8"):
        before.answer(9, 1)


def test_a_test_asks_on_its_page_and_says_where_to_read(kept: Progress) -> None:
    asked = pretest()
    bundle = asked._repr_mimebundle_()
    data = json.loads(written(bundle[MIME]))

    assert bundle["text/plain"].count("\nQuestion ") == 8
    assert len(data["questions"]) == 8
    assert set(data["read"]) == set(data["beliefs"])
    assert reply(asked, {"type": "answer", "question": 3, "taken": [1], "n": 1}) == KEPT | {"n": 1}
    assert kept.answers[0].question == asked.questions[2].name
    for strange in (0, 9, None):
        assert "error" in reply(asked, {"type": "answer", "question": strange, "taken": [1]})


# -- levels ------------------------------------------------------------------------------------------------


def test_a_level_as_text_has_story_goal_par_and_how_to_type() -> None:
    bundle = level("slave-only").bundle()

    text = bundle["text/plain"]
    assert text.startswith("Level slave-only: Listening only\nc1 and the host are peers:")
    assert "\nGoal:\n  holds:   What the host mounts arrives in c1.\n  not yet: What c1" in text
    assert "Commands: 0, par: 1." in text
    assert 'lv = level("slave-only"), then lv.run("c1# …")' in text
    assert set(bundle) >= {"image/png", "text/plain", course_levels.MIME}


def test_a_level_is_played_without_a_page(kept: Progress) -> None:
    lv = level("slave-only")

    assert "solved without `unshare`" in lv.run("c1# unshare --mount")
    assert "you type in c1, not in host" in lv.run("host# true")
    assert "Not run:" in lv.run("muont /")
    assert "not yet: What the host mounts" in lv.run("mount --make-private /")
    assert "undo" in lv.hint()
    lv.undo()
    assert kept.answers == ()
    told = lv.run("mount --make-slave /")

    assert told.endswith('The goal is reached. Commands: 1, par: 1. Next: level("slave-of-nobody").')
    lv.reset()
    assert "Commands: 0" in str(lv)
    lv.undo()
    [only] = kept.answers
    assert (only.where, only.question, only.correct) == ("level", "slave-only", True)
    assert only.chosen == ("commands: 1, par: 1",)


def test_harm_stays_until_it_is_undone() -> None:
    lv = level("the-auditor")

    assert "cannot write any more" in lv.run("mount -o remount,bind,ro /ledger")
    assert lv.data()["level"]["failed"]
    assert "cannot write any more" in lv.run("mount -o remount,bind,rw /ledger")
    lv.undo()
    lv.undo()
    assert lv.data()["level"]["failed"] is None


@pytest.mark.parametrize("name", LEVELS)
def test_the_solution_reaches_the_goal_and_the_goal_s_picture_tells_no_steps(name: str) -> None:
    lv = level(name)
    told = "".join(str(lv.run(f"{step.shell}# {step.text}")) for step in solution(read_level(name)).steps)

    data = json.loads(written(lv.data()))["level"]
    assert data["reached"], told
    assert data["commands"] == data["par"]
    assert all(part["holds"] for part in data["goal"])
    assert data["frames"]["commands"] == []
    assert not data["frames"]["texts"]
    assert "why" not in {key for _, fields in data["frames"]["start"]["set"] for key in fields if fields[key]}


def test_a_page_asks_for_hint_and_solution_and_what_it_still_knows_is_run_again() -> None:
    lv = level("slave-only")
    said: list[Any] = []
    pages = Pages(lv)
    pages.receive(said.append, {"type": "hint", "n": 1})
    pages.receive(said.append, {"type": "solution", "n": 2})
    pages.receive(said.append, {"type": "run", "shell": "c1", "text": "unshare -m", "n": 3})
    old = level("slave-only")
    old.run("mount --make-slave /")
    pages.receive(said.append, {"type": "restore", "text": old.session.state.text, "n": 4})
    pages.receive(said.append, {"type": "import", "text": "host# true", "n": 5})

    assert said[0]["text"].startswith("Four types")
    assert said[1]["text"].startswith("c1# mount --make-slave /")
    assert "without `unshare`" in said[2]["error"]
    assert lv.data()["level"]["reached"]
    assert said[-1] == {"type": "answer", "n": 5, "error": "this level begins otherwise"}


def test_a_goal_reached_after_the_solution_says_so(kept: Progress) -> None:
    lv = level("slave-only")
    lv.solution()
    lv.run("mount --make-slave /")

    assert kept.answers[0].chosen[1] == "after the solution was shown"


def test_what_is_no_level_or_no_world_is_refused_in_a_sentence() -> None:
    with pytest.raises(UnknownLevelError, match="did you mean slave-only"):
        level("slave-onyl")
    with pytest.raises(PlayError, match="there are sim and kernel"):
        level("slave-only", "moon")


# -- both --------------------------------------------------------------------------------------------------

PROGRAM = """
import json
from mountlab.course import drill, level, predict, pretest
shown = [predict(name)._repr_mimebundle_() for name in ("02/cdrom", "03/four-places", "04/busy-copy")]
shown += [pretest()._repr_mimebundle_(), drill("slaves", 2, seed=7)._repr_mimebundle_()]
shown += [level(name).bundle() for name in ("slave-only", "the-auditor")]
print(json.dumps([{key: value for key, value in each.items() if key != "image/png"} for each in shown]))
"""


def test_outputs_are_the_same_in_every_kernel() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "MOUNTLAB_PROGRESS": "/nonexistent/p.json"},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip

    assert runs[0] == runs[1]
    assert len(json.loads(runs[0])) == 7


def test_a_record_of_a_later_version_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "later.json"
    path.write_text('{"v": 99, "answers": []}')
    monkeypatch.setenv("MOUNTLAB_PROGRESS", str(path))

    assert Record("02").answers == ()
    assert not reply(predict("02/cdrom"), {"type": "answer", "taken": [2], "n": 1})["kept"]
    assert path.read_text() == '{"v": 99, "answers": []}'
