"""What people believe of who is in a peer group."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.practice.mind import Bound, Mind, Reading
from mountlab.practice.spoken import said


def make_shared_joins(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """``make-shared`` joins mounts that show the same filesystem."""
    told = said(argv)
    mount = mind.mount_at(shell, told.target) if told.verb == "make" and told.type == "shared" else None
    alone = mount is not None and not mind.row(mount).peer_group
    yield argv
    if mount is not None and alone:
        shared = [other for other in mind.same_filesystem(mount) if mind.row(other).peer_group]
        if shared:
            mind.join(mount, shared[0])


def shared_by_path(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A mount below a shared one appears in every other namespace at the same path."""
    told = said(argv)
    before = mind.there()
    yield argv
    made = mind.mount_at(shell, told.target) if told.attaches else None
    if made is None or made in before:
        return
    parent = mind.row(mind.row(made).parent_id)
    if not parent.peer_group:
        return
    for copy in sorted(mind.there() - before - {made}):
        mind.detach(copy)
    if made not in mind.vfs.mounts:  # a mount on itself: it stood on a copy of its own
        return
    seen = {mind.row(made).namespace}
    for other, terminal in mind.machine.terminals.items():
        place = mind.place(other, told.target)
        if terminal.ns not in seen and place is not None:
            seen.add(terminal.ns)
            mind.copy_to(made, place)


def same_path_only(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """Peers are the copies in other namespaces; a second place in the same namespace hears nothing."""
    told = said(argv)
    before = mind.there()
    yield argv
    made = mind.mount_at(shell, told.target) if told.attaches else None
    if made is None or made in before:
        return
    here = mind.row(made).namespace
    for copy in sorted(mind.there() - before - {made}):
        if copy in mind.vfs.mounts and mind.row(copy).namespace == here:
            mind.detach(copy)


def alone_is_private(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """When all peers but one have gone, the last one is not shared any more."""
    before = {mount for mount in mind.there() if mount in mind.vfs.next_peer}
    yield argv
    for mount in sorted(before & mind.there()):
        if mind.row(mount).peer_group and mount not in mind.vfs.next_peer:
            mind.make_private(mount)


def master_is_one_mount(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A slave belongs to one mount; when that one leaves its group, the slave hears nothing any more."""
    told = said(argv)
    leaving = mind.mount_at(shell, told.target) if told.verb in ("make", "umount") else None
    source = mind.place(shell, told.source) if told.verb in ("bind", "rbind") else None
    yield argv
    made = mind.mount_at(shell, told.target) if source else None
    if source is not None and made is not None:
        mind.bound.append(Bound(shell, told.source, told.target, source.mount, made))
    if leaving is None or (leaving in mind.vfs.mounts and mind.row(leaving).peer_group):
        return
    for bound in mind.bound:
        if bound.origin == leaving and bound.made in mind.vfs.slave_of:
            mind.listen(bound.made, None)


ALL = (make_shared_joins, shared_by_path, same_path_only, alone_is_private, master_is_one_mount)
