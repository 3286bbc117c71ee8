"""What people believe of mount namespaces, and of user namespaces around them."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.practice.mind import NOTHING, Mind, Reading
from mountlab.practice.spoken import said
from mountlab.processes import INITIAL
from mountlab.shell.backend import Outcome
from mountlab.unmount import umount_tree

USER_WORDS = {"-U", "--user", "-r", "--map-root-user"}


def unshare_isolates(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A mount namespace of one's own isolates, whatever the propagation."""
    yield _with_propagation(argv, "private")


def shared_reaches_all(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """What is shared reaches every namespace: ``unshare --mount`` does not change that."""
    told = said(argv)
    private = told.verb == "unshare" and told.type == "private"
    yield _with_propagation(argv, "unchanged") if private else argv


def table_is_global(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """There is one mount table for the whole machine."""
    yield NOTHING if said(argv).verb == "unshare" else argv


def namespace_starts_empty(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A new mount namespace has none of the mounts that were there."""
    yield argv
    if said(argv).verb == "unshare":
        root = _root(mind, shell)
        for child in mind.vfs.children(root):
            mind.detach(child)


def private_is_hidden(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A private mount is not copied into a new namespace."""
    told = said(argv)
    private = _paths(mind, shell, "private") if told.verb == "unshare" else []
    yield argv
    _take_away(mind, shell, private)


def unbindable_is_hidden(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """An unbindable mount is not copied into a new namespace."""
    told = said(argv)
    unbindable = _paths(mind, shell, "unbindable") if told.verb == "unshare" else []
    yield argv
    _take_away(mind, shell, unbindable)


def userns_sends(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A user namespace changes nothing: what is shared there is shared with the host."""
    if said(argv).verb == "unshare":
        words = [word for word in argv if word not in USER_WORDS]
        yield ["unshare", "--mount", *(word for word in words[1:] if not word.startswith("-Ur"))]
    else:
        yield argv


def root_may_unmount(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """Root in a user namespace may unmount whatever it sees there."""
    told = said(argv)
    mount = mind.mount_at(shell, told.target) if told.verb == "umount" else None
    if mount is not None and mind.row(mount).locked:
        mind.detach(mount)
        yield Outcome(0)
    else:
        yield argv


def namespace_end_is_told(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """When a namespace ends, its mounts are unmounted wherever they had been propagated to."""
    told = said(argv)
    if told.verb == "exit" and shell in mind.machine.terminals and _is_last(mind, shell):
        for mount in mind.vfs.children(_root(mind, shell)):
            if mount in mind.vfs.mounts and mind.row(mount).namespace is not None:
                umount_tree(mind.recorder(), mount, propagate=True, lazy=True)
    yield argv


def enter_copies(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """Who enters a mount namespace gets a copy of it, as it is at that moment."""
    yield argv
    if argv[0] == "nsenter":
        yield ["unshare", "--mount"]


def namespace_needs_its_maker(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A mount namespace ends with the process that made it, whoever else is in it."""
    told = said(argv)
    terminal = mind.machine.terminals.get(shell)
    if told.verb == "exit" and terminal is not None and terminal.ns != INITIAL:
        for mount in mind.vfs.children(_root(mind, shell)):
            mind.detach(mount)
    yield argv


def restart_is_the_only_cure(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """What is mounted for a process is settled when it starts: nobody enters, and nothing arrives later."""
    before = mind.there()
    yield NOTHING if argv[0] == "nsenter" else argv
    here = mind.machine.terminals[shell].ns if shell in mind.machine.terminals else None
    for mount in sorted(mind.there() - before):
        if here is not None and mount in mind.vfs.mounts and mind.row(mount).namespace != here:
            mind.detach(mount)


def chroot_isolates_mounts(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A chroot has a mount table of its own."""
    if argv[0] == "chroot":
        yield ["unshare", "--mount"]
    yield argv


def _with_propagation(argv: Sequence[str], type: str) -> list[str]:
    """``unshare`` with another propagation."""
    if argv[0] != "unshare":
        return list(argv)
    words = list(argv)
    if "--propagation" in words:
        words[words.index("--propagation") + 1] = type
        return words
    return [*words, "--propagation", type]


def _root(mind: Mind, shell: str) -> int:
    return mind.machine.terminals[shell].task.root_mount


def _is_last(mind: Mind, shell: str) -> bool:
    """Whether a namespace ends with this terminal."""
    namespace = mind.machine.terminals[shell].ns
    tasks = [task for task in mind.vfs.tasks.values() if task.namespace == namespace]
    return len(tasks) == 1


def _paths(mind: Mind, shell: str, type: str) -> list[str]:
    """Where a shell sees mounts of that propagation type, its root apart."""
    if shell not in mind.machine.terminals:
        return []
    rows = mind.machine.sim.mountinfo(mind.machine.terminals[shell])
    return [row.mountpoint for row in rows if row.propagation == type and row.mountpoint != "/"]


def _take_away(mind: Mind, shell: str, paths: Sequence[str]) -> None:
    for path in reversed(paths):
        mount = mind.mount_at(shell, path)
        if mount is not None:
            mind.detach(mount)


ALL = (
    unshare_isolates,
    shared_reaches_all,
    table_is_global,
    namespace_starts_empty,
    private_is_hidden,
    unbindable_is_hidden,
    userns_sends,
    root_may_unmount,
    namespace_end_is_told,
    enter_copies,
    namespace_needs_its_maker,
    restart_is_the_only_cure,
    chroot_isolates_mounts,
)
