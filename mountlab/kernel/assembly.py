"""Machine code of the initialiser in entry.py, for x86_64 and aarch64.

In words, for both machines:

    setlocale(LC_ALL, "")    while the locale's files can be reached; it stays loaded
    setlocale(LC_ALL, "C")   as a program expects to start
    fchdir(root); chroot("."); fchdir(cwd); close(root); close(cwd)
    capset(none)             only for the shell of an unmapped user
    return                   or exit_group(126) when a call failed
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from mountlab.kernel.syscalls import NUMBERS

_LC_ALL = 6
_DATA = (
    ("empty", b"\0\0\0\0"),
    ("c", b"C\0\0\0"),
    ("dot", b".\0\0\0"),
    ("header", struct.pack("<Ii", 0x20080522, 0)),  # of capset: version 3, this process
    ("sets", bytes(24)),
)

Step = bytes | tuple[str, str]
"""Machine code, or an instruction that refers to a label."""


def _labels(code_size: int, **others: int) -> dict[str, int]:
    """Where the data stand behind the code."""
    labels = dict(others)
    for name, data in _DATA:
        labels[name] = code_size
        code_size += len(data)
    return labels


def _x86_64(setlocale: int, root: int, cwd: int, drop_capabilities: bool) -> bytes:
    forms = {
        "lea rdi": b"\x48\x8d\x3d",  # lea rdi, [rip+label]
        "lea rsi": b"\x48\x8d\x35",  # lea rsi, [rip+label]
        "call": b"\xff\x15",  # call [rip+label]
        "js": b"\x48\x85\xc0\x0f\x88",  # test rax, rax; js label
    }

    def edi(value: int) -> bytes:
        return b"\xbf" + struct.pack("<I", value)  # mov edi, value

    def kernel(name: str) -> bytes:
        return b"\xb8" + struct.pack("<I", NUMBERS[name]) + b"\x0f\x05"  # mov eax, number; syscall

    steps: list[Step] = [b"\x48\x83\xec\x08"]  # sub rsp, 8: calls want an aligned stack
    for text in ("empty", "c"):
        steps += [edi(_LC_ALL), ("lea rsi", text), ("call", "setlocale")]
    steps += [edi(root), kernel("fchdir"), ("js", "fail")]
    steps += [("lea rdi", "dot"), kernel("chroot"), ("js", "fail")]
    steps += [edi(cwd), kernel("fchdir"), ("js", "fail")]
    steps += [edi(root), kernel("close"), edi(cwd), kernel("close")]
    if drop_capabilities:
        steps += [("lea rdi", "header"), ("lea rsi", "sets"), kernel("capset"), ("js", "fail")]
    steps += [b"\x48\x83\xc4\x08\xc3"]  # add rsp, 8; ret
    tail = edi(126) + kernel("exit_group")  # fail:
    size = sum(len(step) if isinstance(step, bytes) else len(forms[step[0]]) + 4 for step in steps)
    labels = _labels(size + len(tail), fail=size, setlocale=setlocale)
    code = b""
    for step in steps:
        if isinstance(step, bytes):
            code += step
        else:
            code += forms[step[0]]
            code += struct.pack("<i", labels[step[1]] - (len(code) + 4))
    return code + tail + b"".join(data for _, data in _DATA)


def _word(*words: int) -> bytes:
    return struct.pack(f"<{len(words)}I", *words)


def _aarch64(setlocale: int, root: int, cwd: int, drop_capabilities: bool) -> bytes:
    def mov(register: int, value: int) -> bytes:
        return _word(0x52800000 | value << 5 | register)  # movz wN, #value

    def kernel(name: str) -> bytes:
        return mov(8, NUMBERS[name]) + _word(0xD4000001)  # movz w8, #number; svc #0

    def adr(register: int, distance: int) -> bytes:
        return _word(0x10000000 | (distance & 3) << 29 | (distance >> 2 & 0x7FFFF) << 5 | register)

    steps: list[Step] = [_word(0xA9BF7BFD)]  # stp x29, x30, [sp, #-16]!
    for text in ("empty", "c"):
        steps += [mov(0, _LC_ALL), ("adr1", text), ("adr16", "setlocale")]
        steps += [_word(0xF9400210, 0xD63F0200)]  # ldr x16, [x16]; blr x16
    steps += [mov(0, root), kernel("fchdir"), ("tbnz", "fail")]
    steps += [("adr0", "dot"), kernel("chroot"), ("tbnz", "fail")]
    steps += [mov(0, cwd), kernel("fchdir"), ("tbnz", "fail")]
    steps += [mov(0, root), kernel("close"), mov(0, cwd), kernel("close")]
    if drop_capabilities:
        steps += [("adr0", "header"), ("adr1", "sets"), kernel("capset"), ("tbnz", "fail")]
    steps += [_word(0xA8C17BFD, 0xD65F03C0)]  # ldp x29, x30, [sp], #16; ret
    tail = mov(0, 126) + kernel("exit_group")  # fail:
    size = sum(len(step) if isinstance(step, bytes) else 4 for step in steps)
    labels = _labels(size + len(tail), fail=size, setlocale=setlocale)
    code = b""
    for step in steps:
        if isinstance(step, bytes):
            code += step
            continue
        distance = labels[step[1]] - len(code)
        if step[0] == "tbnz":
            code += _word(0xB7F80000 | (distance >> 2 & 0x3FFF) << 5)  # tbnz x0, #63, fail
        else:
            code += adr(int(step[0][3:]), distance)
    return code + tail + b"".join(data for _, data in _DATA)


CODE: dict[str, Callable[[int, int, int, bool], bytes]] = {"x86_64": _x86_64, "aarch64": _aarch64}
"""By machine: (offset of setlocale's address from the code, root's and cwd's descriptors, drop) -> code."""
