"""stat(1): what is known of a file."""

from __future__ import annotations

import re

from mountlab.errors import MountError
from mountlab.files import Stat
from mountlab.shell.programs import clock
from mountlab.shell.programs.context import Context, strerror
from mountlab.shell.programs.ls import blocks
from mountlab.shell.programs.modes import letters
from mountlab.shell.programs.options import Options, OptionTable
from mountlab.shell.programs.paths import realpath
from mountlab.shell.programs.quoting import shell

TABLE = OptionTable(
    "c:fLt", "dereference=L file-system=f format=c: printf: terse=t cached: help version", "c L printf"
)
DIRECTIVE = re.compile(r"%([-#0 +']*)(\d*)(?:\.(\d*))?([HL]?)(.?)", re.DOTALL)
DEFAULT = (
    "  File: %n\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Hd,%Ld\tInode: %-10i  Links: %h\n"
    "Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\n"
    "Access: %x\nModify: %y\nChange: %z\n Birth: %w\n"
)
ESCAPES = {
    "n": "\n", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "r": "\r", "v": "\v", "e": "\x1b", "\\": "\\",
    '"': '"',
}  # fmt: skip


def run(context: Context, options: Options) -> int:
    """Print one record per operand."""
    if not options.operands:
        raise context.usage(1, "missing operand")
    text = DEFAULT
    for option in options.given:
        if option.key == "c":
            text = (option.value or "") + "\n"
        elif option.key == "printf":
            text = _unescaped(option.value or "")
    status = found_one = 0
    for path in options.operands:
        try:
            found = context.sim.stat(context.proc, path)
        except MountError as error:
            context.note(error)
            context.complain(f"cannot statx {shell(path)}: {strerror(error)}")
            status = 1
        else:
            context.say(_Record(context, path, found).format(text))
            found_one = 1
    if found_one and "%m" in text and context.table() is None:
        context.complain("cannot read table of mounted file systems: No such file or directory")
    return status


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        word = match[1]
        if word[0] in "01234567":
            return chr(int(word, 8) & 0xFF)
        return ESCAPES.get(word, word)

    return re.sub(r"\\([0-7]{1,3}|.)", one, text, flags=re.DOTALL)


class _Record:
    """The values of one file."""

    def __init__(self, context: Context, path: str, found: Stat) -> None:
        self.context, self.path, self.stat = context, path, found
        self.major, self.minor = (int(number) for number in found.dev.split(":"))

    def format(self, text: str) -> str:
        """The text with its directives replaced."""
        return DIRECTIVE.sub(self._replace, text)

    def _replace(self, match: re.Match[str]) -> str:
        flags, width, precision, modifier, letter = match.groups()
        if letter == "%" or not letter:
            return "%"
        value = self._value(modifier, letter)
        if value is None:
            return "?"
        if isinstance(value, int):
            text = str(value)
            if "0" in flags and "-" not in flags:
                text = text.rjust(int(width or 0), "0")
        else:
            text = value[: int(precision or 0)] if precision is not None else value
            if letter == "a" and "0" in flags:
                text = text.rjust(int(width or 0), "0")
        return text.ljust(int(width or 0)) if "-" in flags else text.rjust(int(width or 0))

    def _value(self, modifier: str, letter: str) -> str | int | None:
        if letter == "d" and modifier:
            return self.major if modifier == "H" else self.minor
        stat, when = self.stat, self.stat.mtime
        device = self.minor & 0xFF | self.major << 8 | (self.minor & ~0xFF) << 12
        owner = 0 if self.context.is_root else 65534
        kind_bits = 0o040000 if stat.kind == "dir" else 0o100000
        values: dict[str, str | int] = {
            "n": self.path, "N": shell(self.path), "s": stat.size, "b": blocks(stat), "B": 512,
            "o": 1024 if stat.fstype == "proc" else 4096,
            "F": self._kind(), "d": device, "D": f"{device:x}", "i": stat.ino, "h": stat.nlink,
            "a": f"{stat.mode:o}", "A": letters(stat.kind, stat.mode), "f": f"{kind_bits | stat.mode:x}",
            "u": owner, "g": owner, "U": "UNKNOWN", "G": "UNKNOWN", "t": "0", "T": "0", "C": "?",
        }  # fmt: skip
        if letter in "wW" and stat.fstype == "nsfs":  # not told when it was made
            return "-" if letter == "w" else 0
        if letter in values:
            return values[letter]
        if letter in "xyzw":
            return clock.full(when)
        if letter in "XYZW":
            return clock.seconds(when)
        return self._mountpoint() if letter == "m" else None

    def _kind(self) -> str:
        if self.stat.kind == "dir":
            return "directory"
        return "regular file" if self.stat.size else "regular empty file"

    def _mountpoint(self) -> str:
        """Upwards as long as the device stays the same: a bind of the same filesystem is not noticed."""
        here, last = realpath(self.context, self.path) or self.path, self.stat
        if last.kind != "dir":
            here = here.rpartition("/")[0] or "/"
            last = self.context.stat(here) or last
        while (above := self.context.stat(here.rstrip("/") + "/..")) is not None:
            if above.dev != last.dev or above.ino == last.ino:
                break
            here, last = here.rpartition("/")[0] or "/", above
        return here
