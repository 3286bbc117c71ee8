"""The two ends of the serial line between owner and guest.

The guest's terminal driver may stop listening for good after it has been sent more than it has room for
(seen with Linux 6.1).  So the owner waits, after each `PACE` bytes, for a sign that they have been read.
"""

from __future__ import annotations

import os
import socket

from mountlab.kernel import wire

PACE = 1024
"""Far less than the 4096 bytes that the driver has room for."""
_SIGN = b"+"
_SECONDS = 30.0


class OwnersEnd:
    """A socket that sends no faster than the guest reads."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sent = 0
        self.fileno, self.recv, self.detach = sock.fileno, sock.recv, sock.detach

    def sendall(self, data: bytes) -> None:
        """Send it all.

        Raises:
            TimeoutError: when the guest does not read.
            EOFError: when it is gone.
        """
        view = memoryview(data)
        while view:
            part = view[: PACE - self._sent % PACE]
            self._sock.sendall(part)
            view = view[len(part) :]
            self._sent += len(part)
            if self._sent % PACE == 0:
                if not wire.is_waiting(self._sock, _SECONDS):
                    raise TimeoutError(f"the guest read nothing for {_SECONDS:g} s")
                if not self._sock.recv(len(_SIGN)):
                    raise EOFError("the guest is gone")


class GuestsEnd:
    """The serial line's device, used as a socket."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._read = 0

    def fileno(self) -> int:
        """Its number."""
        return self._fd

    def recv(self, count: int) -> bytes:
        """What has come; nothing when the other end hung up."""
        try:
            data = os.read(self._fd, min(count, PACE - self._read % PACE))
        except OSError:
            return b""
        self._read += len(data)
        if data and self._read % PACE == 0:
            self.sendall(_SIGN)
        return data

    def sendall(self, data: bytes) -> None:
        """Send it all."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def detach(self) -> int:
        """Forget the descriptor, which stays open."""
        fd, self._fd = self._fd, -1
        return fd
