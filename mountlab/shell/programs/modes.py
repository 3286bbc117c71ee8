"""File modes: chmod(1)'s notation, and the letters that ls(1) prints."""

from __future__ import annotations

import re

UMASK = 0o022
ALL = 0o7777
_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)")
_STEP = re.compile(r"([-+=])([rwxXst]*|[ugo])")
_BITS = {"r": 0o444, "w": 0o222, "x": 0o111, "X": 0o111, "s": 0o6000, "t": 0o1000}
_WHO = {"u": 0o4700, "g": 0o2070, "o": 0o1007, "a": ALL}


def parse_mode(text: str, base: int) -> int | None:
    """The mode that `text` makes of `base`; None when it is no mode."""
    if re.fullmatch(r"[0-7]+", text):
        mode = int(text, 8)
        return mode if mode <= ALL else None
    for clause in text.split(","):
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            return None
        who = 0
        for letter in match[1]:
            who |= _WHO[letter]
        for sign, letters in _STEP.findall(match[2]):
            base = _apply(base, sign, letters, who or (ALL & ~UMASK), bool(who))
    return base


def _apply(mode: int, sign: str, letters: str, who: int, is_named: bool) -> int:
    bits = 0
    if letters in ("u", "g", "o") and letters:
        three = mode >> {"u": 6, "g": 3, "o": 0}[letters] & 7
        bits = three << 6 | three << 3 | three
    else:
        for letter in letters:
            bits |= _BITS[letter]
    bits &= who
    if sign == "+":
        return mode | bits
    if sign == "-":
        return mode & ~bits
    return mode & ~(who if is_named else 0o777) | bits


def letters(kind: str, mode: int) -> str:
    """Type and permissions as ``drwxr-xr-x``."""
    text = {"dir": "d", "whiteout": "c"}.get(kind, "-")
    for shift, special, mark in ((6, 0o4000, "s"), (3, 0o2000, "s"), (0, 0o1000, "t")):
        three = mode >> shift
        text += ("r" if three & 4 else "-") + ("w" if three & 2 else "-")
        if mode & special:
            text += mark if three & 1 else mark.upper()
        else:
            text += "x" if three & 1 else "-"
    return text
