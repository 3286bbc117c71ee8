"""Watches the system calls of one program, and answers the few that the kernel should not."""

from __future__ import annotations

import errno
import os
import signal
import struct
from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple

from mountlab.kernel import fstypes, tracer
from mountlab.kernel.syscalls import MS_CHANGES_A_MOUNT
from mountlab.kernel.terminal import Terminal
from mountlab.kernel.tracer import SystemCall, Tracee
from mountlab.nsfs import number_of

_MOVERS = frozenset(("unshare", "nsenter", "chroot"))
_REPORTED = ("mount", "umount2", "pivot_root", "unshare", "setns", "chroot")
_ALSO = {
    "mount": ("mkdir", "mkdirat"),
    "umount": ("mkdir", "mkdirat"),
    "ls": ("statx",),
    "stat": ("statx",),
    "lsns": ("newfstatat",),
    "nsenter": ("setgroups",),
}
_PATH_ARGUMENT = {"mkdir": 0, "mkdirat": 1}
_NOTES = "/run/mount"
"""Where libmount keeps notes of its own; mount(8) of an unmapped user insists on the directory."""
_OVERFLOW_ID = 65534

Substitute = Callable[[], bytes | None]
"""Makes the content that a program reads instead of a file, or None: let it open the real one."""


class Streams(NamedTuple):
    """Descriptors for a program's standard streams."""

    stdin: int
    stdout: int
    stderr: int


class Ended(NamedTuple):
    """How a program ended."""

    status: int
    calls: tuple[tuple[str, str | None], ...]
    refused_type: str | None = None
    timed_out: bool = False


class Move(Enum):
    """What the terminal does when a program becomes a shell elsewhere."""

    NEVER = 0
    """It stays: this is a rehearsal."""
    AT_THE_END = 1
    AT_ONCE = 2
    """It leaves its mount namespace when the program leaves it: the program is known to succeed."""


