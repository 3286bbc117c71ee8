"""systemctl(1): what it prints, with the status it ends with.

The texts were read from the program of systemd 252 (Debian 12): tests/containers/recorded/systemctl.json.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from mountlab.containers.errors import ContainerError
from mountlab.containers.systemd.loaded import listed
from mountlab.containers.systemd.manager import Manager
from mountlab.containers.systemd.properties import PROPERTIES, properties, status
from mountlab.containers.systemd.units import file_text

NOT_BOOTED: Final = (
    "System has not been booted with systemd as init system (PID 1). Can't operate.\n"
    "Failed to connect to bus: Host is down\n"
)
_CHANGED: Final = (
    "Warning: The unit file, source configuration file or drop-ins of {} changed on disk."
    " Run 'systemctl daemon-reload' to reload units.\n"
)
_STILL: Final = "Warning: Stopping {}, but it can still be activated by:\n  {}\n"
_OUTDATED: Final = (
    "# Warning: {} changed on disk, the version systemd has loaded is outdated.\n"
    "# This output shows the current version of the unit's original fragment and drop-in files.\n"
    "# If fragments or drop-ins were added or removed, they are not properly reflected in this output.\n"
    "# Run 'systemctl daemon-reload' to reload units.\n"
)
_NOTHING_TO_ENABLE: Final = """\
The unit files have no installation config (WantedBy=, RequiredBy=, Also=,
Alias= settings in the [Install] section, and DefaultInstance= for template
units). This means they are not meant to be enabled using systemctl.
 \n\
Possible reasons for having this kind of units are:
• A unit may be statically enabled by being symlinked from another unit's
  .wants/ or .requires/ directory.
• A unit's purpose may be to act as a helper for some other unit which has
  a requirement dependency on it.
• A unit may be started when needed via activation (socket, path, timer,
  D-Bus, udev, scripted systemctl call, ...).
• In case of template units, the unit is meant to be enabled with some
  instance name specified.
