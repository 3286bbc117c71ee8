"""Why a mount is there: the chain begins with somebody's command and leaves out no hop."""

from __future__ import annotations

import pytest

from mountlab.explain import QuestionError, why, why_mount
from mountlab.rules import RULES
from mountlab.shell.transcript import parse
from tests.explain.stories import ISSUE, machine, reasons, rule_of


def test_a_received_copy_is_told_from_the_command_over_group_and_slave_to_the_copy() -> None:
    answer = why(machine(ISSUE), "c1", "/a/x")

    assert reasons(answer) == [
        (6, "mount.new"),
        (3, "make.shared"),
        (4, "make.slave"),
        (6, "propagate.slave"),
    ]
    command, group, slave, copy = (link.text for link in answer.links)
    assert "step 6 (host# mount -t tmpfs disk2 /a/x)" in command.lower()
    assert "disk2 (tmpfs) on host:/a/x" in command
    assert "host:/a " in group
    assert "peer group 1 since step 3 (host# mount --make-shared /a)" in group
    assert "c1:/a " in slave
    assert "slave of peer group 1 since step 4 (c1# unshare --mount --propagation slave)" in slave
    assert "c1:/a/x " in copy
    assert answer.mounted


def test_every_link_brings_the_rule_and_who_says_so() -> None:
    for link in why(machine(ISSUE), "c1", "/a/x").links:
        assert link.rule
        assert (link.sentence, link.source) == RULES[link.rule]


def test_mounts_and_groups_are_told_in_the_askers_numbers() -> None:
    class Roman:
        def mount(self, number: int) -> int | None:
            return None if number == 2 else number + 1000

        def group(self, number: int) -> int | None:
            return number + 70

    text = str(why(machine(ISSUE), "c1", "/a/x", names=Roman()))
    assert "(mount 1004)" in text
    assert "peer group 71" in text
    assert "(mount" not in str(why(machine(ISSUE), "host", "/", names=Roman()))


def test_what_was_there_from_the_start_says_so() -> None:
    answer = why(machine("host# true\n"), "host", "/")

    assert reasons(answer) == [(None, None)]
    assert "when the machine started" in answer.links[0].text


def test_the_state_after_an_earlier_step_can_be_asked_about() -> None:
    backend = machine(ISSUE)

    assert why(backend, "c1", "/a/x").mounted
    before = why(backend, "c1", "/a/x", step=5)
    assert not before.mounted
    assert "ever mounted" in before.links[-1].text
    assert why(backend, "host", "/a", step=2).step == 2


def test_a_copy_made_by_unshare_is_told_with_what_it_was_copied_from() -> None:
    answer = why(machine(ISSUE), "c1", "/a")

    assert reasons(answer) == [(2, "mount.new"), (4, "unshare")]
    assert "host:/a (mount 4) became c1:/a (mount 8)" in answer.links[1].text


def test_in_a_user_namespace_the_copies_are_slaves() -> None:
    answer = why(machine("c1# unshare -U -r -m --propagation unchanged\n", "systemd"), "c1", "/")

    assert reasons(answer)[-1] == (1, "unshare.slave")
    assert "a slave" in answer.links[-1].text


def test_a_copy_goes_through_slaves_that_are_shared_to_slaves_of_theirs_and_to_peers() -> None:
    backend = machine(
        "host# mkdir -p /a/x\n"
        "c1# unshare -m --propagation slave\n"
        "c1# mount --make-rshared /\n"
        "c2# nsenter --target c1 --mount\n"
        "c2# unshare -m --propagation slave\n"
        "c3# nsenter --target c1 --mount\n"
        "c3# unshare -m --propagation unchanged\n"
        "host# mount -t tmpfs disk /a/x\n",
        "systemd",
    )

    to_slave, to_peer = why(backend, "c2", "/a/x"), why(backend, "c3", "/a/x")
    assert [step for step, _ in reasons(to_slave)] == [8, None, 2, 5, 8]
    assert [step for step, _ in reasons(to_peer)] == [8, None, 2, 7, 8]
    assert "c1:/ " in to_slave.links[2].text
    assert "c1:/ " in to_peer.links[2].text
    assert reasons(to_peer)[-1][1] == "propagate.peer"


