"""The tiny shared object through which a program enters the shell's root just before its main().

A program of a terminal is started with the root directory at the tools (so that the
dynamic linker finds program and libraries there, whatever the shell's own root holds), with
this object preloaded.  Its initialiser goes back to the shell's root and working directory,
which stand ready as two file descriptors, closes both and returns; main() then sees exactly
what the shell sees.  There is no compiler on a learner's machine, so the ELF file is written
byte by byte; the assembly stands beside the machine code.
"""

from __future__ import annotations

import struct

from mountlab.kernel.syscalls import MACHINE, NUMBERS

ROOT_FD, CWD_FD = 60, 61
"""Where the child leaves the shell's root and working directory for the initialiser."""
_PAGE = 0x10000  # the largest page size of both machines
_CODE_AT = 0x200


def shared_object(drop_capabilities: bool) -> bytes:
    """The ELF file; with `drop_capabilities` main() starts without any (an unmapped user)."""
    code = _CODE[MACHINE](drop_capabilities)
    dynamic_at = _PAGE
    strings_at = dynamic_at + 8 * 16
    dynamic = b"".join(
        struct.pack("<QQ", tag, value)
        for tag, value in (
            (12, _CODE_AT),  # DT_INIT
            (5, strings_at),  # DT_STRTAB
            (10, 1),  # DT_STRSZ
            (6, strings_at),  # DT_SYMTAB: none is ever looked up, there is no hash table
            (11, 24),  # DT_SYMENT
            (0, 0),  # DT_NULL
        )
    ).ljust(8 * 16, b"\0")
    machine = {"x86_64": 62, "aarch64": 183}[MACHINE]
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 4, 0, 0, 0
    )
    code_end = _CODE_AT + len(code)
    segments = (
        (1, 5, 0, code_end, _PAGE),  # PT_LOAD r-x
        (1, 6, dynamic_at, len(dynamic) + 64, _PAGE),  # PT_LOAD rw-
        (2, 6, dynamic_at, len(dynamic), 8),  # PT_DYNAMIC
        (0x6474E551, 6, 0, 0, 16),  # PT_GNU_STACK: no executable stack
    )
    table = b"".join(
        struct.pack("<IIQQQQQQ", kind, flags, at, at, at, size, size, align)
        for kind, flags, at, size, align in segments
    )
    image = (header + table).ljust(_CODE_AT, b"\0") + code
    return image.ljust(dynamic_at, b"\0") + dynamic + bytes(64)


_NO_CAPABILITIES = struct.pack("<Ii", 0x20080522, 0) + bytes(24)  # capset header, then three empty sets


def _x86_64(drop_capabilities: bool) -> bytes:
    def mov_edi(value: int) -> bytes:
        return b"\xbf" + struct.pack("<I", value)  # mov edi, value

    def call(name: str) -> bytes:
        return b"\xb8" + struct.pack("<I", NUMBERS[name]) + b"\x0f\x05"  # mov eax, number; syscall

    must = b"\x48\x85\xc0\x0f\x88"  # test rax, rax; js fail
    lea_rdi, lea_rsi = b"\x48\x8d\x3d", b"\x48\x8d\x35"  # lea rdi/rsi, [rip+offset]
    steps: list[bytes | tuple[bytes, str]] = [mov_edi(ROOT_FD), call("fchdir"), (must, "fail")]
    steps += [(lea_rdi, "dot"), call("chroot"), (must, "fail")]
    steps += [mov_edi(CWD_FD), call("fchdir"), (must, "fail")]
    steps += [mov_edi(ROOT_FD), call("close"), mov_edi(CWD_FD), call("close")]
    if drop_capabilities:
        steps += [(lea_rdi, "header"), (lea_rsi, "sets"), call("capset"), (must, "fail")]
    steps += [b"\xc3"]  # ret
    tail = mov_edi(126) + call("exit_group")  # fail: exit_group(126)
    size = sum(len(s) if isinstance(s, bytes) else len(s[0]) + 4 for s in steps)
    dot = size + len(tail)
    labels = {"fail": size, "dot": dot, "header": dot + 2, "sets": dot + 10}
    code = b""
    for step in steps:
        if isinstance(step, bytes):
            code += step
        else:
            code += step[0] + struct.pack("<i", labels[step[1]] - (len(code) + len(step[0]) + 4))
    return code + tail + b".\0" + _NO_CAPABILITIES


def _aarch64(drop_capabilities: bool) -> bytes:
    def mov(register: int, value: int) -> int:
        return 0x52800000 | value << 5 | register  # movz wN, #value

    def call(name: str) -> list[int]:
        return [mov(8, NUMBERS[name]), 0xD4000001]  # movz w8, #number; svc #0

    steps: list[int | tuple[str, str]] = [mov(0, ROOT_FD), *call("fchdir"), ("tbnz", "fail")]
    steps += [("adr0", "dot"), *call("chroot"), ("tbnz", "fail")]
    steps += [mov(0, CWD_FD), *call("fchdir"), ("tbnz", "fail")]
    steps += [mov(0, ROOT_FD), *call("close"), mov(0, CWD_FD), *call("close")]
    if drop_capabilities:
        steps += [("adr0", "header"), ("adr1", "sets"), *call("capset"), ("tbnz", "fail")]
    steps += [0xD65F03C0]  # ret
    tail = [mov(0, 126), *call("exit_group")]  # fail: exit_group(126)
    end = 4 * (len(steps) + len(tail))
    labels = {"fail": 4 * len(steps), "dot": end, "header": end + 4, "sets": end + 12}
    words: list[int] = []
    for step in steps:
        if isinstance(step, int):
            words.append(step)
            continue
        distance = labels[step[1]] - 4 * len(words)
        if step[0] == "tbnz":
            words.append(0xB7F80000 | (distance // 4 & 0x3FFF) << 5)  # tbnz x0, #63, fail
        else:
            register = int(step[0][3])
            words.append(0x10000000 | (distance & 3) << 29 | (distance >> 2 & 0x7FFFF) << 5 | register)
    code = b"".join(struct.pack("<I", word) for word in words + tail)
    return code + b".\0\0\0" + _NO_CAPABILITIES


_CODE = {"x86_64": _x86_64, "aarch64": _aarch64}
