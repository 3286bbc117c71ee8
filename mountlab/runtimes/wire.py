"""Protobuf messages by field number: written and read without generated code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Value = int | str | bytes | Mapping[int, "Value"] | Sequence["Value"]
Message = Mapping[int, Value]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LOW, _MORE = 0x7F, 0x80


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1  # a negative int32 or int64 is sent as 64 bits
    out = bytearray()
    while number > _LOW:
        out.append(number & _LOW | _MORE)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number: int, value: Value) -> bytes:
    if isinstance(value, int):  # a bool and an enum, too
        return _varint(number << 3 | _VARINT) + _varint(value)
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, Mapping):
        value = encode(value)
    if isinstance(value, bytes):
        return _varint(number << 3 | _BYTES) + _varint(len(value)) + value
    return b"".join(_field(number, each) for each in value)


def encode(message: Message) -> bytes:
    """A message: numbers, text, messages, and lists of these for repeated fields."""
    return b"".join(_field(number, value) for number, value in message.items())


def _take(data: bytes, start: int) -> tuple[int, int]:
    """The varint at `start`, and where it ends."""
    number = shift = 0
    while True:
        number |= (data[start] & _LOW) << shift
        start, shift = start + 1, shift + 7
        if not data[start - 1] & _MORE:
            return number, start


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    start = 0
    while start < len(data):
        key, start = _take(data, start)
        kind = key & 7
        if kind == _VARINT:
            number, start = _take(data, start)
            yield key >> 3, number
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(kind)
        if size is None:
            size, start = _take(data, start)
        yield key >> 3, data[start : start + size]
        start += size


class Reply:
    """A message that came: its fields by number; one that is missing is 0, empty or no message."""

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[int | bytes]] = {}
        for number, value in _fields(data):
            self._fields.setdefault(number, []).append(value)

    def number(self, field: int) -> int:
        value = self._fields.get(field, [0])[-1]
        return value if isinstance(value, int) else int.from_bytes(value, "little")

    def text(self, field: int) -> str:
        value = self._fields.get(field, [b""])[-1]
        return value.decode(errors="replace") if isinstance(value, bytes) else str(value)

    def messages(self, field: int) -> list[Reply]:
        return [Reply(value) for value in self._fields.get(field, []) if isinstance(value, bytes)]

    def table(self, field: int) -> dict[str, str]:
        """A map of texts."""
        return {entry.text(1): entry.text(2) for entry in self.messages(field)}
