"""rm(1): files and whole trees go."""

from __future__ import annotations

from mountlab.errors import MountError
from mountlab.files import Stat
from mountlab.shell.programs.context import Context, strerror
from mountlab.shell.programs.options import Options, OptionTable
from mountlab.shell.programs.quoting import shell

TABLE = OptionTable(
    "dfirvIR",
    "force=f interactive:: one-file-system no-preserve-root preserve-root:: recursive=r dir=d"
    " verbose=v help version",
    "d f r R v",
)
CYCLE = (
    "WARNING: Circular directory structure.\n"
    "This almost certainly means that you have a corrupted file system.\n"
    "NOTIFY YOUR SYSTEM MANAGER.\n"
    "The following directory is part of the cycle:\n  {}\n"
)


def run(context: Context, options: Options) -> int:
    """Remove files, and with -r directories and all they hold."""
    if not options.operands and not options.has("f"):
        raise context.usage(1, "missing operand")
    return max((_remove_operand(context, options, path) for path in options.operands), default=0)


def _remove_operand(context: Context, options: Options, path: str) -> int:
    recursive = options.has("r", "R")
    last = path.rstrip("/").rpartition("/")[2]
    if recursive and last in (".", ".."):
        context.complain(f"refusing to remove '.' or '..' directory: skipping {shell(path)}")
        return 1
    found = context.stat(path)
    if found is None:
        return _missing(context, options, path)
    if recursive and _is_root(context, path):
        also = "" if path == "/" else " (same as '/')"
        context.complain(f"it is dangerous to operate recursively on {shell(path)}{also}")
        context.complain("use --no-preserve-root to override this failsafe")
        return 1
    is_full = found.kind == "dir" and bool(context.sim.listdir(context.proc, path))
    if found.kind == "dir" and not recursive and (is_full or not options.has("d")):
        error = MountError("ENOTEMPTY" if options.has("d") else "EISDIR", "program.rm")
        context.note(error)
        context.complain(f"cannot remove {shell(path)}: {strerror(error)}")
        return 1
    return 0 if _Removal(context, options).all_of(path) else 1


def _missing(context: Context, options: Options, path: str) -> int:
    try:
        context.sim.stat(context.proc, path)
    except MountError as error:
        if options.has("f") and error.errno in ("ENOENT", "ENOTDIR") and path:
            return 0
        context.note(error)
        context.complain(f"cannot remove {shell(path)}: {strerror(error)}")
    return 1


def _is_root(context: Context, path: str) -> bool:
    one, root = context.stat(path), context.stat("/")
    if one is None or root is None:
        return False
    return (one.dev, one.ino, one.mount) == (root.dev, root.ino, root.mount)


class _Cycles:
    """fts(3)'s watch for directories that contain themselves, as a bind mount can make them.

    It remembers one directory at a time, a later one whenever the count of steps down is a power of two,
    and so finds a cycle late.
    """

    def __init__(self) -> None:
        self._steps = 0
        self._saved: tuple[str, int] | None = None

    def enters(self, directory: tuple[str, int]) -> bool:
        """Whether this directory closes a cycle."""
        if directory == self._saved:
            return True
        self._steps += 1
        if self._steps & (self._steps - 1) == 0:
            self._saved = directory
        return False

    def leaves(self, directory: tuple[str, int], above: tuple[str, int]) -> None:
        """Going up again."""
        if directory == self._saved:
            self._saved = above


class _Removal:
    """One operand, depth first; a directory is left alone once something in it could not be removed."""

    def __init__(self, context: Context, options: Options) -> None:
        self.context, self.options = context, options
        self.recursive = options.has("r", "R")
        self.cycles = _Cycles()
        self.failed: set[str] = set()
        self.stack: list[tuple[str, bool]] = []

    def all_of(self, top: str) -> bool:
        """Remove the operand; False when something stays."""
        self.stack = [(top, False)]
        is_clean = True
        while self.stack:
            path, emptied = self.stack.pop()
            found = self.context.stat(path)
            if self.recursive and found and found.kind == "dir" and not emptied:
                is_clean = self._enter(path, found) and is_clean
                continue
            above = path.rstrip("/").rpartition("/")[0]
            if emptied and found:
                self._leave(found, above)
            if path in self.failed or not _remove_one(self.context, self.options, path, found):
                self.failed.update((path, above))
        return is_clean and top not in self.failed

    def _enter(self, path: str, found: Stat) -> bool:
        if self.cycles.enters((found.dev, found.ino)):
            self.context.complain(CYCLE.format(path))
            self._skip_one()
            return False
        self.stack.append((path, True))
        names = self.context.sim.listdir(self.context.proc, path)
        self.stack += [(f"{path.rstrip('/')}/{name}", False) for name in reversed(names)]
        return True

    def _skip_one(self) -> None:
        """rm throws away what comes after a cycle: the next name, or the directory around."""
        if self.stack:
            path, emptied = self.stack[-1]
            found = self.context.stat(path)
            if emptied or not (found and found.kind == "dir"):
                self.stack.pop()

    def _leave(self, found: Stat, above: str) -> None:
        around = self.context.stat(above or ".")
        if around:
            self.cycles.leaves((found.dev, found.ino), (around.dev, around.ino))


def _remove_one(context: Context, options: Options, path: str, found: Stat | None) -> bool:
    is_directory = found is not None and found.kind == "dir"
    try:
        if found is None:  # nobody serves it
            context.call(context.sim.stat, path)
        context.call(context.sim.rmdir if is_directory else context.sim.unlink, path)
    except MountError as error:
        context.complain(f"cannot remove {shell(path)}: {strerror(error)}")
        return False
    if options.has("v"):
        context.say(f"removed {'directory ' if is_directory else ''}{shell(path)}\n")
    return True
