"""Why a mount is not there: every obstacle by its rule and step, and a cure that works when it is typed."""

from __future__ import annotations

import pytest

from mountlab.explain import Answer, QuestionError, obstacles, whynot
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse
from tests.explain.stories import ISSUE, machine, reasons, rule_of


def cured(answer: Answer) -> str:
    """The edits of the cure; its transcript is typed into a new machine first, and must do what it says."""
    assert answer.cure is not None, str(answer)
    transcript = parse(answer.cure.transcript, "cure")
    backend = machine(answer.cure.transcript, transcript.header.get("init", "bare"))
    rows = backend.sim.mountinfo(backend.terminals[answer.shell])
    assert answer.path in {row.mountpoint for row in rows}
    return "; ".join(answer.cure.edits)


def test_unshare_makes_all_private_unless_told_otherwise() -> None:
    # unshare(1): "--propagation ... The default is to set the mountpoints to private".
    answer = whynot(machine(ISSUE.replace(" --propagation slave", "")), "c1", "/a/x")

    assert reasons(answer)[1:] == [(6, "mount.new"), (4, "make.private")]
    assert "unshare makes all private" in answer.links[-1].text
    assert cured(answer) == "in step 4, write 'c1# unshare --mount --propagation slave'"


def test_both_sides_are_private_and_it_takes_two_edits() -> None:
    backend = machine(
        "host# mkdir /a\n"
        "host# mount -t tmpfs disk1 /a\n"
        "c1# unshare --mount\n"
        "c1# mkdir /a/mine\n"
        "c1# mount -t tmpfs mine /a/mine\n"
        "host# mkdir /a/x && touch /a/x/f\n"
        "host# mount -t tmpfs disk2 /a/x\n"
        "c1# mkdir /a/x/inner && rmdir /a/x/inner\n"
    )

    answer = whynot(backend, "c1", "/a/x")
    sender, receiver = answer.links[-2:]
    assert (sender.rule, receiver.rule) == ("make.private", "make.private")
    assert "host:/a (mount 4) is private, as new mounts are, since step 2" in sender.text
    assert "c1:/a (mount 8) is private, as host:/a (mount 4) was when step 3" in receiver.text
    assert cured(answer)


def test_two_edits_are_found_where_one_is_not_enough() -> None:
    # No other order works: c1 makes the directory after its unshare, and must not unmount the host's /keep.
    backend = machine(
        "host# mkdir /keep\n"
        "host# mount -t tmpfs keep /keep\n"
        "c1# unshare --mount\n"
        "c1# umount /keep\n"
        "c1# mkdir /a\n"
        "host# mount -t tmpfs disk /a\n"
        "host# umount /keep\n"
    )

    assert whynot(backend, "c1", "/a", cures=1).cure is None
    edits = cured(whynot(backend, "c1", "/a"))
    assert "unshare --mount --propagation slave" in edits
    assert "make-shared /" in edits or "init=systemd" in edits


def test_the_sender_was_made_private() -> None:
    backend = machine(
        "host# mkdir /data\n"
        "c1# unshare -m --propagation slave\n"
        "host# mount --make-private /\n"
        "host# mount -t tmpfs disk /data\n",
        "systemd",
    )

    answer = whynot(backend, "c1", "/data")
    assert reasons(answer)[2] == (3, "make.private")
    assert "told to nobody" in answer.links[2].text
    assert cured(answer) == "in step 3, write 'host# mount --make-shared /'"


def test_a_slave_sends_nothing_back() -> None:
    # mount_namespaces(7), MS_SLAVE: "mount and umount events ... do not propagate to peers" of the master.
    only_slave = machine(
        "host#\nc1# unshare -m --propagation slave\nc1# mount -t tmpfs disk /mnt\n", "systemd"
    )
    answer = whynot(only_slave, "host", "/mnt")
    assert reasons(answer)[-1] == (1, "make.slave")
    assert "is heard" not in answer.links[-1].text
    assert "not heard" in answer.links[-1].text
    assert cured(answer) == "in step 1, write 'c1# unshare -m --propagation shared'"

    shared_slave = machine(
        "host#\n"
        "c1# unshare -m --propagation slave\n"
        "c1# mount --make-rshared /\n"
        "c1# mount -t tmpfs disk /mnt\n",
        "systemd",
    )
    answer = whynot(shared_slave, "host", "/mnt")
    assert reasons(answer)[-1] == (1, "make.slave")
    assert "host:/ (mount 2) is in that group" in answer.links[-1].text


