"""Which user the sandbox's root is outside: never root, and nobody's id where that can be had.

Root of the sandbox must not be uid 0 outside: /proc lets uid 0 write to sysctl files and to
sysrq-trigger by its number alone, capabilities or not.
"""

from __future__ import annotations

import os
from typing import NamedTuple

_UNUSED = 1_900_000_000
"""Above the ranges of systemd and of subuid: no account of any machine is here."""
_WIDTH = 65536
NOBODY = 65534


class IdRange(NamedTuple):
    """The ids outside that the sandbox sees as 0, 1, …"""

    uid: int
    gid: int
    width: int


def choose(as_root: bool) -> IdRange:
    """The range to map: an unused one as root, the caller's own id otherwise."""
    if not as_root:
        return IdRange(os.geteuid(), os.getegid(), 1)
    uid, uids = _free("/proc/self/uid_map")
    gid, gids = _free("/proc/self/gid_map")
    return IdRange(uid, gid, min(uids, gids))


def _free(map_file: str) -> tuple[int, int]:
    """First id and width; in a container few ids may exist: then the last of them, alone."""
    with open(map_file, encoding="utf-8") as file:
        ranges = [tuple(int(word) for word in line.split()) for line in file]
    last = 0
    for inside, _, count in ranges:
        if inside <= _UNUSED and inside + count >= _UNUSED + _WIDTH:
            return _UNUSED, _WIDTH
        last = max(last, inside + count - 1)
    if last == 0:
        raise OSError("only the user id 0 exists here, and the sandbox must not be root outside")
    return (NOBODY, 1) if last > NOBODY else (last, 1)


def write_maps(pid: int | str, ids: IdRange, as_root: bool, inside: tuple[int, int] = (0, 0)) -> None:
    """Give the user namespace of the process its users: `inside`, root, is `ids` here."""
    if not as_root:
        _write(f"/proc/{pid}/setgroups", "deny")
    _write(f"/proc/{pid}/uid_map", f"{inside[0]} {ids.uid} {ids.width}")
    _write(f"/proc/{pid}/gid_map", f"{inside[1]} {ids.gid} {ids.width}")


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode("ascii"))
    finally:
        os.close(fd)
