"""Messages between the processes of the sandbox: a length, then one JSON value."""

from __future__ import annotations

import json
import select
import struct
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = Any
"""Whatever JSON can hold; sender and receiver agree on more."""


class Channel(Protocol):
    """What messages go over: a socket, or a guest's serial line."""

    def fileno(self) -> int: ...

    def recv(self, count: int, /) -> bytes: ...

    def sendall(self, data: bytes, /) -> None: ...

    def detach(self) -> int: ...


def send(sock: Channel, message: Json) -> None:
    """Write one message."""
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    sock.sendall(struct.pack("=I", len(body)) + body)


def receive(sock: Channel, timeout: float | None = None) -> Json:
    """Read one message; EOFError when the other side is gone, TimeoutError when it is silent."""
    if timeout is not None and not is_waiting(sock, timeout):
        raise TimeoutError(f"no answer within {timeout:g} s")
    return json.loads(_exactly(sock, struct.unpack("=I", _exactly(sock, 4))[0]))


def is_waiting(sock: Channel, timeout: float) -> bool:
    """Whether there is something to read, or the other side is gone, within so many seconds."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(timeout * 1000))


def _exactly(sock: Channel, count: int) -> bytes:
    data = sock.recv(count)
    if len(data) == count:
        return data
    parts = [data]
    missing = count - len(data)
    while missing:
        part = sock.recv(min(missing, 1 << 20))
        if not part:
            raise EOFError("the other side is gone")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
