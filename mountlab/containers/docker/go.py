"""How programs written in Go read numbers, sizes and comma-separated fields, and what they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)*) ?([kKmMgGtTpP])?[iI]?[bB]?", re.ASCII)
_DURATION: Final = re.compile(r"[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)", re.ASCII)
_UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}
_INTEGER: Final = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9][0-9]*|0)", re.ASCII)
_RATIONAL: Final = re.compile(r"[-+]?(?:\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]+", re.ASCII)
_ESCAPES: Final = {
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a", "\b": "\\b",
    "\f": "\\f", "\v": "\\v",
}  # fmt: skip


def quoted(text: str) -> str:
    """A string as Go's ``%q`` prints it."""
    return '"' + "".join(_ESCAPES.get(c, c if c.isprintable() else f"\\x{ord(c):02x}") for c in text) + '"'


def parse_bool(text: str) -> bool:
    """strconv.ParseBool.  Raises ValueError with its words."""
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f"strconv.ParseBool: parsing {quoted(text)}: invalid syntax")


def _integer(text: str, function: str, lowest: int, highest: int) -> int:
    if not _INTEGER.fullmatch(text) or (lowest == 0 and text[:1] in "+-"):
        raise ValueError(f"strconv.{function}: parsing {quoted(text)}: invalid syntax")
    digits = text.lstrip("+-")
    octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    value = int(digits, 8) if octal else int(digits, 0)
    value = -value if text[0] == "-" else value
    if not lowest <= value <= highest:
        raise ValueError(f"strconv.{function}: parsing {quoted(text)}: value out of range")
    return value


def parse_int(text: str) -> int:
    """strconv.ParseInt with any base, 64 bits.  Raises ValueError with its words."""
    return _integer(text, "ParseInt", -(1 << 63), (1 << 63) - 1)


def unsigned(bits: int) -> Callable[[str], int]:
    """strconv.ParseUint with any base and so many bits."""
    return lambda text: _integer(text, "ParseUint", 0, (1 << bits) - 1)


def parse_octal(text: str) -> int:
    """strconv.ParseUint with base 8, 32 bits.  Raises ValueError."""
    if not _WHOLE.fullmatch(text) or set(text) & set("89") or int(text, 8) >= 1 << 32:
        raise ValueError(text)
    return int(text, 8)


def size_in_bytes(text: str) -> int:
    """go-units RAMInBytes: ``64m``, ``1.5GiB``.  Raises ValueError with its words."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise ValueError(f"invalid size: '{text}'")
    number, unit = found[1], (found[2] or "").lower()
    if number.count(".") > 1:
        raise ValueError(f"strconv.ParseFloat: parsing {quoted(number)}: invalid syntax")
    return int(float(number) * _UNITS[unit])


def check_duration(text: str) -> str:
    """time.ParseDuration, as far as whether it is one.  Raises ValueError with its words."""
    if not _DURATION.fullmatch(text):
        raise ValueError(f"time: invalid duration {quoted(text)}")
    return text


def check_rational(text: str) -> str:
    """math/big Rat.SetString, as docker's ``--cpus`` uses it.  Raises ValueError with its words."""
    if not _RATIONAL.fullmatch(text):
        raise ValueError(f"failed to parse {text} as a rational number")
    return text


def fields(text: str) -> list[str]:
    """The first record of encoding/csv's Reader.  Raises ValueError with its words."""
    line = text.lstrip("\n")
    if not line:
        raise ValueError("EOF")
    found: list[str] = []
    at = 0
    while True:
        if line[at : at + 1] == '"':
            field, at = _quoted_field(line, at + 1)
        else:
            ends = [end for end in (line.find(",", at), line.find("\n", at)) if end >= 0]
            field, at = line[at : min(ends, default=len(line))], min(ends, default=len(line))
            if '"' in field:
                raise _wrong(at - len(field) + field.index('"'), 'bare " in non-quoted-field')
        found.append(field)
        if line[at : at + 1] != ",":
            return found
        at += 1


def _quoted_field(line: str, at: int) -> tuple[str, int]:
    """The field whose opening quote stands before this place, and the place after its closing quote."""
    field = ""
    while True:
        end = line.find('"', at)
        if end < 0:
            raise _wrong(len(line), 'extraneous or missing " in quoted-field')
        field += line[at:end]
        following = line[end + 1 : end + 2]
        if following in ("", ",", "\n"):
            return field, end + 1
        if following != '"':
            raise _wrong(end, 'extraneous or missing " in quoted-field')
        field, at = field + '"', end + 2


def _wrong(at: int, what: str) -> ValueError:
    return ValueError(f"parse error on line 1, column {at + 1}: {what}")
