"""containerd on a node: a container's root, the runtime's calls, and the end of both.

Source: containerd v1.6.20, pkg/cri/opts/spec_linux.go (WithMounts), snapshots/overlay/overlay.go,
runtime/v2/runc.  Containers are called after their pods here, and not by 64 digits, so that their paths can
be typed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Protocol

from mountlab import model
from mountlab.containers import runc
from mountlab.containers.docker.layers import IMAGE_DIRECTORIES
from mountlab.containers.errors import ContainerError
from mountlab.containers.folders import remove_folder
from mountlab.containers.ledger import Ledger
from mountlab.containers.oci import Spec
from mountlab.containers.texts import strerror
from mountlab.containers.world import make_directories
from mountlab.errors import MountError
from mountlab.kubernetes.containerd import UNKNOWN, compiled
from mountlab.kubernetes.cri import CriContainer, CriMount, CriSandbox

_TASKS = "/run/containerd/io.containerd.runtime.v2.task/k8s.io"
_SNAPSHOTS = "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots"
_SHIM_FAILED = "failed to create containerd task: failed to create shim task: OCI runtime create failed:"


class Runtime(Protocol):
    """What a kubelet asks of its container runtime: the modelled one here, a real one in `runtimes/`."""

    def create(self, wanted: CriContainer, sandbox: CriSandbox, container_id: str) -> None:
        """Make a container, which is not started yet.  Raises ContainerError with the runtime's words."""

    def start(self, container_id: str, process: str) -> None:
        """Start what was made, with a process of this name.  Raises ContainerError; it is gone then."""

    def stop(self, container_id: str, process: str) -> None:
        """End all of a container's processes and let go of its root; mounts it made elsewhere stay."""

    def remove_sandbox(self, uid: str) -> None:
        """A pod has ended, and none of its containers is left."""


class Containerd:
    """containerd and runc as they are modelled.

    Args:
        ledger: of containerd.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.made: dict[str, tuple[CriContainer, Spec]] = {}
        """What runc is told of each container."""

    def create(self, wanted: CriContainer, sandbox: CriSandbox, container_id: str) -> None:
        """Look the mounts up, and write down what runc will be told."""
        make_missing(self._ledger, wanted.mounts, container_id)
        rows = self._ledger.world.mountinfo(self._ledger.process)
        root = root_of(container_id)
        spec = compiled(wanted, sandbox, rows, root=root, container_id=container_id, sandbox_id=sandbox.uid)
        self.made[container_id] = wanted, spec

    def start(self, container_id: str, process: str) -> None:
        """Mount the root and let runc make the process a container."""
        run(self._ledger, *self.made[container_id], container_id, process)

    def stop(self, container_id: str, process: str) -> None:
        """End its processes."""
        self._ledger.world.end(process)
        _forget(self._ledger, container_id)
        self.made.pop(container_id, None)

    def remove_sandbox(self, uid: str) -> None:
        """A sandbox has no mounts here: fixtures stay out."""


def root_of(container_id: str) -> str:
    """Where a container's root is mounted."""
    return f"{_TASKS}/{container_id}/rootfs"


def make_missing(ledger: Ledger, mounts: Iterable[CriMount], container_id: str) -> None:
    """containerd makes a directory of what is to be bound and is not there.

    Raises:
        ContainerError: when that cannot be done.
    """
    for mount in mounts:
        if mount.is_fixture or ledger.world.kind(ledger.process, mount.host_path):
            continue
        _require_answer(ledger, mount.host_path)
        try:
            make_directories(ledger.world, ledger.process, mount.host_path)
        except MountError as error:
            head = f'failed to generate container "{container_id}" spec: failed to generate spec: failed to'
            text = f'{head} mkdir "{mount.host_path}": mkdir {mount.host_path}: {strerror(error)}'
            raise ContainerError(text, UNKNOWN) from None


def _require_answer(ledger: Ledger, path: str) -> None:
    """What is there and cannot be looked at is not missing: a filesystem of FUSE that nobody serves."""
    try:
        ledger.world.listdir(ledger.process, path)
    except MountError as error:
        if error.errno not in {"ENOENT", "ENOTDIR"}:
            text = f'failed to generate spec: failed to stat "{path}": stat {path}: {strerror(error)}'
            raise ContainerError(text, 1) from None


def run(ledger: Ledger, wanted: CriContainer, spec: Spec, container_id: str, process: str) -> None:
    """Mount the root and let runc make the process a container.

    Args:
        ledger: of containerd.
        wanted: what the kubelet asked for.
        spec: what runc is told.
        container_id: names its folders.
        process: the new one's name.

    Raises:
        ContainerError: the process is then gone; its text is what the kubelet is told.
    """
    world = ledger.world
    world.fork(ledger.process, process)
    try:
        _mount_root(ledger, container_id, wanted.image, spec.root)
        runc.create(Ledger(world, process, ledger.made), spec.without_fixtures())
    except ContainerError as error:
        world.end(process)
        _forget(ledger, container_id)
        raise ContainerError(f"{_SHIM_FAILED} {error.text}: unknown", UNKNOWN) from None
    if not wanted.may_administer:
        world.drop_administration(process)


def _forget(ledger: Ledger, container_id: str) -> None:
    """Unmount a container's root and take its own layer away."""
    with contextlib.suppress(MountError):
        ledger.umount("containerd.root-gone", root_of(container_id), model.MNT_DETACH)
    for folder in (root_of(container_id).removesuffix("/rootfs"), f"{_SNAPSHOTS}/{container_id}"):
        remove_folder(ledger.world, ledger.process, folder)


def _mount_root(ledger: Ledger, container_id: str, image: str, root: str) -> None:
    folder = f"{_SNAPSHOTS}/{container_id}"
    lower = f"{_SNAPSHOTS}/{image.translate(str.maketrans('/:@', '___'))}/fs"
    try:
        in_image = (f"{lower}/{each}" for each in IMAGE_DIRECTORIES)
        for path in (f"{folder}/fs", f"{folder}/work", root, *in_image):
            make_directories(ledger.world, ledger.process, path)
        data = f"workdir={folder}/work,upperdir={folder}/fs,lowerdir={lower}"
        ledger.mount("containerd.root", "overlay", root, "overlay", 0, data)
    except MountError as error:
        raise ContainerError(f"failed to mount rootfs component: {strerror(error)}", 1) from None
