"""mkdir(1), rmdir(1), touch(1): names are made, and empty directories go."""

from __future__ import annotations

from mountlab.errors import MountError
from mountlab.shell.programs.context import Context, strerror
from mountlab.shell.programs.modes import UMASK, parse_mode
from mountlab.shell.programs.options import Options, OptionTable
from mountlab.shell.programs.quoting import curly, shell

MKDIR = OptionTable("pm:vZ", "context=Z mode=m: parents=p verbose=v help version", "p m v")
RMDIR = OptionTable(
    "pv", "ignore-fail-on-non-empty parents=p verbose=v help version", "p v ignore-fail-on-non-empty"
)
TOUCH = OptionTable(
    "acd:fhmr:t:", "time: no-create=c date=d: reference=r: no-dereference=h help version", "c"
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
