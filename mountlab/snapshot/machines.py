"""Makes a simulated machine out of a snapshot: it begins in the state that the tables show."""

from __future__ import annotations

from typing import NamedTuple

from mountlab.quirks import MODELLED_KERNEL, quirks_of
from mountlab.shell.simbackend import SimulatorBackend, Start
from mountlab.snapshot import words
from mountlab.snapshot.build import build
from mountlab.snapshot.format import Snapshot

INIT = "snapshot"
"""What the initial state of such a machine is called (`Simulator.init`)."""
OLDEST_KERNEL = "5.15"


class Kernel(NamedTuple):
    """The version to simulate, and why it is not the snapshot's own."""

    version: str
    remark: str | None


def machine(snapshot: Snapshot) -> SimulatorBackend:
    """A machine whose initial state is the snapshot, with a terminal for each view of each namespace.

    Mounts and peer groups have the numbers of the file.  What stands in the way of that, and what tables
    cannot tell, is in `limits`.

    Raises:
        SnapshotError: for tables that cannot be (mounts that stand on each other in a circle).
    """
    kernel = _kernel(snapshot)
    built = build(snapshot, quirks_of(kernel.version))
    return SimulatorBackend(INIT, kernel.version, Start(built.vfs, built.terminals, built.first_command))


def limits(snapshot: Snapshot) -> list[str]:
    """What the machine made of this snapshot does not know, or does not show as the tables do."""
    kernel = _kernel(snapshot)
    built = build(snapshot, quirks_of(kernel.version))
    return [*([kernel.remark] if kernel.remark else []), *built.remarks, *words.LIMITS]


def _kernel(snapshot: Snapshot) -> Kernel:
    version = snapshot.kernel or MODELLED_KERNEL
    try:
        quirks_of(version)
        return Kernel(version, None)
    except ValueError:
        pass
    major, _, minor = version.partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        return Kernel(MODELLED_KERNEL, None)
    if (int(major), int(minor)) < tuple(int(part) for part in OLDEST_KERNEL.split(".")):
        return Kernel(OLDEST_KERNEL, words.OLDER_KERNEL.format(version=version, used=OLDEST_KERNEL))
    return Kernel(MODELLED_KERNEL, words.NEWER_KERNEL.format(version=version, used=MODELLED_KERNEL))
