"""What the kubelet asks of the container runtime: a sandbox for the pod, and containers with their mounts.

Source: kubernetes v1.33, pkg/kubelet/kubelet_pods.go (makeMounts, translateMountPropagation,
resolveRecursiveReadOnly, makeHostsMount), pkg/kubelet/kuberuntime (kuberuntime_sandbox_linux.go,
kuberuntime_container.go: makeMounts); cri-api v1, runtime/v1/api.proto for the numbers.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

from mountlab.kubernetes.kubelet import KubeletError, Setup, pod_folder, sub_path, uid_of
from mountlab.kubernetes.pods import Container, Pod, VolumeMount

MASKED = (
    "/proc/asound",
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
)
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - a path
_LOG = "/dev/termination-log"


class Propagation(enum.IntEnum):
    """The enum of a CRI mount."""

    PRIVATE = 0
    HOST_TO_CONTAINER = 1
    BIDIRECTIONAL = 2


_MODES = {
    None: Propagation.PRIVATE,
    "None": Propagation.PRIVATE,
    "HostToContainer": Propagation.HOST_TO_CONTAINER,
    "Bidirectional": Propagation.BIDIRECTIONAL,
}


class CriMount(NamedTuple):
    """One entry of ``ContainerConfig.mounts``."""

    container_path: str
    host_path: str
    readonly: bool
    propagation: Propagation
    recursive_read_only: bool = False
    """From the source, not run: the containerd that is modelled does not know it yet."""
    volume: str = ""
    """The pod's volume; "" for what the kubelet adds itself."""
    position: int = -1
    """Which entry of ``volumeMounts`` it comes from."""
    is_fixture: bool = False
    """Every container gets it: /etc/hosts, the termination log, the service account's token."""


class SubPath(NamedTuple):
    """A bind that the kubelet makes on the node before the container is created."""

    source: str
    place: str


class CriContainer(NamedTuple):
    """``ContainerConfig``, as far as it touches mounts."""

    name: str
    image: str
    command: tuple[str, ...]
    args: tuple[str, ...]
    mounts: tuple[CriMount, ...]
    sub_paths: tuple[SubPath, ...]
    is_privileged: bool
    is_root_read_only: bool
    masked_paths: tuple[str, ...]
    read_only_paths: tuple[str, ...]
    may_administer: bool = False
    """Whether it gets CAP_SYS_ADMIN, with which one mounts."""


class CriSandbox(NamedTuple):
    """``PodSandboxConfig``, as far as it touches mounts."""

    name: str
    namespace: str
    uid: str
    is_privileged: bool
    """Whether one of the containers is privileged: the others could not have it otherwise."""
    has_host_ipc: bool
    has_host_network: bool
    has_host_users: bool
    """False with ``hostUsers: false``; from the source, not run."""


def sandbox_of(pod: Pod, name: str, namespace: str) -> CriSandbox:
    """The sandbox of a pod.

    Args:
        pod: the pod, or the template that it is made of.
        name: of this pod.
        namespace: in which it is created.
    """
    return CriSandbox(
        name,
        namespace,
        uid_of(namespace, name),
        any(container.is_privileged for container in pod.all_containers),
        pod.spec.flag("hostIPC") is True,
        pod.spec.flag("hostNetwork") is True,
        pod.has_host_users,
    )


def propagation_of(mode: str | None) -> Propagation:
    """The enum for a mode; nothing and "None" are the same.

    Raises:
        KubeletError: for a word that the API server would not have let through.
    """
    if mode not in _MODES:
        raise KubeletError("Failed", f'invalid MountPropagation mode: "{mode}"')
    return _MODES[mode]


def container_of(
    container: Container,
    sandbox: CriSandbox,
    setups: Mapping[str, Setup],
    *,
    supports_recursive: bool = False,
) -> CriContainer:
    """What the kubelet asks for one container.

    Args:
        container: regular, init or sidecar.
        sandbox: of the pod.
        setups: where the pod's volumes are.
        supports_recursive: whether the runtime can make a mount read-only with what is mounted below.

    Raises:
        KubeletError: when a mount cannot be had.
    """
    mounts: list[CriMount] = []
    sub_paths: list[SubPath] = []
    for index, mount in enumerate(container.mounts):
        setup = setups.get(mount.name)
        if setup is None:
            text = f'cannot find volume "{mount.name}" to mount into container "{container.name}"'
            raise KubeletError("Failed", text)
        host_path = setup.path
        if mount.sub_path:
            source, host_path = sub_path(mount, index, container, setup, sandbox.uid)
            sub_paths.append(SubPath(source, host_path))
        is_recursive = _is_recursive(mount, supports_recursive)
        mounts.append(_mount(mount, index, setup, host_path, is_recursive))
    mounts += _fixtures(container, sandbox, {mount.container_path for mount in mounts})
    is_privileged = container.is_privileged
    is_unmasked = is_privileged or container.security.text("procMount") == "Unmasked"
    return CriContainer(
        container.name,
        container.image,
        container.command,
        container.args,
        tuple(mounts),
        tuple(sub_paths),
        is_privileged,
        container.security.flag("readOnlyRootFilesystem") is True,
        () if is_unmasked else MASKED,
        () if is_unmasked else READ_ONLY,
        container.may_administer,
    )


def _mount(mount: VolumeMount, index: int, setup: Setup, host_path: str, is_recursive: bool) -> CriMount:
    inside = mount.mount_path if mount.mount_path.startswith("/") else f"/{mount.mount_path}"
    return CriMount(
        inside,
        host_path,
        mount.read_only or setup.read_only,
        propagation_of(mount.propagation),
        is_recursive,
        mount.name,
        index,
    )


def _is_recursive(mount: VolumeMount, supports_recursive: bool) -> bool:
    """Whether what is mounted below becomes read-only, too."""
    if mount.recursive_read_only in {None, "Disabled"}:
        return False
    head = "failed to resolve recursive read-only mode:"
    text = f'{head} volume "{mount.name}" requested recursive read-only mode,'
    if not mount.read_only:
        raise KubeletError("Failed", f"{text} but it is not read-only")
    if mount.recursive_read_only == "Enabled" and not supports_recursive:
        raise KubeletError("Failed", f"{text} but it is not supported by the runtime")
    return supports_recursive


def _fixtures(container: Container, sandbox: CriSandbox, taken: set[str]) -> list[CriMount]:
    """What the kubelet, and the admission for service accounts, add to every container."""
    folder = pod_folder(sandbox.uid)
    token = f"{folder}/volumes/kubernetes.io~projected/kube-api-access-{sandbox.uid[:5]}"
    log = f"{folder}/containers/{container.name}/0"
    made = [
        CriMount(_TOKEN, token, readonly=True, propagation=Propagation.PRIVATE, is_fixture=True),
        CriMount("/etc/hosts", f"{folder}/etc-hosts", False, Propagation.PRIVATE, is_fixture=True),
        CriMount(_LOG, log, False, Propagation.PRIVATE, is_fixture=True),
    ]
    return [mount for mount in made if mount.container_path not in taken]
