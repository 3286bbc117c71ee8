"""What dockerd looks at before it makes anything of a new container.

Source: moby v20.10.24, daemon/container.go (validateContainerConfig, validateHostConfig),
daemon/daemon_unix.go (verifyPlatformContainerSettings), daemon/names.go, volume/local/local.go
(validateName) and local_unix.go (validateOpts), oci/caps/utils.go.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from mountlab.containers.docker import go
from mountlab.containers.docker.messages import DaemonError
from mountlab.containers.docker.requests import Settings
from mountlab.containers.docker.specs import Exists, validate, why_no_destination

NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
"""Names of containers and of volumes: two characters at least (daemon/names/names.go)."""
CAPABILITIES: Final = frozenset(
    "AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE"
    " DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE"
    " MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID"
    " SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO"
    " SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM".split()
)
"""capabilities(7), without the prefix."""
_COUNTED: Final = ("always", "unless-stopped", "no")


def check_settings(settings: Settings, exists: Exists, runtimes: Collection[str] = ("runc",)) -> None:
    """Refuse settings that cannot be.

    Args:
        settings: of the new container.
        exists: whether there is something at a path of the host.
        runtimes: the names that dockerd knows.

    Raises:
        DaemonError: in dockerd's words; nothing has been made.
    """
    if settings.workdir and not settings.workdir.startswith("/"):
        raise DaemonError(
            f"the working directory '{settings.workdir}' is invalid, it needs to be an absolute path"
        )
    for request in settings.mounts:
        if request.spec is not None:
            validate(request.spec, exists)
    _check_restart(settings.restart)
    for field, words in (("CapAdd", settings.cap_add), ("CapDrop", settings.cap_drop)):
        _check_capabilities(field, words)
    if settings.runtime and settings.runtime not in runtimes:
        raise DaemonError(f"Unknown runtime specified {settings.runtime}")
    for destination, _ in settings.tmpfs:
        if why := why_no_destination(destination):
            raise DaemonError(why)


def _check_restart(policy: str) -> None:
    name, _, count = policy.partition(":")
    if name in _COUNTED and int(count or "0"):
        raise DaemonError(f"maximum retry count cannot be used with restart policy '{name}'")
    if name == "on-failure" and int(count or "0") < 0:
        raise DaemonError("maximum retry count cannot be negative")
    if name not in (*_COUNTED, "on-failure", ""):
        raise DaemonError(f"invalid restart policy '{name}'")


def _check_capabilities(field: str, words: Sequence[str]) -> None:
    for word in words:
        name = word.upper().removeprefix("CAP_")
        if name != "ALL" and name not in CAPABILITIES:
            raise DaemonError(f"invalid {field}: unknown capability: {go.quoted('CAP_' + name)}")


def check_volume(name: str, driver: str, options: Sequence[tuple[str, str]]) -> None:
    """Refuse a new volume that the driver ``local`` cannot make, and every other driver.

    Raises:
        DaemonError: in dockerd's words.
    """
    why = _why_no_driver(driver) or _why_no_name(name) or _why_no_options(dict(options))
    if why:
        raise DaemonError(f"create {name}: {why}")


def _why_no_driver(driver: str) -> str | None:
    if driver in ("", "local"):
        return None
    return f'error looking up volume plugin {driver}: plugin "{driver}" not found'


def _why_no_name(name: str) -> str | None:
    if len(name) == 1:
        return "volume name is too short, names should be at least two alphanumeric characters"
    if NAME.fullmatch(name):
        return None
    return (
        f"{go.quoted(name)} includes invalid characters for a local volume name, only"
        ' "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory,'
        " use absolute path"
    )


def _why_no_options(options: dict[str, str]) -> str | None:
    """What is wrong with ``--opt``; dockerd keeps them in maps, and names any one of several mistakes."""
    for option in options:
        if option not in ("type", "o", "device", "size"):
            return f"invalid option: {go.quoted(option)}"
    for option, needed in (("device", ("type",)), ("type", ("device",)), ("o", ("device", "type"))):
        for missing in needed:
            if option in options and missing not in options:
                return f"missing required option: {go.quoted(missing)}"
    if "size" not in options:
        return None
    try:
        size = go.size_in_bytes(options["size"])
    except ValueError as error:
        return str(error)
    return "quota size requested but no quota support" if size > 0 else None
