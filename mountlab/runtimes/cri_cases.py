"""What the real CRI is asked beside the matrix: whole mount tables, system calls, odd sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mountlab.mountinfo import render
from mountlab.runtimes import trace
from mountlab.runtimes.cri import (
    BIDIRECTIONAL,
    HOST_TO_CONTAINER,
    MODES,
    Containerd,
    CriError,
    Mount,
    Pod,
)
from mountlab.runtimes.cri_matrix import asked, classes, not_made
from mountlab.runtimes.host import Ran
from mountlab.runtimes.matrix import Row, prepare, tables
from mountlab.runtimes.places import INSIDE, MOUNTPOINT, SRC, SUB, Groups, words

EMPTY_DIR = "/var/lib/kubelet/pods/uid/volumes/kubernetes.io~empty-dir/cache"
SUB_PATH = "/var/lib/kubelet/pods/uid/volume-subpaths/data/one/0"
_TRIED = [
    ["mount", "-t", "tmpfs", "c", f"{INSIDE}/c"],
    *(["touch", f"{INSIDE}{place}/x"] for place in ("/c", "/h", "", "/sub")),
]
_LINK, _PLAIN = "/link", "/plain"


class Case(NamedTuple):
    """A source that is not the matrix's, tried in each mode."""

    setup: str
    """Lines run on the host before; the matrix's shared source is there already, with its submount."""
    path: str = SRC
    undo: str = ":"
    inside: str = INSIDE
    readonly: bool = False
    probe: bool = True
    """Is it a directory, on which both sides can mount?"""


CASES = {
    "a folder of the shared /": Case(f"mkdir {_PLAIN}", _PLAIN, f"umount -q {_PLAIN}/*; rm -r {_PLAIN}"),
    "a folder of a private /": Case(
        f"mkdir {_PLAIN}; mount --make-private /",
        _PLAIN,
        f"umount -q {_PLAIN}/*; rm -r {_PLAIN}; mount --make-shared /",
    ),
    "all mounts of the host are private": Case("mount --make-rprivate /", undo="mount --make-rshared /"),
    "a missing path": Case(":", f"{SRC}/missing/folder"),
    "the mountpoint itself": Case(f"mkdir {MOUNTPOINT}/h {MOUNTPOINT}/c", MOUNTPOINT),
    "a mount below the source": Case(":", SUB),
    "a symbolic link": Case(f"ln -s {SRC} {_LINK}", _LINK, f"rm {_LINK}"),
    "a dangling symbolic link": Case(f"ln -s {SRC}/nowhere {_LINK}", _LINK, f"rm {_LINK}", probe=False),
    "a file": Case(f"echo text >{SRC}/file", f"{SRC}/file", inside=f"{INSIDE}/file", probe=False),
    "the host's /": Case("mkdir /h /c", "/", "umount -q /h /c; rm -r /h /c /x"),
    "an emptyDir": Case(f"mkdir -p {EMPTY_DIR}", EMPTY_DIR, f"umount -q {EMPTY_DIR}/*; rm -r {EMPTY_DIR}"),
    "an emptyDir in memory": Case(
        f"mkdir -p {EMPTY_DIR}; mount -t tmpfs tmpfs {EMPTY_DIR}",
        EMPTY_DIR,
        f"umount -R {EMPTY_DIR}; rm -r {EMPTY_DIR}",
    ),
    "an emptyDir on a private /": Case(
        f"mkdir -p {EMPTY_DIR}; mount --make-private /",
        EMPTY_DIR,
        f"umount -q {EMPTY_DIR}/*; rm -r {EMPTY_DIR}; mount --make-shared /",
    ),
    "an emptyDir in memory on a private /": Case(
        f"mkdir -p {EMPTY_DIR}; mount --make-private /; mount -t tmpfs tmpfs {EMPTY_DIR}",
        EMPTY_DIR,
        f"umount -R {EMPTY_DIR}; rm -r {EMPTY_DIR}; mount --make-shared /",
    ),
    "a subPath": Case(
        f"mkdir -p {SUB_PATH}; mount --bind {SRC} {SUB_PATH}", SUB_PATH, f"umount -R -l {SUB_PATH}"
    ),
    "read-only": Case(":", readonly=True),
}

_TWO = (Mount(SRC, f"{INSIDE}/deep/er"), Mount(SUB, INSIDE))
TABLES: dict[str, tuple[tuple[Mount, ...], bool]] = {
    "plain": ((), False),
    "privileged": ((), True),
    **{name: ((Mount(SRC, INSIDE, mode),), False) for mode, name in MODES.items()},
    **{f"{name} privileged": ((Mount(SRC, INSIDE, mode),), True) for mode, name in MODES.items()},
    **{
        f"{name} readonly": ((Mount(SRC, INSIDE, mode, readonly=True),), True) for mode, name in MODES.items()
    },
    "two, the deeper first": (_TWO, False),
    "HOST_TO_CONTAINER and BIDIRECTIONAL": (
        (Mount(SRC, f"{INSIDE}/a", HOST_TO_CONTAINER), Mount(SRC, f"{INSIDE}/b", BIDIRECTIONAL)),
        True,
    ),
    "BIDIRECTIONAL and HOST_TO_CONTAINER": (
        (Mount(SRC, f"{INSIDE}/a", BIDIRECTIONAL), Mount(SRC, f"{INSIDE}/b", HOST_TO_CONTAINER)),
        True,
    ),
    "PRIVATE and BIDIRECTIONAL": (
        (Mount(SRC, f"{INSIDE}/a"), Mount(SRC, f"{INSIDE}/b", BIDIRECTIONAL)),
        True,
    ),
    "own /etc/hosts": ((Mount(f"{SRC}/file", "/etc/hosts"),), False),
    "own /dev/shm": ((Mount(SRC, "/dev/shm"),), False),
}
_WRITTEN = f"for n in $(seq 200); do ! grep -q 'killed by SIGKILL' {trace.OUTPUT} || break; sleep .05; done"
"""The tracer goes on for a moment when the container is said to run."""
TRACED = ("plain", *MODES.values(), "BIDIRECTIONAL privileged")


