"""The one command that would let a sandbox be made here, where this computer's settings forbid it."""

from __future__ import annotations

from pathlib import Path

_SWITCHES = (
    ("user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
    ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
)
"""A file of /proc/sys, the value that forbids, and what allows: user_namespaces(7) for the first;
the others are patches of Debian, and of Ubuntu (since 23.10)."""


def on_user_namespaces(sysctl: Path = Path("/proc/sys")) -> str:
    """Why user namespaces are refused, and the command that changes it."""
    for name, forbids, allows in _SWITCHES:
        try:
            value = (sysctl / name).read_text(encoding="utf-8").strip()
        except OSError:
            continue
        if value == forbids:
            return f"user namespaces are switched off here; `sudo sysctl {allows}` allows them"
    return (
        "user namespaces are forbidden here, as in most containers;"
        " in one that docker starts, `--security-opt seccomp=unconfined` allows them"
    )


def on_ptrace(sysctl: Path = Path("/proc/sys")) -> str:
    """Why no process may be traced, and the command that changes it: Linux 6.18, security/yama/yama_lsm.c."""
    try:
        scope = (sysctl / "kernel/yama/ptrace_scope").read_text(encoding="utf-8").strip()
    except OSError:
        scope = ""
    if scope == "2":
        return "only root may trace here; `sudo sysctl kernel.yama.ptrace_scope=1` allows it"
    if scope == "3":
        return "kernel.yama.ptrace_scope is 3, which holds until this computer is started anew"
    return (
        "a container's filter of system calls may be in the way;"
        " in one that docker starts, `--cap-add SYS_PTRACE` allows ptrace(2)"
    )
