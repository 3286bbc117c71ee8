"""Who hears of a mount and who does not: the verdicts, and what the engine then really does."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from mountlab.agree.operations import DIRECTORIES, random_run
from mountlab.agree.worlds import SimulatedRun
from mountlab.checks import lock_mount
from mountlab.errors import MountError
from mountlab.events import Received, Skipped
from mountlab.explain import Verdict, verdicts
from mountlab.resolve import resolve
from mountlab.rules import RULES
from mountlab.shell.simbackend import SimulatorBackend
from tests.explain.stories import machine


def judged(backend: SimulatorBackend, shell: str, path: str) -> dict[str, Verdict]:
    """The verdicts for a mount made at a path, by the names of the mounts' sources and roots."""
    vfs = backend.sim.vfs
    at = lock_mount(vfs, resolve(vfs, backend.terminals[shell].task, path))
    names = {task.namespace: name for name, process in backend.terminals.items() for task in [process.task]}
    return {
        f"{names[vfs.mounts[v.mount].namespace or 0]}:{vfs.path_in_fs(vfs.mounts[v.mount].root)}:{v.mount}": v
        for v in verdicts(vfs, at.mount, at.dentry)
    }


def test_peers_slaves_outsiders_and_strangers() -> None:
    backend = machine(
        "host# mkdir /a /peer /slave /part /alone\n"
        "host# mount -t tmpfs disk /a\n"  # mount 4
        "host# mkdir -p /a/x /a/sub\n"
        "host# mount --make-shared /a\n"
        "host# mount --bind /a /peer\n"  # 5
        "host# mount --bind /a /slave\n"  # 6
        "host# mount --make-slave /slave\n"
        "host# mount --bind /a/sub /part\n"  # 7
        "host# mount --bind /a /alone\n"  # 8
        "host# mount --make-private /alone\n"
    )

    found = judged(backend, "host", "/a/x")
    assert {key: (v.receives, v.rule) for key, v in found.items()} == {
        "host:/:5": (True, "propagate.peer"),
        "host:/:6": (True, "propagate.slave"),
        "host:/sub:7": (False, "propagate.outside"),
        "host:/:8": (False, "make.private"),
    }
    assert found["host:/:5"].through == 4
    assert "mount 8 is private" in str(found["host:/:8"])


def test_from_a_slave_nothing_goes_up() -> None:
    backend = machine("host#\nc1# unshare -m --propagation slave\n", "systemd")
    (up,) = judged(backend, "c1", "/mnt").values()
    assert (up.receives, up.rule) == (False, "make.slave")

    backend = machine("host#\nc1# unshare -m --propagation slave\nc1# mount --make-rshared /\n", "systemd")
    (up,) = judged(backend, "c1", "/mnt").values()
    assert (up.receives, up.rule, up.key) == (False, "make.slave", "not.upwards")


def test_from_a_private_or_unbindable_mount_nothing_goes_anywhere() -> None:
    for word in ("private", "unbindable"):
        backend = machine(
            "host# mkdir /a /b\n"
            "host# mount -t tmpfs disk /a\n"
            "host# mkdir /a/x\n"
            "host# mount --bind /a /b\n"
            f"host# mount --make-{word} /a\n"
        )
        (other,) = judged(backend, "host", "/a/x").values()
        assert (other.receives, other.rule) == (False, f"make.{word}")


def test_another_group_and_its_slaves_and_an_unbindable_mount_hear_nothing() -> None:
    backend = machine(
        "host# mkdir /a /b /c /d\n"
        "host# mount -t tmpfs disk /a\n"  # 4
        "host# mkdir /a/x\n"
        "host# mount --bind /a /b\n"  # 5
        "host# mount --bind /a /d\n"  # 6
        "host# mount --make-unbindable /d\n"
        "host# mount --make-shared /a\n"
        "host# mount --make-shared /b\n"
        "host# mount --bind /b /c\n"  # 7
        "host# mount --make-slave /c\n"
    )

    found = {v.mount: (v.receives, v.rule, v.key) for v in judged(backend, "host", "/a/x").values()}
    assert found == {
        5: (False, "propagate.group", "not.other.group"),
        6: (False, "make.unbindable", "not.unbindable"),
        7: (False, "propagate.group", "not.other.master"),
    }


def test_what_the_same_command_made_receives_nothing() -> None:
    # mount --bind /a /a/x on a shared /a: the bind is a peer of /a, but hears nothing of its own arrival.
    backend = machine(
        "host# mkdir /a\nhost# mount -t tmpfs disk /a\nhost# mkdir /a/x\nhost# mount --make-shared /a\n"
    )
    vfs = backend.sim.vfs
    at = resolve(vfs, backend.terminals["host"].task, "/a/x")
    backend.sim.mount(backend.terminals["host"], "/a", "/a/x", None, 4096)
    made = max(vfs.mounts)

    (itself,) = verdicts(vfs, at.mount, at.dentry, new=(made,))
    assert (itself.mount, itself.receives, itself.rule) == (made, False, "propagate.self")


def test_only_the_mounts_of_the_filesystem_need_to_be_looked_at() -> None:
    backend = machine("host# mkdir /b\nhost# mount --bind / /b\nhost# mount -t tmpfs t /mnt\n", "systemd")
    vfs = backend.sim.vfs
    at = resolve(vfs, backend.terminals["host"].task, "/tmp")
    same = [row.mount_id for row in vfs.mounts.values() if row.fs == vfs.mounts[at.mount].fs]

    assert verdicts(vfs, at.mount, at.dentry, among=same) == verdicts(vfs, at.mount, at.dentry)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["bare", "systemd"]))
def test_the_verdicts_are_what_the_engine_then_does(seed: int, init: str) -> None:
    rng = Random(seed)
    run = SimulatedRun(init)
    for op in random_run(rng, 30):
        run.do(op)
        if len(run.sim.vfs.mounts) > 60:
            break
    vfs = run.sim.vfs
    for shell in run.shells.values():
        path = rng.choice(DIRECTORIES)
        try:
            at = lock_mount(vfs, resolve(vfs, shell.task, path))
            said = {verdict.mount: verdict for verdict in verdicts(vfs, at.mount, at.dentry)}
            run.sim.mount(shell, "new", path, "tmpfs")
        except MountError:
            continue
        events = run.sim.operations[-1].events
        received = {event.mount.parent_id: event.rule for event in events if isinstance(event, Received)}
        skipped = {event.receiver for event in events if isinstance(event, Skipped)}

        assert {mount: verdict.rule for mount, verdict in said.items() if verdict.receives} == received
        assert {m for m, verdict in said.items() if verdict.rule == "propagate.outside"} == skipped
        for verdict in said.values():
            assert verdict.rule in RULES
            assert "{" not in str(verdict)
            if verdict.receives:
                assert verdict.through in {at.mount, *received, *skipped}
