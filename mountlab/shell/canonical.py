"""What a program printed, with the numbers that differ from run to run renamed by first appearance.

Mount ids, peer groups, device and namespace numbers, ids of processes and containers, dates: these are
the machine's business; everything else a program prints is compared letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mountlab.shell.syntax import CommandLine

DATES = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( [+-]\d{4})?"
    r"|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d (\d\d:\d\d| \d{4})"
)
TEMPORARY = re.compile(r"(?<=/)sed[A-Za-z0-9]{6}(?=:)")
"""The file that ``sed -i`` writes first has a random name."""
GROUP = re.compile(r"(?<=shared:)\d+|(?<=master:)\d+|(?<=propagate_from:)\d+")
DEVICE = re.compile(r"(?<![\d:])\d+:\d+(?![\d:])|(?<=Device: )\d+,\d+")
NAMESPACE = re.compile(r"\b4026\d{6}\b")
MOUNTINFO_IDS = re.compile(r"^\d+ \d+(?= \S+ (/|mnt:))", re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?![\w.:/-])")
RAMFS_INODE = re.compile(r"(?<![\w.:/-])[1-9]\d{4,}(?![\w.:/-])")
"""All ramfs of a machine share their inode numbers, which so are large; those of a tmpfs begin at 1."""
INODE_PRINTERS = ("ls", "stat")
LSNS_PID = re.compile(r"^(\d+ mnt +\d+ +)\d+", re.MULTILINE)
"""In lsns's own columns the process id is told from the number of processes by its place."""
ID_PRINTERS = ("findmnt", "lsns")
"""Programs whose bare numbers are mount ids, process ids and namespaces."""
DEVICE_FORMATS = ("%d", "%D", "%Hd", "%Ld", "%m:%d")
CONTAINER_IDS = re.compile(r"\b([0-9a-f]{64}|[0-9a-f]{12})\b")
"""Docker draws them at random."""
AGES = re.compile(r"\b(Less than a|About a|About an|\d+) (second|minute|hour)s?\b")
"""How docker says when something was."""
PADDING = re.compile(r"^ +| +(?=\n)|(?<= ) +", re.MULTILINE)
"""Columns are as wide as their numbers."""


def canonical_output(line: CommandLine, printed: str) -> str:
    """`printed` in a form that is the same on every machine with the same mounts."""
    printed = TEMPORARY.sub("TEMPORARY", DATES.sub("DATE", printed))
    if any(command.argv[0] == "lsns" for command in line.commands):
        printed = LSNS_PID.sub(r"\1PID", printed)
    if any(command.argv[0] == "docker" for command in line.commands):
        printed = AGES.sub("AGE", printed)
    for kind, pattern in _patterns(line):
        printed = pattern.sub(_renamer(kind), printed)
    return PADDING.sub("", printed)


def _patterns(line: CommandLine) -> list[tuple[str, re.Pattern[str]]]:
    programs = {command.argv[0] for command in line.commands}
    words = " ".join(word for command in line.commands for word in command.argv)
    patterns = [("group", GROUP), ("dev", DEVICE), ("ns", NAMESPACE)]
    if "docker" in programs:
        patterns.append(("container", CONTAINER_IDS))
    if programs & set(INODE_PRINTERS):
        patterns.append(("ino", RAMFS_INODE))
    if "/proc/" in words:
        patterns.append(("mount", MOUNTINFO_IDS))
    if programs & set(ID_PRINTERS) or ("stat" in programs and any(form in words for form in DEVICE_FORMATS)):
        patterns.append(("id", NUMBER))
    return patterns


def _renamer(kind: str) -> Callable[[re.Match[str]], str]:
    """Replaces each number of one kind by a name, the same number always by the same name."""
    names: dict[str, str] = {}

    def rename(match: re.Match[str]) -> str:
        numbers = match.group().split(" ")
        return " ".join(names.setdefault(number, f"{kind}{len(names) + 1}") for number in numbers)

    return rename
