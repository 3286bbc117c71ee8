"""What people believe of the propagation types, and of giving one to a mount."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mountlab.practice.mind import NOTHING, Mind, Reading
from mountlab.practice.spoken import said
from mountlab.resolve import VfsPath
from mountlab.shell.backend import Outcome


def slave_sends(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A slave also sends: it is tied to its master in both directions."""
    told = said(argv)
    if told.verb == "make" and told.type == "slave":
        yield NOTHING
    elif told.verb == "unshare" and told.type == "slave":
        yield ["unchanged" if word == "slave" else word for word in argv]
    elif told.verb == "docker":
        yield [re.sub(":r?slave$", ":rshared", word) for word in argv]
    else:
        yield argv


def slave_of_nobody_hears(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """``make-slave`` on a private mount makes it listen to what it was bound from."""
    told = said(argv)
    mount = mind.mount_at(shell, told.target) if told.verb == "make" and told.type == "slave" else None
    yield argv
    if mount is not None and not mind.row(mount).master:
        shared = [other for other in mind.same_filesystem(mount) if mind.row(other).peer_group]
        if shared:
            mind.listen(mount, shared[0])


def one_hop(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A slave of a slave hears nothing of what happens on the first master."""
    yield argv
    for slave, master in list(mind.vfs.slave_of.items()):
        if mind.row(master).master:
            mind.listen(slave, None)


def shared_slave_sends_up(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A slave that is made shared sends to its master too."""
    told = said(argv)
    mount = mind.mount_at(shell, told.target) if told.verb == "make" and told.type == "shared" else None
    master = mind.vfs.slave_of.get(mount) if mount is not None else None
    yield argv
    if mount is not None and master is not None:
        mind.join(mount, master)


def type_covers_tree(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A propagation type holds for everything that is mounted below, too."""
    yield [word.replace("--make-", "--make-r") if word.count("-") == 3 else word for word in argv]  # noqa: PLR2004


def child_starts_private(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """What is mounted below a shared mount is private until one makes it shared."""
    before = mind.there()
    yield argv
    if said(argv).verb == "new" and mind.mount_at(shell, said(argv).target) is not None:
        for mount in sorted(mind.there() - before):
            mind.make_private(mount)


def mount_itself_decides(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """Whether a mount is handed on is decided by its own type, not by that of the mount it stands on."""
    told = said(argv)
    source = mind.place(shell, told.source) if told.verb in ("bind", "rbind") else None
    private = source is not None and not mind.row(source.mount).peer_group
    yield argv
    made = mind.mount_at(shell, told.target) if told.attaches or told.verb == "make" else None
    if made is None:
        return
    if private:
        for copy in mind.copies(made):
            mind.detach(copy)
    elif told.type == "shared" and not mind.row(mind.row(made).parent_id).peer_group:
        _hand_on(mind, made)


def _hand_on(mind: Mind, mount: int) -> None:
    """Show a mount on every other mount of its parent's filesystem."""
    row = mind.row(mount)
    for other in mind.same_filesystem(row.parent_id):
        inside = mind.vfs.is_below(row.mountpoint, mind.row(other).root)
        if inside and row.mountpoint not in mind.vfs.kids.get(other, {}):
            mind.copy_to(mount, VfsPath(other, row.mountpoint))


def private_unmounts(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """``make-private`` takes away what has been propagated to the mount before."""
    told = said(argv)
    mount = mind.mount_at(shell, told.target) if told.type == "private" else None
    yield argv
    if mount is not None:
        for child in mind.vfs.children(mount):
            mind.detach(child)


def private_recalls(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """``make-private`` takes back what the mount has sent to others."""
    told = said(argv)
    mount = mind.mount_at(shell, told.target) if told.type == "private" else None
    sent = [copy for child in mind.vfs.children(mount) for copy in mind.copies(child)] if mount else []
    yield argv
    for copy in sent:
        mind.detach(copy)


def rbind_needs_bindable(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A recursive bind fails when there is an unbindable mount in the tree."""
    told = said(argv)
    source = mind.place(shell, told.source) if told.verb == "rbind" else None
    if source and any(mind.row(mount).unbindable for mount in mind.vfs.subtree(source.mount)):
        yield Outcome(32, errno="EINVAL")
    else:
        yield argv


def unbindable_is_private(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """Unbindable is another word for private."""
    yield [word.replace("unbindable", "private") if word.startswith("--make-") else word for word in argv]


def move_anywhere(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """A mount can be moved from wherever it stands, below a shared mount too."""
    told = said(argv)
    mount = mind.mount_at(shell, told.source) if told.verb == "move" else None
    if mount is None or not mind.row(mind.row(mount).parent_id).peer_group:
        yield argv
        return
    yield ["mount", "--rbind", told.source, told.target]
    mind.detach(mount)


ALL = (
    slave_sends,
    slave_of_nobody_hears,
    one_hop,
    shared_slave_sends_up,
    type_covers_tree,
    child_starts_private,
    mount_itself_decides,
    private_unmounts,
    private_recalls,
    rbind_needs_bindable,
    unbindable_is_private,
    move_anywhere,
)
