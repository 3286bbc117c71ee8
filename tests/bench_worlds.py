"""The part of ``make bench`` that is a learner's wait: a command in the simulator, a kernel, a guest."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from mountlab.kernel import reuse
from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import Probe, probe, probe_uml
from mountlab.kernel.stage import SetupError
from mountlab.shell.backend import Backend, BackendUnavailableError
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse

MILLI = 1e3
ROUNDS = 12
STARTS = 3
WORLDS = ("simulator", "kernel", "uml")
BOOT, WARM, LATE = "start to first answer", "one command, p50", "one command, p95"
WANTED = {BOOT: "uml under 4,000", WARM: "uml under 50", LATE: "uml under 50"}
COMMANDS = """
a# mkdir -p /a/b
a# mount -t tmpfs disk /a
a# mount --make-shared /a
a# mount --bind /a /mnt
a# findmnt -R -o TARGET,SOURCE,PROPAGATION /
b# ls /
b# cat /proc/self/mountinfo
a# umount /mnt
a# umount /a
"""


def measure() -> dict[str, dict[str, float] | str]:
    """Milliseconds by world, or why there is no such world here."""
    return {
        "simulator": _world(lambda: SimulatorBackend("systemd")),
        "kernel": _kernel(probe()),
        "uml": _kernel(probe_uml()),
    }


def _kernel(found: Probe) -> dict[str, float] | str:
    if found.kind is None:
        return found.reason
    try:
        return _world(lambda: KernelBackend("systemd", found=found))
    except (BackendUnavailableError, SetupError) as error:
        return str(error)


def _world(start: Callable[[], Any]) -> dict[str, float]:
    steps = parse(COMMANDS).steps
    starts, took = [], []
    for _ in range(STARTS):
        reuse.end_all()  # no guest that waits for its next use
        began = time.perf_counter()
        backend: Backend = start()
        backend.open("a")
        backend.run("a", _line(steps[0]))
        starts.append(time.perf_counter() - began)
        for _ in range(ROUNDS):
            for step in steps:
                backend.open(step.shell)
                began = time.perf_counter()
                backend.run(step.shell, _line(step))
                took.append(time.perf_counter() - began)
        if isinstance(backend, KernelBackend):
            backend.close()
    reuse.end_all()
    late = statistics.quantiles(took, n=20)[-1]
    return {BOOT: min(starts) * MILLI, WARM: statistics.median(took) * MILLI, LATE: late * MILLI}


def _line(step: Any) -> Any:
    assert step.command
    return step.command


def rows(found: dict[str, dict[str, float] | str]) -> list[tuple[str, ...]]:
    """A table, and beneath it what is not here."""
    lines = [("", *(f"{name} (ms)" for name in WORLDS), "wanted")]
    for figure, wanted in WANTED.items():
        cells = [world[figure] if isinstance(world := found[name], dict) else None for name in WORLDS]
        lines.append((figure, *("-" if cell is None else f"{cell:.2f}" for cell in cells), wanted))
    return lines


def missing(found: dict[str, dict[str, float] | str]) -> list[str]:
    """Why a column is empty."""
    return [f"({name}: {why})" for name, why in found.items() if isinstance(why, str)]
