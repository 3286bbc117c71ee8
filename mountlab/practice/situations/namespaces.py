"""Mount namespaces: the commands of the drills."""

from __future__ import annotations

from mountlab.practice.situations.parts import Situation, asks_of, lines_of

SITUATION = Situation(
    (
        "host# mkdir /A /B",
        "host# mkdir /A /B\nhost# mount -t tmpfs OWN /A",
        "host# mkdir /A /B\nP# unshare --mount\nQ# nsenter --target P --mount\nP# mount -t tmpfs OWN /B",
    ),
    lines_of("""
        P# unshare --mount
        P# unshare --mount --propagation unchanged
        P# unshare --mount --propagation slave
        P# unshare --mount --propagation shared
        P# unshare --user --map-root-user --mount --propagation unchanged
        Q# unshare --mount
        Q# unshare --mount --propagation slave
        Q# unshare --mount --propagation unchanged
        Q# nsenter --target P --mount
        mount -t tmpfs OWN /A
        mount -t tmpfs OWN /B
        mount --make-private /A
        mount --make-private /
        P# mount -t tmpfs OWN /B
        P# umount /A
    """),
    (
        *asks_of(
            "visible",
            """
            mount -t tmpfs NEW /A
            mount -t tmpfs NEW /B
            P# mount -t tmpfs NEW /A
            P# mount -t tmpfs NEW /B
            Q# mount -t tmpfs NEW /B
            Q# mount --bind /A /B
            """,
            "NEW",
        ),
        *asks_of(
            "visible",
            """
            umount /A
            umount /B
            P# umount /A
            P# umount /B
            P# exit
            Q# exit
            Q# umount /A
            P# unshare --mount
            Q# unshare --mount
            Q# nsenter --target P --mount
            """,
            "OWN",
        ),
        *asks_of("error", "P# umount /A\nQ# umount /A\nP# umount /B"),
    ),
    ("/A", "/B"),
    (
        "table-is-global",
        "shared-reaches-all",
        "unshare-isolates",
        "namespace-starts-empty",
        "private-is-hidden",
        "slave-sends",
        "userns-sends",
        "root-may-unmount",
        "namespace-end-is-told",
        "enter-copies",
        "namespace-needs-its-maker",
        "umount-stays-local",
    ),
    ("systemd", "systemd", "bare"),
)
