"""The API server's rules in its own words.

Expected texts: kubernetes v1.33, pkg/apis/core/validation/validation.go (commit 000f26050b9b) and
apimachinery v0.33.0, pkg/util/validation; where people have shown what they got, that is named.
"""

from __future__ import annotations

import pytest

from mountlab.kubernetes.fielderrors import FieldError, refused
from mountlab.kubernetes.validation import invalid
from tests.kubernetes.helpers import RECORDED, only, pod_text, said

PRIVILEGED = "securityContext: {privileged: true}"
UNPRIVILEGED = "Forbidden: Bidirectional mount propagation is available only to privileged containers"


def mounts(*entries: str, container: str = "", volumes: str = "[{name: v, emptyDir: {}}]") -> str:
    """A pod with one container that mounts these."""
    listed = ", ".join(f"{{{entry}}}" for entry in entries)
    extra = f"{container}, " if container else ""
    inner = f"{{name: c, image: i, {extra}volumeMounts: [{listed}]}}"
    return pod_text(f"  containers: [{inner}]\n  volumes: {volumes}")


def test_a_pod_may_be_as_short_as_this() -> None:
    assert said(pod_text("  containers: [{name: c, image: i}]")) == []


def test_bidirectional_is_for_privileged_containers() -> None:
    """The path without a number: csi-driver-nfs#689 (2024), volcano#1680 (2021)."""
    text = mounts("name: v, mountPath: /a, mountPropagation: Bidirectional")

    assert said(text) == [f"spec.containers[0].volumeMounts.mountPropagation: {UNPRIVILEGED}"]
    assert said(text.replace("image: i,", f"image: i, {PRIVILEGED},")) == []


def test_a_capability_is_not_enough() -> None:
    capable = "securityContext: {capabilities: {add: [SYS_ADMIN]}}"
    text = mounts("name: v, mountPath: /a, mountPropagation: Bidirectional", container=capable)

    assert said(text) == [f"spec.containers[0].volumeMounts.mountPropagation: {UNPRIVILEGED}"]


def test_the_same_rule_in_a_daemonset_names_the_template() -> None:
    """csi-driver-nfs#689 printed this path."""
    inner = "{name: c, image: i, volumeMounts: [{name: v, mountPath: /a, mountPropagation: Bidirectional}]}"
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n"
        f"spec:\n  selector: {{matchLabels: {{a: b}}}}\n"
        f"  template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{inner}], "
        "volumes: [{name: v, emptyDir: {}}]}}\n"
    )

    assert said(text) == [f"spec.template.spec.containers[0].volumeMounts.mountPropagation: {UNPRIVILEGED}"]


@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        (
            "name: v, mountPath: /a, mountPropagation: Both",
            ('spec.containers[0].volumeMounts.mountPropagation: Unsupported value: "Both": '
            'supported values: "Bidirectional", "HostToContainer", "None"'),
        ),
        ("name: w, mountPath: /a", 'spec.containers[0].volumeMounts[0].name: Not found: "w"'),
        ("name: v", "spec.containers[0].volumeMounts[0].mountPath: Required value"),
        (
            "name: v, mountPath: /a, subPath: /b",
            'spec.containers[0].volumeMounts.subPath: Invalid value: "/b": must be a relative path',
        ),
        (
            "name: v, mountPath: /a, subPath: b/../c",
            "spec.containers[0].volumeMounts.subPath: Invalid value: \"b/../c\": must not contain '..'",
        ),
        (
            "name: v, mountPath: /a, subPath: b, subPathExpr: c",
            ('spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: "c": '
            "subPathExpr and subPath are mutually exclusive"),
        ),
        (
            "name: v, mountPath: /a, recursiveReadOnly: Enabled",
            ("spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: "
            "may only be specified when readOnly is true"),
        ),
        (
            (
                "name: v, mountPath: /a, readOnly: true, recursiveReadOnly: IfPossible, "
                "mountPropagation: HostToContainer"
            ),
            ("spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: "
            "may only be specified when mountPropagation is None or not specified"),
        ),
        (
            "name: v, mountPath: /a, recursiveReadOnly: true-ish",
            ('spec.containers[0].volumeMounts.recursiveReadOnly: Unsupported value: "true-ish": '
            'supported values: "Disabled", "Enabled", "IfPossible"'),
        ),
    ],
)
def test_a_mount_that_is_wrong(mount: str, expected: str) -> None:
    assert said(mounts(mount)) == [expected]


