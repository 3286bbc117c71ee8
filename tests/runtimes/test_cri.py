"""The real containerd's CRI on a private host: it starts and ends, and does what was recorded."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mountlab.runtimes import cri, cri_cases, cri_lives, cri_matrix, trace
from mountlab.runtimes.cri import BIDIRECTIONAL, MODES, SOCKET, Containerd, CriError, Mount, cri_missing
from mountlab.runtimes.host import Host, HostError
from mountlab.runtimes.places import STATES
from mountlab.runtimes.record import about
from tests.runtimes.live import canonical, differences, needs, portable, same_versions

pytestmark = pytest.mark.containerd

Read = Callable[[str], dict[str, Any]]
PROGRAMS = ("containerd", "runc", "busybox")


@pytest.fixture(scope="module")
def containerd() -> Iterator[Containerd]:
    needs(cri_missing())
    with Containerd() as daemon:
        yield daemon


@pytest.fixture(scope="module")
def recording(containerd: Containerd, recorded: Read) -> dict[str, Any]:
    found = recorded("cri")
    same_versions(found, about(containerd.host, *PROGRAMS), *PROGRAMS)
    return found


def rows(recording: dict[str, Any], section: str, **wanted: object) -> list[dict[str, Any]]:
    """The recorded rows that have these values."""
    return [row for row in recording[section] if all(row[key] == value for key, value in wanted.items())]


def wait_for_sleep(host: Host, pid: str) -> None:
    """StartContainer comes back when runc's own process is let go, a moment before it becomes the program."""
    once = f"cat /proc/{pid}/comm | grep -qx sleep && exit 0"
    host.script(f"for n in $(seq 100); do {once}; sleep .1; done; exit 1")


def test_a_container_is_made_started_asked_stopped_and_removed(containerd: Containerd) -> None:
    pod = containerd.run_pod()
    container = containerd.create(pod, (Mount("/lab/seen", "/mnt"),))
    assert containerd.status(container).state == "created"

    containerd.start(container)
    status = containerd.status(container)
    assert status.state == "running"
    assert status.spec["process"]["args"] == ["sleep", "600"]
    wait_for_sleep(containerd.host, str(status.pid))
    assert [row.root for row in containerd.table(container) if row.mountpoint == "/mnt"] == ["/seen"]
    assert containerd.exec(container, ["sh", "-c", "echo in; echo no >&2; exit 3"]) == (3, "in\n", "no\n")

    containerd.stop(container)
    status = containerd.status(container)
    assert (status.state, status.exit_code) == ("exited", 137)
    containerd.remove(container)
    with pytest.raises(CriError, match="ContainerStatus: NOT_FOUND"):
        containerd.status(container)
    containerd.remove_pod(pod)


