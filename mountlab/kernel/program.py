"""Runs one real program in the place of a shell, and watches its system calls."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Mapping
from types import FrameType
from typing import NamedTuple

from mountlab.kernel import capabilities, entry, seccomp, tracer
from mountlab.kernel.syscalls import MS_CHANGES_A_MOUNT
from mountlab.kernel.tracer import SystemCall, Tracee

ALLOWED_TYPES = frozenset(("tmpfs", "ramfs", "proc", "overlay"))
"""The kernel allows a user namespace a few more; none of them has a use here."""
_MOVERS = frozenset(("unshare", "nsenter", "chroot"))
_REPORTED = ("mount", "umount2", "pivot_root", "unshare", "setns", "chroot")
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "LOCPATH": "/locale",
    "TZ": "UTC",
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    # Not a regular file: libmount then keeps no /run/mount/utab, which no table would explain.
    "LIBMOUNT_UTAB": "/",
}
_FIRST_FD = 62
"""The substituted files of a program stand here, above what the dynamic linker opens."""

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
    calls: list[tuple[str, str | None]]
    moved: bool = False
    """It was about to become a shell, in another place: `on_shell` has gone there."""
    timed_out: bool = False


class Program:
    """One run of a real program."""

    def __init__(
        self,
        argv: list[str],
        streams: Streams,
        tools: int,
        on_shell: Callable[[int], None],
        substitutes: Mapping[str, Substitute],
        unmapped: bool,
    ) -> None:
        self.argv = argv
        self.streams = streams
        self.tools = tools
        self.on_shell = on_shell
        self.substitutes = dict(substitutes)
        self.unmapped = unmapped
        self.calls: list[tuple[str, str | None]] = []
        self.entered = False
        self.pending: str | None = None
        self.files = [os.memfd_create("file", os.MFD_CLOEXEC) for _ in self.substitutes]

    def run(self, seconds: float) -> Ended:
        """Start it, watch it until its end, at most `seconds`."""
        pid = os.fork()
        if pid == 0:
            self._become()
        handler_before = signal.signal(signal.SIGALRM, _time_is_up)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            os.waitpid(pid, tracer.WAIT_ALL)
            tracee = Tracee(pid)
            tracee.go()
            return self._watch(tracee)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            signal.setitimer(signal.ITIMER_REAL, 0)
            _wait_for_end(pid)
            return Ended(124, self.calls, timed_out=True)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler_before)
            for fd in self.files:
                os.close(fd)

    def _become(self) -> None:
        """In the child: go to the tools, leave root and cwd as descriptors, execute."""
        try:
            root = os.open("/", os.O_PATH)
            cwd = os.open(".", os.O_PATH)
            wanted = [*self.streams, root, cwd, *self.files]
            places = [0, 1, 2, entry.ROOT_FD, entry.CWD_FD, *range(_FIRST_FD, _FIRST_FD + len(self.files))]
            held = [os.dup2(fd, 100 + index) for index, fd in enumerate(wanted)]
            for fd, place in zip(held, places, strict=True):
                os.dup2(fd, place)
            os.closerange(100, 100 + len(held))
            for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            tracer.trace_me()
            os.kill(os.getpid(), signal.SIGSTOP)
            if self.unmapped:
                capabilities.hand_chroot_to_program()
            os.fchdir(self.tools)
            os.chroot(".")
            traced = (*_REPORTED, "execve", *(["openat"] if self.substitutes else []))
            seccomp.install(seccomp.for_program(traced))
            door = "/enter-unmapped.so" if self.unmapped else "/enter.so"
            linker = ["/ld.so", "--preload", door, "--library-path", "/lib", "--argv0", self.argv[0]]
            os.execve("/ld.so", [*linker, "/bin/" + self.argv[0], *self.argv[1:]], _ENVIRONMENT)
        except OSError as error:
            os.write(self.streams.stderr, f"mountlab: {self.argv[0]}: {error.strerror}\n".encode())
        finally:
            os._exit(126)

    def _watch(self, tracee: Tracee) -> Ended:
        while True:
            _, status = os.waitpid(tracee.pid, tracer.WAIT_ALL)
            if not os.WIFSTOPPED(status):
                code = os.waitstatus_to_exitcode(status)
                return Ended(code if code >= 0 else 128 - code, self.calls)
            stop = os.WSTOPSIG(status)
            if status >> 16 == tracer.EVENT_SECCOMP:
                call = tracee.call()
                if self.entered and call.name == "execve" and self.argv[0] in _MOVERS:
                    self.on_shell(tracee.pid)
                    os.kill(tracee.pid, signal.SIGKILL)
                    _wait_for_end(tracee.pid)
                    return Ended(0, self.calls, moved=True)
                tracee.go(to_exit=self._before(tracee, call))
            elif stop == signal.SIGTRAP | 0x80:
                self._after(tracee.result())
                tracee.go()
            else:
                tracee.go(0 if stop == signal.SIGTRAP else stop)

    def _before(self, tracee: Tracee, call: SystemCall) -> bool:
        """Look at a call before it is made; True to see its result as well."""
        if not self.entered:
            self.entered = call.name == "chroot"
            return False
        if call.name == "openat":
            self._substitute(tracee, call)
        if call.name not in _REPORTED:
            return False
        self.pending = call.name
        refusal = self._refusal(tracee, call) if call.name == "mount" else 0
        if refusal:
            tracee.answer(refusal)
            self._after(-refusal)
            return False
        return True

    def _after(self, result: int) -> None:
        if self.pending is not None:
            self.calls.append((self.pending, errno.errorcode.get(-result) if result < 0 else None))
            self.pending = None

    def _substitute(self, tracee: Tracee, call: SystemCall) -> None:
        path = tracee.text(call.args[1])
        make = self.substitutes.get(path)
        content = make() if make else None
        if content is None:
            return
        index = list(self.substitutes).index(path)
        os.ftruncate(self.files[index], 0)
        os.pwrite(self.files[index], content, 0)
        os.lseek(self.files[index], 0, os.SEEK_SET)
        tracee.make_it_dup(_FIRST_FD + index)

    @staticmethod
    def _refusal(tracee: Tracee, call: SystemCall) -> int:
        """The error for a file system type outside the list, 0 for what may be mounted."""
        if call.args[3] & MS_CHANGES_A_MOUNT or not call.args[2]:
            return 0
        return refused_type(tracee.text(call.args[2], 64))


def refused_type(fstype: str) -> int:
    """ENODEV, which an unknown type gives as well: the kernel is not asked, it would load a module."""
    return 0 if fstype in ALLOWED_TYPES else errno.ENODEV


def _time_is_up(signum: int, frame: FrameType | None) -> None:
    raise TimeoutError


def _wait_for_end(pid: int) -> None:
    while os.WIFSTOPPED(os.waitpid(pid, tracer.WAIT_ALL)[1]):
        pass
