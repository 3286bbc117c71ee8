"""What the steps of a command say: judged by hand against what each command does."""

from __future__ import annotations

import pytest

from tests.view.worlds import data, sayings, summary

SHARED = ("host# mkdir /a", "host# mount -t tmpfs disk /a", "host# mount --make-shared /a")


def test_a_mount_says_what_is_mounted_where() -> None:
    assert sayings("host# mkdir /a", "host# mount -t tmpfs disk /a") == ["disk is mounted on host:/a."]


def test_a_command_that_changes_no_mount_says_so() -> None:
    assert sayings("host# mkdir /a") == ["The mount tables stay as they are."]


def test_a_failing_system_call_says_its_errno_and_why() -> None:
    (said,) = sayings("host# umount /etc")

    assert said.startswith("The kernel refuses with EINVAL: ")


def test_a_command_that_fails_before_any_system_call_changes_nothing() -> None:
    assert sayings("host# mkdir") == ["The command fails, and nothing changes."]


def test_make_shared_names_the_group() -> None:
    assert sayings(*SHARED) == ["host:/a becomes shared: it is now in peer group 1."]


def test_a_bind_says_what_it_shows() -> None:
    assert sayings(*SHARED, "host# mkdir /b", "host# mount --bind /a /b") == [
        "host:/b is made. It shows what host:/a shows."
    ]
    assert sayings(*SHARED, "host# mkdir /b /a/sub", "host# mount --bind /a/sub /b") == [
        "host:/b is made. It shows /sub of disk."
    ]


def test_a_recursive_bind_counts_what_comes_along() -> None:
    tree = ("host# mkdir /a/x /b", "host# mount -t tmpfs stick /a/x")
    said = sayings(*SHARED[:2], *tree, "host# mount --rbind /a /b")

    assert said == ["host:/b is made, with 1 mount below it: copies of host:/a and what is mounted there."]


def test_each_copy_is_a_step_and_tells_why_it_arrives() -> None:
    listener = "c1# unshare --mount --propagation slave"
    peer = ("host# mkdir /b", "host# mount --bind /a /b")
    said = sayings(*SHARED, *peer, listener, "host# mkdir /a/x", "host# mount -t tmpfs stick /a/x")

    assert said == [
        "stick is mounted on host:/a/x.",
        "Its parent is shared, so host:/a/x becomes shared too: peer group 2.",
        "host:/b is a peer in the same group: it gets host:/b/x as well.",
        "c1:/b listens to that group: it gets c1:/b/x as well.",
        "c1:/a listens to that group: it gets c1:/a/x as well.",
    ]


def test_the_whole_command_counts_copies_and_those_left_out() -> None:
    part = ("host# mkdir /a/sub /b", "host# mount --bind /a/sub /b")
    listener = "c1# unshare --mount --propagation slave"
    said = summary(*SHARED, *part, listener, "host# mkdir /a/x", "host# mount -t tmpfs stick /a/x")

    assert said.startswith("stick is mounted on host:/a/x. 1 copy arrives elsewhere. ")


def test_a_receiver_that_is_skipped_is_a_step_with_its_reason() -> None:
    part = ("host# mkdir /a/sub /b", "host# mount --bind /a/sub /b", "host# mkdir /a/x")
    commands = data(*SHARED, *part, "host# mount -t tmpfs stick /a/x")["commands"]
    skips = [step for step in commands[-1]["steps"] if step["act"]["kind"] == "skip"]

    assert [step["rule"] for step in skips] == ["propagate.outside"]
    assert skips[0]["say"].startswith("host:/b ")
    assert all(set(fields) == {"why"} for _, fields in skips[0]["d"].get("set", ()))


def test_unshare_makes_one_step_of_the_copied_tree_and_one_of_becoming_private() -> None:
    assert sayings(*SHARED, "c1# unshare --mount") == [
        "c1 gets a mount namespace of its own, with copies of 2 mounts.",
        "c1:/a becomes private: it leaves its peer group, sends nothing and hears nothing.",
    ]


def test_a_slave_is_told_whom_it_listens_to() -> None:
    assert sayings(*SHARED, "c1# unshare --mount --propagation slave")[-1] == (
        "c1:/a becomes a slave: it listens to group 1 and sends nothing back."
    )


def test_a_slave_of_nobody_is_private() -> None:
    assert sayings(*SHARED, "host# mount --make-slave /a") == [
        "host:/a was alone in its peer group: as a slave of nobody it is private."
    ]


def test_an_umount_tells_of_those_that_go_too() -> None:
    listener = "c1# unshare --mount --propagation slave"
    stick = ("host# mkdir /a/x", "host# mount -t tmpfs stick /a/x")

    assert sayings(*SHARED, listener, *stick, "host# umount /a/x") == [
        "host:/a/x is unmounted.",
        "c1:/a/x goes too: the umount is told to its parent.",
    ]


