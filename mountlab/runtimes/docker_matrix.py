"""The propagation matrix of docker, and of what is used like it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, cast

from mountlab.runtimes.host import Host, Ran
from mountlab.runtimes.matrix import Row, observe, prepare, refused
from mountlab.runtimes.places import INSIDE, OPTIONS, SRC, STATES, words

IMAGE = "busybox"

WAYS = ("-v", "--mount")


class Engine(Protocol):
    """docker, or podman: what starts containers on a host."""

    host: Host

    def command(self, argv: list[str]) -> Ran:
        """Run its command with these words."""

    def pids(self, *names: str) -> list[int]:
        """The numbers of these containers' processes 1."""

    def spec(self, name: str) -> dict[str, object]:
        """A container's config.json."""

    def remove(self, *names: str) -> None:
        """Kill and remove containers."""


_RACE = "error waiting for container: context canceled"
"""docker's client says this now and then, after its message, when a container does not start."""


def said(argv: list[str], ran: Ran) -> Row:
    """A command with what it printed."""
    stderr = "".join(line for line in ran.stderr.splitlines(keepends=True) if _RACE not in line)
    return {
        "argv": [words(word) for word in argv],
        "status": ran.status,
        "stdout": words(ran.stdout),
        "stderr": words(stderr),
    }


def flag(way: str, option: str) -> list[str]:
    """The words of the docker command for this option, said in this way."""
    if way == "-v":
        return ["-v", f"{SRC}:{INSIDE}" + ("" if option == "default" else f":{option}")]
    propagation = "" if option == "default" else f",bind-propagation={option}"
    return ["--mount", f"type=bind,source={SRC},target={INSIDE}{propagation}"]


def matrix(
    engine: Engine,
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
                    yield row | one_row(engine, state, submount, flag(way, option))


def one_row(engine: Engine, state: str, submount: bool, flags: list[str]) -> Row:
    """Start two containers with these flags on such a source, and look."""
    prepare(engine.host, state, submount)
    started = []
    try:
        for name in ("one", "two"):
            ran = engine.command(["run", "-d", "--name", name, *flags, IMAGE, "sleep", "600"])
            started.append(name)
            if ran.status:
                return refused(ran.status, ran.stderr)
        given = oci(engine, "one")
        return given | observe(engine.host, state, submount, *engine.pids(*started))
    finally:
        engine.remove(*started)


def oci(engine: Engine, container: str) -> Row:
    """What was asked of the OCI runtime: the options of the mount at /mnt, and rootfsPropagation."""
    spec = cast("dict[str, Any]", engine.spec(container))
    mount = [each["options"] for each in spec["mounts"] if each["destination"] == INSIDE]
    return {
        "oci_options": mount[0] if mount else None,
        "rootfs_propagation": spec["linux"].get("rootfsPropagation"),
    }