class Watch:
    """The tracer's side of one program."""

    def __init__(
        self,
        terminal: Terminal,
        name: str,
        substitutes: Mapping[str, tuple[Substitute, int, int]],
        move: Move,
    ) -> None:
        """`substitutes`: by path, the content, the file to put it in, its number in the program."""
        self.terminal, self.name, self.substitutes, self.move = terminal, name, substitutes, move
        self.traced = (*_REPORTED, "execve", *_ALSO.get(name, ()), *(["openat"] if substitutes else []))
        self._calls: list[tuple[str, str | None]] = []
        self._refused_type: str | None = None
        self._entered = False
        self._pending: SystemCall | None = None
        self._children: dict[int, Tracee] = {}
        """What the program forked, as unshare(1) does that binds a namespace's file."""

    def until_end(self, tracee: Tracee) -> Ended:
        """Let it run, from its first stop to its end; what it forked ends with it."""
        program = tracee
        tracee.go()
        while True:
            tracee, status = self._next_stop(program)
            if not os.WIFSTOPPED(status):
                self.end_children()
                code = os.waitstatus_to_exitcode(status)
                return self.ended(code if code >= 0 else 128 - code)
            stop = os.WSTOPSIG(status)
            if status >> 16 == tracer.EVENT_SECCOMP:
                call = tracee.call()
                if self._becomes_a_shell(call):
                    if self.move is not Move.NEVER:
                        self.terminal.follow(tracee.pid)
                    os.kill(tracee.pid, signal.SIGKILL)
                    wait_for_end(tracee.pid)
                    return self.ended(0)
                tracee.go(to_exit=self._before(tracee, call))
            elif stop == signal.SIGTRAP | 0x80:
                leaves = self._pending is not None and self._pending.name == "unshare"
                self._after(tracee, tracee.result())
                if leaves and self.move is Move.AT_ONCE:
                    self.terminal.follow(tracee.pid, user_too=False)
                tracee.go()
            else:
                tracee.go(0 if stop == signal.SIGTRAP else stop)

    def _next_stop(self, program: Tracee) -> tuple[Tracee, int]:
        """Who stopped next, and how; of all ends only the program's own is told."""
        while True:
            pid, status = os.waitpid(-1, tracer.WAIT_ALL)
            if pid == program.pid:
                return program, status
            if not os.WIFSTOPPED(status):
                self._children.pop(pid, None)  # it may have ended before it was seen
            elif pid in self._children:
                return self._children[pid], status
            else:  # its first stop is no signal of anybody's
                self._children[pid] = Tracee(pid)
                self._children[pid].go()

    def end_children(self) -> None:
        """Kill what the program left behind."""
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
            wait_for_end(pid)
        self._children.clear()

    def ended(self, status: int, *, timed_out: bool = False) -> Ended:
        """The report."""
        return Ended(status, tuple(self._calls), self._refused_type, timed_out)

    def _becomes_a_shell(self, call: SystemCall) -> bool:
        return self._entered and call.name == "execve" and self.name in _MOVERS

    def _before(self, tracee: Tracee, call: SystemCall) -> bool:
        """Look at a call before it is made; True to see its result as well."""
        if not self._entered:  # the dynamic linker, and entry.py's initialiser at its end
            self._entered = call.name == "chroot"
            return False
        if call.name == "openat":
            self._substitute(tracee, call)
            return False
        if call.name == "setgroups":  # nsenter empties the list of groups, which is empty already
            if self.terminal.is_denied_what_root_may():
                tracee.answer(0)
            return False
        self._pending = call
        refusal = 0
        if call.name == "mount":
            refusal = self._type_refusal(tracee, call)
        elif call.name in _PATH_ARGUMENT and tracee.text(call.args[_PATH_ARGUMENT[call.name]]) == _NOTES:
            refusal = errno.EACCES
        if refusal:
            tracee.answer(refusal)
            self._after(tracee, -refusal)
            return False
        return True

    def _after(self, tracee: Tracee, result: int) -> None:
        call, self._pending = self._pending, None
        if call is None:
            return
        if call.name == "statx" and result == 0 and not self.terminal.unmapped:
            self._give_proc_to_root(tracee, call.args[4])
        if call.name == "newfstatat" and result == 0:
            self._number_namespace(tracee, call.args[2])
        if call.name in _REPORTED:
            self._calls.append((call.name, errno.errorcode.get(-result) if result < 0 else None))

    def _give_proc_to_root(self, tracee: Tracee, buffer: int) -> None:
        """Files of /proc, and of namespaces, belong to a root that is not ours: shown as a machine's root."""
        links, uid = struct.unpack("=II", tracee.word(buffer + 16))
        gid, mode = struct.unpack("=II", tracee.word(buffer + 24))
        device = struct.unpack("=II", tracee.word(buffer + 136))
        files = self.terminal.namespace_device
        ours = (self.terminal.fixture.proc_device, f"{os.major(files)}:{os.minor(files)}")
        if uid == _OVERFLOW_ID and "{}:{}".format(*device) in ours:
            tracee.set_word(buffer + 16, struct.pack("=II", links, 0))
            tracee.set_word(buffer + 24, struct.pack("=II", 0 if gid == _OVERFLOW_ID else gid, mode))

    def _number_namespace(self, tracee: Tracee, buffer: int) -> None:
        """Let lsns(8), which sorts by inode, see mount namespaces in order of creation.

        Inodes are used again as soon as any namespace of the machine ends.
        """
        device, inode = (int.from_bytes(tracee.word(buffer + at), "little") for at in (0, 8))
        number = self.terminal.namespaces.get(inode)
        if number is not None and device == self.terminal.namespace_device:
            tracee.set_word(buffer + 8, struct.pack("=Q", number_of(number)))

    def _substitute(self, tracee: Tracee, call: SystemCall) -> None:
        substitute = self.substitutes.get(tracee.text(call.args[1]))
        if substitute is None:
            return
        make, file, place = substitute
        content = make()
        if content is not None:
            os.ftruncate(file, 0)
            os.pwrite(file, content, 0)
            os.lseek(file, 0, os.SEEK_SET)
            tracee.make_it_dup(place)

    def _type_refusal(self, tracee: Tracee, call: SystemCall) -> int:
        source, target, fstype, flags = call.args[:4]
        if flags & MS_CHANGES_A_MOUNT or not fstype or self.terminal.unmapped:
            return 0  # an unmapped user may mount nothing: the kernel's answer
        name = tracee.text(fstype)
        refusal = self.terminal.types.refusal(
            name, tracee.text(source) if source else "", tracee.text(target)
        )
        if refusal == errno.EPERM:
            self._refused_type = fstypes.explanation(name)
        return refusal


def wait_for_end(pid: int) -> None:
    """Reap a traced child that has been killed."""
    while os.WIFSTOPPED(os.waitpid(pid, tracer.WAIT_ALL)[1]):
        pass
