"""A value of a manifest that knows the line on which it stands."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

Scalar = str | int | float | bool | None
_INT = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("~", "null", "Null", "NULL", ""), None),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False),
}
_LONGEST_NUMBER = 400
_EXACT = 1 << 53

TYPE_NAMES = {dict: "object", list: "array", str: "string", bool: "bool", int: "number", float: "number"}
"""JSON's names for what a node may hold."""


@dataclass(slots=True)
class Node:
    """One value of a document."""

    value: Scalar | list[Node] | dict[str, Node]
    line: int
    column: int
    keys: dict[str, int] = field(default_factory=dict)
    """Of a mapping: the line of each key."""
    repeated: list[tuple[str, int]] = field(default_factory=list)
    """Keys that were given again; the last one counts, as with kubectl."""

    @property
    def kind(self) -> str:
        """JSON's name for it."""
        return "null" if self.value is None else TYPE_NAMES[type(self.value)]

    def get(self, name: str) -> Node | None:
        """A field; None when it is not there, or null, which is the same to the API server."""
        found = self.value.get(name) if isinstance(self.value, dict) else None
        return None if found is None or found.value is None else found

    def at(self, *names: str) -> Node | None:
        """A field of a field."""
        node: Node | None = self
        for name in names:
            node = node.get(name) if node else None
        return node

    def items(self, name: str) -> list[Node]:
        """The elements of a field that is a list."""
        found = self.get(name)
        value = found.value if found and isinstance(found.value, list) else []
        return [each for each in value if each.value is not None]

    def fields(self, name: str) -> dict[str, Node]:
        """The entries of a field that is a mapping."""
        found = self.get(name)
        return found.value if found and isinstance(found.value, dict) else {}

    def text(self, name: str) -> str:
        """A field that is a string; "" when it is not there."""
        found = self.get(name)
        return found.value if found and isinstance(found.value, str) else ""

    def flag(self, name: str) -> bool | None:
        """A field that is true or false."""
        found = self.get(name)
        return found.value if found and isinstance(found.value, bool) else None

    def number(self, name: str) -> int | None:
        """A field that is a whole number."""
        found = self.get(name)
        return found.value if found and type(found.value) is int else None

    def plain(self) -> Any:  # noqa: ANN401 - JSON
        """The same without lines."""
        if isinstance(self.value, dict):
            return {name: each.plain() for name, each in self.value.items()}
        return [each.plain() for each in self.value] if isinstance(self.value, list) else self.value


def scalar(text: str) -> Scalar:
    """What a plain word means to kubectl, which reads YAML 1.1: `yes` is true and 010 is eight.

    Recorded from kubectl 1.32.4: tests/kubernetes/recorded/yaml.json.
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INT.match(text):
        sign, digits = (-1 if text.startswith("-") else 1), text.replace("_", "").lstrip("+-").lower()
        base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2], 8 if digits.startswith("0") else 10)
        try:
            return sign * int(digits.removeprefix("0b").removeprefix("0o").removeprefix("0x"), base)
        except ValueError:  # 08
            pass
    if _FLOAT.match(text):
        number = float(text)
        if math.isinf(number):
            return text
        return int(number) if number.is_integer() and abs(number) < _EXACT else number
    return text
