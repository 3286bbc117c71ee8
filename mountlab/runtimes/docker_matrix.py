"""The propagation matrix of the real dockerd."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from mountlab.runtimes.dockerd import IMAGE, Dockerd
from mountlab.runtimes.matrix import Row, observe, prepare, refused
from mountlab.runtimes.places import INSIDE, OPTIONS, SRC, STATES

WAYS = ("-v", "--mount")


def flag(way: str, option: str) -> list[str]:
    """The words of the docker command for this option, said in this way."""
    if way == "-v":
        return ["-v", f"{SRC}:{INSIDE}" + ("" if option == "default" else f":{option}")]
    propagation = "" if option == "default" else f",bind-propagation={option}"
    return ["--mount", f"type=bind,source={SRC},target={INSIDE}{propagation}"]


def matrix(
    docker: Dockerd,
    options: tuple[str, ...] = OPTIONS,
    states: tuple[str, ...] = tuple(STATES),
    ways: tuple[str, ...] = WAYS,
    submounts: tuple[bool, ...] = (False, True),
) -> Iterator[Row]:
    """Each option on each source, said in each way, without a submount and with one."""
    for state in states:
        for submount in submounts:
            for option in options:
                for way in ways:
                    row: Row = {"option": option, "source": state, "by": way, "submount": submount}
                    yield row | one_row(docker, state, submount, flag(way, option))


def one_row(docker: Dockerd, state: str, submount: bool, flags: list[str]) -> Row:
    """Start two containers with these flags on such a source, and look."""
    prepare(docker.host, state, submount)
    started = []
    try:
        for name in ("one", "two"):
            ran = docker.docker(["run", "-d", "--name", name, *flags, IMAGE, "sleep", "600"])
            started.append(name)
            if ran.status:
                return refused(ran.status, ran.stderr)
        given = oci(docker, "one")
        pids = [int(word) for word in docker.docker_do(["inspect", "-f", "{{.State.Pid}}", *started]).split()]
        return given | observe(docker.host, state, submount, *pids)
    finally:
        docker.docker(["rm", "-f", *started])


def oci(docker: Dockerd, container: str) -> Row:
    """What dockerd asked of runc: the options of the mount at /mnt, and rootfsPropagation."""
    spec = cast("dict[str, Any]", docker.spec(container))
    mount = [each["options"] for each in spec["mounts"] if each["destination"] == INSIDE]
    return {
        "oci_options": mount[0] if mount else None,
        "rootfs_propagation": spec["linux"].get("rootfsPropagation"),
    }
