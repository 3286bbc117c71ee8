"""The real systemd as process 1 of a private host: its units see what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mountlab.runtimes import systemd_cases
from mountlab.runtimes.dockerd import docker_missing
from mountlab.runtimes.places import INSIDE, SRC
from mountlab.runtimes.record import about
from mountlab.runtimes.systemd import Systemd, systemd_missing
from tests.runtimes.live import differences, needs, same_versions

pytestmark = pytest.mark.systemd

Read = Callable[[str], dict[str, Any]]
UNITS = (
    *systemd_cases.FLAGS, "PrivateTmp=yes", "ProtectHome=yes", f"BindPaths={SRC}:{INSIDE}",
    f"BindPaths=/nowhere:{INSIDE}",
)  # fmt: skip
FOR_DOCKER = ("", "MountFlags=slave", "MountFlags=private", "PrivateMounts=yes")


@pytest.fixture(scope="module")
def systemd() -> Iterator[Systemd]:
    needs(systemd_missing())
    booted = Systemd()
    yield booted
    booted.close()


@pytest.fixture(scope="module")
def recording(systemd: Systemd, recorded: Read) -> dict[str, Any]:
    found = recorded("systemd")
    same_versions(found, about(systemd.host, "systemd"), "systemd")
    return found


def test_it_shares_everything_and_leaves_the_machine_as_it_was(systemd: Systemd) -> None:
    switches = {name: Path(f"/proc/sys/{name}").read_text() for name in ("kernel/core_pattern", "fs/nr_open")}

    assert {row.propagation for row in systemd.host.table()} == {"shared"}
    assert systemd.host.read("/proc/1/comm") == "systemd\n"
    assert {name: Path(f"/proc/sys/{name}").read_text() for name in switches} == switches


def test_a_unit_starts_and_stops(systemd: Systemd) -> None:
    systemd.write_unit("some", "Environment=WORD=here")
    systemd.do(["start", "some"])
    pid = systemd.pid("some")

    assert "WORD=here" in systemd.host.read(f"/proc/{pid}/environ").split("\0")
    systemd.do(["stop", "some"])
    assert systemd.systemctl(["is-active", "some"]).stdout == "inactive\n"


def test_units_see_what_was_recorded(systemd: Systemd, recording: dict[str, Any]) -> None:
    then = {row["settings"]: row for row in recording["units"]}
    live = list(systemd_cases.units(systemd, UNITS))

    places = ("/", "/tmp", "/home", "/root", INSIDE, f"{INSIDE}/sub", "MOUNTPOINT", "SUB")
    rows = [live, [then[str(row["settings"])] for row in live]]
    for row in (row for side in rows for row in side):
        row["classes"] = {place: row.get("classes", {}).get(place) for place in places}
    assert not differences(rows[0], rows[1], "mountinfo", "host_mountinfo")


@pytest.mark.docker
def test_dockerd_in_a_unit_shares_what_was_recorded(systemd: Systemd, recording: dict[str, Any]) -> None:
    needs(docker_missing())
    live = list(systemd_cases.dockers(systemd, FOR_DOCKER))

    assert not differences(live, [row for row in recording["docker"] if row["settings"] in FOR_DOCKER])


def test_systemctl_says_what_was_recorded(systemd: Systemd, recording: dict[str, Any]) -> None:
    assert not differences(list(systemd_cases.session(systemd)), recording["session"])
