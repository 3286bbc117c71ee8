"""What runtimes do alike below a container's root: a place for a mount, and /proc."""

from __future__ import annotations

import posixpath

from mountlab import model
from mountlab.containers.ledger import Ledger
from mountlab.containers.oci import OciMount
from mountlab.containers.world import make_directories
from mountlab.errors import MountError


def below(root: str, destination: str) -> str:
    """Where a destination is before the root is one."""
    return posixpath.normpath(f"{root}/{destination}")


def make_mountpoint(ledger: Ledger, mount: OciMount, target: str, *, is_bind: bool) -> None:
    """Make the directory or file on which will be mounted, if it is missing.

    Raises:
        MountError: also when what is to be bound is not there.
    """
    world, process = ledger.world, ledger.process
    source = world.kind(process, mount.source) if is_bind else "dir"
    if source is None:
        raise MountError("ENOENT", "path.missing", "the source is not there")
    if world.kind(process, target) is not None:
        return
    if source == "dir":
        make_directories(world, process, target)
    else:
        make_directories(world, process, posixpath.dirname(target))
        world.write(process, target, "")


def bind_proc(ledger: Ledger, target: str) -> None:
    """The machine's /proc again: what is not modelled of it is the same for all."""
    if ledger.world.kind(ledger.process, "/proc/self/mountinfo") is None:
        return
    ledger.mount("runc.proc", "/proc", target, None, model.MS_BIND)
    ledger.mount("runc.proc", "", target, None, model.MS_PRIVATE)
