"""What people believe of who is in a peer group."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.practice.mind import Mind, Reading
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


ALL = (make_shared_joins, shared_by_path, same_path_only)