def test_a_silent_group_between_is_named() -> None:
    # In the end /part, which shows only /a/sub, stands between group and slave: nothing of /a/x is for it.
    backend = machine(
        "host# mkdir -p /a /all /part\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mkdir -p /a/sub /a/x\n"
        "host# mount --make-shared /a\n"
        "host# mount --bind /a /all\n"
        "host# mount --make-slave /all\n"
        "host# mount --make-shared /all\n"
        "host# mount --bind /all/sub /part\n"
        "c1# unshare -m --propagation unchanged\n"
        "host# umount /all\n"
        "c1# mount --make-slave /all\n"
        "c1# umount /part\n"
        "host# mount -t tmpfs disk2 /a/x\n"
    )

    answer = why(backend, "c1", "/all/x")
    silent = rule_of(answer, "propagate.outside")
    assert "host:/part " in silent.text
    assert reasons(answer)[-1] == (13, "propagate.slave")


def test_a_bind_is_told_with_its_source_and_the_sources_origin() -> None:
    backend = machine(
        "host# mkdir /b\n"
        "host# mount -t tmpfs disk /mnt\n"
        "host# mkdir /mnt/d\n"
        "host# mount --bind /mnt/d /b\n"
    )

    answer = why(backend, "host", "/b")
    assert reasons(answer) == [(2, "mount.new"), (4, "bind")]
    assert "host:/mnt/d at a second place, host:/b" in answer.links[1].text


def test_what_a_recursive_bind_took_along_and_sent_on_is_told() -> None:
    backend = machine(
        "host# mkdir -p /a /b\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mkdir /a/sub\n"
        "host# mount -t tmpfs disk2 /a/sub\n"
        "c1# unshare -m --propagation slave\n"
        "host# mount --rbind /a /b\n",
        "systemd",
    )

    assert reasons(why(backend, "host", "/b/sub")) == [(4, "mount.new"), (6, "rbind")]
    sent = why(backend, "c1", "/b/sub")
    assert reasons(sent)[:2] == [(4, "mount.new"), (6, "rbind")]
    assert reasons(sent)[-1] == (6, "propagate.slave")
    assert "host:/b/sub (mount 12) came along, to c1:/b/sub (mount 14)" in sent.links[-1].text


def test_a_move_is_told_and_so_is_the_move_of_what_carries_the_mount() -> None:
    backend = machine(
        "host# mkdir /a /b\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mkdir /a/x\n"
        "host# mount -t tmpfs disk2 /a/x\n"
        "host# mount --move /a /b\n"
    )

    assert reasons(why(backend, "host", "/b")) == [(2, "mount.new"), (5, "move")]
    carried = why(backend, "host", "/b/x")
    assert reasons(carried) == [(4, "mount.new"), (5, "move")]
    assert "host:/a (mount 4) to host:/b, and this mount with it" in carried.links[1].text


def test_a_move_onto_a_shared_mount_sends_copies_like_a_mount() -> None:
    backend = machine(
        "host# mkdir -p /p /s\n"
        "host# mount -t tmpfs p /p\n"
        "host# mkdir /p/from\n"
        "host# mount -t tmpfs disk /p/from\n"
        "host# mount -t tmpfs s /s\n"
        "host# mkdir /s/to\n"
        "host# mount --make-shared /s\n"
        "c1# unshare -m --propagation slave\n"
        "host# mount --move /p/from /s/to\n"
    )

    answer = why(backend, "c1", "/s/to")
    assert reasons(answer) == [
        (4, "mount.new"),
        (9, "move"),
        (7, "make.shared"),
        (8, "make.slave"),
        (9, "propagate.slave"),
    ]


def test_pivot_root_is_told_for_the_new_root_the_old_one_and_what_they_carry() -> None:
    backend = machine(
        "host# mkdir /new\n"
        "c1# unshare -m\n"
        "c1# mount -t tmpfs newroot /new\n"
        "c1# mkdir /new/old /new/in\n"
        "c1# mount -t tmpfs inner /new/in\n"
        "c1# pivot_root /new /new/old\n"
    )

    assert reasons(why(backend, "c1", "/")) == [(3, "mount.new"), (6, "pivot")]
    assert reasons(why(backend, "c1", "/old")) == [(None, None), (2, "unshare"), (6, "pivot")]
    assert reasons(why(backend, "c1", "/in")) == [(5, "mount.new"), (6, "pivot")]


