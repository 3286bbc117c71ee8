"""What a fresh machine looks like, how its namespaces come and go, who sees which table."""

from __future__ import annotations

import contextlib
import subprocess
import time

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.tables import in_order_of_creation
from tests.kernel.laboratory import Lab

pytestmark = pytest.mark.kernel


def _shells(lab: Lab) -> list[tuple[int, tuple[str, ...]]]:
    return [(table.id, table.shells) for table in lab.backend.tables()]


def test_a_fresh_machine_is_one_private_tmpfs(lab: Lab) -> None:
    (table,) = lab.backend.tables()

    assert (table.id, table.shells, table.views) == (1, (), {})
    assert [row._replace(mount_id=0, parent_id=0, dev="") for row in table.mounts] == [
        table.mounts[0]._replace(
            mount_id=0, parent_id=0, dev="", root="/", mountpoint="/", options="rw,relatime",
            shared=None, master=None, fstype="tmpfs", source="root", super_options="rw",
        )
    ]  # fmt: skip


def test_its_directories_were_made_in_the_order_of_the_language(lab: Lab) -> None:
    inodes = lab.good("h# ls -i -U /")

    made = sorted((int(inode), name) for inode, name in map(str.split, inodes.splitlines()) if name != "proc")
    assert [name for _, name in made] == "bin dev etc home mnt root run tmp usr var".split()
    assert lab.good("h# stat -c %u:%g / /proc").split() == ["0:0", "0:0"]
    assert lab.good("h# stat -c %a / /etc /tmp").split() == ["755", "755", "1777"]


def test_proc_is_there_but_not_shown(lab: Lab) -> None:
    assert lab.good("h# cat /proc/self/mountinfo").count("\n") == 1
    assert "proc" not in lab.good("h# findmnt") + lab.good("h# mount") + lab.good("h# cat /proc/mounts")
    assert "MemTotal" in lab.good("h# cat /proc/meminfo")


def test_copies_of_proc_are_not_shown_either(lab: Lab) -> None:
    lab.good("h# mkdir /a\nh# mount --rbind / /a")

    assert lab.mountpoints("h") == ["/", "/a"]
    assert lab.run("h# umount /a").errno == "EBUSY", "the copy of proc is in the way all the same"
    assert lab.good("h# umount -R /a") == ""
    assert lab.mountpoints("h") == ["/"]


def test_another_filesystem_never_gets_the_number_of_proc(lab: Lab) -> None:
    lab.good("h# umount -l /proc\nh# mkdir /a")
    for _ in range(5):
        assert lab.backend.raw("h", "mount", "x", "/a", "tmpfs") is None

    assert lab.mountpoints("h") == ["/"] + ["/a"] * 5


def test_init_systemd_shares_everything(lab: Lab) -> None:
    lab.backend.reset("systemd")

    lab.good("c# unshare -m --propagation unchanged\nh# mount -t tmpfs x /tmp\nh# mount -t tmpfs y /proc/tty")

    assert lab.table("h")[0].shared is not None
    assert lab.mountpoints("c") == ["/", "/tmp", "/proc/tty"], "what is mounted is passed on, in /proc too"


def test_namespaces_are_numbered_in_order_of_creation(lab: Lab) -> None:
    lab.good("a# unshare -m\nb# unshare -m\nc# true")
    assert _shells(lab) == [(1, ("c",)), (2, ("a",)), (3, ("b",))]

    lab.good("b# nsenter --target a --mount\nc# unshare -m")
    assert _shells(lab) == [(1, ()), (2, ("a", "b")), (4, ("c",))]


def test_a_namespace_ends_with_its_last_shell(lab: Lab) -> None:
    lab.good("a# unshare -m\nb# nsenter -t a -m\na# exit")
    assert [table.id for table in lab.backend.tables()] == [1, 2]

    lab.good("b# exit")
    assert [table.id for table in lab.backend.tables()] == [1]


