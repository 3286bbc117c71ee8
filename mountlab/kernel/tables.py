"""What a shell's mount table says, without what only the sandbox put there."""

from __future__ import annotations

import re
from typing import NamedTuple

FLOOR = "mountlab-floor"
"""Source of the tmpfs under the machine's `/`, which is seen once `/` is unmounted lazily."""
_FLOOR_ROWS = (
    (re.compile(rf"rw,relatime((?: \S+)*) - tmpfs {FLOOR} \S+"), r"rw,nosuid\1 - rootfs rootfs rw"),
    (re.compile(rf"^{FLOOR} (\S+) tmpfs rw,relatime\S*"), r"rootfs \1 rootfs rw,nosuid"),
    (re.compile(rf"^device {FLOOR} (mounted on \S+ with fstype) tmpfs"), r"device rootfs \1 rootfs"),
)
"""A machine has its rootfs there: how it is told in mountinfo, mounts and mountstats."""
_OVERLAY_DEFAULTS = re.compile(
    r",(?:redirect_dir|uuid|index|nfs_export|xino|metacopy|userxattr|verity)\b[^,\s]*"
)
"""What this kernel adds to every overlay; which of them depends on the user namespace."""


class Fixture(NamedTuple):
    """What is left out: the proc mount of the machine, and the options every tmpfs has here."""

    proc_device: str
    owners: dict[str, int]
    """``uid`` and ``gid`` of the sandbox's root outside: in a user namespace tmpfs tells whose it is."""
    default_options: tuple[str, ...]
    """What this kernel adds to every tmpfs, such as ``inode64``."""

    def table(self, mountinfo: str) -> str:
        """A mountinfo file without the rows of the proc fixture, copies included."""
        return "".join(self._rows(mountinfo, mountinfo))

    def cleaned(self, mountinfo: str) -> str:
        """A mountinfo file with all its rows, for mount(8): it hands the options back to the kernel."""
        return "\n".join(self._clean(line) for line in mountinfo.split("\n"))

    def companion(self, other: str, mountinfo: str) -> str:
        """The same for mounts or mountstats, which print one line for each row of mountinfo."""
        if other.count("\n") != mountinfo.count("\n"):
            return other  # changed between two reads
        return "".join(self._rows(other, mountinfo))

    def _rows(self, lines: str, mountinfo: str) -> list[str]:
        rows = zip(lines.split("\n"), mountinfo.split("\n"), strict=True)
        mark = f" {self.proc_device} "
        return [self._clean(line) + "\n" for line, row in rows if row and mark not in row]

    def _clean(self, line: str) -> str:
        if FLOOR in line:
            for pattern, instead in _FLOOR_ROWS:
                line = pattern.sub(instead, line)
        if " overlay " in line:
            line = _OVERLAY_DEFAULTS.sub("", line)
        if " tmpfs " in line:
            for option in self.default_options:
                line = line.replace("," + option, "")
            if self.owners:
                line = re.sub(r",(uid|gid)=(\d+)", self._as_inside, line)
        return line

    def _as_inside(self, option: re.Match[str]) -> str:
        """The user as the sandbox knows him; a machine's kernel leaves root away."""
        user = int(option[2]) - self.owners.get(option[1], 0)
        return f",{option[1]}={user}" if user else ""


def in_order_of_creation(mountinfo: str) -> str:
    """The same table with its ids dealt out anew, the lowest to the first row.

    findmnt(8) and umount(8) -R go by ascending id.  The kernel gives the lowest free number of
    the whole machine, so that any process that unmounts something elsewhere would change the order;
    the rows of mountinfo stand in order of creation.  Before Linux 6.8 several copies of one mount stand
    the other way round, but those have different parents.
    """
    rows = [line.split(" ", 2) for line in mountinfo.split("\n") if line]
    ids = [row[0] for row in rows]
    if ids == sorted(ids, key=int):
        return mountinfo
    names = dict(zip(ids, sorted(ids, key=int), strict=True))
    return "".join(f"{names[own]} {names.get(parent, parent)} {rest}\n" for own, parent, rest in rows)


def read_fixture(mountinfo: str) -> Fixture:
    """Learn from the table of a fresh machine what its two rows add."""
    rows = [line.split(" ") for line in mountinfo.split("\n") if line]
    root = next(row for row in rows if row[4] == "/")
    proc = next(row for row in rows if row[4] == "/proc")
    options = [option.partition("=") for option in root[-1].split(",")[1:]]
    owners = {key: int(value) for key, _, value in options if key in {"uid", "gid"}}
    return Fixture(proc[2], owners, tuple("".join(option) for option in options if option[0] not in owners))
