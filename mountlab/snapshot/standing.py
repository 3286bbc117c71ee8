"""Finds where the processes of one namespace stand: their root, and their working directory."""

from __future__ import annotations

from mountlab.resolve import VfsPath
from mountlab.snapshot.format import Standing, View
from mountlab.snapshot.places import Places

GONE = " (deleted)"
"""What the links of /proc write behind a directory that was removed."""


class Floor:
    """One namespace whose mounts have their places."""

    def __init__(self, places: Places) -> None:
        self.places, self.ground = places, places.ground
        self.roots: list[VfsPath] = []
        """Root directory of each view."""
        for number in range(len(places.listed)):
            self.roots.append(self._root(number))

    def _root(self, number: int) -> VfsPath:
        """The root directory of those who see a view: the root of a mount, or a directory in one (chroot)."""
        places, rows = self.places, self.ground.rows
        view, listed, known = places.shown.views[number], places.listed[number], places.root_mounts[number]
        if known is not None and known in listed:
            return VfsPath(places.id(known), rows[places.id(known)].root)
        for entry in listed.values():
            row = rows[places.id(entry.mount)]
            if entry.parent == known and row.parent == places.id(known):
                steps = self.ground.texts[entry.row].path.count("/")
                return VfsPath(row.parent, self.ground.trees.up(row.mountpoint, steps))
        return self._by_link(view)

    def _by_link(self, view: View) -> VfsPath:
        """Where the link of a process leads whose table tells nothing of its root.

        If something is mounted there, the process must be elsewhere: in a mount that was detached, which
        no table shows.  It then gets a directory of its own at the bottom of the namespace.
        """
        places, ground = self.places, self.ground
        if view.root_mount is not None and view.root_mount in places.entries:
            return self._within(view.root_mount, view.root or "/")
        if self.roots and view.root_mount is None:
            at = self._walk(self.roots[0], view.root or "/")
            below = (ground.trees.is_below(dentry, at.dentry) for dentry in ground.kids.get(at.mount, ()))
            if at.dentry != ground.rows[at.mount].root and not any(below):
                return at
        bottom = ground.vfs.namespaces[places.number].root
        return VfsPath(bottom, places.chroot(view._replace(root=None), ground.rows[bottom].root))

    def cwd(self, process: Standing) -> VfsPath:
        """The working directory of a process; its root where that is not known."""
        root, view = self.roots[process.view], self.places.shown.views[process.view]
        if process.cwd is None:
            return root
        path, name = process.cwd, ""
        if path.endswith(GONE):
            path, _, name = path.removesuffix(GONE).rpartition("/")
        link = (view.root or "").rstrip("/")
        if process.cwd_mount is not None and process.cwd_mount in self.places.entries:
            at = self._within(process.cwd_mount, path)
        elif path == link or path.startswith(link + "/"):
            at = self._walk(root, path[len(link) :])
        else:
            at = self._walk(self.roots[0], path)
        return VfsPath(at.mount, self.ground.trees.removed(at.dentry, name)) if name else at

    def _within(self, mount: int, path: str) -> VfsPath:
        """A place in a known mount, by the path that a link tells of it."""
        entry, number = self.places.entries[mount]
        link = (self.places.shown.views[number].root or "").rstrip("/")
        above = link + self.ground.texts[entry.row].path
        rest = path[len(above) :] if path.startswith(above + "/") else ""
        own = self.places.id(mount)
        return VfsPath(own, self.ground.trees.walk(self.ground.rows[own].root, rest))

    def _walk(self, start: VfsPath, path: str) -> VfsPath:
        """Go down a path as a process does, up onto what is mounted on the way; what is missing is made."""
        at = start
        for name in path.split("/"):
            if name:
                at = self.places.topmost(at.mount, self.ground.trees.walk(at.dentry, name))
        return at
