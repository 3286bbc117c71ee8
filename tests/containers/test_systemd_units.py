"""What a unit shares with the host: the model gives what a real systemd gave (recorded/systemd.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers.simworld import SimWorld
from mountlab.containers.systemd.manager import Manager, process_of
from mountlab.containers.systemd.properties import properties
from mountlab.containers.world import FIRST, make_directories
from mountlab.errors import MountError
from mountlab.model import MS_REC, MS_SHARED
from mountlab.runtimes.places import MOUNTPOINT, SRC, SUB, Groups, at, words
from mountlab.simulator import Simulator

RECORDED = json.loads((Path(__file__).parent / "recorded" / "systemd.json").read_text("utf-8"))
UNITS: list[dict[str, Any]] = RECORDED["units"]
UNIT = "probe.service"
AFTER = 1 + [row["settings"] for row in UNITS].index("ProtectHome=tmpfs")
"""From this row on there was a /run/user: that setting makes one."""
OF_THE_MACHINE = ("/dev", "/proc", "/sys", "/run/lock")
"""What is mounted there differs from machine to machine."""


def named(row: dict[str, Any]) -> str:
    return row["settings"] or "nothing"


def machine() -> SimWorld:
    sim = Simulator("systemd")
    world = SimWorld(sim, {}, lambda _process, _argv: None)
    world.mount(FIRST, "", "/", None, MS_SHARED | MS_REC)
    world.rmdir(FIRST, "/bin")  # a symbolic link there
    for path in ("/run", "/tmp", "/lab", MOUNTPOINT):
        make_directories(world, FIRST, path)
        world.mount(FIRST, "tmpfs", path, "tmpfs", 0)
    for path in ("/etc/systemd/system", "/run/credentials", "/boot", f"{SRC}/h", f"{SRC}/c", SUB):
        make_directories(world, FIRST, path)
    world.mount(FIRST, "tmpfs", SUB, "tmpfs", 0)
    return world


def start(world: SimWorld, settings: str) -> Manager:
    text = settings.replace("SRC", SRC).replace("MOUNTPOINT", MOUNTPOINT)
    lines = ["[Service]", "ExecStart=/bin/sleep 1000", *text.split(" "), ""]
    world.write(FIRST, f"/etc/systemd/system/{UNIT}", "\n".join(lines))
    manager = Manager(world, {}, with_fixtures=True)
    manager.start(UNIT)
    return manager


@pytest.mark.parametrize("row", UNITS, ids=named)
def test_a_unit_is_to_the_host_what_it_was_for_the_real_systemd(row: dict[str, Any]) -> None:
    world = machine()
    if row in UNITS[AFTER:]:
        make_directories(world, FIRST, "/run/user")
    manager = start(world, row["settings"])
    assert (manager.state(UNIT).active == "active") == row["starts"]
    if not row["starts"]:
        assert manager.state(UNIT).failure == f"{row['exec_status']}/NAMESPACE"
        return
    process = process_of(UNIT)
    groups = Groups(world.mountinfo(FIRST))
    found = {words(item.mountpoint): groups.describe(item) for item in world.mountinfo(process)}
    expected = row["classes"]
    assert {k: v for k, v in found.items() if not k.startswith(OF_THE_MACHINE)} == {
        k: v for k, v in expected.items() if not k.startswith(OF_THE_MACHINE)
    }
    assert (world.process(process).ns != world.process(FIRST).ns) == row["own_namespace"]


@pytest.mark.parametrize("row", [row for row in UNITS if row["starts"]], ids=named)
def test_mounts_go_between_host_and_unit_as_they_did(row: dict[str, Any]) -> None:
    world = machine()
    start(world, row["settings"])
    process = process_of(UNIT)
    world.mount(FIRST, "h", f"{SRC}/h", "tmpfs", 0)
    assert (at(list(world.mountinfo(process)), f"{SRC}/h") is not None) == row["host_to_unit"]
    reached: bool | None = None
    try:
        world.mount(process, "c", f"{SRC}/c", "tmpfs", 0)
    except MountError:
        assert row["unit_to_host"] is None
    else:
        reached = at(list(world.mountinfo(FIRST)), f"{SRC}/c") is not None
    assert reached == row["unit_to_host"]


@pytest.mark.parametrize("row", UNITS, ids=named)
def test_show_and_the_journal_say_what_the_real_ones_said(row: dict[str, Any]) -> None:
    manager = start(machine(), row["settings"])
    found = properties(manager, UNIT)
    keys = [line.partition("=")[0] for line in row["show"]]
    assert [words(f"{key}={found[key]}") for key in keys] == row["show"]
    warnings = [line.split(":", 2)[2] for line in row["verify"]]
    journal = [line for line in manager.journal if "namespacing" not in line]
    assert [line.split(":", 2)[2] for line in journal] == warnings
