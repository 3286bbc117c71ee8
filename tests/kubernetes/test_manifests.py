"""Objects of a manifest, what the API server decodes, and the manifests of another language."""

from __future__ import annotations

import sys

import pytest

from mountlab.kubernetes.manifests import read
from mountlab.kubernetes.pods import pod_of
from mountlab.kubernetes.schema import table
from mountlab.kubernetes.validation import invalid, undecodable
from tests.kubernetes.helpers import RECORDED, only, pod, pod_text

KOKI = """
deployment:
  name: reads-local
  version: extensions/v1beta1
  containers:
  - name: reader
    image: busybox:1.24
    volume:
    - mount: /data
      store: local
      propagation: bidirectional <-- here
  volumes:
    local: pvc:claimed
"""


def undecoded(text: str) -> str:
    """What kubectl says of an object that the API server cannot decode."""
    error = undecodable(only(text))
    assert error is not None
    return error.text


def test_an_unknown_kind_only_loses_that_object() -> None:
    """The words: kubeflow/manifests#2484, keikoproj/iam-manager#106."""
    found = read(pod_text("  {}", kind="Pods") + "\n---\n" + pod_text("  {}", name="z"), "f.yaml")

    assert [each.name for each in found.objects] == ["z"]
    assert found.errors[0].text == (
        'error: resource mapping not found for name: "x" namespace: "" from "f.yaml": '
        'no matches for kind "Pods" in version "v1"\nensure CRDs are installed first'
    )
    assert found.errors[0].hint == "did you mean kind: Pod?"


def test_a_kind_of_another_version_is_told_its_version() -> None:
    text = pod_text("  {}", kind="DaemonSet").replace("v1", "extensions/v1beta1", 1)
    (error,) = read(text, "f.yaml").errors

    assert error.hint == "DaemonSet is in version apps/v1"


def test_kinds_that_say_nothing_about_mounts_are_taken_as_they_are() -> None:
    version = "rbac.authorization.k8s.io/v1"
    found = only(f"apiVersion: {version}\nkind: ClusterRole\nmetadata: {{name: x}}\nrules: 5\n")

    assert not found.is_played
    assert undecodable(found) is None
    assert invalid(found) is None


def test_without_pyyaml_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    (error,) = read(pod_text("  {}"), "f.yaml").errors

    assert "pip install PyYAML" in error.text


def test_a_list_is_its_items() -> None:
    items = "".join(f"- {{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}}}\n" for name in ("a", "b"))
    found = read(f"apiVersion: v1\nkind: List\nitems:\n{items}", "f.yaml")

    assert [each.name for each in found.objects] == ["a", "b"]


def test_a_list_of_one_kind_is_its_objects() -> None:
    items = "".join(f"- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n" for name in "ab")
    found = read(f"apiVersion: v1\nkind: ConfigMapList\nitems:\n{items}", "f.yaml")

    assert [each.name for each in found.objects] == ["a", "b"]
    assert not found.errors
    assert read("apiVersion: v1\nkind: NothingList\nitems: []\n", "f.yaml").errors
    assert read("apiVersion: apps/v1\nkind: ConfigMapList\nitems: []\n", "f.yaml").errors


def test_an_unknown_field_gets_the_servers_words_and_its_line() -> None:
    """The form: dgkanatsios/CKAD-exercises#329; several in one: dotnet/dotnet-docker#5214."""
    found = only(pod_text("  containers:\n  - name: c\n    volumeMount: []\n  volume: []\n"))
    error = undecodable(found)

    assert error is not None
    assert error.text == (
        'Error from server (BadRequest): error when creating "f.yaml": Pod in version "v1" cannot be '
        'handled as a Pod: strict decoding error: unknown field "spec.containers[0].volumeMount", '
        'unknown field "spec.volume"'
    )
    assert [str(place) for place in error.places] == [
        "f.yaml:7: spec.containers[0].volumeMount: did you mean volumeMounts?",
        "f.yaml:8: spec.volume: did you mean volumes?",
    ]


def test_unknown_fields_are_told_in_the_order_of_the_alphabet() -> None:
    """kubectl sends JSON, and its fields are sorted: encoding/json, on maps."""
    said = undecoded(pod_text("  zoo: 1\n  ant: 1\n"))

    assert said.endswith('unknown field "spec.ant", unknown field "spec.zoo"')


