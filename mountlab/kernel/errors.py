"""Finds the kernel's error in what a program printed about it."""

from __future__ import annotations

import errno
import os

_NAMES = {os.strerror(number): name for number, name in errno.errorcode.items()}


def errno_in(stderr: str) -> str | None:
    """The errno whose words end the first line that names one, such as EBUSY."""
    for line in stderr.splitlines():
        name = _NAMES.get(line.rpartition(": ")[2].rstrip("."))
        if name:
            return name
    return None
