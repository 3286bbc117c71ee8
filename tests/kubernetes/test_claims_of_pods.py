"""Claims that pods have for themselves: of a StatefulSet's templates, and of ephemeral volumes."""

from __future__ import annotations

import pytest

from mountlab.kernel.backend import KernelBackend
from tests.kubernetes.played import applied, differences, lines, played, sandbox
from tests.kubernetes.test_explain_rules import explained

__all__ = ["sandbox"]

SPEC = "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}"
APP = "- {name: app, image: nginx, volumeMounts: [{name: data, mountPath: /data}]}"


def disk(number: int) -> str:
    """A PersistentVolume on the node, in a folder of its own."""
    return applied(f"""
        apiVersion: v1
        kind: PersistentVolume
        metadata: {{name: disk-{number}}}
        spec: {{accessModes: [ReadWriteOnce], capacity: {{storage: 1Gi}}, hostPath: {{path: /disk/{number}}}}}
    """)


def stateful(more: str = "", container: str = APP, claim: str = SPEC, replicas: int = 2) -> str:
    """A StatefulSet whose pods have a claim each."""
    return f"""
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {{name: db}}
        spec:
          replicas: {replicas}
          serviceName: db
          selector: {{matchLabels: {{app: db}}}}
          {more}
          volumeClaimTemplates:
          - metadata: {{name: data}}
            spec: {claim}
          template:
            metadata: {{labels: {{app: db}}}}
            spec:
              containers:
              {container}
    """


OWN_CLAIMS = [
    disk(1),
    disk(2),
    applied(stateful()),
    *lines("""
        kubectl get pvc
        kubectl exec db-1 -- touch /data/kept
        ls /disk/1 /disk/2
        kubectl delete pod db-1
        kubectl get pods
        kubectl exec db-1 -- ls /data
        kubectl delete sts db
        kubectl get pods,pvc
    """),
]


def test_each_pod_of_a_set_has_a_claim_that_outlives_it() -> None:
    done = played(*OWN_CLAIMS)

    claims = [line.split()[:3] for line in done.out(3).splitlines()[1:]]
    assert claims == [["data-db-0", "Bound", "disk-1"], ["data-db-1", "Bound", "disk-2"]]
    assert done.out(5).split() == ["/disk/1:", "/disk/2:", "kept"]
    assert [line.split()[:3] for line in done.out(7).splitlines()[1:]] == [
        ["db-0", "1/1", "Running"],
        ["db-1", "1/1", "Running"],
    ]
    assert done.out(8) == "kept\n"
    assert "pod/" not in done.out(10)
    assert done.out(10).count("persistentvolumeclaim/data-db-") == 2


@pytest.mark.kernel
@pytest.mark.programs
def test_it_is_the_same_on_the_kernel(sandbox: KernelBackend) -> None:
    assert differences(sandbox, *OWN_CLAIMS) == []


def test_a_set_makes_one_pod_after_the_other() -> None:
    one = played(disk(1), applied(stateful(replicas=3)), *lines("kubectl get pods"))
    at_once = stateful("podManagementPolicy: Parallel", replicas=3)
    three = played(disk(1), applied(at_once), *lines("kubectl get pods"))

    assert [line.split()[::2][:2] for line in one.out().splitlines()[1:]] == [
        ["db-0", "Running"],
        ["db-1", "Pending"],
    ]
    assert [line.split()[0] for line in three.out().splitlines()[1:]] == ["db-0", "db-1", "db-2"]


# What Kubernetes 1.31 to 1.33 said is in the issues that the texts are from.
OTHER = APP.replace("name: data", "name: some")
TWICE = APP.replace("[{name: data", "[{name: some, mountPath: /data}, {name: data")
NOT_MADE = {
    "a volume that there is not: VictoriaMetrics/operator#1303": (
        stateful(container=OTHER),
        'Pod "db-0" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "some"',
    ),
    "a claim without a mode: kubernetes#132211": (
        stateful(claim="{resources: {requests: {storage: 1Gi}}}"),
        (
            'failed to create PVC data-db-0: PersistentVolumeClaim "data-db-0" is invalid: spec.accessModes:'
            " Required value: at least 1 access mode is required"
        ),
    ),
    "two things at once": (
        stateful(container=TWICE),
        (
            'Pod "db-0" is invalid: [spec.containers[0].volumeMounts[0].name: Not found: "some",'
            ' spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/data": must be unique]'
        ),
    ),
}