def test_two_peer_groups_tell_each_other_nothing_and_the_copy_came_too_early() -> None:
    backend = machine(
        "c1# unshare -m --propagation unchanged\n"
        "host# mount --make-shared /\n"
        "c1# mount --make-shared /\n"
        "host# mount -t tmpfs disk /mnt\n"
    )

    answer = whynot(backend, "c1", "/mnt")
    assert reasons(answer)[2:] == [(3, "propagate.group"), (1, "unshare")]
    assert "peer group 2 since step 3" in answer.links[2].text
    assert "before it was shared" in answer.links[3].text
    assert cured(answer) == "before step 1, add 'host# mount --make-shared /'"


def test_a_slave_of_another_group_does_not_hear_this_one() -> None:
    backend = machine(
        "c1# unshare -m --propagation unchanged\n"
        "c1# mount --make-shared /\n"
        "c2# nsenter --target c1 --mount\n"
        "c2# unshare -m --propagation slave\n"
        "host# mount --make-shared /\n"
        "host# mount -t tmpfs disk /mnt\n"
    )

    link = rule_of(whynot(backend, "c2", "/mnt", cures=0), "propagate.group")
    assert link.step == 4
    assert "slave of peer group 1 since step 4" in link.text


def test_an_unbindable_mount_tells_nobody() -> None:
    backend = machine(
        "host# mkdir /a\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mount --make-unbindable /a\n"
        "c1# unshare -m --propagation slave\n"
        "host# mkdir /a/x\n"
        "host# mount -t tmpfs disk2 /a/x\n",
    )

    link = rule_of(whynot(backend, "c1", "/a/x", cures=0), "make.unbindable")
    assert link.step == 3


def test_a_slave_that_lost_its_master_is_private() -> None:
    backend = machine(
        "host# mkdir /master /slave /third\n"
        "host# mount -t tmpfs disk /master\n"
        "host# mkdir /master/x\n"
        "host# mount --make-shared /master\n"
        "host# mount --bind /master /slave\n"
        "host# mount --make-slave /slave\n"
        "host# mount --bind /slave /third\n"
        "host# umount /master\n"
        "host# mount -t tmpfs disk2 /third/x\n"
    )

    answer = whynot(backend, "host", "/slave/x")
    assert [link.step for link in answer.links[2:4]] == [8, 8]
    assert "took its master away" in answer.links[2].text
    assert cured(answer)


def test_a_slave_of_nobody_is_private() -> None:
    backend = machine(
        "host# mkdir /a\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mount --make-shared /a\n"
        "host# mkdir /a/x\n"
        "host# mount --make-slave /a\n"
        "c1# unshare -m --propagation unchanged\n"
        "host# mount -t tmpfs disk2 /a/x\n"
    )

    answer = whynot(backend, "c1", "/a/x", cures=0)
    assert "slave of nobody" in answer.links[2].text
    assert answer.links[2].step == 5


def test_a_plain_bind_leaves_behind_what_is_mounted_below() -> None:
    # sharedsubtree.rst 5a and mount(8): --bind takes one filesystem, --rbind the submounts too.
    backend = machine(
        "host# mkdir /a /b\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mkdir /a/x\n"
        "host# mount -t tmpfs disk2 /a/x\n"
        "host# mount --bind /a /b\n"
    )

    answer = whynot(backend, "host", "/b/x")
    assert reasons(answer)[1:] == [(4, "mount.new"), (5, "bind")]
    assert cured(answer) == "in step 5, write 'host# mount --rbind /a /b'"


def test_a_copy_of_a_plain_bind_is_followed_to_the_bind() -> None:
    backend = machine(
        "host# mkdir /a /b\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mkdir /a/x\n"
        "host# mount -t tmpfs disk2 /a/x\n"
        "c1# unshare -m --propagation slave\n"
        "host# mount --bind /a /b\n",
        "systemd",
    )

    answer = whynot(backend, "c1", "/b/x")
    assert (6, "propagate.slave") in reasons(answer)
    assert reasons(answer)[-1] == (6, "bind")
    assert cured(answer) == "in step 6, write 'host# mount --rbind /a /b'"


