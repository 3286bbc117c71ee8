"""Pod Security admission: what a namespace's labels allow its pods, in the admission's words.

Source: kubernetes/pod-security-admission v0.33.0: admission/admission.go, api/helpers.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mountlab.kubernetes.errors import KubernetesError
from mountlab.kubernetes.fielderrors import FieldError, Path
from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.podchecks import Violation, violations
from mountlab.kubernetes.pods import Pod, pod_of

LABEL = "pod-security.kubernetes.io"
_VERSION = re.compile(r"v1\.([0-9]|[1-9][0-9]*)\Z")
LEVELS = ("privileged", "baseline", "restricted")


class Mode(NamedTuple):
    """What one of the three labels asks for."""

    level: str = "privileged"
    version: str = "latest"

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"


class Policy(NamedTuple):
    """What the labels of a namespace come to."""

    enforce: Mode = Mode()
    audit: Mode = Mode()
    warn: Mode = Mode()


def policy_of(labels: Mapping[str, str]) -> Policy:
    """The policy that labels ask for (PolicyToEvaluate).

    A word that is no level is `restricted` to enforce, and nothing to warn or audit.
    """
    found = {}
    for name in Policy._fields:
        level = labels.get(f"{LABEL}/{name}", "privileged")
        if level not in LEVELS:
            level = "restricted" if name == "enforce" else "privileged"
        found[name] = Mode(level, labels.get(f"{LABEL}/{name}-version", "latest"))
    enforce, warn = found["enforce"], found["warn"]
    has_level = labels.get(f"{LABEL}/enforce") in LEVELS
    if f"{LABEL}/warn" not in labels and has_level:
        is_kept = f"{LABEL}/warn-version" in labels
        if LEVELS.index(enforce.level) > LEVELS.index(warn.level):
            found["warn"] = warn._replace(level=enforce.level) if is_kept else enforce
    return Policy(**found)


def namespace_errors(labels: Mapping[str, str]) -> Iterator[FieldError]:
    """What the API server finds wrong with the labels of a namespace."""
    path = Path("metadata.labels", "metadata.labels")
    for name in Policy._fields:
        level = labels.get(f"{LABEL}/{name}")
        if level is not None and level not in LEVELS:
            yield path.key(f"{LABEL}/{name}").invalid(level, f"must be one of {', '.join(LEVELS)}")
        version = labels.get(f"{LABEL}/{name}-version")
        if version is not None and version != "latest" and not _VERSION.match(version):
            yield path.key(f"{LABEL}/{name}-version").invalid(version, 'must be "latest" or "v1.x"')


class Verdict(NamedTuple):
    """What the admission says."""

    refused: KubernetesError | None
    warnings: tuple[str, ...]
    """Lines that kubectl prints first, with `Warning: ` before each."""
    audit: str
    """What is written into the audit log; "" for nothing."""


def admitted(found: Object, policy: Policy) -> Verdict:
    """Whether a namespace takes an object.

    Only pods are refused.  What makes pods is created with a warning, and its pods are refused later, when
    the controller asks for them.
    """
    pod = pod_of(found)
    if pod is None:
        return Verdict(None, (), "")
    audit = violations(pod, policy.audit.level)
    said = f'would violate PodSecurity "{policy.audit}": {_listed(audit)}' if audit else ""
    enforced = violations(pod, policy.enforce.level) if found.kind == "Pod" else ()
    if enforced:
        head = f'Error from server (Forbidden): error when creating "{found.source}":'
        text = f"{head} {forbidden(pod, policy)}"
        spots = dict.fromkeys(f"{pod.path}.{spot}" for each in enforced for spot in each.spots)
        return Verdict(KubernetesError(text, [found.place(spot) for spot in spots]), (), said)
    warned = violations(pod, policy.warn.level)
    warnings = (f'would violate PodSecurity "{policy.warn}": {_listed(warned)}',) if warned else ()
    return Verdict(None, warnings, said)


def forbidden(pod: Pod, policy: Policy, name: str = "") -> str:
    """The server's own words; a controller's event has them, too, after `Error creating: `."""
    listed = _listed(violations(pod, policy.enforce.level))
    return f'pods "{name or pod.name}" is forbidden: violates PodSecurity "{policy.enforce}": {listed}'


def _listed(found: Iterable[Violation]) -> str:
    return ", ".join(str(each) for each in found)
