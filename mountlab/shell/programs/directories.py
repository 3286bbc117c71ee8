"""mkdir(1), rmdir(1), touch(1), rm(1): names come and go."""

from __future__ import annotations

from mountlab.errors import MountError
from mountlab.shell.programs.context import Context, strerror
from mountlab.shell.programs.modes import UMASK, parse_mode
from mountlab.shell.programs.options import Options, OptionTable
from mountlab.shell.programs.quoting import curly, shell

MKDIR = OptionTable(
    "pm:vZ", "context=Z mode=m: parents=p verbose=v help version", "p m v"
)
RMDIR = OptionTable(
    "pv", "ignore-fail-on-non-empty parents=p verbose=v help version", "p v ignore-fail-on-non-empty"
)
TOUCH = OptionTable(
    "acd:fhmr:t:", "time: no-create=c date=d: reference=r: no-dereference=h help version", "c"
)
RM = OptionTable(
    "dfirvIR",
    "force=f interactive:: one-file-system no-preserve-root preserve-root:: recursive=r dir=d"
    " verbose=v help version",
    "d f r R v",
)


def mkdir(context: Context, options: Options) -> int:
    """Make directories."""
    if not options.operands:
        raise context.usage(1, "missing operand")
    mode = 0o777 & ~UMASK
    given = options.last("m")
    if given is not None:
        parsed = parse_mode(given, mode)
        if parsed is None:
            raise context.fail(1, f"invalid mode {curly(given)}")
        mode = parsed
    status = 0
    for path in options.operands:
        try:
            if options.has("p"):
                _with_parents(context, path, mode, options.has("v"))
            else:
                context.call(context.sim.mkdir, path, mode)
                _tell(context, options, f"created directory {shell(path)}")
        except MountError as error:
            name = error.sentence if options.has("p") else path
            context.complain(f"cannot create directory {curly(name)}: {strerror(error)}")
            status = 1
    return status


def _with_parents(context: Context, path: str, mode: int, verbose: bool) -> None:
    """Make what is missing of a path; the error names the part that could not be made."""
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        part = "/".join(parts[:end])
        if not parts[end - 1] and not (end == len(parts) == 1):
            continue
        is_last = not any(parts[end:])
        try:
            context.sim.stat(context.proc, part)
        except MountError as error:
            if error.errno != "ENOENT":
                context.note(error)
                raise MountError(error.errno, error.rule, part) from None
        else:
            found = context.stat(part)
            if found and found.kind != "dir":
                errno = "EEXIST" if is_last else "ENOTDIR"
                failure = MountError(errno, "program.mkdir", part)
                context.note(failure)
                raise failure
            continue
        shown = path if is_last else part
        try:
            context.call(context.sim.mkdir, part, mode if is_last else 0o777 & ~UMASK)
        except MountError as error:
            raise MountError(error.errno, error.rule, shown) from None
        if verbose:
            context.say(f"{context.program}: created directory {shell(shown)}\n")


def _tell(context: Context, options: Options, text: str) -> None:
    if options.has("v"):
        context.say(f"{context.program}: {text}\n")


def rmdir(context: Context, options: Options) -> int:
    """Remove empty directories; with -p their parents too."""
    if not options.operands:
        raise context.usage(1, "missing operand")
    status = 0
    for path in options.operands:
        names = [path, *(_parents(path) if options.has("p") else [])]
        for index, name in enumerate(names):
            _tell(context, options, f"removing directory, {shell(name)}")
            try:
                context.sim.rmdir(context.proc, name)
            except MountError as error:
                if error.errno == "ENOTEMPTY" and options.has("ignore-fail-on-non-empty"):
                    break
                context.note(error)
                what = "failed to remove directory" if index else "failed to remove"
                context.complain(f"{what} {shell(name)}: {strerror(error)}")
                status = 1
                break
    return status


def _parents(path: str) -> list[str]:
    found = []
    path = path.rstrip("/")
    while "/" in path and path != "/":
        path = path.rpartition("/")[0].rstrip("/") or "/"
        found.append(path)
    return found


def touch(context: Context, options: Options) -> int:
    """Make empty files, or set the times of what is there."""
    if not options.operands:
        raise context.usage(1, "missing file operand")
    status = 0
    for path in options.operands:
        found = context.stat(path)
        if path == "-" or (options.has("c") and found is None):
            continue
        try:
            context.sim.touch(context.proc, path)
        except MountError as error:
            is_directory = error.errno == "EISDIR" or (found is not None and found.kind == "dir")
            if error.errno == "EISDIR":  # open(2) says so; then utimensat(2) finds nothing
                error = MountError("ENOENT", error.rule)
            context.note(error)
            what = "setting times of" if is_directory or options.has("c") else "cannot touch"
            context.complain(f"{what} {shell(path)}: {strerror(error)}")
            status = 1
    return status


def rm(context: Context, options: Options) -> int:
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
    return 0 if _remove_tree(context, options, path, recursive) else 1


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


def _remove_tree(context: Context, options: Options, top: str, recursive: bool) -> bool:
    """Depth first; a directory is left alone once something in it could not be removed."""
    stack = [(top, False)]
    failed: set[str] = set()
    while stack:
        path, emptied = stack.pop()
        found = context.stat(path)
        is_directory = found is not None and found.kind == "dir"
        if is_directory and recursive and not emptied:
            stack.append((path, True))
            names = context.sim.listdir(context.proc, path)
            stack += [(f"{path.rstrip('/')}/{name}", False) for name in reversed(names)]
            continue
        if path in failed or not _remove_one(context, options, path, is_directory):
            failed.update((path, path.rstrip("/").rpartition("/")[0]))
    return top not in failed


def _remove_one(context: Context, options: Options, path: str, is_directory: bool) -> bool:
    try:
        context.call(context.sim.rmdir if is_directory else context.sim.unlink, path)
    except MountError as error:
        context.complain(f"cannot remove {shell(path)}: {strerror(error)}")
        return False
    if options.has("v"):
        context.say(f"removed {'directory ' if is_directory else ''}{shell(path)}\n")
    return True
