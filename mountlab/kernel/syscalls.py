"""The raw system calls of Linux that Python's standard library does not offer, through ctypes.

Every function raises OSError with the kernel's errno, as the functions of `os` do.
Numbers differ per machine: `NUMBERS` lists the ones needed here for x86_64 and aarch64.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

MACHINE = platform.machine()

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000

MS_REMOUNT, MS_BIND, MS_MOVE, MS_REC = 32, 4096, 8192, 16384
MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED = 1 << 17, 1 << 18, 1 << 19, 1 << 20
MS_RDONLY = 1
MS_CHANGES_A_MOUNT = MS_REMOUNT | MS_BIND | MS_MOVE | MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME = 1, 4, 15
PR_SET_CHILD_SUBREAPER = 36
PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 22, 24, 38, 47

# name: (x86_64, aarch64); None where the machine has no such call.
_TABLE: dict[str, tuple[int | None, int | None]] = {
    "close": (3, 57), "dup": (32, 23), "fchdir": (81, 50), "chroot": (161, 51), "exit_group": (231, 94),
    "mkdir": (83, None), "mkdirat": (258, 34), "statx": (332, 291), "newfstatat": (262, 79),
    "capget": (125, 90), "capset": (126, 91), "openat": (257, 56), "execve": (59, 221),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "unshare": (272, 97),
    "setns": (308, 268), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438), "execveat": (322, 281),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280),
    "perf_event_open": (298, 241), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "acct": (163, 89), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266),
    "syslog": (103, 116), "quotactl": (179, 60), "quotactl_fd": (443, 443), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "iopl": (172, None), "ioperm": (173, None), "vhangup": (153, 58),
    "sethostname": (170, 161), "setdomainname": (171, 162), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "open_tree": (428, 428), "move_mount": (429, 429),
    "mount_setattr": (442, 442), "mknod": (133, None), "mknodat": (259, 33),
    "dup3": (292, 24), "close_range": (436, 436), "rt_sigaction": (13, 134), "prlimit64": (302, 261),
    "prctl": (157, 167), "setgroups": (116, 159), "socket": (41, 198), "open_tree_attr": (467, 467),
}  # fmt: skip
_COLUMN = {"x86_64": 0, "aarch64": 1}.get(MACHINE)
NUMBERS: dict[str, int] = (
    {} if _COLUMN is None else {name: nr for name, row in _TABLE.items() if (nr := row[_COLUMN]) is not None}
)

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libc.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]
_libc.ptrace.restype = ctypes.c_long
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


def _check(result: int) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _text(value: str | None) -> bytes | None:
    return None if value is None else os.fsencode(value)


def mount(
    source: str | None, target: str, fstype: str | None, flags: int = 0, data: str | None = None
) -> None:
    """mount(2)."""
    _check(_libc.mount(_text(source), _text(target), _text(fstype), flags, _text(data)))


def umount2(target: str, flags: int = 0) -> None:
    """umount2(2)."""
    _check(_libc.umount2(_text(target), flags))


def pivot_root(new_root: str, put_old: str) -> None:
    """pivot_root(2)."""
    _check(_libc.syscall(NUMBERS["pivot_root"], _text(new_root), _text(put_old)))


def unshare(flags: int) -> None:
    """unshare(2)."""
    _check(_libc.unshare(ctypes.c_int(flags)))


def setns(fd: int, flags: int) -> None:
    """setns(2); `fd` may be a namespace or a pidfd."""
    _check(_libc.setns(fd, flags))


def prctl(option: int, a: int = 0, b: int = 0, c: int = 0, d: int = 0) -> int:
    """prctl(2)."""
    return _check(_libc.prctl(option, a, b, c, d))


def prctl_pointer(option: int, a: int, pointer: ctypes.Array[ctypes.c_char]) -> None:
    """prctl(2) for options that take an address."""
    _check(_libc.prctl(option, a, ctypes.addressof(pointer), 0, 0))


def ptrace(request: int, pid: int, address: int = 0, data: int = 0) -> int:
    """ptrace(2)."""
    return _check(_libc.ptrace(request, pid, address, data))


def call(number: int, *arguments: object) -> int:
    """A system call by its number."""
    return _check(_libc.syscall(ctypes.c_long(number), *arguments))


def load_module(path: str) -> None:
    """finit_module(2)."""
    fd = os.open(path, os.O_RDONLY)
    try:
        call(NUMBERS["finit_module"], fd, b"", 0)
    finally:
        os.close(fd)


def reboot(command: int) -> None:
    """reboot(2), through the C library: the command alone."""
    _check(_libc.reboot(ctypes.c_int(command)))


_CAPABILITY_VERSION_3 = 0x20080522


def get_permitted() -> int:
    """The permitted capabilities of this process as a bit set."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    data = ctypes.create_string_buffer(24)
    _check(_libc.syscall(NUMBERS["capget"], header, data))
    words = struct.unpack("=6I", data.raw)
    return int(words[1] | words[4] << 32)


def set_capabilities(effective: int, permitted: int, inheritable: int = 0) -> None:
    """capset(2) with bit sets of 64 bits."""
    _check(_libc.syscall(NUMBERS["capset"], *capability_sets(effective, permitted, inheritable)))


def capability_sets(effective: int, permitted: int, inheritable: int) -> tuple[bytes, bytes]:
    """What capset(2) is given: who (the caller), and the sets."""
    low = 0xFFFFFFFF
    sets = (effective, permitted, inheritable)
    data = struct.pack("=6I", *(s & low for s in sets), *(s >> 32 for s in sets))
    return struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), data


def poke(pid: int, address: int, word: bytes) -> None:
    """Write one word into the memory of a traced process."""
    ptrace(5, pid, address, struct.unpack("=Q", word)[0])


def peek(pid: int, address: int) -> bytes:
    """One word of the memory of a traced process."""
    ctypes.set_errno(0)
    word = _libc.ptrace(2, pid, address, 0)
    if word == -1 and ctypes.get_errno():
        _check(-1)
    return struct.pack("=q", word)


def namespace_id(fd: int) -> int:
    """The number of a mount namespace that is never used again; its inode on older kernels."""
    number = ctypes.c_uint64()
    if _libc.ioctl(fd, ctypes.c_ulong(0x8008B705), ctypes.byref(number)) == 0:  # NS_GET_MNTNS_ID
        return int(number.value)
    return os.fstat(fd).st_ino