"""
_NAME: Final = re.compile(r"[A-Za-z0-9:_.\\-]+")
_OTHER_KINDS: Final = tuple(
    ".socket .target .mount .automount .swap .timer .path .slice .scope .device".split()
)


class Result(NamedTuple):
    """What a run of systemctl gave."""

    status: int = 0
    stdout: str = ""
    stderr: str = ""


_NO_EDITOR: Final = Result(1, "", "Cannot edit units if not on a tty.\n")


class _Call(NamedTuple):
    """A command line, read."""

    verb: str
    names: tuple[str, ...]
    wanted: tuple[str, ...]
    """Properties, for show."""
    only_value: bool
    is_quiet: bool
    now: bool


def is_understood(argv: Sequence[str]) -> bool:
    """Whether `run` knows what systemctl does with these words (without the program's name)."""
    call = _read(argv)
    if call is None or call.verb not in _VERBS:
        return False
    names = [_full(name) for name in call.names]
    if any(not _NAME.fullmatch(name) or name.endswith(_OTHER_KINDS) or "@" in name for name in names):
        return False
    if call.verb == "show" and (not names or not set(call.wanted) <= set(PROPERTIES)):
        return False
    return len(names) <= 1 or call.verb not in ("status", "edit", "show", "cat")


def run(manager: Manager | None, argv: Sequence[str]) -> Result:
    """Run systemctl with words for which `is_understood` holds; no manager: systemd is not there."""
    call = _read(argv)
    assert call is not None  # noqa: S101 - the caller asked `is_understood`
    takes_names, act = _VERBS[call.verb]
    if takes_names and not call.names:
        return Result(1, "", "Too few arguments.\n")
    if call.names and not takes_names:
        return Result(1, "", "Too many arguments.\n")
    if manager is None:
        return _without_systemd(call)
    result = act(manager, call._replace(names=tuple(_full(name) for name in call.names)))
    manager.collect()
    return result


def _without_systemd(call: _Call) -> Result:
    if call.verb == "edit":
        return _NO_EDITOR
    if call.verb in ("enable", "disable"):  # these look at the files and not at systemd
        return Result(1, "", f"Failed to {call.verb} unit, unit {_full(call.names[0])} does not exist.\n")
    return Result(1, "", NOT_BOOTED)


def _read(argv: Sequence[str]) -> _Call | None:
    words: list[str] = []
    wanted: list[str] = []
    flags = {"value": False, "quiet": False, "now": False}
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        option = re.fullmatch(r"(?:-([pP])|--(property)=)(.+)", word)
        if option:
            wanted += option[3].split(",")
            flags["value"] |= option[1] == "P"
        elif word in ("-p", "-P", "--property") and rest:
            wanted += rest.pop(0).split(",")
            flags["value"] |= word == "-P"
        elif word in ("--value", "--quiet", "-q", "--now"):
            flags[{"-q": "quiet"}.get(word, word.lstrip("-"))] = True
        elif word.startswith("-") and word not in ("--no-pager", "-l", "--full"):
            return None
        elif not word.startswith("-"):
            words.append(word)
    if not words:
        return None
    return _Call(words[0], tuple(words[1:]), tuple(wanted), flags["value"], flags["quiet"], flags["now"])


def _full(name: str) -> str:
    return name if name.endswith((".service", *_OTHER_KINDS)) else name + ".service"


def _daemon_reload(manager: Manager, _call: _Call) -> Result:
    manager.daemon_reload()
    return Result()


def _jobs(manager: Manager, call: _Call) -> Result:
    code, said = 0, ""
    for name in call.names:
        if manager.needs_reload(name) and not call.is_quiet:
            said += _CHANGED.format(name)
        try:
            if call.verb == "start":
                manager.start(name)
            elif call.verb == "stop":
                manager.stop(name)
                socket = manager.unit(name).socket
                said += _STILL.format(name, socket) if socket and not call.is_quiet else ""
            else:
                manager.restart(name, call.verb)
        except ContainerError as error:
            code = error.status
            said += error.text + "\n"
    return Result(code, "", said)


def _is_active(manager: Manager, call: _Call) -> Result:
    states = [manager.state(name).active for name in call.names]
    printed = "" if call.is_quiet else "".join(f"{state}\n" for state in states)
    return Result(0 if "active" in states else 3, printed)


def _is_enabled(manager: Manager, call: _Call) -> Result:
    states = []
    for name in call.names:
        if manager.unit(name).files.fragment is None:
            return Result(1, "", f"Failed to get unit file state for {name}: No such file or directory\n")
        states.append(manager.file_state(name))
    printed = "" if call.is_quiet else "".join(f"{state}\n" for state in states)
    return Result(0 if {"enabled", "static"} & set(states) else 1, printed)


def _show(manager: Manager, call: _Call) -> Result:
    found = properties(manager, call.names[0])
    keys = [key for key in PROPERTIES if key in call.wanted or (not call.wanted and found[key])]
    if call.only_value:
        return Result(0, "".join(f"{found[key]}\n" for key in keys))
    return Result(0, "".join(f"{key}={found[key]}\n" for key in keys))


def _status(manager: Manager, call: _Call) -> Result:
    name = call.names[0]
    unit, state = manager.unit(name), manager.state(name)
    if unit.load_state == "not-found" and state.active == "inactive":
        return Result(4, "", f"Unit {name} could not be found.\n")
    warning = _CHANGED.format(name) if manager.needs_reload(name) else ""
    return Result(0 if state.active == "active" else 3, status(manager, name), warning)


def _cat(manager: Manager, call: _Call) -> Result:
    name = call.names[0]
    files = manager.unit(name).files
    if files.fragment is None:
        return Result(1, "", f"No files found for {name}.\n")
    code, said, shown = 0, "", []
    if manager.needs_reload(name):
        said += _OUTDATED.format(name)
    for path in (files.fragment, *files.dropins):
        text = file_text(manager.world, path)
        if text is None:
            code, said = 1, said + f"Failed to cat {path}: No such file or directory\n"
            break
        shown.append(f"# {path}\n{text}")
    return Result(code, "\n".join(shown), said)


def _enable(manager: Manager, call: _Call) -> Result:
    said = ""
    for name in call.names:
        fragment = manager.on_disk(name).files.fragment
        if fragment is None:
            return Result(1, "", f"Failed to {call.verb} unit: Unit file {name} does not exist.\n")
        if manager.set_enabled(name, call.verb == "enable"):
            said += "".join(_links(manager, call.verb, name, fragment))
        elif manager.file_state(name) == "static" and call.verb == "enable" and not call.is_quiet:
            said += _NOTHING_TO_ENABLE
    if call.now:
        after = _jobs(manager, call._replace(verb="start" if call.verb == "enable" else "stop"))
        return after._replace(stderr=said + after.stderr)
    return Result(0, "", said)


def _links(manager: Manager, verb: str, name: str, fragment: str) -> list[str]:
    targets = " ".join(listed(manager.unit(name).files.parsed, "Install", "WantedBy")).split()
    links = [f"/etc/systemd/system/{target}.wants/{name}" for target in targets]
    if verb == "enable":
        return [f"Created symlink {link} → {fragment}.\n" for link in links]
    return [f'Removed "{link}".\n' for link in links]


_VERBS: Final[dict[str, tuple[bool, Callable[[Manager, _Call], Result]]]] = {
    "daemon-reload": (False, _daemon_reload),
    "start": (True, _jobs),
    "stop": (True, _jobs),
    "restart": (True, _jobs),
    "try-restart": (True, _jobs),
    "is-active": (True, _is_active),
    "is-enabled": (True, _is_enabled),
    "show": (True, _show),
    "status": (True, _status),
    "cat": (True, _cat),
    "edit": (True, lambda _manager, _call: _NO_EDITOR),
    "enable": (True, _enable),
    "disable": (True, _enable),
}
VERBS: Final = tuple(sorted(_VERBS))
"""What systemctl does here."""
OPTIONS: Final = ("--full", "--no-pager", "--now", "--property", "--quiet", "--value", "-l", "-p", "-P", "-q")
"""The options that are understood."""
