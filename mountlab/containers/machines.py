"""What a machine has on its disk because systemd and Docker are installed on it."""

from __future__ import annotations

from typing import Final

from mountlab.containers.systemd.shipped import DOCKER, DOCKER_1_10, unit_file
from mountlab.containers.world import FIRST, World, make_directories

_UNITS: Final = {"systemd": DOCKER, "docker-1.10": DOCKER_1_10, "k3d": DOCKER, "wsl2": DOCKER}
_VENDOR, _ADMINISTRATOR = "/usr/lib/systemd/system", "/etc/systemd/system"


def has_systemd(init: str) -> bool:
    """Whether the first process of that machine is systemd."""
    return init in _UNITS


def install(world: World) -> None:
    """Put the unit files of the machine where distributions put them."""
    if world.init not in _UNITS:
        return
    for folder in (_VENDOR, _ADMINISTRATOR):
        make_directories(world, FIRST, folder)
    world.write(FIRST, f"{_VENDOR}/docker.service", unit_file(_UNITS[world.init]))
