"""The list of mounts that a service's settings ask for, in the order in which systemd makes them.

Source: systemd v252, src/core/namespace.c (MountMode, the tables of ProtectHome= and ProtectSystem=,
append_*, drop_duplicates, drop_inaccessible, drop_nop).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from mountlab import model
from mountlab.containers.systemd.settings import Settings, Temporary

ROOT: Final = "/run/systemd/unit-root"
"""Where the tree of a service is put together before it becomes ``/``."""
INCOMING: Final = "/run/systemd/incoming"
CREDENTIALS: Final = "/run/credentials"
PROPAGATE: Final = "/run/systemd/propagate"


class Mode(IntEnum):
    """What an entry is for; of two entries at one place the lower number stays."""

    INACCESSIBLE = 0
    BIND = 1
    RBIND = 2
    PRIVATE_TMP = 3
    READ_ONLY = 4
    READ_WRITE = 5
    TMPFS = 6
    READ_WRITE_IMPLICIT = 7


class Entry(NamedTuple):
    """One mount that is to be there in the end."""

    path: str
    """Where, below `ROOT`."""
    mode: Mode
    may_be_missing: bool = False
    is_read_only: bool = False
    is_noexec: bool = False
    source: str = ""
    flags: int = 0
    data: str = ""


class TmpFolders(NamedTuple):
    """The folders that stand for /tmp and /var/tmp under PrivateTmp=."""

    tmp: str
    var_tmp: str


_PROTECTED_HOME: Final = ("/home", "/run/user", "/root")
_HOME_MODES: Final = {"yes": Mode.INACCESSIBLE, "read-only": Mode.READ_ONLY, "tmpfs": Mode.TMPFS}
_SYSTEM: Final = (
    ("/usr", False), ("/boot", True), ("/efi", True), ("/lib", True), ("/lib64", True), ("/bin", True),
    ("/sbin", True),
)  # fmt: skip
_LEFT_WRITABLE: Final = (
    ("/proc", False),
    ("/sys", True),  # systemd insists on it; the machines here may have none, and nothing is lost
    ("/dev", False),
    *((path, True) for path in _PROTECTED_HOME),
)
_RESTRICTED: Final = (Mode.INACCESSIBLE, Mode.READ_ONLY)
_NESTED_TMPFS: Final = "mode=0755,nr_inodes=400k"
"""systemd adds size=10%, of the memory of the machine at hand: left out, as no two would agree."""
_OPTION_FLAGS: Final = {
    "ro": (model.MS_RDONLY, 0),
    "rw": (0, model.MS_RDONLY),
    "nosuid": (model.MS_NOSUID, 0),
    "suid": (0, model.MS_NOSUID),
    "nodev": (model.MS_NODEV, 0),
    "dev": (0, model.MS_NODEV),
    "noexec": (model.MS_NOEXEC, 0),
    "exec": (0, model.MS_NOEXEC),
    "noatime": (model.MS_NOATIME, 0),
    "nodiratime": (model.MS_NODIRATIME, 0),
    "relatime": (model.MS_RELATIME, 0),
    "strictatime": (model.MS_STRICTATIME, 0),
}


def needs_namespace(settings: Settings) -> bool:
    """Whether the unit gets a mount namespace of its own.

    MountFlags=shared alone is no reason: it asks for what is so anyway.
    Source: systemd v252, src/core/execute.c: exec_needs_mount_namespace.
    """
    plain = Settings(mount_flags=settings.mount_flags)
    return settings.mount_flags in ("slave", "private") or settings != plain


def entries_for(
    settings: Settings, unit: str, tmp: TmpFolders | None, with_fixtures: bool
) -> tuple[Entry, ...]:
    """Every mount to make, sorted, without those that others make superfluous."""
    wanted = [
        *_accesses(settings.read_write_paths, Mode.READ_WRITE),
        *_accesses(settings.read_only_paths, Mode.READ_ONLY),
        *_accesses(settings.inaccessible_paths, Mode.INACCESSIBLE),
        *_binds(settings),
        *(_temporary(item) for item in settings.temporary),
    ]
    if tmp is not None:
        wanted.append(Entry("/tmp", Mode.PRIVATE_TMP, source=tmp.tmp))  # noqa: S108 - in the unit
        wanted.append(Entry("/var/tmp", Mode.PRIVATE_TMP, source=tmp.var_tmp))  # noqa: S108
    wanted += _protected(settings)
    if with_fixtures:
        wanted += _accesses([f"-{CREDENTIALS}"], Mode.INACCESSIBLE)
        wanted.append(Entry(INCOMING, Mode.BIND, is_read_only=True, source=f"{PROPAGATE}/{unit}"))
    placed = [item._replace(path=posixpath.normpath(ROOT + item.path)) for item in wanted]
    placed.sort(key=lambda item: (item.path.split("/"), item.mode))
    return tuple(_without_redundant(_without_hidden(_without_duplicates(placed))))


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _accesses(paths: Iterable[str], mode: Mode) -> list[Entry]:
    found = []
    for path in paths:
        may_be_missing = path.startswith("-")
        place = path.lstrip("-+")
        restricted = mode in _RESTRICTED
        found.append(Entry(place, mode, may_be_missing, restricted, mode is Mode.INACCESSIBLE))
    return found


def _binds(settings: Settings) -> list[Entry]:
    return [
        Entry(
            item.destination,
            Mode.RBIND if item.is_recursive else Mode.BIND,
            may_be_missing=item.may_be_missing,
            is_read_only=item.is_read_only,
            source=item.source,
        )
        for item in settings.binds
    ]


def _temporary(item: Temporary) -> Entry:
    flags, data = model.MS_NODEV | model.MS_STRICTATIME, [_NESTED_TMPFS]
    for word in filter(None, item.options.split(",")):
        if word in _OPTION_FLAGS:
            more, less = _OPTION_FLAGS[word]
            flags = (flags | more) & ~less
        else:
            data.append(word)
    is_read_only = bool(flags & model.MS_RDONLY)
    plain = flags & ~model.MS_RDONLY
    return Entry(item.path, Mode.TMPFS, is_read_only=is_read_only, flags=plain, data=",".join(data))


def _protected(settings: Settings) -> list[Entry]:
    found = []
    if settings.protect_home != "no":
        # ProtectHome=tmpfs is meant to be read-only with nodev and mode 755; 252 loses that on the way
        # (append_static_mounts copies neither flags nor options), and an empty, writable tmpfs it is.
        mode = _HOME_MODES[settings.protect_home]
        dashed = [f"-{path}" for path in _PROTECTED_HOME]
        found += _accesses(dashed, mode)
    if settings.protect_system in ("yes", "full"):
        paths = [*_SYSTEM, *([("/etc", False)] if settings.protect_system == "full" else [])]
        found += _accesses(_dashed(paths), Mode.READ_ONLY)
    elif settings.protect_system == "strict":
        found += _accesses(["/"], Mode.READ_ONLY)
        found += _accesses(_dashed(_LEFT_WRITABLE), Mode.READ_WRITE_IMPLICIT)
    return found


def _dashed(paths: Iterable[tuple[str, bool]]) -> list[str]:
    return [("-" if may_be_missing else "") + path for path, may_be_missing in paths]


def _without_duplicates(entries: list[Entry]) -> list[Entry]:
    kept: list[Entry] = []
    for item in entries:
        if kept and kept[-1].path == item.path:  # the stricter one came first; it takes over the flags
            last = kept[-1]
            read_only, noexec = last.is_read_only or item.is_read_only, last.is_noexec or item.is_noexec
            kept[-1] = last._replace(is_read_only=read_only, is_noexec=noexec)
        else:
            kept.append(item)
    return kept


def _without_hidden(entries: list[Entry]) -> list[Entry]:
    kept: list[Entry] = []
    hidden_below: str | None = None
    for item in entries:
        if hidden_below is not None and is_below(item.path, hidden_below):
            continue
        hidden_below = item.path if item.mode is Mode.INACCESSIBLE else None
        kept.append(item)
    return kept


def _without_redundant(entries: list[Entry]) -> list[Entry]:
    kept: list[Entry] = []
    for item in entries:
        if item.mode in (Mode.READ_ONLY, Mode.READ_WRITE, Mode.READ_WRITE_IMPLICIT):
            parent = next((last for last in reversed(kept) if is_below(item.path, last.path)), None)
            if parent is not None and parent.mode is item.mode:
                continue
        kept.append(item)
    return kept
