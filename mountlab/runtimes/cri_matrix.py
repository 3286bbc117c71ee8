"""The propagation matrix of the CRI: mode by source by privilege, and each mode beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mountlab.mountinfo import MountInfo
from mountlab.runtimes.cri import MODES, Containerd, CriError, Mount, Pod
from mountlab.runtimes.matrix import Row, observe, prepare, refused, tables
from mountlab.runtimes.places import INSIDE, SRC, STATES, SUB, Groups, at, words

PODS = ("same pod", "other pod")
PAIRS = {
    "shared": [(driver, peer) for driver in MODES for peer in MODES],
    "slave+shared": [(driver, peer) for driver in MODES for peer in MODES],
    "slave": [(driver, peer) for driver in (0, 1) for peer in (0, 1)],
    "private": [(0, 0)],
    "unbindable": [(0, 0)],
}
"""The modes of two containers, for each source on which both start."""


class Pods(NamedTuple):
    """Two pods for containers of the same kind."""

    one: Pod
    other: Pod

    @classmethod
    def of(cls, cri: Containerd, *, privileged: bool) -> Pods:
        return cls(*(cri.run_pod(name, privileged=privileged) for name in ("one", "other")))


def not_made(error: CriError) -> Row:
    """What is known of a container, or pod, that was refused."""
    return refused(error.number, error.details) | {"call": error.call, "code": error.code}


def asked(cri: Containerd, container: str, place: str = INSIDE) -> Row:
    """What was asked of runc: the options of the mount at this place, and rootfsPropagation."""
    spec = cri.status(container).spec
    mount = [each["options"] for each in spec["mounts"] if each["destination"] == place]
    return {
        "oci_options": mount[0] if mount else None,
        "rootfs_propagation": spec["linux"].get("rootfsPropagation"),
    }


def matrix(
    cri: Containerd,
    states: tuple[str, ...] = tuple(STATES),
    privileges: tuple[bool, ...] = (False, True),
    submounts: tuple[bool, ...] = (False, True),
) -> Iterator[Row]:
    """Each mode on each source, for unprivileged and privileged containers, with a submount or without."""
    kinds = {privileged: Pods.of(cri, privileged=privileged) for privileged in privileges}
    for state in states:
        for submount in submounts:
            for mode, name in MODES.items():
                for privileged, pods in kinds.items():
                    row: Row = {"mode": name, "source": state, "privileged": privileged, "submount": submount}
                    yield row | one_row(cri, pods, state, mode, privileged=privileged, submount=submount)
    for pods in kinds.values():
        for pod in pods:
            cri.remove_pod(pod)


def one_row(cri: Containerd, pods: Pods, state: str, mode: int, *, privileged: bool, submount: bool) -> Row:
    """Start containers of two pods in this mode on such a source, before and after mounts are made."""
    prepare(cri.host, state, submount)
    cri.host.script(f"mkdir {SRC}/own")
    started: list[str] = []

    def start(pod: Pod) -> int:
        started.append(cri.run(pod, (Mount(SRC, INSIDE, mode),), privileged=privileged))
        return cri.status(started[-1]).pid

    try:
        try:
            one, same, other = start(pods.one), start(pods.one), start(pods.other)
        except CriError as error:
            return not_made(error)
        row = asked(cri, started[0]) | observe(cri.host, state, submount, one, same)
        own = cri.exec(started[0], ["mount", "-t", "tmpfs", "own", f"{INSIDE}/own"])
        late = [start(pod) for pod in pods]
        outside, elsewhere, *later = tables(cri.host, [1, other, *late])
        row["container_to_other_pod"] = at(elsewhere, f"{INSIDE}/c") is not None
        row["own_mount"] = {
            "status": own.status,
            "stderr": words(own.stderr),
            "on_host": at(outside, f"{SRC}/own") is not None,
        }
        for name, rows in zip(PODS, later, strict=True):
            row[f"started_later_in_{name.replace(' ', '_')}"] = classes(rows, Groups(outside))
        return row | _unmounts(cri, one, submount=submount)
    finally:
        cri.remove(*started)


def classes(rows: list[MountInfo], groups: Groups) -> dict[str, str]:
    """The mounts at and below /mnt, with their classes; of two at one place, the one that is seen."""
    return {
        row.mountpoint: groups.describe(row)
        for row in rows
        if row.mountpoint == INSIDE or row.mountpoint.startswith(INSIDE + "/")
    }


def _unmounts(cri: Containerd, one: int, *, submount: bool) -> Row:
    """Does an umount spread?  That of the host's mount in the container; that of the submount on the host."""
    row: Row = {"container_umount_to_host": None, "host_umount_to_container": None}
    if at(tables(cri.host, [one])[0], f"{INSIDE}/h"):
        cri.host.script(f"nsenter -t {one} -m umount {INSIDE}/h")
        row["container_umount_to_host"] = at(cri.host.table(), f"{SRC}/h") is None
    if submount:
        # Where a mount of the container's own is on it, the kernel would leave it there.
        cri.host.script(f"nsenter -t {one} -m umount {INSIDE}/sub/c\numount -R {SUB}")
        row["host_umount_to_container"] = at(cri.host.table(one), f"{INSIDE}/sub") is None
    return row


