"""What people believe of bind mounts, and of what a mountpoint held before."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from mountlab.events import FlagsChanged
from mountlab.model import MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY
from mountlab.practice.mind import Bound, Mind, Reading
from mountlab.practice.spoken import said
from mountlab.shell.backend import Outcome

BUSY = Outcome(32, errno="EBUSY")
ASKED_FOR = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC
"""Options that a mount has only when somebody asks for them."""


def bind_carries(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """``--bind`` brings along what is mounted below."""
    yield ["--rbind" if word in ("--bind", "-B") else word for word in argv]


def bind_follows_path(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """What is mounted on the source's path later is seen in the bind mount too."""
    told = said(argv)
    target = mind.place(shell, told.target) if told.attaches else None
    yield argv
    made = mind.mount_at(shell, told.target) if target else None
    if made is None:
        return
    for bound in [each for each in mind.bound if each.shell == shell]:
        below = posixpath.relpath(told.target, bound.source)
        there = mind.place(shell, posixpath.normpath(f"{bound.target}/{below}"))
        if not below.startswith("..") and there and there.mount != made:
            mind.copy_to(made, there)
    if told.verb in ("bind", "rbind"):
        mind.bound.append(Bound(shell, told.source, told.target, 0, made))


def bind_dies_with_source(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A bind mount is gone when what it was made from is unmounted."""
    told = said(argv)
    if told.verb == "umount":
        gone = mind.mount_at(shell, told.target)
        yield argv
        for bound in mind.bound:
            if bound.origin == gone and gone not in mind.vfs.mounts:
                mind.detach(bound.made)
        return
    origin = mind.mount_at(shell, told.source) if told.verb in ("bind", "rbind") else None
    yield argv
    made = mind.mount_at(shell, told.target) if origin is not None else None
    if origin is not None and made is not None:
        mind.bound.append(Bound(shell, told.source, told.target, origin, made))


def bind_copies(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A bind mount copies the files: later changes are seen on one side only."""
    told = said(argv)
    source = mind.place(shell, told.source) if told.verb in ("bind", "rbind") else None
    if source is None or mind.vfs.dentries[source.dentry].kind != "dir":
        yield argv
        return
    names = list(mind.vfs.entries[source.dentry])
    yield ["mount", "-t", "tmpfs", "copy", told.target]
    for name in names:
        kind = mind.vfs.dentries[mind.vfs.entries[source.dentry][name]].kind
        yield ["mkdir" if kind == "dir" else "touch", f"{told.target}/{name}"]


def bind_breaks_group(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A bind mount is a mount of its own, with no tie to its source."""
    before = mind.there()
    yield argv
    if said(argv).verb in ("bind", "rbind"):
        for mount in sorted(mind.there() - before):
            mind.make_private(mount)


def sub_bind_hears_all(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A bind mount of a subdirectory receives what is mounted anywhere on the source's mount."""
    told = said(argv)
    place = mind.place(shell, told.source) if told.verb in ("bind", "rbind") else None
    whole = mind.path_of(shell, place.mount) if place else None
    yield [*argv[:-2], whole, told.target] if whole and whole != "/" else argv


def mount_deletes(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """What was in the mountpoint is deleted by a mount."""
    told = said(argv)
    target = mind.place(shell, told.target) if told.attaches else None
    for name in list(mind.vfs.entries.get(target.dentry, ())) if target else []:
        yield ["rm", "-r", f"{told.target}/{name}"]
    yield argv


def mount_merges(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """What is mounted is added to what was in the mountpoint."""
    told = said(argv)
    target = mind.place(shell, told.target) if told.attaches else None
    names = list(mind.vfs.entries.get(target.dentry, ())) if target else []
    yield argv
    for name in names:
        yield ["touch", f"{told.target}/{name}"]


def overmount_replaces(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A mount that is covered by another one is unmounted."""
    told = said(argv)
    covered = mind.mount_at(shell, told.target) if told.attaches else None
    yield argv
    if covered is None or mind.mount_at(shell, told.target) == covered:
        return
    above = mind.vfs.overmount(covered)
    place = mind.row(covered)
    if above is not None and place.parent_id != covered:
        mind.vfs.kids[covered].pop(place.root)
        mind.detach(covered)
        mind.put(above, place.parent_id, place.mountpoint)


def readonly_covers_below(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """What is mounted below a read-only mount is read-only as well."""
    yield argv
    for mount in _top_down(mind):
        row = mind.row(mount)
        if row.parent_id != mount and mind.row(row.parent_id).flags & MS_RDONLY:
            mind.recorder()(FlagsChanged(mount, row.flags | MS_RDONLY))


def remount_propagates(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """Peers and slaves follow when a mount is remounted with other flags."""
    told = said(argv)
    changed = mind.mount_at(shell, told.target) if told.verb == "remount" else None
    yield argv
    if changed is not None:
        for mount in mind.receivers(changed):
            mind.recorder()(FlagsChanged(mount, mind.row(changed).flags))


def readonly_is_for_all(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A read-only bind mount makes the directory read-only wherever it is seen."""
    told = said(argv)
    yield argv
    made = mind.mount_at(shell, told.target) if "ro" in told.options else None
    if made is not None:
        for mount in mind.same_filesystem(made):
            mind.recorder()(FlagsChanged(mount, mind.row(mount).flags | MS_RDONLY))


def bind_starts_with_default_options(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A bind mount has the options that were asked for, not those of its source."""
    told = said(argv)
    before = mind.there()
    yield argv
    made = mind.mount_at(shell, told.target) if told.verb in ("bind", "rbind") else None
    if made is not None and made not in before and "ro" not in told.options:
        mind.recorder()(FlagsChanged(made, mind.row(made).flags & ~ASKED_FOR))


def move_is_umount_and_mount(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A mount in which somebody works is too busy to be moved."""
    told = said(argv)
    moved = mind.mount_at(shell, told.source) if told.verb == "move" else None
    standing = {task.cwd_mount for task in mind.vfs.tasks.values()}
    yield BUSY if moved in standing else argv


def rbind_stops_at_itself(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A recursive bind leaves out earlier views of the same tree."""
    told = said(argv)
    before = mind.there()
    yield argv
    top = mind.mount_at(shell, told.target) if told.verb == "rbind" else None
    if top is None or top in before:
        return
    for mount in list(mind.vfs.subtree(top)):
        if mount != top and mount in mind.vfs.mounts and mind.row(mount).fs == mind.row(top).fs:
            mind.detach(mount)


def make_on_directory(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A propagation type is given to a directory: it need not be a mount."""
    told = said(argv)
    if told.verb == "make" and mind.place(shell, told.target) and mind.mount_at(shell, told.target) is None:
        yield ["mount", "--bind", told.target, told.target]
    yield argv


def _top_down(mind: Mind) -> Iterator[int]:
    """All mounts, parents first."""
    for namespace in list(mind.vfs.namespaces.values()):
        yield from list(mind.vfs.subtree(namespace.root))


ALL = (
    bind_carries,
    bind_follows_path,
    bind_dies_with_source,
    bind_copies,
    bind_breaks_group,
    sub_bind_hears_all,
    mount_deletes,
    mount_merges,
    overmount_replaces,
    readonly_covers_below,
    readonly_is_for_all,
    remount_propagates,
    bind_starts_with_default_options,
    move_is_umount_and_mount,
    rbind_stops_at_itself,
    make_on_directory,
)
