"""The control groups of private hosts: folders of our own name, made, entered and swept."""

from __future__ import annotations

import contextlib
import os
import re
from typing import NamedTuple

_PREFIX = "mountlab-host-"
_NAME = re.compile(re.escape(_PREFIX) + r"(\d+)")


class Hierarchy(NamedTuple):
    """A tree of control groups, and where this process is in it."""

    controllers: str
    """Such as ``cpu,cpuacct`` or ``name=systemd``; empty for the second version."""
    folder: str
    """The folder of this process's group, as a path of this mount namespace."""


def name_of(keeper: int) -> str:
    """The name of the folders of the host that this process keeps."""
    return f"{_PREFIX}{keeper}"


def hierarchies() -> list[Hierarchy]:
    """Every mounted hierarchy."""
    mounted: dict[str, tuple[str, str]] = {}
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            before, _, after = line.partition(" - ")
            fstype, _, options = after.rstrip("\n").split(" ", 2)
            root, mountpoint = before.split(" ")[3:5]
            if fstype == "cgroup":
                for word in options.split(","):
                    mounted[word] = (root, mountpoint)
            elif fstype == "cgroup2":
                mounted[""] = (root, mountpoint)
    found = []
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, group = line.rstrip("\n").split(":", 2)
            where = mounted.get(controllers.split(",", maxsplit=1)[0])
            if where:
                below = os.path.relpath(group, where[0])
                found.append(Hierarchy(controllers, os.path.normpath(os.path.join(where[1], below))))
    return found


def make(name: str) -> list[Hierarchy]:
    """Make our folder in every hierarchy and return those hierarchies as seen from it."""
    made = []
    for controllers, folder in hierarchies():
        own = os.path.join(folder, name)
        os.mkdir(own)
        if "cpuset" in controllers.split(","):
            for file in ("cpuset.cpus", "cpuset.mems"):  # empty at first, and then nobody may enter
                _write(os.path.join(own, file), _read(os.path.join(folder, file)))
        made.append(Hierarchy(controllers, own))
    return made


def enter(own: list[Hierarchy], pid: int = 0) -> None:
    """Put a process (0: this one) into these groups."""
    for _, folder in own:
        _write(os.path.join(folder, "cgroup.procs"), str(pid))


def sweep(name: str | None = None) -> None:
    """Remove the folders of this host, or those of all hosts whose keeper is no more.

    A group with a process in it cannot be removed: the kernel says EBUSY.
    """
    for _, folder in hierarchies():
        with contextlib.suppress(OSError):
            for entry in os.listdir(folder):
                found = _NAME.fullmatch(entry)
                if entry == name or (name is None and found and not os.path.exists(f"/proc/{found[1]}")):
                    _remove(os.path.join(folder, entry))


def _remove(folder: str) -> None:
    for path, _, _ in os.walk(folder, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(path)


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
