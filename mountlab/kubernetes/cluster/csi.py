"""CSI drivers: who on the node mounts a driver's volumes, and in whose namespace.

A driver's node plugin is a pod that has the driver's own folder, plugins/DRIVER of the kubelet, as a
hostPath: there is its socket.  It mounts in the namespace of its own container; only a Bidirectional volume
brings that to the node.  Source: kubernetes v1.33, pkg/volume/csi/csi_mounter.go
(SetUpAt, TearDownAt), csi_plugin.go (RequiresRemount); CSI spec v1.9, NodePublishVolume.

What a driver mounts nobody knows here.  Where the volume's fsType says FUSE, it is a filesystem of FUSE that
the plugin serves, and that is dead when the plugin's container ends; any other is an empty tmpfs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import NamedTuple

from mountlab import model
from mountlab.containers.ledger import Ledger
from mountlab.containers.texts import strerror
from mountlab.containers.world import World, make_directories
from mountlab.errors import MountError
from mountlab.kubernetes.cluster.state import ContainerState, PodState
from mountlab.kubernetes.kubelet import ROOT, KubeletError, Setup

_PLACES = (f"{ROOT}/plugins/", f"{ROOT}/csi-plugins/", f"{ROOT}/plugins/kubernetes.io/csi/")
_FUSE = ("fuse", "juicefs")
"""What fsType says of filesystems that a process serves."""
_FD = "fd=7,rootmode=40000,user_id=0,group_id=0"
"""What such a process hands to mount(2)."""


class Plugin(NamedTuple):
    """A driver's container on the node."""

    pod: PodState
    state: ContainerState


def is_plugin(pod: PodState, driver: str = "") -> bool:
    """Whether a pod is the node plugin of a driver; of any when none is named."""
    return any(
        path.rstrip("/").rpartition("/")[2] == driver or (not driver and path.startswith(_PLACES))
        for path in _paths(pod)
        if path.startswith(_PLACES)
    )


def _paths(pod: PodState) -> list[str]:
    return [each.source.text("path") for each in pod.pod.volumes if each.kind == "hostPath"]


def plugin_of(pods: Iterable[PodState], driver: str) -> Plugin:
    """The running container that mounts for a driver: one with something Bidirectional, or else the first.

    Raises:
        KubeletError: when there is none.
    """
    for pod in pods:
        running = [each for each in pod.regular if each.state == "running"]
        if running and is_plugin(pod, driver):
            tells = (each for each in running if _is_bidirectional(each))
            return Plugin(pod, next(tells, running[0]))
    text = f"driver name {driver} not found in the list of registered CSI drivers"
    raise KubeletError("FailedMount", text)


def _is_bidirectional(state: ContainerState) -> bool:
    return any(mount.propagation == "Bidirectional" for mount in state.container.mounts)


def publish(ledger: Ledger, plugin: Plugin, setup: Setup) -> None:
    """NodePublishVolume: the plugin mounts a volume in its own namespace, over what may be there.

    Args:
        ledger: of a new process in the plugin's container, which has to stay as long as it serves.
        plugin: the driver's container.
        setup: the volume.

    Raises:
        KubeletError: in the driver's words.
    """
    world, process = ledger.world, ledger.process
    if is_fuse(setup):
        kind = setup.fs_type if setup.fs_type.startswith("fuse.") else f"fuse.{setup.fs_type}"
        fstype, data = kind, _FD
    else:
        fstype, data = "tmpfs", ""
    try:
        if not _is_mounted(world, process, setup.path):
            make_directories(world, process, setup.path)
        source = f"{setup.source}:{plugin.pod.name}"
        ledger.mount("csi.publish", source, setup.path, fstype, 0, data)
    except MountError as error:
        said = f"rpc error: code = Internal desc = mount {setup.path}: {strerror(error)}"
        text = f'MountVolume.SetUp failed for volume "{setup.inner_name}" : {said}'
        raise KubeletError("FailedMount", text) from None


def is_fuse(setup: Setup) -> bool:
    """Whether a process serves what is mounted."""
    return setup.fs_type.startswith("fuse.") or setup.fs_type in _FUSE


def unpublish(ledger: Ledger, setup: Setup) -> None:
    """NodeUnpublishVolume: the plugin unmounts all that lies there."""
    while _is_mounted(ledger.world, ledger.process, setup.path):
        ledger.umount("csi.unpublish", setup.path, model.MNT_DETACH)
    with contextlib.suppress(MountError):
        ledger.world.rmdir(ledger.process, setup.path)


def is_healthy(world: World, process: str, setup: Setup) -> bool:
    """Whether a volume is mounted there, and answers."""
    try:
        world.listdir(process, setup.path)
    except MountError:
        return False
    return _is_mounted(world, process, setup.path)


def _is_mounted(world: World, process: str, path: str) -> bool:
    return any(row.mountpoint == path for row in world.mountinfo(process))
