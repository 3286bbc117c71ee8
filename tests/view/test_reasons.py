"""The answers that travel with a picture: why a mount is here, and why a place is empty."""

from __future__ import annotations

from typing import Any

from mountlab.rules import RULES
from mountlab.view.frames import Seen, frames_of_tables
from mountlab.view.scene import fold
from tests.view.worlds import data, machine

STICK = (
    "host# mkdir /a", "host# mount -t tmpfs disk /a", "host# mount --make-shared /a", "host# mkdir /a/x",
    "c1# unshare --mount --propagation slave", "c2# unshare --mount", "host# mount -t tmpfs stick /a/x",
)  # fmt: skip


def told(shown: dict[str, Any], numbers: list[int]) -> list[str]:
    return [shown["texts"][number] for number in numbers]


def test_a_copy_knows_why_it_is_here_from_the_step_in_which_it_arrives() -> None:
    shown = data(*STICK)
    (arrival,) = [step for step in shown["commands"][-1]["steps"] if step["act"]["kind"] == "copy"]
    ((_, fields),) = arrival["d"]["set"]

    assert told(shown, fields["why"]) == [
        "Step 7 (host# mount -t tmpfs stick /a/x) mounted stick (tmpfs) on host:/a/x (mount 13).",
        "host:/a (mount 4) is in peer group 1 since step 3 (host# mount --make-shared /a).",
        "c1:/a (mount 8) is a slave of peer group 1 since step 5 (c1# unshare --mount --propagation slave).",
        "So a copy was made under it: c1:/a/x (mount 14).",
    ]


def test_an_empty_place_knows_why_nothing_is_there() -> None:
    shown = data(*STICK)
    ((column, row, numbers),) = shown["commands"][-1]["steps"][-1]["d"]["empty"]

    assert (shown["columns"][column]["ns"], shown["rows"][row]["path"]) == (3, "/a/x")
    assert "c2:/a (mount 12) is private since step 6" in told(shown, numbers)[-1]


def test_a_mount_that_moved_is_explained_anew() -> None:
    shown = data(*STICK[:2], "host# mkdir /b", "host# mount --move /a /b")
    ((_, fields),) = shown["commands"][-1]["steps"][0]["d"]["set"]

    last = told(shown, fields["why"])[-1]

    assert last.startswith("Step 4 (host# mount --move /a /b) moved it from host:/a")


def test_each_answer_and_each_step_name_rules_that_are_told() -> None:
    shown = data(*STICK)

    assert {rule for rule in shown["because"] if rule} <= RULES.keys()
    assert len(shown["because"]) == len(shown["texts"])
    for command in shown["commands"]:
        for step in command["steps"]:
            if "rule" in step:
                assert shown["rules"][step["rule"]].startswith(RULES[step["rule"]].sentence)


def test_tables_alone_tell_where_nothing_is_but_not_why() -> None:
    backend = machine(*STICK)
    seen = Seen("host", "mount -t tmpfs stick /a/x", 0, "", "", backend.tables())
    shown = frames_of_tables(machine(*STICK[:-1]).tables(), [seen])
    scene = fold(shown)

    places = [(column, scene.rows[row].path) for column, row in scene.empty]

    assert places == [(2, "/a/x")]
    assert shown["texts"] == []


def test_tables_alone_tell_whether_anything_changed() -> None:
    start = machine("host# true").tables()
    made = machine("host# mkdir /a", "host# mount -t tmpfs d /a").tables()
    lines = [
        Seen("host", "mkdir /a", 0, "", "", start),
        Seen("host", "umount /a", 32, "", "umount: /a: not mounted.\n", start),
        Seen("host", "mount -t tmpfs d /a", 0, "", "", made),
    ]

    assert [command["say"] for command in frames_of_tables(start, lines)["commands"]] == [
        "The mount tables stay as they are.",
        "The command fails, and nothing changes.",
        "The mount table changes.",
    ]
