"""ptrace(2) of one program: see its system calls, answer one in the kernel's place."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import NamedTuple

from mountlab.kernel import syscalls
from mountlab.kernel.launch import Launch
from mountlab.kernel.syscalls import MACHINE, NUMBERS

TRACE_ME, _PEEK, _CONT, _SYSCALL = 0, 2, 7, 24
_GETREGS, _SETREGS = 12, 13
_SETOPTIONS, _GETREGSET, _SETREGSET, _GET_SYSCALL_INFO = 0x4200, 0x4204, 0x4205, 0x420E
_OPTIONS = 0x1 | 0x2 | 0x10 | 0x80 | 0x100000
"""Mark system call stops; trace forked children too; exec; seccomp; kill if the tracer dies."""
_NT_PRSTATUS, _NT_ARM_SYSTEM_CALL = 1, 0x404
WAIT_ALL = 0x40000000
EVENT_SECCOMP, EVENT_EXEC = 7, 4
_REGISTERS = 27
_RAX, _ORIG_RAX, _RDI = 10, 15, 14
_ARGUMENTS = (_RDI, 13, 12, 7, 9, 8)
"""Places in x86-64's struct user_regs_struct (sys/user.h): rdi, rsi, rdx, r10, r8, r9.

User-mode Linux knows neither PTRACE_GETREGSET nor PTRACE_GET_SYSCALL_INFO (Linux 6.1, arch/um), so on x86-64
all is read from the registers.
"""
_NAMES = {number: name for name, number in NUMBERS.items()}


class SystemCall(NamedTuple):
    """A system call that is about to be made."""

    name: str
    args: tuple[int, ...]


def check() -> None:
    """Whether a process may be traced here.

    Raises:
        OSError: when it may not.
    """
    launch = Launch()
    launch.call("ptrace", TRACE_ME, 0, 0, 0)
    launch.call("exit_group", 0)
    if os.waitpid(launch.go(), 0)[1]:
        raise OSError(*launch.failure())


class Tracee:
    """A stopped child that has asked to be traced."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        syscalls.ptrace(_SETOPTIONS, pid, 0, _OPTIONS)

    def go(self, signal: int = 0, *, to_exit: bool = False) -> None:
        """Let it run on; with `to_exit` it stops again when the system call returns."""
        syscalls.ptrace(_SYSCALL if to_exit else _CONT, self.pid, 0, signal)

    def call(self) -> SystemCall:
        """The system call before which it stands."""
        if MACHINE == "x86_64":
            registers = self._registers()
            number, *args = (registers[place] for place in (_ORIG_RAX, *_ARGUMENTS))
        else:
            number, *args = struct.unpack_from("=7Q", self._info(), 24)
        return SystemCall(_NAMES.get(number, str(number)), tuple(args))

    def result(self) -> int:
        """What the system call that just ended returned; an error is negative."""
        if MACHINE == "x86_64":
            return int.from_bytes(self._registers()[_RAX].to_bytes(8, "little"), "little", signed=True)
        return int(struct.unpack_from("=q", self._info(), 24)[0])

    def _info(self) -> bytes:
        buffer = ctypes.create_string_buffer(96)
        syscalls.ptrace(_GET_SYSCALL_INFO, self.pid, 96, ctypes.addressof(buffer))
        return buffer.raw

    def text(self, address: int, longest: int = 4096) -> str:
        """The string at an address of its memory."""
        data = b""
        while b"\0" not in data and len(data) < longest:
            data += self.word(address + len(data))
        return os.fsdecode(data.split(b"\0", 1)[0])

    def word(self, address: int) -> bytes:
        """Eight bytes of its memory."""
        return syscalls.peek(self.pid, address)

    def set_word(self, address: int, word: bytes) -> None:
        """Overwrite eight bytes of its memory."""
        syscalls.poke(self.pid, address, word)

    def answer(self, number: int) -> None:
        """Answer the system call with this error number (0: success) without making it."""
        if MACHINE == "x86_64":
            self._set_registers({_ORIG_RAX: -1, _RAX: -number})
        else:
            self._set_first_register(-number)
            self._arm_system_call(-1)

    def make_it_dup(self, fd: int) -> None:
        """Put dup(fd) in the place of the system call."""
        if MACHINE == "x86_64":
            self._set_registers({_ORIG_RAX: NUMBERS["dup"], _RDI: fd})
        else:
            self._set_first_register(fd)
            self._arm_system_call(NUMBERS["dup"])

    def _registers(self) -> tuple[int, ...]:
        buffer = ctypes.create_string_buffer(8 * _REGISTERS)
        syscalls.ptrace(_GETREGS, self.pid, 0, ctypes.addressof(buffer))
        return struct.unpack(f"={_REGISTERS}Q", buffer.raw)

    def _set_registers(self, changes: dict[int, int]) -> None:
        registers = list(self._registers())
        for place, value in changes.items():
            registers[place] = value & (1 << 64) - 1
        buffer = ctypes.create_string_buffer(struct.pack(f"={_REGISTERS}Q", *registers))
        syscalls.ptrace(_SETREGS, self.pid, 0, ctypes.addressof(buffer))

    def _set_first_register(self, value: int) -> None:
        buffer = ctypes.create_string_buffer(512)
        vector = ctypes.create_string_buffer(struct.pack("@PN", ctypes.addressof(buffer), 512), 16)
        syscalls.ptrace(_GETREGSET, self.pid, _NT_PRSTATUS, ctypes.addressof(vector))
        struct.pack_into("=q", buffer, 0, value)
        syscalls.ptrace(_SETREGSET, self.pid, _NT_PRSTATUS, ctypes.addressof(vector))

    def _arm_system_call(self, number: int) -> None:
        buffer = ctypes.create_string_buffer(struct.pack("=i", number), 4)
        vector = ctypes.create_string_buffer(struct.pack("@PN", ctypes.addressof(buffer), 4), 16)
        syscalls.ptrace(_SETREGSET, self.pid, _NT_ARM_SYSTEM_CALL, ctypes.addressof(vector))
