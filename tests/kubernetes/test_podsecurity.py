"""Pod Security: what namespaces let in, in the words that people have seen."""

from __future__ import annotations

import pytest

from mountlab.kubernetes.podsecurity import Mode, Policy, admitted, policy_of
from mountlab.kubernetes.validation import errors_of
from tests.kubernetes.helpers import RECORDED, only, pod_text

BASELINE = Policy(enforce=Mode("baseline"))
RESTRICTED = Policy(enforce=Mode("restricted"))


def refusal(text: str, policy: Policy) -> str:
    """What the server says of a pod; "" when it takes it."""
    verdict = admitted(only(text), policy)
    return verdict.refused.text.partition("is forbidden: ")[2] if verdict.refused else ""


def container(name: str, more: str) -> str:
    return f"{{name: {name}, image: i, {more}}}"


PWRU = pod_text(
    "  hostNetwork: true\n  hostPID: true\n"
    f"  containers: [{container('pwru', 'securityContext: {privileged: true}')}]\n"
    "  volumes: [{name: sys-kernel-debug, hostPath: {path: /sys/kernel/debug}}]",
    name="pwru",
)
DRIVER = pod_text(
    "  containers: ["
    + container("node", "securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}}")
    + "]\n  volumes: ["
    + ", ".join(f"{{name: {name}, hostPath: {{path: /{name}}}}}" for name in ("socket", "kubelet"))
    + "]",
    name="node",
)
PLAIN = pod_text("  containers: [{name: worker, image: i}]")


def test_baseline_refuses_host_paths_and_privilege() -> None:
    """cilium/pwru#583, on a real cluster."""
    assert refusal(PWRU, BASELINE) == (
        'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true, hostPID=true), '
        'hostPath volumes (volume "sys-kernel-debug"), '
        'privileged (container "pwru" must not set securityContext.privileged=true)'
    )


def test_several_volumes_and_a_capability() -> None:
    """The form of sergelogvinov/proxmox-csi-plugin#241, on a real cluster."""
    assert refusal(DRIVER, BASELINE).endswith(
        'violates PodSecurity "baseline:latest": non-default capabilities (container "node" must not include '
        '"SYS_ADMIN" in securityContext.capabilities.add), hostPath volumes (volumes "socket", "kubelet"), '
        'privileged (container "node" must not set securityContext.privileged=true)'
    )


def test_several_containers() -> None:
    """SonarSource/docker-sonarqube#682, on a real cluster: init containers."""
    names = ("init-sysctl", "concat-properties", "install-plugins")
    listed = ", ".join(container(name, "securityContext: {privileged: true}") for name in names)
    text = pod_text(f"  initContainers: [{listed}]\n  containers: [{{name: c, image: i}}]")

    assert refusal(text, BASELINE).endswith(
        'privileged (containers "init-sysctl", "concat-properties", "install-plugins" '
        "must not set securityContext.privileged=true)"
    )


def test_restricted_asks_an_ordinary_pod_for_four_things() -> None:
    """pod-security-admission v0.33.0; its last two as in node-feature-discovery-operator#156."""
    assert refusal(PLAIN, RESTRICTED).partition("violates ")[2] == (
        'PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "worker" must set '
        "securityContext.allowPrivilegeEscalation=false), unrestricted capabilities "
        '(container "worker" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true '
        '(pod or container "worker" must set securityContext.runAsNonRoot=true), seccompProfile '
        '(pod or container "worker" must set securityContext.seccompProfile.type to "RuntimeDefault" '
        'or "Localhost")'
    )


def test_restricted_names_a_host_path_as_a_volume_type() -> None:
    said = refusal(DRIVER, RESTRICTED)

    assert '(volumes "socket", "kubelet" use restricted volume type "hostPath")' in said
    assert "hostPath volumes" not in said


def test_a_pod_that_gives_everything_up_is_let_in() -> None:
    mine = "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}"
    spec = "  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}\n"
    spec += f"  containers: [{container('c', f'securityContext: {{{mine}}}')}]\n"
    spec += "  volumes: [{name: v, emptyDir: {}}]"

    assert refusal(pod_text(spec), RESTRICTED) == ""


@pytest.mark.parametrize("text", [PWRU, DRIVER, PLAIN])
def test_without_labels_everything_is_let_in(text: str) -> None:
    assert admitted(only(text), policy_of({})) == (None, (), "")


def test_propagation_itself_is_not_what_pod_security_looks_at() -> None:
    mount = "volumeMounts: [{name: v, mountPath: /a, mountPropagation: HostToContainer}]"
    text = pod_text(f"  containers: [{container('c', mount)}]\n  volumes: [{{name: v, emptyDir: {{}}}}]")

    assert refusal(text, BASELINE) == ""


def test_the_words_are_printed_as_kubectl_prints_them() -> None:
    recorded = RECORDED["answers"]["forbidden"]
    spec = "  containers: [{name: c, image: i}]\n  volumes: [{name: v, hostPath: {path: /}}]"
    verdict = admitted(only(pod_text(spec)), BASELINE)

    assert verdict.refused is not None
    assert verdict.refused.text + "\n" == recorded["f.yaml"]
    assert [str(place) for place in verdict.refused.places] == ["f.yaml:6: spec.volumes[0].hostPath"]


def test_what_makes_pods_is_created_with_a_warning() -> None:
    """A DaemonSet is let in; its pods are not."""
    privileged = container("c", "securityContext: {privileged: true}")
    spec = f"  template: {{spec: {{containers: [{privileged}]}}}}"
    found = only(pod_text(spec, kind="DaemonSet").replace("v1", "apps/v1", 1))
    verdict = admitted(found, policy_of({"pod-security.kubernetes.io/enforce": "baseline"}))

    assert verdict.refused is None
    (warning,) = verdict.warnings
    assert warning == (
        'would violate PodSecurity "baseline:latest": '
        'privileged (container "c" must not set securityContext.privileged=true)'
    )


def test_labels_make_a_policy() -> None:
    """api/helpers.go, PolicyToEvaluate: enforcing warns, too, unless the labels say otherwise."""
    label = "pod-security.kubernetes.io"

    assert policy_of({f"{label}/enforce": "baseline", f"{label}/enforce-version": "v1.30"}) == Policy(
        Mode("baseline", "v1.30"), Mode(), Mode("baseline", "v1.30")
    )
    assert policy_of({f"{label}/enforce": "baseline", f"{label}/warn": "privileged"}).warn == Mode()
    assert policy_of({f"{label}/enforce": "strict"}).enforce == Mode("restricted")
    assert policy_of({f"{label}/audit": "strict"}).audit == Mode()


def test_a_level_that_does_not_exist_is_refused_with_the_namespace() -> None:
    labels = "{pod-security.kubernetes.io/enforce: strict}"
    text = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: ns, labels: {labels}}}\n"

    assert [str(error) for error in errors_of(only(text))] == [
        ('metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": '
        "must be one of privileged, baseline, restricted")
    ]
