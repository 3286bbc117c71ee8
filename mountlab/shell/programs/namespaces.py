"""unshare(1), nsenter(1), pivot_root(8), chroot(8): the shell moves, as after ``exec``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from mountlab import model
from mountlab.errors import MountError
from mountlab.nsfs import named_by
from mountlab.shell.programs.context import ERROR_TEXTS, Context, strerror
from mountlab.shell.programs.options import Options, OptionTable
from mountlab.simulator import Process

UNSHARE = OptionTable(
    "+fhVmuinpCTUrR:w:S:G:c",
    "help=h version=V mount=m:: uts=u:: ipc=i:: net=n:: pid=p:: user=U:: cgroup=C:: time=T:: fork=f"
    " kill-child:: mount-proc:: map-user: map-users: map-group: map-groups: map-root-user=r"
    " map-current-user=c"
    " map-auto propagation: setgroups: keep-caps setuid=S: setgid=G: root=R: wd=w: monotonic: boottime:",
    "m U r propagation",
)
NSENTER = OptionTable(
    "+ahVt:m::u::i::n::p::C::U::T::S:G:r::w::W:FZ",
    "all=a help=h version=V target=t: mount=m:: uts=u:: ipc=i:: net=n:: pid=p:: user=U:: cgroup=C:: time=T::"
    " setuid=S: setgid=G: root=r:: wd=w:: wdns=W: no-fork=F preserve-credentials follow-context=Z",
    "t m U",
)
PIVOT_ROOT = OptionTable("Vh", "version=V help=h", "")
PIVOT_OPERANDS = 2
CHROOT = OptionTable("+", "groups: userspec: skip-chdir help version", "")
Entry = Callable[[Process], None]
"""How a process gets into a namespace."""
PROPAGATION = {
    "slave": model.MS_REC | model.MS_SLAVE,
    "private": model.MS_REC | model.MS_PRIVATE,
    "shared": model.MS_REC | model.MS_SHARED,
    "unchanged": 0,
}


def unshare(context: Context, options: Options) -> int:
    """New namespaces for the shell; ``/`` becomes rprivate there unless told otherwise."""
    mode = "private"
    for option in options.given:
        if option.key == "propagation":
            mode = option.value or ""
            if mode not in PROPAGATION:
                raise context.fail(1, f"unsupported propagation mode: {mode}")
    newns, newuser = options.has("m"), options.has("U", "r")
    files = [option.value for option in options.given if option.key == "m" and option.value is not None]
    if files:
        return _unshare_into(context, files[-1], _Wanted(newuser, options.has("r"), PROPAGATION[mode]))
    sim = context.sim
    try:
        context.call(sim.unshare, newns=newns, newuser=newuser, map_root=options.has("r"))
    except MountError as error:
        raise context.fail(1, f"unshare failed: {strerror(error)}") from None
    if options.has("r") and context.table() is None:
        sim.undo()  # the program ends with its new namespaces, and the shell is where it was
        raise context.fail(1, "cannot open /proc/self/uid_map: No such file or directory")
    if newns and PROPAGATION[mode]:
        try:
            context.call(sim.mount, "none", "/", None, PROPAGATION[mode])
        except MountError as error:
            sim.undo(2)  # likewise
            raise context.fail(1, f"cannot change root filesystem propagation: {strerror(error)}") from None
    sim.execute(context.proc)
    return 0


class _Wanted(NamedTuple):
    """What unshare(1) is to do besides a new mount namespace."""

    newuser: bool
    map_root: bool
    propagation: int


def _unshare_into(context: Context, file: str, wanted: _Wanted) -> int:
    """``unshare --mount=FILE``: somebody who stays in the old namespace binds the new one's file there.

    In the real program that is a child which it forks first.  Here the shell waits where it is, and the
    program is a process of its own: so it can fail after the file was bound.
    """
    sim, shell = context.sim, context.proc
    if context.table() is None:
        error = MountError("ENOENT", "program.namespace-file", ERROR_TEXTS["ENOENT"])
        context.note(error)
        raise context.fail(1, f"stat of /proc/{shell.name}/ns/mnt failed: {strerror(error)}")
    program = context.proc = sim.fork(shell, shell.name)
    try:
        _make_namespace(context, wanted)
        context.proc = shell
        _bind_file(context, program, file)
        context.proc = program
        _set_propagation(context, wanted.propagation)
        sim.follow(shell, program)
    finally:
        context.proc = shell
        sim.exit(program, "process.exec")
    sim.execute(shell)
    return 0


def _make_namespace(context: Context, wanted: _Wanted) -> None:
    try:
        context.call(context.sim.unshare, newns=True, newuser=wanted.newuser, map_root=wanted.map_root)
    except MountError as error:
        raise context.fail(1, f"unshare failed: {strerror(error)}") from None


def _bind_file(context: Context, program: Process, file: str) -> None:
    try:
        context.call(context.sim.mount, f"/proc/{program.pid}/ns/mnt", file, None, model.MS_BIND)
    except MountError as error:
        source = f"/proc/{program.name}/ns/mnt"
        raise context.fail(1, f"mount {source} on {file} failed: {strerror(error)}") from None


def _set_propagation(context: Context, flags: int) -> None:
    try:
        if flags:
            context.call(context.sim.mount, "none", "/", None, flags)
    except MountError as error:
        raise context.fail(1, f"cannot change root filesystem propagation: {strerror(error)}") from None


def nsenter(context: Context, options: Options) -> int:
    """Into the namespaces of the shell that --target names, or whose file --mount names."""
    other: Process | None = None
    word = None
    for option in options.given:
        if option.key == "t":
            word = option.value or ""
            other = context.shells.get(word)
            if other is None and not word.isdigit():
                raise context.fail(1, f"failed to parse pid: '{word}'")
        elif option.key == "m" and option.value is not None:
            _open_file(context, option.value)
    without = {option.key for option in options.given if option.value is None}
    wanted = [name for key, name in (("U", "user"), ("m", "mnt")) if key in without]
    for name in wanted:
        if word is None or (other is None and int(word) == 0):
            raise context.fail(1, f"neither filename nor target pid supplied for ns/{name}")
        _may_open(context, other, word, name)
    sim, entries = context.sim, dict[str, Entry]()
    if options.has("m") and "m" not in without:
        entries["mnt"] = partial(sim.enter, path=context.with_pid(options.last("m") or ""))
    if other is not None:
        there = {"user": partial(sim.enter_userns, other=other), "mnt": partial(sim.setns, other=other)}
        entries |= {name: there[name] for name in wanted}
    _enter(context, entries)
    sim.execute(context.proc)
    return 0


def _may_open(context: Context, other: Process | None, word: str, name: str) -> None:
    """open(2) of /proc/PID/ns/NAME."""
    errno = None
    if context.table() is None or other is None:
        errno = "ENOENT"
    elif not context.sim.vfs.may_look(context.proc.task, other.userns) and other.pid != context.proc.pid:
        errno = "EACCES"
    if errno:
        context.note(MountError(errno, "program.namespace-file", ERROR_TEXTS[errno]))
        raise context.fail(1, f"cannot open /proc/{word}/ns/{name}: {ERROR_TEXTS[errno]}")


def _open_file(context: Context, word: str) -> None:
    """open(2) of what should be the file of a namespace; only setns(2) tells whether it is."""
    try:
        named_by(context.sim.vfs, context.proc.task, context.with_pid(word))
    except MountError as error:
        if error.rule != "setns.file":
            context.note(error)
            raise context.fail(1, f"cannot open {word}: {strerror(error)}") from None


def _enter(context: Context, entries: dict[str, Entry]) -> None:
    """Two rounds, the user namespace last in the first and first in the second, as nsenter does it."""
    left = list(entries)
    for is_last, order in ((False, ("mnt",)), (True, ("user", "mnt"))):
        for name in order:
            if name not in left:
                continue
            try:
                context.call(entries[name])
            except MountError as error:
                if is_last:
                    message = f"reassociate to namespace 'ns/{name}' failed: {strerror(error)}"
                    raise context.fail(1, message) from None
            else:
                left.remove(name)


def pivot_root(context: Context, options: Options) -> int:
    """Swap the root of the namespace for another mount."""
    if len(context.words) != len(options.operands) or len(options.operands) != PIVOT_OPERANDS:
        raise context.usage(1, "bad usage")
    new_root, put_old = options.operands
    try:
        context.call(context.sim.pivot_root, new_root, put_old)
    except MountError as error:
        message = f"failed to change root from `{new_root}' to `{put_old}': {strerror(error)}"
        raise context.fail(1, message) from None
    return 0


def chroot(context: Context, options: Options) -> int:
    """A new root directory for the shell, which goes there."""
    if not options.operands:
        raise context.usage(125, "missing operand")
    path = options.operands[0]
    try:
        context.call(context.sim.chroot, path)
    except MountError as error:
        raise context.fail(125, f"cannot change root directory to '{path}': {strerror(error)}") from None
    context.call(context.sim.chdir, "/")
    return 0
