"""A guest of user-mode Linux boots once and serves one backend after the other."""

from __future__ import annotations

import atexit
import contextlib

from mountlab.kernel.limits import Limits
from mountlab.kernel.sandbox import KernelStoppedError, Sandbox

_idle: list[Sandbox] = []
"""At most one: who wants two machines at the same time boots a second guest, which ends with its backend."""


def begin(kind: str, init: str, limits: Limits) -> Sandbox:
    """A sandbox with a fresh machine.

    Raises:
        SetupError: when there is none to be had.
    """
    while kind == "uml" and _idle:
        sandbox = _idle.pop()
        if sandbox.is_ready(limits):
            with contextlib.suppress(KernelStoppedError):
                sandbox.ask("reset", init)
                return sandbox
        sandbox.close()
    return Sandbox(kind, init, limits)


def end(sandbox: Sandbox) -> None:
    """Give it back."""
    if sandbox.kind == "uml" and not _idle and sandbox.is_ready():
        _idle.append(sandbox)
    else:
        sandbox.close()


@atexit.register
def end_all() -> None:
    """End what waits for its next use."""
    while _idle:
        _idle.pop().close()
