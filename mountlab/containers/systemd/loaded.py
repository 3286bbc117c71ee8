"""A unit as systemd has it in memory: what its files said when it was loaded."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from mountlab.containers.systemd.settings import Settings, parse_boolean, read_settings
from mountlab.containers.systemd.units import FolderCache, Parsed, UnitFiles, read_unit
from mountlab.containers.world import World


class Loaded(NamedTuple):
    """A unit in memory."""

    name: str
    load_state: str
    """``loaded``, ``not-found``, ``masked``, ``bad-setting`` or ``error``."""
    files: UnitFiles
    settings: Settings = Settings()
    description: str = ""
    type: str = "simple"
    command: tuple[str, ...] = ()
    """The words of ExecStart=."""
    remains: bool = False
    """RemainAfterExit=."""
    socket: str = ""
    """``NAME.socket`` that starts it; it stays in memory, and with it the unit."""
    documentation: str = ""
    journal: tuple[str, ...] = ()
    """What was written there when it was loaded."""

    @property
    def problem(self) -> str:
        """Why it cannot be started, as systemd says it; empty when it can."""
        return {
            "loaded": "",
            "not-found": f"Unit {self.name} not found.",
            "masked": f"Unit {self.name} is masked.",
            "bad-setting": f"Unit {self.name} has a bad unit file setting.",
            "error": f"Unit {self.name} failed to load properly, please adjust/correct and reload service"
            " manager: Bad message",
        }[self.load_state]


def load(world: World, name: str, cache: FolderCache) -> Loaded:
    """Read a unit's files."""
    files = read_unit(world, name, cache)
    parsed = files.parsed
    if files.fragment is None:
        return Loaded(name, "not-found", files)
    if not files.texts[files.fragment].strip():
        return Loaded(name, "masked", files)
    settings, warnings = read_settings(parsed.assignments)
    journal = [*parsed.warnings, *warnings]
    if parsed.is_broken:
        return Loaded(name, "error", files, settings, journal=tuple(journal))
    kind = last(parsed, "Service", "Type", "simple")
    commands = listed(parsed, "Service", "ExecStart")
    refusal = _refusal(parsed, kind, commands)
    if refusal:
        journal.append(f"{name}: {refusal}")
    stem = name.removesuffix(".service")
    socket = f"{stem}.socket"
    required = " ".join(listed(parsed, "Unit", "Requires")).split()
    return Loaded(
        name,
        "bad-setting" if refusal else "loaded",
        files,
        settings,
        last(parsed, "Unit", "Description"),
        kind,
        _argv(commands[-1]) if commands else (),
        parse_boolean(last(parsed, "Service", "RemainAfterExit")) is True,
        socket if socket in required else "",
        " ".join(listed(parsed, "Unit", "Documentation")),
        tuple(journal),
    )


def last(parsed: Parsed, section: str, key: str, default: str = "") -> str:
    """The value that counts of a key that has one."""
    values = [item.value for item in parsed.assignments if (item.section, item.key) == (section, key)]
    return values[-1] if values and values[-1] else default


def listed(parsed: Parsed, section: str, key: str) -> list[str]:
    """The values of a key that may stand several times; an empty one takes back those before it."""
    values: list[str] = []
    for item in parsed.assignments:
        if (item.section, item.key) == (section, key):
            values = [*values, item.value] if item.value else []
    return values


def _refusal(parsed: Parsed, kind: str, commands: list[str]) -> str:
    """Why the service cannot be (src/core/service.c: service_verify)."""
    if not commands and not listed(parsed, "Service", "ExecStop"):
        return "Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing."
    if not commands and kind != "oneshot":
        return "Service has no ExecStart= setting, which is only allowed for Type=oneshot services. Refusing."
    if len(commands) > 1 and kind != "oneshot":
        return (
            "Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services."
            " Refusing."
        )
    return ""


def _argv(command: str) -> tuple[str, ...]:
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    return (words[0].lstrip("@-:+!"), *words[1:]) if words else ()
