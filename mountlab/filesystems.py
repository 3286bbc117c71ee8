"""The filesystem types that can be mounted, and what their instances hold at first."""

from __future__ import annotations

import re

from mountlab.apply import Recorder
from mountlab.errors import MountError
from mountlab.events import FilesystemChanged, FilesystemCreated
from mountlab.model import MS_RDONLY, RAMFS_INODES, Dentry, Filesystem, Task, Vfs

IN_MEMORY = ("tmpfs", "ramfs")
"""A new, empty instance at every mount; a user namespace may mount them."""
PROC_FILES = ("mounts", "self/", "self/mountinfo", "self/mounts", "self/mountstats")
"""What is modelled of a /proc; its content is made when it is read."""
ON_DEVICE = ("ext4", "xfs", "btrfs", "vfat", "iso9660")
"""Named pseudo devices: the same device is the same instance, wherever it is mounted."""
FILESYSTEM_TYPES = (*IN_MEMORY, "proc", *ON_DEVICE)
_SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_PAGE = 4096
_SHOWN = ("size", "nr_inodes", "mode", "uid", "gid", "user_id", "group_id")


def new_filesystem(
    vfs: Vfs, task: Task, source: str, fstype: str | None, flags: int, data: str
) -> tuple[Filesystem, str, FilesystemCreated | None]:
    """The instance that mount(2) would attach: a new one (with the event that makes it) or a present one.

    Returns:
        The instance, the kind of its root (``"dir"``), and the event still to be recorded, or None.

    Raises:
        MountError: EINVAL (no type, bad option), ENODEV (unknown type), EPERM, EBUSY.
    """
    if not fstype:
        raise MountError("EINVAL", "mount.type", "a new mount needs a filesystem type")
    if fstype.startswith("fuse.") and data.startswith("fd="):
        shown = {word: value for word, _, value in (each.partition("=") for each in data.split(","))}
        event = create(vfs, fstype, source, shown, False, task.userns)
        return event.filesystem, "dir", event
    if fstype not in FILESYSTEM_TYPES:
        raise MountError("ENODEV", "mount.type", f"unknown filesystem type {fstype}")
    read_only = bool(flags & MS_RDONLY)
    if fstype in ON_DEVICE:
        if task.userns:
            raise MountError("EPERM", "mount.userns", f"{fstype} may not be mounted from a user namespace")
        for fs in vfs.filesystems.values():
            if (fs.fstype, fs.source) == (fstype, source) and _in_use(vfs, fs.id):
                if fs.read_only != read_only:
                    raise MountError(
                        "EBUSY", "mount.same-device", "the device is mounted with the other of ro and rw"
                    )
                return fs, "dir", None
    options = filesystem_options(fstype, data)
    event = create(vfs, fstype, source, options, read_only, task.userns)
    return event.filesystem, "dir", event


def _in_use(vfs: Vfs, fs: int) -> bool:
    return any(row.fs == fs for row in vfs.mounts.values())


def create(
    vfs: Vfs,
    fstype: str,
    source: str,
    options: dict[str, str],
    read_only: bool,
    userns: int = 0,
    fixture: bool = False,
) -> FilesystemCreated:
    """A new instance with an empty root directory; device numbers count up from 0:1."""
    number, dentry = vfs.counters["fs"], vfs.counters["dentry"]
    mode = int(options.get("mode", {"tmpfs": "1777", "proc": "555"}.get(fstype, "755")), 8)
    ino = vfs.counters[RAMFS_INODES] if fstype == "ramfs" else 1
    root = Dentry(dentry, number, dentry, "", "dir", ino, mode, "", 0)
    major = 8 if fstype in ON_DEVICE else 0
    fs = Filesystem(
        number, f"{major}:{number}", fstype, source, dentry, _shown(options), read_only, userns, fixture
    )
    contents = _proc_contents(root) if fstype == "proc" else ()
    return FilesystemCreated(fs, root, contents)


def end_server(rec: Recorder, fs: int) -> None:
    """The process that served a filesystem of FUSE has ended; its mounts stay."""
    rec(FilesystemChanged(rec.vfs.filesystems[fs]._replace(is_dead=True), "fuse.ended"))


def _proc_contents(root: Dentry) -> tuple[Dentry, ...]:
    made = {"": root}
    for number, path in enumerate(PROC_FILES, 1):
        directory, _, name = path.rstrip("/").rpartition("/")
        kind, mode = ("dir", 0o555) if path.endswith("/") else ("file", 0o444)
        made[path.rstrip("/")] = Dentry(
            root.id + number, root.fs, made[directory].id, name, kind, 1 + number, mode, "", 0
        )
    return tuple(made.values())[1:]


def _shown(options: dict[str, str]) -> str:
    """Options in the order in which tmpfs prints them (mm/shmem.c: shmem_show_options)."""
    return ",".join(f"{key}={options[key]}" for key in _SHOWN if key in options)


def filesystem_options(fstype: str, data: str) -> dict[str, str]:
    """Parse the option string that belongs to the filesystem (``size=10m,mode=700``).

    Raises:
        MountError: EINVAL for an option that the type does not have, or a value it cannot read.
    """
    options: dict[str, str] = {}
    for item in filter(None, data.split(",")):
        key, _, value = item.partition("=")
        if fstype == "ramfs":  # ramfs ignores what it does not know (fs/ramfs/inode.c)
            if key == "mode":
                options["mode"] = value
            continue
        if fstype != "tmpfs" or key not in ("size", "nr_inodes", "mode", "uid", "gid"):
            raise MountError("EINVAL", "mount.option", f"{fstype} has no option {key!r}")
        options[key] = _tmpfs_value(key, value)
    defaults = {"mode": "1777", "uid": "0", "gid": "0"}  # what mountinfo does not print
    return {key: value for key, value in options.items() if value != defaults.get(key)}


def _tmpfs_value(key: str, value: str) -> str:
    match = re.fullmatch(r"([0-9]+)([kKmMgG]?)", value)
    if match is None or (key in ("mode", "uid", "gid") and match[2]):
        raise MountError("EINVAL", "mount.option", f"cannot read {key}={value}")
    if key == "size":
        size = int(match[1]) * _SIZES[match[2].lower()]
        return f"{-(-size // _PAGE) * _PAGE // 1024}k"
    if key == "mode":
        return f"{int(value, 8) & 0o7777:03o}"
    return str(int(match[1]) * _SIZES[match[2].lower()])


def reconfigured(fs: Filesystem, read_only: bool, data: str) -> Filesystem:
    """The instance after a remount with these options; what is not named stays.

    mount(8) hands over what mountinfo showed: options that it has already change nothing, also those of
    types and words that are not simulated (a machine made of a snapshot has them).
    """
    present = [word for word in fs.options.split(",") if word]
    new = [word for word in data.split(",") if word and word not in present]
    named = filesystem_options(fs.fstype, ",".join(new))
    named.pop("mode", None)  # tmpfs takes mode= only when it is made
    if not named:
        return fs._replace(read_only=read_only)
    own = dict(word.split("=", 1) for word in present if word.partition("=")[0] in _SHOWN)
    others = [word for word in present if word.partition("=")[0] not in _SHOWN]
    return fs._replace(read_only=read_only, options=",".join(filter(None, [_shown(own | named), *others])))