@pytest.mark.parametrize("what", NOT_MADE)
def test_a_set_is_created_whatever_its_template_says_and_its_pods_are_not(what: str) -> None:
    manifest, text = NOT_MADE[what]
    done = played(applied(manifest), *lines("kubectl get pods\nkubectl get events"))

    assert done.out(0) == "statefulset.apps/db created\n"
    assert "No resources found" in done.err(1)
    assert f"create Pod db-0 in StatefulSet db failed error: {text}" in done.out(2)


def test_the_labels_of_a_namespace_refuse_a_sets_pods_in_its_own_words() -> None:
    done = played(
        applied("kind: Namespace\napiVersion: v1\nmetadata:\n  name: safe\n"
                "  labels: {pod-security.kubernetes.io/enforce: restricted}"),
        applied(stateful(), "apply -n safe -f -"),
        *lines("kubectl get events -n safe"),
    )  # fmt: skip

    refused = 'create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: violates PodSecurity'
    assert refused in done.out()


EPHEMERAL = """
    apiVersion: v1
    kind: Pod
    metadata: {name: web}
    spec:
      containers: [{name: app, image: nginx, volumeMounts: [{name: data, mountPath: /data}]}]
      volumes:
      - name: data
        ephemeral: {volumeClaimTemplate: {spec: %s}}
"""


def test_an_ephemeral_volume_has_a_claim_that_goes_with_its_pod() -> None:
    done = played(
        disk(1),
        applied(EPHEMERAL % SPEC),
        *lines("kubectl get pvc\nkubectl exec web -- findmnt -no FSROOT /data"),
        *lines("kubectl delete pod web\nkubectl get pvc"),
    )

    assert done.out(2).splitlines()[1].split()[:3] == ["web-data", "Bound", "disk-1"]
    assert done.out(3) == "/disk/1\n"
    assert "No resources found" in done.err(5)


def test_an_ephemeral_volume_without_a_template_is_refused() -> None:
    nothing = played(applied(EPHEMERAL.replace("{spec: %s}", "null")))
    wrong = played(applied(EPHEMERAL % SPEC.replace("[ReadWriteOnce]", "[]")))

    assert "spec.volumes[0].ephemeral.volumeClaimTemplate: Required value" in nothing.err()
    where = "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes"
    assert f"{where}: Required value: at least 1 access mode is required" in wrong.err()


# -- explain ---------------------------------------------------------------------------------------------


def test_explain_takes_a_stand_in_for_a_claim_that_is_bound_elsewhere() -> None:
    (pod,) = explained(stateful()).pods
    (asked,) = pod.containers[0].asked

    assert not pod.refused
    assert asked.volume_place.path == "spec.volumeClaimTemplates[0]"
    assert asked.cri is not None
    assert asked.cri.host_path.endswith("/volumes/kubernetes.io~csi/pvc-data-db-0/mount")
    assert [each.rule for each in explained(stateful()).warned] == ["claim-stand-in"]


def test_explain_finds_the_volume_of_a_sets_claim() -> None:
    volume = disk(1).split("<<'Y'\n")[1].removesuffix("\nY")
    chain = explained(f"{volume}\n---\n{stateful()}")

    assert chain.pods[0].containers[0].asked[0].cri is not None
    assert chain.pods[0].containers[0].asked[0].cri.host_path == "/disk/1"
    assert not chain.warned


def test_explain_says_what_the_controller_is_told_and_where() -> None:
    (pod,) = explained(stateful(container=OTHER)).pods

    assert pod.refused is not None
    assert pod.refused.text.startswith(
        'create Pod db-0 in StatefulSet db failed error: Pod "db-0" is invalid'
    )
    (place,) = pod.refused.places
    assert place.path == "spec.template.spec.containers[0].volumeMounts[0].name"
    assert OTHER.strip() in stateful(container=OTHER).splitlines()[place.line - 1]
