"""The API server's rules for a pod's spec, in its own words.

Source: kubernetes v1.33, pkg/apis/core/validation/validation.go at commit 000f26050b9b: ValidatePodSpec,
validateContainerCommon, ValidateVolumeMounts, ValidateVolumeDevices, validateMountPropagation,
validateMountRecursiveReadOnly, validateHostUsers.  Some fields of a volumeMount are named without its number
there, and so they are here: spec.containers[0].volumeMounts.mountPropagation.

What says nothing about mounts is not checked: ports, environment, probes, resources, affinity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mountlab.kubernetes.fielderrors import FieldError, Go, Path, label_errors
from mountlab.kubernetes.pods import Container, Pod, Volume, VolumeMount
from mountlab.kubernetes.sources import descending_errors
from mountlab.kubernetes.volumes import volume_errors

MODES = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_NOT_FOR_INIT = "may not be set for init containers without restartPolicy=Always"
_NOT_BLOCK = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
_UNPRIVILEGED = "Bidirectional mount propagation is available only to privileged containers"


def pod_errors(pod: Pod, field: str = "") -> Iterator[FieldError]:
    """What is wrong with a pod's spec.

    Args:
        pod: the pod.
        field: how errors call its spec, where that is not its path in the manifest.
    """
    path = Path(field or pod.path, pod.path)
    volumes, errors = volume_errors(pod, path.child("volumes"))
    yield from errors
    if not pod.containers:
        yield path.child("containers").required()
    names: set[str] = set()
    for container in pod.containers:
        here = path.child("containers").at(container.position)
        yield from _container_errors(container, volumes, here, pod)
        if container.name in names:
            yield here.child("name").duplicate(container.name)
        names.add(container.name)
        if container.node.get("restartPolicy"):
            yield here.child("restartPolicy").forbidden("may not be set for non-init containers")
    for container in pod.init_containers:
        here = path.child("initContainers").at(container.position)
        yield from _container_errors(container, volumes, here, pod)
        yield from _restart_always_errors(container, here)
        if container.name in names:
            yield here.child("name").duplicate(container.name)
        elif container.name:
            names.add(container.name)
        yield from _init_errors(container, here)
    policy = pod.spec.text("restartPolicy")
    if policy and policy not in _RESTART_POLICIES:
        yield path.child("restartPolicy").unsupported(policy, _RESTART_POLICIES)
    yield from _host_users_errors(pod, path)
    if pod.kind == "Pod" or field:
        yield from _only_in_pods(pod, path)


def _only_in_pods(pod: Pod, path: Path) -> Iterator[FieldError]:
    """What is looked at in pods, and not in the templates of pods."""
    for container in (*pod.containers, *pod.init_containers):
        if container.image != container.image.strip():
            spot = path.child(container.list_name).at(container.position).child("image")
            yield spot.invalid(container.image, "must not have leading or trailing whitespace")
    if pod.ephemeral_containers:
        yield path.child("ephemeralContainers").forbidden("cannot be set on create")


def _restart_always_errors(container: Container, path: Path) -> Iterator[FieldError]:
    policy = container.node.text("restartPolicy")
    if container.node.get("restartPolicy") and policy != "Always":
        yield path.child("restartPolicy").unsupported(policy, ("Always",))


def _init_errors(container: Container, path: Path) -> Iterator[FieldError]:
    if container.is_sidecar:
        return
    for name in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
        if container.node.get(name):
            yield path.child(name).forbidden(_NOT_FOR_INIT)


def _container_errors(
    container: Container, volumes: Mapping[str, Volume], path: Path, pod: Pod
) -> Iterator[FieldError]:
    if not container.name:
        yield path.child("name").required()
    else:
        yield from label_errors(container.name, path.child("name"))
    if not container.image:
        yield path.child("image").required()
    yield from _mounts_errors(container, volumes, path.child("volumeMounts"))
    yield from _devices_errors(container, volumes, path.child("volumeDevices"))
    policy = container.node.text("imagePullPolicy")
    if policy and policy not in _PULL_POLICIES:
        yield path.child("imagePullPolicy").unsupported(policy, _PULL_POLICIES)
    yield from _security_errors(container, path.child("securityContext"), pod)


def _mounts_errors(container: Container, volumes: Mapping[str, Volume], path: Path) -> Iterator[FieldError]:
    places: set[str] = set()
    devices = {each.text("name"): each.text("devicePath") for each in container.node.items("volumeDevices")}
    for index, mount in enumerate(container.mounts):
        here = path.at(index)
        if not mount.name:
            yield here.child("name").required()
        if mount.name not in volumes:
            yield here.child("name").not_found(mount.name)
        if not mount.mount_path:
            yield here.child("mountPath").required()
        if mount.mount_path in places:
            yield here.child("mountPath").invalid(mount.mount_path, "must be unique")
        places.add(mount.mount_path)
        if mount.name in devices:
            yield here.child("name").invalid(mount.name, "must not already exist in volumeDevices")
        if mount.mount_path in devices.values():
            spot = here.child("mountPath")
            yield spot.invalid(mount.mount_path, "must not already exist as a path in volumeDevices")
        yield from _sub_path_errors(mount, here, path)
        yield from _propagation_errors(mount, container, path.child("mountPropagation"), here)
        yield from _recursive_errors(mount, path.child("recursiveReadOnly"), here)


def _sub_path_errors(mount: VolumeMount, here: Path, path: Path) -> Iterator[FieldError]:
    if mount.sub_path:
        spot = path.child("subPath").meaning(here.child("subPath"))
        yield from descending_errors(mount.sub_path, spot)
    if mount.sub_path_expr:
        if mount.sub_path:
            exclusive = "subPathExpr and subPath are mutually exclusive"
            yield here.child("subPathExpr").invalid(mount.sub_path_expr, exclusive)
        spot = path.child("subPathExpr").meaning(here.child("subPathExpr"))
        yield from descending_errors(mount.sub_path_expr, spot)


def _propagation_errors(
    mount: VolumeMount, container: Container, path: Path, here: Path
) -> Iterator[FieldError]:
    if mount.propagation is None:
        return
    spot = path.meaning(here.child("mountPropagation"))
    if mount.propagation not in MODES:
        yield spot.unsupported(mount.propagation, MODES)
    if mount.propagation == "Bidirectional" and not container.is_privileged:
        yield spot.forbidden(_UNPRIVILEGED)


def _recursive_errors(mount: VolumeMount, path: Path, here: Path) -> Iterator[FieldError]:
    wanted = mount.recursive_read_only
    if wanted is None or wanted == "Disabled":
        return
    spot = path.meaning(here.child("recursiveReadOnly"))
    if wanted not in _RECURSIVE:
        yield spot.unsupported(wanted, _RECURSIVE)
        return
    if not mount.read_only:
        yield spot.forbidden("may only be specified when readOnly is true")
    if mount.propagation not in {None, "None"}:
        yield spot.forbidden("may only be specified when mountPropagation is None or not specified")


def _devices_errors(container: Container, volumes: Mapping[str, Volume], path: Path) -> Iterator[FieldError]:
    """Volumes as block devices: only claims can be."""
    mounts = {each.name: each.mount_path for each in container.mounts}
    names, places = set[str](), set[str]()
    for index, device in enumerate(container.node.items("volumeDevices")):
        name, place = device.text("name"), device.text("devicePath")
        spot, where = path.at(index).child("name"), path.at(index).child("devicePath")
        if not name:
            yield spot.required()
        if name in names:
            yield spot.invalid(name, "must be unique")
        volume = volumes.get(name)
        if volume is None:
            yield spot.not_found(name)
        elif not volume.claim:
            yield spot.invalid(name, _NOT_BLOCK)
        if not place:
            yield where.required()
        if place in places:
            yield where.invalid(place, "must be unique")
        if ".." in place.split("/"):
            yield where.invalid(place, "can not contain backsteps ('..')")
        else:
            places.add(place)
        if name in mounts:
            yield spot.invalid(name, "must not already exist in volumeMounts")
        if place in mounts.values():
            yield where.invalid(place, "must not already exist as a path in volumeMounts")
        names |= {name} - {""}


def _security_errors(container: Container, path: Path, pod: Pod) -> Iterator[FieldError]:
    """An escalation that is forbidden and granted at once; Go prints addresses of memory there, we dots."""
    if container.security.text("procMount") == "Unmasked" and pod.has_host_users:
        text = "`hostUsers` must be false to use `Unmasked`"
        yield path.child("procMount").invalid("Unmasked", text)
    if container.security.flag("allowPrivilegeEscalation") is not False:
        return
    text = "cannot set `allowPrivilegeEscalation` to false and"
    value = Go("core.SecurityContext{...}")
    if container.is_privileged:
        yield path.invalid(value, f"{text} `privileged` to true")
    capabilities = container.security.get("capabilities")
    added = [str(each.value) for each in capabilities.items("add")] if capabilities else []
    for _ in range(added.count("CAP_SYS_ADMIN")):
        yield path.invalid(value, f"{text} `capabilities.Add` CAP_SYS_ADMIN")


def _host_users_errors(pod: Pod, path: Path) -> Iterator[FieldError]:
    if pod.has_host_users:
        return
    for field, name in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
        if pod.spec.flag(field):
            yield path.child(name).meaning(path.child(field)).forbidden("when `pod.Spec.HostUsers` is false")
