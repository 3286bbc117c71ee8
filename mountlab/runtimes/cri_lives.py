"""What the real CRI answers to what cannot be, and what stays when containers end and mounts go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mountlab.runtimes.cri import (
    BIDIRECTIONAL,
    HOST_TO_CONTAINER,
    MODES,
    PRIVATE,
    Containerd,
    CriError,
    Mount,
)
from mountlab.runtimes.cri_cases import given, ran_words
from mountlab.runtimes.cri_matrix import classes, not_made
from mountlab.runtimes.host import Ran
from mountlab.runtimes.matrix import Row, prepare, tables
from mountlab.runtimes.places import INSIDE, SRC, SUB, Groups, words


def errors(cri: Containerd) -> Iterator[Row]:
    """What the CRI answers to what is odd; a refusal's text is what `kubectl describe pod` would show."""
    prepare(cri.host, "shared", submount=True)
    plain = cri.run_pod()
    running, gone = cri.run(plain), cri.run(plain)
    cri.stop(gone)

    def made(*mounts: Mount, **changed: Any) -> Callable[[], str]:  # noqa: ANN401 - what `create` takes
        def start() -> str:
            container = cri.create(plain, mounts, **changed)
            cri.start(container)
            return container

        return start

    tried: dict[str, Callable[[], str | Ran | None]] = {
        "a privileged container in an unprivileged pod": made(privileged=True),
        "an image that is not there": made(image="docker.io/library/nosuch:latest"),
        "a command that is not there": made(command=("nosuch",)),
        "a command that is a folder": made(command=("/etc",)),
        "no host path": made(Mount("", INSIDE)),
        "a relative host path": made(Mount("data", INSIDE)),
        "a relative container path": made(Mount(SRC, "mnt")),
        "the container's /": made(Mount(SRC, "/")),
        "a folder on a file": made(Mount(SRC, "/bin/busybox")),
        "an unknown propagation": made(Mount(SRC, INSIDE, 3)),
        "two mounts at one place": made(Mount(SRC, INSIDE), Mount(SUB, INSIDE)),
        "exec of what is not there": lambda: cri.exec(running, ["nosuch"]),
        "exec in a container that has ended": lambda: cri.exec(gone, ["true"]),
        "exec of a program that fails": lambda: cri.exec(running, ["sh", "-c", "echo no >&2; exit 7"]),
        "start of a container that has ended": lambda: cri.start(gone),
        "stop of a container that has ended": lambda: cri.stop(gone),
        "an unprivileged container mounts": lambda: cri.exec(running, ["mount", "-t", "tmpfs", "x", INSIDE]),
        "an unprivileged container unmounts": lambda: cri.exec(running, ["umount", "/etc/hosts"]),
    }
    for name, attempt in tried.items():
        yield {"name": name} | _answer(cri, attempt)
    cri.remove_pod(plain)


def _answer(cri: Containerd, attempt: Callable[[], str | Ran | None]) -> Row:
    try:
        answer = attempt()
    except CriError as error:
        return {"works": False} | {key: each for key, each in not_made(error).items() if key != "starts"}
    if isinstance(answer, Ran):
        return {"works": True, "status": answer.status, "stdout": answer.stdout, "stderr": answer.stderr}
    if answer is None:
        return {"works": True}
    outside, inside = tables(cri.host, [1, cri.status(answer).pid])
    mounts = [each for each in given(cri.status(answer).spec) if each["source"] in {"SRC", "SUB"}]
    return {"works": True, "oci_mounts": mounts, "classes": classes(inside, Groups(outside))}


def left_behind(cri: Containerd) -> Iterator[Row]:
    """What a container had mounted below its volume, while it and its pod go, step by step."""
    for mode in (PRIVATE, HOST_TO_CONTAINER, BIDIRECTIONAL):
        prepare(cri.host, "shared", submount=False)
        pod = cri.run_pod(privileged=True)
        mount = Mount(SRC, INSIDE, mode)
        driver = cri.run(pod, (mount,), privileged=True)
        mounted = cri.exec(driver, ["mount", "-t", "tmpfs", "c", f"{INSIDE}/c"])

        def look(step: str, mode: int = mode) -> Row:
            rows = cri.host.table()
            groups = Groups(rows)
            below = {words(r.mountpoint): groups.describe(r) for r in rows if r.mountpoint.startswith(SRC)}
            return {"mode": MODES[mode], "step": step, "on_host": below}

        yield look("mounted") | {"said": [ran_words(["mount"], mounted)]}
        cri.stop(driver)
        yield look("container stopped") | {"state": cri.status(driver).state}
        cri.remove(driver)
        yield look("container removed")
        again = cri.run(pod, (Mount(SRC, INSIDE, HOST_TO_CONTAINER),), privileged=True)
        yield look("another container") | {"classes": classes(cri.table(again), Groups(cri.host.table()))}
        cri.remove_pod(pod)
        yield look("pod removed")
        removal = ["rm", "-rf", f"{SRC}/c"]
        yield look("folder removed") | {"said": [ran_words(removal, cri.host.run(removal))]}


_CONSUMERS = {
    f"{name} of {place}, {when}": (path, mode, when)
    for when in ("before", "after")
    for place, path in (("the folder", SRC), ("the mount", f"{SRC}/c"))
    for mode, name in MODES.items()
}
"""Containers that read what a driver mounts at SRC/c, started before it does and after.

Before, there is no mount yet: who binds SRC/c then binds an empty folder.
"""


def restart(cri: Containerd) -> Iterator[Row]:
    """A driver is killed; the one that follows unmounts what it had mounted, and mounts it again."""
    prepare(cri.host, "shared", submount=False)
    pod, other = cri.run_pod(privileged=True), cri.run_pod("other")
    consumers: dict[str, int] = {}

    def consume(when: str) -> None:
        for name, (path, mode, at_time) in _CONSUMERS.items():
            if at_time == when:
                consumers[name] = cri.status(cri.run(other, (Mount(path, INSIDE, mode),))).pid

    def drive() -> str:
        return cri.run(pod, (Mount(SRC, INSIDE, BIDIRECTIONAL),), privileged=True)

    def look(step: str) -> Row:
        outside, *inside = tables(cri.host, [1, *consumers.values()])
        row: Row = {"step": step, "on_host": [r.source for r in outside if r.mountpoint == f"{SRC}/c"]}
        places = [f"{INSIDE}/c" if _CONSUMERS[name][0] == SRC else INSIDE for name in consumers]
        for name, place, rows in zip(consumers, places, inside, strict=True):
            row[name] = [r.source for r in rows if r.mountpoint == place]
        return row

    consume("before")
    driver = drive()
    cri.exec(driver, ["mount", "-t", "tmpfs", "first", f"{INSIDE}/c"])
    consume("after")
    yield look("mounted")
    cri.remove(driver)
    yield look("driver killed")
    driver = drive()
    cri.exec(driver, ["umount", f"{INSIDE}/c"])
    yield look("next driver unmounts")
    cri.exec(driver, ["mount", "-t", "tmpfs", "second", f"{INSIDE}/c"])
    yield look("next driver mounts")
    cri.remove_pod(pod)
    cri.remove_pod(other)
