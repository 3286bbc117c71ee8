"""Which file system types may be mounted in the sandbox, and what the others answer.

The kernel is not even asked about the others.  It would refuse most of them (the sandbox's root
has no capability outside), but it would load a module for a name it does not know.
"""

from __future__ import annotations

import errno
import os

ALLOWED = ("tmpfs", "ramfs", "proc", "overlay")


class FilesystemTypes:
    """The types this kernel knows, as /proc/filesystems has them."""

    def __init__(self, listing: str) -> None:
        rows = [line.split("\t") for line in listing.splitlines() if "\t" in line]
        self._without_device = {name for nodev, name in rows if nodev}
        self._on_devices = {name for nodev, name in rows if not nodev}

    def refusal(self, fstype: str, source: str, target: str) -> int:
        """0 for what the kernel may decide, else the errno of a machine without that device or right."""
        if fstype in ALLOWED or not os.path.exists(target):
            return 0  # a missing mountpoint is what the kernel looks at first
        if fstype in self._without_device:
            return errno.EPERM
        if fstype in self._on_devices:
            return errno.ENOTBLK if os.path.lexists(source) else errno.ENOENT
        return errno.ENODEV


def explanation(fstype: str) -> str:
    """What a person is told about a type that the kernel has and the sandbox refuses."""
    return f"file system type {fstype} is not allowed in the sandbox; {', '.join(ALLOWED)} are"
