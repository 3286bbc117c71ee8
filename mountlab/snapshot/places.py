"""Finds the place of every mount of one namespace.

A mountpoint is a dentry in the parent's filesystem: the parent's root, and from there the names by
which the child's path is longer than the parent's.  Both paths must be told by the same process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from mountlab.model import Namespace
from mountlab.resolve import VfsPath
from mountlab.snapshot import words
from mountlab.snapshot.format import Entry, SnapshotError, View
from mountlab.snapshot.format import Namespace as Shown
from mountlab.snapshot.ground import Ground, Row


class Places:
    """One namespace while it is built."""

    def __init__(self, ground: Ground, number: int, shown: Shown) -> None:
        self.ground, self.number, self.shown = ground, number, shown
        self.name = shown.views[0].name
        self.listed = [{entry.mount: entry for entry in view.mounts} for view in shown.views]
        """Of each view: its entries by mount."""
        self.entries: dict[int, tuple[Entry, int]] = {}
        """Mount -> its entry and the view that has it, in which its parent is listed too if there is one."""
        self.ids: dict[int, int] = {}
        """Mount of the file -> its number here, where that is another one."""
        self.root_mounts = [self._root_mount(number) for number in range(len(self.listed))]
        """Of each view: the mount of the file in which its root directory lies, as far as can be told."""
        self._mountpoints: dict[tuple[int, int, int], int] = {}
        """Rows of parent and child, root of the parent -> the mountpoint's dentry."""

    def id(self, mount: int) -> int:
        """A mount's number here."""
        return self.ids.get(mount, mount)

    def remark(self, sentence: str, **parts: object) -> None:
        """Note what could not be taken as it stood."""
        self.ground.remarks.append(sentence.format(shell=self.name, **parts))

    def _root_mount(self, number: int) -> int | None:
        """The mount that holds a view's root directory.

        It is known from the process itself.  Else: a mount that is shown without its parent stands on it,
        or is it (then it stands at ``/``, at the bottom of what stands there).
        """
        listed, known = self.listed[number], self.shown.views[number].root_mount
        path = {mount: self.ground.texts[entry.row].path for mount, entry in listed.items()}
        top = [mount for mount in listed if not path[mount]]
        loose = [mount for mount, entry in listed.items() if entry.parent not in listed]
        if known in top or any(listed[mount].parent == known for mount in loose) or not listed:
            return known
        carriers = [listed[mount].parent for mount in loose if path[mount]]
        lowest = [mount for mount in top if listed[mount].parent not in top]
        return next(iter((*carriers, *lowest, *top)), known)

    def place(self) -> None:
        """Enter all mounts, parents first."""
        for number, listed in enumerate(self.listed):
            for mount, entry in listed.items():
                if mount not in self.entries or (
                    entry.parent in listed and self.entries[mount][0].parent not in self._beside(mount)
                ):
                    self.entries[mount] = (entry, number)
        self.rank = {mount: rank for rank, mount in enumerate(_merged([*map(list, self.listed)]), 1)}
        for mount in self.entries:
            if mount in self.ground.rows:
                self.ids[mount] = self.ground.number()
                self.remark(words.RENUMBERED, mount=mount, new=self.ids[mount])
        self._place_all()
        self._dominate()

    def _beside(self, mount: int) -> dict[int, Entry]:
        return self.listed[self.entries[mount][1]]

    def _place_all(self) -> None:
        below: dict[int, list[int]] = {}
        bottoms: dict[int, None] = {}
        for mount, (entry, _view) in self.entries.items():
            if entry.parent == mount or entry.parent not in self.entries:
                bottoms[entry.parent] = None
            if entry.parent != mount:
                below.setdefault(entry.parent, []).append(mount)
        self._lay(list(bottoms))
        queue = deque(bottoms)
        left = set(self.entries) - set(bottoms)
        while queue:
            for mount in below.get(queue.popleft(), ()):
                self._stand(mount)
                left.discard(mount)
                queue.append(mount)
        if left:
            named = ", ".join(str(mount) for mount in sorted(left)[:5])
            raise SnapshotError(words.CIRCLE.format(where=self.name, mounts=named))

    def _lay(self, bottoms: list[int]) -> None:
        """What the mounts without a visible parent stand on; the first of it is the bottom of all."""
        ground = self.ground
        first = 0
        for mount in bottoms or [ground.number()]:
            if mount not in self.entries and (not mount or mount in ground.rows):
                self.ids[mount] = ground.number()
            number = self.id(mount)
            if mount in self.entries:  # the root of all, which is its own parent
                self._enter(mount, number, None)
            else:
                ground.unseen(number, self.number, f"mount-{number}" if first else "")
            if first:
                above = ground.rows[first].root
                row = ground.rows[number]
                place = ground.trees.walk(above, f"mount-{number}")
                ground.put(number, row._replace(parent=first, mountpoint=place))
            first = first or number
        ground.vfs.namespaces[self.number] = Namespace(self.number, first, 0)

    # -- one mount -----------------------------------------------------------------------------------------

    def _stand(self, mount: int) -> None:
        """Put a mount on its parent, which has its place already."""
        ground = self.ground
        entry, view = self.entries[mount]
        parent, dentry = self._place_of(entry, view)
        other = ground.kids.get(parent, {}).get(dentry)
        if other is not None:
            self.remark(words.BESIDE, mount=mount, other=other)
            parent, dentry = self.topmost(parent, dentry)
        self._enter(mount, parent, dentry)

    def _place_of(self, entry: Entry, number: int) -> VfsPath:
        """Mount and dentry on which a mount stands."""
        ground, listed = self.ground, self.listed[number]
        above = entry.parent
        while above in listed:
            parent = self.id(above)
            key = (listed[above].row, entry.row, ground.rows[parent].root)
            dentry = self._mountpoints.get(key)
            if dentry is None:
                between = ground.path_between(key[0], key[1])
                if between is None:  # torn: the nearest mount around it
                    self.remark(
                        words.ELSEWHERE, mount=entry.mount, path=ground.texts[entry.row].path, parent=above
                    )
                    following = self.entries[above][0].parent
                    if following == above:
                        break
                    above = following
                    continue
                dentry = self._mountpoints[key] = ground.trees.walk(key[2], between)
            return VfsPath(parent, dentry)
        return self._on_unseen(entry, number, self.id(above))

    def _on_unseen(self, entry: Entry, number: int, parent: int) -> VfsPath:
        """On a mount that the process does not see: it holds the process's root, or stands below it."""
        ground, root = self.ground, self.ground.rows[parent].root
        path = ground.texts[entry.row].path
        if path or self.root_mounts[number] == entry.parent:
            directory = self.chroot(self.shown.views[number], root)
            return VfsPath(parent, ground.trees.walk(directory, path))
        taken = root in ground.kids.get(parent, {})
        return VfsPath(parent, ground.trees.walk(root, f"mount-{entry.mount}") if taken else root)

    def chroot(self, view: View, root: int) -> int:
        """A root directory in a mount that no table shows, by what the process's link says."""
        link = (view.root or "").strip("/")
        return self.ground.trees.walk(root, link or f"root-of-{view.name}")

    def _enter(self, mount: int, parent: int, dentry: int | None) -> None:
        ground, number = self.ground, self.id(mount)
        entry = self.entries[mount][0]
        text = ground.texts[entry.row]
        ground.put(
            number,
            Row(
                parent, text.fs, text.root, text.root if dentry is None else dentry, self.number, text.flags,
                text.source, self.rank[mount],
            ),
        )  # fmt: skip
        if entry.shared or entry.master:
            ground.tags[number] = (entry.shared, entry.master)
        if entry.unbindable:
            if entry.shared or entry.master:
                ground.remarks.append(words.NOT_PRIVATE.format(mount=mount))
            else:
                ground.unbindable.add(number)

    def _dominate(self) -> None:
        """What ``propagate_from`` tells of groups: who is above the master."""
        for listed in self.listed:
            for entry in listed.values():
                if entry.propagate_from and entry.master:
                    self.ground.dominating.setdefault(entry.master, set()).add(entry.propagate_from)

    def topmost(self, mount: int, dentry: int) -> VfsPath:
        """Step up onto whatever stands there."""
        kids = self.ground.kids
        while (child := kids.get(mount, {}).get(dentry)) is not None:
            mount, dentry = child, self.ground.rows[child].root
        return VfsPath(mount, dentry)


def _merged(orders: Sequence[list[int]]) -> list[int]:
    """All mounts in one order that agrees with the order of each view."""
    first, *others = orders
    merged, known = list(first), set(first)
    for other in others:
        if known.issuperset(other):
            continue
        place = len(merged)
        for mount in reversed(other):
            if mount in known:
                place = merged.index(mount)
            else:
                merged.insert(place, mount)
        known.update(other)
    return merged
