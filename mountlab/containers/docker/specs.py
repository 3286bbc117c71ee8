"""One mount as it is asked for: how dockerd reads a ``-v``, and what it refuses.

Source: moby v20.10.24, volume/mounts/linux_parser.go (ParseMountRaw, validateMountConfigImpl,
linuxValidMountMode), volume/mounts/validate.go and mounts.go for the words.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import Final

from mountlab.containers.docker import go
from mountlab.containers.docker.messages import DaemonError
from mountlab.containers.docker.requests import BindOptions, MountSpec, VolumeOptions
from mountlab.containers.texts import strerror
from mountlab.errors import MountError

PROPAGATIONS: Final = ("private", "rprivate", "slave", "rslave", "shared", "rshared")
"""The words that docker knows; ``unbindable`` is none of them."""
_MODES: Final = (
    ("rw", "ro"),
    ("Z", "z"),
    PROPAGATIONS,
    ("nocopy",),
    ("consistent", "cached", "delegated"),
)
"""The words after the second colon of a ``-v``: of each group one."""
_COLONS: Final = 2

Exists = Callable[[str], bool]
"""Whether there is something at a path of the host.  Raises MountError when stat(2) says another thing."""


def clean(path: str) -> str:
    """Go's path.Clean."""
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def is_valid_mode(mode: str) -> bool:
    """Whether the words of a mode are known, and no two of one group."""
    if not mode:
        return True
    words = mode.split(",")
    known = [sum(word in group for word in words) for group in _MODES]
    return sum(known) == len(words) and max(known) == 1


def read_bind(raw: str, volume_driver: str = "") -> tuple[MountSpec, str]:
    """Read a ``-v``.

    Args:
        raw: as it was written.
        volume_driver: what ``--volume-driver`` says.

    Returns:
        What it asks for, and its mode.

    Raises:
        DaemonError: in dockerd's words.
    """
    invalid = DaemonError(f"invalid volume specification: '{raw}'")
    source, *rest = raw.split(":")
    if not source or len(rest) > _COLONS or (len(rest) == 1 and is_valid_mode(rest[0])):
        raise invalid
    mode = rest[1] if len(rest) == _COLONS else ""
    if not is_valid_mode(mode):
        raise DaemonError(f"invalid mode: {mode}")
    if not rest:
        source, rest = "", [source]
    words = mode.split(",")
    kind = "bind" if source.startswith("/") else "volume"
    driver = volume_driver if kind == "volume" else ""
    propagation = next((word for word in words if word in PROPAGATIONS), None)
    spec = MountSpec(
        kind,
        source,
        rest[0],
        read_only="ro" in words,
        bind=BindOptions(propagation) if propagation else None,
        volume=VolumeOptions("nocopy" in words, driver) if driver or "nocopy" in words else None,
    )
    try:
        validate(spec)
    except DaemonError as error:
        raise DaemonError(f"{invalid.text}: {error.text}") from None
    return spec, mode


def validate(spec: MountSpec, exists: Exists | None = None) -> None:
    """Refuse what cannot be mounted.

    Args:
        spec: what is asked for.
        exists: asked for the source of a bind; None for a ``-v``, whose source is made when it is missing.

    Raises:
        DaemonError: in dockerd's words.
    """
    why = _why_invalid(spec)
    if not why and exists and spec.type == "bind":
        why = _why_no_source(spec.source, exists)
    if why:
        raise DaemonError(f"invalid mount config for type {go.quoted(spec.type)}: {why}")


def why_no_destination(path: str) -> str | None:
    """What is wrong with the place in the container; None: nothing."""
    if clean(path.replace("\\", "/")) == "/":
        return "invalid specification: destination can't be '/'"
    return _why_not_absolute(path)


def _why_not_absolute(path: str) -> str | None:
    if path.replace("\\", "/").startswith("/"):
        return None
    return f"invalid mount path: '{path}' mount path must be absolute"


def _why_invalid(spec: MountSpec) -> str | None:
    """What is wrong with a mount, in the order in which dockerd looks."""
    if not spec.target:
        return "field Target must not be empty"
    if why := why_no_destination(spec.target):
        return why
    return _OF_TYPE[spec.type](spec) if spec.type in _OF_TYPE else "mount type unknown"


def _why_no_bind(spec: MountSpec) -> str | None:
    if not spec.source:
        return "field Source must not be empty"
    if spec.bind and spec.bind.propagation and spec.bind.propagation not in PROPAGATIONS:
        return f"invalid propagation mode: {spec.bind.propagation}"
    if spec.volume:
        return "field VolumeOptions must not be specified"
    return _why_not_absolute(spec.source)


def _why_no_source(source: str, exists: Exists) -> str | None:
    try:
        return None if exists(source) else f"bind source path does not exist: {source}"
    except MountError as error:
        return f"stat {source}: {strerror(error)}"


def _why_no_volume(spec: MountSpec) -> str | None:
    if spec.bind:
        return "field BindOptions must not be specified"
    if not spec.source and spec.read_only:
        return "must not set ReadOnly mode when using anonymous volumes"
    return None


def _why_no_tmpfs(spec: MountSpec) -> str | None:
    if spec.bind:
        return "field BindOptions must not be specified"
    return "field Source must not be specified" if spec.source else None


_OF_TYPE: Final[dict[str, Callable[[MountSpec], str | None]]] = {
    "bind": _why_no_bind,
    "volume": _why_no_volume,
    "tmpfs": _why_no_tmpfs,
}
