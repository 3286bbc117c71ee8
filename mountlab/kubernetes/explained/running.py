"""A container on a simulated node: its root, containerd's checks, runc's calls, and what came of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mountlab.containers.errors import ContainerError
from mountlab.containers.explained.kin import kin_of
from mountlab.containers.explained.stages import Inside, Told, steps_of
from mountlab.containers.explained.trial import process_sight
from mountlab.containers.ledger import Ledger, Made
from mountlab.containers.oci import Spec
from mountlab.kubernetes.cluster import containerd
from mountlab.kubernetes.containerd import check_of, compiled
from mountlab.kubernetes.cri import CriContainer, CriMount, CriSandbox
from mountlab.kubernetes.daemons import Daemons
from mountlab.kubernetes.explained.chain import Asked, ContainerChain, Refused

_RUNTIME = "runc"


class Started(NamedTuple):
    """What came of a container, and the process that it is; "" where it did not start."""

    chain: ContainerChain
    process: str = ""
    root: str = ""


def start(daemons: Daemons, wanted: CriContainer, sandbox: CriSandbox, chain: ContainerChain) -> Started:
    """Start a container on the node, which is changed by it; every stage is written down.

    Args:
        daemons: of a simulated machine.
        wanted: what the kubelet asks for.
        sandbox: of its pod.
        chain: what is known of it so far.
    """
    world = daemons.world
    name = f"{sandbox.namespace}-{sandbox.name}-{wanted.name}"
    root = containerd.root_of(name)
    made: list[Made] = []
    ledger = Ledger(world, daemons.node(), made)
    try:
        containerd.make_missing(ledger, wanted.mounts, name)
        chain = chain._replace(asked=tuple(_checked(daemons, chain.asked, wanted.mounts)))
        rows = world.mountinfo(daemons.node())
        spec = compiled(wanted, sandbox, rows, root=root, container_id=name, sandbox_id=sandbox.uid)
    except ContainerError as error:
        return Started(chain._replace(refused=Refused("containerd", error.text)))
    chain = chain._replace(told=Told(spec, _because(chain.asked, spec), _RUNTIME))
    process = f":{name}"
    try:
        containerd.run(ledger, wanted, spec, name, process)
    except ContainerError as error:
        return Started(chain._replace(steps=steps_of(made), refused=Refused("runc", error.text)))
    return Started(_with_result(daemons, process, chain._replace(steps=steps_of(made))), process, root)


def _checked(daemons: Daemons, asked: Sequence[Asked], mounts: Sequence[CriMount]) -> Iterator[Asked]:
    """What the manifest asks for, with what containerd looks up for it."""
    rows = daemons.world.mountinfo(daemons.node())
    for index, each in enumerate(asked):
        mount = next(mount for mount in mounts if mount.position == index)
        yield each._replace(cri=mount, check=check_of(mount, rows))


def _because(asked: Iterable[Asked], spec: Spec) -> str:
    """The mount that decided on rootfsPropagation: rshared wins over rslave."""
    wants_shared = spec.rootfs_propagation == "rshared"
    found = (each for each in asked if each.check and each.check.wants_shared == wants_shared)
    return next((each.mount_path for each in found), "")


def _with_result(daemons: Daemons, process: str, chain: ContainerChain) -> ContainerChain:
    """What the mounts inside have to do with the node's, and who sees whose: that is tried."""
    host = daemons.world.mountinfo(daemons.node())
    rows = daemons.world.mountinfo(process)
    places = {posixpath.normpath(each.cri.container_path): each.cri for each in chain.asked if each.cri}
    inside = tuple(
        Inside(row.mountpoint, kin_of(row, host), "ro" in row.options.split(","))
        for row in rows
        if row.mountpoint in places
    )
    sights = tuple(
        process_sight(daemons, process, mount.host_path, path, daemons.node())
        for path, mount in places.items()
        if daemons.world.kind(daemons.node(), mount.host_path) == "dir"
    )
    return chain._replace(mounts=inside, sights=sights)
