"""What makes pods: how many of them it wants, and when a pod is no longer as its template says.

Real names end in random letters; ours in a number, so that they can be typed: agent-1.  A StatefulSet's pods
are called db-0, db-1 … as in life.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from mountlab.kubernetes.errors import Place
from mountlab.kubernetes.fielderrors import aggregated
from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.podrules import pod_errors
from mountlab.kubernetes.pods import Pod, pod_of
from mountlab.kubernetes.podsecurity import Policy, admitted, forbidden
from mountlab.kubernetes.validation import errors_of

SOURCES: Final = {
    "DaemonSet": "daemonset-controller",
    "Deployment": "replicaset-controller",
    "ReplicaSet": "replicaset-controller",
    "StatefulSet": "statefulset-controller",
    "Job": "job-controller",
}
"""Who tells of the failures of each kind."""
MAKERS: Final = frozenset(SOURCES)
"""Kinds that make pods here; a CronJob would have to wait for its hour."""
_NUMBERS: Final = {"Job": "completions", "DaemonSet": ""}
_MOST: Final = 20
"""More pods than this nobody looks at."""


def wanted(found: Object) -> int:
    """How many pods an object wants on one node."""
    field = _NUMBERS.get(found.kind, "replicas")
    spec = found.node.get("spec")
    number = spec.number(field) if spec and field else None
    return 1 if number is None else max(0, min(number, _MOST))


def is_outdated(before: Object, now: Object) -> bool:
    """Whether a pod was made of another template; a Job's template never changes."""
    first, second = pod_of(before), pod_of(now)
    return bool(first and second) and _template(before) != _template(now)


def _template(found: Object) -> object:
    template = found.node.at("spec", "template")
    return template.plain() if template else None


def is_ordered(found: Object) -> bool:
    """Whether each pod waits until those before it run."""
    spec = found.node.get("spec")
    policy = spec.text("podManagementPolicy") if spec else ""
    return found.kind == "StatefulSet" and policy != "Parallel"


def claims_of(found: Object, pod: Pod) -> Iterator[Object]:
    """The claims that a pod has for itself: of a StatefulSet's templates, and of ephemeral volumes.

    Source: kubernetes v1.33, pkg/controller/statefulset/stateful_set_utils.go (getPersistentVolumeClaims),
    pkg/controller/volume/ephemeral/controller.go (handleVolume).

    Args:
        found: the pod, or what it was made of.
        pod: with the name that its claims are called by.
    """
    spec = found.node.get("spec")
    templates = spec.items("volumeClaimTemplates") if spec and found.kind == "StatefulSet" else []
    by_path = {f"spec.volumeClaimTemplates[{at}]": node for at, node in enumerate(templates)}
    for volume in pod.volumes:
        template = by_path.get(volume.path) or volume.source.get("volumeClaimTemplate")
        if template is not None and volume.claim:
            name = Node(volume.claim, template.line, 0)
            fields = {"metadata": Node({"name": name}, template.line, 0)}
            fields |= {"spec": template.get("spec") or Node({}, template.line, 0)}
            node = Node(fields, template.line, 0)
            kind = "PersistentVolumeClaim"
            yield Object("v1", kind, volume.claim, found.namespace, node, found.source, template.line)


class NotMade(NamedTuple):
    """Why the API server takes a pod, or a claim of it, from nobody."""

    text: str
    """What the controller's event says."""
    places: tuple[Place, ...]


def not_made(found: Object, name: str, policy: Policy) -> NotMade | None:
    """Why a controller cannot make the pod that it wants; None when it can.

    Source: kubernetes v1.33, pkg/controller/statefulset/stateful_pod_control.go (CreateStatefulPod,
    recordPodEvent), pkg/controller/controller_utils.go (createPods).
    """
    pod = pod_of(found, name)
    if pod is None:
        return None
    if found.kind != "StatefulSet":
        is_refused = admitted(as_pod(found), policy).refused
        return NotMade(f"Error creating: {forbidden(pod, policy, name)}", ()) if is_refused else None
    head = f"create Pod {name} in StatefulSet {found.name} failed error:"
    for claim in claims_of(found, pod):
        if wrong := list(errors_of(claim)):
            text = f'PersistentVolumeClaim "{claim.name}" is invalid: {aggregated(wrong)}'
            return NotMade(f"{head} failed to create PVC {claim.name}: {text}", (claim.place(wrong[0].spot),))
    if wrong := list(pod_errors(pod, "spec")):
        places = tuple(found.place(spot) for spot in dict.fromkeys(each.spot for each in wrong))
        return NotMade(f'{head} Pod "{name}" is invalid: {aggregated(wrong)}', places)
    is_refused = admitted(as_pod(found), policy).refused
    return NotMade(f"{head} {forbidden(pod, policy, name)}", ()) if is_refused else None


def as_pod(found: Object) -> Object:
    """The pod of a template, as its controller asks the API server for it."""
    template = found.node.at("spec", "template") or Node({}, found.line, 0)
    return found._replace(kind="Pod", api_version="v1", node=template)
