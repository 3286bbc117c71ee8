"""What differs between the mount tables of two runs, number for number's meaning and not for its value.

Two runs give other ids and groups to the same mounts.  So a row is known by its namespace, its mountpoint
and what is mounted there; a peer group, a master and a filesystem are known by the other rows that
have the same one, as far as both runs have those rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mountlab.mountinfo import MountInfo
from mountlab.shell.backend import NamespaceTable

FIELDS = ("options", "super_options", "propagation")
"""What is compared of two rows of the same."""


class Where(NamedTuple):
    """A row's identity in both runs."""

    namespace: str
    """Its first shell, or ``namespace 2`` where no shell is."""
    path: str
    what: str
    """Type, source and root: of several mounts at one path each is compared with its like."""
    nth: int
    """Of several mounts of the same at that path: which, in the order of the table."""

    def __str__(self) -> str:
        return f"{self.namespace}:{self.path}"


class Row(NamedTuple):
    """A row that only one of the runs has."""

    where: Where
    row: MountInfo


class Changed(NamedTuple):
    """A row of both runs that is not the same in both."""

    where: Where
    fields: tuple[tuple[str, str, str], ...]
    """Name of the field, before and after, as words."""


class Tables(NamedTuple):
    """The rows of one run by identity."""

    namespaces: tuple[str, ...]
    rows: Mapping[Where, MountInfo]


def by_identity(tables: Sequence[NamespaceTable]) -> Tables:
    """Give each row its identity; views of a namespace by other shells count as tables of their own."""
    rows: dict[Where, MountInfo] = {}
    names = []
    for table in tables:
        name = table.shells[0] if table.shells else f"namespace {table.id}"
        names.append(name)
        for seen_by, mounts in ((name, table.mounts), *table.views.items()):
            count: Counter[tuple[str, str]] = Counter()
            for row in mounts:
                key = row.mountpoint, f"{row.fstype} {row.source} {row.root}"
                rows[Where(seen_by, *key, count[key])] = row
                count[key] += 1
    return Tables(tuple(names), rows)


def changed(before: Tables, after: Tables) -> tuple[Changed, ...]:
    """The rows that both have and that differ."""
    both = [where for where in before.rows if where in after.rows]
    old, new = (_meanings(tables, both) for tables in (before, after))
    found = []
    for where in both:
        one, two = before.rows[where], after.rows[where]
        named = [(name, getattr(one, name), getattr(two, name)) for name in FIELDS]
        fields = [field for field in named if field[1] != field[2]]
        for kind in ("peers", "masters", "filesystem"):
            if old[where][kind] != new[where][kind] and not _told(kind, fields):
                fields.append((kind, _list(old[where][kind], where), _list(new[where][kind], where)))
        if fields:
            found.append(Changed(where, tuple(fields)))
    return tuple(found)


def _told(kind: str, fields: Iterable[tuple[str, str, str]]) -> bool:
    """Whether another field says it already: who is shared in one run only has other peers, of course."""
    return kind != "filesystem" and "propagation" in {name for name, _, _ in fields}


def _list(places: frozenset[Where], own: Where) -> str:
    return ", ".join(str(where) for where in sorted(places) if where != own) or "none"


def _meanings(tables: Tables, both: Sequence[Where]) -> dict[Where, dict[str, frozenset[Where]]]:
    """For each row the rows with the same group, those in its master group, those with its filesystem."""
    groups: dict[int, set[Where]] = {}
    devices: dict[str, set[Where]] = {}
    for where in both:
        row = tables.rows[where]
        devices.setdefault(row.dev, set()).add(where)
        if row.shared:
            groups.setdefault(row.shared, set()).add(where)
    return {
        where: {
            "peers": frozenset(groups.get(row.shared or 0, ())),
            "masters": frozenset(groups.get(row.master or 0, ())),
            "filesystem": frozenset(devices[row.dev]),
        }
        for where, row in ((where, tables.rows[where]) for where in both)
    }
