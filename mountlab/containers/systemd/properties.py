"""What ``systemctl show`` and ``systemctl status`` say of a unit."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from mountlab.containers.systemd.manager import Manager
from mountlab.containers.systemd.settings import Bind, Settings

PROPERTIES: Final = (
    "Type ReadWritePaths ReadOnlyPaths InaccessiblePaths MountFlags PrivateTmp PrivateMounts ProtectHome"
    " ProtectSystem BindPaths BindReadOnlyPaths TemporaryFileSystem Id Names Description LoadState"
    " ActiveState SubState FragmentPath DropInPaths UnitFileState NeedDaemonReload"
).split()
"""The properties that can be asked for, in the order in which systemctl prints them."""
_DOTS: Final = {"active": "●", "inactive": "○", "failed": "×"}  # noqa: RUF001 - systemctl's


def properties(manager: Manager, name: str) -> dict[str, str]:
    """The properties of a unit."""
    unit = manager.unit(name)
    state, files, settings = manager.state(name), unit.files, unit.settings
    return {
        "Type": unit.type,
        "ReadWritePaths": _listed(settings.read_write_paths),
        "ReadOnlyPaths": _listed(settings.read_only_paths),
        "InaccessiblePaths": _listed(settings.inaccessible_paths),
        "MountFlags": settings.mount_flags,
        "PrivateTmp": _yes_no(settings.private_tmp),
        "PrivateMounts": _yes_no(settings.private_mounts),
        "ProtectHome": settings.protect_home,
        "ProtectSystem": settings.protect_system,
        "BindPaths": _binds(settings, is_read_only=False),
        "BindReadOnlyPaths": _binds(settings, is_read_only=True),
        "TemporaryFileSystem": " ".join(":".join(filter(None, item)) for item in settings.temporary),
        "Id": name,
        "Names": name,
        "Description": unit.description or name,
        "LoadState": unit.load_state,
        "ActiveState": state.active,
        "SubState": state.sub,
        "FragmentPath": files.fragment or "",
        "DropInPaths": _listed(files.dropins),
        "UnitFileState": manager.file_state(name) if files.fragment else "",
        "NeedDaemonReload": _yes_no(manager.needs_reload(name)),
    }


def status(manager: Manager, name: str) -> str:
    """The first lines of ``systemctl status``: without times, process numbers and the journal's lines."""
    unit, state = manager.unit(name), manager.state(name)
    title = f" - {unit.description}" if unit.description else ""
    lines = [f"{_DOTS[state.active]} {name}{title}", f"     Loaded: {_load_line(manager, name)}"]
    lines += _dropin_lines(unit.files.dropins)
    detail = "Result: exit-code" if state.active == "failed" else state.sub
    lines.append(f"     Active: {state.active} ({detail})")
    if unit.socket:
        lines.append(f"TriggeredBy: ● {unit.socket}")
    lines += [f"       Docs: {page}" for page in unit.documentation.split()]
    if state.failure:
        code, command = f"(code=exited, status={state.failure})", " ".join(unit.command)
        lines.append(f"    Process: ExecStart={command} {code}")
    return "\n".join(lines) + "\n"


def _load_line(manager: Manager, name: str) -> str:
    unit = manager.unit(name)
    if unit.problem:
        return f"{unit.load_state} (Reason: {unit.problem})"
    enabled = manager.file_state(name)
    preset = "" if enabled == "static" else "; preset: enabled"
    return f"loaded ({unit.files.fragment}; {enabled}{preset})"


def _dropin_lines(paths: Sequence[str]) -> list[str]:
    lines = []
    for folder, files in groupby(paths, posixpath.dirname):
        lines.append(f"             {folder}")
        lines.append("             └─" + ", ".join(posixpath.basename(file) for file in files))
    if lines:
        lines[0] = "    Drop-In: " + lines[0].strip()
    return lines


def _listed(words: Sequence[str]) -> str:
    return " ".join(f'"{word}"' if " " in word else word for word in words)


def _binds(settings: Settings, is_read_only: bool) -> str:
    return " ".join(_bind(item) for item in settings.binds if item.is_read_only == is_read_only)


def _bind(item: Bind) -> str:
    dash, option = "-" if item.may_be_missing else "", ":rbind" if item.is_recursive else ""
    return f"{dash}{item.source}:{item.destination}{option}"


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
