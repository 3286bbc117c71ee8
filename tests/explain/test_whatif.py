"""What another command would have changed: the difference of the final tables, and nothing but that."""

from __future__ import annotations

import pytest

from mountlab.explain import QuestionError, whatif
from tests.explain.stories import ISSUE, machine


def test_another_word_changes_what_arrives_and_how_it_is_told() -> None:
    change = whatif(machine(ISSUE), 4, "c1# unshare --mount")

    assert [str(row.where) for row in change.gone] == ["c1:/a/x"]
    assert change.new == ()
    assert [(str(row.where), row.fields) for row in change.changed] == [
        ("c1:/a", (("propagation", "slave", "private"),))
    ]
    assert "c1:/a/x is not mounted any more (disk2, slave)." in change.sentences()
    assert "c1:/a: private instead of slave." in str(change)
    assert "instead of 'c1# unshare --mount --propagation slave'" in change.title


def test_a_command_left_out() -> None:
    change = whatif(machine(ISSUE), 6, None)

    assert {str(row.where) for row in change.gone} == {"host:/a/x", "c1:/a/x"}
    assert change.transcript == "".join(ISSUE.splitlines(keepends=True)[:5])


def test_a_command_added_after_a_step_and_before_the_first() -> None:
    change = whatif(machine(ISSUE), 6, "c1# umount /a/x", insert=True)
    assert [str(row.where) for row in change.gone] == ["c1:/a/x"]

    first = whatif(machine(ISSUE), 0, "host# mount --make-shared /", insert=True)
    assert {(str(row.where), row.fields) for row in first.changed} == {
        ("host:/", (("propagation", "private", "shared"),)),
        ("c1:/", (("propagation", "private", "slave"),)),
    }


def test_other_numbers_for_the_same_mounts_are_no_difference() -> None:
    change = whatif(machine(ISSUE), 1, "host# mount -t tmpfs more /mnt && umount /mnt && mkdir -p /a /b")

    assert change.is_same
    assert change.sentences() == ("Nothing changes: the mount tables and all exit statuses are the same.",)


def test_the_same_command_changes_nothing() -> None:
    backend = machine(ISSUE)

    for ran in backend.history:
        assert whatif(backend, ran.number, ran.typed).is_same


def test_other_peers_are_a_difference_though_the_words_are_the_same() -> None:
    text = (
        "host# mkdir /a /b /c\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mount --make-shared /a\n"
        "host# mount --bind /a /b\n"
        "host# mount --make-private /b\n"
        "host# mount --make-shared /b\n"
        "host# mount --bind /b /c\n"
    )
    change = whatif(machine(text), 7, "host# mount --bind /a /c")

    assert ("host:/c", (("peers", "host:/b", "host:/a"),)) in [
        (str(row.where), row.fields) for row in change.changed
    ]


def test_a_namespace_that_is_not_made_is_told_once_and_not_row_by_row() -> None:
    change = whatif(machine(ISSUE), 4, None)

    assert change.namespaces_gone == ("c1",)
    assert "c1 has no namespace of its own any more." in change.sentences()
    assert not any(sentence.startswith("c1:") for sentence in change.sentences())


def test_commands_that_fail_then_are_told_with_their_status() -> None:
    change = whatif(machine(ISSUE), 2, None)

    assert [(each.step, each.before, each.after) for each in change.exits] == [(3, 0, 32)]
    assert "Step 3 (host# mount --make-shared /a) exits with 32 instead of 0." in change.sentences()


def test_of_stacked_mounts_each_is_compared_with_its_like() -> None:
    backend = machine(
        "host# mkdir /a\n"
        "c1# unshare -m --propagation slave\n"
        "c1# mount -t tmpfs mine /a\n"
        "host# mount -t tmpfs disk /a\n",
        "systemd",
    )

    change = whatif(backend, 4, None)
    gone = {(str(row.where), row.row.source) for row in change.gone}
    assert gone == {("host:/a", "disk"), ("c1:/a", "disk")}
    assert (change.new, change.changed) == ((), ())
    change = whatif(backend, 3, None)
    assert [(str(row.where), row.row.source) for row in change.gone] == [("c1:/a", "mine")]


def test_of_two_mounts_that_look_the_same_one_is_gone() -> None:
    backend = machine("host# mount -t tmpfs t /mnt\nhost# mount -t tmpfs t /mnt\n")

    change = whatif(backend, 2, None)
    assert [row.where.nth for row in change.gone] == [1]


def test_the_machine_itself_stays_as_it_is() -> None:
    backend = machine(ISSUE)
    tables = backend.tables()

    whatif(backend, 4, None)
    assert backend.tables() == tables
    assert len(backend.history) == 6


@pytest.mark.parametrize(
    ("step", "command", "insert", "message"),
    [
        (7, None, False, "step 7: there are steps 1 to 6"),
        (0, None, False, "step 0: there are steps 1 to 6"),
        (7, "host# true", True, "step 7: there are steps 0 to 6"),
        (1, "mount /a", False, "is no prompt"),
        (1, "host# mounti /a", False, "this program is not understood"),
        (1, "host# true\nhost# true", False, "one line is wanted"),
        (1, None, True, "what is to be added"),
    ],
)
def test_questions_that_make_no_sense_say_what_would(
    step: int, command: str | None, insert: bool, message: str
) -> None:
    with pytest.raises(QuestionError, match=message):
        whatif(machine(ISSUE), step, command, insert)


def test_a_machine_without_history_says_so() -> None:
    with pytest.raises(QuestionError, match="no command yet"):
        whatif(machine("host#\n"), 1, None)
