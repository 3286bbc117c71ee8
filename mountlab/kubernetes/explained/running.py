"""A container on a simulated node: its root, containerd's checks, runc's calls, and what came of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mountlab.containers import runc
from mountlab.containers.daemons import Daemons
from mountlab.containers.docker.layers import IMAGE_DIRECTORIES
from mountlab.containers.errors import ContainerError
from mountlab.containers.explained.kin import kin_of
from mountlab.containers.explained.stages import Inside, Told, steps_of
from mountlab.containers.explained.trial import process_sight
from mountlab.containers.ledger import Ledger, Made
from mountlab.containers.oci import Spec
from mountlab.containers.texts import strerror
from mountlab.containers.world import FIRST, make_directories
from mountlab.errors import MountError
from mountlab.kubernetes.containerd import check_of, compiled
from mountlab.kubernetes.cri import CriContainer, CriMount, CriSandbox
from mountlab.kubernetes.explained.chain import Asked, ContainerChain, Refused

_TASKS = "/run/containerd/io.containerd.runtime.v2.task/k8s.io"
_SNAPSHOTS = "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots"
_SHIM_FAILED = "failed to create containerd task: failed to create shim task: OCI runtime create failed:"
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
    root = f"{_TASKS}/{name}/rootfs"
    made: list[Made] = []
    try:
        _make_missing(Ledger(world, FIRST, made), wanted.mounts)
        chain = chain._replace(asked=tuple(_checked(daemons, chain.asked, wanted.mounts)))
        rows = world.mountinfo(FIRST)
        spec = compiled(wanted, sandbox, rows, root=root, container_id=name, sandbox_id=sandbox.uid)
    except ContainerError as error:
        return Started(chain._replace(refused=Refused("containerd", error.text)))
    chain = chain._replace(told=Told(spec, _because(chain.asked, spec), _RUNTIME))
    process = f":{name}"
    world.fork(FIRST, process)
    try:
        _mount_root(Ledger(world, FIRST, made), name, wanted.image, root)
        runc.create(Ledger(world, process, made), spec.without_fixtures())
    except ContainerError as error:
        world.end(process)
        refused = Refused("runc", f"{_SHIM_FAILED} {error.text}: unknown")
        return Started(chain._replace(steps=steps_of(made), refused=refused))
    if not wanted.is_privileged:
        world.drop_administration(process)
    return Started(_with_result(daemons, process, chain._replace(steps=steps_of(made))), process, root)


def _make_missing(ledger: Ledger, mounts: Iterable[CriMount]) -> None:
    """containerd makes a directory of what is not there (WithMounts)."""
    for mount in mounts:
        if mount.is_fixture or ledger.world.kind(ledger.process, mount.host_path):
            continue
        try:
            make_directories(ledger.world, ledger.process, mount.host_path)
        except MountError as error:
            head = f'failed to generate spec: failed to mkdir "{mount.host_path}": mkdir {mount.host_path}:'
            raise ContainerError(f"{head} {strerror(error)}", 1) from None


def _checked(daemons: Daemons, asked: Sequence[Asked], mounts: Sequence[CriMount]) -> Iterator[Asked]:
    """What the manifest asks for, with what containerd looks up for it."""
    rows = daemons.world.mountinfo(FIRST)
    for index, each in enumerate(asked):
        mount = next(mount for mount in mounts if mount.position == index)
        yield each._replace(cri=mount, check=check_of(mount, rows))


def _because(asked: Iterable[Asked], spec: Spec) -> str:
    """The mount that decided on rootfsPropagation: rshared wins over rslave."""
    wants_shared = spec.rootfs_propagation == "rshared"
    found = (each for each in asked if each.check and each.check.wants_shared == wants_shared)
    return next((each.mount_path for each in found), "")


def _mount_root(ledger: Ledger, name: str, image: str, root: str) -> None:
    folder = f"{_SNAPSHOTS}/{name}"
    lower = f"{_SNAPSHOTS}/{image.translate(str.maketrans('/:@', '___'))}/fs"
    try:
        in_image = (f"{lower}/{each}" for each in IMAGE_DIRECTORIES)
        for path in (f"{folder}/fs", f"{folder}/work", root, *in_image):
            make_directories(ledger.world, ledger.process, path)
        data = f"workdir={folder}/work,upperdir={folder}/fs,lowerdir={lower}"
        ledger.mount("containerd.root", "overlay", root, "overlay", 0, data)
    except MountError as error:
        raise ContainerError(f"failed to mount rootfs component: {strerror(error)}", 1) from None


def _with_result(daemons: Daemons, process: str, chain: ContainerChain) -> ContainerChain:
    """What the mounts inside have to do with the node's, and who sees whose: that is tried."""
    host = daemons.world.mountinfo(FIRST)
    rows = daemons.world.mountinfo(process)
    places = {posixpath.normpath(each.cri.container_path): each.cri for each in chain.asked if each.cri}
    inside = tuple(
        Inside(row.mountpoint, kin_of(row, host), "ro" in row.options.split(","))
        for row in rows
        if row.mountpoint in places
    )
    sights = tuple(
        process_sight(daemons, process, mount.host_path, path)
        for path, mount in places.items()
        if daemons.world.kind(FIRST, mount.host_path) == "dir"
    )
    return chain._replace(mounts=inside, sights=sights)
