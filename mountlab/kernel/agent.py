"""The process of one terminal: runs command lines and raw system calls that arrive as messages."""

from __future__ import annotations

import errno
import os
import re
import socket
from typing import Any, NamedTuple

from mountlab.kernel import bash, rawcalls, wire
from mountlab.kernel.held import numbered
from mountlab.kernel.program import Program
from mountlab.kernel.tables import in_order_of_creation
from mountlab.kernel.terminal import Terminal
from mountlab.kernel.watch import Move, Streams, Substitute

_TAKES_A_PID = {"nsenter": ("-t", "--target"), "findmnt": ("-N", "--task"), "lsns": ("-p", "--task")}
_KEEPS_IN_A_FILE = re.compile(r"--mou?n?t?=")
"""unshare(1) may bind the file of its new namespace: that would stay after a rehearsal."""
_PROC_TABLE = re.compile(r".*/(self|\d+)/(mountinfo|mounts|mountstats)|/proc/mounts")


class Answer(NamedTuple):
    """What one command did; output went to the streams."""

    status: int
    calls: tuple[tuple[str, str | None], ...] = ()
    errno: str | None = None
    known: bool = True
    """False when the error's name has to be guessed from the message."""
    timed_out: bool = False


def serve(terminal: Terminal, sock: socket.socket) -> None:
    """Answer messages until the terminal is closed."""
    wire.send(sock, {"pid": os.getpid()})
    while not terminal.closed:
        request = wire.receive(sock)
        if request[0] == "raw":
            wire.send(sock, rawcalls.call(terminal, request[1], request[2]))
        elif request[0] == "look":
            wire.send(sock, rawcalls.look(request[1], request[2]))
        else:
            _, commands, shells, namespaces = request
            terminal.namespaces = {int(inode): number for inode, number in namespaces.items()}
            wire.send(sock, LineRunner(terminal, shells).run(commands))


