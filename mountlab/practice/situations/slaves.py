"""Slaves and unbindable mounts: the commands of the drills."""

from __future__ import annotations

from mountlab.practice.situations.parts import (
    CHAIN,
    PEERS,
    SHARED,
    SLAVE,
    STRANGERS,
    Situation,
    asks_of,
    lines_of,
)

SITUATION = Situation(
    (SHARED, PEERS, SLAVE, SLAVE, CHAIN, STRANGERS, STRANGERS),
    lines_of("""
        mount --bind /A /B
        mount --bind /A/S /B
        mount --make-slave /B
        mount --make-shared /B
        mount --bind /B /C
        mount --bind /A /C
        mount --make-slave /C
        mount --make-private /A
        P# unshare --mount --propagation slave
        P# unshare --mount --propagation unchanged
        P# mount --make-shared /A
        P# mount --make-slave /B
        umount /A
        mount -t tmpfs OWN /A/X
        mount --make-unbindable /A/X
        mount -t tmpfs OWN /A/Y
    """),
    (
        *asks_of(
            "visible",
            """
            mount -t tmpfs NEW /A/X
            mount -t tmpfs NEW /B/X
            mount -t tmpfs NEW /C/X
            mount -t tmpfs NEW /A/S/X
            P# mount -t tmpfs NEW /A/X
            P# mount -t tmpfs NEW /B/X
            """,
            "NEW",
        ),
        *asks_of("visible", "umount /A\nmount --make-private /A", "DISK"),
        *asks_of("visible", "mount --rbind /A /C\nP# unshare --mount", "OWN"),
    ),
    ("/A/X", "/B/X", "/C/X", "/A/S/X", "/C/Y", "/A", "/B", "/C"),
    (
        "slave-sends",
        "slave-of-nobody-hears",
        "one-hop",
        "shared-slave-sends-up",
        "master-takes-along",
        "master-is-one-mount",
        "rbind-needs-bindable",
        "unbindable-is-private",
        "unbindable-is-hidden",
        "bind-dies-with-source",
        "same-path-only",
    ),
)
