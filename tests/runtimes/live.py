"""What the tests of all runtimes share: why to skip, and what may differ between two machines."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mountlab import mountinfo
from mountlab.mountinfo import MountInfo, parse

Row = dict[str, Any]


def needs(reason: str | None) -> None:
    """Skip where the runtime is missing, with the reason."""
    if reason:
        pytest.skip(reason)


_PATCHED = re.compile(r", build \S+|(?<=\d)[~+-][^\s,]*|\s*\(.*\)")
"""What a distribution adds to a version: its own number, its build."""


def same_versions(recorded: dict[str, Any], here: dict[str, Any], *programs: str) -> None:
    """Skip where other releases than those that were recorded are installed.

    A distribution's patches make no other release: a patched program is held against the recording, too.
    """
    theirs, ours = recorded["versions"], here["versions"]
    others = [
        f"{ours[name]} (recorded: {theirs[name]})"
        for name in programs
        if _PATCHED.sub("", ours[name]) != _PATCHED.sub("", theirs[name])
    ]
    if others:
        pytest.skip("another version than the recorded one: " + "; ".join(others))


def depends_on_the_machine(path: str) -> bool:
    """Its control groups, and what its kernel shows in /proc and /sys."""
    return path.startswith(("/sys/", "/proc/", "fd:ROOTFS/sys/", "fd:ROOTFS/proc/", "/lab/exec/"))


def canonical(rows: list[str]) -> list[MountInfo]:
    """A table in canonical form, without what depends on the machine."""
    return mountinfo.canonical(
        [row for row in map(parse, rows) if not depends_on_the_machine(row.mountpoint)]
    )


def portable(calls: list[Row]) -> list[Row]:
    """The calls of the process that becomes the container, without those that depend on the machine.

    The other processes run beside it: the order between them is not always the same.
    """
    first = next(call["process"] for call in calls if call["call"] == "pivot_root")
    return [
        {key: call[key] for key in ("call", "args", "result")}
        for call in calls
        if call["process"] == first and not any(map(depends_on_the_machine, call["args"]))
    ]


def differences(live: list[Row], recorded: list[Row], *without: str) -> list[str]:
    """Each row that differs, in words; some keys are not looked at."""
    assert len(live) == len(recorded)
    found = []
    for one, other in zip(live, recorded, strict=True):
        keys = [key for key in one.keys() | other.keys() if key not in without]
        found += [
            f"{list(other.values())[:4]}: {key} is {one.get(key)!r}, was {other.get(key)!r}"
            for key in keys
            if one.get(key) != other.get(key)
        ]
    return found
