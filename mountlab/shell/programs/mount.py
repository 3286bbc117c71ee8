"""mount(8): attach, bind, move, change propagation, remount, or list what is mounted."""

from __future__ import annotations

import re

from mountlab import model
from mountlab.errors import MountError
from mountlab.filesystems import ON_DEVICE
from mountlab.shell.programs import mount_table
from mountlab.shell.programs.context import Context, Leave
from mountlab.shell.programs.mount_messages import Attempt, explain
from mountlab.shell.programs.mount_options import Plan, flags_of, plan, split_options
from mountlab.shell.programs.mount_request import Request, read, take_operands
from mountlab.shell.programs.options import Options
from mountlab.shell.programs.paths import canonical

FAILED = 32
DMESG = "       dmesg(1) may have more information after failed mount system call."
NETWORK_TYPES = ("nfs", "cifs")
CONTROL = re.compile("[\x00-\x1f\x7f]")


def run(context: Context, options: Options) -> int:
    """Mount, or list without operands."""
    request = read(context, options)
    operands = options.operands
    if not operands and request.source is None and request.target is None:
        if request.is_operation or request.words:
            raise context.usage(1, "bad usage")
        return _list(context, options.last("t"))
    if request.is_operation and (request.fstype is not None or request.source is not None):
        raise context.usage(1, "bad usage")
    take_operands(context, request, operands)
    return _mount(context, request)


def _mount(context: Context, request: Request) -> int:
    """libmount's mnt_context_mount, for a table without /etc/fstab."""
    _complete(context, request)
    todo = plan(request.words, move=request.is_move)
    if todo.bad_mode:
        others = [word for word in request.words if word not in ("ro", "rw")]
        words = ",".join(["ro" if todo.flags & model.MS_RDONLY else "rw", *others])
        raise _give_up(context, request, f"failed to parse mount options '{words}'")
    only_propagation = (
        bool(todo.additional)
        and todo.flags in (0, model.MS_SILENT)
        and request.fstype in (None, "none")
        and request.source in (None, "none")
    )
    if request.source is None and only_propagation:
        request.source = "none"
    target = _prepare(context, request, todo, only_propagation)
    flags = todo.flags
    for each in todo.additional:
        flags |= each
    named = None if request.fstype is not None and _is_pattern(request.fstype) else request.fstype
    attempt = Attempt(request.source, target, named, flags, only_propagation, request.read_write)
    if not request.fake:
        status = _make_calls(context, attempt, todo, request.fstype)
        if status:
            return status
    if request.verbose:
        _report(context, request, flags)
    return 0


def _complete(context: Context, request: Request) -> None:
    """Find what was not said: in /etc/fstab, which is absent, or for a remount in the mount table."""
    without_tables = (request.is_operation and "remount" not in request.words) or request.changes_propagation
    if request.source is not None and request.target is not None:
        return
    if request.source is None and without_tables:
        return
    is_remount = bool(flags_of(request.words) & model.MS_REMOUNT)
    if not without_tables and is_remount:
        rows = context.whole_table()
        row = None
        if rows is not None and request.target is not None:
            row = mount_table.find_target(context, rows, request.target)
        elif rows is not None and request.source is not None:
            row = mount_table.find_source(context, rows, request.source)
        if row is not None:
            request.source, request.target = row.source, row.mountpoint
            request.fstype = request.fstype or row.fstype
            request.words = split_options(mount_table.options_of(row)) + request.words
            return
    if is_remount and request.target is not None:
        return
    raise _not_in_fstab(context, request)


def _not_in_fstab(context: Context, request: Request) -> Leave:
    spec = request.target if request.target is not None else request.source
    what = f"mount source {spec} in" if request.target is None else "mount point in"
    return context.fail(1, f"{spec}: can't find {what if request.names_paths else 'in'} /etc/fstab.")


def _give_up(context: Context, request: Request, text: str) -> Leave:
    return context.fail(1, f"{request.target or request.source or '???'}: {text}.")


def _prepare(context: Context, request: Request, todo: Plan, only_propagation: bool) -> str:
    """Resolve the paths and settle the type, before any call; the target."""
    source, flags = request.source, todo.flags
    if source is not None:
        if mount_table.is_tag(source):
            raise _give_up(context, request, f"can't find {source}")
        if request.fstype not in mount_table.PSEUDO | mount_table.NETWORK and source:
            request.source = source = canonical(context, source)
    if flags & (model.MS_BIND | model.MS_MOVE) or only_propagation:
        request.fstype = "none"
    elif request.fstype in (None, "auto"):
        request.fstype = "none" if flags & model.MS_REMOUNT else _guess_type(context, source)
    if request.target is None or (request.is_move and source is None):
        raise _give_up(context, request, "mount failed: Invalid argument")
    if todo.mkdir_mode is not None and context.stat(request.target) is None:
        _make_parents(context, request.target, todo.mkdir_mode)
    if request.target:
        request.target = canonical(context, request.target)
    return request.target


