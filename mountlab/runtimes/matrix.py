"""One row of a matrix: what a container has of its source, and who sees whose mounts."""

from __future__ import annotations

from mountlab.mountinfo import MountInfo, parse_table
from mountlab.runtimes.host import Host
from mountlab.runtimes.places import (
    CLEAR,
    INSIDE,
    MASTER,
    SRC,
    SUB,
    Groups,
    at,
    has_master,
    setup,
    words,
)

Row = dict[str, object]
_CUT = "---"


def prepare(host: Host, state: str, submount: bool) -> None:
    """Make the source anew."""
    host.script("\n".join([CLEAR, *setup(state, submount)]))


def tables(host: Host, pids: list[int]) -> list[list[MountInfo]]:
    """The mount tables of these processes at one moment."""
    text = host.script("; ".join(f"cat /proc/{pid}/mountinfo; echo {_CUT}" for pid in pids))
    return [parse_table(part.strip("\n")) for part in text.split(_CUT + "\n")[:-1]]


def refused(status: int, stderr: str) -> Row:
    """What is known of a container that did not start."""
    return {"starts": False, "status": status, "error": words(stderr.strip("\n"))}


def observe(host: Host, state: str, submount: bool, one: int, two: int | None) -> Row:
    """Look at a started container, mount things on all sides, look again.

    Args:
        host: where it runs.
        state: of its source, as in `places.STATES`.
        submount: whether there is one.
        one: the container's process 1.
        two: that of another container with the same source and option.
    """
    outside, inside = tables(host, [1, one])
    groups = Groups(outside)

    def class_at(path: str) -> str | None:
        row = at(inside, path)
        return groups.describe(row) if row else None

    row: Row = {
        "starts": True,
        "status": 0,
        "error": "",
        "mount": class_at(INSIDE),
        "submount_inside": class_at(f"{INSIDE}/sub"),
        "root": class_at("/"),
    }
    row.update(_who_sees(host, state, submount, one, two))
    return row


def _who_sees(host: Host, state: str, submount: bool, one: int, two: int | None) -> Row:
    below = submount and at(tables(host, [one])[0], f"{INSIDE}/sub") is not None
    lines = [f"mount -t tmpfs h {SRC}/h"]
    lines += [f"mount -t tmpfs m {MASTER}/data/m"] if has_master(state) else []
    lines += [f"mount -t tmpfs h {SUB}/h"] if below else []
    lines += [f"mount -t tmpfs m {MASTER}/data/sub/m"] if below and has_master(state) else []
    enter = f"nsenter -t {one} -m mount -t tmpfs c {INSIDE}"
    lines += [f"{enter}/c", *([f"{enter}/sub/c"] if below else [])]
    host.script("\n".join(lines))
    outside, inside, *others = tables(host, [1, one, *([two] if two else [])])

    def sees(rows: list[MountInfo], path: str) -> bool:
        return at(rows, path) is not None

    return {
        "host_to_container": sees(inside, f"{INSIDE}/h"),
        "master_to_container": sees(inside, f"{INSIDE}/m") if has_master(state) else None,
        "host_to_container_below_submount": sees(inside, f"{INSIDE}/sub/h") if below else None,
        "master_to_container_below_submount": (
            sees(inside, f"{INSIDE}/sub/m") if below and has_master(state) else None
        ),
        "container_to_host": sees(outside, f"{SRC}/c"),
        "container_to_master": sees(outside, f"{MASTER}/data/c") if has_master(state) else None,
        "container_to_host_below_submount": sees(outside, f"{SUB}/c") if below else None,
        "container_to_container": sees(others[0], f"{INSIDE}/c") if others else None,
    }