def test_kubectl_prints_that_so() -> None:
    recorded = RECORDED["answers"]["undecodable"]
    text = pod_text("  {}").replace("spec:\n  {}", "spec: {foo: 1}")

    assert undecoded(text) + "\n" == recorded["f.yaml"]
    stdin = undecodable(only(text, "STDIN"))
    assert stdin is not None
    assert stdin.text + "\n" == recorded["-"]


@pytest.mark.parametrize(
    ("spec", "got", "field", "wanted"),
    [
        ("containers: {}", "object", "PodSpec.spec.containers", "[]v1.Container"),
        ("containers: [{name: 5}]", "number", "Container.spec.containers.name", "string"),
        ("containers: [a]", "string", "PodSpec.spec.containers", "v1.Container"),
        ("containers: [{command: [1]}]", "number", "Container.spec.containers.command", "string"),
        (
            "containers: [{volumeMounts: [{mountPropagation: true}]}]",
            "bool",
            "VolumeMount.spec.containers.volumeMounts.mountPropagation",
            "v1.MountPropagationMode",
        ),
        ("hostPID: 'yes'", "string", "PodSpec.spec.hostPID", "bool"),
        ("priority: 1.5", "number 1.5", "PodSpec.spec.priority", "int32"),
        ("nodeSelector: {a: 1}", "number", "PodSpec.spec.nodeSelector", "string"),
    ],
)
def test_a_value_of_a_wrong_type_gets_gos_words(spec: str, got: str, field: str, wanted: str) -> None:
    """encoding/json, UnmarshalTypeError: the path has no indices, the struct is the innermost."""
    said = f"json: cannot unmarshal {got} into Go struct field {field} of type {wanted}"

    assert undecoded(pod_text(f"  {spec}")).endswith(f"cannot be handled as a Pod: {said}")


def test_a_field_that_is_null_is_not_there() -> None:
    assert undecodable(only(pod_text("  containers: null\n  volumes: ~"))) is None


def test_the_schema_is_that_of_one_release() -> None:
    assert table().release.startswith("1.33.")
    assert set(table().types["core/v1.VolumeMount"]) == set(
        "name mountPath mountPropagation readOnly recursiveReadOnly subPath subPathExpr".split()
    )


def test_a_pod_is_read_from_whatever_makes_it() -> None:
    inner = "{spec: {containers: [{name: c, image: i}]}}"
    for kind, version, spec in (
        ("Pod", "v1", "{containers: [{name: c, image: i}]}"),
        ("DaemonSet", "apps/v1", f"{{template: {inner}}}"),
        ("Job", "batch/v1", f"{{template: {inner}}}"),
        ("CronJob", "batch/v1", f"{{jobTemplate: {{spec: {{template: {inner}}}}}}}"),
    ):
        found = pod_of(only(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"))
        assert found is not None
        assert [(each.name, each.image) for each in found.containers] == [("c", "i")], kind


def test_an_init_container_that_goes_on_is_a_sidecar() -> None:
    found = pod("  initContainers: [{name: a}, {name: b, restartPolicy: Always}]\n  containers: [{name: c}]")

    assert [(each.name, each.is_sidecar) for each in found.all_containers] == [
        ("a", False),
        ("b", True),
        ("c", False),
    ]


def test_koki_short_is_refused_as_kubectl_does_and_translated() -> None:
    (error,) = read(KOKI, "koki.yaml").errors

    assert "error validating data: [apiVersion not set, kind not set]" in error.text
    assert "Koki Short" in error.hint
    assert "propagation: bidirectional is mountPropagation: Bidirectional" in error.hint


def test_the_translation_of_koki_short_is_a_valid_deployment() -> None:
    (error,) = read(KOKI, "koki.yaml").errors
    found = only(error.hint[error.hint.index("apiVersion: apps/v1\n") :])
    deployed = pod_of(found)

    assert undecodable(found) is None
    assert invalid(found) is None
    assert deployed is not None
    assert (found.kind, found.name) == ("Deployment", "reads-local")
    assert deployed.volumes[0].source.text("claimName") == "claimed"
    (mount,) = deployed.containers[0].mounts
    assert (mount.name, mount.mount_path, mount.propagation) == ("local", "/data", "Bidirectional")


def test_an_object_with_one_field_is_not_yet_koki_short() -> None:
    (error,) = read("pod: {labels: {}}\n", "f.yaml").errors

    assert "Koki" not in error.hint
