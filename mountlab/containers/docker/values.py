"""Values of docker's own kinds: what the client takes for one, and what it says of another.

Source: docker/cli v20.10.24, opts/env.go, opts/opts.go, opts/hosts.go, cli/command/container/opts.go.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any, Final

from mountlab.containers.docker import go
from mountlab.containers.docker.mount_flag import read_mount


def _environment(text: str) -> str:
    """ValidateEnv."""
    if not text.partition("=")[0]:
        raise ValueError(f"invalid environment variable: {text}")
    return text


def _label(text: str) -> str:
    """ValidateLabel."""
    if not text.partition("=")[0].strip():
        raise ValueError(f"invalid label '{text}': empty name")
    return text


def _swap(text: str) -> int:
    """MemSwapBytes: a size, or -1 for no limit."""
    return -1 if text == "-1" else go.size_in_bytes(text)


def _stream(text: str) -> str:
    """validateAttach."""
    if text.lower() not in ("stdin", "stdout", "stderr"):
        raise ValueError("valid streams are STDIN, STDOUT and STDERR")
    return text.lower()


def _host(text: str) -> str:
    """ValidateExtraHost: ``NAME:ADDRESS``."""
    name, colon, address = text.partition(":")
    if not colon or not name:
        raise ValueError(f"bad format for add-host: {go.quoted(text)}")
    if address != "host-gateway":
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise ValueError(f"invalid IP address in add-host: {go.quoted(address)}") from None
    return text


READERS: Final[dict[str, Callable[[str], Any]]] = {
    "mount": read_mount,
    "env": _environment,
    "host": _host,
    "label": _label,
    "stream": _stream,
    "swap": _swap,
}
"""By the kind that `options` names; each raises ValueError with the client's words."""
