"""The capabilities that the sandbox's root keeps; all others are dropped for good."""

from __future__ import annotations

from mountlab.kernel import syscalls
from mountlab.kernel.launch import Launch

_NAMES = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE"
    " NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT"
    " SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE"
    " AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ"
    " PERFMON BPF CHECKPOINT_RESTORE"
).split()
KEPT = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID"
    " SYS_CHROOT SYS_PTRACE SYS_ADMIN SETFCAP SETPCAP"
).split()
"""SYS_ADMIN mounts and unshares, SYS_CHROOT changes roots, SYS_PTRACE opens the namespaces of other
shells, SETFCAP lets `unshare -r` map root, SETPCAP takes SYS_ADMIN from a container; the others are
root's rights over files."""

_AMBIENT_RAISE, _AMBIENT_CLEAR = 2, 4
SYS_CHROOT = 1 << _NAMES.index("SYS_CHROOT")
_KEPT_BITS = sum(1 << _NAMES.index(name) for name in KEPT)


def drop_others() -> None:
    """Drop what is not kept from this process and from all it will ever execute."""
    for number, name in enumerate(_NAMES):
        if name not in KEPT:
            try:
                syscalls.prctl(syscalls.PR_CAPBSET_DROP, number)
            except OSError:
                break  # an older kernel does not know the last ones
    kept = syscalls.get_permitted() & _KEPT_BITS
    syscalls.set_capabilities(kept, kept)


def drop_administration() -> None:
    """Give up SYS_ADMIN for good, as a container does that is not privileged."""
    number = _NAMES.index("SYS_ADMIN")
    syscalls.prctl(syscalls.PR_CAPBSET_DROP, number)
    left = syscalls.get_permitted() & ~(1 << number)
    syscalls.set_capabilities(left, left)


def use_all() -> None:
    """Make every permitted capability effective."""
    permitted = syscalls.get_permitted()
    syscalls.set_capabilities(permitted, permitted)


def suspend() -> None:
    """Act without capabilities, as an unmapped user's shell does, but keep the right to come back."""
    syscalls.set_capabilities(0, syscalls.get_permitted())


def hand_chroot_to_program(launch: Launch) -> None:
    """Let a program keep CAP_SYS_CHROOT although its user is not root."""
    permitted = syscalls.get_permitted()
    launch.call("capset", *syscalls.capability_sets(permitted, permitted, SYS_CHROOT))
    launch.call("prctl", syscalls.PR_CAP_AMBIENT, _AMBIENT_RAISE, _NAMES.index("SYS_CHROOT"), 0, 0)
