"""A simulated machine's processes as a directory that looks like /proc, for `take` to read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from mountlab.mountinfo import MountInfo, render
from mountlab.simulator import Simulator
from mountlab.snapshot import Snapshot
from mountlab.snapshot.procfs import Procfs
from mountlab.snapshot.taker import snapshot_of
from mountlab.table import rows_seen_by


def write_proc(root: Path, sim: Simulator) -> None:
    """Write /proc of a simulated machine: mountinfo, ns/mnt, root, cwd, comm, cmdline of each process."""
    for pid, task in sim.vfs.tasks.items():
        rows = rows_seen_by(sim.vfs, task, with_fixtures=True)
        place = (task.root_mount, task.root_dentry), (task.cwd_mount, task.cwd_dentry)
        write_process(root, pid, task.name, task.namespace, rows, [link(sim, *at) for at in place])


def write_process(
    root: Path, pid: int, name: str, namespace: int, rows: list[MountInfo], links: list[str]
) -> None:
    """Write one process's directory."""
    home = root / str(pid)
    (home / "ns").mkdir(parents=True)
    table = "".join(render(row) + "\n" for row in rows)
    (home / "mountinfo").write_bytes(table.encode("utf-8", "surrogateescape"))
    os.symlink(f"mnt:[{4026531840 + namespace}]", home / "ns/mnt")
    os.symlink(links[0], home / "root")
    os.symlink(links[1], home / "cwd")
    (home / "comm").write_text(name[:15] + "\n")
    (home / "cmdline").write_text(f"/usr/bin/{name}\0--password=hunter2\0")


def link(sim: Simulator, mount: int, dentry: int) -> str:
    """What readlink says of a place: its path up to the top of the namespace (fs/d_path.c)."""
    names: list[str] = []
    mounts, dentries = sim.vfs.mounts, sim.vfs.dentries
    gone = " (deleted)" if dentries[dentry].unlinked else ""
    while True:
        row = mounts[mount]
        if dentry == row.root:
            if row.parent_id == mount:
                return "/" + "/".join(reversed(names)) + gone
            mount, dentry = row.parent_id, row.mountpoint
            continue
        names.append(dentries[dentry].name)
        dentry = dentries[dentry].parent


class Exact(Procfs):
    """A copy of /proc that also knows what the kernel's links lead to: which mount."""

    def __init__(self, root: str, sim: Simulator) -> None:
        super().__init__(root)
        self.sim = sim

    def standing(self, pid: int, what: str) -> tuple[str, int | None]:
        path, _unknown = super().standing(pid, what)
        task = self.sim.vfs.tasks[pid]
        return path, task.root_mount if what == "root" else task.cwd_mount


def snapshot_of_machine(sim: Simulator, *, exact: bool = True) -> Snapshot:
    """Write a simulated machine's /proc, take a snapshot of it, write that down and read it again.

    `exact`: the process's mounts are known, as on the real /proc; a copy of one tells paths only.
    """
    with tempfile.TemporaryDirectory() as directory:
        write_proc(Path(directory), sim)
        proc = Exact(directory, sim) if exact else Procfs(directory)
        return Snapshot.load(snapshot_of(proc).dump())
