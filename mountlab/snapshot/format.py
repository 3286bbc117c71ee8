"""The file of a snapshot: the mount tables of all namespaces of one machine as JSON, version 1.

    {"format": "mountlab snapshot", "version": 1, "kernel": "6.18", "redacted": false,
     "rows": ["254:0 / / rw,relatime - ext4 /dev/vda rw,discard",
              "0:21 / /proc rw,relatime - proc proc rw"],
     "files": [],
     "namespaces": [
       {"inode": 4026531832,
        "views": [{"name": "host", "pid": 1, "process": "systemd", "root": "/", "root_mount": 27,
                   "mounts": [[27, 1, 0, 1], [22, 27, 1, 5]]}],
        "processes": [[1, "systemd", 0, "/", 27], [812, "sshd", 0, "/", 27]]}],
     "unread": [["cwd", "Permission denied", 12]],
     "remarks": ["namespace 4026532128 is held by a file that is mounted; ..."]}

kernel      major.minor of the kernel, or null.
redacted    true: names that are not well known were replaced by neutral words, the same by the same.
rows        what lines of mountinfo say beside ids and tags, each text once:
            device, root, mountpoint, options, a dash, type, source, options of the filesystem, escaped
            as the kernel escapes them.
files       numbers of the rows (from 0) whose root was taken for a file by its name.
namespaces  one object each, the one of process 1 (else of the smallest pid) first.
  inode       number of the namespace, as ``ls -l /proc/PID/ns/mnt`` shows it; null when it could not be read.
  views       the tables of the namespace: a process with another root (chroot) sees another one.
    name        for a terminal there: a letter, then letters, digits, ``-``, ``_``; no name twice in a file.
    pid         the process with the smallest pid that sees this table, and ``process``, its name.
    root        its root directory, as ``ls -l /proc/PID/root`` shows it; null when it could not be read.
    root_mount  id of the mount its root lies in; null when it is not known.
    mounts      in the order of mountinfo: [id, parent's id, row, shared, master, propagate_from, unbindable];
                zeros at the end may be left out.
  processes   [pid, name, number of its view, working directory or null, id of the mount that lies in or null]
unread      [what, why, how many processes]; what is mountinfo, namespace, root or cwd.
remarks     sentences for people.

Readers ignore keys they do not know.  Ids, peer groups and devices are the kernel's own numbers: peer groups
and devices mean the same in all tables.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from mountlab.mountinfo import MountInfo, parse

FORMAT, VERSION = "mountlab snapshot", 1
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes: 500 namespaces of 1,000 mounts need about 15 million."""


class SnapshotError(Exception):
    """A file that is no snapshot, or a /proc that cannot be read; the message says what and where."""


class Entry(NamedTuple):
    """One mount in one table."""

    mount: int
    parent: int
    row: int
    """Number of its text in `Snapshot.rows`."""
    shared: int = 0
    master: int = 0
    propagate_from: int = 0
    unbindable: int = 0


class View(NamedTuple):
    """One table of a namespace, and the process that stands for those who see it."""

    name: str
    pid: int
    process: str
    root: str | None
    root_mount: int | None
    mounts: tuple[Entry, ...]


class Standing(NamedTuple):
    """A process, and where it stands."""

    pid: int
    name: str
    view: int
    cwd: str | None
    cwd_mount: int | None


class Namespace(NamedTuple):
    """A mount namespace as its processes show it."""

    inode: int | None
    views: tuple[View, ...]
    processes: tuple[Standing, ...]


class Snapshot(NamedTuple):
    """The mount tables of a machine; see the module's docstring for each field."""

    kernel: str | None
    redacted: bool
    rows: tuple[str, ...]
    files: tuple[int, ...]
    namespaces: tuple[Namespace, ...]
    unread: tuple[tuple[str, str, int], ...] = ()
    remarks: tuple[str, ...] = ()

    def table(self, view: View) -> list[MountInfo]:
        """A view's table as rows of mountinfo."""
        texts = [parse_row(text) for text in self.rows]
        return [
            texts[entry.row]._replace(
                mount_id=entry.mount,
                parent_id=entry.parent,
                shared=entry.shared or None,
                master=entry.master or None,
                propagate_from=entry.propagate_from or None,
                unbindable=bool(entry.unbindable),
            )
            for entry in view.mounts
        ]

    def dump(self) -> str:
        """The text of the file."""
        parts = {
            "format": FORMAT,
            "version": VERSION,
            "kernel": self.kernel,
            "redacted": self.redacted,
            "rows": self.rows,
            "files": self.files,
            "namespaces": [_namespace_object(namespace) for namespace in self.namespaces],
            "unread": self.unread,
            "remarks": self.remarks,
        }
        lines = (f" {json.dumps(key)}: {_text(key, value)}" for key, value in parts.items())
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @staticmethod
    def load(source: str | Path) -> Snapshot:
        """Read a snapshot: its text, or the path of its file.  Raises SnapshotError."""
        from mountlab.snapshot.reader import load  # noqa: PLC0415 - it needs the classes above

        return load(source)


def parse_row(text: str) -> MountInfo:
    """A row of `Snapshot.rows` as a row of mountinfo with no ids and tags; ValueError when it is none."""
    return parse(f"0 0 {text}")


def _text(key: str, value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Long lists one element a line, so that people can read the file and compare two."""
    if key not in ("rows", "namespaces") or not value:
        return json.dumps(value)
    return "[\n  " + ",\n  ".join(json.dumps(each, separators=(",", ":")) for each in value) + "]"


def _namespace_object(namespace: Namespace) -> dict[str, Any]:
    return {
        "inode": namespace.inode,
        "views": [view._asdict() | {"mounts": [_short(m) for m in view.mounts]} for view in namespace.views],
        "processes": namespace.processes,
    }


def _short(entry: Entry) -> list[int]:
    numbers = list(entry)
    while numbers[-1] == 0 and len(numbers) > 3:  # noqa: PLR2004 - id, parent and row are always there
        numbers.pop()
    return numbers