@pytest.mark.parametrize(
    "mount",
    [
        "name: v, mountPath: /a, mountPropagation: HostToContainer, readOnly: true",
        "name: v, mountPath: /a, readOnly: true, recursiveReadOnly: Enabled",
        "name: v, mountPath: /a, recursiveReadOnly: Disabled",
        "name: v, mountPath: /a, mountPropagation: null, recursiveReadOnly: ~",
        "name: v, mountPath: 'a:b'",  # the documentation forbids the colon, the code does not
        "name: v, mountPath: /a, subPath: ..b",
    ],
)
def test_a_mount_that_is_right(mount: str) -> None:
    assert said(mounts(mount)) == []


def test_a_path_is_mounted_on_once() -> None:
    text = mounts("name: v, mountPath: /a", "name: v, mountPath: /a")

    assert said(text) == ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique']


def test_a_mount_of_a_volume_that_is_wrong_is_not_found() -> None:
    text = mounts("name: v, mountPath: /a", volumes="[{name: v, hostPath: {path: /a/../b}}]")

    assert said(text) == [
        "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
        'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ]


def test_names_are_labels() -> None:
    (error,) = said(pod_text("  containers: [{name: My_App, image: i}]"))

    assert error == (
        'spec.containers[0].name: Invalid value: "My_App": a lowercase RFC 1123 label must consist of '
        "lower case alphanumeric characters or '-', and must start and end with an alphanumeric character "
        "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    )


def test_a_pod_needs_containers_and_they_need_a_name_and_an_image() -> None:
    assert said(pod_text("  {}")) == ["spec.containers: Required value"]
    assert said(pod_text("  containers: [{}]")) == [
        "spec.containers[0].name: Required value",
        "spec.containers[0].image: Required value",
    ]


def test_only_init_containers_have_a_restart_policy_of_their_own() -> None:
    spec = "  containers: [{name: c, image: i, restartPolicy: Always}]\n"
    spec += "  initContainers: [{name: d, image: i, restartPolicy: Never}]"

    assert said(pod_text(spec)) == [
        "spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers",
        'spec.initContainers[0].restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ]


def test_init_containers_obey_the_same_rules() -> None:
    spec = "  containers: [{name: c, image: i}]\n  volumes: [{name: v, emptyDir: {}}]\n"
    mount = "{name: v, mountPath: /a, mountPropagation: Bidirectional}"
    spec += f"  initContainers: [{{name: c, image: i, volumeMounts: [{mount}]}}]"

    assert said(pod_text(spec)) == [
        f"spec.initContainers[0].volumeMounts.mountPropagation: {UNPRIVILEGED}",
        'spec.initContainers[0].name: Duplicate value: "c"',
    ]


def test_users_of_ones_own_and_namespaces_of_the_host_exclude_each_other() -> None:
    spec = "  containers: [{name: c, image: i}]\n  hostUsers: false\n  hostNetwork: true\n  hostPID: true"

    assert said(pod_text(spec)) == [
        "spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false",
        "spec.HostPID: Forbidden: when `pod.Spec.HostUsers` is false",
    ]


@pytest.mark.parametrize("name", ["one cause", "several causes, one of them twice"])
def test_kubectl_prints_one_error_on_its_line_and_several_below(name: str) -> None:
    """What the real kubectl printed of the same causes."""
    recorded = RECORDED["answers"][name]
    causes = recorded["answer"]["details"]["causes"]
    found = only(pod_text("  {}"))

    error = refused(found, [FieldError(each["field"], each["message"], each["field"]) for each in causes])

    assert error is not None
    assert error.text.rstrip("\n") + "\n" == recorded["f.yaml"]
    assert error.status == 1


def test_an_error_without_a_number_still_has_its_line() -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers:\n  - name: c\n    image: i\n"
        "    volumeMounts:\n    - name: v\n      mountPath: /a\n    - name: v\n      mountPath: /b\n"
        "      mountPropagation: Bidirectional\n  volumes:\n  - name: v\n    emptyDir: {}\n"
    )
    error = invalid(only(text))

    assert error is not None
    assert error.text == (
        f'The Pod "x" is invalid: spec.containers[0].volumeMounts.mountPropagation: {UNPRIVILEGED}'
    )
    assert [str(place) for place in error.places] == [
        "f.yaml:14: spec.containers[0].volumeMounts[1].mountPropagation"
    ]