def test_a_copy_that_slipped_beneath_and_one_from_under_which_it_went() -> None:
    # Facts 2 and 3 of what Linux 6.18 was measured to do: a copy slips beneath; what covers it slides down.
    tucked = machine(
        "host# mkdir /a\n"
        "c1# unshare -m --propagation slave\n"
        "c1# mount -t tmpfs mine /a\n"
        "host# mount -t tmpfs disk /a\n",
        "systemd",
    )
    answer = why(tucked, "c1", "/a")
    assert reasons(answer)[:2] == [(3, "mount.new"), (4, "propagate.tuck")]
    assert "covers c1:/a (mount 9)" in answer.links[2].text

    slid = machine(
        "host# mkdir /a\n"
        "c1# unshare -m --propagation slave\n"
        "host# mount -t tmpfs disk /a\n"
        "c1# mount -t tmpfs mine /a\n"
        "host# umount /a\n",
        "systemd",
    )
    answer = why(slid, "c1", "/a")
    assert reasons(answer) == [(4, "mount.new"), (5, "umount.slide")]


def test_a_shell_behind_chroot_is_told_where_its_paths_begin() -> None:
    backend = machine(
        "host# mkdir -p /jail/x\nhost# mount -t tmpfs disk /jail/x\nc1# chroot /jail\n",
    )

    answer = why(backend, "c1", "/x")
    assert reasons(answer) == [(3, "process.chroot"), (2, "mount.new")]
    assert "/jail since step 3 (c1# chroot /jail)" in answer.links[0].text


def test_a_shell_whose_root_was_mounted_over_is_told_that() -> None:
    answer = why(machine("host# mount -t tmpfs over /\n"), "host", "/")

    assert "host's root is beneath" in answer.links[0].text
    assert "when the machine started" in answer.links[1].text


def test_a_relative_path_is_asked_from_where_the_shell_is() -> None:
    backend = machine("host# mkdir -p /a/x\nhost# mount -t tmpfs disk /a/x\nhost# cd /a\n")

    assert why(backend, "host", "x").mounted


def test_a_path_that_is_no_mountpoint_is_placed_in_its_mount() -> None:
    backend = machine("host# mkdir -p /a/x\nhost# touch /f\n")

    plain, in_file = why(backend, "host", "/a/x"), why(backend, "host", "/f/x")
    assert not plain.mounted
    assert "plain directory in host:/ (mount 2)" in plain.links[0].text
    assert "host:/f is a file" in in_file.links[0].text
    assert "no 'gone' in host:/a" in why(backend, "host", "/a/gone/x").links[0].text


def test_a_long_chain_of_copies_is_told_by_its_ends() -> None:
    lines = ["host# mkdir /m0", "host# mount -t tmpfs disk /m0"]
    for number in range(1, 40):
        lines += [f"host# mkdir /m{number}", f"host# mount --bind /m{number - 1} /m{number}"]
    backend = machine("\n".join(lines) + "\n")

    links = why(backend, "host", "/m39").links
    assert len(links) <= 12
    assert links[0].step == 2
    assert links[-1].step == 80
    assert any("29 more" in link.text for link in links)


def test_one_mount_of_a_past_state_is_told_as_it_stood_then() -> None:
    backend = machine(
        "host# mkdir /a /b\nhost# mount -t tmpfs disk /a\nhost# mount --move /a /b\n",
    )
    moved = backend.history[2].first

    then = why_mount(backend, backend.sim.at(moved), 4, until=moved)
    now = why_mount(backend, backend.sim.vfs, 4)
    assert [link.rule for link in then] == ["mount.new"]
    assert [link.rule for link in now] == ["mount.new", "move"]


def test_a_machine_that_goes_on_or_takes_back_is_told_as_it_is_now() -> None:
    backend = machine(ISSUE)
    assert why(backend, "c1", "/a/x").mounted
    last = backend.history.pop()
    backend.sim.undo(last.end - last.first)
    assert not why(backend, "c1", "/a/x").mounted

    (other,) = parse("c1# mount -t ramfs other /a/x\n").steps
    assert other.command
    backend.run("c1", other.command)
    answer = why(backend, "c1", "/a/x")
    assert reasons(answer) == [(6, "mount.new")]
    assert "step 6 (c1# mount -t ramfs other /a/x) mounted other (ramfs)" in answer.links[0].text.lower()


def test_shells_and_steps_that_are_not_there_are_refused_with_those_that_are() -> None:
    backend = machine(ISSUE)

    with pytest.raises(QuestionError, match="no terminal 'c2' is open after step 6; open are: host, c1"):
        why(backend, "c2", "/a")
    with pytest.raises(QuestionError, match=r"step 7: there are steps 0 \(the start\) to 6"):
        why(backend, "c1", "/a", step=7)
    with pytest.raises(QuestionError, match="after step 2; open are: host"):
        why(backend, "c1", "/a", step=2)
