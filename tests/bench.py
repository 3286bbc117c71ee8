"""``make bench``: the simulator beside the kernel, in one run, as a table and as bench.json.

Single calls: the median of many, as what the kernel does at an umount depends on what else goes on.
All else is the best of several rounds: on a shared machine the best is the least disturbed.
Times are wall clock.  The kernel's side runs in a mount namespace of its own, private before
anything else.
"""

from __future__ import annotations

import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mountlab.model import MS_BIND, MS_PRIVATE, MS_REC, MS_SHARED
from mountlab.simulator import Process, Simulator
from tests import bench_view, bench_worlds

ROUNDS = 2000
PEERS = (10, 100, 1000, 10_000)
MICRO = 1e6
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000


TEN_LINES = """#: init=systemd
a# mkdir -p /a /b
a# mount -t tmpfs x /a
b# unshare --mount --propagation slave
a# mkdir /a/x
a# mount -t tmpfs y /a/x
b# findmnt
a# umount /a/x
b# findmnt
a# mount --bind /a /b
"""


def best(function: Callable[[], Any], rounds: int = 5) -> float:
    """Seconds of the fastest of several calls."""
    fastest = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        function()
        fastest = min(fastest, time.perf_counter() - began)
    return fastest


class Simulated:
    """The calls on the simulator."""

    def __init__(self) -> None:
        self.sim = Simulator()
        self.host: Process = self.sim.spawn("host")

    def mkdir(self, path: str) -> None:
        self.sim.mkdir(self.host, path)

    def mount(self, source: str, target: str, fstype: str | None, flags: int) -> None:
        self.sim.mount(self.host, source, target, fstype, flags)

    def umount(self, target: str) -> None:
        self.sim.umount(self.host, target)


class Real:
    """The same calls as raw mount(2) and umount2(2) through ctypes."""

    def __init__(self) -> None:
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.mount.argtypes = [*[ctypes.c_char_p] * 3, ctypes.c_ulong, ctypes.c_char_p]

    def mkdir(self, path: str) -> None:
        os.mkdir(path)

    def mount(self, source: str, target: str, fstype: str | None, flags: int) -> None:
        kind = fstype.encode() if fstype else None
        if self.libc.mount(source.encode(), target.encode(), kind, flags, None):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)

    def umount(self, target: str) -> None:
        if self.libc.umount2(target.encode(), 0):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)


World = Simulated | Real


def fill(world: World, mounts: int) -> None:
    """A table of so many mounts, and two directories to bind."""
    for path in ("/mnt/s", "/mnt/t"):
        world.mkdir(path)
    for number in range(mounts - 1):
        world.mkdir(f"/mnt/d{number}")
        world.mount("d", f"/mnt/d{number}", "tmpfs", 0)


def single_calls(world: World, rounds: int = ROUNDS) -> dict[str, float]:
    """Microseconds of one bind, one make-shared, one umount."""
    took: dict[str, list[float]] = {"bind": [], "make-shared": [], "umount": []}
    for _ in range(rounds):
        times = [time.perf_counter()]
        world.mount("/mnt/s", "/mnt/t", None, MS_BIND)
        times.append(time.perf_counter())
        world.mount("none", "/mnt/t", None, MS_SHARED)
        times.append(time.perf_counter())
        world.umount("/mnt/t")
        times.append(time.perf_counter())
        for name, began, ended in zip(took, times, times[1:], strict=False):
            took[name].append((ended - began) * MICRO)
    return {name: statistics.median(each) for name, each in took.items()}


def propagation(world: World) -> dict[str, float]:
    """Microseconds for each copy of one mount that so many peers receive."""
    world.mkdir("/mnt/p")
    world.mount("p", "/mnt/p", "tmpfs", 0)
    world.mkdir("/mnt/p/x")
    world.mount("none", "/mnt/p", None, MS_SHARED)
    made, costs = 0, {}
    for wanted in PEERS:
        while made < wanted:
            world.mkdir(f"/mnt/q{made}")
            world.mount("/mnt/p", f"/mnt/q{made}", None, MS_BIND)
            made += 1
        fastest = float("inf")
        for _ in range(15):
            began = time.perf_counter()
            world.mount("x", "/mnt/p/x", "tmpfs", 0)
            fastest = min(fastest, time.perf_counter() - began)
            world.umount("/mnt/p/x")
        costs[str(wanted)] = fastest / wanted * MICRO
    return costs


def programs() -> float:
    """Microseconds of one mount(8) and one umount(8)."""

    def pair() -> None:
        subprocess.run(["mount", "--bind", "/mnt/s", "/mnt/t"], check=True)
        subprocess.run(["umount", "/mnt/t"], check=True)

    return best(pair, 20) * MICRO


