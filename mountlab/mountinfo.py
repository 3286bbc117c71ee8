"""A row of /proc/PID/mountinfo: parse it, print it, bring it into canonical form, compare tables.

    36 35 98:0 /mnt1 /mnt2 rw,noatime shared:7 master:1 - ext3 /dev/root rw,errors=continue
    (1)(2)(3)   (4)   (5)      (6)         (7)          (8) (9)   (10)         (11)

(1) mount id, (2) parent id, (3) device, (4) root: which directory of the filesystem, (5) mountpoint
as the reader sees it, (6) options of the mount, (7) optional fields: propagation, (8) a separator,
(9) filesystem type, (10) source, (11) options of the filesystem.  Source: proc_pid_mountinfo(5),
fs/proc_namespace.c.

When not to use this: for a table of another machine keep its numbers; `canonical` is for comparing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class MountInfo(NamedTuple):
    """One row; the optional fields of column 7 are taken apart."""

    mount_id: int
    parent_id: int
    dev: str
    root: str
    mountpoint: str
    options: str
    shared: int | None
    master: int | None
    propagate_from: int | None
    unbindable: bool
    fstype: str
    source: str
    super_options: str

    @property
    def propagation(self) -> str:
        """``shared``, ``private``, ``slave``, ``shared,slave`` or ``unbindable``."""
        words = [word for word, on in (("shared", self.shared), ("slave", self.master)) if on]
        return ",".join(words) or ("unbindable" if self.unbindable else "private")


_TAGS = {"shared": "shared", "master": "master", "propagate_from": "propagate_from"}


def escape(text: str, also: str = "") -> str:
    r"""Write blanks, tabs, newlines and backslashes (and ``also``) as the kernel does: ``\040``."""
    return "".join(f"\\{ord(c):03o}" if c in " \t\n\\" or c in also else c for c in text)


def unescape(text: str) -> str:
    """Undo `escape`."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def parse(line: str) -> MountInfo:
    """Read one line of mountinfo.

    Raises:
        ValueError: with the line, when it has not the shape shown above.
    """
    fields = line.rstrip("\n").split(" ")
    try:
        dash = fields.index("-", 6)
        tags: dict[str, int] = {}
        for tag in fields[6:dash]:
            key, _, value = tag.partition(":")
            if key in _TAGS:
                tags[key] = int(value)
        fstype, source, super_options = fields[dash + 1 : dash + 4]
        return MountInfo(
            int(fields[0]), int(fields[1]), fields[2], unescape(fields[3]), unescape(fields[4]), fields[5],
            tags.get("shared"), tags.get("master"), tags.get("propagate_from"),
            "unbindable" in fields[6:dash],
            unescape(fstype), unescape(source), super_options,
        )  # fmt: skip
    except (ValueError, IndexError) as error:
        raise ValueError(f"not a line of mountinfo: {line[:200]!r}") from error


def parse_table(text: str) -> list[MountInfo]:
    """Read a whole mountinfo file."""
    return [parse(line) for line in text.split("\n") if line]


def render(row: MountInfo) -> str:
    """Write one line, without the newline, as the kernel writes it."""
    tags = [
        *([f"shared:{row.shared}"] if row.shared else []),
        *([f"master:{row.master}"] if row.master else []),
        *([f"propagate_from:{row.propagate_from}"] if row.propagate_from else []),
        *(["unbindable"] if row.unbindable else []),
    ]
    return " ".join(
        [
            str(row.mount_id), str(row.parent_id), row.dev, escape(row.root), escape(row.mountpoint),
            row.options,
            *tags, "-", escape(row.fstype, "#"), escape(row.source, "#"), row.super_options,
        ]
    )  # fmt: skip


_NAMESPACE_FILE = re.compile(r"^mnt:\[(\d+)\]$")


class Canon:
    """Names for numbers: the first mount, group or device that is met is 1, the next 2, and so on.

    One `Canon` serves all tables of one moment, so that the same group has the same name in every
    namespace.
    """

    def __init__(self) -> None:
        self._names: dict[str, dict[object, int]] = {}

    def name(self, kind: str, number: object) -> int:
        """The canonical number of a mount id, group, device or namespace's file."""
        names = self._names.setdefault(kind, {})
        return names.setdefault(number, len(names) + 1)

    def table(self, rows: Sequence[MountInfo]) -> list[MountInfo]:
        """A table with its numbers renamed; a parent that the table does not show becomes 0."""
        present = {row.mount_id for row in rows}
        for row in rows:
            self.name("mount", row.mount_id)

        def group(number: int | None) -> int | None:
            return self.name("group", number) if number else None

        return [
            row._replace(
                mount_id=self.name("mount", row.mount_id),
                parent_id=self.name("mount", row.parent_id)
                if row.parent_id in present and row.parent_id != row.mount_id
                else 0,
                dev=f"0:{self.name('dev', row.dev)}",
                root=_NAMESPACE_FILE.sub(lambda found: f"mnt:[{self.name('ns', int(found[1]))}]", row.root),
                shared=group(row.shared),
                master=group(row.master),
                propagate_from=group(row.propagate_from),
            )
            for row in rows
        ]


def canonical(rows: Sequence[MountInfo]) -> list[MountInfo]:
    """One table in canonical form (see `Canon`)."""
    return Canon().table(rows)


def difference(
    left: Iterable[MountInfo], right: Iterable[MountInfo], names: tuple[str, str] = ("simulator", "kernel")
) -> str | None:
    """The first difference of two canonical tables in words; None when they are equal."""
    ours, theirs = list(left), list(right)
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=False), 1):
        if mine != other:
            field = next(f for f in MountInfo._fields if getattr(mine, f) != getattr(other, f))
            return (
                f"row {number} ({mine.mountpoint}): {field} is {getattr(mine, field)!r} in the {names[0]} "
                f"and {getattr(other, field)!r} in the {names[1]}"
            )
    if len(ours) != len(theirs):
        longer, where = (ours, names[0]) if len(ours) > len(theirs) else (theirs, names[1])
        extra = longer[min(len(ours), len(theirs))]
        return f"{extra.mountpoint} is mounted in the {where} only ({len(ours)} rows against {len(theirs)})"
    return None
