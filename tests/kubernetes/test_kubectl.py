"""kubectl in transcripts: pods start, see mounts, fail and end, in both worlds alike."""

from __future__ import annotations

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.transcript import parse
from tests.kubernetes.played import applied, differences, lines, played, pod, sandbox
from tests.kubernetes.stories import NODES, STORIES, watcher

__all__ = ["sandbox"]
_APP = "- {name: app, image: nginx}"


@pytest.mark.kernel
@pytest.mark.programs
@pytest.mark.parametrize("name", STORIES)
def test_the_sandbox_agrees_after_each_line(name: str, sandbox: KernelBackend) -> None:
    assert not differences(sandbox, *STORIES[name])


@pytest.mark.kernel
@pytest.mark.programs
@pytest.mark.parametrize("init", NODES)
def test_the_sandbox_agrees_on_each_machine(init: str, sandbox: KernelBackend) -> None:
    assert not differences(sandbox, *NODES[init], init=init)


def test_a_node_that_is_a_container_is_a_slave_until_somebody_shares_it() -> None:
    done = played(*NODES["k3d"], init="k3d")

    def column(at: int) -> list[str]:
        return [line.split()[2] for line in done.out(at).splitlines()[1:]]

    assert done.out(0) == "k3d-lab-server-0\n"
    assert column(3) == ["Running", "CreateContainerError"]
    assert 'path "/data" is mounted on "/" but it is not a shared mount' in done.out(4)
    assert column(6) == ["Running", "Running"]
    assert done.out(9) == "", "it was started on a slave: what the node itself mounts it does not hear"
    assert column(11) == ["Running", "CreateContainerError"]
    assert "refused - did you specify the right host or port?" in done.err(13)


def test_on_wsl2_nothing_is_shared_until_somebody_shares_it() -> None:
    done = played(*NODES["wsl2"], init="wsl2")

    assert "CreateContainerError" in done.out(2)
    assert "Running" in done.out(4)


def test_files_come_when_their_object_is_there() -> None:
    done = played(*STORIES["files"])

    assert "ContainerCreating" in done.out(1)
    assert done.out(5).split() == ["/etc/conf:", "key", "other", "/etc/pass:", "plain", "word"]
    assert done.out(6) == "value\nhidden"
    assert "Read-only file system" in done.err(7)
    assert 'MountVolume.SetUp failed for volume "conf" : configmap "conf" not found' in done.out(8)
    assert done.host() == ["/"]


def test_a_pod_waits_for_its_claim_and_a_claim_for_its_volume() -> None:
    done = played(*STORIES["claims"])

    assert "pod/web   0/1     Pending" in done.out(2)
    assert "persistentvolumeclaim/mine   Pending" in done.out(2)
    assert 'persistentvolumeclaim "mine" not found' in done.out(3)
    assert "pod has unbound immediate PersistentVolumeClaims" in done.out(3)
    assert "ContainerCreating" in done.out(5)
    assert "default/mine" in done.out(7)
    assert done.out(9) == "file\n"
    assert done.host() == ["/", "/disk"]


def test_a_volume_is_bound_to_one_claim_in_whatever_namespace() -> None:
    claim = """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: mine}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
    """
    volume = """
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: one}
        spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /data}}
    """
    done = played(
        applied(volume),
        applied(claim),
        applied(claim, "apply -n kube-public -f -"),
        *lines("kubectl get pvc -A"),
    )

    assert [line.split()[2] for line in done.out().splitlines()[1:]] == ["Bound", "Pending"]


def test_what_is_there_is_not_created_again_and_a_pod_hardly_changes() -> None:
    done = played(
        pod("web", _APP),
        pod("web", _APP),
        pod("web", _APP).replace("apply", "create"),
        pod("web", _APP.replace("app", "other")),
        pod("fleet", _APP, kind="Deployment"),
        pod("fleet", _APP.replace("app", "other"), kind="Deployment"),
        *lines("kubectl get pods\nkubectl delete deploy,pod --all\nkubectl get pods"),
    )

    assert [done.out(number) for number in (0, 1, 4, 5)] == [
        "pod/web created\n", "pod/web unchanged\n", "deployment.apps/fleet created\n",
        "deployment.apps/fleet configured\n",
    ]  # fmt: skip
    assert done.err(2) == (
        'Error from server (AlreadyExists): error when creating "STDIN": pods "web" already exists\n'
    )
    assert done.err(3).startswith('The Pod "web" is invalid: spec: Forbidden: pod updates may not change')
    assert [line.split()[0] for line in done.out(6).splitlines()[1:]] == ["fleet-2", "web"]
    assert done.out(7) == 'deployment.apps "fleet" deleted\npod "web" deleted\n'
    assert done.err(8) == "No resources found in default namespace.\n"


def test_force_forgets_a_pod_and_leaves_its_mounts() -> None:
    done = played(STORIES["left behind"][0], *lines("kubectl delete pod web --force\nkubectl get pods"))

    assert done.out(1) == 'pod "web" force deleted\n'
    assert done.err(1).startswith("Warning: Immediate deletion does not wait for confirmation")
    assert done.err(2) == "No resources found in default namespace.\n"
    assert any(place.endswith("/cache/in") for place in done.host())


def test_init_containers_come_first_and_a_sidecar_stays() -> None:
    done = played(*STORIES["init"])

    assert done.out(1).splitlines()[1].split()[:3] == ["web", "1/2", "Init:CrashLoopBackOff"]
    assert done.out(2) == "one\n"
    assert "waiting to start: PodInitializing" in done.err(3)