def ran_words(argv: list[str], ran: Ran) -> Row:
    """A program that was run in a container or on the host."""
    return {
        "argv": [words(word) for word in argv],
        "status": ran.status,
        "stdout": words(ran.stdout),
        "stderr": words(ran.stderr),
    }


def _asked_mount(mount: Mount) -> Row:
    return {
        "host_path": words(mount.host_path),
        "container_path": mount.container_path,
        "propagation": MODES.get(mount.propagation, mount.propagation),
        "readonly": mount.readonly,
    }


def given(spec: dict[str, Any]) -> list[Row]:
    """The mounts of a config.json."""
    return [
        each | {"source": words(each["source"]), "options": [*map(words, each.get("options", []))]}
        for each in spec["mounts"]
    ]


def mount_tables(cri: Containerd, names: tuple[str, ...] = tuple(TABLES)) -> Iterator[Row]:
    """The whole mount table of a container for each kind of request, and the host's at that moment."""
    for name in names:
        mounts, privileged = TABLES[name]
        prepare(cri.host, "shared", submount=True)
        cri.host.script(f"echo text >{SRC}/file")
        pod = cri.run_pod(privileged=privileged)
        status = cri.status(cri.run(pod, mounts, privileged=privileged))
        outside, inside = tables(cri.host, [1, status.pid])
        groups, linux = Groups(outside), status.spec["linux"]
        yield {
            "name": name,
            "mounts": [_asked_mount(mount) for mount in mounts],
            "privileged": privileged,
            "classes": {words(row.mountpoint): groups.describe(row) for row in inside},
            "oci_mounts": given(status.spec),
            "oci_linux": {
                key: linux.get(key) for key in ("rootfsPropagation", "maskedPaths", "readonlyPaths")
            },
            "readonly_rootfs": bool(status.spec["root"].get("readonly")),
            "mountinfo": [words(render(row)) for row in inside],
            "host_mountinfo": [words(render(row)) for row in outside],
        }
        cri.remove_pod(pod)


def call_orders(cri: Containerd, names: tuple[str, ...] = TRACED) -> Iterator[Row]:
    """runc's mount-related system calls for some of these; this containerd has `trace.TRACER`."""
    for name in names:
        mounts, privileged = TABLES[name]
        prepare(cri.host, "shared", submount=True)
        pod = cri.run_pod(privileged=privileged)
        cri.stop(cri.run(pod, mounts, privileged=privileged))
        cri.host.script(_WRITTEN)
        yield {
            "name": name,
            "mounts": [_asked_mount(mount) for mount in mounts],
            "privileged": privileged,
            "calls": trace.calls_in(cri.host.read(trace.OUTPUT)),
        }
        cri.remove_pod(pod)


def cases(cri: Containerd, names: tuple[str, ...] = tuple(CASES)) -> Iterator[Row]:
    """Each of these sources in each mode, in a privileged container."""
    for name in names:
        case = CASES[name]
        for mode in MODES:
            prepare(cri.host, "shared", submount=True)
            cri.host.script(case.setup)
            pod = cri.run_pod(privileged=True)
            row: Row = {"name": name, "setup": words(case.setup), "privileged": True}
            row["mounts"] = [_asked_mount(Mount(case.path, case.inside, mode, case.readonly))]
            try:
                yield row | _one_case(cri, pod, case, mode)
            finally:
                cri.remove_pod(pod)
                cri.host.run(["sh", "-c", case.undo])


def _one_case(cri: Containerd, pod: Pod, case: Case, mode: int) -> Row:
    try:
        mount = Mount(case.path, case.inside, mode, case.readonly)
        container = cri.run(pod, (mount,), privileged=True)
    except CriError as error:
        return not_made(error)
    path = "" if case.path == "/" else case.path
    says: list[Row] = []
    if case.probe:
        cri.host.script(f"mkdir -p {path}/h {path}/c; mount -t tmpfs h {path}/h")
        says = [ran_words(argv, cri.exec(container, argv)) for argv in _TRIED]
    status = cri.status(container)
    outside, inside = tables(cri.host, [1, status.pid])
    real = cri.host.do(["readlink", "-m", case.path]).strip().rstrip("/")
    groups, places = Groups(outside), (real or "/", f"{real}/h", f"{real}/c", f"{real}/sub")
    found = classes(inside, groups)
    if case.path == "/":  # everything that the host has mounted is below it
        found = {name: found[name] for name in (INSIDE, f"{INSIDE}/h", f"{INSIDE}/c") if name in found}
    return {
        "starts": True,
        **asked(cri, container, case.inside),
        "oci_mounts": [each for each in given(status.spec) if str(each["destination"]).startswith(INSIDE)],
        "classes": found,
        "on_host": {words(r.mountpoint): groups.describe(r) for r in outside if r.mountpoint in places},
        "said": says,
    }
