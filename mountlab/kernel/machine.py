"""A fresh machine: the initial mount namespace, and process 1 that keeps it alive.

The bottom of a mount namespace that a user namespace inherits is locked, and a locked `/`
would answer EINVAL where a real machine's `/` can be unmounted lazily or pivoted away.  So the
locked place is taken by an empty tmpfs, and the machine's `/` is mounted on top of it, unlocked:
just as a real `/` lies on the empty rootfs that the kernel started with.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time

from mountlab.kernel import syscalls
from mountlab.kernel.syscalls import MNT_DETACH, MS_MOVE, MS_REC, MS_SHARED
from mountlab.kernel.tables import FLOOR

DIRECTORIES = "bin dev etc home mnt proc root run tmp usr var".split()
FIXTURE = "/fixture"
"""The machine's /proc stays mounted here in the supervisor's namespace.  Otherwise its device number
would be given to the next filesystem once the learner has unmounted the last of it, and that one
would be taken for the fixture, whose rows are left out of tables."""
INITS = ("bare", "systemd", "docker-1.10", "k3d", "wsl2")
_PRIVATE = ("bare", "wsl2")


def build(init: str) -> None:
    """Make this process the first of a new machine: own mount namespace, own root."""
    syscalls.mount("proc", FIXTURE, "proc")
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount(FLOOR, "/new", "tmpfs", 0, "mode=755")
    os.mkdir("/new/root")
    os.mkdir("/new/old")
    syscalls.mount("root", "/new/root", "tmpfs")
    os.chmod("/new/root", 0o755)  # an option mode=755 would show in the table
    for name in DIRECTORIES:
        os.mkdir("/new/root/" + name, 0o755)
    os.chmod("/new/root/tmp", 0o1777)
    syscalls.mount(FIXTURE, "/new/root/proc", None, MS_MOVE)
    syscalls.pivot_root("/new", "/new/old")
    os.chdir("/")
    syscalls.umount2("/old", MNT_DETACH)
    os.rmdir("/old")
    root = os.open("/root", os.O_PATH)
    syscalls.mount("/root", "/", None, MS_MOVE)
    os.rmdir("/root")  # still the hidden one: `/` is where this process's root is
    enter(root, root)
    os.close(root)
    if init not in _PRIVATE:
        syscalls.mount(None, "/", None, MS_SHARED | MS_REC)


def enter(root: int, cwd: int) -> None:
    """Take over a root and a working directory, given as descriptors."""
    os.fchdir(root)
    os.chroot(".")
    os.fchdir(cwd)


def rename_process(name: str, proc: int) -> None:
    """Show as `name` in lists of processes; `proc` is a descriptor of a /proc."""
    title = ctypes.create_string_buffer(name.encode("ascii")[:15], 16)
    syscalls.prctl_pointer(syscalls.PR_SET_NAME, ctypes.addressof(title), title)
    fd = os.open("self/stat", os.O_RDONLY, dir_fd=proc)
    fields = os.read(fd, 4096).rsplit(b")", 1)[1].split()
    os.close(fd)
    start, end = int(fields[45]), int(fields[46])
    # A last byte that is not NUL tells the kernel that the title ends at the first NUL.
    text = (name.encode("ascii") + b"\0")[: end - start]
    ctypes.memmove(start, text, len(text))
    ctypes.memset(end - 1, ord("x"), 1)


def sleep_forever() -> None:
    """What process 1 does; the kernel reaps for whoever ignores SIGCHLD."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        time.sleep(1e6)
