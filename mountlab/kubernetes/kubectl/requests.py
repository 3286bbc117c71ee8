"""What kubectl can be asked for."""

from __future__ import annotations

from typing import NamedTuple


class Apply(NamedTuple):
    """``apply`` and ``create``."""

    files: tuple[str, ...]
    namespace: str
    only_new: bool


class Get(NamedTuple):
    """``get``."""

    kinds: tuple[str, ...]
    names: tuple[str, ...]
    namespace: str
    is_all_namespaces: bool
    output: str
    """"", ``wide`` or ``name``."""
    has_no_headers: bool


class Describe(NamedTuple):
    """``describe pod``."""

    names: tuple[str, ...]
    namespace: str
    is_all_namespaces: bool


class Exec(NamedTuple):
    """``exec``."""

    pod: str
    command: tuple[str, ...]
    container: str
    namespace: str
    interactive: bool
    tty: bool


class Delete(NamedTuple):
    """``delete``."""

    files: tuple[str, ...]
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    namespace: str
    waits: bool
    is_forced: bool
    ignores_missing: bool
    is_all: bool


class Logs(NamedTuple):
    """``logs``."""

    pod: str
    container: str
    namespace: str


Request = Apply | Get | Describe | Exec | Delete | Logs
