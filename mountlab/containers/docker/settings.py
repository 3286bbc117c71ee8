"""From the options of ``docker run`` to a new container's settings, with the client's own checks.

Source: docker/cli v20.10.24, cli/command/container/opts.go, function parse; which ``-v`` is a bind and
which an anonymous volume: cli/compose/loader/volume.go, ParseVolume.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mountlab.containers.docker import go
from mountlab.containers.docker.flags import Given
from mountlab.containers.docker.messages import settings_refused
from mountlab.containers.docker.requests import MountRequest, MountSpec, Settings


def new_container(name: str, given: Given) -> Settings:
    """The settings of a new container.

    Args:
        name: of the command, "run" or "create": its help is named in a refusal.
        given: what stood on the command line.

    Raises:
        ContainerError: where the client refuses.
    """
    values = given.values
    image, *command = given.rest
    if why := _why_refused(values):
        raise settings_refused(name, why)
    values.pop("attach", None)
    volumes, mounts = values.pop("volume", ()), values.pop("mount", ())
    tmpfs = {
        destination: options
        for destination, _, options in (text.partition(":") for text in values.pop("tmpfs", ()))
    }
    fields: dict[str, Any] = {
        field: tuple(value) if isinstance(value, list) else value for field, value in values.items()
    }
    fields.update(mounts=_in_order(volumes, mounts), tmpfs=tuple(tmpfs.items()))
    return Settings(image, tuple(command), ignored=tuple(given.ignored), **fields)


def _in_order(volumes: Sequence[str], mounts: Sequence[MountSpec]) -> tuple[MountRequest, ...]:
    """Binds, then Mounts, then anonymous volumes; a ``-v`` that is written twice is one.

    The client keeps ``-v`` in a map, so that real docker takes them in any order; here it is the one
    they were written in.
    """
    once = tuple(dict.fromkeys(volumes))
    named = tuple(text for text in once if has_source(text))
    return (
        *(MountRequest("binds", text) for text in named),
        *(MountRequest("mounts", spec.target, spec) for spec in mounts),
        *(MountRequest("volumes", text) for text in once if text not in named),
    )


def has_source(text: str) -> bool:
    """Whether the client takes a ``-v`` for a bind or a named volume, and not for an anonymous one.

    A single letter before the first colon is the drive of a Windows path, and belongs to what follows.
    """
    if len(text.encode()) < _SHORTEST:
        return False
    end = text.find(":")
    if end == 1 and text[0].isalpha():
        end = text.find(":", 2)
    return end > 0


_SHORTEST = 3
"""Bytes of a ``-v`` in which the client looks for a colon at all."""


def _why_refused(values: dict[str, Any]) -> str | None:
    """What the client says against the values of options, in the order in which it looks at them."""
    for option, said, plain in _MODES:
        if not _is_mode(values.get(option, ""), plain, option == "pid"):
            return f"--{option}: invalid {said} mode"
    restart, colon, count = values.get("restart", "no").partition(":")
    if ":" in count:
        return "invalid restart policy format"
    if colon and not re.fullmatch("[+-]?[0-9]+", count):
        return "maximum retry count must be an integer"
    for option in values.get("security_opt", ()):
        if option != "no-new-privileges" and "=" not in option and ":" not in option:
            return f"Invalid --security-opt: {go.quoted(option)}"
    if values.get("remove") and restart not in ("", "no"):
        return "Conflicting options: --restart and --rm"
    if not values.get("network", "default").strip():
        return "no name set for network"
    return None


_MODES = (
    ("pid", "PID", ("host",)),
    ("uts", "UTS", ("host",)),
    ("userns", "USER", ("host",)),
    ("cgroupns", "CGROUP", ("host", "private")),
)


def _is_mode(mode: str, plain: tuple[str, ...], of_container: bool) -> bool:
    """Whether a word is a mode of a namespace (api/types/container/host_config.go: Valid)."""
    kind, colon, name = mode.partition(":")
    if of_container and kind == "container":
        return bool(colon and name and ":" not in name)
    return mode == "" or (kind if of_container else mode) in plain
