"""A teacher's table of a class: who is in it, who is not and why, and what it says."""

from __future__ import annotations

import argparse
import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from mountlab.commands import progress as command
from mountlab.practice import collect
from mountlab.practice.progress import Answered, Progress
from mountlab.practice.standing import standings

WRONG = Answered("02", "02/cdrom", correct=False, believed=("table-is-global",), about=("table-is-global",))
RIGHT = Answered("02", "02/cdrom", correct=True, about=("table-is-global",))


def status(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(words))


def kept(directory: Path, name: str, *answers: Answered) -> Path:
    for each in answers:
        Progress(directory / name).record(each)
    return directory / name


def class_of(directory: Path) -> None:
    for name, answers in {"ada": [WRONG, RIGHT], "bob": [WRONG], "=cyd": [RIGHT]}.items():
        for each in answers:
            Progress(directory / f"{name}.json").record(each)
    (directory / "notes.json").write_text("shopping", encoding="utf-8")


def test_a_class_becomes_one_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class_of(tmp_path)

    assert status("--collect", str(tmp_path)) == 0

    out, err = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out)))
    met = {row["learner"]: row["state"] for row in rows if row["misconception"] == "table-is-global"}
    assert met == {"ada": "overcome", "bob": "open", "'=cyd": "held"}
    assert {row["state"] for row in rows if row["misconception"] != "table-is-global"} == {"unmet"}
    assert len(rows) == 3 * len(standings([]))
    assert "notes.json is no JSON" in err


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_class_becomes_a_picture(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    class_of(tmp_path)
    picture = tmp_path / f"overview.{suffix}"

    assert status("--collect", str(tmp_path), "--picture", str(picture)) == 0

    assert picture.read_bytes()[:4] == (b"\x89PNG" if suffix == "png" else b"<?xm")
    assert collect.counts(collect.collect(tmp_path)) == {
        "table-is-global": {"open": 1, "overcome": 1, "held": 1}
    }


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    assert status("--collect", str(tmp_path)) == 2
    assert status("--collect", str(tmp_path / "missing")) == 2
    class_of(tmp_path)
    assert status("--collect", str(tmp_path), "--picture", "x.gif") == 2


def test_right_answers_of_the_two_tests_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [Answered("before", f"q{n}", correct=n < 3) for n in range(8)]
    again = Answered("before", "q7", correct=True)
    kept(tmp_path, "ada.json", *before, again, *(Answered("after", f"p{n}", correct=n < 7) for n in range(8)))
    kept(tmp_path, "bob.json", *before)
    kept(tmp_path, "cyd.json", RIGHT)

    assert status("--collect", str(tmp_path)) == 0

    out, err = capsys.readouterr()
    rows = {row["learner"]: row for row in csv.DictReader(io.StringIO(out))}
    assert [(row["before"], row["after"]) for row in rows.values()] == [("3", "7"), ("3", ""), ("", "")]
    assert "Test before the course: 6 of 16 right (learners: 2)" in err
    assert "Test after it: 7 of 8 right (learners: 1)" in err


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_that_another_system_has_written_again_is_read(tmp_path: Path, encoding: str) -> None:
    path = kept(tmp_path, "jün.json", WRONG)
    path.write_text(path.read_text(encoding="utf-8"), encoding=encoding)
    path.rename(tmp_path / "JÜN.JSON")

    assert collect.collect(tmp_path).learners["JÜN"].standing["table-is-global"].state == "open"


def test_a_name_in_another_encoding_goes_through_as_it_came(tmp_path: Path) -> None:
    """What Python makes of bytes that are no text in the locale of the machine."""
    kept(tmp_path, "j\udcfcn.json", RIGHT)

    assert status("--collect", str(tmp_path), "--csv", str(tmp_path / "class.csv")) == 0

    assert b"\nj\xfcn," in (tmp_path / "class.csv").read_bytes()


def test_a_title_is_no_formula_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept(tmp_path, "ada.json", RIGHT)

    status("--collect", str(tmp_path))

    rows = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert not [row["title"] for row in rows if row["title"][0] in "=+-@"]


def test_who_is_not_in_the_table_is_named_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(tmp_path, "ada.json", RIGHT)
    (tmp_path / "cut.json").write_text((tmp_path / "ada.json").read_text()[:60])
    (tmp_path / "new.json").write_text('{"v": 2, "answers": []}')

    assert status("--collect", str(tmp_path)) == 0

    said = capsys.readouterr().err
    assert "mountlab progress --export" in said
    assert "cut.json is no JSON" in said
    assert "new.json was written by a later mountlab: collect with that one" in said
    assert "nothing new is kept" not in said  # that is for the learner


def test_rows_that_say_less_than_they_seem_to_are_pointed_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(tmp_path, "ada.json", RIGHT)
    kept(tmp_path, "old.json", RIGHT, RIGHT._replace(about=("a-belief-of-old",)))
    (tmp_path / "none.json").write_text('{"v": 1, "answers": []}')

    status("--collect", str(tmp_path))

    said = capsys.readouterr().err
    assert "old: 1 of 2 answers count for no misconception" in said
    assert "none: nothing was answered" in said
    assert "ada" not in said


def test_who_is_in_the_table_twice_is_pointed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = kept(tmp_path, "ada.json", RIGHT)
    shutil.copy(path, tmp_path / "ada (1).json")
    kept(tmp_path, "bob.json", RIGHT)

    status("--collect", str(tmp_path))

    said = capsys.readouterr().err
    assert "ada holds the same answers as ada (1)" in said
    assert "bob holds" not in said


def test_where_nobody_believes_anything_wrong_nothing_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(tmp_path, "ada.json", RIGHT)

    status("--collect", str(tmp_path))

    assert capsys.readouterr().err == "Learners: 1.\n"


def test_a_folder_in_which_everything_is_broken_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cut.json").write_text(json.dumps({"v": 1})[:-1])

    assert status("--collect", str(tmp_path)) == 2

    said = capsys.readouterr().err
    assert "cut.json is no JSON" in said
    assert "folders in it are not looked into" in said
