"""A terminal of a private host: a real bash that reads lines, and the programs it runs.

The shell is one process as long as the terminal is open, so that `cd` and `exec unshare` do what they do.
A `docker run -i` that it runs hands the lines that follow on to the shell in the container, as in life; so
every line is followed by one that prints a mark, and whose mark comes back tells which shell has read it.
"""

from __future__ import annotations

import os
import re
import secrets
import selectors
import shlex
import signal
import subprocess
import time
from typing import NamedTuple

from mountlab.runtimes.host import HostError
from mountlab.shell.syntax import Command

_SECONDS = 40.0
_LINE_NUMBER = re.compile(r"^\S*?(bash|sh): line \d+: ", re.MULTILINE)
"""A bash that reads from a pipe says it; one at a terminal does not."""
_SECRET = secrets.token_hex(8)
"""No program prints it by chance."""
_STALE = re.compile(rf"\n@@{_SECRET}-\d+@@\d*\n".encode())
_NOTHING = " </dev/null"
_END = "END_OF_DOCUMENT"


class Said(NamedTuple):
    """What came of a line."""

    status: int
    stdout: str
    stderr: str


class Terminal:
    """One terminal."""

    def __init__(self, words: list[str]) -> None:
        """Open it: start this shell."""
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
        )
        self._selector = selectors.DefaultSelector()
        self._read = {"stdout": b"", "stderr": b""}
        self._open = set(self._read)
        for name in self._read:
            self._selector.register(getattr(self._process, name), selectors.EVENT_READ, name)
        self._marks = 0
        self._outer: list[str] = []
        """The marks of the lines that have not ended: each runs the shell that reads now."""

    def run(self, text: str) -> Said:
        """Run a line of shell that leaves the same shell reading."""
        mark = self._mark()
        self._send(f"{text}\n{_tell(mark)}\n")
        said = self._until(mark)[1]
        if not self._open:
            raise HostError(f"the shell ended in: {text}")
        return said

    def become(self, text: str) -> Said:
        """Run a line after which another program reads in the shell's place, with the same process."""
        return self.run("exec " + text.removesuffix(_NOTHING))

    def enter(self, text: str) -> Said | None:
        """Run a line that starts a shell within; None: that one reads now, else what came of the line."""
        outer, inner = self._mark(), self._mark()
        self._send(f"{text.removesuffix(_NOTHING)}; {_tell(outer)}\n{_tell(inner)}\n")
        mark, said = self._until(outer, inner)
        if mark == inner:
            self._outer.append(outer)
            return None
        return said

    def leave(self, text: str = "") -> Said:
        """End the shell that reads (or see that it has ended); the one around it reads again."""
        if text:
            self._send(text + "\n")
        if self._outer:
            return self._until(self._outer.pop())[1]
        return self._until()[1]

    def close(self) -> None:
        """End it, whatever runs in it."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._selector.close()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    # -- lines and marks ------------------------------------------------------------------------------------

    def _mark(self) -> str:
        self._marks += 1
        return f"@@{_SECRET}-{self._marks}@@"

    def _send(self, text: str) -> None:
        if self._process.stdin is None:
            return
        try:
            self._process.stdin.write(text.encode("utf-8", "surrogateescape"))
            self._process.stdin.flush()
        except BrokenPipeError:
            pass

    def _until(self, *marks: str) -> tuple[str, Said]:
        """Read on to the first of these marks, or to the end."""
        deadline = time.monotonic() + _SECONDS
        while True:
            for mark in marks:
                found = re.search(rb"\n" + mark.encode() + rb"(\d+)\n", self._read["stdout"])
                if found and f"\n{mark}\n".encode() in self._read["stderr"]:
                    out, self._read["stdout"] = found.string[: found.start()], found.string[found.end() :]
                    err, _, self._read["stderr"] = self._read["stderr"].partition(f"\n{mark}\n".encode())
                    return mark, Said(int(found[1]), _text(out), _text(err))
            if not self._open:
                out, err = self._read.values()
                self._read = {"stdout": b"", "stderr": b""}
                return "", Said(self._process.wait(), _text(out), _text(err))
            self._take(deadline)

    def _take(self, deadline: float) -> None:
        ready = self._selector.select(max(0.0, deadline - time.monotonic()))
        if not ready:
            raise HostError(f"a command has not ended after {_SECONDS:g} s")
        for key, _ in ready:
            data = os.read(key.fd, 65536)
            self._read[key.data] += data
            if not data:
                self._selector.unregister(key.fileobj)
                self._open.discard(key.data)


def _tell(mark: str) -> str:
    return f"printf '\\n{mark}%d\\n' $?; printf '\\n{mark}\\n' >&2"


def _text(data: bytes) -> str:
    """What a program printed, without the marks of lines that nobody waits for any more."""
    return _LINE_NUMBER.sub("bash: ", _STALE.sub(b"", data).decode("utf-8", "surrogateescape"))


def line_of(command: Command) -> str:
    """A command in the words of a shell; without a here-document it has nothing to read."""
    words = [shlex.quote(word) for word in command.argv]
    words += [f"{each.fd}>{'>' * each.append}{shlex.quote(each.target)}" for each in command.redirects]
    if command.stdin is None:
        return " ".join(words) + _NOTHING
    end = _END
    while f"\n{end}\n" in f"\n{command.stdin}":
        end += "_"
    return " ".join([*words, f"<<'{end}'\n{command.stdin}{end}"])
