"""The cells of the truth tables: for each a transcript, and what the documents or the kernel say.

A cell's `expected` word was written by hand, from the document that its table names; where the kernel
contradicts that document the word is the kernel's and a note says so.  Nothing here is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SHARED, PRIVATE, SLAVE, BOTH, UNBINDABLE = "shared", "private", "slave", "shared and slave", "unbindable"
STATES = (SHARED, PRIVATE, SLAVE, BOTH, UNBINDABLE)
INVALID = "invalid (EINVAL)"


class Cell(NamedTuple):
    """One cell: run the commands, then look at one path."""

    row: str
    column: str
    commands: tuple[str, ...]
    look: tuple[str, str]
    """Shell and path."""
    expected: str
    note: str | None = None
    """Key of a footnote."""


class Table(NamedTuple):
    """One truth table."""

    name: str
    title: str
    source: str
    corner: str
    """What rows and columns are."""
    cells: tuple[Cell, ...]


def state(kind: str, path: str, label: str, master: str) -> list[str]:
    """Commands that make a mount of that type; a slave listens to a mount at ``master``."""
    disk = f"mkdir {path} && mount -t tmpfs {label} {path}"
    if kind in (SLAVE, BOTH):
        made = [
            f"mkdir {master} && mount -t tmpfs {label} {master} && mount --make-shared {master}",
            f"mkdir {path} && mount --bind {master} {path} && mount --make-slave {path}",
        ]
        return [*made, f"mount --make-shared {path}"] if kind == BOTH else made
    return [disk] if kind == PRIVATE else [disk, f"mount --make-{kind} {path}"]


def _host(commands: Sequence[str]) -> tuple[str, ...]:
    return tuple(command if "# " in command[:8] else f"host# {command}" for command in commands)


# -- make-* ---------------------------------------------------------------------------------------------

_ALONE, _GROUP = ", alone in its group", ", with a peer"
_MAKE_ROWS: tuple[tuple[str, str, bool], ...] = (
    (SHARED + _ALONE, SHARED, False),
    (SHARED + _GROUP, SHARED, True),
    (SLAVE, SLAVE, False),
    (BOTH + _ALONE, BOTH, False),
    (BOTH + _GROUP, BOTH, True),
    (PRIVATE, PRIVATE, False),
    (UNBINDABLE, UNBINDABLE, False),
)
_MAKE_SHARED = (SHARED, SHARED, BOTH, BOTH, BOTH, SHARED, SHARED)
_MAKE_SLAVE = (PRIVATE, SLAVE, SLAVE, SLAVE, SLAVE, PRIVATE, UNBINDABLE)


def _make() -> Table:
    cells = []
    for number, (row, kind, peer) in enumerate(_MAKE_ROWS):
        results = (_MAKE_SHARED[number], _MAKE_SLAVE[number], PRIVATE, UNBINDABLE)
        for word, expected in zip((SHARED, SLAVE, PRIVATE, UNBINDABLE), results, strict=True):
            setup = state(kind, "/m", "M", "/master")
            setup += ["mkdir /peer && mount --bind /m /peer"] if peer else []
            commands = _host([*setup, f"mount --make-{word} /m"])
            note = "mixed" if (kind, peer, word) == (BOTH, True, SLAVE) else None
            cells.append(Cell(row, f"make-{word}", commands, ("host", "/m"), expected, note))
    source = "sharedsubtree.rst 5a (state diagram); mount_namespaces(7), Propagation type transitions"
    return Table("make", "Changing a mount's type", source, "mount is ↓, told to →", tuple(cells))


# -- what becomes of the slaves -------------------------------------------------------------------------

_HEIRS = (
    ("no peer, no master", SHARED, False, PRIVATE),
    ("a peer", SHARED, True, "slave of /peer"),
    ("a master, no peer", BOTH, False, "slave of /master"),
    ("a peer and a master", BOTH, True, "slave of /peer"),
)


def _slaves() -> Table:
    cells = []
    for row, kind, peer, expected in _HEIRS:
        for column in ("make-slave", "make-private", "make-unbindable", "umount"):
            setup = state(kind, "/m", "M", "/master")
            setup += ["mkdir /s && mount --bind /m /s && mount --make-slave /s"]
            setup += ["mkdir /peer && mount --bind /m /peer"] if peer else []
            last = "umount /m" if column == "umount" else f"mount --{column} /m"
            cells.append(Cell(row, column, _host([*setup, last]), ("host", "/s"), expected))
    source = "sharedsubtree.rst 5a; fs/pnode.c: transfer_propagation"
    title = "What becomes of the slave of a mount that leaves its group"
    return Table("slaves", title, source, "the mount has ↓, and this happens to it →", tuple(cells))


# -- bind, rbind, move, mount ---------------------------------------------------------------------------

_ON_SHARED = {SHARED: SHARED, PRIVATE: SHARED, SLAVE: BOTH, BOTH: BOTH, UNBINDABLE: INVALID}
_ON_OTHER = {SHARED: SHARED, PRIVATE: PRIVATE, SLAVE: SLAVE, BOTH: BOTH, UNBINDABLE: INVALID}
_IS_SHARED = (SHARED, BOTH)
_FROM, _TO = "source A", "target B"
_CORNER = f"{_TO} is ↓, {_FROM} is →"


def _target(kind: str) -> list[str]:
    return [*state(kind, "/b", "B", "/y"), "mkdir /b/t"]


def _bind() -> Table:
    cells = []
    for dest in STATES:
        for kind in STATES:
            expected = (_ON_SHARED if dest in _IS_SHARED else _ON_OTHER)[kind]
            commands = _host([*state(kind, "/a", "A", "/z"), *_target(dest), "mount --bind /a /b/t"])
            cells.append(Cell(dest, kind, commands, ("host", "/b/t"), expected))
    source = "sharedsubtree.rst 5b; mount_namespaces(7)"
    return Table("bind", "mount --bind A B/t", source, _CORNER, tuple(cells))


_RECEIVERS = {
    "a peer of B": ["mkdir /r && mount --bind /b /r"],
    "a slave of B": ["mkdir /r && mount --bind /b /r && mount --make-slave /r"],
    "a slave of B that is shared": [
        "mkdir /r && mount --bind /b /r && mount --make-slave /r && mount --make-shared /r"
    ],
}
_RECEIVED = {"a peer of B": _ON_SHARED, "a slave of B": dict.fromkeys(STATES, SLAVE)}


def _received() -> Table:
    cells = []
    for row, receiver in _RECEIVERS.items():
        for kind in (SHARED, PRIVATE, SLAVE, BOTH):
            expected = _RECEIVED.get(row, dict.fromkeys(STATES, BOTH))[kind]
            setup = [*state(kind, "/a", "A", "/z"), *_target(SHARED), *receiver]
            commands = _host([*setup, "mount --bind /a /b/t"])
            cells.append(Cell(row, kind, commands, ("host", "/r/t"), expected))
    title = "mount --bind A B/t, B shared: the copy that arrives elsewhere"
    return Table("received", title, "sharedsubtree.rst 5b (1-3)", "at ↓, source A is →", tuple(cells))


def _rbind() -> Table:
    cells = []
    for dest in STATES:
        for kind in STATES:
            expected = (_ON_SHARED if dest in _IS_SHARED else _ON_OTHER)[kind]
            tree = ["mkdir /a && mount -t tmpfs A /a", *state(kind, "/a/sub", "SUB", "/z")]
            commands = _host([*tree, *_target(dest), "mount --rbind /a /b/t"])
            word = "left out" if kind == UNBINDABLE else expected
            cells.append(Cell(dest, kind, commands, ("host", "/b/t/sub"), word))
    title = "mount --rbind A B/t: the copy of a mount A/sub"
    return Table("rbind", title, "sharedsubtree.rst 5c", f"{_TO} is ↓, A/sub is →", tuple(cells))


def _move() -> Table:
    cells = []
    for dest in STATES:
        for kind in STATES:
            results = _ON_SHARED if dest in _IS_SHARED else {**_ON_OTHER, UNBINDABLE: UNBINDABLE}
            note = "move-unbindable" if kind == UNBINDABLE and dest not in _IS_SHARED else None
            commands = _host([*state(kind, "/a", "A", "/z"), *_target(dest), "mount --move /a /b/t"])
            cells.append(Cell(dest, kind, commands, ("host", "/b/t"), results[kind], note))
    row = "any, and A stands on a shared mount"
    for kind in STATES:
        parent = "mkdir /p && mount -t tmpfs P /p && mount --make-shared /p"
        scene = [parent, *state(kind, "/p/a", "A", "/z"), *_target(PRIVATE)]
        commands = _host([*scene, "mount --move /p/a /b/t"])
        cells.append(Cell(row, kind, commands, ("host", "/b/t"), INVALID))
    source = "sharedsubtree.rst 5d; mount_namespaces(7)"
    return Table("move", "mount --move A B/t", source, _CORNER, tuple(cells))


def _mount() -> Table:
    cells = []
    for dest in STATES:
        expected = SHARED if dest in _IS_SHARED else PRIVATE
        commands = _host([*_target(dest), "mount -t tmpfs new /b/t"])
        cells.append(Cell(dest, "a new filesystem", commands, ("host", "/b/t"), expected))
        if dest in _IS_SHARED:
            for receiver, word in (("a peer of B", SHARED), ("a slave of B", SLAVE)):
                setup = [*_target(dest), *_RECEIVERS[receiver], "mount -t tmpfs new /b/t"]
                cells.append(Cell(dest, f"the copy at {receiver}", _host(setup), ("host", "/r/t"), word))
    return Table("mount", "mount -t tmpfs new B/t", "sharedsubtree.rst 5e", "B is ↓", tuple(cells))


# -- umount ---------------------------------------------------------------------------------------------

GOES, STAYS, SLIDES, BUSY = "goes", "stays", "goes; what lay on it slides down", "refused (EBUSY)"
_OTHERS = {
    "a peer of B": ["mount --bind /b /r"],
    "a slave of B": ["mount --bind /b /r && mount --make-slave /r"],
    "the master of B": ["mount --bind /b /r && mount --make-slave /b && mount --make-shared /b"],
    "a private copy of B": ["mount --bind /b /r"],
}
_HEARS = ("a peer of B", "a slave of B")
_CARRIES: dict[str, tuple[list[str], str]] = {
    "nothing": ([], GOES),
    "a mount in one of its directories": (["mkdir /r/t/sub && mount -t tmpfs SUB /r/t/sub"], STAYS),
    "a mount right on top of it": (["mount -t tmpfs TOP /r/t"], SLIDES),
    "both": (["mkdir /r/t/sub && mount -t tmpfs SUB /r/t/sub", "mount -t tmpfs TOP /r/t"], STAYS),
    "a process that stands in it": (["other# cd /r/t"], BUSY),
}


def _umount() -> Table:
    cells = []
    for row, (load, hears) in _CARRIES.items():
        for column, join in _OTHERS.items():
            setup = ["mkdir /b /r && mount -t tmpfs B /b && mount --make-shared /b", *join, "mkdir /b/t"]
            mounted = "mount -t tmpfs T /r/t" if column == "the master of B" else "mount -t tmpfs T /b/t"
            setup += [mounted, "mount --make-private /r/t", *load]
            if column == "a private copy of B":
                setup.append("mount --make-private /r")
            expected = hears if column in _HEARS else STAYS
            note = "umount" if expected in (SLIDES, BUSY) else None
            cells.append(Cell(row, column, _host([*setup, "umount /b/t"]), ("host", "/r/t"), expected, note))
    title = "umount B/t, B shared: what becomes of the copy T of that mount elsewhere"
    return Table("umount", title, "sharedsubtree.rst 5f", "the copy carries ↓, and stands on →", tuple(cells))


# -- namespaces -----------------------------------------------------------------------------------------

_MODES: dict[str, tuple[str, dict[str, str]]] = {
    "unchanged": ("-m --propagation unchanged", {SHARED: SHARED, SLAVE: SLAVE, BOTH: BOTH}),
    "private (the default)": ("-m", {}),
    "slave": ("-m --propagation slave", {SHARED: SLAVE, SLAVE: SLAVE, BOTH: SLAVE}),
    "shared": (
        "-m --propagation shared",
        {SHARED: SHARED, PRIVATE: SHARED, SLAVE: BOTH, BOTH: BOTH, UNBINDABLE: SHARED},
    ),
    "unchanged, in a user namespace": (
        "-U -r -m --propagation unchanged",
        {SHARED: SLAVE, SLAVE: SLAVE, BOTH: SLAVE},
    ),
}


def _namespace() -> Table:
    cells = []
    for kind in STATES:
        for column, (words, results) in _MODES.items():
            commands = _host([*state(kind, "/m", "M", "/z"), f"c1# unshare {words}"])
            note = "unbindable" if kind == UNBINDABLE and column.startswith("unchanged") else None
            cells.append(Cell(kind, column, commands, ("c1", "/m"), results.get(kind, PRIVATE), note))
    source = "sharedsubtree.rst 5g; mount_namespaces(7), Restrictions and Notes; unshare(1)"
    title = "unshare --mount: the copy in the new namespace"
    return Table("namespace", title, source, "mount is ↓, --propagation →", tuple(cells))


TABLES = (_make(), _slaves(), _bind(), _received(), _rbind(), _move(), _mount(), _umount(), _namespace())

NOTES = {
    "mixed": (
        "The mount leaves its group and listens to the peer that is left;"
        " that peer still listens to the master."
    ),
    "move-unbindable": (
        "The documents disagree: sharedsubtree.rst says unbindable, mount_namespaces(7) says invalid."
        " The kernel moves it, and it stays unbindable."
    ),
    "umount": (
        "sharedsubtree.rst speaks of the mount that was mounted most recently there,"
        " and knows submounts only. The kernel takes the mount that sits directly on the mountpoint:"
        " an overmount does not hold it, and a process that stands in a copy makes the whole umount fail."
    ),
    "unbindable": (
        "sharedsubtree.rst 5g says unbindable. Linux 6.18 makes the copy private; 6.1 keeps the tag"
        " (`mountlab quirks unbindable-copied`)."
    ),
}