class LineRunner:
    """Runs the commands of one line."""

    def __init__(self, terminal: Terminal, shells: dict[str, int]) -> None:
        self.terminal = terminal
        self.shells = shells
        self.programs: list[int] = []
        """The process ids of what ran: a shell would have executed it in its own place."""
        self.outputs = (os.memfd_create("stdout"), os.memfd_create("stderr"))
        for fd in self.outputs:
            os.set_inheritable(fd, False)

    def run(self, commands: list[Any]) -> dict[str, Any]:
        """Run them all; `;` and `&&` as bash has it."""
        answer = Answer(0)
        calls: list[tuple[str, str | None]] = []
        first_error: str | None = None
        known = True
        for argv, redirects, stdin, after_success_only in commands:
            if after_success_only and answer.status != 0:
                continue
            answer = self._one(list(argv), redirects, stdin, answer.status)
            calls += answer.calls
            if known and first_error is None:  # else what failed first is to be guessed from its message
                first_error, known = answer.errno, answer.known
            if self.terminal.closed or answer.timed_out:
                break
        stdout, stderr = (self._read(fd) for fd in self.outputs)
        return {
            "exit": answer.status, "stdout": stdout, "stderr": stderr, "calls": calls,
            "errno": first_error, "known": known, "closed": self.terminal.closed,
        }  # fmt: skip

    def _read(self, fd: int) -> str:
        """One byte more than is kept, so that whoever cuts it knows that it was longer."""
        data = os.pread(fd, self.terminal.limits.output + 1, 0)
        os.close(fd)
        text = data.decode("utf-8", "surrogateescape")
        names = [(pid, name) for name, pid in self.shells.items()]
        for pid, name in [*names, *((pid, self.terminal.name) for pid in self.programs)]:
            text = re.sub(rf"/proc/{pid}(?=/)", f"/proc/{name}", text)
        return text

    def _complain(self, text: str) -> None:
        os.write(self.outputs[1], os.fsencode(text))

    def _one(self, argv: list[str], redirects: list[Any], stdin: str | None, status: int) -> Answer:
        """One command with its redirections."""
        if any("\0" in word for word in (*argv, *(target for target, _, _ in redirects))):
            self._complain("mountlab: no word of a command can hold a NUL\n")
            return Answer(2)
        streams = {1: self.outputs[0], 2: self.outputs[1]}
        opened: list[int] = []
        try:
            for target, append, fd in redirects:
                try:
                    streams[fd] = _open_for_writing(target, append=append)
                except OSError as error:
                    self._complain(f"bash: {target}: {error.strerror}\n")
                    return Answer(1, errno=errno.errorcode.get(error.errno or 0))
                opened.append(streams[fd])
            opened.append(_here_document(stdin))
            return self._execute(argv, Streams(opened[-1], streams[1], streams[2]), status)
        finally:
            for fd in opened:
                os.close(fd)

    def _execute(self, argv: list[str], streams: Streams, status: int) -> Answer:
        name = argv[0]
        if name in bash.BUILTINS:
            return _builtin(self.terminal, argv, streams, status)
        if not _is_tool(self.terminal.tools, name):
            os.write(streams.stderr, os.fsencode(f"bash: {name}: command not found\n"))
            return Answer(127)
        words = self._with_pids(argv)
        if name in {"mount", "umount"} and not self.terminal.unmapped and not _keeps_no_notes(argv):
            # Or libmount keeps notes of its own in /run/mount, which would show as files and
            # directories that no command made.  An unmapped user may not say so (watch.py).
            words.insert(1, "-n")
        rehearse = name == "unshare" and not any(_KEEPS_IN_A_FILE.match(word) for word in words)
        move = self._rehearse(words) if rehearse else Move.AT_THE_END
        program = Program(self.terminal, words, streams, self._substitutes(argv), move)
        ended = program.run(self.terminal.limits.seconds)
        self.programs.append(program.pid)
        if ended.refused_type:
            self._complain(f"mountlab: {ended.refused_type}\n")
        if ended.timed_out:
            seconds = self.terminal.limits.seconds
            self._complain(
                f"mountlab: {name} was stopped after {seconds:g} s; the terminal is still open, go on with"
                " another command\n"
            )
        first = next((error for _, error in ended.calls if error), None)
        known = bool(ended.calls) or ended.status == 0 or name in {"mount", "umount"}
        return Answer(ended.status, ended.calls, first, known, ended.timed_out)

    def _rehearse(self, words: list[str]) -> Move:
        """See whether unshare(1) will succeed; what it does is undone by its end.

        A shell that executes it leaves its old namespace with unshare(2), before the propagation of the
        new one is changed, and if nobody else is in the old one it ends there and then.  The terminal
        must leave at that moment too, but stay where it is when the program goes on to fail.
        """
        unheard = os.memfd_create("rehearsal", os.MFD_CLOEXEC)
        try:
            streams = Streams(unheard, unheard, unheard)
            ended = Program(self.terminal, words, streams, {}, Move.NEVER).run(self.terminal.limits.seconds)
        finally:
            os.close(unheard)
        return Move.AT_ONCE if ended.status == 0 else Move.AT_THE_END

    def _with_pids(self, argv: list[str]) -> list[str]:
        """Put process ids where the transcript names a shell."""

        def in_proc(match: re.Match[str]) -> str:
            pid = self.shells.get(match[1])
            return f"/proc/{pid}" if pid else match[0]

        words = [re.sub(r"(?:^|(?<==))/proc/([\w.-]+)(?=/|$)", in_proc, word) for word in argv]
        if argv[0] not in _TAKES_A_PID:
            return words
        short, long = _TAKES_A_PID[argv[0]]
        for index, word in enumerate(argv[1:], 1):
            option, _, value = word.partition("=")
            if argv[index - 1] in {short, long} and word in self.shells:
                words[index] = str(self.shells[word])
            elif option == long and value in self.shells:
                words[index] = f"{long}={self.shells[value]}"
            elif word.startswith(short) and word[2:] in self.shells:
                words[index] = f"{short}{self.shells[word[2:]]}"
        return words

    def _substitutes(self, argv: list[str]) -> dict[str, Substitute]:
        """The files that this program is to see otherwise than the kernel shows them."""
        name = argv[0]
        if name == "cat":
            paths = {word for word in self._with_pids(argv) if _PROC_TABLE.fullmatch(word)}
        elif name in {"findmnt", "mount", "umount"}:
            paths = {"/proc/self/mountinfo", "/proc/self/mounts", "/proc/mounts"}
            paths |= {f"/proc/{pid}/mountinfo" for pid in self.shells.values()}
        else:
            return {}
        # A program that unmounts or remounts must know all there is; what prints must not.
        whole = name == "umount" or (name == "mount" and not _only_lists(argv))
        ordered = name != "cat"
        return {path: self._table_reader(path, whole=whole, ordered=ordered) for path in paths}

    def _table_reader(self, path: str, *, whole: bool, ordered: bool) -> Substitute:
        """Reads the table that the kernel shows there, without the proc fixture unless `whole`."""

        def read() -> bytes | None:
            try:
                text = _content(path)
                directory = "/proc/self" if path == "/proc/mounts" else os.path.dirname(path)
                rows = text if path.endswith("mountinfo") else _content(directory + "/mountinfo")
            except TimeoutError:
                raise  # the program's time is up
            except OSError:
                return None  # not visible here: let the program find that out
            fixture = self.terminal.fixture
            if rows is not text:
                return os.fsencode(fixture.companion(text, rows))
            if ordered:
                text = in_order_of_creation(text)
            text = numbered(text, self.terminal.namespaces)
            return os.fsencode(fixture.cleaned(text) if whole else fixture.table(text))

        return read


def _content(path: str) -> str:
    with open(path, "rb") as file:
        return os.fsdecode(file.read())


def _builtin(terminal: Terminal, argv: list[str], streams: Streams, status: int) -> Answer:
    said = bash.run(terminal, argv, status)
    os.write(streams.stderr, os.fsencode(said.stderr))
    try:
        os.write(streams.stdout, said.stdout)
    except OSError as error:
        os.write(streams.stderr, os.fsencode(f"bash: {argv[0]}: write error: {error.strerror}\n"))
        return Answer(1, errno=errno.errorcode.get(error.errno or 0))
    return Answer(said.status, errno=said.errno)


def _open_for_writing(target: str, *, append: bool) -> int:
    return os.open(target, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC), 0o666)


def _here_document(body: str | None) -> int:
    fd = os.memfd_create("stdin", os.MFD_CLOEXEC)
    os.write(fd, os.fsencode(body or ""))
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _is_tool(tools: int, name: str) -> bool:
    return "/" not in name and os.access("bin/" + name, os.F_OK, dir_fd=tools)


def _only_lists(argv: list[str]) -> bool:
    """Is this `mount` without operands, which prints the table?"""
    words = argv[1:]
    while words[:1] == ["-t"]:
        words = words[2:]
    return all(word.startswith("-") for word in words)


def _keeps_no_notes(argv: list[str]) -> bool:
    """Listings; and a move without a source, which libmount refuses only while it prepares its notes."""
    operands = [word for word in argv[1:] if not word.startswith("-")]
    return _only_lists(argv) or (len(operands) == 1 and ("--move" in argv or "-M" in argv))
