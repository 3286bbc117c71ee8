"""What a teacher is told about a level that is not good yet: one broken level for each fault."""

from __future__ import annotations

import pytest

from mountlab.practice.level_check import faults
from tests.levels.machines import ANSWERS, SHORT, short


def test_a_good_level_has_none() -> None:
    assert faults(short()) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("goal host: /b same-as host: /a", "goal host: /a mounted", "the goal holds at the start"),
        ("fail host: /a absent", "fail host: /b absent", "a failure holds at the start: The disk is gone."),
        ("goal host: /b same-as host: /a", "goal host: /c mounted", "does not reach the goal"),
        ("par=1", "par=2", "has 1 commands that count, par is 2"),
        ("hint host: /c mounted", "hint host: /x mounted", "is this the first hint: That is /c."),
        ("fail host: /a absent", "fail host: /etc mounted", "meets this failure: The disk is gone."),
        ("hint always", "hint host: /c mounted", "there is no hint"),
        ('"bind-copies"', '"bind-copy"', "is no misconception of the catalogue; did you mean bind-copies?"),
        ('par=1', 'par=1 forbidden="mount --bind"', "is refused: this level is to be solved without"),
        ('par=1', 'par=1 terminals="c1"', "is refused: in this level you type in c1"),
    ],
)  # fmt: skip
def test_a_fault_in_the_level_is_told(old: str, new: str, said: str) -> None:
    assert old in SHORT
    text = SHORT.replace(old, new)

    assert any(said in fault for fault in faults(short(text)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mount --rbind /a /b", "mount --rbind /a /c", "another in line 4: does not reach the goal"),
        ("mount --bind /a /c", "mount --bind /a /b", "a detour that reaches the goal is another solution"),
        ("mount --bind /a /b", "mount --bind /x /b", "fails without saying so (#? exit 32)"),
        ("mount --bind /a /c", "mount --bind /a /c\n#? exit 1", "expected exit status 1, it is 0"),
        ("mount --rbind /a /b", "mount --rbind /a /b\nhost# touch /x", "is reached before its last line"),
    ],
)
def test_a_fault_in_the_answers_is_told(old: str, new: str, said: str) -> None:
    assert old in ANSWERS

    assert any(said in fault for fault in faults(short(SHORT, ANSWERS.replace(old, new, 1))))
