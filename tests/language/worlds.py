"""What the tests of the language share: rows, tables, and a world that answers as it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mountlab.mountinfo import MountInfo, parse_table
from mountlab.shell.backend import NamespaceTable, Outcome
from mountlab.shell.syntax import Command, CommandLine

# mountinfo as Linux prints it: / shared, /a a slave with a bind of one of its directories at /a/b.
TABLE = """\
21 1 0:20 / / rw,relatime shared:1 - tmpfs root rw
30 21 0:30 / /a rw,relatime master:7 - tmpfs disk1 rw
31 30 0:20 /x /a/b rw,relatime shared:8 master:1 propagate_from:1 - tmpfs root rw
32 21 0:31 / /secret ro,nosuid unbindable - tmpfs none rw,size=4k
33 21 0:32 / /with\\040blank rw - ramfs none rw
"""


def rows(text: str = TABLE) -> list[MountInfo]:
    return parse_table(text)


def table(
    id: int = 1,
    shells: Sequence[str] = ("host",),
    mounts: Sequence[MountInfo] | None = None,
    views: Mapping[str, Sequence[MountInfo]] | None = None,
) -> NamespaceTable:
    return NamespaceTable(id, tuple(shells), (), rows() if mounts is None else mounts, views or {})


def any_program(_command: Command) -> str | None:
    """A judge that knows every program and option."""
    return None


class ToldWorld:
    """Answers `run` and `tables` with what it was given, and remembers what was asked."""

    def __init__(
        self, outcomes: Sequence[Outcome], tables: Sequence[list[NamespaceTable]], name: str = "told"
    ) -> None:
        self.name = name
        self.asked: list[tuple[str, str]] = []
        self._outcomes = list(outcomes)
        self._tables = list(tables)

    def open(self, shell: str) -> None:
        self.asked.append(("open", shell))

    def run(self, shell: str, line: CommandLine) -> Outcome:
        self.asked.append((shell, line.text))
        return self._outcomes.pop(0)

    def tables(self) -> list[NamespaceTable]:
        return self._tables.pop(0) if len(self._tables) > 1 else self._tables[0]

    def close(self) -> None:
        self.asked.append(("close", ""))
