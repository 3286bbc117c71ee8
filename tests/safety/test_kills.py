"""The owner of a machine is killed at a random moment, its start included: nothing of it is left outside."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from mountlab.kernel.probe import probe, probe_uml
from mountlab.runtimes.dockerd import docker_missing
from tests.safety.outside import Guard, descendants, host_tables, left_by_guests, processes, stay

pytestmark = pytest.mark.alone

ROOT = Path(__file__).parents[2]
_OWNER = """
import sys
sys.path.insert(0, sys.argv[1])
from mountlab.shell.transcript import parse
from {module} import {name} as Backend
from mountlab.kernel.probe import probe_uml
lines = [step.command for step in parse('''{lines}''').steps]
while True:
    backend = Backend("{init}"{found})
    for shell in "abab":
        backend.open(shell)
        print("ready", flush=True)
        for line in lines:
            backend.run(shell, line)
        backend.tables()
    backend.close()
"""
_MOUNTS = """
a# mkdir -p /x
a# mount --make-shared /
a# unshare -m --propagation slave
a# mount -t tmpfs evil /mnt
a# mount --rbind / /x
a# findmnt -R /
"""
_CONTAINERS = """
a# mkdir -p /srv
a# docker run -d --privileged -v /srv:/mnt:rslave -v vol:/data centos sleep 1000
a# mount -t tmpfs evil /srv
a# docker ps
a# umount /srv
"""


class World(NamedTuple):
    """A kind of backend, and how many seconds its owner lives at most: every other one after its start."""

    owner: str
    seconds: float
    kernel: str = ""


_KERNEL = _OWNER.format(
    module="mountlab.kernel.backend", name="KernelBackend", lines=_MOUNTS, init="systemd", found=""
)
_GUEST = _KERNEL.replace('"systemd"', '"systemd", found=probe_uml()')
_DAEMONS = _KERNEL.replace(_MOUNTS, _CONTAINERS)
_DOCKER = _OWNER.format(
    module="mountlab.runtimes.backend", name="DockerBackend", lines=_CONTAINERS, init="systemd", found=""
)
WORLDS = {
    "root": World(_KERNEL, 0.8, "root"),
    "userns": World(_KERNEL, 0.8, "userns"),
    "root, with daemons": World(_DAEMONS, 0.8, "root"),
    "uml": World(_GUEST, 6.0, "uml"),
    "docker": World(_DOCKER, 8.0),
}
_MARKS = {
    "root": [pytest.mark.kernel],
    "userns": [pytest.mark.kernel, pytest.mark.userns],
    "root, with daemons": [pytest.mark.kernel],
    "uml": [pytest.mark.kernel, pytest.mark.uml],
    "docker": [pytest.mark.docker],
}
ALL = [pytest.param(name, marks=marks) for name, marks in _MARKS.items()]


def _needed(name: str, monkeypatch: pytest.MonkeyPatch) -> World:
    world = WORLDS[name]
    if world.kernel in {"root", "userns"}:
        monkeypatch.setenv("MOUNTLAB_KERNEL", world.kernel)
    found = probe_uml() if world.kernel == "uml" else probe()
    reason = docker_missing() if not world.kernel else None if found.kind else found.reason
    if reason:
        pytest.skip(reason)
    return world


def _kill(world: World, times: int) -> int:
    """Kill so many owners; how many processes they had together."""
    chance, seen = random.Random(times), 0
    guard, tables, files = Guard(None), host_tables(), left_by_guests()
    for number in range(times):
        words = [sys.executable, "-c", world.owner, str(ROOT)]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as owner:
            assert owner.stdout
            if number % 2:
                owner.stdout.readline()
            time.sleep(chance.random() * world.seconds)
            assert owner.poll() is None, "the owner ended before it was killed"
            family = descendants(owner.pid)
            owner.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 20
        while (left := family & set(processes())) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not left, f"kill {number}: {[_name(pid) for pid in left]} are left"
        assert not stay(left_by_guests() - files), f"kill {number}"
        seen += len(family)
    assert host_tables() == tables
    assert guard.look()[0] == [], "no signal reached anybody else"
    guard.end()
    return seen


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ") or str(pid)
    except OSError:
        return str(pid)


@pytest.mark.parametrize("name", ALL)
def test_a_few_times(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    times = 8 if WORLDS[name].seconds < 1 else 4
    assert _kill(_needed(name, monkeypatch), times) >= 8


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_a_hundred_times(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _kill(_needed(name, monkeypatch), 100) >= 200
