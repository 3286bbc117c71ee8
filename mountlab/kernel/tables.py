"""What a shell's mount table says, without what only the sandbox put there."""

from __future__ import annotations

import re
from typing import NamedTuple


class Fixture(NamedTuple):
    """What is left out: the proc mount of the machine, and the options every tmpfs has here."""

    proc_device: str
    tmpfs_options: tuple[str, ...]
    """Such as ``uid=1000``: in a user namespace tmpfs tells whose it is."""

    def table(self, mountinfo: str) -> str:
        """A mountinfo file without the rows of the proc fixture, copies included."""
        return "".join(self._rows(mountinfo, mountinfo))

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
        if " tmpfs " in line:
            for option in self.tmpfs_options:
                line = line.replace("," + option, "")
        return line


def read_fixture(mountinfo: str) -> Fixture:
    """Learn from the table of a fresh machine what its two rows add."""
    rows = [line.split(" ") for line in mountinfo.split("\n") if line]
    root = next(row for row in rows if row[4] == "/")
    proc = next(row for row in rows if row[4] == "/proc")
    return Fixture(proc[2], tuple(re.split(",", root[-1])[1:]))
