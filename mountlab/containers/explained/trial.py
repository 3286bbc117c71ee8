"""Who sees whose later mounts: tried, on a copy of the machine.

A copy can be made of simulated machines only.  What is mounted for the trial is mounted by processes of the
host's administrator that entered the namespace, since a container may not mount unless it was allowed to.
"""

from __future__ import annotations

import copy
from dataclasses import replace

from mountlab.containers.daemons import Daemons
from mountlab.containers.docker.daemon import Dockerd
from mountlab.containers.docker.state import Container
from mountlab.containers.errors import ContainerError
from mountlab.containers.explained.stages import Sight
from mountlab.containers.world import FIRST, World
from mountlab.errors import MountError

_GUEST = ":tries"
_FROM_HOST, _FROM_DOCKERD, _FROM_INSIDE = (f"tried-from-{who}" for who in ("host", "dockerd", "inside"))


def namespaces_differ(world: World, one: str, other: str) -> bool:
    """Whether two processes are in different mount namespaces: the mounts have different numbers."""
    first, second = ({row.mount_id for row in world.mountinfo(process)} for process in (one, other))
    return not first & second


def container_sight(daemons: Daemons, name: str, outside: str, inside: str) -> Sight:
    """Try it for one place of a running container.

    Args:
        daemons: of a simulated machine; it is left as it is.
        name: of the container.
        outside: the source, a path of the host.
        inside: the same directory in the container.
    """
    own = copy.deepcopy(daemons)
    dockerd = own.dockerd
    assert dockerd is not None  # noqa: S101 - there is a container
    container = dockerd.containers[name]
    second = _second(dockerd, container)
    sight = _tried(own.world, dockerd.process, container.process, Sight(outside, inside))
    if second is not None and sight.inside_to_host is not None:
        sight = sight._replace(inside_to_second=_has(own.world, second.process, inside, _FROM_INSIDE))
    return sight


def process_sight(daemons: Daemons, process: str, outside: str, inside: str, host: str = FIRST) -> Sight:
    """Try it for a directory that a process has inside and the host outside, as a unit's or a pod's.

    Args:
        daemons: of a simulated machine; it is left as it is.
        process: the one inside.
        outside: a path of the host.
        inside: the same directory, as the process sees it.
        host: a process of the host; that of a node in a container is not the machine's first.
    """
    return _tried(copy.deepcopy(daemons).world, host, process, Sight(outside, inside), host)


def _second(dockerd: Dockerd, container: Container) -> Container | None:
    """One more container with the same flags, if it starts."""
    try:
        second = dockerd.create(replace(container.settings, name=f"{container.name}-second"))
        dockerd.start(second)
    except ContainerError:
        return None
    return second


def _tried(world: World, maker: str, process: str, sight: Sight, host: str = FIRST) -> Sight:
    """Mount at three new directories of one place, and look who has that mount.

    Args:
        world: it is changed.
        maker: the process that makes the directories, and dockerd where there is one.
        process: the one inside.
        sight: the place.
        host: a process of the host.
    """
    outside, inside = sight.outside, sight.inside
    try:
        for name in (_FROM_HOST, _FROM_DOCKERD, _FROM_INSIDE):
            world.mkdir(maker, _below(outside, name))
    except MountError:
        return sight
    world.fork(FIRST, _GUEST)
    world.setns(_GUEST, process)
    is_told = _mounts(world, host, outside, _FROM_HOST)
    tells = _mounts(world, _GUEST, inside, _FROM_INSIDE)
    sight = sight._replace(
        host_to_inside=_has(world, process, inside, _FROM_HOST) if is_told else None,
        inside_to_host=_has(world, host, outside, _FROM_INSIDE) if tells else None,
    )
    if namespaces_differ(world, maker, host):
        is_told = _mounts(world, maker, outside, _FROM_DOCKERD)
        sight = sight._replace(
            dockerd_to_inside=_has(world, process, inside, _FROM_DOCKERD) if is_told else None,
            inside_to_dockerd=_has(world, maker, outside, _FROM_INSIDE) if tells else None,
        )
    return sight


def _mounts(world: World, process: str, place: str, name: str) -> bool:
    """Mount there; whether that could be done."""
    try:
        world.mount(process, "tried", _below(place, name), "tmpfs", 0)
    except MountError:
        return False
    return True


def _has(world: World, process: str, place: str, name: str) -> bool:
    return any(row.mountpoint == _below(place, name) for row in world.mountinfo(process))


def _below(place: str, name: str) -> str:
    return f"{place.rstrip('/')}/{name}"
