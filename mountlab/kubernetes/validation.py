"""The API server's verdict on an object: whether it can be read, and what is wrong with it.

Source: kubernetes v1.33, pkg/apis/{core,apps,batch,storage}/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from mountlab.kubernetes.errors import KubernetesError
from mountlab.kubernetes.fielderrors import FieldError, Go, Path, label_errors, refused, subdomain_errors
from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.persistent import claim_errors, persistent_volume_errors
from mountlab.kubernetes.podrules import pod_errors
from mountlab.kubernetes.pods import Pod, pod_of
from mountlab.kubernetes.podsecurity import namespace_errors
from mountlab.kubernetes.schema import decoded

_NO_SELECTOR = (
    "v1.LabelSelector{MatchLabels:map[string]string(nil), "
    "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}"
)


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
