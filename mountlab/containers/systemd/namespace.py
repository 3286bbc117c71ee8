"""A service's mount namespace: the system calls that systemd makes between fork and exec, in its order.

Source: systemd v252, src/core/namespace.c (setup_namespace, apply_mounts, apply_one_mount, make_read_only)
and src/shared/mount-util.c (bind_remount_recursive_with_mountinfo, umount_recursive, mount_move_root).
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Final

from mountlab import model
from mountlab.containers.ledger import Ledger, Made
from mountlab.containers.systemd.entries import (
    INCOMING,
    PROPAGATE,
    ROOT,
    Entry,
    Mode,
    TmpFolders,
    entries_for,
    is_below,
)
from mountlab.containers.systemd.settings import Settings
from mountlab.containers.world import FIRST, World, make_directories
from mountlab.errors import MountError
from mountlab.mountinfo import MountInfo

INACCESSIBLE: Final = "/run/systemd/inaccessible"
"""Holds an empty ``dir`` and an empty ``reg`` that nobody may read: they are bound over what is hidden."""
_PROPAGATION: Final = {
    "": model.MS_SHARED,
    "shared": model.MS_SHARED,
    "slave": model.MS_SLAVE,
    "private": model.MS_PRIVATE,
}
_VFS_FLAGS: Final = {
    "ro": model.MS_RDONLY,
    "nosuid": model.MS_NOSUID,
    "nodev": model.MS_NODEV,
    "noexec": model.MS_NOEXEC,
    "noatime": model.MS_NOATIME,
    "nodiratime": model.MS_NODIRATIME,
}


class NamespaceFailed(Exception):
    """A step failed; the text is what the journal says after "Failed to set up mount namespacing"."""


def make_boot_folders(world: World) -> None:
    """What systemd makes in /run before the first service that needs it.  Raises MountError."""
    make_directories(world, FIRST, INACCESSIBLE)
    if world.kind(FIRST, f"{INACCESSIBLE}/dir") is None:
        world.mkdir(FIRST, f"{INACCESSIBLE}/dir", 0)
        world.write(FIRST, f"{INACCESSIBLE}/reg", "")


def set_up(
    ledger: Ledger, unit: str, settings: Settings, tmp: TmpFolders | None = None, with_fixtures: bool = False
) -> None:
    """Give the process of a ledger the namespace that the settings ask for.

    Args:
        ledger: of the unit's main process, which is in systemd's own namespace still.
        unit: ``NAME.service``.
        settings: of a unit for which `needs_namespace` is true.
        tmp: the folders of PrivateTmp=, which systemd itself made before.
        with_fixtures: also the two mounts that every such service has: /run/systemd/incoming (for
            ``systemctl bind``), and an inaccessible /run/credentials where there is one.

    Raises:
        NamespaceFailed: the process is to end with status 226/NAMESPACE.
    """
    steps = _Steps(ledger)
    entries = entries_for(settings, unit, tmp, with_fixtures)
    try:
        steps.make_folder(ROOT, 0o700)
        ledger.unshare("systemd.namespace")
        if with_fixtures:
            make_directories(ledger.world, ledger.process, f"{PROPAGATE}/{unit}")
        ledger.mount("systemd.slave", "", "/", None, model.MS_SLAVE | model.MS_REC)
        ledger.mount("systemd.bind-root", "/", ROOT, None, model.MS_BIND | model.MS_REC)
        steps.apply(entries)
        steps.move_root()
        flags = _PROPAGATION[settings.mount_flags]
        ledger.mount("systemd.mount-flags", "", "/", None, flags | model.MS_REC)
        if with_fixtures:
            ledger.mount("systemd.incoming", "", INCOMING, None, model.MS_SLAVE)
    except MountError as error:
        place = f"{steps.at}: " if steps.at else ""
        raise NamespaceFailed(f"{place}{_WORDS.get(error.errno, error.errno)}") from None


class _Steps:
    """The steps of setup_namespace that are more than one system call."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.world, self.process = ledger, ledger.world, ledger.process
        self.at = ""
        """Path of the entry at which a step failed."""

    def make_folder(self, path: str, mode: int) -> None:
        make_directories(self.world, self.process, posixpath.dirname(path))
        if self.world.kind(self.process, path) is None:
            self.world.mkdir(self.process, path, mode)

    def apply(self, entries: Sequence[Entry]) -> None:
        """First every mount, then read-only, then noexec."""
        for item in entries:
            self.at = item.path
            self._apply_one(item)
        places = [item.path for item in entries]
        for item in entries:
            self.at = item.path
            if item.is_read_only and item.mode is Mode.TMPFS:
                self._remount(item.path, model.MS_RDONLY)
            elif item.is_read_only:
                self._remount_all(item, model.MS_RDONLY, places)
        for item in entries:
            self.at = item.path
            if item.is_noexec:
                self._remount_all(item, model.MS_NOEXEC, places)
        self.at = ""

    def move_root(self) -> None:
        """The new tree covers the old one; the process calls it its root."""
        self.world.chdir(self.process, ROOT)
        self.ledger.mount("systemd.move-root", ROOT, "/", None, model.MS_MOVE)
        self.world.chroot(self.process, ".")
        self.ledger.made.append(Made('chroot(".")', None, "systemd.move-root", self.process))
        self.world.chdir(self.process, "/")

    def _apply_one(self, item: Entry) -> None:
        if item.mode is Mode.TMPFS:
            make_directories(self.world, self.process, item.path)
            self._umount_below(item.path)
            self.ledger.mount("systemd.tmpfs", "tmpfs", item.path, "tmpfs", item.flags, item.data)
            return
        source, flags = item.source, model.MS_BIND | model.MS_REC
        if item.mode is Mode.INACCESSIBLE:
            self._umount_below(item.path)
            kind = self._kind(item)
            source = f"{INACCESSIBLE}/{'dir' if kind == 'dir' else 'reg'}"
            if kind is None:
                return
        elif item.mode is Mode.BIND:
            flags = model.MS_BIND
        elif item.mode in (Mode.READ_ONLY, Mode.READ_WRITE, Mode.READ_WRITE_IMPLICIT):
            source = item.path
            if self._kind(item) is None or self._is_mountpoint(item.path):
                return
        if item.mode in (Mode.BIND, Mode.RBIND, Mode.PRIVATE_TMP):
            if item.may_be_missing and self.world.kind(self.process, source) is None:
                return
            self._make_mountpoint(source, item.path)
        self.ledger.mount(_RULES[item.mode], source, item.path, None, flags)

    def _kind(self, item: Entry) -> str | None:
        """What is there; None when it is missing and may be.  Raises MountError when it may not be."""
        kind = self.world.kind(self.process, item.path)
        if kind is None and not item.may_be_missing:
            raise MountError("ENOENT", "path.missing")
        return kind

    def _make_mountpoint(self, source: str, path: str) -> None:
        kind = self.world.kind(self.process, source)
        if kind is None or self.world.kind(self.process, path) is not None:
            return
        make_directories(self.world, self.process, posixpath.dirname(path))
        if kind == "dir":
            self.world.mkdir(self.process, path)
        else:
            self.world.write(self.process, path, "")

    def _is_mountpoint(self, path: str) -> bool:
        return any(row.mountpoint == path for row in self.world.mountinfo(self.process))

    def _umount_below(self, path: str) -> None:
        """Unmount all that can be, from the top of the table, again after each that went; leave the rest."""
        while any(self._went(row.mountpoint) for row in self._rows_below(path)):
            pass

    def _went(self, path: str) -> bool:
        try:
            self.ledger.umount("systemd.clear", path, model.UMOUNT_NOFOLLOW)
        except MountError:
            return False
        return True

    def _rows_below(self, path: str) -> list[MountInfo]:
        return [row for row in self.world.mountinfo(self.process) if is_below(row.mountpoint, path)]

    def _remount(self, path: str, flag: int) -> None:
        rows = [row for row in self.world.mountinfo(self.process) if row.mountpoint == path]
        if not rows:
            raise MountError("EINVAL", "mount.not-mounted")
        present = sum(_VFS_FLAGS.get(word, 0) for word in rows[-1].options.split(","))
        flags = present | model.MS_BIND | model.MS_REMOUNT | flag
        self.ledger.mount(_REMOUNT_RULES[flag], "", path, None, flags)

    def _remount_all(self, item: Entry, flag: int, places: Sequence[str]) -> None:
        """Set a flag on a mount and on what is mounted below, except where another entry has its own say."""
        others = [place for place in places if place != item.path and is_below(place, item.path)]
        if self.world.kind(self.process, item.path) is None and item.may_be_missing:
            return
        if not self._is_mountpoint(item.path):
            self.ledger.mount("systemd.bind", item.path, item.path, None, model.MS_BIND | model.MS_REC)
        for path in dict.fromkeys(row.mountpoint for row in self._rows_below(item.path)):
            if path == item.path:
                self._remount(path, flag)
            elif not any(is_below(path, other) for other in others):
                try:
                    self._remount(path, flag)
                except MountError:
                    continue  # systemd leaves a mount below that cannot be changed as it is


_RULES: Final = {
    Mode.INACCESSIBLE: "systemd.inaccessible",
    Mode.BIND: "systemd.bind",
    Mode.RBIND: "systemd.bind",
    Mode.PRIVATE_TMP: "systemd.private-tmp",
    Mode.READ_ONLY: "systemd.own-mount",
    Mode.READ_WRITE: "systemd.own-mount",
    Mode.READ_WRITE_IMPLICIT: "systemd.own-mount",
}
_REMOUNT_RULES: Final = {model.MS_RDONLY: "systemd.read-only", model.MS_NOEXEC: "systemd.noexec"}
_WORDS: Final = {
    "ENOENT": "No such file or directory",
    "ENOTDIR": "Not a directory",
    "EINVAL": "Invalid argument",
    "EBUSY": "Device or resource busy",
    "EROFS": "Read-only file system",
    "EPERM": "Operation not permitted",
    "ENOSPC": "No space left on device",
    "EEXIST": "File exists",
}
