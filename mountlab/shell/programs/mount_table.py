"""libmount's view of the mount table: lookups by target and source, children, overmounts, merged options."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mountlab.mountinfo import MountInfo
from mountlab.shell.programs.context import Context
from mountlab.shell.programs.paths import absolute, canonical, same

PSEUDO = frozenset(
    "autofs bpf cgroup cgroup2 configfs cpuset debugfs devpts devtmpfs fuse fusectl hugetlbfs mqueue"
    " none nsfs"
    " overlay proc pstore ramfs rootfs securityfs sysfs tmpfs tracefs".split()
)
"""Types whose source is no path (libmount: mnt_fstype_is_pseudofs)."""
NETWORK = frozenset("cifs smb3 smbfs nfs nfs3 nfs4 afs ncpfs fuse.curlftpfs fuse.sshfs 9p".split())


def is_pseudo(row: MountInfo) -> bool:
    """Whether the row's source is a mere word."""
    return row.fstype in PSEUDO


def options_of(row: MountInfo) -> str:
    """The options of mount and filesystem in one list, as mount(8) and findmnt(8) print them."""
    return merge_options(row.options, row.super_options)


def merge_options(mount: str, filesystem: str) -> str:
    """One list of two: read-only when either is."""
    if mount == filesystem:
        return mount
    words = f"{mount},{filesystem}".split(",")
    for _ in range(min(2, words.count("rw"))):
        words.remove("rw")
    is_ro = "ro" in words
    words = [word for word in words if word != "ro"]
    return ",".join(["ro" if is_ro else "rw", *words])


def has_source(row: MountInfo, path: str) -> bool:
    """libmount's mnt_fs_streq_srcpath."""
    return row.source == path if is_pseudo(row) else same(row.source, path)


def find_target(
    context: Context, rows: Sequence[MountInfo], path: str, *, backward: bool = True
) -> MountInfo | None:
    """The first or last row mounted on a path: as given, then made absolute, then resolved."""
    if not path:
        return None
    ordered = list(reversed(rows)) if backward else list(rows)
    relative = [] if path.startswith("/") else [absolute(context, path)]
    tries = [path, *relative, canonical(context, path)]
    for attempt in tries:
        for row in ordered:
            if same(row.mountpoint, attempt):
                return row
    return None


def find_source(
    context: Context, rows: Sequence[MountInfo], path: str, *, backward: bool = True
) -> MountInfo | None:
    """The first or last row of a source."""
    if not path or is_tag(path):
        return None
    ordered = list(reversed(rows)) if backward else list(rows)
    for attempt in (path, canonical(context, path)):
        for row in ordered:
            if has_source(row, attempt):
                return row
    return None


def find_mountpoint(
    context: Context, rows: Sequence[MountInfo], path: str, *, backward: bool = True
) -> MountInfo | None:
    """The row a path lies in, by cutting names off its end; None when the path does not exist."""
    if not path or context.stat(path) is None:
        return None
    while len(path) > 1:
        found = find_target(context, rows, path, backward=backward)
        if found:
            return found
        head, slash, _ = path.rstrip("/").rpartition("/")
        if not slash:
            break
        path = head
    return find_target(context, rows, "/", backward=backward)


def is_tag(word: str) -> bool:
    """Whether a source is a label or an identifier instead of a path."""
    return word.partition("=")[0] in ("LABEL", "UUID", "PARTLABEL", "PARTUUID", "ID") and "=" in word


def children(rows: Iterable[MountInfo], parent: MountInfo) -> list[MountInfo]:
    """What is mounted on a mount, by rising id."""
    found = [row for row in rows if row.parent_id == parent.mount_id != row.mount_id]
    return sorted(found, key=lambda row: row.mount_id)


def overmount(rows: Iterable[MountInfo], parent: MountInfo) -> MountInfo | None:
    """What is mounted on the very root of a mount."""
    for row in rows:
        if row.parent_id == parent.mount_id and same(row.mountpoint, parent.mountpoint):
            return row
    return None


def root_of(rows: Sequence[MountInfo]) -> MountInfo | None:
    """Where a tree of the table begins: the lowest parent id, then up as far as it goes."""
    if not rows:
        return None
    by_id = {row.mount_id: row for row in rows}
    root = min(rows, key=lambda row: row.parent_id)
    seen = {root.mount_id}
    while (above := by_id.get(root.parent_id)) is not None and above.mount_id not in seen:
        root = above
        seen.add(root.mount_id)
    return root


def matches_type(fstype: str, pattern: str) -> bool:
    """libmount's match_fstype: a list of types, all of it turned round by a leading ``no``."""
    negated = pattern.startswith("no")
    for word in pattern[2 if negated else 0 :].split(","):
        if word == "no" + fstype:
            return False
        if word.lower() == fstype.lower():
            return not negated
    return negated
