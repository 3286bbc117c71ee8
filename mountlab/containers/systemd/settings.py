"""A service's settings that touch its mount namespace, from the assignments of its unit files.

Source: systemd v252, src/core/load-fragment.c (config_parse_exec_mount_flags, config_parse_bind_paths,
config_parse_namespace_path_strv, config_parse_temporary_filesystems, …).  An assignment that cannot be read
is left out, with a warning in the journal and nowhere else.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from mountlab.containers.systemd.units import Assignment


class Bind(NamedTuple):
    """One item of BindPaths= or BindReadOnlyPaths=."""

    source: str
    destination: str
    is_recursive: bool = True
    is_read_only: bool = False
    may_be_missing: bool = False


class Temporary(NamedTuple):
    """One item of TemporaryFileSystem=."""

    path: str
    options: str = ""


class Settings(NamedTuple):
    """What a unit says on its mounts."""

    mount_flags: str = ""
    """``""``, ``shared``, ``slave`` or ``private``."""
    private_mounts: bool = False
    private_tmp: bool = False
    protect_home: str = "no"
    """``no``, ``yes``, ``read-only`` or ``tmpfs``."""
    protect_system: str = "no"
    """``no``, ``yes``, ``full`` or ``strict``."""
    read_write_paths: tuple[str, ...] = ()
    read_only_paths: tuple[str, ...] = ()
    inaccessible_paths: tuple[str, ...] = ()
    binds: tuple[Bind, ...] = ()
    temporary: tuple[Temporary, ...] = ()
    others: frozenset[str] = frozenset()
    """Settings that are on, need a namespace too, and change only /dev, /proc and /sys: these changes are not
    modelled."""


class _Unreadable(Exception):
    """An assignment that is left out; its text is the warning."""


_FIELDS: Final = {
    "MountFlags": "mount_flags",
    "PrivateMounts": "private_mounts",
    "PrivateTmp": "private_tmp",
    "ProtectHome": "protect_home",
    "ProtectSystem": "protect_system",
    "ReadWritePaths": "read_write_paths",
    "ReadWriteDirectories": "read_write_paths",
    "ReadOnlyPaths": "read_only_paths",
    "ReadOnlyDirectories": "read_only_paths",
    "InaccessiblePaths": "inaccessible_paths",
    "InaccessibleDirectories": "inaccessible_paths",
    "BindPaths": "binds",
    "BindReadOnlyPaths": "binds",
    "TemporaryFileSystem": "temporary",
}
_OTHERS: Final = {
    "PrivateDevices": ("no",),
    "PrivateIPC": ("no",),
    "ProtectControlGroups": ("no",),
    "ProtectKernelLogs": ("no",),
    "ProtectKernelModules": ("no",),
    "ProtectKernelTunables": ("no",),
    "ProtectProc": ("", "default"),
    "ProcSubset": ("", "all"),
    "ExecPaths": ("",),
    "NoExecPaths": ("",),
}
"""With the values that leave them off; ``no`` stands for every word for it."""
_TRUE, _FALSE = ("1", "yes", "y", "true", "t", "on"), ("0", "no", "n", "false", "f", "off")


def read_settings(assignments: Iterable[Assignment]) -> tuple[Settings, list[str]]:
    """The settings, and the warnings about what was left out."""
    settings, warnings = Settings(), []
    for item in assignments:
        if item.section != "Service" or item.key not in (*_FIELDS, *_OTHERS):
            continue
        told: list[str] = []
        try:
            take = _take_field if item.key in _FIELDS else _take_other
            settings = take(settings, item.key, item.value, told)
        except _Unreadable as problem:
            told.append(str(problem))
        warnings += [f"{item.file}:{item.line}: {sentence}" for sentence in told]
    return settings, warnings


def _take_field(settings: Settings, key: str, text: str, told: list[str]) -> Settings:
    field = _FIELDS[key]
    value = _READERS[field](key, text, told)
    if isinstance(value, tuple):  # a list grows; an empty assignment empties it
        value = (*getattr(settings, field), *value) if text else ()
    return settings._replace(**{field: value})


def _take_other(settings: Settings, key: str, text: str, told: list[str]) -> Settings:
    off = _OTHERS[key]
    is_on = _boolean(key, text, told) if off == ("no",) else text not in off
    return settings._replace(others=settings.others | {key} if is_on else settings.others - {key})


def parse_boolean(text: str) -> bool | None:
    """What systemd takes for yes and no; None for neither (src/basic/parse-util.c)."""
    if text.lower() in _TRUE:
        return True
    return False if text.lower() in _FALSE else None


def _mount_flags(_key: str, value: str, _told: list[str]) -> str:
    if value not in ("", "shared", "slave", "private"):
        raise _Unreadable(f"Failed to parse mount flag, ignoring: {value}")
    return value


def _boolean(_key: str, value: str, _told: list[str]) -> bool:
    parsed = parse_boolean(value)
    if parsed is None:
        raise _Unreadable(f"Failed to parse boolean value, ignoring: {value}")
    return parsed


def _home(_key: str, value: str, _told: list[str]) -> str:
    return _word_or_boolean(value, ("read-only", "tmpfs"), "protect home value")


def _system(_key: str, value: str, _told: list[str]) -> str:
    return _word_or_boolean(value, ("full", "strict"), "protect system value")


def _word_or_boolean(value: str, words: tuple[str, ...], what: str) -> str:
    parsed = parse_boolean(value)
    if value in words:
        return value
    if parsed is None:
        raise _Unreadable(f"Failed to parse {what}, ignoring: {value}")
    return "yes" if parsed else "no"


def _paths(key: str, value: str, told: list[str]) -> tuple[str, ...]:
    found = []
    for word in _words(value, f"Failed to extract first word, ignoring: {value}"):
        marks = re.match(r"-?\+?", word)
        prefix = marks[0] if marks else ""
        path = _absolute(key, word.removeprefix(prefix), told)
        if path is not None:
            found.append(prefix + path)
    return tuple(found)


def _binds(key: str, value: str, told: list[str]) -> tuple[Bind, ...]:
    found = []
    waiting = _words(value, f"Failed to parse {key}, ignoring: {value}")
    while waiting:
        first, colon, rest = waiting.pop(0).partition(":")
        source = _absolute(key, first.removeprefix("-"), told)
        if source is None:
            waiting[:0] = [rest] if colon else []  # systemd goes on behind the colon, as if a new item began
            continue
        second, _, option = rest.partition(":")
        destination = _absolute(key, second, told) if colon else source
        if destination is None:
            waiting[:0] = [option] if option else []
        elif option not in ("", "rbind", "norbind"):
            told.append(f"Invalid option string, ignoring setting: {option}")
        else:
            how = (option != "norbind", "ReadOnly" in key, first.startswith("-"))
            found.append(Bind(source, destination, *how))
    return tuple(found)


def _temporary(key: str, value: str, told: list[str]) -> tuple[Temporary, ...]:
    found = []
    for word in _words(value, f"Failed to extract first word, ignoring: {value}"):
        first, _, options = word.partition(":")
        path = _absolute(key, first, told)
        if path is not None:
            found.append(Temporary(path, options))
    return tuple(found)


def _words(value: str, otherwise: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError:
        raise _Unreadable(otherwise) from None


def _absolute(key: str, path: str, told: list[str]) -> str | None:
    if not path.startswith("/"):
        told.append(f"{key}= path is not absolute, ignoring: {path}")
        return None
    if ".." in path.split("/"):
        told.append(f"{key}= path is not normalized, ignoring: {path}")
        return None
    return "/" + posixpath.normpath(path).lstrip("/")


_READERS: Final[dict[str, Callable[[str, str, list[str]], Any]]] = {
    "mount_flags": _mount_flags,
    "private_mounts": _boolean,
    "private_tmp": _boolean,
    "protect_home": _home,
    "protect_system": _system,
    "read_write_paths": _paths,
    "read_only_paths": _paths,
    "inaccessible_paths": _paths,
    "binds": _binds,
    "temporary": _temporary,
}
