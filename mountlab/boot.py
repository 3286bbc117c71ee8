"""What a machine starts with: the hidden bottom, the root filesystem, /proc, the first process."""

from __future__ import annotations

from mountlab.apply import Recorder
from mountlab.events import DentryChanged, Mounted, NamespaceCreated
from mountlab.filesystems import create
from mountlab.model import MS_NOSUID, MS_RELATIME, Dentry, Mount, Namespace
from mountlab.processes import INITIAL, start_first

ROOT_DIRECTORIES = ("bin", "dev", "etc", "home", "mnt", "proc", "root", "run", "tmp", "usr", "var")
"""What the root filesystem of a new machine holds, in the order in which it was made."""


def boot(rec: Recorder) -> None:
    """Fill an empty state: rootfs at the bottom, a tmpfs mounted over it as ``/``, proc on /proc.

    As on a real machine the mount that people call the root stands on another one, which nobody
    sees as long as nobody unmounts ``/``.
    """
    vfs = rec.vfs
    rec(create(vfs, "rootfs", "rootfs", {}, False))
    hidden = vfs.filesystems[0]
    rec(NamespaceCreated(Namespace(INITIAL, 1, 0)))
    _mount(rec, hidden.id, parent=1, mountpoint=hidden.root, flags=MS_NOSUID)
    rec(create(vfs, "tmpfs", "root", {}, False))
    root = vfs.dentries[vfs.filesystems[1].root]
    rec(DentryChanged(root._replace(mode=0o755)))
    _mount(rec, root.fs, parent=1, mountpoint=hidden.root, flags=MS_RELATIME)
    for name in ROOT_DIRECTORIES:
        number, ino = vfs.counters["dentry"], vfs.counters["ino", root.fs]
        mode = 0o1777 if name == "tmp" else 0o755
        rec(DentryChanged(Dentry(number, root.fs, root.id, name, "dir", ino, mode, "", 0)))
    rec(create(vfs, "proc", "proc", {}, False, fixture=True))
    _mount(rec, 2, parent=2, mountpoint=vfs.entries[root.id]["proc"], flags=MS_RELATIME)
    start_first(rec)


def _mount(rec: Recorder, fs: int, parent: int, mountpoint: int, flags: int) -> None:
    number = rec.vfs.counters["mount"]
    instance = rec.vfs.filesystems[fs]
    row = Mount(
        mount_id=number,
        parent_id=parent,
        fs=fs,
        root=instance.root,
        mountpoint=mountpoint,
        namespace=INITIAL,
        peer_group=0,
        master=0,
        unbindable=False,
        flags=flags,
        locked=False,
        locked_flags=0,
        source=instance.source,
        attached=number,
    )
    rec(Mounted(row))
