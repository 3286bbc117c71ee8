"""What drills are made of: for each topic the commands that may come together, and what may be asked then.

Capital words are places for names: A, B, C directories; X, Y, S directories below; DISK, NEW, OWN sources;
P, Q terminals.  A drill takes a beginning, a few moves in any order (one that fails is left out), and an ask;
what turns out to be useless is taken away again (`mountlab.practice.drills`).
"""

from __future__ import annotations

from typing import NamedTuple


class Ask(NamedTuple):
    """A command, or several, with the question about it."""

    kind: str
    lines: str
    shows: str = ""


class Situation(NamedTuple):
    """The commands of one topic."""

    beginnings: tuple[str, ...]
    moves: tuple[str, ...]
    asks: tuple[Ask, ...]
    paths: tuple[str, ...]
    """Where somebody might look."""
    beliefs: tuple[str, ...]
    """The misconceptions that the topic's questions tell apart."""
    inits: tuple[str, ...] = ("bare",)


def _lines(text: str) -> tuple[str, ...]:
    """The lines of a list, ``host#`` where no terminal is named."""
    lines = (line.strip() for line in text.strip().splitlines())
    return tuple(line if "# " in line else f"host# {line}" for line in lines)


def _asks(kind: str, text: str, shows: str = "") -> tuple[Ask, ...]:
    """One ask a line; ``;;`` stands between commands."""
    lines = ["\n".join(_lines(line.replace(";;", "\n"))) for line in text.strip().splitlines()]
    return tuple(Ask(kind, line, shows) for line in lines)


_TREE = """\
host# mkdir /A /B /C
host# mount -t tmpfs DISK /A
host# mkdir -p /A/X /A/Y /A/S/X"""
_SHARED = f"{_TREE}\nhost# mount --make-shared /A"
_PEERS = f"{_SHARED}\nhost# mount --bind /A /B"
_SLAVE = f"{_PEERS}\nhost# mount --make-slave /B"
_CHAIN = f"{_SLAVE}\nhost# mount --make-shared /B\nhost# mount --bind /B /C\nhost# mount --make-slave /C"
_STRANGERS = f"{_TREE}\nhost# mount --bind /A /B\nhost# mount --make-shared /A"
_SENT = "host# mount -t tmpfs NEW /A/X"
_BUSY = "\n".join(
    [
        _PEERS,
        _SENT,
        "host# mount --make-private /B/X",
        "host# mkdir /B/X/Y",
        "host# mount -t tmpfs OWN /B/X/Y",
    ]
)
_FILES = """\
host# mkdir /A /B /C
host# touch /A/X /B/Y"""

BINDS = Situation(
    (_TREE, _FILES, _TREE.replace("host# mount -t tmpfs DISK /A\n", "")),
    _lines("""
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
        *_asks(
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
        *_asks(
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
        *_asks("visible", "umount /A\nmount --bind /A /C\numount /B\nmount --bind /A /B", "DISK"),
        *_asks(
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
        *_asks("output", "ls /A\nls /B\nls /C\nmount --bind /A /B;;ls /B"),
        *_asks("output", "umount /B;;ls /B\numount /B;;ls /A"),
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

NAMESPACES = Situation(
    (
        "host# mkdir /A /B",
        "host# mkdir /A /B\nhost# mount -t tmpfs OWN /A",
        "host# mkdir /A /B\nP# unshare --mount\nQ# nsenter --target P --mount\nP# mount -t tmpfs OWN /B",
    ),
    _lines("""
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
        *_asks(
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
        *_asks(
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
        *_asks("error", "P# umount /A\nQ# umount /A\nP# umount /B"),
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

GROUPS = Situation(
    (_SHARED, _TREE, _PEERS, f"{_PEERS}\n{_SENT}".replace("NEW", "OWN")),
    _lines("""
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
        *_asks(
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
        *_asks(
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

SLAVES = Situation(
    (_SHARED, _PEERS, _SLAVE, _SLAVE, _CHAIN, _STRANGERS, _STRANGERS),
    _lines("""
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
        *_asks(
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
        *_asks("visible", "umount /A\nmount --make-private /A", "DISK"),
        *_asks("visible", "mount --rbind /A /C\nP# unshare --mount", "OWN"),
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

UMOUNT = Situation(
    (
        _SHARED,
        f"{_PEERS}\n{_SENT}",
        f"{_SLAVE}\n{_SENT}",
        f"{_PEERS}\nhost# mount --bind /A /C\n{_SENT}",
        f"{_SLAVE}\nhost# mount -t tmpfs OWN /B/X\n{_SENT}",
        _BUSY,
    ),
    _lines("""
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
        *_asks("visible", "umount /A/X\numount /B/X\numount /C/X\nP# umount /A/X\nP# umount /B/X", "NEW"),
        *_asks("visible", "umount /A/X\numount /B/X", "OWN"),
        *_asks(
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

ERRORS = Situation(
    (
        _SHARED,
        _PEERS,
        _SLAVE,
        _CHAIN,
        _STRANGERS,
        f"{_TREE}\nP# unshare --user --map-root-user --mount --propagation unchanged",
        f"{_TREE}\nhost# mount -t tmpfs OWN /A/X\nhost# mount --make-unbindable /A/X",
    ),
    _lines("""
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
        *_asks(
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
        *_asks(
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

SITUATIONS = {
    "binds": BINDS,
    "namespaces": NAMESPACES,
    "groups": GROUPS,
    "slaves": SLAVES,
    "umount": UMOUNT,
    "errors": ERRORS,
}
"""By topic, in the order of the course."""
