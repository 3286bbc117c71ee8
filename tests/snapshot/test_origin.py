"""Where a mount that was there from the start probably comes from: what the tables alone can tell."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mountlab.agree.operations import random_run
from mountlab.agree.worlds import SimulatedRun
from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse
from mountlab.snapshot import likely, machine
from tests.snapshot.fake import snapshot_of_machine


def loaded(transcript: str, init: str = "systemd") -> SimulatorBackend:
    """The machine that a transcript leaves, seen by its tables only."""
    backend = SimulatorBackend(init)
    for result in play(parse(transcript), backend):
        assert result.outcome is None or result.outcome.exit == 0, result.outcome
    return machine(snapshot_of_machine(backend.sim))


def told(backend: SimulatorBackend, shell: str, path: str) -> str:
    rows = backend.sim.mountinfo(backend.terminals[shell])
    mount = [row.mount_id for row in rows if row.mountpoint == path][-1]
    return " ".join(likely(backend, mount))


def test_a_mount_of_a_copied_namespace_came_with_it() -> None:
    node = loaded("""
host# mkdir /data
host# mount -t tmpfs disk /data
app# unshare --mount --propagation slave
""")

    said = told(node, "app", "/data")

    assert "It is a slave of peer group" in said
    assert "As far as the tables tell, it came when this namespace was copied from that of host" in said
    assert "host:/data (mount 4)" in said


def test_who_listens_to_a_shared_mount_is_told() -> None:
    node = loaded("app# unshare --mount --propagation slave")

    said = told(node, "host", "/")

    assert "To its peer group listens app:/ (mount 5): what is mounted below it appears there" in said
    assert "without any tie" not in said


def test_what_is_younger_than_a_namespace_came_to_it_by_propagation() -> None:
    node = loaded("""
host# mkdir /data
app# unshare --mount --propagation slave
host# mount -t tmpfs disk /data
""")

    assert "it was propagated" in told(node, "app", "/data")
    assert "when this namespace was copied" in told(node, "app", "/")


def test_a_mount_below_a_slave_was_propagated_from_the_same_place_of_its_master() -> None:
    node = loaded("""
host# mkdir /data
host# mount -t tmpfs disk /data
app# unshare --mount --propagation slave
app# mkdir /mine
app# mount --rbind /data /mine
host# mkdir /data/new
host# mount -t tmpfs disk2 /data/new
""")

    said = told(node, "app", "/mine/new")

    assert "As far as the tables tell, it was propagated" in said
    assert "host:/data/new" in said
    assert "is in the master group of app:/mine" in said


def test_a_peer_with_another_root_was_bound() -> None:
    node = loaded("host# mkdir -p /data/sub /view\nhost# mount --bind /data/sub /view")

    said = told(node, "host", "/view")

    assert "together with host:/" in said
    assert "it was bound from host:/ (mount 2) or copied from it: both show /data/sub" in said
    assert "they are peers" in said
    assert "It stands on host:/ (mount 2), which is in peer group" in said


def test_a_private_bind_mount_shows_a_part_of_what_another_shows() -> None:
    node = loaded("host# mkdir -p /data/sub /view\nhost# mount --bind /data/sub /view", "bare")

    said = told(node, "host", "/view")

    assert "it is a bind mount: it shows /data/sub of a filesystem" in said
    assert "that host:/ (mount 2) shows from / on." in said
    assert "host:/ (mount 2), which is private" in said


def test_what_nothing_is_known_of_is_said_to_be_so() -> None:
    node = loaded("host# mkdir /a\nhost# mount -t tmpfs disk /a", "bare")

    assert "The tables do not tell where it came from: it is private" in told(node, "host", "/a")
    assert likely(node, 4711) == ["There is no mount 4711 any more."]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32))
def test_of_every_mount_of_every_machine_something_is_told(seed: int) -> None:
    run = SimulatedRun("systemd")
    for op in random_run(Random(seed), 30):
        if len(run.sim.vfs.mounts) < 60:
            run.do(op)
    node = machine(snapshot_of_machine(run.sim))
    node.sim.exit(node.terminals.popitem()[1])

    for mount in node.sim.vfs.mounts:
        sentences = likely(node, mount)
        assert sentences
        assert not any("None" in sentence or "{" in sentence for sentence in sentences)


@pytest.mark.parametrize("init", ["bare", "systemd"])
def test_what_is_likely_is_called_an_inference_and_what_the_table_says_is_not(init: str) -> None:
    bound = "host# mkdir -p /d /v\nhost# mount --bind /d /v\n"
    node = loaded(bound + "c# unshare --mount --propagation unchanged", init)

    for process in list(node.terminals.values()):
        for row in node.sim.mountinfo(process):
            for sentence in likely(node, row.mount_id):
                guess = any(word in sentence for word in ("it came", "it was", "it is a bind"))
                assert guess == sentence.startswith("As far as the tables tell, ")
                assert sentence.endswith(".")
                assert "{" not in sentence