def test_a_recursive_bind_leaves_out_the_unbindable() -> None:
    backend = machine(
        "host# mkdir /a /b\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mkdir /a/u\n"
        "host# mount -t tmpfs disk2 /a/u\n"
        "host# mount --make-unbindable /a/u\n"
        "host# mount --rbind /a /b\n"
    )

    answer = whynot(backend, "host", "/b/u")
    assert reasons(answer)[-1] == (6, "bind.unbindable")
    assert cured(answer) == "in step 5, write 'host# mount --make-private /a/u'"


def test_what_it_stands_on_is_missing_and_why() -> None:
    backend = machine(
        "host# mkdir /a\n"
        "c1# unshare -m\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mkdir /a/x\n"
        "host# mount -t tmpfs disk2 /a/x\n",
        "systemd",
    )

    answer = whynot(backend, "c1", "/a/x")
    texts = [link.text for link in answer.links]
    assert "does not exist: no 'x'" in texts[0]
    assert "host:/a/x (mount 8) stands on host:/a (mount 7)" in texts[2]
    assert "not at c1:/a" in texts[2]
    assert reasons(answer)[3:] == [(3, "mount.new"), (2, "make.private")]
    assert "--propagation slave" in cured(answer)


def test_the_mountpoint_lies_outside_what_the_mount_shows() -> None:
    backend = machine(
        "host# mkdir /a\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mkdir -p /a/sub /a/x\n"
        "host# mount --make-shared /a\n"
        "c1# unshare -m --propagation slave\n"
        "c1# mount --bind /a/sub /mnt\n"
        "c1# umount /a\n"
        "c1# mount --move /mnt /a\n"
        "host# mount -t tmpfs disk2 /a/x\n"
    )

    answer = whynot(backend, "c1", "/a/x")
    assert "shows only /sub of its filesystem: the mountpoint, /x there, lies outside" in str(answer)
    assert rule_of(answer, "propagate.outside")


def test_it_was_there_until_it_was_unmounted_here() -> None:
    backend = machine("host# mount -t tmpfs disk /mnt\nhost# umount /mnt\n")

    answer = whynot(backend, "host", "/mnt")
    assert reasons(answer)[-1] == (2, "umount")
    assert cured(answer) == "leave out step 2, 'host# umount /mnt'"


def test_it_was_there_until_it_was_unmounted_elsewhere() -> None:
    backend = machine(
        "c1# unshare -m --propagation slave\nhost# mount -t tmpfs disk /mnt\nhost# umount /mnt\n", "systemd"
    )

    answer = whynot(backend, "c1", "/mnt")
    assert reasons(answer)[-1] == (3, "umount.propagate")
    assert "unmounted host:/mnt" in answer.links[-1].text
    assert cured(answer) == "leave out step 3, 'host# umount /mnt'"


def test_it_was_there_and_its_copy_was_unmounted_only_here() -> None:
    backend = machine(
        "c1# unshare -m --propagation slave\nhost# mount -t tmpfs disk /mnt\nc1# umount /mnt\n", "systemd"
    )

    answer = whynot(backend, "c1", "/mnt")
    assert reasons(answer)[1:] == [(2, "mount.new"), (3, "umount")]
    assert "since step 2, and step 3 (c1# umount /mnt) took it away" in answer.links[-1].text, "told once"


def test_what_a_command_made_itself_hears_nothing_of_it() -> None:
    # mount --bind / /a: the new mount is a peer of /, on which it was put; /a/a shows nothing.
    answer = whynot(machine("host# mkdir /a\nhost# mount --bind / /a\n", "systemd"), "host", "/a/a", cures=0)

    assert reasons(answer)[-1] == (2, "propagate.self")


def test_it_was_moved_away_with_what_it_stands_on() -> None:
    backend = machine(
        "host# mkdir /a /b\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mkdir /a/x\n"
        "host# mount -t tmpfs disk2 /a/x\n"
        "host# mount --move /a /b\n"
    )

    for path, new in (("/a", "host:/b"), ("/a/x", "host:/b/x")):
        answer = whynot(backend, "host", path)
        assert reasons(answer)[-1] == (5, "move")
        assert f"moved it to {new}" in answer.links[-1].text
        assert cured(answer) == "leave out step 5, 'host# mount --move /a /b'"


