"""Takes a folder away, as far as that can be done: what is mounted in it stays."""

from __future__ import annotations

import contextlib

from mountlab.containers.world import World
from mountlab.errors import MountError


def remove_folder(world: World, process: str, path: str) -> None:
    """``rm -rf``: errors are passed over, and what cannot be removed stays."""
    with contextlib.suppress(MountError):
        for name in world.listdir(process, path):
            below = f"{path}/{name}"
            if world.kind(process, below) == "dir":
                remove_folder(world, process, below)
            else:
                with contextlib.suppress(MountError):
                    world.unlink(process, below)
        world.rmdir(process, path)
