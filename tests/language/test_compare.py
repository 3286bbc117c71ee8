"""Two worlds side by side: numbers may differ, what they stand for may not."""

from __future__ import annotations

import re

import pytest

from mountlab.shell.backend import UNKNOWN, NamespaceTable, Outcome
from mountlab.shell.canonical import canonical_output
from mountlab.shell.compare import Observation, compare
from mountlab.shell.records import record
from mountlab.shell.runner import Counterpart, play
from mountlab.shell.syntax import CommandLine
from mountlab.shell.transcript import parse
from tests.language.worlds import TABLE, ToldWorld, any_program, rows, table


def line(text: str) -> CommandLine:
    command = parse(f"host# {text}", "x", any_program).steps[0].command
    assert command is not None
    return command


def difference(
    ours: NamespaceTable | Outcome, theirs: NamespaceTable | Outcome, command: str = "true", same: bool = True
) -> str | None:
    def seen(world: str, what: NamespaceTable | Outcome) -> Observation:
        if isinstance(what, Outcome):
            return Observation(world, what, [table()])
        return Observation(world, Outcome(0), [what])

    return compare(line(command), seen("simulator", ours), seen("kernel", theirs), same_programs=same)


def renumbered(text: str = TABLE) -> str:
    """The same table from a machine that has been up for a while."""
    text = re.sub(
        r"^(\d+) (\d+) 0:(\d+)",
        lambda m: f"{int(m[1]) + 900} {int(m[2]) + 900} 0:{int(m[3]) + 50}",
        text,
        flags=re.MULTILINE,
    )
    return re.sub(r"(?<=shared:|master:)\d+|(?<=from:)\d+", lambda m: str(int(m[0]) + 300), text)


def test_numbers_of_the_machine_do_not_differ() -> None:
    assert renumbered() != TABLE
    assert difference(table(), table(mounts=rows(renumbered()))) is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("master:7", "master:1", ["/a", "master"]),
        ("master:7", "shared:7", ["/a", "shared"]),
        ("30 21", "30 31", ["/a", "parent"]),
        ("0:31", "0:30", ["/secret", "dev"]),
        ("/x /a/b", "/y /a/b", ["/a/b", "root"]),
        ("unbindable ", "", ["/secret", "unbindable"]),
        ("ro,nosuid", "ro", ["/secret", "options"]),
        (" disk1", " disk2", ["/a", "source"]),
        ("propagate_from:1 ", "", ["/a/b", "propagate_from"]),
    ],
)
def test_any_field_that_differs_is_named(old: str, new: str, says: list[str]) -> None:
    assert old in TABLE

    found = difference(table(), table(mounts=rows(TABLE.replace(old, new))))

    assert found is not None
    assert found.startswith("namespace 1: ")
    for word in [*says, "simulator", "kernel"]:
        assert word in found


def test_missing_rows_other_order_and_other_namespaces_differ() -> None:
    swapped = rows()
    swapped[1:3] = reversed(swapped[1:3])

    assert "only" in (difference(table(), table(mounts=rows()[:-1])) or "")
    assert difference(table(), table(mounts=swapped))
    assert "shells" in (difference(table(), table(shells=("host", "c1"))) or "")
    ours, theirs = Observation("a", None, [table(), table(2, ("c1",))]), Observation("b", None, [table()])
    assert compare(None, ours, theirs) == "there are 2 namespaces in the a and 1 in the b"


def test_a_group_has_one_name_in_all_namespaces() -> None:
    def pair(group: int) -> list[NamespaceTable]:
        return [
            table(1, ("host",), rows(TABLE)),
            table(2, ("c1",), rows(f"90 80 0:9 / / rw master:{group} - tmpfs r rw\n")),
        ]

    assert compare(None, Observation("a", None, pair(1)), Observation("b", None, pair(1))) is None
    found = compare(None, Observation("a", None, pair(1)), Observation("b", None, pair(8)))
    assert found
    assert found.startswith("namespace 2: ")


def test_views_are_compared() -> None:
    found = difference(table(shells=("host", "j"), views={"j": rows()[:1]}), table(shells=("host", "j")))

    assert found
    assert "as j sees it" in found


def test_statuses_and_errors() -> None:
    assert "exit status is 0" in (difference(Outcome(0), Outcome(32)) or "")
    assert "errno is EBUSY" in (difference(Outcome(1, errno="EBUSY"), Outcome(1, errno="EINVAL")) or "")
    assert difference(Outcome(1, errno="EBUSY"), Outcome(1, errno=UNKNOWN)) is None


