"""Reads what /proc tells of one process: its mount table, its namespace, where it stands, its name.

Read only, and from outside: no namespace is entered, no path inside one is looked up, so that a dead
network filesystem cannot hold us.  Arguments of commands are not read beyond the program's name.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from mountlab.mountinfo import parse_table

COMM_CUT = 15
"""The kernel keeps this many bytes of a program's name."""
COMMAND_READ = 4096
_NAMESPACE = re.compile(r"mnt:\[([0-9]+)\]")
_MOUNT_ID = re.compile(r"^mnt_id:\s*([0-9]+)$", re.MULTILINE)


class Procfs:
    """A directory that looks like /proc.  Every question may raise OSError, as the system answers."""

    def __init__(self, root: str) -> None:
        self.root = Path(root)
        self.is_real = _is_procfs(self.root)
        """Its links lead into mounts; a copy's links are mere texts."""

    def pids(self) -> list[int]:
        """The processes, by rising pid."""
        return sorted(int(p.name) for p in self.root.iterdir() if p.name.isascii() and p.name.isdigit())

    def lines(self, pid: int) -> list[str]:
        """The lines of its mountinfo."""
        text = (self.root / str(pid) / "mountinfo").read_bytes().decode("utf-8", "surrogateescape")
        return [line for line in text.split("\n") if line]

    def namespace(self, pid: int) -> int | None:
        """Number of its mount namespace; None when the link says something else."""
        match = _NAMESPACE.fullmatch(str((self.root / str(pid) / "ns" / "mnt").readlink()))
        return int(match[1]) if match else None

    def standing(self, pid: int, what: str) -> tuple[str, int | None]:
        """Where its ``root`` or ``cwd`` is: the path as it is told to us, and the id of the mount.

        The kernel's link leads to the very place, whatever is mounted over it: an O_PATH descriptor of
        it opens nothing, and our own fdinfo says which mount it is in.
        """
        link = self.root / str(pid) / what
        path = os.fsencode(link.readlink()).decode("utf-8", "surrogateescape")
        return path, self._mount_of(link) if self.is_real else None

    def _mount_of(self, link: Path) -> int | None:
        descriptor = os.open(link, os.O_PATH | os.O_CLOEXEC)
        try:
            match = _MOUNT_ID.search(Path(f"/proc/self/fdinfo/{descriptor}").read_text(encoding="ascii"))
        except OSError:
            return None
        finally:
            os.close(descriptor)
        return int(match[1]) if match else None

    def name(self, pid: int) -> str:
        """Its program's name: comm, or the longer one that its command line begins with."""
        comm = self._text(f"{pid}/comm").rstrip("\n")
        if len(os.fsencode(comm)) < COMM_CUT:
            return comm
        program = self._text(f"{pid}/cmdline").split("\0")[0].rpartition("/")[2]
        return program if program.startswith(comm) and len(program) <= COMMAND_READ // 16 else comm

    def kernel(self) -> str | None:
        """major.minor of the kernel; the rest of its name may tell whose machine it is."""
        try:
            match = re.match(r"[0-9]+\.[0-9]+", self._text("sys/kernel/osrelease"))
        except OSError:
            return None
        return match[0] if match else None

    def _text(self, name: str) -> str:
        with (self.root / name).open("rb") as file:
            return file.read(COMMAND_READ).decode("utf-8", "surrogateescape")


def _is_procfs(root: Path) -> bool:
    """Whether the directory is a mounted proc filesystem, by our own mount table."""
    try:
        device = root.stat().st_dev
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    dev = f"{os.major(device)}:{os.minor(device)}"
    return any(row.fstype == "proc" and row.dev == dev for row in parse_table(table))
