"""Walls that any process may put around itself: Landlock, which needs no privilege (Linux 5.13).

User-mode Linux reads and writes files of the host with its owner's rights.  Nothing in the guest is allowed
to ask for that; should anything learn to, these rules still hold: it reads system files and writes one
directory, which is deleted as soon as the guest runs.
Numbers: Linux 6.18, include/uapi/linux/landlock.h.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from mountlab.kernel import syscalls

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE, _READ, _READ_DIR = 1, 2, 4, 8
_TRUNCATE_BIT = 14
_FILE_RIGHTS = _EXECUTE | _WRITE | _READ | 1 << _TRUNCATE_BIT | 1 << 15
_RIGHTS_OF_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many kinds of access each version knows; 16 since the fifth."""
READS = _EXECUTE | _READ | _READ_DIR


def version() -> int:
    """Which Landlock this kernel has; 0: none."""
    with contextlib.suppress(OSError):
        return syscalls.call(_CREATE, None, 0, _VERSION_FLAG)
    return 0


def enclose(readable: Iterable[str], usable: Iterable[str], writable: str) -> bool:
    """Allow this process and its children these paths only; False where the kernel has no Landlock.

    Args:
        readable: files and directories that may be read and executed.
        usable: devices that may be read and written.
        writable: a directory where everything is allowed.
    """
    known = version()
    if not known:
        return False
    everything = (1 << _RIGHTS_OF_VERSION.get(known, 16)) - 1
    network = 3 if known >= 4 else 0  # noqa: PLR2004 - bind and connect of TCP
    scopes = 3 if known >= 6 else 0  # noqa: PLR2004 - abstract sockets, and signals to others
    rules = struct.pack("=QQQ", everything, network, scopes)[: 8 if known < 4 else 16 if known < 6 else 24]  # noqa: PLR2004
    ruleset = syscalls.call(_CREATE, ctypes.create_string_buffer(rules, len(rules)), len(rules), 0)
    for rights, paths in ((READS, readable), (READS | _WRITE, usable), (everything, [writable])):
        for path in paths:
            _allow(ruleset, path, rights & everything)
    syscalls.call(_RESTRICT, ruleset, 0)
    os.close(ruleset)
    return True


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not here need not be allowed
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= _FILE_RIGHTS
    rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, place), 12)
    syscalls.call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    os.close(place)
