"""The tiny shared object through which a program enters the shell's root just before its main().

A program of a terminal is started with its root directory at the tools, so that the dynamic
linker finds program and libraries there, whatever the shell's own root holds.  This object is
preloaded.  Its initialiser loads the locale (also a file of the tools), goes back to the shell's
root and working directory, which stand ready as two file descriptors, closes both and returns;
main() then sees exactly what the shell sees.  There may be no compiler on a learner's machine,
so the ELF file is written byte by byte (machine code: assembly.py).
"""

from __future__ import annotations

import struct

from mountlab.kernel.assembly import CODE
from mountlab.kernel.syscalls import MACHINE

ROOT_FD, CWD_FD = 60, 61
"""Where the child leaves the shell's root and working directory for the initialiser."""

_PAGE = 0x10000  # the largest page size of both machines
_CODE_AT, _DYNAMIC_AT = 0x200, _PAGE
_SYMBOLS_AT, _RELOCATION_AT, _STRINGS_AT = _PAGE + 0x100, _PAGE + 0x140, _PAGE + 0x160
_SETLOCALE_AT, _END = _PAGE + 0x180, _PAGE + 0x188
_STRINGS = b"\0setlocale\0libc.so.6\0"
_ELF_MACHINE = {"x86_64": 62, "aarch64": 183}
_GLOB_DAT = {"x86_64": 6, "aarch64": 1025}
"""The relocation that asks for the address of a symbol."""


def shared_object(*, drop_capabilities: bool) -> bytes:
    """The ELF file; with `drop_capabilities` main() starts without any (an unmapped user)."""
    code = CODE[MACHINE](_SETLOCALE_AT - _CODE_AT, ROOT_FD, CWD_FD, drop_capabilities)
    image = bytearray(_END)
    for place, content in (
        (0, _header() + _segments(_CODE_AT + len(code))),
        (_CODE_AT, code),
        (_DYNAMIC_AT, _dynamic()),
        (_SYMBOLS_AT + 24, struct.pack("<IBBHQQ", 1, 0x10, 0, 0, 0, 0)),  # setlocale: global, undefined
        (_RELOCATION_AT, struct.pack("<QQq", _SETLOCALE_AT, 1 << 32 | _GLOB_DAT[MACHINE], 0)),
        (_STRINGS_AT, _STRINGS),
    ):
        image[place : place + len(content)] = content
    return bytes(image)


def _header() -> bytes:
    start = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")  # 64 bits, little endian
    return start + struct.pack("<HHIQQQIHHHHHH", 3, _ELF_MACHINE[MACHINE], 1, 0, 64, 0, 0, 64, 56, 4, 0, 0, 0)


def _segments(code_end: int) -> bytes:
    rows = (
        (1, 5, 0, code_end, _PAGE),  # PT_LOAD r-x
        (1, 6, _DYNAMIC_AT, _END - _DYNAMIC_AT, _PAGE),  # PT_LOAD rw-
        (2, 6, _DYNAMIC_AT, _SYMBOLS_AT - _DYNAMIC_AT, 8),  # PT_DYNAMIC
        (0x6474E551, 6, 0, 0, 16),  # PT_GNU_STACK: the stack need not be executable
    )
    return b"".join(
        struct.pack("<IIQQQQQQ", kind, flags, at, at, at, size, size, align)
        for kind, flags, at, size, align in rows
    )


def _dynamic() -> bytes:
    entries = (
        (1, _STRINGS.index(b"libc")),  # DT_NEEDED
        (12, _CODE_AT),  # DT_INIT
        (5, _STRINGS_AT), (10, len(_STRINGS)),  # DT_STRTAB, DT_STRSZ
        (6, _SYMBOLS_AT), (11, 24),  # DT_SYMTAB, DT_SYMENT
        (7, _RELOCATION_AT), (8, 24), (9, 24),  # DT_RELA, DT_RELASZ, DT_RELAENT
        (0, 0),  # DT_NULL
    )  # fmt: skip
    return b"".join(struct.pack("<QQ", tag, value) for tag, value in entries)
