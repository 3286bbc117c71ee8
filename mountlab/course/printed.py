"""What a program printed, with the learner's numbers in place of the machine's.

Mount ids, peer groups, device numbers, namespace numbers, process ids, dates and the names of temporary
files are replaced; every other letter stays.  Columns are set anew, as they are as wide as their numbers.
"""

from __future__ import annotations

import re

from mountlab.shell.canonical import DATES, GROUP, NAMESPACE, NUMBER, TEMPORARY
from mountlab.shell.programs.columns import Column, Form, Line, render
from mountlab.shell.programs.findmnt_columns import COLUMNS as FINDMNT
from mountlab.shell.programs.lsns import COLUMNS as LSNS
from mountlab.shell.syntax import CommandLine
from mountlab.view.numbers import Numbers

MOUNTINFO = r"(?m:^(?P<id>\d+) (?P<parent>\d+) (?P<device>\d+:\d+)(?= (?:/|mnt:)\S* /))"
ANYWHERE = (
    rf"{MOUNTINFO}|(?P<group>{GROUP.pattern})|(?P<ns>{NAMESPACE.pattern})|(?<=Device: )0,(?P<minor>\d+)"
)
IN_LISTINGS = (
    rf"{ANYWHERE}|(?<=  )0:(?P<aligned>\d{{3,}}|\d\d |\d  )|(?P<dev>(?<![\d:])0:\d+(?![\d:]))"
    rf"|(?P<mount>{NUMBER.pattern})"
)
"""findmnt prints bare device numbers and mount ids too: in JSON, as pairs, without headings."""
FIRST_NAMESPACE = 4026531840
"""About where Linux begins to count namespaces; the first one that a learner meets is the next."""
COLUMNS = {**LSNS, **FINDMNT}
KINDS = {"ID": "mount", "PARENT": "mount", "PID": "pid", "PPID": "pid"}
"""Columns that hold the machine's numbers."""


def printed(line: CommandLine, text: str, numbers: Numbers) -> str:
    """The text as the learner sees it."""
    text = TEMPORARY.sub("sedXXXXXX", DATES.sub(_date, text))
    is_listing = any(command.argv[0] in ("findmnt", "lsns") for command in line.commands)
    table = _table(text, numbers) if is_listing else None
    return table or _replaced(text, IN_LISTINGS if is_listing else ANYWHERE, numbers)


def _date(match: re.Match[str]) -> str:
    """Midnight of a New Year's Day, in the form the program chose."""
    if match[0][0].isalpha():
        return "Jan  1 00:00"
    digits = re.sub(r"\d", "0", match[0][10:])
    return f"2026-01-01{digits}"


def _replaced(text: str, pattern: str, numbers: Numbers) -> str:
    """One pass over the text, so that no number is replaced twice."""

    def replace(match: re.Match[str]) -> str:
        found = {kind: raw for kind, raw in match.groupdict().items() if raw}
        if "id" in found:
            ids = " ".join(str(numbers.name("mount", int(found[key]))) for key in ("id", "parent"))
            return f"{ids} {numbers.device(found['device'])}"
        if "group" in found:
            return str(numbers.name("group", int(found["group"])))
        if "ns" in found:
            return str(FIRST_NAMESPACE + numbers.name("ns", found["ns"]))
        if "minor" in found:
            return numbers.device(f"0:{found['minor']}").replace(":", ",")
        if "aligned" in found:
            return numbers.device(f"0:{found['aligned'].strip()}").ljust(5)
        if "dev" in found:
            return numbers.device(found["dev"]) if numbers.knows("dev", found["dev"]) else found["dev"]
        raw = int(match[0])
        return str(numbers.name("mount", raw)) if numbers.knows("mount", raw) else match[0]

    return re.sub(pattern, replace, text)


def _table(text: str, numbers: Numbers) -> str | None:
    """A table of findmnt or lsns with headings, set anew; None for any other text."""
    heading, *lines = text.removesuffix("\n").split("\n")
    if not heading or not all(name in COLUMNS for name in heading.split()):
        return None
    columns = [COLUMNS[name] for name in heading.split()]
    edges = _edges([heading, *lines], columns)
    rows = [_cells(line, edges) for line in lines]
    if _set(columns, rows) != text:
        return None
    return _set(columns, [_renamed(columns, row, numbers) for row in rows])


def _edges(lines: list[str], columns: list[Column]) -> list[int]:
    """Where each column begins: under its heading, or, set to the right, with its longest number."""
    edges, end = [], 0
    for column in columns:
        begin = lines[0].index(column.name, end)
        end = begin + len(column.name)
        widest = min(line[:end].rfind(" ") + 1 for line in lines)
        edges.append(widest if column.is_right else begin)
    return edges


def _cells(line: str, edges: list[int]) -> list[str]:
    ends = [*(edge - 1 for edge in edges[1:]), len(line)]
    return [line[begin:end].strip(" ") for begin, end in zip(edges, ends, strict=True)]


def _renamed(columns: list[Column], row: list[str], numbers: Numbers) -> list[str]:
    def rename(column: Column, cell: str) -> str:
        if column.name in KINDS and cell.isdigit():
            return str(numbers.name(KINDS[column.name], int(cell)))
        return numbers.device(cell) if column.name == "MAJ:MIN" else _replaced(cell, ANYWHERE, numbers)

    return [rename(*pair) for pair in zip(columns, row, strict=True)]


def _set(columns: list[Column], rows: list[list[str]]) -> str:
    """The table as findmnt and lsns lay it out."""
    lines = [Line([_aligned(*pair) for pair in zip(columns, row, strict=True)]) for row in rows]
    return render(columns, lines, Form())


def _aligned(column: Column, cell: str) -> str:
    """Device numbers stand with their colons beneath each other."""
    if column.name != "MAJ:MIN" or not cell:
        return cell
    major, _, minor = cell.partition(":")
    return f"{major:>3}:{minor:<3}"
