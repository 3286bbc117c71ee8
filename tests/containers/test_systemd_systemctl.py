"""systemctl of the model says what the real one said, step by step (recorded/systemctl.json)."""

from __future__ import annotations

import importlib.util
import json
import posixpath
import re
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers.simworld import SimWorld
from mountlab.containers.systemd.loaded import load
from mountlab.containers.systemd.manager import Manager
from mountlab.containers.systemd.systemctl import is_understood, run
from mountlab.containers.systemd.units import FolderCache
from mountlab.containers.world import FIRST, make_directories
from mountlab.model import MS_REC, MS_SHARED
from mountlab.simulator import Simulator

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "recorded" / "systemctl.json").read_text("utf-8"))
_spec = importlib.util.spec_from_file_location("systemctl_scenarios", HERE / "systemctl_scenarios.py")
assert _spec is not None
assert _spec.loader is not None
scenarios: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(scenarios)


def machine() -> SimWorld:
    sim = Simulator("systemd")
    world = SimWorld(sim, {}, lambda _process, _argv: None)
    world.mount(FIRST, "", "/", None, MS_SHARED | MS_REC)
    for folder in (scenarios.ETC, scenarios.RUN):
        make_directories(world, FIRST, folder)
    return world


def write(world: SimWorld, path: str, text: str) -> None:
    make_directories(world, FIRST, posixpath.dirname(path))
    world.write(FIRST, path, text)


def without_numbers(text: str) -> str:
    """What of `systemctl status` does not differ from run to run."""
    text = re.sub(r" since .*", "", text)
    text = re.sub(r"(?m)^ +(Main PID|Tasks|Memory|CGroup|Duration):.*\n", "", text)
    text = re.sub(r"(?m)^ +Process: .*(status=0/SUCCESS|signal=TERM)\)\n", "", text)
    text = re.sub(r"(?m)^ +└─[0-9]+ .*\n", "", text)
    return re.sub(r"Process: [0-9]+ ", "Process: ", text)


@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_each_step_ends_and_prints_as_recorded(name: str) -> None:
    world = machine()
    manager = Manager(world, {}, enabled=())
    said = []
    for step in scenarios.SCENARIOS[name]:
        if step[0] == "write":
            write(world, *step[1:])
        elif step[0] == "remove":
            world.unlink(FIRST, step[1])
        else:
            assert is_understood(step[1:]), step
            said.append([list(step[1:]), *run(manager, step[1:])])
    expected = [[argv, code, without_numbers(out), err] for argv, code, out, err in RECORDED["said"][name]]
    assert said == expected


@pytest.mark.parametrize("name", scenarios.JOURNAL)
def test_what_is_left_out_of_a_unit_file_is_told_in_the_journal(name: str) -> None:
    world = machine()
    write(world, scenarios.DEMO, scenarios.JOURNAL[name])
    cache = FolderCache(world)
    cache.refresh()
    assert sorted(load(world, "demo.service", cache).journal) == sorted(RECORDED["journal"][name])


@pytest.mark.parametrize(
    "line",
    ["list-units", "mask docker", "show docker -p ExecStart", "restart docker.socket", "start a@b",
     "show", "--user start a", "cat a b", "start *"],
)  # fmt: skip
def test_what_is_not_modelled_is_refused_rather_than_answered(line: str) -> None:
    assert not is_understood(line.split())


@pytest.mark.parametrize(
    "line",
    ["start x", "daemon-reload", "is-active x", "status x", "show docker -p MountFlags", "cat docker",
     "restart docker", "stop x"],
)  # fmt: skip
def test_without_systemd_there_is_nobody_to_talk_to(line: str) -> None:
    result = run(None, line.split())
    assert (result.status, result.stdout) == (1, "")
    assert result.stderr == (
        "System has not been booted with systemd as init system (PID 1). Can't operate.\n"
        "Failed to connect to bus: Host is down\n"
    )
