"""``--mount``: what the client reads from its comma-separated fields.

Source: docker/cli v20.10.24, opts/mount.go, MountOpt.Set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mountlab.containers.docker import go
from mountlab.containers.docker.requests import BindOptions, MountSpec, TmpfsOptions, VolumeOptions

_FLAGS: Final = {
    "readonly": ("mount", "read_only"),
    "ro": ("mount", "read_only"),
    "volume-nocopy": ("volume", "no_copy"),
    "bind-nonrecursive": ("bind", "nonrecursive"),
}
"""Keys that are true when they stand alone, and what they say of what."""
_WORDS: Final[dict[str, tuple[str, str, Callable[[str], str]]]] = {
    "type": ("mount", "type", str.lower),
    "source": ("mount", "source", str),
    "src": ("mount", "source", str),
    "target": ("mount", "target", str),
    "dst": ("mount", "target", str),
    "destination": ("mount", "target", str),
    "consistency": ("mount", "consistency", str.lower),
    "bind-propagation": ("bind", "propagation", str.lower),
    "volume-driver": ("volume", "driver", str),
}
_NUMBERS: Final[dict[str, tuple[str, Callable[[str], int]]]] = {
    "tmpfs-size": ("size", go.size_in_bytes),
    "tmpfs-mode": ("mode", go.parse_octal),
}
_PAIRS: Final = {"volume-label": "labels", "volume-opt": "driver_options"}


def read_mount(text: str) -> MountSpec:
    """Read one ``--mount``.

    Raises:
        ValueError: with the client's words.
    """
    said: dict[str, dict[str, Any]] = {"mount": {}}
    for written in go.fields(text):
        _read_field(said, written)
    mount = said.pop("mount")
    kind = mount.setdefault("type", "volume")
    if not kind:
        raise ValueError("type is required")
    if not mount.get("target"):
        raise ValueError("target is required")
    for options in ("volume", "bind", "tmpfs"):
        if options in said and kind != options:
            raise ValueError(f"cannot mix '{options}-*' options with mount type '{kind}'")
    volume = said.get("volume")
    if volume:
        volume.update((name, tuple(volume[name].items())) for name in _PAIRS.values() if name in volume)
    return MountSpec(
        **mount,
        bind=BindOptions(**said["bind"]) if "bind" in said else None,
        volume=VolumeOptions(**volume) if volume else None,
        tmpfs=TmpfsOptions(**said["tmpfs"]) if "tmpfs" in said else None,
        written=text,
    )


def _read_field(said: dict[str, dict[str, Any]], written: str) -> None:
    """Read ``KEY`` or ``KEY=VALUE``; raises ValueError."""
    key, equals, value = written.partition("=")
    key = key.lower()
    if key in _FLAGS and not equals:
        about, name = _FLAGS[key]
        said.setdefault(about, {})[name] = True
    elif not equals:
        raise ValueError(f"invalid field '{written}' must be a key=value pair")
    elif key in _FLAGS:
        about, name = _FLAGS[key]
        said.setdefault(about, {})[name] = _read_or_refuse(go.parse_bool, key, value)
    elif key in _WORDS:
        about, name, spelled = _WORDS[key]
        said.setdefault(about, {})[name] = spelled(value)
    elif key in _PAIRS:
        option, _, meaning = value.partition("=")
        said.setdefault("volume", {}).setdefault(_PAIRS[key], {})[option] = meaning
    elif key in _NUMBERS:
        name, read = _NUMBERS[key]
        said.setdefault("tmpfs", {})[name] = _read_or_refuse(read, key, value)
    else:
        raise ValueError(f"unexpected key '{key}' in '{written}'")


def _read_or_refuse(read: Callable[[str], int], key: str, value: str) -> int:
    try:
        return read(value)
    except ValueError:
        raise ValueError(f"invalid value for {key}: {value}") from None
