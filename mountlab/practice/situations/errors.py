"""Errors and the fields of mountinfo: the commands of the drills."""

from __future__ import annotations

from mountlab.practice.situations.parts import (
    CHAIN,
    PEERS,
    SHARED,
    SLAVE,
    STRANGERS,
    TREE,
    Situation,
    asks_of,
    lines_of,
)

SITUATION = Situation(
    (
        SHARED,
        PEERS,
        SLAVE,
        CHAIN,
        STRANGERS,
        f"{TREE}\nP# unshare --user --map-root-user --mount --propagation unchanged",
        f"{TREE}\nhost# mount -t tmpfs OWN /A/X\nhost# mount --make-unbindable /A/X",
    ),
    lines_of("""
        mount --bind /A /B
        mount --make-slave /B
        mount --make-shared /B
        mount --make-private /A
        mount --make-unbindable /A
        mount --bind /B /C
        mount --make-slave /C
        mount -t tmpfs OWN /A/X
        mount --make-unbindable /A/X
        P# unshare --mount --propagation unchanged
        P# unshare --mount --propagation slave
        P# unshare --user --map-root-user --mount --propagation unchanged
        mount -o remount,bind,ro /A
        umount /B
    """),
    (
        *asks_of(
            "tags",
            """
            mount --make-shared /A
            mount --make-shared /B
            mount --make-shared /C
            mount --make-slave /A
            mount --make-slave /B
            mount --make-slave /C
            mount --make-private /A
            mount -t tmpfs NEW /A/X
            mount -t tmpfs NEW /B/X
            mount --bind /A /B
            mount --bind /B /C
            umount /B
            umount /A
            P# unshare --mount --propagation slave
            """,
        ),
        *asks_of(
            "error",
            """
            mount --make-shared /C
            mount --make-slave /A/S
            mount --make-shared /A/X
            mount --make-private /B/S
            mount --rbind /A /B
            mount --move /A/X /C
            mount --move /A /C
            mount --bind /A /B
            mount --bind /A/X /C
            mount --rbind /A /C
            touch /A/file;;touch /B/file
            touch /A/file;;P# touch /A/file
            touch /B/file;;P# touch /B/file
            P# umount /A
            umount /A
            """,
        ),
    ),
    ("/A", "/B", "/C", "/A/X", "/B/X", "/C/X"),
    (
        "make-on-directory",
        "move-anywhere",
        "unbindable-is-private",
        "rbind-needs-bindable",
        "remount-propagates",
        "readonly-is-for-all",
        "root-may-unmount",
        "umount-takes-tree",
        "child-starts-private",
        "make-shared-joins",
        "slave-of-nobody-hears",
        "shared-slave-sends-up",
        "alone-is-private",
        "bind-breaks-group",
        "slave-sends",
        "one-hop",
        "master-takes-along",
        "unbindable-is-hidden",
    ),
)
