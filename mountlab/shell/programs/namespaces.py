"""unshare(1), nsenter(1), pivot_root(8), chroot(8): the shell moves, as after ``exec``."""

from __future__ import annotations

from mountlab import model
from mountlab.errors import MountError
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


def nsenter(context: Context, options: Options) -> int:
    """Into the namespaces of the shell that --target names."""
    other: Process | None = None
    word = None
    for option in options.given:
        if option.key == "t":
            word = option.value or ""
            other = context.shells.get(word)
            if other is None and not word.isdigit():
                raise context.fail(1, f"failed to parse pid: '{word}'")
    wanted = [name for key, name in (("U", "user"), ("m", "mnt")) if options.has(key)]
    for name in wanted:
        if word is None or (other is None and int(word) == 0):
            raise context.fail(1, f"neither filename nor target pid supplied for ns/{name}")
        _may_open(context, other, word, name)
    if other is not None:
        _enter(context, other, wanted)
    context.sim.execute(context.proc)
    return 0


def _may_open(context: Context, other: Process | None, word: str, name: str) -> None:
    """open(2) of /proc/PID/ns/NAME."""
    errno = None
    if context.table() is None or other is None:
        errno = "ENOENT"
    elif not context.sim.vfs.is_capable(context.proc.task, other.userns) and other.pid != context.proc.pid:
        errno = "EACCES"
    if errno:
        context.note(MountError(errno, "program.namespace-file", ERROR_TEXTS[errno]))
        raise context.fail(1, f"cannot open /proc/{word}/ns/{name}: {ERROR_TEXTS[errno]}")


def _enter(context: Context, other: Process, wanted: list[str]) -> None:
    """Two rounds, the user namespace last in the first and first in the second, as nsenter does it."""
    sim = context.sim
    enter = {"user": sim.enter_userns, "mnt": sim.setns}
    left = list(wanted)
    for is_last, order in ((False, ("mnt",)), (True, ("user", "mnt"))):
        for name in order:
            if name not in left:
                continue
            try:
                context.call(enter[name], other)
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
