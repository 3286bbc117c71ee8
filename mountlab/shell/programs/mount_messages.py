"""What mount(8) says when mount(2) fails (libmount: mnt_context_get_mount_excode)."""

from __future__ import annotations

from typing import NamedTuple

from mountlab import model
from mountlab.errors import MountError
from mountlab.nsfs import behind_link
from mountlab.shell.programs.context import Context, strerror
from mountlab.shell.programs.mount_table import NETWORK, find_mountpoint, has_source

BAD_SUPERBLOCK = (
    "wrong fs type, bad option, bad superblock on {}, missing codepage or helper program, or other error"
)
MISSING_HELPER = (
    "bad option; for several filesystems (e.g. nfs, cifs) you might need a /sbin/mount.<type> helper program"
)


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
    failure = _Failure(context, attempt, error)
    return _SPECIAL.get(error.errno, _Failure.plain)(failure)


class _Failure:
    """One failure; each method is the message of an errno."""

    def __init__(self, context: Context, attempt: Attempt, error: MountError) -> None:
        self.context, self.attempt, self.error = context, attempt, error

    def _kind(self, path: str | None) -> str | None:
        found = self.context.stat(path) if path else None
        return found.kind if found else None

    def _is_link(self, source: str) -> bool:
        """Whether the source is a namespace's file in /proc."""
        context = self.context
        try:
            return behind_link(context.sim.vfs, context.proc.task, context.with_pid(source)) is not None
        except MountError:
            return False

    def plain(self) -> str:
        return f"mount(2) system call failed: {strerror(self.error)}"

    def permission(self) -> str:
        if not self.context.is_root:
            return "must be superuser to use mount"
        if self._kind(self.attempt.target) != "dir":
            return "mount point is not a directory"
        return "permission denied"

    def busy(self) -> str:
        source = self.attempt.source
        if self.attempt.flags & model.MS_REMOUNT:
            return "mount point is busy"
        for row in self.context.whole_table() or []:
            if source and has_source(row, source):
                return f"{source} already mounted on {row.mountpoint}"
        return f"{source} already mounted or mount point busy"

    def missing(self) -> str:
        source = self.attempt.source
        if self._kind(self.attempt.target) is None:
            return "mount point does not exist"
        if source is not None and self._kind(source) is None and not self._is_link(source):
            return f"special device {source} does not exist"
        return self.plain()

    def not_directory(self) -> str:
        source = self.attempt.source
        if self._kind(self.attempt.target) != "dir":
            return "mount point is not a directory"
        try:
            self.context.sim.stat(self.context.proc, source or "")
        except MountError as missing:
            if source and missing.errno == "ENOTDIR":
                return f"special device {source} does not exist (a path prefix is not a directory)"
        return self.plain()

    def invalid(self) -> str:
        attempt = self.attempt
        if attempt.flags & model.MS_REMOUNT:
            return "mount point not mounted or bad option"
        if attempt.only_propagation:
            return "not mount point or bad option"
        if attempt.flags & model.MS_MOVE and self._lives_under_shared():
            return "bad option; moving a mount residing under a shared mount is unsupported"
        if attempt.fstype in NETWORK:
            return MISSING_HELPER
        return BAD_SUPERBLOCK.format(attempt.source if attempt.source is not None else "(null)")

    def _lives_under_shared(self) -> bool:
        """Whether the mount that holds the directory above the source is shared."""
        rows, source = self.context.whole_table(), self.attempt.source
        if not source or "/" not in source or rows is None:
            return False
        row = find_mountpoint(self.context, rows, source.rpartition("/")[0] or source)
        return row is not None and row.shared is not None

    def no_type(self) -> str:
        fstype = self.attempt.fstype
        return "unknown filesystem type" if fstype is None else f"unknown filesystem type '{fstype}'"

    def no_block_device(self) -> str:
        source = self.attempt.source
        kind = self._kind(source)
        if kind is None:
            return f"{source} is not a block device, and stat(2) fails?"
        return f"{source} is not a block device" + ('; try "-o loop"' if kind == "file" else "")

    def read_only(self) -> str:
        attempt, source = self.attempt, self.attempt.source
        if attempt.flags & model.MS_RDONLY:
            return f"cannot mount {source} read-only"
        if attempt.read_write:
            return f"{source} is write-protected but explicit read-write mode requested"
        if attempt.flags & model.MS_REMOUNT:
            return f"cannot remount {source} read-write, is write-protected"
        if attempt.flags & model.MS_BIND:
            return f"bind {source} failed"
        return self.plain()


_SPECIAL = {
    "EPERM": _Failure.permission,
    "EBUSY": _Failure.busy,
    "ENOENT": _Failure.missing,
    "ENOTDIR": _Failure.not_directory,
    "EINVAL": _Failure.invalid,
    "ENODEV": _Failure.no_type,
    "ENOTBLK": _Failure.no_block_device,
    "EACCES": _Failure.read_only,
    "EROFS": _Failure.read_only,
}
