"""Takes a folder away, with what is in it: also with what is in the mounts below it.

A mountpoint itself cannot be removed.  What is in the mount there is gone by then: so does
``docker volume rm`` too, and it was tried with the real one.
"""

from __future__ import annotations

from collections.abc import Callable

from mountlab import model
from mountlab.containers.world import World
from mountlab.errors import MountError

Failure = tuple[str, MountError]
"""What could not be removed, and why."""


def remove_folder(world: World, process: str, path: str, *, unmount: bool = False) -> Failure | None:
    """``rm -rf`` as Go's os.RemoveAll does it: it goes on after an error, and tells the first.

    Args:
        world: the machine.
        process: who removes.
        path: the folder.
        unmount: take away a mount that is in the way (moby v20.10.24, pkg/system/rm.go: EnsureRemoveAll).
    """
    try:
        names = world.listdir(process, path)
    except MountError:
        return None
    first = None
    for name in names:
        below = f"{path}/{name}"
        if world.kind(process, below) == "dir":
            first = first or remove_folder(world, process, below, unmount=unmount)
        else:
            first = first or _tried(below, lambda: world.unlink(process, below))  # noqa: B023 - called at once
    last = _tried(path, lambda: world.rmdir(process, path))
    if last is not None and last[1].errno == "EBUSY" and unmount:
        world.umount(process, path, model.MNT_DETACH)
        return remove_folder(world, process, path, unmount=True)
    return first or last


def _tried(path: str, remove: Callable[[], None]) -> Failure | None:
    try:
        remove()
    except MountError as error:
        return path, error
    return None
