"""Protobuf by field number: bytes as its specification gives them, and back."""

from __future__ import annotations

import pytest

from mountlab.runtimes.wire import Message, Reply, encode


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ({1: 150}, "089601"),  # these three: from the examples of the encoding's documentation
        ({2: "testing"}, "120774657374696e67"),
        ({3: {1: 150}}, "1a03089601"),
        ({1: -2}, "08feffffffffffffffff01"),
        ({4: ["a", "b"]}, "2201612201 62".replace(" ", "")),
        ({3: True, 5: False}, "18012800"),
        ({16: b"\0"}, "82010100"),
    ],
)
def test_a_message_has_the_bytes_of_the_specification(message: Message, data: str) -> None:
    assert encode(message).hex() == data


def test_what_was_written_is_read() -> None:
    reply = Reply(encode({1: 300, 2: "ü", 3: [{1: "a", 2: "b"}, {1: "c", 2: "d"}], 4: {1: 7}}))

    assert (reply.number(1), reply.text(2), reply.table(3)) == (300, "ü", {"a": "b", "c": "d"})
    assert [each.number(1) for each in reply.messages(4)] == [7]


def test_fields_of_a_fixed_size_are_passed_over() -> None:
    reply = Reply(bytes.fromhex("0902000000000000001503000000 1801".replace(" ", "")))

    assert (reply.number(1), reply.number(2), reply.number(3)) == (2, 3, 1)


def test_what_is_missing_is_nothing() -> None:
    reply = Reply(b"")

    assert (reply.number(1), reply.text(1), reply.messages(1), reply.table(1)) == (0, "", [], {})
