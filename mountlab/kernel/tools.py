"""Finds the programs that a terminal brings along, with the libraries they need."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess

PROGRAMS = (
    "mount umount findmnt lsns pivot_root unshare nsenter chroot ls mkdir rmdir touch rm cat stat tee sed"
    " mv cp ln readlink mountpoint pwd"
).split()
NEEDED = "mount umount findmnt".split()
_ADMIN = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LIBRARY = re.compile(r"^\s+(?:(\S+) => )?(/\S+) \(0x")


class ToolsError(Exception):
    """The programs cannot be brought along; the message says why."""


@functools.lru_cache(maxsize=1)
def inventory() -> list[tuple[str, str]]:
    """Pairs of a file of this machine and its place among the tools.

    Raises:
        ToolsError: when mount(8) and its like are not installed, or are not built with glibc.
    """
    programs = {name: path for name in PROGRAMS if (path := shutil.which(name, path=_ADMIN))}
    missing = [name for name in NEEDED if name not in programs]
    if missing:
        raise ToolsError(
            f"{', '.join(missing)} not found in {_ADMIN}; `sudo apt-get install util-linux` brings them"
        )
    linker, needed = libraries(list(programs.values()))
    pairs = [(os.path.realpath(path), f"bin/{name}") for name, path in programs.items()]
    pairs += [(os.path.realpath(path), f"lib/{name}") for name, path in needed.items()]
    return [*pairs, *_locale(), (os.path.realpath(linker), "ld.so")]


def _locale() -> list[tuple[str, str]]:
    """The files of C.UTF-8; without them the programs speak ASCII."""
    top = "/usr/lib/locale/C.utf8"
    return [
        (f"{directory}/{name}", f"locale/C.utf8{directory.removeprefix(top)}/{name}")
        for directory, _, names in os.walk(top)
        for name in names
    ]


def libraries(programs: list[str]) -> tuple[str, dict[str, str]]:
    """The dynamic linker and, by name, every library the programs load."""
    try:
        said = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False)
    except OSError as error:
        raise ToolsError(f"ldd cannot be run ({error.strerror}); it comes with glibc") from error
    linker, found = "", {}
    for line in said.stdout.splitlines():
        match = _LIBRARY.match(line)
        if match and match[1]:
            found[match[1]] = match[2]
        elif match:
            linker = match[2]
    if not os.path.basename(linker).startswith("ld-linux"):
        raise ToolsError("the programs of this machine are not linked with glibc's dynamic linker")
    return linker, found


def util_linux_version() -> str:
    """Such as ``2.38.1``; empty where mount(8) is missing."""
    program = shutil.which("mount", path=_ADMIN)
    if program is None:
        return ""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"util-linux (\S+)", said)
    return match[1] if match else ""
