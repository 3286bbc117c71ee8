"""Starts a program by vfork(2): between fork and exec the child works off a list of system calls.

A fork of this Python copies the tables of its pages, and then each page as it is touched.  In a guest of
user-mode Linux that was two thirds of a command: there every fault of a page is three rounds of ptrace(2)
on the host, a tenth of a millisecond.  After vfork(2) the child borrows the memory of its parent, which waits
until the child executes a program or ends.  So nothing may run in it but the instructions below.  In words:

    pid = vfork(); in the parent: return pid
    for each row of the list: make the system call, write its result into the row; at an error exit_group(126)
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import struct
from collections.abc import Sequence

from mountlab.kernel.syscalls import MACHINE, NUMBERS

FAILED = 126
"""The exit status of a child that never became the program, as a shell has it."""
_ROW = struct.Struct("=8q")
"""The number of a call, its arguments, its result."""
_HERE = -100
"""AT_FDCWD: a path is looked up from the working directory, as ever."""
_READ, _EXECUTE, _PRIVATE = 1, 4, 2
_CODE = {
    "x86_64": bytes.fromhex(
        "53"  # push rbx
        "4889fb"  # mov rbx, rdi
        "b83a000000 0f05"  # mov eax, 58 (vfork); syscall
        "4885c0 7536"  # test rax, rax; jnz parent
        "488b03"  # next: mov rax, [rbx]
        "488b7b08 488b7310 488b5318"  # mov rdi, [rbx+8]; mov rsi, [rbx+16]; mov rdx, [rbx+24]
        "4c8b5320 4c8b4328 4c8b4b30"  # mov r10, [rbx+32]; mov r8, [rbx+40]; mov r9, [rbx+48]
        "0f05"  # syscall
        "48894338 4883c340"  # mov [rbx+56], rax; add rbx, 64
        "4885c0 79d6"  # test rax, rax; jns next
        "bf7e000000 b8e7000000 0f05"  # mov edi, 126; mov eax, 231 (exit_group); syscall
        "5b c3"  # parent: pop rbx; ret
    ),
    "aarch64": struct.pack(
        "<23I",
        0xA9BF7BF3,  # stp x19, x30, [sp, #-16]!
        0xAA0003F3,  # mov x19, x0
        0xD2882220,  # mov x0, #0x4111 (CLONE_VFORK, CLONE_VM, SIGCHLD)
        *(0xD2800001, 0xD2800002, 0xD2800003, 0xD2800004),  # mov x1 … x4, #0
        *(0xD2801B88, 0xD4000001),  # mov x8, #220 (clone); svc #0
        0xB5000180,  # cbnz x0, parent
        *(0xF9400268, 0xA9408660, 0xA9418E62, 0xA9429664),  # next: ldr x8, [x19]; ldp x0 … x5, [x19, #8 …]
        0xD4000001,  # svc #0
        *(0xF9001E60, 0x91010273),  # str x0, [x19, #56]; add x19, x19, #64
        0xB6FFFF20,  # tbz x0, #63, next
        *(0xD2800FC0, 0xD2800BC8, 0xD4000001),  # mov x0, #126; mov x8, #94 (exit_group); svc #0
        *(0xA8C17BF3, 0xD65F03C0),  # parent: ldp x19, x30, [sp], #16; ret
    ),
}
"""By machine."""


@functools.lru_cache(maxsize=1)
def _launcher() -> ctypes._CFunctionType:
    """The code above, in this process."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    code = os.memfd_create("launcher", os.MFD_CLOEXEC)
    os.write(code, _CODE[MACHINE])
    address = libc.mmap(None, len(_CODE[MACHINE]), _READ | _EXECUTE, _PRIVATE, code, 0)
    os.close(code)
    if address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p)(address)


class Launch:
    """The system calls of a child, the last of which executes a program."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, ...]] = []
        self._kept: list[ctypes.Array[ctypes.c_char]] = []
        """What the calls point to."""
        self._list = ctypes.create_string_buffer(0)

    def call(self, name: str, *args: int | bytes) -> None:
        """Add a call; bytes are handed over by their address."""
        numbers = [arg if isinstance(arg, int) else self.place(arg) for arg in args]
        self._rows.append((NUMBERS[name], *numbers, *[0] * (6 - len(numbers)), 0))

    def place(self, data: bytes) -> int:
        """The address at which these bytes are while the child is launched."""
        self._kept.append(ctypes.create_string_buffer(data, max(len(data), 1)))
        return ctypes.addressof(self._kept[-1])

    def execute(self, path: str, argv: Sequence[str], environment: dict[str, str]) -> None:
        """Add the last call: execveat(2), for a tracer may want to see the program's own execve(2)."""
        settings = [f"{name}={value}" for name, value in environment.items()]
        pointers = [
            b"".join(struct.pack("=Q", self.place(os.fsencode(word) + b"\0")) for word in words) + bytes(8)
            for words in (argv, settings)
        ]
        self.call("execveat", _HERE, os.fsencode(path) + b"\0", *pointers, 0)

    def go(self) -> int:
        """Launch the child; its process id."""
        text = b"".join(_ROW.pack(*row) for row in self._rows)
        self._list = ctypes.create_string_buffer(text, len(text))
        pid = int(_launcher()(ctypes.addressof(self._list)))
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        return pid

    def failure(self) -> tuple[int, str]:
        """Why the child ended with `FAILED`: the error's number and text."""
        results = [row[-1] for row in _ROW.iter_unpack(self._list.raw)]
        number = next((-result for result in results if result < 0), errno.EIO)
        return number, os.strerror(number)