def test_what_was_moved_to_its_place_was_told_to_nobody_by_the_move() -> None:
    backend = machine(
        "host# mkdir /from /to\n"
        "host# mount -t tmpfs disk /from\n"
        "c1# unshare -m --propagation slave\n"
        "host# mount --move /from /to\n"
    )

    answer = whynot(backend, "c1", "/to", cures=0)
    assert reasons(answer)[1:3] == [(4, "move"), (None, "make.private")]
    assert "host:/ (mount 2) is private from the start" in answer.links[2].text


def test_what_was_here_comes_before_what_was_elsewhere() -> None:
    backend = machine(
        "c1# unshare -m\n"
        "c1# mount -t tmpfs mine /mnt\n"
        "c1# umount /mnt\n"
        "host# mount -t tmpfs theirs /mnt\n"
        "host# umount /mnt\n"
    )

    assert reasons(whynot(backend, "c1", "/mnt"))[1:] == [(3, "umount")]


def test_its_namespace_ended() -> None:
    backend = machine("host#\nc1# unshare -m\nc1# mount -t tmpfs disk /mnt\nc1# exit\n")

    answer = whynot(backend, "host", "/mnt", cures=0)
    assert reasons(answer)[-1] == (3, "namespace.end")
    assert reasons(answer)[1] == (2, "mount.new")


def test_it_is_there_but_something_covers_it() -> None:
    below = machine(
        "host# mkdir /a\n"
        "host# mount -t tmpfs disk /a\n"
        "host# mkdir /a/x\n"
        "host# mount -t tmpfs disk2 /a/x\n"
        "host# mount -t tmpfs disk3 /a\n"
    )
    answer = whynot(below, "host", "/a/x")
    assert "host:/a (mount 6) covers it since step 5" in answer.links[-1].text
    assert cured(answer) == "leave out step 5, 'host# mount -t tmpfs disk3 /a'"

    stack = whynot(below, "host", "/a")
    assert stack.mounted
    assert "disk3" in stack.links[0].text
    assert "(mount 4) is there too" in stack.links[1].text


def test_in_the_way_is_another_mount_of_the_shell() -> None:
    backend = machine(
        "host# mkdir -p /a/b/x\n"
        "c1# unshare -m --propagation slave\n"
        "c1# mount -t tmpfs mine /a/b\n"
        "c1# mkdir -p /a/b/x\n"
        "host# mount -t tmpfs disk /a/b/x\n",
        "systemd",
    )

    answer = whynot(backend, "c1", "/a/b/x")
    assert "c1:/a/b (mount 7) covers" in str(answer)
    assert cured(answer)


def test_the_same_disk_mounted_twice_is_no_copy() -> None:
    backend = machine(
        "host# mkdir /a /b\n"
        "host# mount -t ext4 /dev/vda /a\n"
        "host# mount -t ext4 /dev/vda /b\n"
        "host# mount --make-shared /a\n"
        "host# mkdir /a/x\n"
        "host# mount -t tmpfs disk2 /a/x\n"
    )

    answer = whynot(backend, "host", "/b/x", cures=0)
    assert "host:/b" in answer.links[-1].text
    assert answer.links[-1].rule == "make.private"


def test_the_wrong_order_is_cured_by_another() -> None:
    backend = machine(
        "host# mkdir /late\nc1# unshare -m\nhost# mount -t tmpfs disk /late\n",
    )

    cure = cured(whynot(backend, "c1", "/late", cures=1))
    assert cure == "run step 3, 'host# mount -t tmpfs disk /late', before step 2"


def test_a_shells_own_command_is_not_moved_out_of_its_namespace() -> None:
    # Typed before its unshare, c1's mount would be the host's: that is another command, and no cure.
    backend = machine("host# mkdir /a\nc1# unshare -m\nc1# mount -t tmpfs disk /a\n")

    edits = cured(whynot(backend, "host", "/a"))
    assert edits == (
        "before step 1, add 'host# mount --make-shared /'; "
        "in step 2, write 'c1# unshare -m --propagation shared'"
    )


