"""Bind mounts, and what a mountpoint held before: the commands of the drills."""

from __future__ import annotations

from mountlab.practice.situations.parts import FILES, TREE, Situation, asks_of, lines_of

SITUATION = Situation(
    (TREE, FILES, TREE.replace("host# mount -t tmpfs DISK /A\n", "")),
    lines_of("""
        mount -t tmpfs OWN /A/X
        mount --bind /A /B
        mount --rbind /A /B
        mount --bind /A/S /B
        mount --bind /B /C
        mount --rbind /B /C
        mount --bind -o ro /A /B
        mount --rbind -o ro /A /C
        mount -t tmpfs OWN /B
        touch /B/S
        umount /B
    """),
    (
        *asks_of(
            "visible",
            """
            mount -t tmpfs NEW /A/X
            mount -t tmpfs NEW /A/Y
            mount -t tmpfs NEW /A
            mount -t tmpfs NEW /A/S/X
            mount -t tmpfs NEW /B
            mount -t tmpfs NEW /B/X
            """,
            "NEW",
        ),
        *asks_of(
            "visible",
            """
            mount --bind /A /C
            mount --rbind /A /C
            umount /A
            umount /B
            mount --bind /B /C
            """,
            "OWN",
        ),
        *asks_of("visible", "umount /A\nmount --bind /A /C\numount /B\nmount --bind /A /B", "DISK"),
        *asks_of(
            "error",
            """
            umount /A
            umount /B
            umount /C
            touch /A/file;;touch /B/file
            touch /B/file;;touch /B/X/file
            touch /C/file;;touch /C/X/file;;touch /A/file
            """,
        ),
        *asks_of("output", "ls /A\nls /B\nls /C\nmount --bind /A /B;;ls /B"),
        *asks_of("output", "umount /B;;ls /B\numount /B;;ls /A"),
    ),
    ("/A", "/B", "/C", "/A/X", "/B/X", "/C/X", "/A/Y", "/B/Y", "/C/Y", "/A/S/X", "/B/S/X", "/C/S/X"),
    (
        "bind-carries",
        "bind-follows-path",
        "bind-dies-with-source",
        "bind-copies",
        "mount-deletes",
        "mount-merges",
        "overmount-replaces",
        "umount-takes-tree",
        "umount-uncovers-all",
        "readonly-covers-below",
        "readonly-is-for-all",
    ),
)
