"""What makes pods: how many of them it wants, and when a pod is no longer as its template says.

Real names end in random letters; ours in a number, so that they can be typed: agent-1.  A StatefulSet's pods
are called db-0, db-1 … as in life.
"""

from __future__ import annotations

from typing import Final

from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.pods import pod_of

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


def as_pod(found: Object) -> Object:
    """The pod of a template, as its controller asks the API server for it."""
    template = found.node.at("spec", "template") or Node({}, found.line, 0)
    return found._replace(kind="Pod", api_version="v1", node=template)
