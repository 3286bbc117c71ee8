"""docker.service as it is shipped, changed as the articles do, and the daemon that runs in it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mountlab.containers.errors import ContainerError
from mountlab.containers.simworld import SimWorld
from mountlab.containers.systemd.manager import Manager, process_of
from mountlab.containers.systemd.shipped import DOCKER, DOCKER_1_10, unit_file
from mountlab.containers.systemd.systemctl import run
from mountlab.containers.world import FIRST, make_directories
from mountlab.model import MS_REC, MS_SHARED
from mountlab.simulator import Simulator

SHIPPED = "/usr/lib/systemd/system/docker.service"
CHANGED = (
    "Warning: The unit file, source configuration file or drop-ins of docker.service changed on disk."
    " Run 'systemctl daemon-reload' to reload units.\n"
)


class Daemon:
    """Stands for dockerd: it looks at the world when it is told something."""

    def __init__(self, world: SimWorld) -> None:
        self.world = world
        self.told: list[tuple[str, str]] = []
        self.command: Sequence[str] = ()
        self.refusal = ""

    def started(self, process: str, command: Sequence[str]) -> None:
        if self.refusal:
            raise ContainerError(self.refusal, 1)
        self.command = command
        self.told.append(("started", self.root_of(process)))

    def stopped(self, process: str) -> None:
        self.told.append(("stopped", self.root_of(process)))

    def root_of(self, process: str) -> str:
        row = next(row for row in self.world.mountinfo(process) if row.mountpoint == "/")
        return "+".join(tag for tag, number in (("shared", row.shared), ("slave", row.master)) if number)


def machine(unit: str = DOCKER) -> tuple[Manager, Daemon]:
    sim = Simulator("systemd")
    world = SimWorld(sim, {}, lambda _process, _argv: None)
    world.mount(FIRST, "", "/", None, MS_SHARED | MS_REC)
    for folder in ("/usr/lib/systemd/system", "/etc/systemd/system"):
        make_directories(world, FIRST, folder)
    world.write(FIRST, SHIPPED, unit_file(unit))
    daemon = Daemon(world)
    return Manager(world, {"docker.service": daemon}), daemon


def systemctl(manager: Manager, line: str) -> str:
    """Everything it prints."""
    result = run(manager, line.split())
    return result.stdout + result.stderr


def test_todays_unit_says_nothing_on_mounts_and_starts_its_own_containerd() -> None:
    manager, daemon = machine()
    assert systemctl(manager, "show docker.service -p MountFlags") == "MountFlags=\n"
    assert systemctl(manager, "start docker") == ""
    assert daemon.told == [("started", "shared")]
    assert daemon.command == ("/usr/bin/dockerd", "-H", "fd://")
    assert manager.journal == []


def test_the_unit_of_docker_1_10_makes_dockerd_a_slave() -> None:
    manager, daemon = machine(DOCKER_1_10)
    assert systemctl(manager, "show docker.service -p MountFlags") == "MountFlags=slave\n"
    systemctl(manager, "start docker")
    assert daemon.told == [("started", "slave")]
    assert daemon.command == ("/usr/bin/docker", "daemon", "-H", "fd://")
    assert manager.journal == []


def test_a_changed_unit_counts_after_daemon_reload_and_restart_and_not_before() -> None:
    manager, daemon = machine(DOCKER_1_10)
    systemctl(manager, "start docker")
    changed = unit_file(DOCKER_1_10).replace("MountFlags=slave", "MountFlags=shared")
    daemon.world.write(FIRST, SHIPPED, changed)
    assert systemctl(manager, "restart docker") == CHANGED
    assert daemon.told[-2:] == [("stopped", "slave"), ("started", "slave")]
    assert systemctl(manager, "daemon-reload") == ""
    assert systemctl(manager, "show docker -p MountFlags") == "MountFlags=shared\n"
    assert daemon.root_of(process_of("docker.service")) == "slave"
    assert systemctl(manager, "restart docker") == ""
    assert daemon.told[-2:] == [("stopped", "slave"), ("started", "shared")]


def test_a_unit_in_etc_hides_the_shipped_one() -> None:
    manager, daemon = machine(DOCKER_1_10)
    copy = "/etc/systemd/system/docker.service"
    daemon.world.write(FIRST, copy, unit_file(DOCKER_1_10).replace("slave", "private"))
    assert systemctl(manager, "show docker -p FragmentPath,MountFlags") == (
        f"MountFlags=private\nFragmentPath={copy}\n"
    )
    systemctl(manager, "start docker")
    assert daemon.told == [("started", "")]


def test_status_names_the_socket_that_starts_it_and_the_manual() -> None:
    manager, _daemon = machine()
    assert systemctl(manager, "status docker") == (
        "○ docker.service - Docker Application Container Engine\n"
        "     Loaded: loaded (/usr/lib/systemd/system/docker.service; enabled; preset: enabled)\n"
        "     Active: inactive (dead)\n"
        "TriggeredBy: ● docker.socket\n"
        "       Docs: https://docs.docker.com\n"
    )


def test_a_daemon_that_cannot_start_fails_its_unit() -> None:
    manager, daemon = machine()
    daemon.refusal = "failed to start daemon"
    result = run(manager, ["start", "docker"])
    assert (result.status, result.stdout) == (1, "")
    assert result.stderr.startswith("Job for docker.service failed because the control process exited")
    assert manager.state("docker.service").active == "failed"
    assert manager.journal == ["failed to start daemon"]
    assert not daemon.world.is_alive(process_of("docker.service"))


def test_units_in_memory_are_listed_as_data() -> None:
    manager, _daemon = machine()
    systemctl(manager, "start docker")
    assert [tuple(row) for row in manager.list_units()] == [
        ("docker.service", "loaded", "active", "running", "Docker Application Container Engine")
    ]


@pytest.mark.parametrize("setting", ["MountFlags=slave", "PrivateMounts=yes"])
def test_the_namespace_ends_with_the_unit(setting: str) -> None:
    manager, daemon = machine()
    daemon.world.write(FIRST, SHIPPED, unit_file(DOCKER).replace("[Install]", f"{setting}\n[Install]"))
    before = len(daemon.world.sim.vfs.namespaces)
    systemctl(manager, "start docker")
    assert len(daemon.world.sim.vfs.namespaces) == before + 1
    systemctl(manager, "stop docker")
    assert len(daemon.world.sim.vfs.namespaces) == before
