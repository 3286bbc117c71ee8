"""A container's whole mount table, with all that docker and runc bring into it: equal to the real one's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mountlab.mountinfo import MountInfo, parse
from mountlab.runtimes.docker_cases import TABLES as CASES
from mountlab.runtimes.places import SRC, Groups, setup
from tests.containers.fixture_world import FixtureHost
from tests.containers.modelled_oci import calls_of, recorded_calls

RECORDED = json.loads((Path(__file__).parent / "recorded" / "docker.json").read_text())
ROWS: list[dict[str, Any]] = RECORDED["tables"]
SLEEP = ["busybox", "sleep", "600"]


class Line(NamedTuple):
    """A row of a mount table without numbers."""

    parent: str
    device: str
    root: str
    mountpoint: str
    options: str
    tags: str
    fstype: str
    source: str
    super_options: str


def lines(rows: list[MountInfo], classes: dict[str, str]) -> list[Line]:
    """A table in which mounts and devices are named by the first mountpoint that has them."""
    mounts = {row.mount_id: row.mountpoint for row in rows}
    devices: dict[str, str] = {}
    for row in rows:
        devices.setdefault(row.dev, row.mountpoint)
    return [
        Line(
            mounts.get(row.parent_id, "outside"),
            devices[row.dev],
            row.root,
            row.mountpoint,
            row.options,
            classes[row.mountpoint],
            row.fstype,
            row.source,
            row.super_options,
        )
        for row in rows
    ]


def started(name: str) -> FixtureHost:
    """A host with the container of that case in it."""
    host = FixtureHost()
    host.type(*setup("shared", submount=True), f"touch {SRC}/file")
    if name == "volumes-from":
        host.docker(["run", "-d", "--name", "giver", "-v", "data_vol:/mnt", *SLEEP])
    ran = host.docker(["run", "-d", "--name", "one", *CASES[name], *SLEEP])
    assert ran.status == 0, ran.stderr
    return host


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_the_whole_table_is_the_recorded_one_row_by_row(row: dict[str, Any]) -> None:
    host = started(row["name"])
    inside, groups = host.table(":container one"), Groups(host.table(":init"))
    classes = {mount.mountpoint: groups.describe(mount) for mount in inside}

    assert lines(inside, classes) == lines([parse(text) for text in row["mountinfo"]], row["classes"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_the_same_paths_are_protected(row: dict[str, Any]) -> None:
    spec = started(row["name"]).dockerd.containers["one"].spec
    assert spec is not None

    assert [*spec.masked_paths] == (row["oci_linux"]["maskedPaths"] or [])
    assert [*spec.read_only_paths] == (row["oci_linux"]["readonlyPaths"] or [])


@pytest.mark.parametrize("row", RECORDED["calls"], ids=lambda row: row["name"])
def test_runc_makes_the_same_system_calls_in_the_same_order(row: dict[str, Any]) -> None:
    host = started(row["name"])
    made = [call for call in host.dockerd.made if call.process == ":container one"]

    assert calls_of(made) == recorded_calls(row["calls"])


@pytest.mark.parametrize("runtime", ["runc", "crun"])
def test_a_read_only_tmpfs_is_written_to_first_and_so_its_filesystem_is_not_read_only(runtime: str) -> None:
    """The row is the real one's, below both runtimes."""
    host = FixtureHost()
    mount = "type=tmpfs,target=/mnt,readonly"
    host.docker(["run", "-d", "--name", "one", "--runtime", runtime, "--mount", mount, *SLEEP])
    row = next(row for row in host.table(":container one") if row.mountpoint == "/mnt")

    real = parse("229 212 0:106 / /mnt ro,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw")
    assert row._replace(mount_id=229, parent_id=212, dev="0:106") == real


def test_the_unified_hierarchy_is_mounted_once_more_as_runcs_source_has_it() -> None:
    """libcontainer/rootfs_linux.go, mountCgroupV2; the machine of the recordings had the first version."""
    host = FixtureHost(is_unified=True)
    host.docker(["run", "-d", "--name", "one", *SLEEP])
    rows = [row for row in host.table(":container one") if row.mountpoint.startswith("/sys/fs/cgroup")]

    assert [(row.root, row.options, row.fstype, row.source) for row in rows] == [
        ("/", "ro,nosuid,nodev,noexec,relatime", "cgroup2", "cgroup")
    ]
