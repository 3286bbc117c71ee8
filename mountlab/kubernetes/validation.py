"""The API server's rules for a pod, in its own words.

Source: kubernetes v1.33, pkg/apis/core/validation/validation.go at commit 000f26050b9b: ValidatePodSpec,
validateContainerCommon, ValidateVolumeMounts, validateMountPropagation, validateMountRecursiveReadOnly,
validateHostUsers; pkg/apis/{apps,batch,storage}/validation/validation.go for what holds a pod.  Some fields
of a volumeMount are named without its number there, and so they are here:
spec.containers[0].volumeMounts.mountPropagation.

What says nothing about mounts is not checked: ports, environment, probes, resources, affinity.
"""

from __future__ import annotations

from collections.abc import Iterator

from mountlab.kubernetes.errors import KubernetesError
from mountlab.kubernetes.fielderrors import FieldError, Go, Path, label_errors, refused, subdomain_errors
from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.pods import Container, Pod, VolumeMount, pod_of
from mountlab.kubernetes.podsecurity import namespace_errors
from mountlab.kubernetes.schema import decoded
from mountlab.kubernetes.volumes import (
    claim_errors,
    descending_errors,
    persistent_volume_errors,
    volume_errors,
)

MODES = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_NO_SELECTOR = (
    "v1.LabelSelector{MatchLabels:map[string]string(nil), "
    "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}"
)
_NOT_FOR_INIT = "may not be set for init containers without restartPolicy=Always"
_UNPRIVILEGED = "Bidirectional mount propagation is available only to privileged containers"


def undecodable(found: Object) -> KubernetesError | None:
    """What kubectl prints when the API server cannot read an object; None when it can."""
    result = decoded(found.node, found.type_name) if found.is_played else None
    if result is None or not (result.mistyped or result.unknown):
        return None
    faults = (result.mistyped,) if result.mistyped else result.unknown
    told = ", ".join(fault.text for fault in faults)
    if not result.mistyped:
        told = f"strict decoding error: {told}"
    version = found.api_version.rpartition("/")[2]
    text = (
        f'Error from server (BadRequest): error when creating "{found.source}": {found.kind} in version '
        f'"{version}" cannot be handled as a {found.kind}: {told}'
    )
    places = [
        found.place(fault.path)._replace(line=fault.line, column=fault.column, what=fault.hint)
        for fault in faults
    ]
    return KubernetesError(text, places)


def invalid(found: Object) -> KubernetesError | None:
    """What kubectl prints for an object that the API server finds invalid; None for a valid one."""
    return refused(found, errors_of(found)) if found.is_played else None


def errors_of(found: Object) -> Iterator[FieldError]:
    """What is wrong with an object, in the API server's order."""
    spec_path = Path("spec", "spec")
    spec = found.node.get("spec") or Node({}, found.line, 0)
    yield from _name_errors(found)
    pod = pod_of(found)
    if pod is not None:
        yield from _holder_errors(found, pod, spec)
        if found.kind != "StatefulSet":  # its template is looked at when a pod is made of it
            yield from pod_errors(pod)
        yield from _restart_errors(pod)
    elif found.kind == "PersistentVolume":
        yield from persistent_volume_errors(spec, spec_path)
    elif found.kind == "PersistentVolumeClaim":
        yield from claim_errors(spec, spec_path)
    elif found.kind == "Namespace":
        yield from namespace_errors(found.labels)
    elif found.kind == "StorageClass" and not found.node.text("provisioner"):
        yield Path("provisioner", "provisioner").required()


def _name_errors(found: Object) -> Iterator[FieldError]:
    path = Path("metadata.name", "metadata.name")
    if not found.name:
        yield path.required("name or generateName is required")
    elif found.kind == "Namespace":
        yield from label_errors(found.name, path)
    else:
        yield from subdomain_errors(found.name, path)


