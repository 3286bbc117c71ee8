"""Unmounting: the commands of the drills."""

from __future__ import annotations

from mountlab.practice.situations.parts import BUSY, PEERS, SENT, SHARED, SLAVE, Situation, asks_of, lines_of

SITUATION = Situation(
    (
        SHARED,
        f"{PEERS}\n{SENT}",
        f"{SLAVE}\n{SENT}",
        f"{PEERS}\nhost# mount --bind /A /C\n{SENT}",
        f"{SLAVE}\nhost# mount -t tmpfs OWN /B/X\n{SENT}",
        BUSY,
    ),
    lines_of("""
        mount --bind /A /B
        mount --bind /A /C
        mount --make-slave /B
        mount --make-private /C
        P# unshare --mount --propagation unchanged
        P# unshare --mount --propagation slave
        P# unshare --mount
        mount -t tmpfs NEW /A/X
        mount -t tmpfs NEW /B/X
        mount --make-private /B/X
        mkdir /B/X/Y
        mount -t tmpfs OWN /B/X/Y
        mount -t tmpfs OWN /A/X
        P# mount -t tmpfs OWN /A/X
    """),
    (
        *asks_of("visible", "umount /A/X\numount /B/X\numount /C/X\nP# umount /A/X\nP# umount /B/X", "NEW"),
        *asks_of("visible", "umount /A/X\numount /B/X", "OWN"),
        *asks_of(
            "error",
            """
            umount /A/X
            umount /B/X
            umount /A
            umount /A/X;;umount /B/X
            umount /A/X;;P# umount /A/X
            P# umount /A/X;;umount /A/X
            """,
        ),
    ),
    ("/A/X", "/B/X", "/C/X"),
    (
        "umount-stays-local",
        "umount-goes-up",
        "master-must-unmount",
        "busy-copy-refuses",
        "copies-go-anyway",
        "umount-uncovers-all",
        "umount-takes-tree",
        "copy-lands-on-top",
        "copy-is-refused",
        "slave-sends",
        "unshare-isolates",
        "same-path-only",
        "shared-reaches-all",
    ),
)
