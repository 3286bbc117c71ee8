"""Peer groups: the commands of the drills."""

from __future__ import annotations

from mountlab.practice.situations.parts import PEERS, SENT, SHARED, TREE, Situation, asks_of, lines_of

SITUATION = Situation(
    (SHARED, TREE, PEERS, f"{PEERS}\n{SENT}".replace("NEW", "OWN")),
    lines_of("""
        mount --bind /A /B
        mount --bind /A/S /B
        mount --bind /A /C
        mount --bind /B /C
        P# unshare --mount --propagation unchanged
        P# unshare --mount
        mount --make-shared /A
        mount --make-shared /B
        mount --make-private /A
        mount --make-private /B
        mount -t tmpfs OWN /A/X
        mount -t tmpfs OWN /C
        mkdir /A/X/Y
        P# mount --make-private /A
    """),
    (
        *asks_of(
            "visible",
            """
            mount -t tmpfs NEW /A/X
            mount -t tmpfs NEW /B/X
            mount -t tmpfs NEW /C/X
            mount -t tmpfs NEW /A/S/X
            mount -t tmpfs NEW /A/X/Y
            mount -t tmpfs NEW /B/X/Y
            P# mount -t tmpfs NEW /A/X
            P# mount -t tmpfs NEW /B/X
            """,
            "NEW",
        ),
        *asks_of(
            "visible",
            """
            mount --make-private /A
            mount --make-private /B
            mount --bind /C /A/X
            mount --bind /C /B/X
            mount --bind /A /B
            """,
            "OWN",
        ),
    ),
    ("/A/X", "/B/X", "/C/X", "/A/S/X", "/B/S/X", "/A/X/Y", "/B/X/Y"),
    (
        "bind-breaks-group",
        "sub-bind-hears-all",
        "make-shared-joins",
        "shared-by-path",
        "same-path-only",
        "child-starts-private",
        "mount-itself-decides",
        "private-unmounts",
        "private-recalls",
        "type-covers-tree",
        "alone-is-private",
        "unshare-isolates",
        "shared-reaches-all",
    ),
)
