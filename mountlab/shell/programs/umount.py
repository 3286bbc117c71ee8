"""umount(8): detach what is mounted on a path, or all that is mounted below it."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab import model
from mountlab.errors import MountError
from mountlab.mountinfo import MountInfo
from mountlab.shell.programs import mount_table
from mountlab.shell.programs.context import ERROR_TEXTS, Context, Leave, strerror
from mountlab.shell.programs.options import Options, OptionTable

TABLE = OptionTable(
    "aAcdfhilnqRrO:t:vVN:",
    "all=a all-targets=A detach-loop=d fake force=f help=h internal-only=i lazy=l no-canonicalize=c no-mtab=n"
    " quiet=q read-only=r recursive=R test-opts=O: types=t: verbose=v version=V namespace=N:",
    "l f R q v n i",
)
FAILED = 32
MESSAGES = {
    "EINVAL": "not mounted",
    "EBUSY": "target is busy",
    "ENOENT": "no mount point specified",
    "EPERM": "must be superuser to unmount",
    "EACCES": "block devices are not permitted on filesystem",
}
NOT_FOR_USERS = ("R", "f", "n")
"""With one of these a user who is not root does without libmount's extra checks for users."""


class _Umount:
    """One umount command."""

    def __init__(self, context: Context, options: Options) -> None:
        self.context = context
        self.lazy, self.force = options.has("l"), options.has("f")
        self.quiet, self.verbose = options.has("q"), options.has("v")
        self.recursive = options.has("R")
        self.is_restricted = not context.is_root and not options.has(*NOT_FOR_USERS)

    def one(self, spec: str) -> int:
        """Unmount one operand; its exit status."""
        context = self.context
        try:
            target, source = self._look_up(spec)
        except MountError as error:
            status = 1 if error.errno in ("EINVAL", "EPERM") else FAILED
            context.complain(f"{spec}: umount failed: {strerror(error)}.")
            return status
        flags = (model.MNT_DETACH if self.lazy else 0) | (model.MNT_FORCE if self.force else 0)
        try:
            context.call(context.sim.umount, target, flags)
        except MountError as error:
            if not (self.quiet and error.errno == "EINVAL"):
                text = MESSAGES.get(error.errno, f"umount(2) system call failed: {strerror(error)}")
                context.complain(f"{target}: {text}.")
            return FAILED
        if self.verbose:
            context.complain(f"{target} ({source}) unmounted" if source else f"{target} unmounted")
        return 0

    def _look_up(self, spec: str) -> tuple[str, str | None]:
        """The path to unmount, and its source where the mount table had to be read."""
        context = self.context
        found = context.stat(spec) if spec.startswith("/") and not self.lazy and not self.force else None
        if not spec or (found and found.kind == "dir"):
            return spec, None
        rows = context.whole_table()
        if rows is None:
            raise MountError("ENOENT", "program.no-table", ERROR_TEXTS["ENOENT"])
        row = mount_table.find_target(context, rows, spec)
        if row is None and not self.recursive:
            row = self._by_source(rows, spec)
        return (row.mountpoint, row.source) if row else (spec, None)

    def _by_source(self, rows: Sequence[MountInfo], spec: str) -> MountInfo | None:
        row = mount_table.find_source(self.context, rows, spec)
        if row is not None and mount_table.find_target(self.context, rows, row.mountpoint) is not row:
            raise MountError("EINVAL", "program.stacked", "something else is mounted over it")
        return row

    def tree(self, spec: str) -> int:
        """Unmount a mountpoint with everything on it and below it, by one reading of the table."""
        context = self.context
        rows = context.whole_table()
        if rows is None:
            context.complain("failed to parse /proc/self/mountinfo: No such file or directory")
            return 4
        row = mount_table.find_target(context, rows, spec)
        if row is None:
            if not self.quiet:
                context.complain(f"{spec}: not mounted" if context.stat(spec) else f"{spec}: not found")
            return 1
        return self._subtree(rows, row)

    def _subtree(self, rows: Sequence[MountInfo], top: MountInfo) -> int:
        """Depth first, without recursion: tables can be deep."""
        pending: list[tuple[MountInfo, bool]] = [(top, False)]
        while pending:
            row, ready = pending.pop()
            if ready:
                status = self._if_mounted(row.mountpoint)
                if status:
                    return status
                continue
            over = mount_table.overmount(rows, row)
            below = [child for child in mount_table.children(rows, row) if child is not over]
            pending.append((row, True))
            pending += [(child, False) for child in reversed([*([over] if over else []), *below])]
        return 0

    def _if_mounted(self, target: str) -> int:
        rows = self.context.whole_table()
        if rows is not None and mount_table.find_target(self.context, rows, target) is None:
            return 0
        if rows is None:
            self.context.complain(f"???: umount failed: {ERROR_TEXTS['ENOENT']}.")
            return FAILED
        return self.one(target)


def run(context: Context, options: Options) -> int:
    """Unmount each operand; goes on after a failure, the statuses are added up."""
    if not options.operands:
        raise context.usage(1, "bad usage")
    command = _Umount(context, options)
    status = 0
    for spec in options.operands:
        if command.is_restricted and not command.recursive and not mount_table.is_tag(spec):
            raise _not_root(context, spec)
        status += command.tree(spec) if command.recursive else command.one(spec)
    return min(status, 255)


def _not_root(context: Context, spec: str) -> Leave:
    """A user without a uid in the namespace: the program cannot drop its privileges, and gives up."""
    return context.fail(1, f"{spec}: {ERROR_TEXTS['EINVAL']}")