def _holder_errors(found: Object, pod: Pod, spec: Node) -> Iterator[FieldError]:
    """Of a controller: its selector, which must find the pods of its template."""
    if found.kind in {"Pod", "Job", "CronJob"}:
        return
    path = Path("spec", "spec")
    selector = spec.get("selector")
    if selector is None and found.kind != "DaemonSet":
        yield path.child("selector").required()
    wanted = _words(selector, "matchLabels")
    has_expressions = bool(selector and selector.items("matchExpressions"))
    labels = _words(pod.metadata, "labels")
    if selector is None or not wanted.items() <= labels.items():
        shown = ", ".join(f'"{key}":"{value}"' for key, value in sorted(labels.items()))
        spot = path.child("template", "metadata", "labels")
        said = f"map[string]string{{{shown}}}" if labels else "map[string]string(nil)"
        yield spot.invalid(Go(said), "`selector` does not match template `labels`")
    if selector is not None and not wanted and not has_expressions:
        said = f"empty selector is invalid for {found.kind.lower()}"
        yield path.child("selector").invalid(Go(_NO_SELECTOR), said)


def _words(node: Node | None, name: str) -> dict[str, str]:
    return {key: str(each.value) for key, each in node.fields(name).items()} if node else {}


def _restart_errors(pod: Pod) -> Iterator[FieldError]:
    """What holds a pod may allow one policy only."""
    policy = pod.spec.text("restartPolicy") or "Always"
    path = Path(pod.path, pod.path).child("restartPolicy")
    if pod.kind in {"Job", "CronJob"}:
        if policy == "Always":
            yield path.required('valid values: "OnFailure", "Never"')
    elif pod.kind != "Pod" and policy != "Always":
        yield path.unsupported(policy, ("Always",))


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
        yield from _container_errors(container, volumes, here)
        if container.name in names:
            yield here.child("name").duplicate(container.name)
        names.add(container.name)
        if container.node.get("restartPolicy"):
            yield here.child("restartPolicy").forbidden("may not be set for non-init containers")
    for container in pod.init_containers:
        here = path.child("initContainers").at(container.position)
        yield from _container_errors(container, volumes, here)
        yield from _init_errors(container, here)
        if container.name in names:
            yield here.child("name").duplicate(container.name)
        elif container.name:
            names.add(container.name)
    for container in pod.ephemeral_containers:
        here = path.child("ephemeralContainers").at(container.position)
        yield from _container_errors(container, volumes, here)
    policy = pod.spec.text("restartPolicy")
    if policy and policy not in _RESTART_POLICIES:
        yield path.child("restartPolicy").unsupported(policy, _RESTART_POLICIES)
    yield from _host_users_errors(pod, path)


def _init_errors(container: Container, path: Path) -> Iterator[FieldError]:
    policy = container.node.text("restartPolicy")
    if container.node.get("restartPolicy") and policy != "Always":
        yield path.child("restartPolicy").unsupported(policy, ("Always",))
    if policy == "Always":
        return
    for name in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
        if container.node.get(name):
            yield path.child(name).forbidden(_NOT_FOR_INIT)


def _container_errors(container: Container, volumes: frozenset[str], path: Path) -> Iterator[FieldError]:
    if not container.name:
        yield path.child("name").required()
    else:
        yield from label_errors(container.name, path.child("name"))
    if not container.image:
        yield path.child("image").required()
    yield from _mounts_errors(container, volumes, path.child("volumeMounts"))
    policy = container.node.text("imagePullPolicy")
    if policy and policy not in _PULL_POLICIES:
        yield path.child("imagePullPolicy").unsupported(policy, _PULL_POLICIES)
    yield from _security_errors(container, path.child("securityContext"))


def _mounts_errors(container: Container, volumes: frozenset[str], path: Path) -> Iterator[FieldError]:
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


def _security_errors(container: Container, path: Path) -> Iterator[FieldError]:
    """An escalation that is forbidden and granted at once; Go prints addresses of memory there, we dots."""
    if container.security.flag("allowPrivilegeEscalation") is not False:
        return
    text = "cannot set `allowPrivilegeEscalation` to false and"
    value = Go("core.SecurityContext{...}")
    if container.is_privileged:
        yield path.invalid(value, f"{text} `privileged` to true")
    capabilities = container.security.get("capabilities")
    added = [str(each.value) for each in capabilities.items("add")] if capabilities else []
    if "CAP_SYS_ADMIN" in added:
        yield path.invalid(value, f"{text} `capabilities.Add` CAP_SYS_ADMIN")


def _host_users_errors(pod: Pod, path: Path) -> Iterator[FieldError]:
    if pod.has_host_users:
        return
    for field, name in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
        if pod.spec.flag(field):
            yield path.child(name).meaning(path.child(field)).forbidden("when `pod.Spec.HostUsers` is false")