class _Pair:
    """A container that mounts, the driver, and others that were there before or come after."""

    def __init__(self, cri: Containerd, pods: Pods, driver: int, peer: int) -> None:
        self._cri, self._pods, self._peer = cri, pods, peer
        self._made: dict[str, str] = {}
        self.driver = self._start("driver", pods.one, driver)
        self.peers: dict[str, int] = {}
        self.add("before")

    def _start(self, name: str, pod: Pod, mode: int) -> int:
        self._made[name] = self._cri.run(pod, (Mount(SRC, INSIDE, mode),), privileged=True)
        return self._cri.status(self._made[name]).pid

    def add(self, when: str) -> None:
        """Start a peer in each pod."""
        for name, pod in zip(PODS, self._pods, strict=True):
            key = f"{name}, {when}"
            self.peers[key] = self._start(key, pod, self._peer)

    def look(self) -> dict[str, list[MountInfo]]:
        """All tables, by the name of who has them."""
        pids = {"host": 1, "driver": self.driver, **self.peers}
        return dict(zip(pids, tables(self._cri.host, list(pids.values())), strict=True))

    def who_has(self, name: str) -> set[str]:
        """Who has a mount at this folder of the source?"""
        return {
            who for who, rows in self.look().items() if at(rows, f"{SRC if who == 'host' else INSIDE}/{name}")
        }

    def lost(self, pid: int, name: str) -> list[str] | None:
        """Who loses the mount at this folder when this process unmounts it; None: it has none."""
        before = self.who_has(name)
        if not at(tables(self._cri.host, [pid])[0], f"{INSIDE}/{name}"):
            return None
        self._cri.host.script(f"nsenter -t {pid} -m umount {INSIDE}/{name}")
        return sorted(before - self.who_has(name))

    def remove(self) -> None:
        self._cri.remove(*self._made.values())


def pairs(cri: Containerd, chosen: Mapping[str, list[tuple[int, int]]] = PAIRS) -> Iterator[Row]:
    """A driver of each mode beside peers of each mode: in its pod and in another, there before and after."""
    pods = Pods.of(cri, privileged=True)
    for state, modes in chosen.items():
        for driver, peer in modes:
            prepare(cri.host, state, submount=False)
            row: Row = {"source": state, "driver": MODES[driver], "peer": MODES[peer]}
            pair = _Pair(cri, pods, driver, peer)
            cri.host.script(f"mount -t tmpfs h {SRC}/h")
            cri.host.script(f"nsenter -t {pair.driver} -m mount -t tmpfs c {INSIDE}/c")
            pair.add("after")
            groups = Groups(pair.look()["host"])
            row["sees"] = {
                who: {name.removeprefix(f"{INSIDE}/"): each for name, each in classes(rows, groups).items()}
                for who, rows in pair.look().items()
                if who != "host"
            }
            row["on_host"] = sorted(name for name in ("h", "c") if "host" in pair.who_has(name))
            row["lost_when_a_peer_unmounts_the_hosts"] = pair.lost(pair.peers["other pod, before"], "h")
            row["lost_when_the_driver_unmounts_its_own"] = pair.lost(pair.driver, "c")
            yield row
            pair.remove()
    for pod in pods:
        cri.remove_pod(pod)
