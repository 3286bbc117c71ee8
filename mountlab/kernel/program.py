"""Starts one real program in the place of a shell."""

from __future__ import annotations

import math
import os
import resource
import signal
import struct
from collections.abc import Mapping
from types import FrameType

from mountlab.kernel import capabilities, entry, seccomp, tracer
from mountlab.kernel.launch import FAILED, Launch
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
_BY_DEFAULT = bytes(32)
"""A struct sigaction that says SIG_DFL."""


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
        launch = Launch()
        try:
            try:
                self.pid = self._start(launch)
            except OSError as error:
                return self._never_began(str(error.strerror))
            return self._watched(launch, seconds)
        finally:
            for fd in self.files:
                os.close(fd)

    def _watched(self, launch: Launch, seconds: float) -> Ended:
        handler_before = signal.signal(signal.SIGALRM, _time_is_up)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            if not os.WIFSTOPPED(os.waitpid(self.pid, tracer.WAIT_ALL)[1]):
                return self._never_began(launch.failure()[1])
            return self.watch.until_end(Tracee(self.pid))
        except TimeoutError:
            os.kill(self.pid, signal.SIGKILL)
            signal.setitimer(signal.ITIMER_REAL, 0)
            wait_for_end(self.pid)
            self.watch.end_children()
            return self.watch.ended(124, timed_out=True)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler_before)

    def _never_began(self, why: str) -> Ended:
        os.write(self.streams.stderr, f"mountlab: {self.argv[0]}: {why}\n".encode())
        return self.watch.ended(FAILED)

    def _start(self, launch: Launch) -> int:
        """Launch the child, which leaves root and working directory as descriptors; its process id."""
        places: list[int] = []
        try:
            places += [os.open(path, os.O_PATH) for path in ("/", ".")]
            self._prepare(launch, places)
            return launch.go()
        finally:
            for fd in places:
                os.close(fd)

    def _prepare(self, launch: Launch, places: list[int]) -> None:
        """In the child: go to the tools, execute the program and stop there."""
        self._place_descriptors(launch, [*self.streams, *places, *self.files])
        for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
            launch.call("rt_sigaction", number, _BY_DEFAULT, 0, 8)
        most = math.ceil(self.terminal.limits.seconds) + 1  # for what a program leaves behind, unseen
        launch.call("prlimit64", 0, resource.RLIMIT_CPU, struct.pack("=2Q", most, most), 0)
        launch.call("ptrace", tracer.TRACE_ME, 0, 0, 0)
        unmapped = self.terminal.unmapped
        if unmapped:
            capabilities.hand_chroot_to_program(launch)
        launch.call("fchdir", self.terminal.tools)
        launch.call("chroot", b".\0")
        seccomp.install_at_launch(launch, seccomp.for_program(self.watch.traced))
        door = "/enter-unmapped.so" if unmapped else "/enter.so"
        linker = ["/ld.so", "--preload", door, "--library-path", "/lib", "--argv0", self.argv[0]]
        launch.execute("/ld.so", [*linker, "/bin/" + self.argv[0], *self.argv[1:]], _ENVIRONMENT)

    def _place_descriptors(self, launch: Launch, wanted: list[int]) -> None:
        places = [0, 1, 2, entry.ROOT_FD, entry.CWD_FD, *range(_FIRST_FD, _FIRST_FD + len(self.files))]
        # By way of high numbers, so that no place is taken before its own file has been moved.
        for index, fd in enumerate(wanted):
            launch.call("dup3", fd, _HELD + index, os.O_CLOEXEC)
        for index, place in enumerate(places):
            launch.call("dup3", _HELD + index, place, 0)


def _time_is_up(_signum: int, _frame: FrameType | None) -> None:
    raise TimeoutError
