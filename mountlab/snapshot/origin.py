"""Says where a mount that was there from the start probably comes from: what the tables alone can tell.

A table holds results, no history.  What is told here is of two kinds: what the table says (peer groups,
masters, parents), and what is likely because of it; the second kind begins with "As far as the tables tell".
"""

from __future__ import annotations

from collections.abc import Iterable

from mountlab.model import Mount, Vfs
from mountlab.resolve import VfsPath, is_reachable, visible_path
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.snapshot import words


def likely(machine: SimulatorBackend, mount: int) -> list[str]:
    """What can be told of a mount's origin, in sentences; at least one."""
    if mount not in machine.sim.vfs.mounts:
        return [words.GONE.format(mount=mount)]
    return _Reader(machine).sentences(machine.sim.vfs.mounts[mount])


class _Reader:
    """Reads the state of one machine."""

    def __init__(self, machine: SimulatorBackend) -> None:
        self.machine, self.vfs = machine, machine.sim.vfs
        self.shells: dict[int, list[str]] = {}
        """Namespace -> its terminals, the first one names it."""
        for shell, process in machine.terminals.items():
            self.shells.setdefault(process.ns, []).append(shell)

    def sentences(self, row: Mount) -> list[str]:
        origin = self._origin(row)
        told = [*self._groups(row), *origin, *self._parent(row)]
        if not origin and not row.peer_group and not row.master:
            told.insert(0, words.NOTHING.format(propagation=_propagation(row)))
        return told

    # -- names -------------------------------------------------------------------------------------------

    def place(self, mount: int) -> str | None:
        """``host:/a``: where a terminal of its namespace sees a mount; None when none does."""
        row = self.vfs.mounts[mount]
        for shell in self.shells.get(row.namespace or 0, ()):
            path = self._path(shell, row)
            if path is not None:
                return words.PLACE.format(shell=shell, path=path, mount=mount)
        return None

    def _path(self, shell: str, row: Mount) -> str | None:
        """The path of a mount for a terminal; None when it does not lie below its root."""
        task = self.machine.terminals[shell].task
        if not is_reachable(self.vfs, task, VfsPath(row.mount_id, row.root)):
            return None
        return visible_path(self.vfs, task, row.mount_id, row.root)

    def _listed(self, mounts: Iterable[int]) -> str | None:
        """The first of some mounts by name, and how many more there are; None when nobody sees one."""
        named = [place for place in map(self.place, mounts) if place is not None]
        if len(named) > 1:
            return words.AND_MORE.format(first=named[0], count=len(named) - 1)
        return named[0] if named else None

    # -- what the table says -----------------------------------------------------------------------------

    def _groups(self, row: Mount) -> list[str]:
        """Its peers and its masters."""
        told = []
        if row.peer_group:
            others = self._listed(_sorted(self.vfs, self.vfs.ring(row.mount_id)[1:], row))
            sentence = words.IN_GROUP if others else words.ALONE_IN_GROUP
            told.append(sentence.format(group=row.peer_group, others=others))
            slaves = [slave for peer in self.vfs.ring(row.mount_id) for slave in self.vfs.slaves(peer)]
            listeners = self._listed(_sorted(self.vfs, slaves, row))
            if listeners:
                told.append(words.HAS_SLAVES.format(others=listeners))
        if row.master:
            masters = self.vfs.ring(self.vfs.slave_of[row.mount_id])
            others = self._listed(_sorted(self.vfs, masters, row))
            sentence = words.IS_SLAVE if others else words.IS_SLAVE_OUTSIDE
            told.append(sentence.format(group=row.master, others=others))
        return told

    def _parent(self, row: Mount) -> list[str]:
        """The propagation of what it stands on: who got it, or would get the next one."""
        parent = self.vfs.mounts[row.parent_id]
        place = self.place(parent.mount_id)
        if place is None or parent.mount_id == row.mount_id:
            return []
        if parent.peer_group:
            others = self._listed(_sorted(self.vfs, self.vfs.ring(parent.mount_id)[1:], parent))
            tail = words.ON_SHARED_WITH.format(others=others) if others else ""
            return [words.ON_SHARED.format(parent=place, group=parent.peer_group, others=tail)]
        if parent.master:
            return [words.ON_SLAVE.format(parent=place, group=parent.master)]
        return [words.ON_PRIVATE.format(parent=place, propagation=_propagation(parent))]

    # -- what is likely ----------------------------------------------------------------------------------

    def _origin(self, row: Mount) -> list[str]:
        """The most telling of: its namespace was copied, it was propagated, it was bound."""
        tied = [each for each in self._tied(row) if self.place(each.mount_id) is not None]
        for other in tied:
            if other.root == row.root and self._is_namespace_copy(row, other):
                return [
                    words.WITH_NAMESPACE.format(
                        other=self.place(other.mount_id), shell=self._namespace(other.namespace)
                    )
                ]
        for other in tied:
            sentence = self._propagated(row, other) if other.root == row.root else None
            if sentence:
                return [sentence]
        for other in tied:
            if self.vfs.is_below(row.root, other.root) and other.mount_id < row.mount_id:
                relation = words.LISTENS if row.master == other.peer_group else words.PEERS
                place = self.place(other.mount_id)
                root = self.vfs.path_in_fs(row.root)
                return [words.BOUND.format(other=place, root=root, relation=relation)]
        return self._untied(row)

    def _tied(self, row: Mount) -> list[Mount]:
        """Its masters and its peers, those before it in the table first."""
        masters = self.vfs.ring(self.vfs.slave_of[row.mount_id]) if row.master else []
        peers = self.vfs.ring(row.mount_id)[1:]
        return [self.vfs.mounts[mount] for mount in _sorted(self.vfs, [*masters, *peers], row)]

    def _is_namespace_copy(self, row: Mount, other: Mount) -> bool:
        """Whether both namespaces begin with the same root, tied as a copy is, and this one is the later."""
        if other.namespace == row.namespace or other.mount_id > row.mount_id:
            return False
        here, there = self._root_of(row.namespace), self._root_of(other.namespace)
        if here is None or there is None or here.root != there.root:
            return False
        if other.mount_id > here.mount_id:  # a larger number is likely to be younger than the copy
            return False
        tied = {there.peer_group, there.master} & {here.peer_group, here.master} - {0}
        return bool(tied) and self._own_path(row) == self._own_path(other) is not None

    def _root_of(self, namespace: int | None) -> Mount | None:
        """What stands on the bottom of a namespace: its ``/``."""
        found = self.vfs.namespaces.get(namespace or 0)
        return None if found is None else self.vfs.mounts[self.vfs.topmost(found.root)]

    def _own_path(self, row: Mount) -> str | None:
        """Its path for the first terminal of its namespace."""
        shells = self.shells.get(row.namespace or 0)
        return self._path(shells[0], row) if shells else None

    def _propagated(self, row: Mount, other: Mount) -> str | None:
        """Whether both stand on the same dentry of mounts that are peers, or master and slave."""
        parent, theirs = self.vfs.mounts[row.parent_id], self.vfs.mounts[other.parent_id]
        if row.mountpoint != other.mountpoint or parent is theirs or other.mount_id > row.mount_id:
            return None
        if parent.peer_group and parent.peer_group == theirs.peer_group:
            relation = words.IS_PEER_OF
        elif parent.master and parent.master == theirs.peer_group:
            relation = words.IS_MASTER_OF
        else:
            return None
        names = {"parent": self.place(parent.mount_id), "parent_other": self.place(theirs.mount_id)}
        if None in names.values():
            return None
        return words.BY_PROPAGATION.format(other=self.place(other.mount_id), relation=relation, **names)

    def _untied(self, row: Mount) -> list[str]:
        """Other mounts of its filesystem: the same directory, or one that holds it."""
        kin = [each for each in self.vfs.mounts.values() if each.fs == row.fs and not _are_tied(each, row)]
        same = self._listed(each.mount_id for each in kin if each.root == row.root)
        told = [words.SAME_DIRECTORY.format(others=same)] if same else []
        root = self.vfs.path_in_fs(row.root)
        if row.root == self.vfs.filesystems[row.fs].root:
            return told
        for each in sorted(kin, key=lambda other: (other.namespace != row.namespace, other.mount_id)):
            if each.root != row.root and self.vfs.is_below(row.root, each.root):
                place = self.place(each.mount_id)
                if place is not None:
                    above = self.vfs.path_in_fs(each.root)
                    return [*told, words.PART_OF.format(root=root, other=place, above=above)]
        return [*told, words.PART.format(root=root)]

    def _namespace(self, namespace: int | None) -> str:
        """The first terminal of a namespace."""
        return self.shells[namespace or 0][0]


def _sorted(vfs: Vfs, mounts: Iterable[int], row: Mount) -> list[int]:
    """Those that show the same directory first; then by number."""
    return sorted(mounts, key=lambda mount: (vfs.mounts[mount].root != row.root, mount))


def _are_tied(one: Mount, other: Mount) -> bool:
    """Whether they are one mount, peers, or master and slave."""
    if one.mount_id == other.mount_id:
        return True
    groups = {one.peer_group, one.master} & {other.peer_group, other.master} - {0}
    return bool(groups)


def _propagation(row: Mount) -> str:
    return "unbindable" if row.unbindable else "private"
