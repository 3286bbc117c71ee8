"""Where kernel and program versions differ: each difference with its name, versions, rule and source."""

from __future__ import annotations

from typing import NamedTuple

MODELLED_KERNEL = "6.18"


class Quirk(NamedTuple):
    """One difference between kernel versions."""

    name: str
    before: tuple[int, int]
    """The first version that no longer shows it."""
    rule: str
    """The rule that it bends (mountlab.rules)."""
    sentence: str
    source: str
    transcript: str
    """Name of the transcript in the library that shows it; it expects what the modelled kernel does."""
    simulated: bool = True
    """Whether ``--kernel`` with an older version shows it."""


QUIRKS: tuple[Quirk, ...] = (
    Quirk(
        "unbindable-copied",
        (6, 17),
        "unshare",
        "A mount namespace made by unshare keeps the unbindable tag; later kernels drop it.",
        "fs/namespace.c: clone_mnt; run on 6.1.176 and 6.18.44",
        "quirk-unbindable-copied",
    ),
    Quirk(
        "list-order",
        (6, 8),
        "list.order",
        "mountinfo prints in the order of the namespace's list:"
        " of several copies made at once the last comes first.",
        "fs/namespace.c: commit_tree; run on 6.1.176 and 6.18.44",
        "quirk-list-order",
    ),
    Quirk(
        "slaves-last",
        (6, 17),
        "master.passed",
        "Slaves that get a new master come last on its list, and a peer with the same root is preferred;"
        " later kernels put them first, on the next peer."
        " Who hears whom is the same, the order of copies is not.",
        "fs/pnode.c: do_make_slave; run on 6.1.176 and 6.18.44",
        "quirk-slaves-last",
    ),
    Quirk(
        "detached-foreign",
        (6, 17),
        "mount.gone",
        "Mounting in a detached mount fails with EINVAL; later kernels say ENOENT.",
        "fs/namespace.c: lock_mount, check_mnt; run on 6.1.176 and 6.18.44",
        "quirk-detached-foreign",
    ),
    Quirk(
        "tuck-beside",
        (6, 17),
        "propagate.tuck",
        "When a stack of mounts slips beneath a mount, that one lands on the stack's lowest mount,"
        " beside what is stacked there; later kernels put it on top.",
        "fs/namespace.c: attach_recursive_mnt; run on 6.1.176 and 6.18.44",
        "quirk-tuck-beside",
        simulated=False,
    ),
    Quirk(
        "umount-shifts",
        (6, 17),
        "umount.propagate",
        "umount propagation may take a copy that still carries a mount, and shift that one to its place;"
        " later kernels leave such a copy alone.",
        "fs/pnode.c: restore_mounts; propagate_umount.txt; run on 6.1.176 and 6.18.44",
        "quirk-umount-shifts",
        simulated=False,
    ),
    Quirk(
        "opaque-on-tmpfs",
        (6, 6),
        "overlay.upper",
        "In the sandbox a container cannot make a directory where one of its image was removed: EIO."
        " A user's overlay marks it with a user.* attribute, which a tmpfs has since 6.6.",
        "fs/overlayfs/dir.c: ovl_set_opaque; mm/shmem.c: shmem_xattr_handlers; run on 6.1.176 and 6.18.44",
        "quirk-opaque-on-tmpfs",
        simulated=False,
    ),
)


class ProgramQuirk(NamedTuple):
    """One difference between versions of util-linux: read in its source, not run."""

    name: str
    since: str
    """The first version that differs from the modelled 2.38.1."""
    sentence: str
    source: str


PROGRAM_QUIRKS: tuple[ProgramQuirk, ...] = (
    ProgramQuirk(
        "umount-recursive-from-below",
        "2.39.3",
        "umount -R begins with the first line of mountinfo for the directory, the lowest mount of a stack,"
        " and so takes the whole stack; 2.38 begins with the last line.",
        "sys-utils/umount.c: umount_recursive; from source, not run",
    ),
    ProgramQuirk(
        "mount-by-descriptor",
        "2.39",
        "mount(8) uses fsopen, open_tree, mount_setattr and move_mount where the kernel has them:"
        " a bind is read-only before it is attached; 2.38 makes one mount(2) after another.",
        "libmount/src/hook_mount.c; from source, not run",
    ),
)


def quirks_of(kernel: str) -> frozenset[str]:
    """Names of the quirks that a kernel version shows.

    Raises:
        ValueError: when the text is no version, or older than 5.15 or newer than what is modelled.
    """
    try:
        major, minor = (int(part) for part in kernel.split("."))
    except ValueError:
        raise ValueError(f"{kernel!r} is no kernel version; write it as 6.1 or 6.18") from None
    if not (5, 15) <= (major, minor) <= (6, 18):
        raise ValueError(f"kernel {kernel} is not modelled; 5.15 to 6.18 are")
    return frozenset(quirk.name for quirk in QUIRKS if (major, minor) < quirk.before)
