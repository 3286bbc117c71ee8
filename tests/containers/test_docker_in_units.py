"""dockerd in a unit with MountFlags= or PrivateMounts=: as a real systemd and dockerd did it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers.world import FIRST
from mountlab.mountinfo import MountInfo
from mountlab.runtimes.places import INSIDE, SRC, Groups, at, setup, words
from tests.containers.modelled import ModelledHost

RECORDED = json.loads((Path(__file__).parent / "recorded" / "systemd.json").read_text())
ROWS: list[dict[str, Any]] = RECORDED["docker"]
ASKED = ("settings", "source", "volume")
DATA = "/var/lib/docker/volumes/data_vol/_data"
DROP_IN = "/etc/systemd/system/docker.service.d"


def host_with(settings: str) -> ModelledHost:
    """A machine whose docker.service has these settings, and runs."""
    host = ModelledHost()
    lines = "\n".join(settings.split())
    host.type(*setup("shared", submount=True), f"mkdir {DROP_IN}")
    host.type(f"tee {DROP_IN}/mounts.conf <<'END'\n[Service]\n{lines}\nEND")
    host.type("systemctl daemon-reload", "systemctl restart docker", "docker volume create data_vol")
    return host


def modelled(settings: str, volume: str) -> dict[str, Any]:
    host = host_with(settings)
    world = host.backend.daemons.world
    daemon = host.dockerd.process
    own = world.process(daemon).ns != world.process(FIRST).ns  # type: ignore[attr-defined]
    place = SRC if volume.startswith("SRC") else DATA
    asked = volume.replace("SRC", SRC).replace("/lab/docker", "/var/lib/docker")
    host.type(f"mkdir -p {place}/c {place}/later")
    for name in ("one", "two"):
        ran = host.docker(["run", "-d", "--name", name, "-v", asked, "busybox", "sleep", "600"])
        if ran.status:
            error = words(ran.stderr.strip("\n").replace("/var/lib", "/lab"))
            return {"own_namespace": own, "starts": False, "status": ran.status, "error": error}
    row = {"own_namespace": own, "starts": True, "status": 0, "error": "", **classes(host, daemon)}
    host.type(f"mount -t tmpfs h {place}/later")
    world.fork(FIRST, ":nsenter")
    world.setns(":nsenter", ":container one")
    world.mount(":nsenter", "c", f"{INSIDE}/c", "tmpfs", 0)
    there = place.replace("/var/lib", "/lab")
    of_host, of_daemon, of_one, of_two = (
        host.table(name) for name in (FIRST, daemon, ":container one", ":container two")
    )
    return row | {
        "container_to_host": at(of_host, words(f"{there}/c")) is not None,
        "container_to_dockerd": at(of_daemon, words(f"{there}/c")) is not None,
        "host_to_container": at(of_one, f"{INSIDE}/later") is not None,
        "container_to_container": at(of_two, f"{INSIDE}/c") is not None,
    }


def classes(host: ModelledHost, daemon: str) -> dict[str, Any]:
    of_host, of_daemon, inside = (host.table(name) for name in (FIRST, daemon, ":container one"))

    def describe(groups: Groups, rows: list[MountInfo], path: str) -> str | None:
        row = at(rows, path)
        return groups.describe(row) if row else None

    by_host, by_daemon = Groups(of_host), Groups(of_daemon)
    return {
        "dockerd_root": describe(by_host, of_daemon, "/"),
        "mount": describe(by_host, inside, INSIDE),
        "mount_by_dockerd": describe(by_daemon, inside, INSIDE),
        "root_by_dockerd": describe(by_daemon, inside, "/"),
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['settings'] or 'nothing'}, {row['source']}")
def test_a_setting_of_the_unit_does_to_containers_what_it_really_did(row: dict[str, Any]) -> None:
    real = {key: value for key, value in row.items() if key not in ASKED}

    assert modelled(row["settings"], row["volume"]) == real
