"""The sources of the matrices, state by state, and names for what is found: classes instead of numbers.

The source is a directory SRC of a mount MOUNTPOINT; where that mount is a slave, its master is
MASTER.  So a message that names both can be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mountlab.mountinfo import MountInfo
from mountlab.runtimes.host import WORK

MOUNTPOINT, MASTER = f"{WORK}/vol", f"{WORK}/master"
SRC, SUB = f"{MOUNTPOINT}/data", f"{MOUNTPOINT}/data/sub"
INSIDE = "/mnt"
"""Where the source is mounted in a container."""

OPTIONS = ("default", "private", "rprivate", "slave", "rslave", "shared", "rshared")

_FOLDERS = ("h", "m", "c", "sub")
_MAKE = [f"mkdir {MOUNTPOINT}", f"mount -t tmpfs vol {MOUNTPOINT}"]
_MAKE_SLAVE = [
    f"mkdir {MASTER} {MOUNTPOINT}",
    f"mount -t tmpfs vol {MASTER}",
    f"mount --bind {MASTER} {MOUNTPOINT}",
    f"mount --make-slave {MOUNTPOINT}",
]
STATES: dict[str, list[str]] = {
    "shared": _MAKE,
    "private": [*_MAKE, f"mount --make-private {MOUNTPOINT}"],
    "slave": _MAKE_SLAVE,
    "slave+shared": [*_MAKE_SLAVE, f"mount --make-shared {MOUNTPOINT}"],
    "unbindable": [*_MAKE, f"mount --make-unbindable {MOUNTPOINT}"],
}
"""The lines that make a source in this state, on a host where everything is shared."""


def has_master(state: str) -> bool:
    """Is the source of this state the slave of another mount?"""
    return state.startswith("slave")


def setup(state: str, submount: bool) -> list[str]:
    """The lines that make SRC, with a mount at SRC/sub or without."""
    top = MASTER if has_master(state) else MOUNTPOINT
    lines = [*STATES[state], f"mkdir -p {' '.join(f'{SRC}/{name}' for name in _FOLDERS)}"]
    if submount:  # below a slave it comes from the master
        lines += [f"mount -t tmpfs sub {top}/data/sub", f"mkdir {SUB}/h {SUB}/m {SUB}/c"]
    return lines


CLEAR = (
    f"for place in {MOUNTPOINT} {MASTER}; do"
    ' while mountpoint -q "$place"; do umount -R -l "$place"; done;'
    ' if [ -d "$place" ]; then rmdir "$place"; fi; done'
)
"""Undoes `setup`."""

_NAMES = {
    f"{MASTER}/data/sub": "MASTERSUB",
    SUB: "SUB",
    SRC: "SRC",
    MASTER: "MASTER",
    MOUNTPOINT: "MOUNTPOINT",
}
_CONTAINERD = r"/lab/containerd/(?:root|state)/io\.containerd\."
_RUNS = (  # what differs from run to run
    (re.compile(r"/lab/bundle/rootfs"), "ROOTFS"),
    (re.compile(r"/lab/podman/overlay/[0-9a-f]{64}/merged"), "ROOTFS"),
    (re.compile(r"/(runc|crun)\.\w{6}\b(?!\.)"), r"/\1.COPY"),  # each runs from a sealed copy of itself
    (re.compile(r"/lab/docker/overlay2/[0-9a-f]{64}/merged"), "ROOTFS"),
    (re.compile(r"/lab/docker/overlay2/[0-9a-f]{64}(-init)?/(diff|work)"), r"OVERLAY\1/\2"),
    (re.compile(r"(/lab/docker/overlay2/l/[0-9A-Z]{26}:?)+"), "LAYERS"),
    (re.compile(_CONTAINERD + r"runtime\.v2\.task/k8s\.io/[0-9a-f]{64}/rootfs"), "ROOTFS"),
    (re.compile(_CONTAINERD + r"snapshotter\.v1\.overlayfs/snapshots/\d+"), "SNAPSHOT"),
    (re.compile(_CONTAINERD + r"grpc\.v1\.cri/sandboxes/[0-9a-f]{64}"), "SANDBOX"),
    (re.compile(r"(?<=/proc/sys/net/ipv4/)\w+"), "SYSCTL"),  # docker keeps them in a map, and sets any first
    (re.compile(r"\b[0-9a-f]{64}\b"), "ID"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "SHORTID"),
    (re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
)


def words(text: str) -> str:
    """A message with SRC, MOUNTPOINT, MASTER, ROOTFS and ID in the place of what differs from run to run."""
    for path in sorted(_NAMES, key=len, reverse=True):
        text = re.sub(re.escape(path) + r"(?![\w-])", _NAMES[path], text)
    for pattern, name in _RUNS:
        text = pattern.sub(name, text)
    return text


class Groups:
    """The peer groups of a host, by the mountpoints that are in them."""

    def __init__(self, host: Iterable[MountInfo]) -> None:
        self._members: dict[int, list[str]] = {}
        for row in host:
            if row.shared:
                self._members.setdefault(row.shared, []).append(self._place(row.mountpoint))

    @staticmethod
    def _place(mountpoint: str) -> str:
        return words(mountpoint)

    def describe(self, row: MountInfo) -> str:
        """A mount of another namespace in words that hold for every run.

        ``private``, ``unbindable``, ``shared with MOUNTPOINT``, ``shared anew``, ``slave of MASTER``,
        or two of them: ``shared anew, slave of MOUNTPOINT``.
        """
        found = []
        if row.shared:
            members = self._members.get(row.shared)
            found.append(f"shared with {self._join(members)}" if members else "shared anew")
        if row.master:
            members = self._members.get(row.master)
            found.append(f"slave of {self._join(members)}" if members else "slave of another")
        return ", ".join(found) or ("unbindable" if row.unbindable else "private")

    @staticmethod
    def _join(members: list[str]) -> str:
        return " = ".join(sorted(set(members)))


def at(rows: Iterable[MountInfo], mountpoint: str) -> MountInfo | None:
    """The last mount at this path: the one that is seen."""
    return next((row for row in reversed(list(rows)) if row.mountpoint == mountpoint), None)
