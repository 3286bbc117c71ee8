"""Turns the kernel's refusal during set-up into a sentence for a person."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


class SetupError(Exception):
    """The sandbox cannot be had here; the message says at which step, and why."""


@contextlib.contextmanager
def stage(what: str, advice: str = "") -> Iterator[None]:
    """Name the step that is under way: ``what`` completes "the kernel refuses to …"."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise SetupError(f"cannot {what}: {reason}{'; ' + advice if advice else ''}") from error
