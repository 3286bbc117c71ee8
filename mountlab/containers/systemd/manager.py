"""systemd's manager: which units are loaded, which run, and the processes and namespaces that they have."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from mountlab.containers.errors import ContainerError
from mountlab.containers.folders import remove_folder
from mountlab.containers.ledger import Ledger, Made
from mountlab.containers.systemd.entries import PROPAGATE, TmpFolders, needs_namespace
from mountlab.containers.systemd.loaded import Loaded, listed, load
from mountlab.containers.systemd.namespace import NamespaceFailed, make_boot_folders, set_up
from mountlab.containers.systemd.units import FolderCache, file_text, find_dropins
from mountlab.containers.world import FIRST, World, make_directories
from mountlab.errors import MountError


class Service(Protocol):
    """A program whose work is modelled; any other ExecStart= is a process that only holds its namespace."""

    def started(self, process: str, command: Sequence[str]) -> None:
        """It runs, with that command line, in the unit's namespace.  Raises ContainerError to fail."""

    def stopped(self, process: str) -> None:
        """It was told to end; its process is still there, and ends after this."""


class State(NamedTuple):
    """How a unit is."""

    active: str = "inactive"
    """``active``, ``inactive`` or ``failed``."""
    sub: str = "dead"
    """``running``, ``exited``, ``dead`` or ``failed``."""
    process: str | None = None
    """The main process, while it runs."""
    failure: str = ""
    """With which status it failed: ``226/NAMESPACE``."""
    tmp: TmpFolders | None = None


class Listed(NamedTuple):
    """A row of ``systemctl list-units``."""

    name: str
    load: str
    active: str
    sub: str
    description: str


_WAITED_FOR = ("notify", "exec", "forking", "dbus", "oneshot")
"""Types whose start is known to have failed when systemctl returns."""
_BOOT = hashlib.sha256(b"the one boot of this machine").hexdigest()[:32]


def process_of(unit: str) -> str:
    """Name of a unit's main process."""
    return f":unit {unit}"


