"""What containerd makes of the kubelet's mounts: two checks, and the OCI spec that it hands to runc.

Source: containerd v1.6.20, pkg/cri/opts/spec_linux.go (WithMounts, ensureShared, ensureSharedOrSlave),
pkg/cri/server/container_create_linux.go (containerMounts, containerSpec), oci/mounts.go,
mount/lookup_unix.go.
Held against the real one: tests/containers/recorded/cri.json.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mountlab.containers.errors import ContainerError
from mountlab.containers.oci import OciMount, Spec
from mountlab.containers.places import mount_that_holds
from mountlab.kubernetes.cri import CriContainer, CriMount, CriSandbox, Propagation
from mountlab.mountinfo import MountInfo

UNKNOWN = 2
"""The gRPC status of what containerd has no better word for."""
SANDBOXES = "/run/containerd/io.containerd.grpc.v1.cri/sandboxes"
_WORDS = {
    Propagation.PRIVATE: "rprivate",
    Propagation.HOST_TO_CONTAINER: "rslave",
    Propagation.BIDIRECTIONAL: "rshared",
}
_DEFAULTS = (
    ("/proc", "proc", "proc", "nosuid noexec nodev"),
    ("/dev", "tmpfs", "tmpfs", "nosuid strictatime mode=755 size=65536k"),
    ("/dev/pts", "devpts", "devpts", "nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5"),
    ("/dev/shm", "tmpfs", "shm", "nosuid noexec nodev mode=1777 size=65536k"),  # noqa: S108 - in a container
    ("/dev/mqueue", "mqueue", "mqueue", "nosuid noexec nodev"),
    ("/sys", "sysfs", "sysfs", "nosuid noexec nodev ro"),
    ("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid noexec nodev relatime ro"),
)


class Check(NamedTuple):
    """What containerd looks up before it promises a propagation: the mount that holds a source."""

    source: str
    mounted_on: str
    is_shared: bool
    is_slave: bool
    wants_shared: bool

    @property
    def error(self) -> str:
        """Its words when it refuses; "" when it does not."""
        if self.is_shared or (self.is_slave and not self.wants_shared):
            return ""
        what = "a shared mount" if self.wants_shared else "a shared or slave mount"
        return f'path "{self.source}" is mounted on "{self.mounted_on}" but it is not {what}'


def check_of(mount: CriMount, rows: Sequence[MountInfo]) -> Check | None:
    """The check of one mount in containerd's own mount table; None where nothing is looked up."""
    if mount.propagation == Propagation.PRIVATE:
        return None
    holds = mount_that_holds(rows, posixpath.normpath(mount.host_path))
    return Check(
        mount.host_path,
        holds.mountpoint if holds else "/",
        holds is not None and holds.shared is not None,
        holds is not None and holds.master is not None,
        mount.propagation == Propagation.BIDIRECTIONAL,
    )


def compiled(
    container: CriContainer,
    sandbox: CriSandbox,
    rows: Sequence[MountInfo],
    *,
    root: str,
    container_id: str,
    sandbox_id: str,
) -> Spec:
    """What runc is told.

    Args:
        container: as the kubelet asks for it.
        sandbox: its pod's.
        rows: containerd's own mount table, in which the sources are looked up.
        root: where the container's root is mounted.
        container_id: for messages.
        sandbox_id: under which the pod's files are.

    Raises:
        ContainerError: when containerd refuses; its status is the one of gRPC.
    """
    prefix = f'failed to generate container "{container_id}" spec:'
    if container.is_privileged and not sandbox.is_privileged:
        raise ContainerError(f"{prefix} no privileged container allowed in sandbox", UNKNOWN)
    mounts = _in_order(container, sandbox, sandbox_id)
    propagation = ""
    for mount in mounts:
        check = check_of(mount, rows)
        if check and check.error:
            raise ContainerError(f"{prefix} failed to generate spec: {check.error}", UNKNOWN)
        if check:
            propagation = "rshared" if check.wants_shared else propagation or "rslave"
    return Spec(
        root,
        (*_defaults(mounts, container), *(_entry(mount) for mount in mounts)),
        propagation,
        container.is_root_read_only,
        container.read_only_paths,
        container.masked_paths,
    )


def _in_order(container: CriContainer, sandbox: CriSandbox, sandbox_id: str) -> list[CriMount]:
    """The kubelet's mounts and containerd's own, by the number of names in their path: none hides another."""
    asked = {posixpath.normpath(mount.container_path) for mount in container.mounts}
    own = [mount for mount in _own(container, sandbox, sandbox_id) if mount.container_path not in asked]
    return sorted([*container.mounts, *own], key=lambda mount: _depth(mount.container_path))


def _depth(path: str) -> int:
    return posixpath.normpath(path).count("/")


def _own(container: CriContainer, sandbox: CriSandbox, sandbox_id: str) -> Iterator[CriMount]:
    """What containerd adds: the sandbox's network files, and the pod's shared memory."""
    folder = f"{SANDBOXES}/{sandbox_id}"
    for path in ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf"):
        source = f"{folder}/{path.rpartition('/')[2]}"
        yield CriMount(path, source, container.is_root_read_only, Propagation.PRIVATE, is_fixture=True)
    shm = "/dev/shm"  # noqa: S108 - in a container
    source = shm if sandbox.has_host_ipc else f"{folder}/shm"
    yield CriMount(shm, source, False, Propagation.PRIVATE, is_fixture=True)


def _defaults(mounts: Sequence[CriMount], container: CriContainer) -> Iterator[OciMount]:
    """/proc, /dev and the like, as far as nothing else is asked for at their place."""
    taken = {posixpath.normpath(mount.container_path) for mount in mounts}
    for destination, fstype, source, words in _DEFAULTS:
        if destination in taken or ("/dev" in taken and destination.startswith("/dev/")):
            continue
        options = words.split()
        if container.is_privileged and fstype in {"sysfs", "cgroup"}:
            options = ["rw" if option == "ro" else option for option in options]
        yield OciMount(destination, fstype, source, tuple(options), is_fixture=True)


def _entry(mount: CriMount) -> OciMount:
    options = ("rbind", _WORDS[mount.propagation], "ro" if mount.readonly else "rw")
    return OciMount(mount.container_path, "bind", mount.host_path, options, mount.is_fixture)