def _guess_type(context: Context, source: str | None) -> str | None:
    if source is None or context.stat(source):
        return None
    if ":" in source:
        return "nfs"
    return "cifs" if source.startswith("//") else None


def _make_parents(context: Context, path: str, mode: int) -> None:
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        name = "/".join(parts[:end])
        if not name or context.stat(name):
            continue
        try:
            context.sim.mkdir(context.proc, name, mode)
        except MountError:  # whatever the reason, this is what mount says
            raise context.fail(1, f"{path}: operation permitted for root only.") from None


def _is_pattern(fstype: str) -> bool:
    """``-t a,b`` and ``-t noa``: several types to be tried, so that messages name none."""
    return "," in fstype or (fstype.startswith("no") and fstype != "none")


def _make_calls(context: Context, attempt: Attempt, todo: Plan, fstype: str | None) -> int:
    """The system calls; the exit status when one of them fails."""
    target = attempt.target
    try:
        if attempt.only_propagation:
            for flags in todo.additional:
                context.call(context.sim.mount, "none", target, None, flags)
            return 0
        _first_call(context, attempt, todo, fstype)
    except MountError as error:
        context.complain(f"{target}: {explain(context, attempt, error)}.")
        context.hint(DMESG)
        return FAILED
    try:
        for flags in todo.additional:
            context.call(context.sim.mount, "none", target, None, flags)
    except MountError:
        what = "filesystem was mounted, but any subsequent operation failed: Unknown error 5005"
        context.complain(f"{target}: {what}.")
        return FAILED
    return 0


def _first_call(context: Context, attempt: Attempt, todo: Plan, fstype: str | None) -> None:
    source = attempt.source if attempt.source is not None else "none"
    if fstype is not None and "," in fstype and not fstype.startswith("no"):
        _try_types(context, attempt, todo, fstype.split(","))
    elif fstype is None or _is_pattern(fstype):
        raise _unsimulated(context, attempt, attempt.source or "none", "ENOTBLK")
    elif fstype in ("", *NETWORK_TYPES):
        raise _unsimulated(context, attempt, "/", "ENODEV")
    elif fstype in ON_DEVICE and context.stat(source):
        raise _unsimulated(context, attempt, source, "ENOTBLK")
    else:
        named = context.with_pid(source)
        context.call(context.sim.mount, named, attempt.target, fstype, todo.flags, todo.data)


def _try_types(context: Context, attempt: Attempt, todo: Plan, types: list[str]) -> None:
    for position, fstype in enumerate(types):
        try:
            flags = todo.flags | model.MS_SILENT
            source = attempt.source or "none"
            context.call(context.sim.mount, source, attempt.target, fstype, flags, todo.data)
        except MountError:
            if position + 1 == len(types):
                raise
        else:
            context.succeeded_late = position > 0
            return


def _unsimulated(context: Context, attempt: Attempt, source: str, errno: str) -> MountError:
    """mount(2) as it fails for what is no filesystem here; target, permission and source come first.

    Without a type the kernel is asked for one type of disk after another, and nothing here is a disk.
    """
    try:
        context.sim.stat(context.proc, attempt.target)
        if not context.may_mount:
            return context.refuse_call("mount", "EPERM")
        context.sim.stat(context.proc, source)
    except MountError as error:
        return context.refuse_call("mount", error.errno)
    return context.refuse_call("mount", errno)


def _report(context: Context, request: Request, flags: int) -> None:
    source, target = request.source, request.target
    if flags & model.MS_MOVE:
        lines = [f"{source} moved to {target}."]
    elif flags & model.MS_BIND:
        lines = [f"{source} bound on {target}."]
    elif flags & (model.MS_SHARED | model.MS_PRIVATE | model.MS_SLAVE | model.MS_UNBINDABLE):
        lines = [] if source == "none" else [f"{source} mounted on {target}."]
        lines.append(f"{target} propagation flags changed.")
    else:
        lines = [f"{source} mounted on {target}."]
    for line in lines:
        context.say(f"mount: {line}\n")


def _list(context: Context, pattern: str | None) -> int:
    rows = context.table()
    if rows is None:
        raise context.fail(2, "failed to read mtab: No such file or directory")
    for row in rows:
        if pattern is not None and not mount_table.matches_type(row.fstype, pattern):
            continue
        target = CONTROL.sub("?", row.mountpoint)
        context.say(f"{row.source} on {target} type {row.fstype} ({mount_table.options_of(row)})\n")
    return 0
