from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mountlab.commands import progress as command
from mountlab.practice.predictions import prediction
from mountlab.practice.progress import Answered, Progress, ProgressError, default_path
from mountlab.practice.reveal import answer
from mountlab.practice.standing import standings

WRONG = Answered("02", "02/cdrom", correct=False, believed=("table-is-global",), about=("table-is-global",))
RIGHT = Answered("02", "02/cdrom", correct=True, about=("table-is-global",))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine" / "progress.json"


def status(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(words))


def test_an_answer_is_there_for_the_next_notebook(file: Path) -> None:
    question = prediction("04/up").question
    Progress(file).record(Answered.of("04", question, answer(question, "1 2")))

    kept = Progress(file).answers

    assert [(each.question, each.correct, each.believed) for each in kept] == [
        ("04/up", False, ("slave-sends",))
    ]
    assert kept[0].at.endswith("Z")


def test_two_who_write_at_once_lose_nothing(file: Path) -> None:
    """Two processes, each with its own object, as notebooks are; each begins when both are ready."""
    program = (
        "import sys; from mountlab.practice.progress import Answered, Progress\n"
        "mine = Progress(sys.argv[1])\n"
        "print(flush=True); input()\n"
        "for n in range(60): mine.record(Answered('02', f'{sys.argv[2]}-{n}', correct=True))"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(file), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    for one in both:
        assert one.stdout is not None
        one.stdout.readline()
    for one in both:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    assert [one.wait(timeout=60) for one in both] == [0, 0]
    for one in both:
        one.communicate()

    names = {each.question for each in Progress(file).answers}

    assert names == {f"{who}-{n}" for who in "ab" for n in range(60)}


def test_who_reads_meanwhile_never_sees_half_a_file(file: Path) -> None:
    """The file is replaced, not rewritten: an open one still reads what it was."""
    mine = Progress(file)
    mine.record(RIGHT)
    with file.open(encoding="utf-8") as before:
        mine.record(WRONG)
        assert len(json.load(before)["answers"]) == 1
    assert not [path for path in file.parent.iterdir() if path.name.startswith(".")]


BROKEN = ["{", "[]", '{"v": 1}', '{"v": 1, "answers": [1]}', "\x00", "[" * 100_000]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_is_set_aside_and_said_so(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")
    mine = Progress(file)

    mine.record(RIGHT)

    assert len(mine.answers) == 1
    assert (file.parent / "progress.json.unreadable-1").read_text(encoding="utf-8") == content
    assert "unreadable-1" in mine.notices[0]


def test_a_file_of_a_later_version_is_left_as_it_is(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"v": 2, "answers": {}}', encoding="utf-8")
    mine = Progress(file)

    mine.record(RIGHT)

    assert file.read_text(encoding="utf-8") == '{"v": 2, "answers": {}}'
    assert "later mountlab" in mine.notices[0]
    assert len(mine.answers) == 1


def test_keys_of_somebody_else_survive(file: Path) -> None:
    file.parent.mkdir()
    row = {"id": "1", "where": "02", "question": "q", "correct": True, "mood": "good"}
    file.write_text(json.dumps({"v": 1, "answers": [row]}), encoding="utf-8")

    Progress(file).record(WRONG)

    assert json.loads(file.read_text(encoding="utf-8"))["answers"][0] == row


def test_a_home_that_cannot_be_written_costs_a_sentence_only(tmp_path: Path) -> None:
    # No directory can be made where a file is, not even by root.
    (tmp_path / "occupied").write_text("", encoding="utf-8")
    mine = Progress(tmp_path / "occupied" / "progress.json")

    mine.record(WRONG)
    mine.record(RIGHT)

    assert len(mine.answers) == 2
    assert len([notice for notice in mine.notices if "You can go on" in notice]) >= 1


def test_the_file_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv("MOUNTLAB_PROGRESS", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert default_path() == Path("/home/ada/.local/share/mountlab/progress.json")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")  # the XDG specification: to be ignored
    assert default_path() == Path("/home/ada/.local/share/mountlab/progress.json")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_path() == Path("/data/mountlab/progress.json")
    monkeypatch.setenv("MOUNTLAB_PROGRESS", "/tmp/mine.json")
    assert default_path() == Path("/tmp/mine.json")


def test_who_has_no_home_goes_on_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("MOUNTLAB_PROGRESS", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    mine = Progress()

    mine.record(WRONG)

    assert len(mine.answers) == 1
    assert "You can go on" in mine.notices[0]


def test_a_row_that_somebody_has_edited_does_no_harm(file: Path) -> None:
    file.parent.mkdir()
    row = {"id": 7, "where": 2, "question": None, "about": 5, "believed": "slave-sends", "chosen": [1]}
    file.write_text(json.dumps({"v": 1, "answers": [row]}), encoding="utf-8")

    assert status("--file", str(file)) == 0
    assert Progress(file).answers[0].chosen == ("1",)
    assert Progress(file).answers[0].believed == ()


def test_export_and_import_twice_is_the_same_as_once(file: Path, tmp_path: Path) -> None:
    Progress(file).record(WRONG)
    other = tmp_path / "other.json"
    Progress(other).record(RIGHT)

    assert status("--file", str(file), "--export", str(tmp_path / "out.json")) == 0
    assert status("--file", str(other), "--import", str(tmp_path / "out.json")) == 0
    assert status("--file", str(other), "--import", str(tmp_path / "out.json")) == 0

    assert [each.correct for each in Progress(other).answers] == [False, True]


def test_an_answer_that_stands_twice_in_a_file_counts_once(file: Path, tmp_path: Path) -> None:
    row = {"id": "1", "where": "02", "question": "q", "correct": True}
    (tmp_path / "x.json").write_text(json.dumps({"v": 1, "answers": [row, row]}), encoding="utf-8")

    Progress(file).merge(tmp_path / "x.json")

    assert len(Progress(file).answers) == 1


def test_what_is_no_progress_is_not_imported(file: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")

    with pytest.raises(ProgressError, match=r"x\.json"):
        Progress(file).merge(tmp_path / "x.json")
    assert status("--file", str(file), "--import", str(tmp_path / "x.json")) == 2
    assert status("--file", str(file), "--import", str(tmp_path / "missing.json")) == 2
    assert status("--file", str(file), "--csv", "x.csv") == 2


def test_a_learner_sees_what_is_open_and_what_is_overcome(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = Progress(file)
    mine.record(WRONG)
    assert standings(mine.answers)["table-is-global"].state == "open"
    status("--file", str(file))
    assert "look at again" in (said := capsys.readouterr().out)
    assert "There is one mount table" in said

    mine.record(RIGHT)

    status("--file", str(file))
    said = capsys.readouterr().out
    assert "Answers: 2, of them right: 1." in said
    assert "Seen through" in said
    assert "look at again" not in said


def test_progress_needs_nothing_but_the_standard_library() -> None:
    program = (
        "import sys, mountlab.commands.progress, mountlab.practice.drills\n"
        "print('matplotlib' in sys.modules, 'IPython' in sys.modules)"
    )
    said = subprocess.check_output([sys.executable, "-c", program], text=True, env=os.environ)

    assert said.split() == ["False", "False"]
