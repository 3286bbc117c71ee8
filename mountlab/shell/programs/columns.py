"""Tables as libsmartcols prints them to a file: plain, tree, raw, pairs and JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Column(NamedTuple):
    """One column: its heading and how it is set."""

    name: str
    hint: float = 0
    """A width of 1 or more is the least width; smaller ones matter on terminals only."""
    is_right: bool = False
    is_tree: bool = False
    is_number: bool = False
    """A number in JSON."""


@dataclass
class Line:
    """One line with the lines below it in the tree."""

    cells: Sequence[str | None]
    children: list[Line] = field(default_factory=list)


class Form(NamedTuple):
    """How a table is printed."""

    kind: str = "plain"
    """``plain``, ``raw``, ``pairs`` or ``json``."""
    headings: bool = True
    ascii: bool = False
    shell_names: bool = False
    json_name: str = ""


class _Art(NamedTuple):
    branch: str
    last: str
    vertical: str


UTF8, ASCII = _Art("├─", "└─", "│ "), _Art("|-", "`-", "| ")


def render(columns: Sequence[Column], lines: Sequence[Line], form: Form) -> str:
    """The table as text; nothing at all when it has no lines, save in JSON."""
    if form.kind == "json":
        return _json(columns, lines, form)
    if not lines:
        return ""
    flat = list(_flatten(columns, lines, ASCII if form.ascii else UTF8, form.kind == "plain"))
    names = [_shell_name(column.name) if form.shell_names else column.name for column in columns]
    if form.kind == "pairs":
        rows = (" ".join(f"{n}={_quoted(c)}" for n, c in zip(names, cells, strict=True)) for cells in flat)
        return "".join(row + "\n" for row in rows)
    heading = [names] if form.headings else []
    if form.kind == "raw":
        return "".join(" ".join(_nonblank(cell) for cell in cells) + "\n" for cells in [*heading, *flat])
    return _plain(columns, heading, flat)


def _flatten(columns: Sequence[Column], lines: Sequence[Line], art: _Art, draw: bool) -> Iterator[list[str]]:
    """The lines from top to bottom, the tree's art before the cells of its columns."""
    stack = [(line, "", "") for line in reversed(lines)]
    while stack:
        line, before, below = stack.pop()
        yield [
            (before if column.is_tree and draw else "") + (cell or "")
            for column, cell in zip(columns, line.cells, strict=True)
        ]
        for child in reversed(line.children):
            here, further = (art.last, "  ") if child is line.children[-1] else (art.branch, art.vertical)
            stack.append((child, below + here, below + further))


def _plain(columns: Sequence[Column], heading: list[list[str]], flat: list[list[str]]) -> str:
    safe = [[_safe(cell) for cell in cells] for cells in [*heading, *flat]]
    names = [column.name for column in columns]
    widths = []
    for index, column in enumerate(columns):
        widest = max((_width(cells[index]) for cells in safe[len(heading) :]), default=0)
        least = _width(names[index])
        if widest < least:
            widest = least
        elif column.hint >= 1 and widest < int(column.hint) and least < int(column.hint):
            widest = int(column.hint)
        widths.append(widest)
    return "".join(_plain_line(columns, cells, widths) + "\n" for cells in safe)


def _plain_line(columns: Sequence[Column], cells: list[str], widths: list[int]) -> str:
    parts = []
    last = len(columns) - 1
    for index, (column, cell) in enumerate(zip(columns, cells, strict=True)):
        padding = " " * (widths[index] - _width(cell))
        if column.is_right:
            parts.append((padding if cell else "") + cell if index == last else (padding + cell))
        else:
            parts.append(cell if index == last else cell + padding)
    return " ".join(parts)


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(_cells_of(char) for char in text)


def _cells_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _safe(text: str) -> str:
    """Control characters in hexadecimal, and a backslash that would look like the beginning of one."""
    if text.isprintable() and "\\x" not in text:
        return text
    result = []
    for index, char in enumerate(text):
        is_fake = char == "\\" and text[index + 1 : index + 2] == "x"
        result.append(_hex(char) if is_fake or not char.isprintable() else char)
    return "".join(result)


def _hex(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))


def _nonblank(text: str) -> str:
    return "".join(_hex(char) if char in " \t\\" or not _is_plain(char) else char for char in text)


def _quoted(text: str) -> str:
    encoded = (_hex(char) if char in '"\\`$' or not _is_plain(char) else char for char in text)
    return '"' + "".join(encoded) + '"'


def _is_plain(char: str) -> bool:
    """isprint(3) of a single byte: no byte of a longer character is printable."""
    return " " <= char <= "~"


def _shell_name(name: str) -> str:
    text = "".join(char if char.isascii() and char.isalnum() else "_" for char in name)
    return ("" if name[:1].isalpha() else "_") + text + ("PCT" if name.endswith("%") else "")


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def _json_text(text: str) -> str:
    escaped = (_ESCAPES.get(char) or (char if char >= " " else f"\\u00{ord(char):02x}") for char in text)
    return '"' + "".join(escaped) + '"'


def _json(columns: Sequence[Column], lines: Sequence[Line], form: Form) -> str:
    body = _json_objects(columns, lines, 2) if lines else ""
    return f'{{\n   "{form.json_name}": [\n{body}\n   ]\n}}\n'


def _json_objects(columns: Sequence[Column], lines: Sequence[Line], depth: int) -> str:
    """Objects of one array; trees may be deep, so no recursion: work from the leaves up."""
    done: dict[int, str] = {}
    order: list[tuple[Line, int]] = [(line, depth) for line in lines]
    for line, level in order:
        order += [(child, level + 2) for child in line.children]
    for line, level in reversed(order):
        inner = "   " * (level + 1)
        members = [inner + member for member in _json_members(columns, line)]
        if line.children:
            below = _joined([done[id(child)] for child in line.children], level + 2)
            members.append(f'{inner}"children": [\n{below}\n{inner}]')
        done[id(line)] = "{\n" + ",\n".join(members) + "\n" + "   " * level + "}"
    return _joined([done[id(line)] for line in lines], depth)


def _joined(objects: list[str], level: int) -> str:
    return "   " * level + ",".join(objects)


def _json_members(columns: Sequence[Column], line: Line) -> Iterator[str]:
    for column, cell in zip(columns, line.cells, strict=True):
        value = "null" if not cell else cell if column.is_number else _json_text(cell)
        yield f"{_json_text(column.name.lower())}: {value}"
