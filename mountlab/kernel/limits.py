"""How much a learner's machine may use before it is stopped."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """One sandbox's limits."""

    seconds: float = 10.0
    """Wall-clock time of one program."""
    output: int = 64 * 1024
    """Bytes of stdout, and of stderr, that are kept."""
    file_size: int = 16 << 20
    """Bytes of the largest file, and of what a program may print before it is killed."""
    mounts: int = 150_000
    """Mounts of all namespaces together; the kernel's own limit is 100,000 for each."""
    shells: int = 64
    """Terminals open at the same time."""
    processes: int = 256
    """Processes of the sandbox at the same time."""
    memory: int = 1 << 30
    """Bytes of address space of one process."""
    spare: int = 256 << 20
    """Bytes of memory that must be left on this computer: files of a tmpfs count, and mounts."""
    namespaces: int = 16
    """Of each kind; of mount, user and PID namespaces 256 times as many."""
    grace: float = 5.0
    """Seconds beyond a program's own limit after which a silent shell means a stuck machine."""
