"""A machine made of a snapshot shows the snapshot's tables, and goes on as the original would."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mountlab.agree.operations import CLONE_NEWNS, FILES, KINDS, Op, random_op, random_run
from mountlab.agree.worlds import SimulatedRun
from mountlab.apply import Recorder
from mountlab.events import DentryChanged
from mountlab.invariants import broken
from mountlab.model import Dentry, inode_counter
from mountlab.mountinfo import Canon, MountInfo
from mountlab.shell.backend import table_of
from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse
from mountlab.simulator import Process, Simulator
from mountlab.snapshot import Snapshot, limits, load, machine
from mountlab.table import rows_seen_by
from tests.snapshot.fake import snapshot_of_machine

SEEDS = st.integers(0, 2**32)
MANY = 60


def random_machine(rng: Random, *, tellable: bool) -> SimulatedRun:
    """A random state; `tellable`: nothing in it that tables do not tell (files, user namespaces)."""
    run = SimulatedRun(rng.choice(["bare", "systemd"]))
    for op in random_run(rng, 40):
        if not tellable or is_tellable(op):
            run.do(op)
        if len(run.sim.vfs.mounts) > MANY:
            break
    return run


def is_tellable(op: Op) -> bool:
    in_userns = op.name == "unshare" and op.args[0] != CLONE_NEWNS
    return not in_userns and not any(file in op.args for file in FILES)


def made_of(snapshot: Snapshot) -> SimulatorBackend:
    made = machine(snapshot)
    assert not broken(made.sim.vfs)
    return made


def test_every_terminal_shows_the_table_of_its_view_with_the_same_numbers() -> None:
    shown: list[int] = []

    @settings(max_examples=30, deadline=None)
    @given(SEEDS, st.booleans())
    def compare(seed: int, exact: bool) -> None:
        run = random_machine(Random(seed), tellable=False)
        snapshot = snapshot_of_machine(run.sim, exact=exact)
        made = made_of(snapshot)
        for namespace in snapshot.namespaces:
            for view in namespace.views:
                assert made.sim.mountinfo(made.terminals[view.name]) == snapshot.table(view)
                shown.append(len(view.mounts))

    compare()
    assert sum(shown) > len(shown), "in some machines nobody sees anything, but not in all"


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_the_same_next_operations_have_the_same_effect(seed: int) -> None:
    rng = Random(seed)
    run = random_machine(rng, tellable=True)
    snapshot = snapshot_of_machine(run.sim)
    assume(tables_tell_all(run, snapshot))
    made = made_of(snapshot)
    make_directories(run.sim, made.sim)
    for terminal in made.terminals.values():
        made.sim.exit(terminal)
    # The terminals of the original are processes of the loaded machine, by the same pids.
    twin = SimulatedRun("bare")
    twin.sim = made.sim
    twin.shells = {name: Process(made.sim, process.pid) for name, process in run.shells.items()}

    for op in random_next(rng, 8):
        assert twin.do(op) == run.do(op), op
        assert not broken(made.sim.vfs), op
        if run.on_the_floor() or len(run.sim.vfs.mounts) > MANY:
            break
        assert all_tables(twin) == all_tables(run), op


def random_next(rng: Random, count: int) -> list[Op]:
    ops: list[Op] = []
    while len(ops) < count:
        ops += filter(is_tellable, random_op(rng, rng.choice(list(KINDS))))
    return ops


def tables_tell_all(run: SimulatedRun, snapshot: Snapshot) -> bool:
    """Whether some process sees each mount, and nothing was removed that is still held."""
    vfs = run.sim.vfs
    shown = {entry.mount for each in snapshot.namespaces for view in each.views for entry in view.mounts}
    unseen = set(vfs.mounts) - shown - {namespace.root for namespace in vfs.namespaces.values()}
    removed = any(dentry.unlinked for dentry in vfs.dentries.values())
    return not unseen and not removed and not run.on_the_floor()


def make_directories(original: Simulator, made: Simulator) -> None:
    """Make on the loaded machine what no table names: directories on which nothing is mounted."""
    record = Recorder(made.vfs)
    ours = {fs.dev: fs for fs in made.vfs.filesystems.values()}
    for fs in original.vfs.filesystems.values():
        stack = [(fs.root, ours[fs.dev].root)] if fs.dev in ours else []
        while stack:
            theirs, mine = stack.pop()
            for name, child in original.vfs.entries[theirs].items():
                old, number = original.vfs.dentries[child], made.vfs.entries[mine].get(name)
                if number is None:
                    number, own = made.vfs.counters["dentry"], ours[fs.dev]
                    ino = made.vfs.counters[inode_counter(own)]
                    record(DentryChanged(Dentry(number, own.id, mine, name, old.kind, ino, old.mode, "", 0)))
                if old.kind == "dir":
                    stack.append((child, number))


def all_tables(run: SimulatedRun) -> list[list[MountInfo]]:
    """What each terminal sees, with neutral numbers and in an order that is not that of creation.

    In which order the members of a peer group get their copies is what tables do not tell.
    """
    canon = Canon()
    seen = (rows_seen_by(run.sim.vfs, p.task, with_fixtures=True) for p in run.shells.values())
    return [canon.table(by_place(rows)) for rows in seen]


def by_place(rows: list[MountInfo]) -> list[MountInfo]:
    known = {row.mount_id: row for row in rows}

    def chain(row: MountInfo) -> tuple[str, ...]:
        above = known.get(row.parent_id)
        return (*(chain(above) if above is not None else ()), row.mountpoint)

    return sorted(rows, key=chain)


# -- machines as people have them ------------------------------------------------------------------------

NODE = """\
#: init=systemd
host# mkdir -p /data /srv /jail/data
host# mount -t tmpfs disk /data
c1# unshare --mount --propagation slave
c2# unshare --mount --propagation unchanged
jailed# mount --bind /data /jail/data
jailed# chroot /jail
"""


def played(transcript: str) -> SimulatorBackend:
    backend = SimulatorBackend("systemd")
    for result in play(parse(transcript), backend):
        assert result.outcome is None or result.outcome.exit == 0, result.outcome
    return backend


def tell(backend: SimulatorBackend, transcript: str) -> None:
    for result in play(parse(transcript), backend):
        assert result.outcome is None or result.outcome.exit == 0, result.outcome


def mountpoints(backend: SimulatorBackend, shell: str) -> list[str]:
    rows = table_of(backend.tables(), shell)
    assert rows is not None
    return [row.mountpoint for row in rows]


def test_a_mount_on_the_loaded_machine_goes_where_it_went_on_the_node() -> None:
    made = made_of(snapshot_of_machine(played(NODE).sim))

    tell(made, "host# mkdir /data/new\nhost# mount -t tmpfs disk2 /data/new")

    for shell, path in (("c1", "/data/new"), ("c2", "/data/new"), ("jailed", "/data/new")):
        assert path in mountpoints(made, shell), shell
    tell(made, "c1# umount /data/new")
    assert "/data/new" not in mountpoints(made, "c1")
    assert "/data/new" in mountpoints(made, "host")


def test_the_mounts_of_proc_are_shown_and_programs_read_them() -> None:
    made = made_of(snapshot_of_machine(played(NODE).sim))

    assert "/proc" in mountpoints(made, "host")
    (shown,) = (r.outcome for r in play(parse("c1# findmnt -n -o TARGET,FSTYPE /proc"), made) if r.outcome)
    assert shown.stdout == "/proc  proc\n"


def test_a_view_with_another_root_is_a_terminal_of_the_same_namespace() -> None:
    made = made_of(snapshot_of_machine(played(NODE).sim))

    (host,) = (table for table in made.tables() if "host" in table.shells)

    assert "jailed" in host.shells
    assert [row.mountpoint for row in host.views["jailed"]] == ["/data"]


def test_where_a_process_stands_is_busy_on_the_loaded_machine_too() -> None:
    node = played(NODE)
    tell(node, "worker# cd /data")
    made = made_of(snapshot_of_machine(node.sim))

    (outcome,) = (r.outcome for r in play(parse("host# umount /data"), made) if r.outcome)

    assert outcome.errno == "EBUSY"


def test_a_fresh_machine_is_as_before_the_first_command() -> None:
    for first in (made_of(snapshot_of_machine(played(NODE).sim)), SimulatorBackend("systemd")):
        first.open("host")
        before = first.tables()
        tell(first, "host# mkdir -p /x\nhost# mount -t tmpfs t /x\nhost# mount --make-rprivate /")

        again = first.fresh()
        again.open("host")

        assert again.tables() == before != first.tables()
        assert not again.history
        assert again.fresh().terminals.keys() <= again.terminals.keys()


def test_undo_leads_back_to_the_snapshot() -> None:
    made = made_of(snapshot_of_machine(played(NODE).sim))
    before = made.tables()
    tell(made, "host# umount -l /data\nc2# unshare --mount")

    made.sim.undo(len(made.sim.operations))

    assert not broken(made.sim.vfs)
    assert made.tables() == before


# -- tables by hand: mountinfo as kernels print it --------------------------------------------------------


def by_hand(*tables: tuple[str, list[list[int]]], rows: list[str], **more: object) -> str:
    """The text of a snapshot with one namespace for each named table."""
    namespaces = [
        {
            "inode": None,
            "views": [
                {"name": name, "pid": pid, "process": name, "root": "/", "root_mount": None, "mounts": mounts}
            ],
            "processes": [[pid, name, 0, "/", None]],
        }
        for pid, (name, mounts) in enumerate(tables, 1)
    ]
    parts = {"format": "mountlab snapshot", "version": 1, "kernel": "6.18", "redacted": False, "rows": rows,
             "files": [], "namespaces": namespaces, "unread": [], "remarks": []}  # fmt: skip
    return json.dumps(parts | more)


ROOT = "8:1 / / rw,relatime - ext4 /dev/sda1 rw,discard"


def test_a_master_that_no_process_shows_still_passes_mounts_on() -> None:
    """``propagate_from`` says who is above the master that is out of sight (mount_namespaces(7))."""
    rows = [ROOT, "8:1 /srv /srv rw,relatime - ext4 /dev/sda1 rw,discard"]
    text = by_hand(
        ("host", [[27, 1, 0, 1]]), ("c1", [[90, 89, 0], [91, 90, 1, 0, 7, 1]]), rows=rows
    )  # c1's /srv listens to group 7, which listens to the host's group 1
    made = made_of(load(text))
    (master,) = (row for row in made.sim.vfs.mounts.values() if row.peer_group == 7)
    assert master.master == 1

    tell(made, "host# mkdir -p /srv/x\nhost# mount -t tmpfs t /srv/x")

    assert "/srv/x" in mountpoints(made, "c1")
    assert mountpoints(made, "host") == ["/", "/srv/x"], "the phantom is nobody's"


def test_stacks_unbindable_mounts_and_an_unseen_parent_are_shown_as_they_were() -> None:
    rows = [
        ROOT,
        "0:40 / /a rw - tmpfs one rw",
        "0:41 / /a rw - tmpfs two rw,size=4k",
        "0:42 /x//deleted /b ro,nosuid,nodev,noexec,noatime - tmpfs three ro",
    ]
    entries = [[27, 1, 0], [30, 27, 1], [31, 30, 2, 0, 0, 0, 1], [32, 27, 3]]
    snapshot = load(by_hand(("host", entries), rows=rows))
    made = made_of(snapshot)

    assert made.sim.mountinfo(made.terminals["host"]) == snapshot.table(snapshot.namespaces[0].views[0])
    tell(made, "host# umount /a")
    assert [row.mount_id for row in made.sim.mountinfo(made.terminals["host"])] == [27, 30, 32]


def test_what_btrfs_prints_of_each_subvolume_is_left_out_and_told() -> None:
    rows = [
        "0:30 /@ / rw - btrfs /dev/sda2 rw,ssd,subvolid=256,subvol=/@",
        "0:30 /@home /home rw - btrfs /dev/sda2 rw,ssd,subvolid=257,subvol=/@home",
        "0:30 /@var /var rw,idmapped - btrfs /dev/sda2 rw,ssd,subvolid=258,subvol=/@var",
    ]
    snapshot = load(by_hand(("host", [[27, 1, 0], [28, 27, 1], [29, 27, 2]]), rows=rows))

    shown = machine(snapshot).tables()[0].mounts

    assert [(row.root, row.mountpoint, row.super_options) for row in shown] == [
        ("/@", "/", "rw,ssd"), ("/@home", "/home", "rw,ssd"), ("/@var", "/var", "rw,ssd")
    ]  # fmt: skip
    first, second = limits(snapshot)[:2]
    assert "0:30" in first
    assert "idmapped" in second


def test_an_older_kernel_is_simulated_as_itself_and_one_out_of_reach_as_the_nearest() -> None:
    cases = (("6.1", "6.1", 0), ("4.19", "5.15", 1), ("7.3", "6.18", 1), (None, "6.18", 0))
    for version, used, said in cases:
        snapshot = load(by_hand(("host", [[27, 1, 0]]), rows=[ROOT], kernel=version))
        assert machine(snapshot).sim.kernel == used
        assert sum(used in remark for remark in limits(snapshot)) == said


def test_tables_that_changed_while_they_were_read_are_mended_and_that_is_told() -> None:
    rows = [ROOT, "0:40 / /a rw - tmpfs one rw", "0:41 / /b/c rw - tmpfs two rw"]
    text = by_hand(
        ("host", [[27, 1, 0, 1], [30, 27, 1, 2, 9], [31, 30, 2]]),  # 31 is not below its parent
        ("c1", [[90, 89, 0, 1, 5], [30, 90, 1]]),  # 30 is there twice; group 1 has two masters
        rows=rows,
    )
    snapshot = load(text)
    made = made_of(snapshot)

    assert mountpoints(made, "host") == ["/", "/a", "/b/c"]
    assert mountpoints(made, "c1") == ["/", "/a"]
    said = "\n".join(limits(snapshot))
    for wanted in ("host: mount 31 at /b/c", "c1: mount 30", "peer group 1: mount 90", "peer group 9"):
        assert wanted in said


def test_a_file_that_holds_a_namespace_is_there_and_its_slash_is_told() -> None:
    rows = [ROOT, "0:4 net:[4026532456] /run/netns/blue rw - nsfs nsfs rw"]
    snapshot = load(by_hand(("host", [[27, 1, 0], [28, 27, 1]]), rows=rows))

    (_root, row) = machine(snapshot).tables()[0].mounts

    assert (row.mountpoint, row.root) == ("/run/netns/blue", "/net:[4026532456]")
    assert any("net:[4026532456]" in remark for remark in limits(snapshot))


COVERED = """\
host# mkdir -p /jail/in /over
inside# mount --bind /over /jail/in
inside# chroot /jail
host# mount -t tmpfs cover /jail
"""
LOST = """\
host# mkdir -p /jail /other
host# mount -t tmpfs old /jail
inside# chroot /jail
host# umount -l /jail
host# mount -t tmpfs new /jail
"""


@pytest.mark.parametrize(("transcript", "seen"), [(COVERED, ["/in", "/"]), (LOST, [])])
@pytest.mark.parametrize("exact", [True, False])
def test_a_root_that_was_covered_or_unmounted_is_not_taken_for_what_stands_there_now(
    transcript: str, seen: list[str], exact: bool
) -> None:
    node = SimulatorBackend("bare")
    tell(node, transcript)

    made = made_of(snapshot_of_machine(node.sim, exact=exact))

    assert mountpoints(node, "inside") == mountpoints(made, "inside") == seen
