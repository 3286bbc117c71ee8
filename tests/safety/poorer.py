"""Becomes a poorer machine, then runs tests there: `python poorer.py KIND USER ARGUMENTS OF PYTEST...`.

KIND is `rich` (nothing is taken away), `closed` (no user namespace can be made, as in most containers)
or `bare` (mount, umount and findmnt are not installed).  USER is a number, or `-` for whoever calls.

Where root calls and somebody else shall be, he keeps the right to read every file: the interpreter
and the clone may lie in root's home.  It is no right that a sandbox could use.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

from mountlab.kernel import syscalls

_DAC_READ_SEARCH = 1 << 2
_EVERYBODY = f"0 0 {(1 << 32) - 1}"
_ADMIN = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _close() -> None:
    """In a new user namespace with the same users, of which no other can be made."""
    me, is_root = os.getpid(), os.geteuid() == 0
    uid, gid = os.getuid(), os.getgid()
    go_read, go_write = os.pipe()
    helper = os.fork()
    if helper == 0:  # outside: who maps all users must have rights over all of them
        os.read(go_read, 1)
        Path(f"/proc/{me}/setgroups").write_text("allow" if is_root else "deny", encoding="ascii")
        Path(f"/proc/{me}/uid_map").write_text(_EVERYBODY if is_root else f"{uid} {uid} 1", encoding="ascii")
        Path(f"/proc/{me}/gid_map").write_text(_EVERYBODY if is_root else f"{gid} {gid} 1", encoding="ascii")
        os._exit(0)
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    os.write(go_write, b"x")
    os.waitpid(helper, 0)
    Path("/proc/sys/user/max_user_namespaces").write_text("0", encoding="ascii")


def _uninstall() -> None:
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    for name in ("mount", "umount", "findmnt"):
        found = shutil.which(name, path=_ADMIN)
        if found:
            syscalls.mount("/dev/null", found, None, syscalls.MS_BIND)


def _become(user: int) -> None:
    libc = ctypes.CDLL(None)
    syscalls.prctl(8, 1)  # PR_SET_KEEPCAPS
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    syscalls.set_capabilities(_DAC_READ_SEARCH, _DAC_READ_SEARCH, _DAC_READ_SEARCH)
    syscalls.prctl(syscalls.PR_CAP_AMBIENT, 2, 2)  # raise CAP_DAC_READ_SEARCH
    assert libc.getuid() == user


if __name__ == "__main__":
    kind, wanted, *rest = sys.argv[1:]
    {"rich": lambda: None, "closed": _close, "bare": _uninstall}[kind]()
    if wanted != "-":
        _become(int(wanted))
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *rest])  # noqa: S606 - in our own place
