"""``systemctl start UNIT``, stage by stage: the settings that touch mounts, and what comes of them."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.containers.daemons import Daemons
from mountlab.containers.explained.kin import kin_of
from mountlab.containers.explained.stages import Inside, Refusal, Result, UnitChain, steps_of
from mountlab.containers.explained.trial import process_sight
from mountlab.containers.systemd.entries import needs_namespace
from mountlab.containers.systemd.settings import Bind, Settings
from mountlab.containers.world import FIRST

_SUFFIX = ".service"


def explain_start(daemons: Daemons, argv: Sequence[str], unit: str) -> UnitChain:
    """Start a unit, and say how its namespace came about; the machine is changed by it.

    Args:
        daemons: of a simulated machine.
        argv: ``systemctl start UNIT`` or ``systemctl restart UNIT``.
        unit: its name, with or without ``.service``.
    """
    name = unit if unit.endswith(_SUFFIX) else unit + _SUFFIX
    chain = UnitChain(tuple(argv), name)
    manager = daemons.manager
    if manager is not None:
        loaded = manager.unit(name)
        chain = chain._replace(
            files=tuple(loaded.files.texts),
            settings=settings_as_written(loaded.settings),
            outdated=manager.needs_reload(name),
            needs_namespace=needs_namespace(loaded.settings),
            was_running=manager.state(name).active == "active" and "start" in argv,
        )
    ran, made = daemons.run(argv, "")
    chain = chain._replace(steps=steps_of(made))
    if ran.status or manager is None:
        return chain._replace(refused=Refusal("systemd", ran.stderr.rstrip("\n"), ran.status))
    process = manager.state(name).process
    return chain if process is None else chain._replace(result=_result(daemons, process))


def _result(daemons: Daemons, process: str) -> Result:
    host = daemons.world.mountinfo(FIRST)
    rows = [row for row in daemons.world.mountinfo(process) if row.fstype != "proc"]
    inside = tuple(Inside(row.mountpoint, kin_of(row, host), "ro" in row.options.split(",")) for row in rows)
    return Result(inside, (process_sight(daemons, process, "/", "/"),), may_mount=True)


def settings_as_written(settings: Settings) -> tuple[str, ...]:
    """The settings that touch mounts, each as a line of a unit file; what is left at its default is none."""
    paths = {
        "ReadWritePaths": settings.read_write_paths,
        "ReadOnlyPaths": settings.read_only_paths,
        "InaccessiblePaths": settings.inaccessible_paths,
        "BindPaths": tuple(_bind(each) for each in settings.binds if not each.is_read_only),
        "BindReadOnlyPaths": tuple(_bind(each) for each in settings.binds if each.is_read_only),
        "TemporaryFileSystem": tuple(":".join(filter(None, each)) for each in settings.temporary),
    }
    said = {
        "MountFlags": settings.mount_flags,
        "PrivateMounts": "yes" if settings.private_mounts else "",
        "PrivateTmp": "yes" if settings.private_tmp else "",
        "ProtectHome": settings.protect_home.removesuffix("no"),
        "ProtectSystem": settings.protect_system.removesuffix("no"),
        **{key: " ".join(values) for key, values in paths.items()},
        **dict.fromkeys(sorted(settings.others), "…"),
    }
    return tuple(f"{key}={value}" for key, value in said.items() if value)


def _bind(bind: Bind) -> str:
    prefix = "-" if bind.may_be_missing else ""
    return f"{prefix}{bind.source}:{bind.destination}" + ("" if bind.is_recursive else ":norbind")