def test_texts_are_compared_only_where_the_programs_are_the_modelled_ones() -> None:
    ours, theirs = Outcome(0, "one\ntwo\n", ""), Outcome(0, "one\n2\n", "")

    assert difference(ours, theirs) == "stdout: line 2 is 'two' in the simulator and '2' in the kernel"
    assert difference(ours, theirs, same=False) is None
    dated = [Outcome(0, f"{date} f\n{size} g\n") for date, size in (("Jan  1 00:00", 3), ("Nov 20 12:13", 4))]
    assert difference(*dated) == "stdout: line 2 is '3 g' in the simulator and '4 g' in the kernel"
    assert "line 2 is 'b' in the simulator and missing" in (
        difference(Outcome(0, "a\nb"), Outcome(0, "a")) or ""
    )
    assert "stderr: line 1" in (difference(Outcome(0, "", "x\n"), Outcome(0, "", "")) or "")


SAME = [
    ("cat /proc/self/mountinfo", TABLE, renumbered()),
    (
        "findmnt -o ID,PARENT,TARGET,OPT-FIELDS",
        "ID PARENT TARGET OPT-FIELDS\n21      1 /      shared:1\n30     21 └─/a   master:7\n",
        "  ID PARENT TARGET OPT-FIELDS\n 921    901 /      shared:41\n 930    921 └─/a   master:9\n",
    ),
    ("findmnt -o TARGET,MAJ:MIN /", "TARGET MAJ:MIN\n/      0:2\n", "TARGET MAJ:MIN\n/        0:113\n"),
    (
        "lsns -t mnt",
        "        NS TYPE NPROCS PID USER COMMAND\n4026531841 mnt       2   1 root host\n",
        "        NS TYPE NPROCS   PID USER COMMAND\n4026532999 mnt       2 31337 root host\n",
    ),
    (
        "stat /a",
        "Device: 0,41\tInode: 1           Links: 2\nModify: 2024-01-01 00:00:00.000000000 +0000\n",
        "Device: 0,113\tInode: 1           Links: 2\nModify: 2026-11-20 12:13:14.123456789 +0000\n",
    ),
    ("ls -l /a", "-rw-r--r-- 1 root root 3 Jan  1 00:00 f\n", "-rw-r--r-- 1 root root 3 Nov 20 12:13 f\n"),
    (
        "sed -i s/a/b/ /c/f",
        "couldn't open temporary file /c/sedXXXXXX: R\n",
        "couldn't open temporary file /c/sedFNiix0: R\n",
    ),
]
OTHER = [
    ("cat /proc/self/mountinfo", TABLE, renumbered().replace("master:307", "master:301")),
    ("cat /proc/self/mountinfo", TABLE, renumbered().replace("930 921", "930 931")),
    ("ls -l /a", "-rw-r--r-- 1 root root 3 Jan  1 00:00 f\n", "-rw-r--r-- 1 root root 4 Jan  1 00:00 f\n"),
    ("ls -i /a", "2 f\n", "3 f\n"),
    ("stat /a", "Device: 0,41\tInode: 1\n", "Device: 0,41\tInode: 2\n"),
    ("stat -c %s /f", "10\n", "11\n"),
    ("cat /f", "1 apple\n", "2 apples\n"),
    ("findmnt -o TARGET,SIZE", "/ 10k\n", "/ 11k\n"),
    ("findmnt -o ID,PARENT", "21 21\n", "21 22\n"),
]


@pytest.mark.parametrize(("command", "ours", "theirs"), SAME)
def test_what_two_machines_print_about_the_same_mounts_is_the_same(
    command: str, ours: str, theirs: str
) -> None:
    assert canonical_output(line(command), ours) == canonical_output(line(command), theirs)


@pytest.mark.parametrize(("command", "ours", "theirs"), OTHER)
def test_what_is_no_number_of_the_machine_is_compared_as_printed(
    command: str, ours: str, theirs: str
) -> None:
    assert canonical_output(line(command), ours) != canonical_output(line(command), theirs)


def test_a_difference_that_the_other_worlds_own_version_shows_too_is_a_quirk() -> None:
    transcript = parse("host# true\nhost# true", "x", any_program)
    changed = table(mounts=rows(TABLE.replace("unbindable ", "")))
    ours = ToldWorld([Outcome(0)] * 2, [[table()], [table()]])
    theirs = ToldWorld([Outcome(0)] * 2, [[changed], [changed]])
    stand_in = ToldWorld([Outcome(0)] * 2, [[changed], [table()]])

    first, second = play(transcript, ours, Counterpart(theirs, True, stand_in, ("unbindable-copied",)))

    assert first.differs
    assert first.quirk == "unbindable-copied"
    assert record(first, compared=True)["quirk"] == "unbindable-copied"
    assert "quirk" not in record(second, compared=True)
    assert second.differs
    assert second.quirk is None
