"""Who sees whose mounts, between the node and all containers that run on it: tried on a copy of the machine.

Whoever may mount does so once in each of his folders, at a place that is new; then everybody's table is read.
"""

from __future__ import annotations

import copy
import posixpath
from collections.abc import Sequence
from typing import NamedTuple

from mountlab.containers.world import FIRST, World
from mountlab.errors import MountError
from mountlab.kubernetes.daemons import Daemons

_GUEST = ":tables"
NODE, MACHINE = "node", "machine"


class Folder(NamedTuple):
    """A folder of the node that a container has."""

    outside: str
    inside: str


class Party(NamedTuple):
    """Somebody with a mount table."""

    name: str
    """``node``, ``machine`` around a node that is a container, or ``pod/container``."""
    process: str
    may_mount: bool
    folders: tuple[Folder, ...] = ()


class Row(NamedTuple):
    """Somebody mounted something; who has it."""

    maker: str
    folder: str
    """As the maker calls it."""
    seen: tuple[tuple[str, str | None], ...]
    """Of everybody, where it turned up; None: it did not."""

    def as_json(self) -> dict[str, object]:
        return {"maker": self.maker, "below": self.folder, "seen_at": dict(self.seen)}


class Table(NamedTuple):
    """The whole trial."""

    parties: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    may_not: tuple[str, ...] = ()
    """Containers that mount nothing, as they are neither privileged nor have CAP_SYS_ADMIN."""

    def as_json(self) -> dict[str, object]:
        rows = [row.as_json() for row in self.rows]
        return {"parties": [*self.parties], "rows": rows, "may_not_mount": [*self.may_not]}


def tried(daemons: Daemons, containers: Sequence[Party]) -> Table:
    """The table for the containers that run now.

    Args:
        daemons: of a simulated machine; it is left as it is.
        containers: those that run.
    """
    if not containers:
        return Table()
    node = daemons.node()
    outside = dict.fromkeys(folder.outside for each in containers for folder in each.folders)
    parties = [Party(NODE, node, True, tuple(Folder(path, path) for path in outside)), *containers]
    if node != FIRST:
        parties.insert(0, Party(MACHINE, FIRST, True))
    world = copy.deepcopy(daemons).world
    rows: list[Row] = []
    for maker in parties:
        for folder in maker.folders if maker.may_mount else ():
            row = _row(world, node, maker, folder, parties, len(rows))
            rows += [row] if row else []
    may_not = tuple(each.name for each in containers if each.folders and not each.may_mount)
    return Table(tuple(each.name for each in parties), tuple(rows), may_not)


def _row(
    world: World, node: str, maker: Party, folder: Folder, parties: Sequence[Party], number: int
) -> Row | None:
    """Mount something below a folder; None where that cannot be done."""
    name = f"tried-{number}"
    guest = f"{_GUEST} {number}"
    try:
        world.mkdir(node, posixpath.join(folder.outside, name))
        world.fork(FIRST, guest)
        world.setns(guest, maker.process)
        world.mount(guest, "tried", posixpath.join(folder.inside, name), "tmpfs", 0)
    except MountError:
        return None
    seen = tuple((each.name, _seen_at(world, each.process, name)) for each in parties)
    return Row(maker.name, folder.inside, seen)


def _seen_at(world: World, process: str, name: str) -> str | None:
    """Where the mount of that name is in somebody's table."""
    found = (row.mountpoint for row in world.mountinfo(process))
    return next((each for each in found if posixpath.basename(each) == name), None)
