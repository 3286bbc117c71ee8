"""The real dockerd on a private host: it starts and ends, and does what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mountlab.runtimes import docker_cases, docker_matrix, trace
from mountlab.runtimes.dockerd import SOCKET, Dockerd, docker_missing
from mountlab.runtimes.host import Host, HostError
from mountlab.runtimes.places import STATES
from mountlab.runtimes.record import about
from tests.runtimes.live import canonical, differences, needs, portable, same_versions

pytestmark = pytest.mark.docker

Read = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def docker() -> Iterator[Dockerd]:
    needs(docker_missing())
    with Dockerd(images=("busybox", "centos")) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def recording(docker: Dockerd, recorded: Read) -> dict[str, Any]:
    found = recorded("docker")
    same_versions(found, about(docker.host, "dockerd", "docker", "runc"), "dockerd", "docker", "runc")
    return found


def test_an_image_has_every_name_that_was_asked_for(docker: Dockerd) -> None:
    ran = docker.docker(["run", "--rm", "centos", "sh", "-c", "echo inside; exit 3"])

    assert ran == (3, "inside\n", "")


def test_a_container_can_be_looked_at_from_all_sides(docker: Dockerd) -> None:
    docker.docker_do(["run", "-d", "--name", "seen", "--tmpfs", "/mnt", "busybox", "sleep", "600"])

    assert [row.fstype for row in docker.table("seen") if row.mountpoint == "/mnt"] == ["tmpfs"]
    assert docker.exec("seen", ["cat", "/proc/1/comm"]) == (0, "sleep\n", "")
    assert docker.inspect("seen")["Name"] == "/seen"
    assert docker.spec("seen")["ociVersion"]
    assert docker.host.read(f"/proc/{docker.pid('seen')}/comm") == "sleep\n"
    docker.remove("seen")
    assert docker.docker(["inspect", "seen"]).status == 1


def test_a_privileged_container_mounts_and_only_its_own_host_sees_it(docker: Dockerd) -> None:
    before = docker.host.do(["cat", "/proc/mounts"])
    ran = docker.docker(["run", "--rm", "--privileged", "busybox", "mount", "-t", "tmpfs", "x", "/mnt"])

    assert ran == (0, "", "")
    assert docker.host.do(["cat", "/proc/mounts"]) == before


def test_dockerd_ends_and_the_host_goes_on(host: Host) -> None:
    needs(docker_missing())
    with Dockerd(host) as daemon:
        assert daemon.docker(["ps", "-q"]) == (0, "", "")
    host.script(f"for n in $(seq 100); do [ -S {SOCKET} ] || exit 0; sleep .1; done; exit 1")


def test_a_dockerd_that_does_not_start_says_why(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    needs(docker_missing())
    monkeypatch.setattr("mountlab.runtimes.dockerd._START_SECONDS", 0.5)
    monkeypatch.setattr(Dockerd, "words", lambda _: ["dockerd", "--nonsense"])
    with pytest.raises(HostError, match="unknown flag: --nonsense"):
        Dockerd(host)


@pytest.mark.parametrize("state", STATES)
def test_the_matrix_is_the_recorded_one(docker: Dockerd, recording: dict[str, Any], state: str) -> None:
    live = list(docker_matrix.matrix(docker, states=(state,)))

    assert len(live) == 28
    assert not differences(live, [row for row in recording["matrix"] if row["source"] == state])


def test_mount_tables_in_containers_are_the_recorded_ones(
    docker: Dockerd, recording: dict[str, Any]
) -> None:
    for live, then in zip(docker_cases.mount_tables(docker), recording["tables"], strict=True):
        assert canonical(live["mountinfo"]) == canonical(then["mountinfo"]), then["name"]
        assert live["argv"] == then["argv"]
        assert live["oci_linux"] == then["oci_linux"]
        assert [m for m in live["oci_mounts"] if m not in then["oci_mounts"]] == []


def test_answers_to_bad_input_are_the_recorded_ones(docker: Dockerd, recording: dict[str, Any]) -> None:
    assert not differences(list(docker_cases.bad_input(docker)), recording["bad_input"])


def test_an_ordinary_session_is_the_recorded_one(docker: Dockerd, recording: dict[str, Any]) -> None:
    assert not differences(list(docker_cases.session(docker)), recording["session"])


@pytest.mark.usefixtures("recording")
def test_runc_makes_the_recorded_system_calls(recorded: Read) -> None:
    then = {row["name"]: row["calls"] for row in recorded("docker")["calls"]}
    with Dockerd(tracer=trace.TRACER) as daemon:
        for row in docker_cases.call_orders(daemon, ("plain", "bind rshared")):
            assert portable(row["calls"]) == portable(then[row["name"]])