def test_a_shell_with_another_root_is_told_since_when() -> None:
    backend = machine(
        "host#\n"
        "c1# unshare -m --propagation unchanged\n"
        "c1# mount -t tmpfs new /mnt\n"
        "c1# mkdir /mnt/old\n"
        "c1# pivot_root /mnt /mnt/old\n"
        "host# mount -t tmpfs disk /usr\n"
    )

    answer = whynot(backend, "c1", "/usr", cures=0)
    assert "another root since step 4" in answer.links[-1].text


def test_nothing_was_ever_mounted_there_and_so_nothing_is_tried() -> None:
    answer = whynot(machine("host# mkdir /a\n"), "host", "/a")

    assert "ever mounted" in answer.links[-1].text
    assert (answer.cure, answer.replays) == (None, 0)


def test_without_cures_nothing_is_replayed() -> None:
    answer = whynot(machine(ISSUE.replace("slave", "private")), "c1", "/a/x", cures=0)

    assert (answer.cure, answer.replays) == (None, 0)
    assert len(answer.links) == 3


def test_where_no_cure_is_found_that_is_said_with_every_obstacle() -> None:
    # Whatever the container says: out of a user namespace nothing comes back.
    backend = machine(
        "host# touch /marker\n"
        "c1# unshare -U -r -m --propagation unchanged\n"
        "c1# mount --make-rshared / && mount -t tmpfs disk /mnt\n",
        "systemd",
    )

    answer = whynot(backend, "host", "/mnt", cures=1)
    assert "make.slave" in {link.rule for link in answer.links}
    if answer.cure is None:
        assert f"({answer.replays} tried)" in answer.links[-1].text


def test_asking_twice_gives_the_same_cure_and_leaves_the_machine_alone() -> None:
    backend = machine(ISSUE.replace("slave", "private"))
    before = (len(backend.sim.operations), backend.tables())

    first, second = whynot(backend, "c1", "/a/x"), whynot(backend, "c1", "/a/x")
    assert first == second
    assert (len(backend.sim.operations), backend.tables()) == before


@pytest.mark.parametrize("origin", [9, None])
def test_a_picture_asks_for_obstacles_by_namespace(origin: int | None) -> None:
    backend = machine(ISSUE.replace("slave", "private"))

    links = obstacles(backend, backend.sim.vfs, origin, 2, "/a/x")
    assert [(link.step, link.rule) for link in links] == [(6, "mount.new"), (4, "make.private")]
    assert obstacles(backend, backend.sim.vfs, None, 2, "/tmp") == ()


def test_a_namespace_without_a_terminal_is_named_by_its_number() -> None:
    backend = machine("c1# unshare -m\nc1# mount -t tmpfs disk /mnt\n")

    links = obstacles(backend, backend.sim.vfs, None, 1, "/mnt")
    assert any("namespace 1:/" in link.text for link in links)


def test_a_prepared_machine_is_asked_and_replayed_from_its_start() -> None:
    from mountlab.shell.simbackend import Start  # noqa: PLC0415

    seed = machine("host# mount --make-shared /\nc1# unshare -m\n")
    terminals = {name: process.pid for name, process in seed.terminals.items()}
    backend = SimulatorBackend("bare", start=Start(seed.sim.vfs.copy(), terminals, "init"))
    (step,) = parse("host# mount -t tmpfs disk /mnt\n").steps
    assert step.command
    backend.run("host", step.command)

    answer = whynot(backend, "c1", "/mnt")
    assert answer.links[1].step == 1
    assert "is private from the start. It hears nothing." in str(answer)


def test_processes_of_a_prepared_machine_that_are_no_terminals_name_nothing() -> None:
    from mountlab.shell.simbackend import Start  # noqa: PLC0415

    seed = machine("daemon#\nhost#\n")
    terminals = {"host": seed.terminals["host"].pid}
    backend = SimulatorBackend("bare", start=Start(seed.sim.vfs.copy(), terminals, "init"))

    assert "host:/ " in whynot(backend, "host", "/mnt", cures=0).links[0].text
    with pytest.raises(QuestionError, match="open are: host"):
        whynot(backend, "daemon", "/mnt")
