"""Process 1 of the guest: makes it a place for the supervisor, and switches it off at the end."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tty

from mountlab.kernel import supervisor, syscalls, wire
from mountlab.kernel.stage import SetupError
from mountlab.kernel.uml.image import CONFIG, OVERLAY
from mountlab.kernel.uml.line import GuestsEnd

_SERIAL_LINE = "/dev/ttyS0"
_POWER_OFF = 0x4321FEDC


def main() -> None:
    """Serve the owner until it is gone, then switch off."""
    try:
        _serve()
    except Exception as error:  # noqa: BLE001 - the console is all there is
        print(f"mountlab: a mistake in the guest: {error!r}", file=sys.stderr, flush=True)
    syscalls.reboot(_POWER_OFF)


def _serve() -> None:
    os.environ.clear()
    syscalls.mount("dev", "/dev", "devtmpfs")
    fd = os.open(_SERIAL_LINE, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    line = GuestsEnd(fd)
    with open(CONFIG, "rb") as file:
        config = json.load(file)
    if os.path.exists(OVERLAY):
        syscalls.load_module(OVERLAY)
    _leave_the_first_root()
    try:
        supervisor.leave_the_host(as_root=True)
        pid = os.fork()
        if pid == 0:
            supervisor.supervise(line, config)
        os.waitpid(pid, 0)
    except SetupError as error:
        with contextlib.suppress(OSError):
            wire.send(line, {"failed": f"in the guest: {error}"})


def _leave_the_first_root() -> None:
    """The rootfs cannot be pivoted away: a bind mount of it, on top of it, can."""
    syscalls.mount("/", "/next", None, syscalls.MS_BIND)
    os.chdir("/next")
    syscalls.mount("proc", "/next/proc", "proc")
    syscalls.mount(".", "/", None, syscalls.MS_MOVE)
    os.chroot(".")
