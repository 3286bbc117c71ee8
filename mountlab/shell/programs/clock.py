"""The simulated clock: every system call takes a second, and the machine starts at a fixed time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)
"""The same for every machine, so that the same commands always print the same."""


def moment(tick: int) -> datetime:
    """The time of a tick."""
    return START + timedelta(seconds=tick)


def short(tick: int) -> str:
    """As ls -l prints a recent time."""
    when = moment(tick)
    return f"{when:%b} {when.day:2} {when:%H:%M}"


def full(tick: int) -> str:
    """As stat prints a time."""
    return f"{moment(tick):%Y-%m-%d %H:%M:%S}.000000000 +0000"


def seconds(tick: int) -> int:
    """Seconds since 1970."""
    return int(moment(tick).timestamp())
