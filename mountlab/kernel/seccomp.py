"""Filters of system calls, written as BPF programs: what the sandbox refuses, what a tracer sees."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterable

from mountlab.kernel import syscalls
from mountlab.kernel.launch import Launch
from mountlab.kernel.syscalls import MACHINE, NUMBERS

_ALLOW, _TRACE, _ERRNO = 0x7FFF0000, 0x7FF00000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

REFUSED = (
    "keyctl add_key request_key bpf perf_event_open kexec_load kexec_file_load init_module finit_module"
    " delete_module reboot swapon swapoff open_by_handle_at name_to_handle_at acct settimeofday"
    " clock_settime adjtimex clock_adjtime syslog quotactl quotactl_fd userfaultfd io_uring_setup iopl"
    " ioperm vhangup sethostname setdomainname process_vm_readv process_vm_writev pidfd_getfd socket"
).split()
"""Refused with EPERM in every process of the sandbox: nothing here has business with them.
A socket's family may be older than network namespaces: AF_VSOCK talks to the computer around a virtual
machine, AF_ALG loads modules."""

ABSENT = "fsopen fsconfig fsmount fspick open_tree open_tree_attr move_mount mount_setattr".split()
"""The newer mount interface answers ENOSYS: libmount then falls back to mount(2), whose
file system type the tracer can check and whose behaviour is the modelled one."""


def _instruction(code: int, true: int, false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)


def _return(action: int) -> bytes:
    return _instruction(0x06, 0, 0, action)


def program(actions: Iterable[tuple[str, int]]) -> bytes:
    """A BPF program that takes the action of a named system call and allows the others."""
    code = [_instruction(0x20, 0, 0, 4), _instruction(0x15, 1, 0, _ARCHITECTURE[MACHINE])]
    code += [_return(_ERRNO | _ENOSYS), _instruction(0x20, 0, 0, 0)]
    if MACHINE == "x86_64":  # the x32 numbers would be a way around the list
        code += [_instruction(0x35, 0, 1, 0x40000000), _return(_ERRNO | _ENOSYS)]
    for name, action in actions:
        if name in NUMBERS:
            code += [_instruction(0x15, 0, 1, NUMBERS[name]), _return(action)]
    return b"".join(code) + _return(_ALLOW)


def for_sandbox() -> bytes:
    """What every process of the sandbox is held to."""
    refused = [(name, _ERRNO | _EPERM) for name in REFUSED]
    return program(refused + [(name, _ERRNO | _ENOSYS) for name in ABSENT])


def for_program(traced: Iterable[str]) -> bytes:
    """What a program of a terminal is held to: some calls stop for the tracer, none may trace."""
    return program([(name, _TRACE) for name in traced] + [("ptrace", _ERRNO | _EPERM)])


def install(code: bytes) -> None:
    """Put the filter on this process and all its descendants, for good."""
    buffer = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)), 16)
    syscalls.prctl_pointer(syscalls.PR_SET_SECCOMP, 2, header)


def install_at_launch(launch: Launch, code: bytes) -> None:
    """Let a child do the same."""
    header = struct.pack("@HP", len(code) // 8, launch.place(code))
    launch.call("prctl", syscalls.PR_SET_SECCOMP, 2, header, 0, 0)
