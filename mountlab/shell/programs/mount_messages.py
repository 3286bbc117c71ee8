"""What mount(8) says when mount(2) fails (libmount: mnt_context_get_mount_excode)."""

from __future__ import annotations

from typing import NamedTuple

from mountlab import model
from mountlab.errors import MountError
from mountlab.shell.programs.context import Context, strerror
from mountlab.shell.programs.mount_table import NETWORK, find_mountpoint, has_source, is_shared

BAD_SUPERBLOCK = "wrong fs type, bad option, bad superblock on {}, missing codepage or helper program, or other error"


class Attempt(NamedTuple):
    """A mount command as far as its messages need it."""

    source: str | None
    target: str
    fstype: str | None
    flags: int
    """Of all its calls together."""
    only_propagation: bool
    read_write: bool
    """-w was given."""


def explain(context: Context, attempt: Attempt, error: MountError) -> str:
    """The message for the failure of a command's first call, without target and full stop."""
    special = _SPECIAL.get(error.errno)
    return special(context, attempt, error) if special else _plain(error)


def _plain(error: MountError) -> str:
    return f"mount(2) system call failed: {strerror(error)}"


def _kind(context: Context, path: str | None) -> str | None:
    found = context.stat(path) if path else None
    return found.kind if found else None


def _permission(context: Context, attempt: Attempt, error: MountError) -> str:
    if not context.is_root:
        return "must be superuser to use mount"
    if _kind(context, attempt.target) != "dir":
        return "mount point is not a directory"
    return "permission denied"


def _busy(context: Context, attempt: Attempt, error: MountError) -> str:
    if attempt.flags & model.MS_REMOUNT:
        return "mount point is busy"
    source = attempt.source
    for row in context.table() or []:
        if source and has_source(row, source):
            return f"{source} already mounted on {row.mountpoint}"
    return f"{source} already mounted or mount point busy"


def _missing(context: Context, attempt: Attempt, error: MountError) -> str:
    if _kind(context, attempt.target) is None:
        return "mount point does not exist"
    if attempt.source is not None and _kind(context, attempt.source) is None:
        return f"special device {attempt.source} does not exist"
    return _plain(error)


def _not_directory(context: Context, attempt: Attempt, error: MountError) -> str:
    if _kind(context, attempt.target) != "dir":
        return "mount point is not a directory"
    try:
        context.sim.stat(context.proc, attempt.source or "")
    except MountError as missing:
        if attempt.source and missing.errno == "ENOTDIR":
            return f"special device {attempt.source} does not exist (a path prefix is not a directory)"
    return _plain(error)


def _invalid(context: Context, attempt: Attempt, error: MountError) -> str:
    if attempt.flags & model.MS_REMOUNT:
        return "mount point not mounted or bad option"
    if attempt.only_propagation:
        return "not mount point or bad option"
    if attempt.flags & model.MS_MOVE and _lives_under_shared(context, attempt.source):
        return "bad option; moving a mount residing under a shared mount is unsupported"
    if attempt.fstype in NETWORK:
        return (
            "bad option; for several filesystems (e.g. nfs, cifs) you might need a /sbin/mount.<type> helper program"
        )
    return BAD_SUPERBLOCK.format(attempt.source if attempt.source is not None else "(null)")


def _lives_under_shared(context: Context, source: str | None) -> bool:
    """Whether the mount that holds the directory above the source is shared."""
    rows = context.table()
    if not source or "/" not in source or rows is None:
        return False
    above = source.rpartition("/")[0] or source
    row = find_mountpoint(context, rows, above)
    return row is not None and is_shared(row)


def _no_type(context: Context, attempt: Attempt, error: MountError) -> str:
    if attempt.fstype is None:
        return "unknown filesystem type"
    return f"unknown filesystem type '{attempt.fstype}'"


def _no_block_device(context: Context, attempt: Attempt, error: MountError) -> str:
    kind = _kind(context, attempt.source)
    if kind is None:
        return f"{attempt.source} is not a block device, and stat(2) fails?"
    return f"{attempt.source} is not a block device" + ('; try "-o loop"' if kind == "file" else "")


def _read_only(context: Context, attempt: Attempt, error: MountError) -> str:
    source = attempt.source
    if attempt.flags & model.MS_RDONLY:
        return f"cannot mount {source} read-only"
    if attempt.read_write:
        return f"{source} is write-protected but explicit read-write mode requested"
    if attempt.flags & model.MS_REMOUNT:
        return f"cannot remount {source} read-write, is write-protected"
    if attempt.flags & model.MS_BIND:
        return f"bind {source} failed"
    return _plain(error)


_SPECIAL = {
    "EPERM": _permission,
    "EBUSY": _busy,
    "ENOENT": _missing,
    "ENOTDIR": _not_directory,
    "EINVAL": _invalid,
    "ENODEV": _no_type,
    "ENOTBLK": _no_block_device,
    "EACCES": _read_only,
    "EROFS": _read_only,
}
