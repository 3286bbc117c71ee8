"""What is read of /proc, how it is sorted into namespaces, and what is said of the rest."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mountlab.commands.snapshot import configure, run
from mountlab.mountinfo import MountInfo, escape, parse_table
from mountlab.snapshot import Snapshot, SnapshotError, load, machine, take
from mountlab.snapshot.names import Holder, shows_a_file, terminal_names
from mountlab.snapshot.procfs import Procfs
from mountlab.snapshot.taker import snapshot_of
from tests.snapshot.fake import write_process


def table(first: int, *paths: str) -> list[MountInfo]:
    """A root with tmpfs on it: ids from `first` on."""
    rows = [f"{first} {first - 1} 8:1 / / rw - ext4 /dev/sda1 rw"]
    for number, path in enumerate(paths, first + 1):
        rows.append(f"{number} {first} 0:{number} / {escape(path)} rw - tmpfs t rw")
    return parse_table("\n".join(rows))


HERE = ["/", "/"]


def test_processes_are_sorted_into_namespaces_and_the_one_of_process_one_comes_first(tmp_path: Path) -> None:
    write_process(tmp_path, 40, "redis-server", 8, table(200, "/data"), HERE)
    write_process(tmp_path, 7, "dockerd", 7, table(100), HERE)
    write_process(tmp_path, 1, "systemd", 7, table(100), HERE)

    snapshot = take(str(tmp_path))

    assert [[p.pid for p in each.processes] for each in snapshot.namespaces] == [[1, 7], [40]]
    assert [view.name for each in snapshot.namespaces for view in each.views] == ["host", "redis-server"]
    assert snapshot.namespaces[1].inode == 4026531848
    assert snapshot.table(snapshot.namespaces[1].views[0]) == table(200, "/data")


def test_without_numbers_of_namespaces_the_mount_ids_tell_who_belongs_together(tmp_path: Path) -> None:
    """Without root /proc/PID/ns/mnt, root and cwd of others cannot be read; mountinfo can."""

    class Unprivileged(Procfs):
        def namespace(self, pid: int) -> int | None:  # noqa: ARG002 - whoever it is
            raise PermissionError(13, "Permission denied")

        def standing(self, pid: int, what: str) -> tuple[str, int | None]:
            if pid == 7:
                return super().standing(pid, what)
            raise PermissionError(13, "Permission denied")

    for pid, first in ((1, 100), (7, 100), (40, 200), (41, 200)):
        write_process(tmp_path, pid, f"p{pid}", 1, table(first, "/data"), HERE)

    snapshot = snapshot_of(Unprivileged(str(tmp_path)))

    assert [[p.pid for p in each.processes] for each in snapshot.namespaces] == [[1, 7], [40, 41]]
    assert [len(each.views) for each in snapshot.namespaces] == [1, 1]
    assert set(snapshot.unread) == {
        ("namespace", "Permission denied", 4),
        ("root", "Permission denied", 3),
        ("cwd", "Permission denied", 3),
    }  # fmt: skip


def test_processes_that_end_while_they_are_read_are_left_out(tmp_path: Path) -> None:
    write_process(tmp_path, 1, "init", 1, table(100), HERE)
    (tmp_path / "50").mkdir()

    snapshot = take(str(tmp_path))

    assert len(snapshot.namespaces[0].processes) == 1
    assert not snapshot.unread


def test_of_command_lines_only_the_programs_name_is_read(tmp_path: Path) -> None:
    write_process(tmp_path, 1, "a-rather-long-program-name", 1, table(100), HERE)

    text = take(str(tmp_path)).dump()

    assert "a-rather-long-program-name" in text
    assert "hunter2" not in text


def test_a_name_with_odd_bytes_and_spaces_survives(tmp_path: Path) -> None:
    odd = ("/a b", "/tab\there", "/back\\slash", "/caf\udce9", "/no\u00a0break", "/line\nbreak", "/#")
    rows = table(100, *odd)
    write_process(tmp_path, 1, "init", 1, rows, HERE)

    snapshot = Snapshot.load(take(str(tmp_path)).dump())

    assert snapshot.table(snapshot.namespaces[0].views[0]) == rows
    made = machine(snapshot)
    assert made.sim.mountinfo(made.terminals["host"]) == rows
    assert not snapshot.remarks


def test_a_namespace_that_only_a_mounted_file_holds_is_named(tmp_path: Path) -> None:
    held = parse_table("101 100 0:4 mnt:[4026532999] /run/ns rw - nsfs nsfs rw")
    write_process(tmp_path, 1, "init", 1, [*table(100), *held], HERE)

    snapshot = take(str(tmp_path))

    (remark,) = snapshot.remarks
    assert "4026532999" in remark


def test_where_there_is_no_proc_a_sentence_says_so(tmp_path: Path) -> None:
    for place, wanted in ((tmp_path, "is no /proc"), (tmp_path / "no", "No such file")):
        with pytest.raises(SnapshotError, match=wanted):
            take(str(place))


def test_names_are_terminals_and_no_two_are_the_same() -> None:
    holders = [(1, "systemd"), (20, "dockerd"), (30, "pause"), (31, "pause"), (40, "9p server!"), (50, "???"),
               (60, "(sd-pam)"), (70, "host"), (80, "c-9p-server")]  # fmt: skip

    names = terminal_names([Holder(*each) for each in holders])

    assert names[:5] == ["host", "dockerd", "pause-30", "pause-31", "c-9p-server-40"]
    assert names[5:] == ["c-50", "sd-pam", "host-70", "c-9p-server-80"]


@pytest.mark.parametrize(
    ("fstype", "root", "is_file"),
    [
        ("ext4", "/var/lib/docker/containers/x/hostname", True),
        ("ext4", "/etc/resolv.conf//deleted", True),
        ("devtmpfs", "/null", True),
        ("nsfs", "net:[4026532456]", True),
        ("ext4", "/srv/conf.d", False),
        ("tmpfs", "/", False),
        ("ext4", "/var/lib/kubelet", False),
    ],
)
def test_mounts_of_files_are_told_by_their_names(fstype: str, root: str, is_file: bool) -> None:
    assert shows_a_file(fstype, root) == is_file


def test_a_file_on_a_file_stays_one_in_the_machine(tmp_path: Path) -> None:
    rows = parse_table("101 100 8:1 /docker/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw")
    write_process(tmp_path, 1, "init", 1, [*table(100), *rows], HERE)

    made = machine(take(str(tmp_path)))

    host = made.terminals["host"]
    assert [made.sim.stat(host, path).kind for path in ("/etc/hosts", "/docker/x/hosts", "/etc")] == [
        "file", "file", "dir"
    ]  # fmt: skip


# -- the command -------------------------------------------------------------------------------------------


def command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    configure(parser)
    return run(parser.parse_args(words))


def test_the_command_writes_a_file_says_what_is_in_it_and_overwrites_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proc, file = tmp_path / "proc", tmp_path / "node.json"
    write_process(proc, 1, "init", 1, table(100, "/data"), HERE)

    assert command(str(file), "--proc", str(proc)) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{file}: 1 mount namespace, 2 mounts, 1 process\n" in said.err
    assert "--redact" in said.err
    assert file.stat().st_mode & 0o777 == 0o600, "it may hold secrets"
    assert load(file) == take(str(proc))

    assert command(str(file), "--proc", str(proc)) == 2
    assert "--force overwrites it" in capsys.readouterr().err
    assert command(str(file), "--proc", str(proc), "--force", "--redact") == 0
    assert load(file).redacted


def test_the_command_writes_to_standard_output_and_its_statuses_tell_what_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_process(tmp_path, 1, "init", 1, table(100), HERE)

    assert command("-", "--proc", str(tmp_path)) == 0
    assert json.loads(capsys.readouterr().out)["format"] == "mountlab snapshot"
    assert command(str(tmp_path / "no" / "x"), "--proc", str(tmp_path)) == 1
    assert "cannot be written: No such file" in capsys.readouterr().err
    assert command("-", "--proc", str(tmp_path / "1")) == 4
    assert "is no /proc" in capsys.readouterr().err


# -- real ones ----------------------------------------------------------------------------------------------


@pytest.mark.skipif(not os.path.exists("/proc/self/mountinfo"), reason="no /proc here")
def test_this_machines_own_tables_come_back_row_by_row() -> None:
    snapshot = Snapshot.load(take().dump())
    made = machine(snapshot)

    own = next(each for each in snapshot.namespaces if os.getpid() in [p.pid for p in each.processes])
    view = own.views[next(p.view for p in own.processes if p.pid == os.getpid())]
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        assert snapshot.table(view) == parse_table(file.read())
    assert made.sim.mountinfo(made.terminals[view.name])


SANDBOX = r"""
set -e
mount -t proc proc /proc
mount -t tmpfs stage /mnt
mkdir -p /mnt/shared /mnt/jail/deep
mount -t tmpfs shared /mnt/shared
mount --make-shared /mnt/shared
mkdir /mnt/shared/one /mnt/shared/two
mount -t tmpfs one /mnt/shared/one
unshare --mount --propagation slave sleep 60 &
unshare --mount --propagation unchanged sh -c 'cd /mnt/shared/one && exec sleep 60' &
mount --rbind /mnt/shared /mnt/jail/deep
"$0" -c 'import os, time; os.chroot("/mnt/jail"); os.chdir("/deep"); time.sleep(60)' &
while [ "$(cat /proc/*/comm | grep -c sleep)" -lt 2 ] || [ "$(readlink /proc/$!/cwd)" != /mnt/jail/deep ]; do
    sleep 0.05