class Manager:
    """systemd on one machine.

    Args:
        world: the machine.
        services: by unit name, those whose program is modelled.
        enabled: units that are enabled from the beginning.
        with_fixtures: services have the two mounts of systemd's own as well (see `namespace.set_up`).

    Every method that raises ContainerError raises it with systemctl's text and status.
    """

    def __init__(
        self,
        world: World,
        services: Mapping[str, Service],
        enabled: Sequence[str] = ("docker.service",),
        with_fixtures: bool = False,
    ) -> None:
        self.world, self.services, self.with_fixtures = world, services, with_fixtures
        self.made: list[Made] = []
        """System calls made for the units' namespaces."""
        self.journal: list[str] = []
        self._enabled = set(enabled)
        self._cache = FolderCache(world)
        self._loaded: dict[str, Loaded] = {}
        self._states: dict[str, State] = {}
        self._starts = 0

    def unit(self, name: str) -> Loaded:
        """The unit as it is in memory; it is loaded if it is not."""
        if name not in self._loaded:
            self._cache.refresh()
            self._load(name)
        return self._loaded[name]

    def on_disk(self, name: str) -> Loaded:
        """The unit as its files are now, whatever is in memory."""
        now = FolderCache(self.world)
        now.refresh()
        return load(self.world, name, now)

    def state(self, name: str) -> State:
        """How the unit is now."""
        return self._states.get(name, State())

    def list_units(self) -> list[Listed]:
        """The services in memory."""
        units = (self._loaded[name] for name in sorted(self._loaded))
        return [Listed(u.name, u.load_state, *self.state(u.name)[:2], u.description) for u in units]

    def needs_reload(self, name: str) -> bool:
        """Whether the files differ from what is in memory (src/core/unit.c: unit_need_daemon_reload).

        systemd compares times of change; here it is the text, so a file written anew with the same text has
        not changed.
        """
        unit = self._loaded.get(name)
        if unit is None or unit.files.fragment is None:
            return False
        if unit.load_state == "loaded" and find_dropins(self.world, name, self._cache) != unit.files.dropins:
            return True
        return any(file_text(self.world, path) != text for path, text in unit.files.texts.items())

    def daemon_reload(self) -> None:
        """Forget every file and read those of the units that are in memory again."""
        self._cache.refresh()
        self.collect()
        for name in list(self._loaded):
            self._load(name)

    def collect(self) -> None:
        """Unload units that do nothing and that nothing refers to: they are read anew when next asked for.

        Units that are enabled, or have a socket, stay (src/core/unit.c: unit_may_gc).
        """
        for name, unit in list(self._loaded.items()):
            idle = self.state(name).active == "inactive"
            if idle and not (unit.socket or (name in self._enabled and unit.files.fragment)):
                del self._loaded[name]

    def start(self, name: str, verb: str = "start") -> None:
        """Start a unit; nothing happens when it runs.  Raises ContainerError."""
        unit = self._startable(name, verb)
        if self.state(name).active != "active":
            self._run(unit)

    def stop(self, name: str) -> None:
        """Stop a unit; nothing happens when it does not run.  Raises ContainerError."""
        unit = self.unit(name)
        state = self.state(name)
        if unit.load_state in ("not-found", "bad-setting", "error") and state.active == "inactive":
            raise ContainerError(f"Failed to stop {name}: Unit {name} not loaded.", 5)
        if state.active != "active":
            return
        if state.process is not None:
            if name in self.services and self.world.is_alive(state.process):
                self.services[name].stopped(state.process)
            self.world.end(state.process)
        self._states[name] = State()
        self._clean_up(name, state)

    def restart(self, name: str, verb: str = "restart") -> None:
        """Stop and start a unit; ``try-restart`` does so only when it runs.  Raises ContainerError."""
        self._startable(name, verb)
        if verb == "restart" or self.state(name).active == "active":
            self.stop(name)
            self.start(name, verb)

    def file_state(self, name: str) -> str:
        """``enabled``, ``disabled``, or ``static`` for a unit that has nothing to be enabled by."""
        parsed = self.unit(name).files.parsed
        keys = ("WantedBy", "RequiredBy", "Alias", "Also")
        if not any(listed(parsed, "Install", key) for key in keys):
            return "static"
        return "enabled" if name in self._enabled else "disabled"

    def set_enabled(self, name: str, wanted: bool) -> bool:
        """Enable or disable a unit, which also reloads; whether that changed anything."""
        self.daemon_reload()
        changed = self.file_state(name) == ("disabled" if wanted else "enabled")
        if changed and wanted:
            self._enabled.add(name)
        elif changed:
            self._enabled.discard(name)
        return changed

    def _load(self, name: str) -> None:
        unit = load(self.world, name, self._cache)
        self._loaded[name] = unit
        self.journal += unit.journal

    def _startable(self, name: str, verb: str) -> Loaded:
        unit = self.unit(name)
        if unit.problem:
            text = f"Failed to {verb} {name}: {unit.problem}"
            if unit.load_state in ("bad-setting", "error"):
                text += f"\nSee system logs and 'systemctl status {name}' for details."
            raise ContainerError(text, 5 if unit.load_state == "not-found" else 1)
        return unit

    def _run(self, unit: Loaded) -> None:
        process = process_of(unit.name)
        self._starts += 1
        failure, tmp = "", None
        try:
            if needs_namespace(unit.settings):
                make_boot_folders(self.world)
            tmp = self._make_tmp(unit.name) if unit.settings.private_tmp else None
            self.world.fork(FIRST, process)
            if needs_namespace(unit.settings):
                ledger = Ledger(self.world, process, self.made)
                set_up(ledger, unit.name, unit.settings, tmp, self.with_fixtures)
            if unit.name in self.services:
                self.services[unit.name].started(process, unit.command)
        except (NamespaceFailed, MountError) as error:
            failure = "226/NAMESPACE"
            self.journal.append(f"{unit.name}: Failed to set up mount namespacing: {error}")
        except ContainerError as error:
            failure = "1/FAILURE"
            self.journal += error.text.split("\n")
        self._settle(unit, State("active", "running", process, failure, tmp))

    def _settle(self, unit: Loaded, state: State) -> None:
        """What becomes of a unit after its start.  Raises ContainerError when systemctl hears of it."""
        if state.failure or unit.type == "oneshot":
            self.world.end(process_of(unit.name))
            self._clean_up(unit.name, state)
            state = state._replace(process=None, tmp=None)
        if state.failure:
            self._states[unit.name] = state._replace(active="failed", sub="failed")
            if unit.type in _WAITED_FOR:
                raise ContainerError(
                    f"Job for {unit.name} failed because the control process exited with error code.\n"
                    f'See "systemctl status {unit.name}" and "journalctl -xeu {unit.name}" for details.',
                    1,
                )
        elif unit.type == "oneshot":
            self._states[unit.name] = state._replace(sub="exited") if unit.remains else State()
        else:
            self._states[unit.name] = state

    def _make_tmp(self, unit: str) -> TmpFolders:
        """Folders that only this start of the unit has (src/core/namespace.c: setup_tmp_dirs).

        The last six characters are random on a real machine.
        """
        if self.world.kind(FIRST, "/var/tmp") is None:  # noqa: S108 - of the machine
            make_directories(self.world, FIRST, "/var")
            self.world.mkdir(FIRST, "/var/tmp", 0o1777)  # noqa: S108
        made = []
        for base in ("/tmp", "/var/tmp"):  # noqa: S108
            unique = hashlib.sha256(f"{unit} {base} {self._starts}".encode()).hexdigest()[:6]
            folder = f"{base}/systemd-private-{_BOOT}-{unit}-{unique}"
            inner = posixpath.join(folder, "tmp")
            self.world.mkdir(FIRST, folder, 0o700)
            self.world.mkdir(FIRST, inner, 0o1777)
            made.append(inner)
        return TmpFolders(*made)

    def _clean_up(self, name: str, state: State) -> None:
        """Remove what was made for one run of a unit."""
        for folder in state.tmp or ():
            remove_folder(self.world, FIRST, posixpath.dirname(folder))
        if self.with_fixtures:
            remove_folder(self.world, FIRST, f"{PROPAGATE}/{name}")
