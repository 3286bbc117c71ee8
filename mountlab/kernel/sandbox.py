"""The owner's side of the sandbox: start it, ask it, end it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from mountlab.kernel import tools, wire
from mountlab.kernel.limits import Limits
from mountlab.kernel.stage import SetupError
from mountlab.kernel.uml.line import OwnersEnd
from mountlab.kernel.wire import Json

_START_SECONDS = 120.0
"""A start takes two seconds; where thirty learners of one server begin at once, each waits for all."""
_END_SECONDS = 5.0
_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop()); from mountlab.kernel.{} import main; main()"


def _environment() -> dict[str, str]:
    """What Python may need to start; the rest is not to be read in /proc/1/environ, a hub's token for one."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


class KernelStoppedError(Exception):
    """The machine is gone: it flooded, hung or was killed; the message says how to go on."""


class Sandbox:
    """A running sandbox with one machine in it."""

    def __init__(self, kind: str, init: str, limits: Limits) -> None:
        """Start it.

        Raises:
            SetupError: when the kernel, or what stands around it, does not let us.
        """
        self.kind, self._limits = kind, limits
        self._pid = os.getpid()
        self._waits = False
        """Is an answer under way?"""
        program = _PROGRAM.format("uml.keeper" if kind == "uml" else "supervisor")
        try:
            inventory = tools.inventory()
        except tools.ToolsError as error:
            raise SetupError(str(error)) from error
        self._sock, theirs = socket.socketpair()
        package = str(Path(__file__).resolve().parents[2])
        words = [sys.executable, "-I", "-S", "-X", "utf8", "-c", program, str(theirs.fileno()), package]
        with theirs:
            self._keeper = subprocess.Popen(
                words,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
                env=_environment(),
            )
        config = {
            "owner": self._pid,
            "owner_is_main_thread": threading.current_thread() is threading.main_thread(),
            "kind": kind,
            "init": init,
            "limits": limits,
            "tools": inventory,
        }
        try:
            wire.send(self._sock, config)
            answer = wire.receive(self._sock, _START_SECONDS)
        except (OSError, EOFError) as error:
            self.close()
            raise SetupError(f"the sandbox did not start: {error}") from error
        if "failed" in answer:
            self.close()
            raise SetupError(answer["failed"])
        self._channel: wire.Channel = OwnersEnd(self._sock) if kind == "uml" else self._sock

    def ask(self, *request: Json) -> Json:
        """Send a request and wait for its answer.

        Raises:
            KernelStoppedError: when the machine had to be stopped.
        """
        self._waits = True
        try:
            wire.send(self._channel, request)
            answer = wire.receive(self._channel, self._patience(request))
            self._waits = False
        except (OSError, EOFError) as error:
            self.close()
            raise KernelStoppedError(
                f"the kernel's sandbox is gone ({error}); make a new KernelBackend to go on"
            ) from error
        if "failed" in answer:
            self.close()
            raise KernelStoppedError(f"{answer['failed']}; make a new KernelBackend to go on")
        if "stopped" in answer:
            raise KernelStoppedError(
                f"the kernel's machine was stopped: {answer['stopped']}."
                " Its terminals are closed; reset() makes a fresh machine, or run the transcript again"
            )
        return answer["ok"]

    def _patience(self, request: tuple[Json, ...]) -> float:
        """The sandbox stops a slow program itself; this is for a sandbox that does not."""
        commands = len(request[2]) if request[0] == "run" else 1
        return self._limits.seconds * max(1, commands) + 60

    def is_ready(self, limits: Limits | None = None) -> bool:
        """Whether it can be asked, by this process, and has these limits."""
        runs = self._pid == os.getpid() and self._keeper.poll() is None
        return runs and not self._waits and limits in {None, self._limits}

    def close(self) -> None:
        """End it, with everything in it; harmless when it has ended."""
        if os.getpid() != self._pid:
            return  # a fork of the owner: the sandbox is not its own
        self._sock.close()
        if self._keeper.stdin:
            self._keeper.stdin.close()
        if self.kind == "uml":  # its keeper has something to clear away
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._keeper.wait(_END_SECONDS)
        if self._keeper.poll() is None:
            self._keeper.kill()
        self._keeper.wait()