def test_a_hook_that_unmounts_lets_the_pod_end() -> None:
    done = played(*STORIES["hooks"])

    assert done.out(1).endswith("/cache/in\n")
    assert done.status(2) == 0
    assert done.err(3) == "No resources found in default namespace.\n"


def test_a_mount_of_the_node_comes_into_a_pod_that_asked_for_it() -> None:
    for mode, is_seen in (("None", False), ("HostToContainer", True)):
        done = played(*lines("mkdir -p /data/sub"), watcher(mode), *lines("mount -t tmpfs x /data/sub"))
        assert ("/mnt/sub" in done.places("web/app")) is is_seen


def test_what_a_bidirectional_pod_mounts_the_node_and_other_pods_have() -> None:
    done = played(*STORIES["two pods"][:5])

    assert "/data/sub" in done.host()
    assert "/mnt/sub" in done.places("web/app")


def test_an_unprivileged_container_may_not_mount() -> None:
    done = played(*STORIES["two pods"][:7])

    assert done.status() == 32
    assert done.err().endswith("command terminated with exit code 32\n")


def test_on_a_private_source_containerd_refuses_and_the_pod_says_so_until_it_is_mended() -> None:
    done = played(*STORIES["not shared"])

    assert done.out(2).splitlines()[1].split() == ["web", "0/1", "CreateContainerError", "0", "0s"]
    assert 'path "/data" is mounted on "/" but it is not a shared or slave mount' in done.out(3)
    assert "is waiting to start: CreateContainerError" in done.err(4)
    assert 'container not found ("app")' in done.err(5)
    assert done.out(7).splitlines()[1].split() == ["web", "1/1", "Running", "0", "0s"]


def test_what_a_container_left_behind_keeps_its_pod_until_somebody_unmounts_it() -> None:
    done = played(*STORIES["left behind"])
    left = done.out().strip()

    assert done.out(1) == 'pod "web" deleted\n'
    assert done.err(1) == "error: timed out waiting for the condition on pods/web\n"
    assert done.out(2).splitlines()[1].split()[2] == "Terminating"
    assert f": unlinkat {left}: device or resource busy" in done.out(3)

    mended = played(*STORIES["left behind"], *lines(f"umount {left}\nkubectl get pods"))
    assert mended.err() == "No resources found in default namespace.\n"
    assert mended.host() == ["/"]


def test_pods_of_controllers_have_names_that_can_be_typed_and_come_back() -> None:
    done = played(*STORIES["controllers"])

    first, second = ([line.split()[0] for line in done.out(at).splitlines()[1:]] for at in (4, 7))
    assert first == ["agent-1", "db-0", "once-1", "web-1"]
    assert second == ["agent-2", "db-0", "once-1", "web-1"]
    assert done.out(5) == "hi\n"
    assert done.out() == "pod/db-0\npod/once-1\npod/web-1\n"


def test_commands_end_or_go_on_and_print() -> None:
    done = played(*STORIES["commands"])

    assert done.out(1).splitlines()[1].split()[:3] == ["web", "1/3", "CrashLoopBackOff"]
    assert done.out(2) == "done\n"
    assert done.out(3) == "one\n"
    assert done.out(4).count("mount: /mnt: permission denied.\n") == 1
    assert done.err(6) == "command terminated with exit code 3\n"


def test_the_servers_words_come_in_kubectls_frame() -> None:
    done = played(*STORIES["refused"])

    assert done.err(0).startswith('The Pod "web" is invalid: spec.containers[0].volumeMounts.mountProp')
    assert done.err(2).startswith('Error from server (Forbidden): error when creating "STDIN": pods "web" is')
    assert 'namespaces "nowhere" not found' in done.err(3)
    assert done.err(4).startswith('error: error validating "STDIN"')
    assert done.err(5) == "No resources found\n"
    for number in range(6, 10):
        assert done.err(number) == 'Error from server (NotFound): pods "web" not found\n'
    assert done.err(10) == 'error: the path "nothing.yaml" does not exist\n'
    assert [done.status(number) for number in range(13)] == [1, 0, 1, 1, 1, 0, *[1] * 7]


def test_on_a_private_node_the_kubelet_shares_its_own_folder() -> None:
    done = played(*STORIES["left behind"][:1], init="bare")

    assert "/var/lib/kubelet" in done.host()
    assert any(place.endswith("/cache/in") for place in done.host())


def test_without_pyyaml_kubectl_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    done = played(pod("web", "- {name: app, image: nginx}"))

    assert "pip install PyYAML" in done.err()
    assert done.status() == 1


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("kubectl", "kubectl"),
        ("kubectl rollout status ds/agent", "rollout"),
        ("kubectl get pods --watch", "--watch"),
        ("kubectl get pods -o yaml", "yaml"),
        ("kubectl get services", "services"),
        ("kubectl describe node node", "node"),
        ("kubectl exec web -- sh -c 'a | b'", "a | b"),
        ("kubectl apply -f https://example.com/x.yaml", "https://example.com/x.yaml"),
        ("kubectl create namespace x", "namespace"),
    ],
)
def test_what_is_not_modelled_is_refused_before_anything_runs(line: str, word: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        parse(f"host# {line}\n")

    assert word in caught.value.sentence
