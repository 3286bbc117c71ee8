"""``mountlab snapshot [FILE]``: read this machine's mount tables into a file.

Exit statuses: 0 when the snapshot was written, even if some processes could not be read (what and why is on
standard error); 1 when the system did not let the file be written; 2 when the file exists and ``--force``
was not given; 4 when no mount table can be read there.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from mountlab.shell.complaints import shown
from mountlab.snapshot import words
from mountlab.snapshot.format import Snapshot, SnapshotError
from mountlab.snapshot.taker import take

DEFAULT_FILE = "mounts.snapshot.json"
WRITTEN, STOPPED, REFUSED, UNAVAILABLE = 0, 1, 2, 4
PATIENCE = 1.0
"""Seconds after which it says how far it is, and between two such lines."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "file", metavar="FILE", nargs="?", default=DEFAULT_FILE,
        help=f"where to write it (default: {DEFAULT_FILE}); - for standard output",
    )  # fmt: skip
    parser.add_argument("--redact", action="store_true", help=words.HELP_REDACT)
    parser.add_argument("--proc", metavar="DIR", default="/proc", help=words.HELP_PROC)
    parser.add_argument("--force", action="store_true", help=words.HELP_FORCE)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    to_stdout = arguments.file == "-"
    if not to_stdout and not arguments.force and os.path.lexists(arguments.file):
        _say(words.EXISTS.format(file=shown(arguments.file, 200, quote=False)))
        return REFUSED
    try:
        snapshot = take(arguments.proc, arguments.redact, _Progress())
    except SnapshotError as error:
        _say(str(error))
        return UNAVAILABLE
    if to_stdout:
        sys.stdout.write(snapshot.dump())
    else:
        try:
            _write(Path(arguments.file), snapshot.dump(), replace=arguments.force)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            name = shown(arguments.file, 200, quote=False)
            _say(words.CANNOT_WRITE.format(file=name, reason=reason))
            return STOPPED
    for sentence in report(snapshot, "standard output" if to_stdout else arguments.file):
        _say(sentence)
    return WRITTEN


def _write(path: Path, text: str, *, replace: bool) -> None:
    """Write a file that only its owner may read; one that appeared meanwhile is not overwritten."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if replace else os.O_EXCL)
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def report(snapshot: Snapshot, file: str) -> list[str]:
    """What was found, what could not be read and why."""
    mounts = {
        (number, entry.mount)
        for number, namespace in enumerate(snapshot.namespaces)
        for view in namespace.views
        for entry in view.mounts
    }
    found = words.FOUND.format(
        namespaces=_count(len(snapshot.namespaces), "mount namespace"),
        mounts=_count(len(mounts), "mount"),
        processes=_count(sum(len(each.processes) for each in snapshot.namespaces), "process", "processes"),
    )
    said = [words.WRITTEN.format(file=shown(file, 200, quote=False), found=found)]
    for what, why, count in snapshot.unread:
        processes = _count(count, "process", "processes")
        name = words.UNREAD_WHAT.get(what, what)
        said.append(words.UNREAD.format(what=name, processes=processes, reason=why))
    if any(what == "namespace" for what, _why, _count in snapshot.unread):
        said.append(words.TOLD_BY_IDS)
    if snapshot.unread and os.geteuid():
        said.append(words.ROOT_SEES_MORE)
    said += snapshot.remarks
    if not snapshot.redacted:
        said.append(words.NOT_REDACTED)
    return said


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


class _Progress:
    """Says how far it is when that takes long."""

    def __init__(self) -> None:
        self.next = time.monotonic() + PATIENCE

    def __call__(self, done: int, count: int) -> None:
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + PATIENCE
            _say(words.READING.format(done=done, count=count))


def _say(sentence: str) -> None:
    print(f"mountlab: {sentence}", file=sys.stderr)
