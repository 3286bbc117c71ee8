"""What the supervisor serves: machines one after the other, their shells, their tables."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable
from typing import NamedTuple

from mountlab.kernel import agent, bounds, held, household, machine, syscalls, wire
from mountlab.kernel.bounds import StoppedError
from mountlab.kernel.fstypes import FilesystemTypes
from mountlab.kernel.limits import Limits
from mountlab.kernel.syscalls import CLONE_NEWNS, CLONE_NEWPID
from mountlab.kernel.tables import Fixture, read_fixture
from mountlab.kernel.terminal import Terminal
from mountlab.kernel.wire import Json

_BATCH_SECONDS = 40.0
"""For one batch of raw system calls: less than the owner's patience (sandbox.py)."""


class Shell(NamedTuple):
    """A terminal's process, as the supervisor knows it."""

    outer_pid: int
    inner_pid: int
    sock: socket.socket


class Machines:
    """At most one machine at a time."""

    def __init__(self, tools: int, proc: int, owner: wire.Channel, limits: Limits) -> None:
        self.tools, self.proc, self.owner, self.limits = tools, proc, owner, limits
        self.own_pids = os.open("self/ns/pid", os.O_RDONLY, dir_fd=proc)
        self.first: int | None = None
        self.fixture = Fixture("", {}, ())
        with os.fdopen(os.open("filesystems", os.O_RDONLY, dir_fd=proc), encoding="utf-8") as file:
            self.types = FilesystemTypes(file.read())
        self.shells: dict[str, Shell] = {}
        self.appeared: dict[str, int] = {}
        self.namespaces: dict[int, int] = {}
        self.namespaces_made = 0
        self.unattended: dict[int, held.Unattended] = {}

    def serve(self) -> None:
        """Answer the owner until it is gone."""
        handlers: dict[str, Callable[..., Json]] = {
            "open": self.open,
            "run": self.run,
            "tables": self.tables,
            "raw": self.raw,
            "reset": self.reset,
            **household.handlers(self),
        }
        while True:
            name, *args = wire.receive(self.owner)
            try:
                wire.send(self.owner, {"ok": handlers[name](*args)})
            except StoppedError as error:
                self._end()
                wire.send(self.owner, {"stopped": str(error)})
            except OSError as error:
                wire.send(self.owner, {"stopped": f"{name}: {error.strerror}"})

    def reset(self, init: str) -> None:
        """End the machine, if there is one, and make a new one."""
        self._end()
        ready_read, ready_write = os.pipe()
        syscalls.unshare(CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            self._be_first(init, ready_write)
        syscalls.setns(self.own_pids, CLONE_NEWPID)
        os.close(ready_write)
        with os.fdopen(ready_read, "rb") as pipe:
            failure = pipe.read()
        self.first = pid
        if failure != b"ready":
            raise OSError(int(failure or b"5"), os.strerror(int(failure or b"5")))
        self.fixture = read_fixture(self.mountinfo(pid))
        self.note_namespaces()

    def _be_first(self, init: str, ready: int) -> None:
        """In process 1 of the machine: build it, then keep it."""
        self._forget_sockets()
        try:
            machine.build(init)
            machine.rename_process("init" if init == "bare" else "systemd", self.proc)
            os.write(ready, b"ready")
            os.closerange(3, 256)
            machine.sleep_forever()
        except OSError as error:
            os.write(ready, str(error.errno).encode())
        finally:
            os._exit(1)

    def _end(self) -> None:
        """Kill the machine's process 1, and so all of them."""
        if self.first is None:
            return
        os.kill(self.first, signal.SIGKILL)
        for shell in self.shells.values():  # before process 1: it waits for them to be reaped
            with contextlib.suppress(ProcessLookupError):
                os.kill(shell.outer_pid, signal.SIGKILL)
            shell.sock.close()
            os.waitpid(shell.outer_pid, 0)
        os.waitpid(self.first, 0)
        with contextlib.suppress(OSError):  # a machine that was not built to its end has none
            syscalls.umount2(machine.FIXTURE, syscalls.MNT_DETACH)
        self.first = None
        self.shells, self.appeared, self.namespaces, self.namespaces_made = {}, {}, {}, 0

    def open(self, name: str) -> None:
        """A new terminal in the initial namespace, with the root of process 1."""
        if self.first is None:
            raise StoppedError("there is no machine; reset() makes a new one")
        if name in self.shells:
            return
        self.shells[name] = self.begin(name, self.first)
        self.appeared.setdefault(name, len(self.appeared))

    def begin(self, name: str, like: int, title: str = "bash", *, is_outside: bool = False) -> Shell:
        """A new process with another one's namespace, root and working directory.

        Args:
            name: of its terminal.
            like: the other process.
            title: how lists of processes call it.
            is_outside: it is not among the machine's processes.
        """
        if len(self.shells) >= self.limits.shells:
            what = (
                "terminals, daemons and containers are there"
                if household.any_hidden(self)
                else "terminals are open"
            )
            raise StoppedError(f"more than {self.limits.shells} {what} at the same time")
        ours, theirs = socket.socketpair()
        if not is_outside:
            pidfd = os.pidfd_open(self.first or 0)
            syscalls.setns(pidfd, CLONE_NEWPID)
            os.close(pidfd)
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._be_shell(name, theirs, like, title)
        syscalls.setns(self.own_pids, CLONE_NEWPID)
        theirs.close()
        return Shell(pid, self.ask_socket(ours, None)["pid"], ours)

    def _be_shell(self, name: str, sock: socket.socket, like: int, title: str) -> None:
        """In the new process: go to the other one's namespace, root and directory, then serve."""
        self._forget_sockets()
        with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
            kept = sock.fileno()
            os.close(self.own_pids)
            machine.rename_process(title, self.proc)
            places = [os.open(f"{like}/{place}", os.O_PATH, dir_fd=self.proc) for place in ("root", "cwd")]
            namespace = os.open(f"{like}/ns/mnt", os.O_RDONLY, dir_fd=self.proc)
            syscalls.setns(namespace, CLONE_NEWNS)
            machine.enter(*places)
            for fd in (namespace, *places):
                os.close(fd)
            os.closerange(kept + 1, 256)
            agent.serve(Terminal(name, self.tools, self.proc, self.fixture, self.types, self.limits), sock)
        os._exit(0)

    def _forget_sockets(self) -> None:
        """Close what belongs to the supervisor, for good: no finaliser may close the number again."""
        for sock in [self.owner, *(shell.sock for shell in self.shells.values())]:
            os.close(sock.detach())

    def ask_socket(self, sock: socket.socket, message: Json) -> Json:
        try:
            if message is not None:
                wire.send(sock, message)
            deadline = time.monotonic() + self.limits.seconds + self.limits.grace
            while not wire.is_waiting(sock, bounds.WATCH_SECONDS):
                bounds.check_memory(self.proc, self.limits)
                if time.monotonic() > deadline:
                    raise StoppedError("a terminal did not answer in time")
            return wire.receive(sock)
        except (EOFError, OSError) as error:
            raise StoppedError("a terminal's process was killed") from error

    def run(self, name: str, commands: list[Json]) -> Json:
        """Run one line in a terminal."""
        self.open(name)
        shell = self.shells[name]
        pids = {
            other: each.inner_pid for other, each in self.shells.items() if not household.is_hidden(other)
        }
        answer = self.ask_socket(shell.sock, ["run", commands, pids, self._inodes()])
        if answer["closed"]:
            self.close(name)
        bounds.check_memory(self.proc, self.limits)
        self.note_namespaces()
        return answer

    def close(self, name: str) -> None:
        """Let go of a process that has ended."""
        shell = self.shells.pop(name)
        shell.sock.close()
        os.waitpid(shell.outer_pid, 0)

    def raw(self, operations: list[Json], watched: list[str]) -> list[Json]:
        """Raw system calls in order: for each its error, and the watched tables that changed."""
        last: dict[str, str] = {}
        done = []
        deadline = time.monotonic() + _BATCH_SECONDS
        for name, call, args in operations:
            self.open(name)
            done.append([self._raw_one(name, call, args), self._changes(watched, last)])
            if time.monotonic() > deadline:
                raise StoppedError(f"a batch of raw system calls took more than {_BATCH_SECONDS:g} s")
            if sum(text.count("\n") for text in last.values()) > self.limits.mounts:
                raise StoppedError(bounds.too_many(self.limits.mounts))
        return done

    def _raw_one(self, name: str, call: str, args: list[Json]) -> str | None:
        if call == "exit":
            self.ask_socket(self.shells[name].sock, ["run", [[["exit"], [], None, False]], {}, {}])
            self.close(name)
            self.note_namespaces()
            return None
        if call == "setns":
            self.open(args[0])
            args = [self.shells[args[0]].inner_pid, *args[1:]]
        if call == "mount" and args[0]:
            args = [self._with_pid(args[0]), *args[1:]]
        error: str | None = self.ask_socket(self.shells[name].sock, ["raw", call, args])
        if call in {"unshare", "setns", "enter"} and error is None:
            self.note_namespaces()
        return error

    def _with_pid(self, path: str) -> str:
        """A path of /proc with the process id where it names a shell."""
        name = path.removeprefix("/proc/").partition("/")[0]
        if not path.startswith("/proc/") or name not in self.shells:
            return path
        return path.replace(name, str(self.shells[name].inner_pid), 1)

    def _changes(self, watched: list[str], last: dict[str, str]) -> dict[str, str | None]:
        """The watched tables that are not as they were; None for a shell that is gone."""
        changes: dict[str, str | None] = {}
        for name in watched:
            if name in self.shells:
                text = self.fixture.table(self.mountinfo(self.shells[name].outer_pid))
                if last.get(name) != text:
                    last[name] = changes[name] = text
            elif last.pop(name, None) is not None:
                changes[name] = None
        return changes

    def mountinfo(self, pid: int) -> str:
        """A process's table."""
        return bounds.read_table(self.proc, pid, self.limits)

    def _namespace_of(self, pid: int) -> int:
        fd = os.open(f"{pid}/ns/mnt", os.O_RDONLY, dir_fd=self.proc)
        try:
            return syscalls.namespace_id(fd)
        finally:
            os.close(fd)

    def _inodes(self) -> dict[int, int]:
        """The number of each mount namespace by its inode."""
        pids = [pid for pid in (self.first, *(shell.outer_pid for shell in self.shells.values())) if pid]
        attended = {
            os.stat(f"{pid}/ns/mnt", dir_fd=self.proc).st_ino: self.namespaces[self._namespace_of(pid)]
            for pid in pids
        }
        return attended | {each.inode: self.namespaces[key] for key, each in self.unattended.items()}

    def note_namespaces(self) -> dict[str, int]:
        """Number new namespaces, forget dead ones; which shell is in which."""
        if self.first is None:
            raise StoppedError("there is no machine; reset() makes a new one")
        places = {name: self._namespace_of(shell.outer_pid) for name, shell in self.shells.items()}
        pids = [self.first, *(shell.outer_pid for shell in self.shells.values())]
        self.unattended = held.unattended(self.proc, pids, self.mountinfo)
        alive = {self._namespace_of(self.first), *places.values(), *self.unattended}
        self.namespaces = {key: number for key, number in self.namespaces.items() if key in alive}
        for key in sorted(alive - set(self.namespaces)):
            self.namespaces_made += 1
            self.namespaces[key] = self.namespaces_made
        return {name: self.namespaces[key] for name, key in places.items()}

    def tables(self) -> list[Json]:
        """Each namespace: its number, its shells, its daemons, its table, and the other views of it."""
        places = self.note_namespaces()
        if self.first is None:
            raise StoppedError("there is no machine; reset() makes a new one")
        found, total, numbers = [], 0, self._inodes()
        for key, number in self.namespaces.items():
            members = [name for name, place in places.items() if place == number]
            hidden = [name for name in members if household.is_hidden(name)]
            inside = sorted(set(members).difference(hidden), key=self.appeared.__getitem__)
            pids = [self.shells[name].outer_pid for name in inside]
            pids = pids or [self.shells[hidden[0]].outer_pid if number > 1 and hidden else self.first]
            empty = self.unattended.get(key)
            read = [empty.mountinfo] if empty else [self.mountinfo(pid) for pid in pids]
            texts = [held.numbered(self.fixture.table(text), numbers) for text in read]
            total += texts[0].count("\n")
            views = {name: text for name, text in zip(inside, texts, strict=False) if text != texts[0]}
            found.append([number, inside, hidden, texts[0], views])
        if total > self.limits.mounts:
            raise StoppedError(bounds.too_many(self.limits.mounts))
        return found
