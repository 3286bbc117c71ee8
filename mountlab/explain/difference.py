"""What differs between the mount tables of two runs, number for number's meaning and not for its value.

Two runs give other ids and groups to the same mounts.  So a row is known by its namespace, its mountpoint
and its place in the stack there; a peer group, a master and a filesystem are known by the other rows that
have the same one, as far as both runs have those rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mountlab.mountinfo import MountInfo
from mountlab.shell.backend import NamespaceTable


class Where(NamedTuple):
    """A row's identity in both runs."""

    namespace: str
    """Its first shell, or ``namespace 2`` where no shell is."""
    path: str
    lane: int
    """0 for the lowest mount at that path."""

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
            lanes: dict[str, int] = {}
            for row in _lowest_first(mounts):
                lane = lanes.get(row.mountpoint, 0)
                lanes[row.mountpoint] = lane + 1
                rows[Where(seen_by, row.mountpoint, lane)] = row
    return Tables(tuple(names), rows)


def _lowest_first(mounts: Sequence[MountInfo]) -> list[MountInfo]:
    """Rows with what stands beneath them first: a tucked mount has a later id and a lower place."""
    parents = {row.mount_id: row.parent_id for row in mounts}
    depth: dict[int, int] = {}

    def deep(mount: int) -> int:
        chain = []
        while mount in parents and mount not in depth and mount not in chain:
            chain.append(mount)
            mount = parents[mount]
        level = depth.get(mount, 0)
        for each in reversed(chain):
            level += 1
            depth[each] = level
        return level

    return sorted(mounts, key=lambda row: deep(row.mount_id))


def changed(before: Tables, after: Tables) -> tuple[Changed, ...]:
    """The rows that both have and that differ."""
    both = [where for where in before.rows if where in after.rows]
    old, new = (_meanings(tables, both) for tables in (before, after))
    found = []
    for where in both:
        one, two = before.rows[where], after.rows[where]
        fields = [(n, getattr(one, n), getattr(two, n)) for n in ("root", "options", "fstype", "source",
                  "super_options", "propagation") if getattr(one, n) != getattr(two, n)]  # fmt: skip
        for kind in ("peers", "masters", "filesystem"):
            if old[where][kind] != new[where][kind] and not _told(kind, fields):
                fields.append((kind, _list(old[where][kind], where), _list(new[where][kind], where)))
        if fields:
            found.append(Changed(where, tuple(fields)))
    return tuple(found)


def _told(kind: str, fields: Iterable[tuple[str, str, str]]) -> bool:
    """Whether another field says it already: who is shared in one run only has other peers, of course."""
    names = {name for name, _, _ in fields}
    return "propagation" in names if kind != "filesystem" else bool({"source", "fstype"} & names)


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
