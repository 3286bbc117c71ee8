"""What a machine may cost the computer beyond the limits that the kernel keeps for us."""

from __future__ import annotations

import os
import re
import time

from mountlab.kernel.limits import Limits

WATCH_SECONDS = 0.2
"""How often the computer's memory is looked at while a terminal is busy."""
_ROW_BYTES = 256
"""A row of a mount table has about 80; a name in it may have 4,095."""


class StoppedError(Exception):
    """The machine was stopped; the message says why."""


def check_memory(proc: int, limits: Limits) -> None:
    """What is in a tmpfs belongs to no process: no limit of a process holds it, and no killer of any."""
    with os.fdopen(os.open("meminfo", os.O_RDONLY, dir_fd=proc), "rb") as file:
        found = re.search(rb"^MemAvailable:\s+(\d+) kB", file.read(), re.MULTILINE)
    if found and int(found[1]) << 10 < limits.spare:
        raise StoppedError(f"this computer had only {int(found[1]) >> 10} MB of memory left")


def read_table(proc: int, pid: int, limits: Limits) -> str:
    """A process's table, page by page: the kernel needs time for each row that grows with its peers."""
    fd = os.open(f"{pid}/mountinfo", os.O_RDONLY, dir_fd=proc)
    deadline = time.monotonic() + limits.seconds
    parts, rows, size = [], 0, 0
    try:
        while part := os.read(fd, 1 << 16):
            parts.append(part)
            rows += part.count(b"\n")
            size += len(part)
            if rows > limits.mounts:
                raise StoppedError(too_many(limits.mounts))
            if size > limits.mounts * _ROW_BYTES:
                raise StoppedError(f"a mount table has more than {limits.mounts * _ROW_BYTES} bytes")
            if time.monotonic() > deadline:
                raise StoppedError(f"reading a mount table took more than {limits.seconds:g} s")
    finally:
        os.close(fd)
    return os.fsdecode(b"".join(parts))


def too_many(limit: int) -> str:
    """Why a machine with more mounts is stopped."""
    return f"more than {limit} mounts in all namespaces together"
