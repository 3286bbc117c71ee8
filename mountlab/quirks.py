"""Where kernel versions differ: each difference has a name, the versions, the rule and a source."""

from __future__ import annotations

from typing import NamedTuple

MODELLED_KERNEL = "6.18"


class Quirk(NamedTuple):
    """One difference between kernel versions."""

    name: str
    before: tuple[int, int]
    """The first version that no longer shows it."""
    sentence: str
    source: str


QUIRKS: tuple[Quirk, ...] = (
    Quirk(
        "unbindable-copied",
        (6, 17),
        "A mount namespace made by unshare keeps the unbindable tag; later kernels drop it.",
        "fs/namespace.c: clone_mnt",
    ),
    Quirk(
        "list-order",
        (6, 8),
        "mountinfo prints in the order of the namespace's list: of several copies made at once the last comes first.",
        "fs/namespace.c: commit_tree",
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
