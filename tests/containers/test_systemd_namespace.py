"""A unit's settings make the namespace that the real systemd made of them (recorded/systemctl.json)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers.rules import RULES
from mountlab.containers.simworld import SimWorld
from mountlab.containers.systemd.manager import Manager, process_of
from mountlab.containers.world import FIRST, make_directories
from mountlab.model import MS_REC, MS_SHARED
from mountlab.mountinfo import MountInfo, parse
from mountlab.simulator import Simulator

RECORDED = json.loads((Path(__file__).parent / "recorded" / "systemctl.json").read_text("utf-8"))
UNIT = "demo.service"
FILE = f"/etc/systemd/system/{UNIT}"


def machine() -> SimWorld:
    """A machine with the mounts and folders of the one that was recorded."""
    sim = Simulator("systemd")
    world = SimWorld(sim, {}, lambda _process, _argv: None)
    world.mount(FIRST, "", "/", None, MS_SHARED | MS_REC)
    world.rmdir(FIRST, "/bin")  # a symbolic link there
    for path in ("/run", "/tmp"):
        world.mount(FIRST, "tmpfs", path, "tmpfs", 0)
    for path in ("/etc/systemd/system", "/run/credentials", "/run/user", "/boot"):
        make_directories(world, FIRST, path)
    for path in ("/srv", "/srv/a/b", "/home/u"):
        make_directories(world, FIRST, path)
        world.mount(FIRST, "tmpfs", path, "tmpfs", 0)
    make_directories(world, FIRST, "/srv/a/b")
    make_directories(world, FIRST, "/srv/c")
    return world


def start(world: SimWorld, *settings: str, fixtures: bool = True) -> Manager:
    manager = Manager(world, {}, with_fixtures=fixtures)
    world.write(FIRST, FILE, "\n".join(["[Service]", "ExecStart=/bin/sleep 1000", *settings, ""]))
    manager.start(UNIT)
    return manager


def table(rows: Sequence[MountInfo], host: Sequence[MountInfo]) -> list[tuple[str, ...]]:
    """Rows without numbers: a peer group is named after the host's mount that is in it."""
    groups = {row.shared: row.mountpoint for row in host if row.shared}
    found = []
    for row in rows:
        if row.mountpoint.startswith(("/proc", "/dev")):
            continue
        shared = "" if not row.shared else "shared with host" if row.shared in groups else "shared"
        master = f"slave of {groups[row.master]}" if row.master else ""
        root = re.sub(r"systemd-private-\w+-(.*)-\w{6}/", r"systemd-private-\1/", row.root)
        options = ",".join(sorted(set(row.options.split(",")) - {"relatime"}))
        found.append((row.mountpoint, root, options, shared, master))
    return sorted(found)


def recorded(case: dict[str, Any]) -> list[tuple[str, ...]]:
    host, rows = ([parse(line) for line in lines] for lines in (RECORDED["host"], case["mounts"]))
    return table(rows, host)


@pytest.mark.parametrize(
    "case", RECORDED["namespaces"], ids=lambda case: " ".join(case["settings"]) or "nothing"
)
def test_the_mounts_of_a_unit_are_those_that_systemd_made(case: dict[str, Any]) -> None:
    world = machine()
    start(world, *case["settings"])
    rows = world.mountinfo(process_of(UNIT))
    assert table(rows, world.mountinfo(FIRST)) == recorded(case)


@pytest.mark.parametrize(
    ("settings", "own", "tags"),
    [
        ((), False, "shared"),
        (("MountFlags=shared",), False, "shared"),
        (("MountFlags=rshared",), False, "shared"),
        (("MountFlags=slave",), True, "slave"),
        (("MountFlags=slave", "PrivateMounts=yes"), True, "slave"),
        (("MountFlags=private",), True, "private"),
        (("MountFlags=private", "PrivateMounts=yes"), True, "private"),
        (("PrivateMounts=yes",), True, "shared+slave"),
        (("PrivateMounts=yes", "MountFlags=shared"), True, "shared+slave"),
        (("ProtectHome=yes",), True, "shared+slave"),
    ],
)
def test_the_root_of_dockerd_under_each_setting(settings: tuple[str, ...], own: bool, tags: str) -> None:
    """The table "MountFlags=" of what was measured with a real unit around dockerd."""
    world = machine()
    start(world, *settings, fixtures=False)
    root = next(row for row in world.mountinfo(process_of(UNIT)) if row.mountpoint == "/")
    assert "+".join(tag for tag, is_so in (("shared", root.shared), ("slave", root.master)) if is_so) == (
        "" if tags == "private" else tags
    )
    namespaces = {world.process(name).ns for name in (FIRST, process_of(UNIT))}
    assert len(namespaces) == (2 if own else 1)


def test_a_mount_on_the_host_reaches_a_slave_and_none_comes_back() -> None:
    world = machine()
    start(world, "MountFlags=slave", fixtures=False)
    process = process_of(UNIT)
    make_directories(world, FIRST, "/mnt/host")
    make_directories(world, FIRST, "/mnt/unit")
    world.mount(FIRST, "tmpfs", "/mnt/host", "tmpfs", 0)
    world.mount(process, "tmpfs", "/mnt/unit", "tmpfs", 0)
    places = [{row.mountpoint for row in world.mountinfo(name)} for name in (FIRST, process)]
    assert ["/mnt/host" in seen for seen in places] == [True, True]
    assert ["/mnt/unit" in seen for seen in places] == [False, True]


def test_the_system_calls_are_made_in_systemds_order_and_each_has_a_reason() -> None:
    made = start(machine(), "MountFlags=slave", fixtures=False).made
    assert [item.call for item in made] == [
        "unshare(CLONE_NEWNS)",
        'mount("", "/", "", MS_REC|MS_SLAVE, NULL)',
        'mount("/", "/run/systemd/unit-root", "", MS_BIND|MS_REC, NULL)',
        'mount("/run/systemd/unit-root", "/", "", MS_MOVE, NULL)',
        'chroot(".")',
        'mount("", "/", "", MS_REC|MS_SLAVE, NULL)',
    ]
    everything = start(
        machine(), "PrivateTmp=yes", "ProtectHome=yes", "ReadOnlyPaths=/srv/a", "TemporaryFileSystem=/boot",
        "BindPaths=/srv/c:/mnt",
    ).made  # fmt: skip
    assert {item.rule for item in everything} == {rule for rule in RULES if rule.startswith("systemd.")}


def test_a_private_tmp_is_gone_with_the_unit() -> None:
    world = machine()
    manager = start(world, "PrivateTmp=yes")
    assert len(world.listdir(FIRST, "/tmp")) == 1
    world.write(process_of(UNIT), "/tmp/mine", "kept to itself")
    assert world.kind(FIRST, "/tmp/mine") is None
    manager.stop(UNIT)
    assert world.listdir(FIRST, "/tmp") == []
    assert not world.is_alive(process_of(UNIT))


def test_a_namespace_that_cannot_be_made_leaves_nothing_behind() -> None:
    world = machine()
    manager = start(world, "BindPaths=/nope:/mnt", "PrivateTmp=yes")
    assert manager.state(UNIT)[:2] == ("failed", "failed")
    assert not world.is_alive(process_of(UNIT))
    assert world.listdir(FIRST, "/tmp") == []
    assert manager.journal == [
        f"{UNIT}: Failed to set up mount namespacing: /run/systemd/unit-root/mnt: No such file or directory"
    ]
