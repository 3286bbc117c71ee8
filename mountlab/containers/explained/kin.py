"""What a mount of another namespace has to do with the host's mounts: peer, slave or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mountlab.mountinfo import MountInfo


class Kin(NamedTuple):
    """A mount's propagation, told by mountpoints of the host and not by numbers."""

    is_shared: bool
    peers: tuple[str, ...]
    """The mountpoints of the host that are in its peer group; none: the group is unknown there."""
    is_slave: bool
    masters: tuple[str, ...]
    """The mountpoints of the host that are in its master's group."""
    is_unbindable: bool

    def as_json(self) -> dict[str, object]:
        return {**self._asdict(), "peers": [*self.peers], "masters": [*self.masters]}


def kin_of(row: MountInfo, host: Iterable[MountInfo]) -> Kin:
    """What a mount has to do with those of the host."""
    rows = list(host)
    return Kin(
        row.shared is not None,
        _members(row.shared, rows),
        row.master is not None,
        _members(row.master, rows),
        row.unbindable,
    )


def _members(group: int | None, rows: Sequence[MountInfo]) -> tuple[str, ...]:
    found = (row.mountpoint for row in rows if group is not None and row.shared == group)
    return tuple(sorted(set(found)))
