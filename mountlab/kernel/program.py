"""Starts one real program in the place of a shell."""

from __future__ import annotations

import math
import os
import resource
import signal
from collections.abc import Mapping
from types import FrameType

from mountlab.kernel import capabilities, entry, seccomp, tracer
from mountlab.kernel.terminal import Terminal
from mountlab.kernel.tracer import Tracee
from mountlab.kernel.watch import Ended, Move, Streams, Substitute, Watch, wait_for_end

_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "LOCPATH": "/locale",
    "TZ": "UTC",
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
}
_FIRST_FD = 62
"""The substituted files of a program stand here, above what the dynamic linker opens."""
_HELD = 100


class Program:
    """One run of a real program."""

    def __init__(
        self,
        terminal: Terminal,
        argv: list[str],
        streams: Streams,
        substitutes: Mapping[str, Substitute],
        move: Move = Move.AT_THE_END,
    ) -> None:
        self.terminal, self.argv, self.streams = terminal, argv, streams
        self.pid = 0
        self.files = [os.memfd_create("file", os.MFD_CLOEXEC) for _ in substitutes]
        places = zip(substitutes, self.files, strict=True)
        replaced = {
            path: (substitutes[path], fd, _FIRST_FD + index) for index, (path, fd) in enumerate(places)
        }
        self.watch = Watch(terminal, argv[0], replaced, move)

    def run(self, seconds: float) -> Ended:
        """Start it, watch it until its end, at most `seconds`."""
        pid = os.fork()
        if pid == 0:
            self._become()
        self.pid = pid
        handler_before = signal.signal(signal.SIGALRM, _time_is_up)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            os.waitpid(pid, tracer.WAIT_ALL)
            return self.watch.until_end(Tracee(pid))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            signal.setitimer(signal.ITIMER_REAL, 0)
            wait_for_end(pid)
            self.watch.end_children()
            return self.watch.ended(124, timed_out=True)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler_before)
            for fd in self.files:
                os.close(fd)

    def _become(self) -> None:
        """In the child: go to the tools, leave root and cwd as descriptors, execute."""
        try:
            self._place_descriptors()
            for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            most = math.ceil(self.terminal.limits.seconds) + 1  # for what a program leaves behind, unseen
            resource.setrlimit(resource.RLIMIT_CPU, (most, most))
            tracer.trace_me()
            os.kill(os.getpid(), signal.SIGSTOP)
            unmapped = self.terminal.unmapped
            if unmapped:
                capabilities.hand_chroot_to_program()
            os.fchdir(self.terminal.tools)
            os.chroot(".")
            seccomp.install(seccomp.for_program(self.watch.traced))
            door = "/enter-unmapped.so" if unmapped else "/enter.so"
            linker = ["/ld.so", "--preload", door, "--library-path", "/lib", "--argv0", self.argv[0]]
            os.execve("/ld.so", [*linker, "/bin/" + self.argv[0], *self.argv[1:]], _ENVIRONMENT)
        except OSError as error:
            os.write(2, f"mountlab: {self.argv[0]}: {error.strerror}\n".encode())
        finally:
            os._exit(126)

    def _place_descriptors(self) -> None:
        root = os.open("/", os.O_PATH)
        cwd = os.open(".", os.O_PATH)
        wanted = [*self.streams, root, cwd, *self.files]
        places = [0, 1, 2, entry.ROOT_FD, entry.CWD_FD, *range(_FIRST_FD, _FIRST_FD + len(self.files))]
        # By way of high numbers, so that no place is taken before its own file has been moved.
        held = [os.dup2(fd, _HELD + index) for index, fd in enumerate(wanted)]
        for fd, place in zip(held, places, strict=True):
            os.dup2(fd, place)
        os.closerange(_HELD, _HELD + len(held))


def _time_is_up(_signum: int, _frame: FrameType | None) -> None:
    raise TimeoutError
