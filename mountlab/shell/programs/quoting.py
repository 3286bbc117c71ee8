"""How GNU programs put a name into a message."""

from __future__ import annotations

OPEN, CLOSE = "\N{LEFT SINGLE QUOTATION MARK}", "\N{RIGHT SINGLE QUOTATION MARK}"
_C_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def _escaped(char: str) -> str:
    if char in _C_ESCAPES:
        return _C_ESCAPES[char]
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))


def curly(name: str) -> str:
    """In curly single quotes, as mkdir(1) does it in a UTF-8 locale."""
    return OPEN + "".join(_inside_curly(char) for char in name) + CLOSE


def _inside_curly(char: str) -> str:
    if char in ("\\", CLOSE):
        return "\\" + char
    return char if char.isprintable() else _escaped(char)


def shell(name: str) -> str:
    """'name', so that a shell would read it as that name; what ls(1) and rm(1) do."""
    if all(char.isprintable() for char in name):
        if "'" in name and not any(char in name for char in '"$`\\!'):
            return f'"{name}"'
        return "'" + name.replace("'", "'\\''") + "'"
    parts, is_escape = [""], False
    for char in name:
        needs = not char.isprintable()
        if needs != is_escape:
            parts.append("")
            is_escape = needs
        parts[-1] += _escaped(char) if needs else char.replace("'", "'\\''")
    pieces = [f"$'{part}'" if index % 2 else f"'{part}'" for index, part in enumerate(parts)]
    return "".join(pieces)
