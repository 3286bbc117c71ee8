"""Makes filesystems and their dentries out of the paths in mount tables: all that a table tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mountlab.filesystems import PROC_FILES
from mountlab.model import (
    MS_NOATIME,
    MS_NODEV,
    MS_NODIRATIME,
    MS_NOEXEC,
    MS_NOSUID,
    MS_NOSYMFOLLOW,
    MS_RDONLY,
    MS_RELATIME,
    Dentry,
    Filesystem,
    Vfs,
    inode_counter,
)
from mountlab.mountinfo import MountInfo
from mountlab.snapshot import words
from mountlab.snapshot.format import parse_row

FLAGS = {
    "ro": MS_RDONLY,
    "nosuid": MS_NOSUID,
    "nodev": MS_NODEV,
    "noexec": MS_NOEXEC,
    "noatime": MS_NOATIME,
    "nodiratime": MS_NODIRATIME,
    "relatime": MS_RELATIME,
    "nosymfollow": MS_NOSYMFOLLOW,
}
DELETED = "//deleted"
"""What mountinfo writes behind a root that was removed."""


class Text(NamedTuple):
    """What a row of the snapshot says, looked up."""

    fs: int
    root: int
    path: str
    """Its mountpoint as the process sees it, without a slash at the end (the root: empty)."""
    flags: int
    source: str


class Trees:
    """The filesystems of a machine while it is built."""

    def __init__(self, vfs: Vfs) -> None:
        self.vfs = vfs
        self.remarks: list[str] = []
        self.by_device: dict[str, int] = {}
        self._removed: dict[tuple[int, str], int] = {}
        """Directory and name of what was removed -> its dentry."""
        self._parts: dict[int, tuple[int, int, str, bool]] = {}
        """Dentry -> its filesystem, its parent, its name, whether it was removed."""

    # -- rows ----------------------------------------------------------------------------------------------

    def read(self, rows: Sequence[str]) -> list[Text]:
        """Make the filesystems that the rows name, with the roots that they show."""
        parsed = [parse_row(row) for row in rows]
        options = self._options(parsed)
        unknown: dict[str, None] = {}
        texts = []
        for row in parsed:
            fs = self.by_device.get(row.dev)
            if fs is None:
                fs = self.filesystem(row.dev, row.fstype, row.source, options[row.dev])
            flags = 0
            for word in row.options.split(","):
                flags |= FLAGS.get(word, 0)
                if word != "rw" and word not in FLAGS:
                    unknown[word] = None
            root = self._root(fs, row.root)
            if row.root[0] != "/":
                self.remarks.append(words.SLASHED.format(root=row.root))
            texts.append(Text(fs, root, row.mountpoint.rstrip("/"), flags, row.source))
        self.remarks += [words.FLAG_UNKNOWN.format(word=word) for word in unknown]
        return texts

    def _options(self, rows: Sequence[MountInfo]) -> dict[str, list[str]]:
        """Options of each filesystem: what all its mounts print (btrfs prints the subvolume of each)."""
        options: dict[str, list[str]] = {}
        differ: dict[str, None] = {}
        for row in rows:
            mine = row.super_options.split(",")
            known = options.setdefault(row.dev, mine)
            if known != mine:
                differ[row.dev] = None
                options[row.dev] = [word for word in known if word in mine]
        self.remarks += [words.OPTIONS_DIFFER.format(dev=dev) for dev in differ]
        return options

    def filesystem(self, dev: str, fstype: str, source: str, options: Sequence[str] = ("rw",)) -> int:
        """A filesystem with its root directory."""
        number = len(self.vfs.filesystems)
        root = self._new(number, None, "")
        read_only = "ro" in options[:1]
        shown = ",".join(word for word in options if word not in ("rw", "ro"))
        self.vfs.filesystems[number] = Filesystem(number, dev, fstype, source, root, shown, read_only)
        self.by_device[dev] = number
        if fstype == "proc":
            for path in PROC_FILES:
                self.walk(root, path.rstrip("/"))
        return number

    def _root(self, fs: int, path: str) -> int:
        """The dentry that a mount shows; one that was removed has no name in its directory any more."""
        top = self.vfs.filesystems[fs].root
        if not path.endswith(DELETED):
            return self.walk(top, path)
        above, _, name = path.removesuffix(DELETED).rpartition("/")
        return self.removed(self.walk(top, above), name)

    def free_device(self) -> str:
        """A device number that no row names; those of new filesystems follow it."""
        minors = [int(dev.partition(":")[2]) for dev in self.by_device]
        self.vfs.counters["fs"] = max(*minors, len(minors), 0) + 2
        return f"0:{self.vfs.counters['fs'] - 1}"

    # -- dentries ------------------------------------------------------------------------------------------

    def walk(self, dentry: int, path: str) -> int:
        """Go down from a dentry by names; what is not there is made."""
        entries = self.vfs.entries
        for name in path.split("/"):
            if name:
                found = entries[dentry].get(name)
                dentry = found if found is not None else self._new(self._parts[dentry][0], dentry, name)
        return dentry

    def _new(self, fs: int, parent: int | None, name: str, *, gone: bool = False) -> int:
        number = len(self._parts) + 1
        self._parts[number] = (fs, number if parent is None else parent, name, gone)
        self.vfs.entries[number] = {}
        if not gone and parent is not None:
            self.vfs.entries[parent][name] = number
        return number

    def removed(self, directory: int, name: str) -> int:
        """A dentry that was removed from a directory; of one name there is one."""
        key = (directory, name)
        if key not in self._removed:
            self._removed[key] = self._new(self._parts[directory][0], directory, name, gone=True)
        return self._removed[key]

    def up(self, dentry: int, steps: int) -> int:
        """The directory that many names above."""
        for _ in range(steps):
            dentry = self._parts[dentry][1]
        return dentry

    def is_below(self, dentry: int, ancestor: int) -> bool:
        """Whether a dentry is the ancestor or lies under it."""
        while dentry != ancestor:
            above = self._parts[dentry][1]
            if above == dentry:
                return False
            dentry = above
        return True

    def finish(self, files: Iterable[int], pairs: Iterable[tuple[int, int]]) -> None:
        """Write the dentries; `files` are taken for files, and with them what they are mounted on.

        `pairs` are the (root, mountpoint) of the mounts: both are files, or both directories.  Whatever
        holds a name is a directory, and so is what is tied to it.
        """
        vfs = self.vfs
        tied: dict[int, set[int]] = {}
        for root, mountpoint in pairs:
            tied.setdefault(root, set()).add(mountpoint)
            tied.setdefault(mountpoint, set()).add(root)
        are_files: set[int] = set()
        for dentry in (*files, *self._proc_files()):
            kin = _reached(dentry, tied)
            if not any(vfs.entries[each] or self._parts[each][1] == each for each in kin):
                are_files |= kin
        for number, (fs, parent, name, gone) in self._parts.items():
            kind, mode = ("file", 0o644) if number in are_files else ("dir", 0o755)
            counter = inode_counter(vfs.filesystems[fs])
            ino = vfs.counters.setdefault(counter, 1)
            vfs.counters[counter] = ino + 1
            vfs.dentries[number] = Dentry(number, fs, parent, name, kind, ino, mode, "", 0, gone)
        for dentry in are_files:
            del vfs.entries[dentry]
        vfs.counters["dentry"] = len(self._parts) + 1

    def _proc_files(self) -> list[int]:
        """The files that each /proc has."""
        roots = [fs.root for fs in self.vfs.filesystems.values() if fs.fstype == "proc"]
        return [self.walk(root, path) for root in roots for path in PROC_FILES if not path.endswith("/")]


def _reached(start: int, tied: dict[int, set[int]]) -> set[int]:
    found, stack = {start}, [start]
    while stack:
        for other in tied.get(stack.pop(), ()):
            if other not in found:
                found.add(other)
                stack.append(other)
    return found
