"""What people believe of umount."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.practice.mind import Mind, Reading
from mountlab.practice.spoken import said
from mountlab.shell.backend import Outcome

BUSY = Outcome(32, errno="EBUSY")


def _going(mind: Mind, shell: str, argv: Sequence[str]) -> int | None:
    """The mount that a plain umount would take."""
    told = said(argv)
    return mind.mount_at(shell, told.target) if told.verb == "umount" and not told.recursive else None


def umount_stays_local(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """umount is not propagated: the copies stay."""
    told = said(argv)
    mount = mind.mount_at(shell, told.target) if told.verb == "umount" else None
    if mount is None or (mind.vfs.kids.get(mount) and not told.recursive and "-l" not in argv):
        yield argv
        return
    mind.detach(mount)
    yield Outcome(0)


def umount_goes_up(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """Unmounting a copy in a slave unmounts the original too."""
    told = said(argv)
    mount = mind.mount_at(shell, told.target) if told.verb == "umount" else None
    going = [] if mount is None else list(mind.vfs.subtree(mount)) if told.recursive else [mount]
    originals = {each: mind.vfs.slave_of[each] for each in going if each in mind.vfs.slave_of}
    yield argv
    for copy, original in originals.items():
        if copy not in mind.vfs.mounts and original in mind.vfs.mounts:
            mind.detach(original)


def master_must_unmount(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """The copy in a slave can be unmounted from the master only."""
    mount = _going(mind, shell, argv)
    if mount is not None and mind.row(mount).master and mind.row(mind.row(mount).parent_id).master:
        yield BUSY
    else:
        yield argv


def umount_takes_tree(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A plain umount takes along what is mounted below."""
    mount = _going(mind, shell, argv)
    yield ["umount", "-R", argv[-1]] if mount is not None and mind.vfs.kids.get(mount) else argv


def busy_copy_refuses(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A copy that carries mounts of its own makes the umount fail everywhere."""
    mount = _going(mind, shell, argv)
    busy = mount is not None and any(mind.vfs.kids.get(copy) for copy in mind.copies(mount))
    yield BUSY if busy else argv


def copies_go_anyway(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """The umount takes every copy, with whatever is mounted on it."""
    mount = _going(mind, shell, argv)
    copies = mind.copies(mount) if mount is not None else []
    yield argv
    if mount not in mind.vfs.mounts:
        for copy in copies:
            mind.detach(copy)


def master_takes_along(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """When the master is unmounted, its slaves are gone as well."""
    mount = _going(mind, shell, argv)
    masters = mind.vfs.ring(mount) if mount is not None else []
    slaves = [slave for master in masters for slave in mind.vfs.slaves(master)]
    yield argv
    if mount not in mind.vfs.mounts:
        for slave in slaves:
            mind.detach(slave)


def umount_uncovers_all(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """umount takes everything that is mounted on the path, the whole stack."""
    told = said(argv)
    mount = _going(mind, shell, argv)
    yield argv
    while mount is not None and mount not in mind.vfs.mounts:
        left = mind.mount_at(shell, told.target)
        if left is None or told.target == "/":
            return
        mind.detach(left)


def lazy_umount_frees_the_disk(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """Who stood in a mount that was taken away with ``umount -l`` cannot work there any more."""
    terminal = mind.machine.terminals.get(shell)
    cwd = terminal.task.cwd_mount if terminal is not None else None
    is_lost = cwd in mind.vfs.mounts and mind.row(cwd).namespace is None
    is_relative = any(not path.startswith("/") for path in said(argv).operands)
    yield Outcome(1, errno="EIO") if is_lost and is_relative else argv


def busy_means_broken(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A mount that was busy once stays busy for a plain umount."""
    mount = None if "-l" in argv or "--lazy" in argv else _going(mind, shell, argv)
    if mount in mind.refused:
        yield BUSY
        return
    yield argv
    if mount is not None and mount in mind.vfs.mounts and mind.row(mount).namespace is not None:
        mind.refused.add(mount)


ALL = (
    umount_stays_local,
    umount_goes_up,
    master_must_unmount,
    umount_takes_tree,
    busy_copy_refuses,
    copies_go_anyway,
    master_takes_along,
    umount_uncovers_all,
    lazy_umount_frees_the_disk,
    busy_means_broken,
)
