"""What the API server says of objects whose rules are read from its source, each with its place there.

The rules for pods, PersistentVolumes and claims were run: recorded/apiserver.json.  These were not: they are
those of Kubernetes v1.33.
"""

from __future__ import annotations

from typing import NamedTuple

APPS, BATCH = "pkg/apis/apps/validation/validation.go", "pkg/apis/batch/validation/validation.go"
CORE = "pkg/apis/core/validation/validation.go"


class Text(NamedTuple):
    """An object, and what is said of it."""

    source: str
    """The file in kubernetes/kubernetes, and the function."""
    manifest: str
    errors: tuple[str, ...]


def made(kind: str, spec: str, labels: str = "{a: b}", more: str = "") -> str:
    """What makes pods."""
    version = "batch/v1" if kind == "Job" else "apps/v1"
    pod = f"{{containers: [{{name: c, image: i}}]{more}}}"
    return (
        f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n"
        f"spec: {{{spec}template: {{metadata: {{labels: {labels}}}, spec: {pod}}}}}\n"
    )


_SELECTED = "selector: {matchLabels: {a: b}}, "
_OTHER = "selector: {matchLabels: {a: c}}, "
_EMPTY = (
    "v1.LabelSelector{MatchLabels:map[string]string(nil), "
    "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}"
)
_LABELS = "spec.template.metadata.labels: Invalid value: "
_DIFFERS = "`selector` does not match template `labels`"
_NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {{name: x, labels: {{{labels}}}}}\n"
_ADMISSION = "staging/src/k8s.io/pod-security-admission"

TEXTS: dict[str, Text] = {
    "no selector": Text(
        f"{APPS}: ValidateDeploymentSpec, ValidatePodTemplateSpecForReplicaSet",
        made("Deployment", ""),
        ("spec.selector: Required value", f'{_LABELS}map[string]string{{"a":"b"}}: {_DIFFERS}'),
    ),
    "another selector": Text(
        f"{APPS}: ValidatePodTemplateSpecForStatefulSet",
        made("StatefulSet", _OTHER),
        (f'{_LABELS}map[string]string{{"a":"b"}}: {_DIFFERS}',),
    ),
    "no labels": Text(
        f"{APPS}: ValidateDaemonSetSpec",
        made("DaemonSet", _SELECTED, "{}"),
        (f"{_LABELS}map[string]string(nil): {_DIFFERS}",),
    ),
    "an empty selector": Text(
        f"{APPS}: ValidateDaemonSetSpec",
        made("DaemonSet", "selector: {}, "),
        (f"spec.selector: Invalid value: {_EMPTY}: empty selector is invalid for daemonset",),
    ),
    "a deployment that ends": Text(
        f"{APPS}: ValidatePodTemplateSpecForReplicaSet",
        made("Deployment", _SELECTED, more=", restartPolicy: Never"),
        ('spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',),
    ),
    "a job that does not": Text(
        f"{BATCH}: validateJobSpec",
        made("Job", ""),
        ('spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',),
    ),
    "a class of nobody": Text(
        "pkg/apis/storage/validation/validation.go: validateProvisioner",
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: x}\n",
        ("provisioner: Required value",),
    ),
    "a level that there is not": Text(
        f"{_ADMISSION}/api/helpers.go: ParseLevel",
        _NAMESPACE.format(labels="pod-security.kubernetes.io/enforce: strict"),
        (
            (
                'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": '
                "must be one of privileged, baseline, restricted"
            ),
        ),
    ),
    "a version that there is not": Text(
        f"{_ADMISSION}/api/helpers.go: ParseVersion",
        _NAMESPACE.format(labels="pod-security.kubernetes.io/enforce-version: '1.25'"),
        (
            (
                'metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "1.25": '
                'must be "latest" or "v1.x"'
            ),
        ),
    ),
    "containers of later": Text(
        f"{CORE}: ValidatePodCreate",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n"
        "  containers: [{name: c, image: i}]\n  ephemeralContainers: [{name: d, image: i}]\n",
        ("spec.ephemeralContainers: Forbidden: cannot be set on create",),
    ),
}
