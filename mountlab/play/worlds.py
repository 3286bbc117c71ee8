"""Machines for a playground: a simulated one, one that begins as a snapshot, or the real kernel's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mountlab.shell.backend import Backend, BackendUnavailableError
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend

if TYPE_CHECKING:
    from mountlab.snapshot import Snapshot

SIMULATOR, KERNEL = "sim", "kernel"
WORLDS = (SIMULATOR, KERNEL)
SNAPSHOT = "snapshot"
"""What the header of a transcript says that goes on where a snapshot was taken."""


class PlayError(Exception):
    """What was asked for cannot be done; the message is for the person who asked."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return [str(self)]


class World(NamedTuple):
    """A machine, and the errors that mean that it is at its end."""

    backend: Backend
    stops: tuple[type[Exception], ...] = ()


def machine(world: str, init: str, snapshot: Snapshot | str | Path | None = None) -> World:
    """A new machine.

    Raises:
        PlayError: when there is none of that kind, with the reason.
    """
    if world not in WORLDS:
        raise PlayError(f"backend={world!r}: there are {' and '.join(WORLDS)}")
    if snapshot is not None:
        return _of_snapshot(world, init, snapshot)
    if init not in INITIAL_STATES:
        known = ", ".join(INITIAL_STATES)
        more = "; give the file with snapshot=" if init == SNAPSHOT else ""
        raise PlayError(f"init={init}: machines that can be started are {known}{more}")
    return _real(init) if world == KERNEL else World(SimulatorBackend(init))


def _of_snapshot(world: str, init: str, snapshot: Snapshot | str | Path) -> World:
    if world == KERNEL:
        raise PlayError("a snapshot's mounts belong to another machine: here they can only be simulated")
    if init != SNAPSHOT:
        raise PlayError(f"init={init}: with snapshot= the machine begins as the snapshot says")
    from mountlab.snapshot import SnapshotError, load, machine  # noqa: PLC0415 - who brings one needs it

    try:
        return World(machine(load(snapshot) if isinstance(snapshot, str | Path) else snapshot))
    except SnapshotError as error:
        raise PlayError(str(error)) from None


def _real(init: str) -> World:
    reason = no_kernel()
    if reason:
        raise PlayError(f"no real kernel here: {reason}")
    from mountlab.kernel.backend import KernelBackend, KernelStoppedError  # noqa: PLC0415 - not in a browser

    try:
        return World(KernelBackend(init), (KernelStoppedError,))
    except (BackendUnavailableError, ValueError) as error:
        raise PlayError(f"no real kernel here: {error}") from None


def no_kernel() -> str | None:
    """Why no real kernel is to be had here; None when there is one."""
    try:
        from mountlab.kernel.probe import probe  # noqa: PLC0415 - a browser tab has no such room
    except ImportError:
        return "this Python cannot start programs"
    found = probe()
    return found.reason if found.kind is None else None
