"""What dockerd hands to the runtime for each kind of mount: the model's OCI spec is the recorded one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.runtimes.docker_cases import TABLES as CASES
from mountlab.runtimes.places import SRC, SUB, Groups, setup
from tests.containers.modelled import ModelledHost, renamed

RECORDED = json.loads((Path(__file__).parent / "recorded" / "docker.json").read_text())
ROWS: list[dict[str, Any]] = RECORDED["tables"]
FIXTURES = ("/proc", "/dev", "/sys", "/etc/resolv.conf", "/etc/hostname", "/etc/hosts")
"""What every container gets: of it only /proc is mounted on a simulated machine, and not shown."""


def started(name: str) -> ModelledHost:
    """A host with the container of that case in it."""
    host = ModelledHost()
    host.type(*setup("shared", submount=True), f"touch {SRC}/file", f"mkdir -p {SUB}/deep/er")
    host.docker(["run", "-d", "--name", "giver", "-v", "data_vol:/mnt", "busybox", "sleep", "600"])
    ran = host.docker(["run", "-d", "--name", "one", *CASES[name], "busybox", "sleep", "600"])
    assert ran.status == 0, ran.stderr
    return host


def normal(mounts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**mount, "source": renamed(mount["source"])} for mount in mounts]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_the_runtime_is_told_the_same_mounts_in_the_same_order(row: dict[str, Any]) -> None:
    spec = started(row["name"]).dockerd.containers["one"].spec
    assert spec is not None
    config: dict[str, Any] = spec.as_config()

    assert normal(config["mounts"]) == normal(row["oci_mounts"])
    assert config.get("linux", {}).get("rootfsPropagation") == row["oci_linux"]["rootfsPropagation"]
    assert spec.is_root_read_only == row["readonly_rootfs"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_the_mounts_that_were_asked_for_are_in_the_same_groups(row: dict[str, Any]) -> None:
    host = started(row["name"])
    groups = Groups(host.table(":init"))
    inside = host.table(":container one")
    real = {path: kind for path, kind in row["classes"].items() if not path.startswith(FIXTURES)}

    modelled = {mount.mountpoint: groups.describe(mount) for mount in inside if mount.fstype != "proc"}

    assert modelled == real
