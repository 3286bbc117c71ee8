"""The API server's rules for volumes, and for what makes pods.

Expected texts: kubernetes v1.33, pkg/apis/core/validation/validation.go (commit 000f26050b9b) and
pkg/apis/{apps,batch}/validation/validation.go.
"""

from __future__ import annotations

import pytest

from tests.kubernetes.helpers import pod, pod_text, said


def of_volume(volume: str) -> list[str]:
    return said(pod_text(f"  containers: [{{name: c, image: i}}]\n  volumes: [{volume}]"))


@pytest.mark.parametrize("kind", ["", "Directory", "FileOrCreate", "Socket", "CharDevice", "BlockDevice"])
def test_types_of_a_host_path(kind: str) -> None:
    assert of_volume(f"{{name: v, hostPath: {{path: /a, type: '{kind}'}}}}") == []


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ("{name: v, hostPath: {}}", "spec.volumes[0].hostPath.path: Required value"),
        (
            "{name: v, hostPath: {path: /a, type: Folder}}",
            ('spec.volumes[0].hostPath.type: Unsupported value: "Folder": supported values: "", '
            '"BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", '
            '"Socket"'),
        ),
        (
            "{name: v, hostPath: {path: /a}, emptyDir: {}}",
            "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
        ),
        ("{name: v, configMap: {}}", "spec.volumes[0].configMap.name: Required value"),
        ("{name: v, secret: {}}", "spec.volumes[0].secret.secretName: Required value"),
        (
            "{name: v, persistentVolumeClaim: {}}",
            "spec.volumes[0].persistentVolumeClaim.claimName: Required value",
        ),
        (
            "{name: v, configMap: {name: m, defaultMode: 512}}",
            ("spec.volumes[0].configMap.defaultMode: Invalid value: 512: "
            "must be a number between 0 and 0777 (octal), both inclusive"),
        ),
        (
            "{name: v, projected: {sources: [{serviceAccountToken: {path: t, expirationSeconds: 60}}]}}",
            ("spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: "
            "may not specify a duration less than 10 minutes"),
        ),
        ("{emptyDir: {}}", "spec.volumes[0].name: Required value"),
        ("{name: a.b, emptyDir: {}}", 'spec.volumes[0].name: Invalid value: "a.b": must not contain dots'),
    ],
)
def test_a_volume_that_is_wrong(volume: str, expected: str) -> None:
    assert of_volume(volume) == [expected]


def test_a_volume_of_no_kind_is_an_empty_dir() -> None:
    """pkg/apis/core/v1/defaults.go: SetDefaults_Volume."""
    assert of_volume("{name: v}") == []
    assert pod("  volumes: [{name: v}]").volumes[0].kind == "emptyDir"


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        (
            "PersistentVolume",
            "{accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, local: {path: /d}}",
            ["spec.nodeAffinity: Required value: Local volume requires node affinity"],
        ),
        (
            "PersistentVolume",
            "{accessModes: [RWO], capacity: {storage: 1Gi}}",
            [
                ('spec.accessModes: Unsupported value: "RWO": supported values: "ReadOnlyMany", '
                '"ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'),
                "spec: Required value: must specify a volume type",
            ],
        ),
        (
            "PersistentVolumeClaim",
            "{}",
            [
                "spec.accessModes: Required value: at least 1 access mode is required",
                "spec.resources[storage]: Required value",
            ],
        ),
    ],
)
def test_persistent_volumes_and_claims(kind: str, spec: str, expected: list[str]) -> None:
    assert said(pod_text(f"  {spec}", kind=kind)) == expected


def test_a_selector_finds_the_templates_pods() -> None:
    inner = "{spec: {containers: [{name: c, image: i}]}}"
    text = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: x}}\nspec: {{template: {inner}}}\n"

    assert said(text) == [
        "spec.selector: Required value",
        ("spec.template.metadata.labels: Invalid value: map[string]string(nil): "
        "`selector` does not match template `labels`"),
    ]


def test_a_job_does_not_restart_always() -> None:
    inner = "{spec: {containers: [{name: c, image: i}]}}"
    text = f"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: x}}\nspec: {{template: {inner}}}\n"

    wanted = 'Required value: valid values: "OnFailure", "Never"'
    assert said(text) == [f"spec.template.spec.restartPolicy: {wanted}"]


def test_a_selector_that_finds_other_pods() -> None:
    inner = "{metadata: {labels: {app: b}}, spec: {containers: [{name: c, image: i}]}}"
    spec = f"  selector: {{matchLabels: {{app: a}}}}\n  template: {inner}"

    (error,) = said(pod_text(spec, kind="DaemonSet").replace("v1", "apps/v1", 1))
    assert error == (
        'spec.template.metadata.labels: Invalid value: map[string]string{"app":"b"}: '
        "`selector` does not match template `labels`"
    )
