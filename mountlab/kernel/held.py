"""Mount namespaces that nobody is in: a mount of their file keeps them alive."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from mountlab.kernel import syscalls
from mountlab.kernel.syscalls import CLONE_NEWNS
from mountlab.mountinfo import unescape
from mountlab.nsfs import number_of

_ROW = re.compile(r"^\d+ \d+ \S+ mnt:\[(\d+)\] (\S+) .* - nsfs ", re.MULTILINE)
_ROOT = re.compile(r"mnt:\[(\d+)\]")


class Unattended(NamedTuple):
    """One such namespace."""

    inode: int
    mountinfo: str
    """As a process sees it that has just entered."""


def unattended(proc: int, pids: Sequence[int], mountinfo: Callable[[int], str]) -> dict[int, Unattended]:
    """All that can be reached from the namespaces of some processes, by the id that is never used again.

    A namespace is looked into through a mount of its file, so one is missing where something else is
    mounted over all of them.  Before this returns nothing of ours is in there any more.
    """
    known = {os.stat(f"{pid}/ns/mnt", dir_fd=proc).st_ino for pid in pids}
    found: dict[int, Unattended] = {}
    stand_ins: list[int] = []
    try:
        waiting = [(pid, mountinfo(pid)) for pid in pids]
        while waiting:
            pid, text = waiting.pop(0)
            for inode, fd in _files(proc, pid, text):
                if inode not in known:
                    known.add(inode)
                    stand_ins.append(_send(fd))
                    waiting.append((stand_ins[-1], mountinfo(stand_ins[-1])))
                    found[syscalls.namespace_id(fd)] = Unattended(inode, waiting[-1][1])
                os.close(fd)
    finally:
        for stand_in in stand_ins:
            os.kill(stand_in, signal.SIGKILL)
            os.waitpid(stand_in, 0)
    return found


def _files(proc: int, pid: int, mountinfo: str) -> Iterator[tuple[int, int]]:
    """The files of mount namespaces that a process sees mounted, opened."""
    device = os.stat(f"{pid}/ns/mnt", dir_fd=proc).st_dev
    for row in _ROW.finditer(mountinfo):
        try:
            place = os.open(f"{pid}/root{unescape(row[2])}", os.O_PATH | os.O_NOFOLLOW, dir_fd=proc)
        except OSError:
            continue  # covered: the path leads elsewhere
        try:
            there = os.fstat(place)
            if (there.st_dev, there.st_ino) == (device, int(row[1])):
                yield there.st_ino, os.open(f"self/fd/{place}", os.O_RDONLY, dir_fd=proc)
        finally:
            os.close(place)


def _send(namespace: int) -> int:
    """Put a process there that waits to be killed; its id, once it has arrived."""
    ready, arrived = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            syscalls.setns(namespace, CLONE_NEWNS)
            os.close(arrived)
            signal.pause()
        finally:
            os._exit(0)
    os.close(arrived)
    os.read(ready, 1)
    os.close(ready)
    return pid


def numbered(mountinfo: str, numbers: dict[int, int]) -> str:
    """The table with the files of namespaces named by our numbers: inodes are used again at once."""

    def renamed(root: re.Match[str]) -> str:
        number = numbers.get(int(root[1]))
        return root[0] if number is None else f"mnt:[{number_of(number)}]"

    return _ROOT.sub(renamed, mountinfo) if " - nsfs " in mountinfo else mountinfo