def test_a_master_that_goes_is_told_to_its_slaves() -> None:
    listener = "c1# unshare --mount --propagation slave"
    said = sayings(*SHARED, listener, "host# mount --make-private /a")

    assert "The master of c1:/a is gone, and nobody takes its place: c1:/a listens to nobody." in said


def test_a_copy_that_finds_its_place_taken_slips_beneath() -> None:
    lines = (
        "host# mkdir /b /a/x",
        "host# mount --bind /a /b",
        "c1# unshare --mount --propagation slave",
        "c1# mount -t tmpfs own /a/x",
        "host# mount -t tmpfs stick /a/x",
    )

    assert sayings(*SHARED, *lines)[-1] == (
        "c1:/a listens to that group: it gets c1:/a/x as well. "
        "Something already stood there: the copy slips beneath it."
    )


def test_moves_flags_and_the_end_of_a_namespace_are_told() -> None:
    assert sayings(*SHARED[:2], "host# mkdir /b", "host# mount --move /a /b") == ["host:/a moves to host:/b."]
    assert sayings(*SHARED[:2], "host# mount -o remount,bind,ro /a")[0].startswith(
        "The options of host:/a change to ro"
    )
    assert sayings("c1# unshare --mount", "c1# exit") == [
        "Namespace 2 ends with its last process. Its mounts go, and nobody is told."
    ]
    assert sayings("c1# unshare --mount", "c2# nsenter --mount --target c1") == ["c2 is now in namespace 2."]


def test_unbindable_is_told() -> None:
    assert sayings(*SHARED[:2], "host# mount --make-unbindable /a") == [
        "host:/a becomes unbindable: private, and it cannot be bound."
    ]


@pytest.mark.parametrize("peers", [100, 300])
def test_a_command_with_very_many_copies_is_told_in_a_bearable_number_of_steps(peers: int) -> None:
    names = [f"/p/{number}" for number in range(peers)]
    lines = ["host# mkdir /p " + " ".join(names), *(f"host# mount --bind /a {name}" for name in names)]
    commands = data(*SHARED, *lines, "host# mkdir /a/x", "host# mount -t tmpfs stick /a/x")["commands"]

    assert 10 < len(commands[-1]["steps"]) <= 40
    assert commands[-1]["say"].startswith(f"stick is mounted on host:/a/x. {peers} copies arrive elsewhere.")


LISTENERS = (
    "host# mkdir /b /a/x",
    "host# mount --bind /a /b",
    "c1# unshare --mount --propagation slave",
    "c2# unshare --mount",
)


@pytest.mark.parametrize(
    ("change", "command", "expected"),
    [
        # The receiver does not hear.
        (
            "host# true",
            "host# mount -t tmpfs s /a/x",
            "c2:/a shows the same place and gets no copy: it is private and hears nothing.",
        ),
        (
            "c1# mount --make-unbindable /b",
            "host# mount -t tmpfs s /a/x",
            "c1:/b shows the same place and gets no copy: it is unbindable, so private, and hears nothing.",
        ),
        (
            "host# mount --make-private /b && mount --make-shared /b",
            "host# mount -t tmpfs s /a/x",
            "host:/b shows the same place and gets no copy: it is in another peer group,",
        ),
        # The sender does not tell.
        (
            "host# true",
            "c1# mount -t tmpfs s /a/x",
            "host:/a shows the same place and gets no copy: c1:/a is only a slave and sends nothing.",
        ),
        (
            "host# true",
            "c2# mount -t tmpfs s /a/x",
            "host:/a shows the same place and gets no copy: c2:/a is private and tells nobody.",
        ),
        # Both are shared, but in one direction only.
        (
            "c1# mount --make-shared /a",
            "c1# mount -t tmpfs s /a/x",
            "host:/a shows the same place and gets no copy: it is in group 1, the master,",
        ),
    ],
)
def test_who_shows_the_same_place_and_is_left_out_is_told_with_the_reason(
    change: str, command: str, expected: str
) -> None:
    said = sayings(*SHARED, *LISTENERS, change, command)

    assert any(one.startswith(expected) for one in said), said


def test_an_umount_tells_who_stays() -> None:
    said = sayings(*SHARED, *LISTENERS, "host# mount -t tmpfs s /a/x", "c1# umount /a/x")

    assert said[0] == "c1:/a/x is unmounted."
    assert "host:/a/x stays: c1:/a is only a slave and sends nothing." in said
    assert not any("c2" in one for one in said)


def test_many_that_are_left_out_are_counted() -> None:
    others = [f"c{number}# unshare --mount" for number in range(3, 10)]
    said = sayings(*SHARED, "host# mkdir /a/x", *others, "host# mount -t tmpfs s /a/x")

    assert "7 mounts show the same place and get no copy: they are private and hear nothing." in said
