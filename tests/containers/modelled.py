"""The model's docker on a simulated host that is laid out as the one of the recordings."""

from __future__ import annotations

from typing import Any

from mountlab.containers.docker.daemon import Dockerd
from mountlab.containers.world import Ran
from mountlab.mountinfo import MountInfo
from mountlab.runtimes.host import WORK
from mountlab.runtimes.places import INSIDE, MASTER, SRC, SUB, Groups, at, has_master, setup, words
from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse

LIB = "/var/lib"
"""The mount that holds the model's data-root, where the recordings have the work folder."""


class ModelledHost:
    """A machine with systemd, a shared `/` and a shared tmpfs at the recordings' work folder."""

    def __init__(self) -> None:
        self.backend = SimulatorBackend("systemd")
        self.type(f"mkdir -p {WORK} {LIB}", f"mount -t tmpfs lab {WORK}", f"mount -t tmpfs lab {LIB}")

    def type(self, *lines: str) -> None:
        """Type lines at a terminal of the host; each must succeed."""
        transcript = parse("".join(f"host# {line}\n" for line in lines))
        for result in play(transcript, self.backend):
            assert result.outcome.exit == 0, (result.step.text, result.outcome.stderr)

    def docker(self, argv: list[str]) -> Ran:
        """Run a docker command."""
        ran, _ = self.backend.daemons.run(("docker", *argv), "host")
        return ran

    @property
    def dockerd(self) -> Dockerd:
        """The daemon."""
        if self.backend.daemons.dockerd is None:
            self.docker(["ps"])
        assert self.backend.daemons.dockerd is not None
        return self.backend.daemons.dockerd

    def table(self, process: str) -> list[MountInfo]:
        """The mount table of a process, with the paths of the recordings."""
        rows = self.backend.daemons.world.mountinfo(process)
        return [row._replace(mountpoint=renamed(row.mountpoint)) for row in rows]


def renamed(text: str) -> str:
    """What the model and the recordings name differently."""
    for name in ("one", "two"):
        text = text.replace(f"/var/lib/docker/overlay2/{name}/merged", "ROOTFS")
    return WORK if text == LIB else words(text.replace(LIB, WORK))


def matrix_row(
    state: str, submount: bool, flags: list[str], host: ModelledHost | None = None
) -> dict[str, Any]:
    """What the model makes of two containers with these flags on such a source: a row of the matrix."""
    host = host or ModelledHost()
    host.type(*setup(state, submount))
    for name in ("one", "two"):
        ran = host.docker(["run", "-d", "--name", name, *flags, "busybox", "sleep", "600"])
        if ran.status:
            return {"starts": False, "status": ran.status, "error": words(ran.stderr.strip("\n"))}
    spec = host.dockerd.containers["one"].spec
    assert spec is not None
    return {
        "oci_options": next(([*m.options] for m in spec.mounts if m.destination == INSIDE), None),
        "rootfs_propagation": spec.rootfs_propagation or None,
        "starts": True,
        "status": 0,
        "error": "",
        **seen(host, state, submount),
    }


def seen(host: ModelledHost, state: str, submount: bool) -> dict[str, Any]:
    """What containers one and two have of their source, and who sees whose mounts."""
    outside, inside = host.table(":init"), host.table(":container one")
    groups = Groups(outside)

    def class_at(path: str) -> str | None:
        row = at(inside, path)
        return groups.describe(row) if row else None

    return {
        "mount": class_at(INSIDE),
        "submount_inside": class_at(f"{INSIDE}/sub"),
        "root": class_at("/"),
        **_who_sees(host, state, submount),
    }


def _who_sees(host: ModelledHost, state: str, submount: bool) -> dict[str, Any]:
    world = host.backend.daemons.world
    inside = ":container one"
    below = submount and at(host.table(inside), f"{INSIDE}/sub") is not None
    is_slave = has_master(state)
    host.type(f"mount -t tmpfs h {SRC}/h")
    if is_slave:
        host.type(f"mount -t tmpfs m {MASTER}/data/m")
    if below:
        host.type(f"mount -t tmpfs h {SUB}/h")
    if below and is_slave:
        host.type(f"mount -t tmpfs m {MASTER}/data/sub/m")
    world.fork(":init", ":nsenter")  # the container itself may not mount
    world.setns(":nsenter", inside)
    for place in ("c", *(["sub/c"] if below else [])):
        world.mount(":nsenter", "c", f"{INSIDE}/{place}", "tmpfs", 0)
    outside, seen, other = (host.table(name) for name in (":init", inside, ":container two"))

    def sees(rows: list[MountInfo], path: str) -> bool:
        return at(rows, words(path)) is not None

    return {
        "host_to_container": sees(seen, f"{INSIDE}/h"),
        "master_to_container": sees(seen, f"{INSIDE}/m") if is_slave else None,
        "host_to_container_below_submount": sees(seen, f"{INSIDE}/sub/h") if below else None,
        "master_to_container_below_submount": sees(seen, f"{INSIDE}/sub/m") if below and is_slave else None,
        "container_to_host": sees(outside, f"{SRC}/c"),
        "container_to_master": sees(outside, f"{MASTER}/data/c") if is_slave else None,
        "container_to_host_below_submount": sees(outside, f"{SUB}/c") if below else None,
        "container_to_container": sees(other, f"{INSIDE}/c"),
    }
