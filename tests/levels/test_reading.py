"""Messages for teachers: file, line, word, and what would work."""

from __future__ import annotations

from pathlib import Path

import pytest

from mountlab.practice.levels import UnknownLevelError, answers, level, names
from mountlab.shell.complaints import TranscriptError
from tests.levels.machines import ANSWERS, SHORT, short


def test_a_level_is_read_whole() -> None:
    found = short(SHORT.replace("#? fail", "#? | Two names.\n#? fail").replace("par=1", "order=7 par=1"))

    assert (found.title, found.notebook, found.order, found.par) == ("Two names", "01", 7, 1)
    assert found.story == "A disk is at /a. It is wanted at /b as well."
    assert (found.teaches, found.terminals, found.init) == (("bind-copies",), ("host",), "bare")
    assert [rule.sentence for rule in found.hints] == ["That is /c.", "Bind it. Two names."]
    assert found.goal[0].line == 5


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("#? goal", "#? gaol", "short.mnt:5:4", "did you mean goal?"),
        ("#? goal", "#? ", "short.mnt:5:14", "the form is: SHELL: PATH same-as"),
        ("host: /b same-as host: /a =>", "=>", "short.mnt:5:8", "here a condition is missing"),
        ("/b same-as", "/b samesame", "short.mnt:5:18", "'samesame' is not understood; the forms are"),
        ("goal host:", "goal hots:", "short.mnt:5:9", "no terminal 'hots': there are host"),
        ("host: /b same-as", "host /b same-as", "short.mnt:5:9", "'host'"),
        (" => Bind it.", "", "short.mnt:7:4", "a hint reads: #? hint CONDITION => what is said then"),
        ("hint always", "hint always and", "short.mnt:7", "a condition is missing beside 'and'"),
        ("hint always", "hint host: at-most many mounts", "short.mnt:7:23", "'many' is no number"),
        ("hint always", "hint host: /b layers x", "short.mnt:7:25", "'x' is no number"),
        ("hint always", "hint host: /b hears host /a", "short.mnt:7:24", "'host' is no shell's name"),
        ("hint always", "hint host: /a mounted propagation=deaf", "short.mnt:7:26", "no propagation type"),
        ("par=1", "par=none", "short.mnt:1", "par='none': a number from 1 on is expected"),
        ("par=1", "pra=1", "short.mnt:1", "'pra': the header of a level has title=, notebook=, par="),
        (' teaches="bind-copies"', "", "short.mnt", "the header lacks teaches; write: #: teaches=…"),
        ("notebook=01", "notebook=bind", "short.mnt:1", "for example 01 or 04b"),
        ("notebook=01", "notebook=01 init=windows", "short.mnt:1", "there are bare, systemd"),
        ("notebook=01", 'notebook=01 forbidden="a,,b"', "short.mnt:1", "missing between two commas"),
        ("notebook=01", 'notebook=01 terminals="a b:"', "short.mnt:1", "'b:' is no name for a terminal"),
        ("# A disk is at /a. It is wanted at /b as well.\n", "", "short.mnt", "needs its story"),
        ("host# mkdir", "host# mkdr", "short.mnt:3:7", "mkdr"),
    ],
)  # fmt: skip
def test_a_mistake_is_shown_where_it_is(old: str, new: str, where: str, said: str) -> None:
    assert old in SHORT
    with pytest.raises(TranscriptError) as caught:
        short(SHORT.replace(old, new, 1))

    assert str(caught.value).startswith(where)
    assert said in str(caught.value)


def test_a_level_without_a_goal_is_none() -> None:
    with pytest.raises(TranscriptError, match="needs a line such as: #"):
        short("\n".join(line for line in SHORT.split("\n") if "goal" not in line))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ANSWERS.replace("#? solution\n", ""), "one part '#\\? solution'"),
        (ANSWERS + "#? solution\n", "one part '#\\? solution'"),
        (ANSWERS.replace("#? detour", "#? detuor", 1), "short.answers.mnt:6: 'detuor': a part begins with"),
        ("host# ls\n" + ANSWERS, "short.answers.mnt:1: this line belongs to no part"),
        (ANSWERS.replace("umount /a", "unmount /a"), "short.answers.mnt:9:7"),
    ],
)
def test_a_mistake_in_the_answers_is_shown_where_it_is(text: str, said: str) -> None:
    with pytest.raises(TranscriptError, match=said):
        answers(short(SHORT, text))


def test_without_answers_that_is_said() -> None:
    with pytest.raises(TranscriptError, match=r"they belong into short\.answers\.mnt beside it"):
        answers(short(SHORT, None))


def test_a_teacher_plays_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.mnt").write_text(SHORT)
    assert level(tmp_path / "mine.mnt").name == "mine"
    assert level(str(tmp_path / "mine.mnt")).answers is None

    (tmp_path / "mine.answers.mnt").write_text(ANSWERS)
    kinds = [way.kind for way in answers(level(tmp_path / "mine.mnt"))]
    assert kinds == ["solution", "another", "detour", "detour"]


def test_an_unknown_name_is_answered_with_near_ones() -> None:
    with pytest.raises(UnknownLevelError, match="did you mean slave-only"):
        level("slaveonly")
    with pytest.raises(UnknownLevelError, match=names()[0]):
        level("qqqqqqqqq")
    with pytest.raises(TranscriptError, match=r"nowhere\.mnt: cannot be read"):
        level("nowhere.mnt")


CONTAINER = SHORT.replace("par=1", 'par=1 containers="A"')


def test_a_condition_may_speak_of_a_container_that_the_header_names_and_of_a_unit() -> None:
    found = short(CONTAINER.replace("hint always", "hint A: / mounted and not docker.service: / absent"))

    assert found.hints[1].condition.shells == {"A", "docker.service"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hint always", "hint B: / mounted", "no terminal 'B': there are A, host"),
        ("hint always", "hint A: /x exists", "'A': a file is looked for by a terminal: host"),
        ('containers="A"', 'containers="A:"', "containers: 'A:' is no name for a container"),
    ],
)
def test_a_mistake_about_containers_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(TranscriptError, match=said):
        short(CONTAINER.replace(old, new, 1))
