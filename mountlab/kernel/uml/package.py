"""Is user-mode Linux on this machine, and which version?"""

from __future__ import annotations

import functools
import os
import platform
import shutil
import subprocess

from mountlab.kernel.stage import SetupError

INSTALL = "sudo apt-get install user-mode-linux"
MODULES = "/usr/lib/uml/modules"


@functools.lru_cache(maxsize=1)
def program() -> str:
    """The path of the kernel.

    Raises:
        SetupError: where there is none, with what would change it.
    """
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        machine = f"{platform.system()} on {platform.machine() or 'another processor'}"
        raise SetupError(f"user-mode Linux runs on Linux on x86-64 only, and this is {machine}")
    found = shutil.which("linux.uml")
    if found is None:
        raise SetupError(f"user-mode Linux (linux.uml) is not installed; on Debian and Ubuntu: {INSTALL}")
    return os.path.realpath(found)


@functools.lru_cache(maxsize=1)
def release() -> str:
    """Such as ``6.1.176``; empty where it does not run.

    Raises:
        SetupError: where there is none.
    """
    try:
        words = [program(), "--version"]
        said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.strip()


def module(name: str) -> str | None:
    """The file of a kernel module, such as ``fs/overlayfs/overlay.ko``; None where the package lacks it."""
    path = f"{MODULES}/{release()}/kernel/{name}"
    return path if os.path.exists(path) else None