def test_what_just_ends_by_itself_is_ended_by_asking_again(
    containerd: Containerd, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod, asked = containerd.run_pod(), []
    call = Containerd.call

    def closed_at_first(self: Containerd, method: str, *request: Any) -> object:
        asked.append(method)
        if len(asked) == 1:
            raise CriError(method, "UNKNOWN", 2, "failed to kill container: ttrpc: closed: unknown")
        return call(self, method, *request)

    monkeypatch.setattr(Containerd, "call", closed_at_first)
    containerd.remove_pod(pod)

    assert asked == ["StopPodSandbox", "StopPodSandbox", "RemovePodSandbox"]


def test_another_image_can_be_brought(containerd: Containerd) -> None:
    containerd.add_images(("example.com/mine:1",))
    pod = containerd.run_pod()
    container = containerd.create(pod, image="example.com/mine:1", command=("true",))
    containerd.start(container)
    containerd.remove_pod(pod)


def test_containerd_ends_with_its_pods_and_the_host_goes_on(host: Host) -> None:
    needs(cri_missing())
    with Containerd(host) as daemon:
        daemon.run(daemon.run_pod(), (Mount("/lab/seen", "/mnt", BIDIRECTIONAL),))
        wait_for_sleep(host, "[0-9]*")
    host.script("for n in $(seq 100); do pidof containerd >/dev/null || exit 0; sleep .1; done; exit 1")
    assert "sleep" not in host.script("cat /proc/[0-9]*/comm 2>/dev/null || true").split()
    assert "rootfs" not in host.read("/proc/mounts")
    with pytest.raises(HostError, match="this containerd has ended"):
        daemon.call("Version", {})


def test_a_containerd_that_does_not_start_says_why(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    needs(cri_missing())
    monkeypatch.setattr(cri, "_START_SECONDS", 0.5)
    monkeypatch.setattr(cri, "_CONFIG", "version = %r")
    host.script(f"rm -f {SOCKET}")
    with pytest.raises(HostError, match="failed to unmarshal TOML"):
        Containerd(host)


def test_without_grpcio_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    assert cri_missing() == "not installed: grpcio (pip install grpcio)"
    with pytest.raises(HostError, match="grpcio"):
        Containerd()


@pytest.mark.parametrize("state", STATES)
def test_each_mode_on_each_source_is_the_recorded_row(
    containerd: Containerd, recording: dict[str, Any], state: str
) -> None:
    live = list(cri_matrix.matrix(containerd, (state,), privileges=(True,), submounts=(True,)))

    assert len(live) == 3
    assert not differences(live, rows(recording, "matrix", source=state, privileged=True, submount=True))


def test_an_unprivileged_container_differs_only_in_what_it_may_do_itself(
    containerd: Containerd, recording: dict[str, Any]
) -> None:
    live = list(cri_matrix.matrix(containerd, ("shared",), privileges=(False,), submounts=(False,)))

    assert not differences(live, rows(recording, "matrix", source="shared", privileged=False, submount=False))


def test_a_driver_beside_each_mode_is_the_recorded_row(
    containerd: Containerd, recording: dict[str, Any]
) -> None:
    chosen = {"shared": [(BIDIRECTIONAL, peer) for peer in MODES]}

    live = list(cri_matrix.pairs(containerd, chosen))

    assert not differences(live, rows(recording, "pairs", source="shared", driver="BIDIRECTIONAL"))


def test_odd_sources_are_the_recorded_ones(containerd: Containerd, recording: dict[str, Any]) -> None:
    names = ("a folder of a private /", "a missing path", "an emptyDir in memory")

    live = list(cri_cases.cases(containerd, names))

    assert len(live) == len(names) * len(MODES)
    assert not differences(live, [row for row in recording["cases"] if row["name"] in names])


def test_errors_are_the_recorded_ones(containerd: Containerd, recording: dict[str, Any]) -> None:
    assert not differences(list(cri_lives.errors(containerd)), recording["errors"])


def same_tables(live: Iterator[dict[str, Any]], then: list[dict[str, Any]]) -> None:
    """Are these tables the recorded ones, but for what depends on the machine?"""
    for now, before in zip(live, then, strict=True):
        assert canonical(now["mountinfo"]) == canonical(before["mountinfo"]), before["name"]
        assert now["mounts"] == before["mounts"]
        assert now["oci_linux"] == before["oci_linux"]
        assert [m for m in now["oci_mounts"] if m not in before["oci_mounts"]] == []


def test_mount_tables_in_containers_are_the_recorded_ones(
    containerd: Containerd, recording: dict[str, Any]
) -> None:
    names = ("BIDIRECTIONAL privileged", "PRIVATE readonly", "two, the deeper first")

    live = cri_cases.mount_tables(containerd, names)

    same_tables(live, [row for row in recording["tables"] if row["name"] in names])


def test_what_a_restarted_driver_heals_is_as_recorded(
    containerd: Containerd, recording: dict[str, Any]
) -> None:
    assert not differences(list(cri_lives.restart(containerd)), recording["restart"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("section", "live"),
    [
        ("matrix", cri_matrix.matrix),
        ("pairs", cri_matrix.pairs),
        ("cases", cri_cases.cases),
        ("left_behind", cri_lives.left_behind),
    ],
)
def test_every_recorded_row_is_found_again(
    containerd: Containerd,
    recording: dict[str, Any],
    section: str,
    live: Callable[[Containerd], Iterator[dict[str, Any]]],
) -> None:
    assert not differences(list(live(containerd)), recording[section])


@pytest.mark.slow
def test_every_mount_table_is_the_recorded_one(containerd: Containerd, recording: dict[str, Any]) -> None:
    same_tables(cri_cases.mount_tables(containerd), recording["tables"])


@pytest.mark.slow
@pytest.mark.usefixtures("recording")
def test_runc_makes_the_recorded_system_calls(recorded: Read) -> None:
    then = recorded("cri")["calls"]
    with Containerd(tracer=trace.TRACER) as daemon:
        for now, before in zip(cri_cases.call_orders(daemon), then, strict=True):
            assert portable(now["calls"]) == portable(before["calls"]), before["name"]


def test_the_recorded_matrix_has_each_mode_on_each_source(recorded: Read) -> None:
    found = {
        (row["mode"], row["source"], row["privileged"], row["submount"]) for row in recorded("cri")["matrix"]
    }

    assert found == set(itertools.product(MODES.values(), STATES, (False, True), (False, True)))
    assert len(recorded("cri")["matrix"]) == len(found)


def test_in_the_recording_a_pod_is_no_border(recorded: Read) -> None:
    """Whether two containers share a pod makes no difference to mounts."""
    for row in recorded("cri")["pairs"]:
        for when in ("before", "after"):
            assert row["sees"][f"same pod, {when}"] == row["sees"][f"other pod, {when}"]