def test_a_new_namespace_is_not_taken_for_the_dead_one_whose_inode_it_has(lab: Lab) -> None:
    lab.good("a# unshare -m\na# unshare -m; unshare -m; unshare -m")

    assert [table.id for table in lab.backend.tables()] == [1, 3]


def test_two_shells_of_one_namespace_may_see_different_tables(lab: Lab) -> None:
    lab.good("a# mkdir /r\na# mount -t tmpfs disk /r\nb# chroot /r")
    (table,) = lab.backend.tables()

    assert [row.mountpoint for row in table.mounts] == ["/", "/r"]
    assert [row.mountpoint for row in table.views["b"]] == ["/"]
    assert table.views["b"][0].source == "disk"


def test_a_closed_terminal_opens_again_in_the_initial_namespace(lab: Lab) -> None:
    lab.good("h# true\nc# unshare -m\nc# cd /tmp\nc# exit\nc# mount -t tmpfs x /mnt")

    assert lab.mountpoints("h") == ["/", "/mnt"]
    assert lab.run("c# exit 7").exit == 7


def test_a_reset_machine_knows_nothing(lab: Lab) -> None:
    lab.good("a# unshare -m\na# mkdir /x\na# mount -t tmpfs x /x")
    lab.backend.reset()

    assert [table.shells for table in lab.backend.tables()] == [()]
    assert "x" not in lab.good("a# ls /").split()


def test_findmnt_goes_by_creation_though_the_kernel_uses_ids_again(lab: Lab) -> None:
    early, late = [f"/{name}" for name in "pqrst"], [f"/{name}" for name in "abcde"]
    lab.good("h# mkdir " + " ".join(early + late))
    for place in [*early, "/mnt"]:
        lab.good(f"h# mount -t tmpfs x {place}")
    lab.good("h# umount " + " ".join(early))
    time.sleep(0.1)  # until the kernel has given the numbers back
    for place in late:
        lab.good(f"h# mount -t tmpfs x {place}")

    assert lab.good("h# findmnt -n -r -o TARGET").split() == ["/", "/mnt", *late]


def test_lsns_goes_by_creation_though_the_kernel_uses_inodes_again(lab: Lab) -> None:
    lab.good("a# unshare -m\nb# unshare -m\na# exit")
    time.sleep(0.1)
    lab.good("c# unshare -m")

    printed = [int(pid) for pid in lab.good("h# lsns -t mnt -n -o PID").split()]
    assert printed == sorted(printed), "process 1, then b, then c: they were started in this order"
    assert len(printed) == 3


@pytest.mark.usefixtures("host_kernel")
def test_lsns_calls_the_first_namespace_the_same_whatever_ends() -> None:
    # Others leave lower inodes than the machine's own behind them: the next namespaces take those.
    holders = [subprocess.Popen(["unshare", "--user", "--mount", "sleep", "60"]) for _ in range(6)]
    time.sleep(0.4)
    with contextlib.closing(KernelBackend("bare")) as backend:
        lab = Lab(backend)
        lab.good("h# true")
        for holder in holders:
            holder.terminate()
            holder.wait()
        time.sleep(0.3)
        lab.good("c# unshare -m")

        first = lab.good("h# lsns -t mnt -n -o NS").split()[0]
        lab.good("c# exit")

        assert lab.good("h# lsns -t mnt -n -o NS").split() == [first]


def test_ids_are_dealt_out_in_the_order_of_the_rows() -> None:
    table = "7 1 0:1 / / rw\n3 7 0:2 / /a rw\n9 3 0:3 / /a/b rw\n"

    assert in_order_of_creation(table) == "3 1 0:1 / / rw\n7 3 0:2 / /a rw\n9 7 0:3 / /a/b rw\n"


def test_lsns_sees_an_init_and_shells_and_nothing_of_the_sandbox(lab: Lab) -> None:
    printed = lab.good("a# unshare -m\nb# lsns -t mnt -n -o NPROCS,COMMAND").splitlines()

    assert [line.split() for line in printed] == [["3", "init"], ["1", "bash"]]
