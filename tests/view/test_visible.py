"""Which mounts a path leads to, held against the simulator's own walk along paths."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mountlab.errors import MountError
from mountlab.resolve import resolve
from mountlab.view.visible import hidden, stacks
from tests.view.worlds import machine, random_machine

STACK = ("host# mkdir /a", "host# mount -t tmpfs one /a", "host# mkdir /a/x", "host# mount -t tmpfs in /a/x")


def test_a_mount_that_is_covered_is_hidden_with_all_that_stands_on_it() -> None:
    (table,) = machine(*STACK, "host# mount -t tmpfs two /a").tables()
    sources = {row.mount_id: row.source for row in table.mounts}

    assert {sources[mount] for mount in hidden(table.mounts)} == {"one", "in"}
    assert [sources[mount] for mount in stacks(table.mounts)["/a"]] == ["one", "two"]


def test_a_mount_over_the_root_is_not_reached_by_who_was_there_before() -> None:
    (table,) = machine("host# mount -t tmpfs over /").tables()
    sources = {row.mount_id: row.source for row in table.mounts}

    assert {sources[mount] for mount in hidden(table.mounts)} == {"over"}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_hidden_is_what_the_simulator_cannot_walk_to(seed: int) -> None:
    backend = random_machine(seed)
    vfs = backend.sim.vfs
    for process in backend.terminals.values():
        if process.task.root_dentry != vfs.mounts[process.task.root_mount].root:
            continue  # a root that is a plain directory: the table alone cannot tell what covers it
        rows = backend.sim.mountinfo(process)
        covered = hidden(rows)
        for row in rows:
            if "//deleted" in row.mountpoint:
                continue
            try:
                reached = resolve(vfs, process.task, row.mountpoint).mount
            except MountError:
                reached = 0
            assert (reached == row.mount_id) == (row.mount_id not in covered), row