done
"$0" -c 'from mountlab.snapshot import take; print(take().dump())'
echo ====
mount -t tmpfs two /mnt/shared/two
umount /mnt/jail/deep/one || echo busy
"$0" -c 'from mountlab.snapshot import take; print(take().dump())'
"""


@pytest.fixture(scope="module")
def kernel_says() -> list[Snapshot]:
    """Two snapshots of a sandbox of the real kernel: before and after a mount in it."""
    program = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
    if os.geteuid():
        program += ["--user", "--map-root-user"]
    ran = subprocess.run(
        [*program, "sh", "-c", SANDBOX, sys.executable],
        capture_output=True, text=True, timeout=50, check=False,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    if "unshare" in ran.stderr:
        pytest.skip(f"no namespaces here: {ran.stderr}")
    assert ran.returncode == 0, ran.stderr
    return [Snapshot.load(text) for text in ran.stdout.replace("busy\n", "").split("====\n")]


@pytest.mark.userns
def test_a_snapshot_of_the_real_kernel_is_the_machine_row_by_row(kernel_says: list[Snapshot]) -> None:
    before, _after = kernel_says
    made = machine(before)

    assert len(before.namespaces) == 3
    assert [len(each.views) for each in before.namespaces] == [2, 1, 1]
    for namespace in before.namespaces:
        for view in namespace.views:
            assert made.sim.mountinfo(made.terminals[view.name]) == before.table(view)


@pytest.mark.userns
def test_the_loaded_machine_goes_on_as_the_real_kernel_did(kernel_says: list[Snapshot]) -> None:
    before, after = kernel_says
    made = machine(before)
    host = made.terminals["host"]
    made.sim.mkdir(host, "/mnt/shared/two")

    made.sim.mount(host, "two", "/mnt/shared/two", "tmpfs")
    with pytest.raises(Exception, match="EBUSY"):  # a process in another namespace stands in /mnt/shared/one
        made.sim.umount(host, "/mnt/jail/deep/one")

    names = {view.pid: view.name for each in before.namespaces for view in each.views}
    compared = 0
    for namespace in after.namespaces:
        for view in namespace.views:
            ours = made.sim.mountinfo(made.terminals[names[view.pid]])
            # In which order the peers got theirs the tables before did not tell.
            assert sorted(map(shape, ours)) == sorted(map(shape, after.table(view)))
            compared += 1
    assert compared == 4


def shape(row: MountInfo) -> tuple[str, str, str, str, bool, bool]:
    """What is the kernel's doing, without its numbers."""
    return (row.mountpoint, row.root, row.source, row.options, bool(row.shared), bool(row.master))
