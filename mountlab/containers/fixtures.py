"""What runc mounts into a container beside the list: control groups, a console, paths that it protects.

Source: runc v1.1.5, libcontainer/rootfs_linux.go (mountCgroupV1, getCgroupMounts, createDevices,
readonlyPath, maskPath), console_linux.go (mountConsole), standard_init_linux.go for the order.
A device is an empty file here.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from mountlab import model
from mountlab.containers.ledger import Ledger
from mountlab.containers.oci import OciMount, Spec, flags_of
from mountlab.containers.places import mount_that_holds
from mountlab.containers.rootfs import below
from mountlab.containers.world import make_directories
from mountlab.errors import MountError
from mountlab.mountinfo import MountInfo

_DEVICES = ("null", "random", "full", "tty", "zero", "urandom")
_CONSOLE = "/dev/console"
_PSEUDO_TERMINAL = "/dev/pts/0"
_STRICT = ("nosuid", "noexec", "nodev")


def _hierarchies(ledger: Ledger) -> list[MountInfo]:
    """Where each hierarchy of control groups is mounted first; none where there is the unified one."""
    rows = ledger.world.mountinfo(ledger.process)
    first = {row.super_options: row for row in reversed(rows) if row.fstype == "cgroup"}
    return [row for row in rows if row in first.values()]


def _has_groups(spec: Spec) -> bool:
    return any(mount.type == "cgroup" for mount in spec.mounts)


def make_groups(ledger: Ledger, spec: Spec) -> None:
    """Make the container's group in each hierarchy, before it has a namespace of its own."""
    if _has_groups(spec):
        for row in _hierarchies(ledger):
            make_directories(ledger.world, ledger.process, row.mountpoint + spec.cgroups_path)


def expanded(ledger: Ledger, spec: Spec, mount: OciMount) -> Sequence[OciMount]:
    """The mounts for which one entry stands: of type cgroup, a tmpfs and its group of each hierarchy.

    Where only the unified hierarchy is mounted, it is mounted again; that is from source, not run.
    """
    if mount.type != "cgroup":
        return (mount,)
    hierarchies = _hierarchies(ledger)
    if not hierarchies:
        return (mount._replace(type="cgroup2"),)
    folder = OciMount(mount.destination, "tmpfs", "tmpfs", (*_STRICT, "mode=755"), is_fixture=True)
    return folder, *(
        OciMount(
            f"{mount.destination}/{posixpath.basename(row.mountpoint)}",
            "bind",
            row.mountpoint + spec.cgroups_path,
            ("rbind", *mount.options),
            is_fixture=True,
        )
        for row in hierarchies
    )


def make_devices(ledger: Ledger, spec: Spec) -> None:
    """Fill a new /dev."""
    is_new = any(
        m.destination == "/dev" and not flags_of(m.options).flags & model.MS_BIND for m in spec.mounts
    )
    for name in _DEVICES if is_new else ():
        ledger.world.write(ledger.process, below(spec.root, f"/dev/{name}"), "")


def mount_console(ledger: Ledger, spec: Spec) -> None:
    """Bind the container's pseudo terminal on /dev/console."""
    if spec.has_terminal:
        for path in (_PSEUDO_TERMINAL, _CONSOLE):
            ledger.world.write(ledger.process, path, "")
        ledger.mount("runc.console", _PSEUDO_TERMINAL, _CONSOLE, None, model.MS_BIND)


def protect_paths(ledger: Ledger, spec: Spec) -> None:
    """Make paths read-only and mask others; those that are not there are passed over.

    Raises:
        MountError: when it fails for another reason.
    """
    for path in spec.read_only_paths:
        _make_read_only(ledger, path)
    for path in spec.masked_paths:
        _mask(ledger, path)


def _make_read_only(ledger: Ledger, path: str) -> None:
    try:
        ledger.mount("runc.read-only-path", path, path, None, model.MS_BIND | model.MS_REC)
    except MountError as error:
        if error.errno == "ENOENT":
            return
        raise
    holds = mount_that_holds(ledger.world.mountinfo(ledger.process), path)
    kept = flags_of(word for word in (holds.options.split(",") if holds else ()) if word in _STRICT)
    flags = kept.flags | model.MS_BIND | model.MS_REMOUNT | model.MS_RDONLY
    ledger.mount("runc.read-only-path", path, path, None, flags)


def _mask(ledger: Ledger, path: str) -> None:
    """A file is hidden below /dev/null, and a directory, which refuses that, below an empty tmpfs."""
    try:
        ledger.mount("runc.masked-path", "/dev/null", path, None, model.MS_BIND)
    except MountError as error:
        if error.errno == "ENOTDIR":
            ledger.mount("runc.masked-path", "tmpfs", path, "tmpfs", model.MS_RDONLY)
        elif error.errno != "ENOENT":
            raise