def in_the_kernel() -> dict[str, Any] | str:
    """All of the kernel's figures, measured by a child in its own namespace; or why there are none."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            answer: Any = _measure_kernel()
        except OSError as error:
            answer = f"no kernel to compare with: {error}"
        with os.fdopen(write, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    found: dict[str, Any] | str = json.loads(text) if text else "the measuring process died"
    return found


def _measure_kernel() -> dict[str, Any]:
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNS if user == 0 else CLONE_NEWNS | CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if user:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            Path("/proc/self", name).write_text(text)
    world = Real()
    world.mount("none", "/", None, MS_PRIVATE | MS_REC)
    world.mount("bench", "/mnt", "tmpfs", 0)
    fill(world, 100)
    return {"calls": single_calls(world), "programs": programs(), "peers": propagation(world)}


def build_node() -> Simulated:
    """1,000 namespaces of 30 mounts."""
    world = Simulated()
    for number in range(28):
        world.mkdir(f"/mnt/d{number}")
        world.mount("d", f"/mnt/d{number}", "tmpfs", 0)
    for number in range(999):
        world.sim.unshare(world.sim.spawn(f"c{number}"))
    return world


def node() -> dict[str, float]:
    """That node, and 1,000 steps after it, all states kept."""
    built = best(build_node, 3)
    tracemalloc.start()
    world = build_node()
    began = time.perf_counter()
    for _ in range(500):
        world.mount("/mnt/d0", "/mnt/d1", None, MS_BIND)
        world.umount("/mnt/d1")
    steps = time.perf_counter() - began
    memory = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    return {"build (s)": built, "1,000 steps, memory traced (s)": steps, "memory (MB)": memory}


def starting() -> dict[str, float]:
    """Milliseconds to import the package, and to run ten lines."""
    with tempfile.NamedTemporaryFile("w", suffix=".mnt") as file:
        file.write(TEN_LINES)
        file.flush()
        python = [sys.executable, "-c"]
        empty = best(lambda: subprocess.run([*python, ""], check=True), 10)
        loaded = best(lambda: subprocess.run([*python, "import mountlab"], check=True), 10)
        run = [sys.executable, "-m", "mountlab", "run", file.name]
        ran = best(lambda: subprocess.run(run, check=True, stdout=subprocess.DEVNULL), 10)
    return {"import mountlab": (loaded - empty) * 1e3, "run of ten lines": ran * 1e3}


def measure() -> dict[str, Any]:
    """Everything."""
    small, large = Simulated(), Simulated()
    fill(small, 100)
    fill(large, 10_000)
    return {
        "kernel": in_the_kernel(),
        "calls on 100 mounts": single_calls(small),
        "calls on 10,000 mounts": single_calls(large),
        "peers": propagation(Simulated()),
        "node": node(),
        "start (ms)": starting(),
        "worlds": bench_worlds.measure(),
        "pictures": bench_view.measure(),
    }


def table(found: dict[str, Any]) -> str:
    """The figures side by side."""
    kernel = found["kernel"]
    rows = [("", "simulator", "kernel", "ratio", "wanted")]
    real = kernel if isinstance(kernel, dict) else {"calls": {}, "peers": {}, "programs": None}

    def row(name: str, ours: float, theirs: float | None, wanted: str) -> None:
        ratio = f"{ours / theirs:.2f}" if theirs else "-"
        rows.append((name, f"{ours:.2f}", f"{theirs:.2f}" if theirs else "-", ratio, wanted))

    for name, cost in found["calls on 100 mounts"].items():
        row(f"{name}, 100 mounts (us)", cost, real["calls"].get(name), "at most 1.0")
    pair = found["calls on 100 mounts"]["bind"] + found["calls on 100 mounts"]["umount"]
    row("bind and umount against mount(8), umount(8) (us)", pair, real["programs"], "at most 0.01")
    for name, cost in found["calls on 10,000 mounts"].items():
        before = found["calls on 100 mounts"][name]
        row(f"{name}, 10,000 mounts against 100 (us)", cost, before, "at most 1.5")
    for peers, cost in found["peers"].items():
        row(f"one copy, {peers} peers (us)", cost, real["peers"].get(peers), "aim 3, at most 10")
    for name, cost in found["node"].items():
        wanted = {"build (s)": "under 2", "memory (MB)": "under 300"}.get(name, "")
        row(f"1,000 namespaces of 30 mounts: {name}", cost, None, wanted)
    for name, cost in found["start (ms)"].items():
        row(f"{name} (ms)", cost, None, "under 100" if "import" in name else "under 200")
    for size, figures in found["pictures"].items():
        for name, cost in figures.items():
            row(f"{size}: {name}", cost, None, bench_view.WANTED.get((size, name), ""))
    text = [*_columns(rows), *([] if isinstance(kernel, dict) else [f"({kernel})"])]
    worlds = found["worlds"]
    text += ["", *_columns(bench_worlds.rows(worlds)), *bench_worlds.missing(worlds)]
    return "\n".join(text)


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Each cell as wide as the widest of its column."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in rows)
    return ["  ".join(cells).rstrip() for cells in padded]


if __name__ == "__main__":
    figures = measure()
    print(table(figures))
    Path("bench.json").write_text(json.dumps(figures, indent=1) + "\n")
    print("saved in bench.json")
