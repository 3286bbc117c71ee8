"""The files of /proc that show mounts; the name of a shell stands where its PID would."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mountlab.mountinfo import MountInfo, escape, render
from mountlab.shell.programs.context import Context

_SUPERBLOCK_WORDS = ("sync", "dirsync", "mand", "lazytime")


def mountinfo(rows: Sequence[MountInfo]) -> str:
    """/proc/PID/mountinfo."""
    return "".join(render(row) + "\n" for row in rows)


def mounts(rows: Sequence[MountInfo]) -> str:
    """/proc/PID/mounts."""
    return "".join(_mounts_line(row) + "\n" for row in rows)


def _mounts_line(row: MountInfo) -> str:
    state, *own = row.options.split(",")
    shared_state, *filesystem = row.super_options.split(",")
    read_only = "ro" if "ro" in (state, shared_state) else "rw"
    flags = [word for word in filesystem if word in _SUPERBLOCK_WORDS]
    rest = [word for word in filesystem if word not in _SUPERBLOCK_WORDS]
    options = ",".join([read_only, *flags, *own, *rest])
    return f"{escape(row.source, '#')} {escape(row.mountpoint)} {escape(row.fstype, '#')} {options} 0 0"


def mountstats(rows: Sequence[MountInfo]) -> str:
    """/proc/PID/mountstats."""
    return "".join(_mountstats_line(row) + "\n" for row in rows)


def _mountstats_line(row: MountInfo) -> str:
    source, fstype = escape(row.source, "#"), escape(row.fstype, "#")
    return f"device {source} mounted on {escape(row.mountpoint)} with fstype {fstype}"


FILES: dict[str, Callable[[Sequence[MountInfo]], str]] = {
    "mountinfo": mountinfo,
    "mounts": mounts,
    "mountstats": mountstats,
}


def read(context: Context, path: str) -> str | None:
    """The content of a file of /proc, wherever that is mounted; None for any other file."""
    head, _, name = path.rpartition("/")
    if name not in FILES:
        return None
    above, _, owner = head.rpartition("/")
    proc = context.proc
    found = context.stat(path)
    if found is None and owner in context.shells:
        found = context.stat(f"{above}/self/{name}")
        proc = context.shells[owner]
    if found is None or found.fstype != "proc":
        return None
    return FILES[name](context.sim.mountinfo(proc))
