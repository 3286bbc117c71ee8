"""``mountlab explain pod.yaml``: held against the real containerd; text, warnings and exit statuses."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any, Protocol

import pytest

from mountlab.commands.explain import configure, run
from mountlab.containers.explained.kin import Kin
from mountlab.containers.explained.stages import Told
from mountlab.kubernetes.explained.chain import ManifestChain
from mountlab.kubernetes.explained.manifest import explain_manifests
from mountlab.kubernetes.explained.words import SENTENCES, SOURCES
from mountlab.shell.start import simulated
from mountlab.shell.transcript import parse
from tests.kubernetes.helpers import CRI

MODES = {"PRIVATE": "None", "HOST_TO_CONTAINER": "HostToContainer", "BIDIRECTIONAL": "Bidirectional"}
MATRIX = [row for row in CRI["matrix"] if row["privileged"] and not row["submount"]]
PLACES = {"SRC": "/vol/data", "MOUNTPOINT": "/vol", "MASTER": "/master"}
PRIVATE = (
    "#: init=systemd\nhost# mkdir /vol\nhost# mount -t tmpfs vol /vol\nhost# mount --make-private /vol\n"
)


def one(mode: str, path: str, *, privileged: bool) -> str:
    """A pod for each mode, as articles show them."""
    return f"""\
apiVersion: v1
kind: Pod
metadata:
  name: one
spec:
  containers:
  - name: app
    image: busybox
    securityContext: {{privileged: {str(privileged).lower()}}}
    volumeMounts:
    - name: data
      mountPath: /mnt
      mountPropagation: {mode}
  volumes:
  - name: data
    hostPath: {{path: {path}}}
"""


LOGS = """\
apiVersion: v1
kind: Pod
metadata: {name: logs}
spec:
  containers:
  - name: web
    image: nginx
    volumeMounts:
    - {name: logs, mountPath: /var/log/nginx, mountPropagation: Bidirectional}
  - name: collector
    image: busybox
    volumeMounts:
    - {name: logs, mountPath: /logs, mountPropagation: HostToContainer}
  - name: analyzer
    image: busybox
    volumeMounts:
    - {name: logs, mountPath: /logs, mountPropagation: HostToContainer}
  volumes:
  - name: logs
    emptyDir: {}
"""
"""Three containers that share a folder of logs; the one that writes asks for more than it may have."""


def placed(text: str) -> str:
    for name, path in PLACES.items():
        text = text.replace(name, path)
    return text


def on_node(source: str, manifest: str) -> ManifestChain:
    """A manifest, explained on a node that was prepared as the recording's."""
    lines = "".join(f"host# {placed(line)}\n" for line in CRI["sources"][source])
    node = simulated(parse(f"#: init=systemd\n{lines}", "node.mnt"), None)
    return explain_manifests(node.daemons, [("one.yaml", manifest)])


def described(kin: Kin) -> str:
    """A mount's class in the words of the recording."""
    shared = [f"shared with {' = '.join(kin.peers)}"] if kin.is_shared else []
    slave = [f"slave of {' = '.join(kin.masters)}"] if kin.is_slave else []
    return ", ".join(shared + slave) or "private"


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: f"{row['mode']} {row['source']}")
def test_the_chain_ends_as_with_the_real_containerd(row: dict[str, Any]) -> None:
    chain = on_node(row["source"], one(MODES[row["mode"]], "/vol/data", privileged=True))
    ((container,),) = (pod.containers for pod in chain.pods)

    if not row["starts"]:
        assert container.refused is not None
        assert container.refused.by == "containerd"
        assert container.refused.text.replace('"default-one-app"', '"ID"') == placed(row["error"])
        assert (container.told, container.steps, container.mounts) == (None, (), ())
        assert [each.rule for each in chain.warned] == ["not-shared"]
        return
    assert container.refused is None
    assert isinstance(container.told, Told)
    (entry,), (mount,), (sight,) = container.told.asked_for, container.mounts, container.sights
    assert list(entry.options) == row["oci_options"]
    assert container.told.spec.rootfs_propagation == (row["rootfs_propagation"] or "")
    assert described(mount.kin) == placed(row["mount"])
    assert sight.host_to_inside == row["host_to_container"]
    assert sight.inside_to_host == row["container_to_host"]


def test_on_a_slave_one_is_warned_that_the_nodes_own_mounts_are_not_seen() -> None:
    chain = on_node("slave", one("HostToContainer", "/vol/data", privileged=False))

    assert [(each.rule, each.cure.endswith("mount --make-shared /vol")) for each in chain.warned] == [
        ("slave-only", True)
    ]


class Explain(Protocol):
    """Run the command on a manifest: status, standard output, standard error."""

    def __call__(self, manifest: str, *words: str, on: str | None = None) -> tuple[int, str, str]: ...


@pytest.fixture
def explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Explain:
    def call(manifest: str, *words: str, on: str | None = None) -> tuple[int, str, str]:
        monkeypatch.chdir(tmp_path)
        Path("pod.yaml").write_text(manifest)
        before: tuple[str, ...] = ()
        if on is not None:
            Path("node.mnt").write_text(on)
            before = ("--on", "node.mnt")
        parser = argparse.ArgumentParser(allow_abbrev=False)
        configure(parser)
        status = run(parser.parse_args([*before, "pod.yaml", *words]))
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_the_chain_from_a_line_to_the_system_calls_is_printed(explain: Explain) -> None:
    status, out, err = explain(one("Bidirectional", "/srv", privileged=True))
    root = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/default-one-app/rootfs"

    assert (status, err) == (0, "")
    for wanted in (
        "pod.yaml:13: mountPath /mnt, mountPropagation Bidirectional",
        "pod.yaml:16: its volume, hostPath",
        "/mnt: Bidirectional is for privileged containers, and this is one.",
        "/mnt: host_path /srv, readonly false, propagation PROPAGATION_BIDIRECTIONAL = 2",
        "path /srv is mounted on /, which is shared; shared is needed: it passes.",
        "linux.rootfsPropagation: rshared, because of /mnt",
        f"ROOT is the container's root on the node: {root}",
        'mount("/srv", "ROOT/mnt", "", MS_BIND|MS_REC, NULL)',
        'mount("", "ROOT/mnt", "", MS_REC|MS_SHARED, NULL)',
        "What is mounted inside below /mnt is seen on the host, below /srv.",
        "Nothing is amiss.",
    ):
        assert wanted in lines(out)
    assert "cgroup" not in out
    assert '"/sys/fs/cgroup"' in explain(one("None", "/srv", privileged=False), "--fixtures")[1]


def test_bidirectional_without_privileged_is_refused_in_the_api_servers_words(explain: Explain) -> None:
    status, out, _ = explain(LOGS)

    assert status == 1
    assert (
        'The Pod "logs" is invalid: spec.containers[0].volumeMounts.mountPropagation: Forbidden: '
        "Bidirectional mount propagation is available only to privileged containers" in lines(out)
    )
    assert "config.json" not in out
    warned = [line for line in lines(out) if ": warning: " in line]
    assert [line.partition(" at ")[0] for line in warned] == [
        "pod.yaml:9: warning: Bidirectional",
        "pod.yaml:9: warning: Bidirectional on an emptyDir",
    ]


def test_the_mended_pod_starts_and_its_readers_see_what_the_writer_mounts(explain: Explain) -> None:
    mended = LOGS.replace("    image: nginx\n", "    image: nginx\n    securityContext: {privileged: true}\n")
    status, out, _ = explain(mended, "--format", "json")
    told = json.loads(out)
    writer, *readers = told["pods"][0]["containers"]

    assert status == 0
    assert writer["sights"][0]["inside_to_host"]
    assert [reader["sights"][0]["host_to_inside"] for reader in readers] == [True, True]
    assert [(each["rule"], each["place"]["line"]) for each in told["warnings"]] == [("empty-dir", 10)]


def test_containerds_refusal_is_told_with_a_cure(explain: Explain) -> None:
    status, out, _ = explain(one("HostToContainer", "/vol", privileged=False), on=PRIVATE)

    assert status == 1
    assert "Refused by containerd:" in lines(out)
    assert "Before the pod starts, on the node: mount --make-rshared /vol" in lines(out)
    mended = PRIVATE + "host# mount --make-rshared /vol\n"
    assert explain(one("HostToContainer", "/vol", privileged=False), on=mended)[0] == 0


def test_a_bare_node_is_all_private_and_options_may_stand_last(explain: Explain) -> None:
    assert explain(one("Bidirectional", "/srv", privileged=True), "--init", "bare")[0] == 1


def test_a_namespace_with_labels_refuses(explain: Explain) -> None:
    label = "pod-security.kubernetes.io/enforce: baseline"
    space = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: tight, labels: {{{label}}}}}\n---\n"
    pod = one("HostToContainer", "/srv", privileged=False).replace(
        "name: one", "name: one\n  namespace: tight"
    )
    status, out, _ = explain(space + pod)

    assert status == 1
    assert 'pods "one" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes' in out
    assert explain(pod)[0] == 0


def test_notes_do_not_change_the_status(explain: Explain) -> None:
    status, out, _ = explain(one("None", "/", privileged=False))

    assert status == 0
    assert "pod.yaml:16: warning: A hostPath of / at /mnt" in out
    assert "pod.yaml:13: note: /mnt has mode None: what is mounted below / after" in out
    assert (
        "note"
        not in explain(one("HostToContainer", "/srv", privileged=False))[1].split("Warnings and notes")[1]
    )


def test_a_template_is_a_pod_too(explain: Explain) -> None:
    body = one("None", "/srv", privileged=False).partition("spec:\n")[2]
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    status, out, _ = explain(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: set}\nspec:\n"
        "  selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: a}}\n    spec:\n"
        + indented
    )

    assert status == 0
    assert "DaemonSet default/set (pod.yaml:2)" in lines(out)
    assert "What the host mounts later below /srv is not seen inside." in lines(out)


def test_after_an_init_container_that_fails_the_others_wait(explain: Explain) -> None:
    mount = "{name: data, mountPath: /mnt, mountPropagation: HostToContainer}"
    first = f"  initContainers: [{{name: first, image: i, volumeMounts: [{mount}]}}]\n"
    pod = one("None", "/srv", privileged=False).replace("spec:\n", f"spec:\n{first}")

    status, out, _ = explain(pod, "--init", "bare")
    assert status == 1
    assert "It waits: an init container before it did not start." in lines(out)
    status, out, _ = explain(pod)
    assert status == 0
    assert "It waits" not in out


def test_nothing_that_would_move_a_cursor_is_printed(explain: Explain) -> None:
    _, out, _ = explain(one("None", "/srv", privileged=False).replace("/mnt", '"/m\\e[2Jx"'))

    assert "\x1b" not in out
    assert "mountPath /m\\x1b[2Jx" in out


def test_what_is_missing_on_the_node_is_refused_by_the_kubelet(explain: Explain) -> None:
    pod = one("None", "/disk", privileged=False).replace("{path: /disk}", "{path: /disk, type: Directory}")
    status, out, _ = explain(pod)

    assert status == 1
    assert "hostPath /disk doesn't exist" in out
    assert explain(pod, on="#: init=systemd\nhost# mkdir /disk\n")[0] == 0


@pytest.mark.parametrize("text", ["a: [", "just words", "apiVersion: v1\nkind: Pood\nmetadata: {name: x}\n"])
def test_what_kubectl_cannot_read_is_status_2_with_its_words(explain: Explain, text: str) -> None:
    status, _, err = explain(text)

    assert status == 2
    assert err.startswith("error: ")


def test_bad_lines_are_answered_with_what_would_work(
    explain: Explain, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain("", "other.txt")[::2] == (
        2,
        "mountlab: after a manifest come manifests and options: 'other.txt' is neither\n",
    )
    assert explain("", "pod.yaml")[::2] == (2, "mountlab: 'pod.yaml' is given twice: once is enough\n")
    parser = argparse.ArgumentParser(allow_abbrev=False)
    configure(parser)
    assert run(parser.parse_args(["absent.yaml"])) == 2
    assert capsys.readouterr().err == "mountlab: absent.yaml: No such file or directory\n"
    text = one("None", "/srv", privileged=False).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert run(parser.parse_args(["-"])) == 0
    assert capsys.readouterr().out.startswith("STDIN\n")
    assert run(parser.parse_args(["--on", "-", "-"])) == 2


def test_every_sentence_is_used() -> None:
    folder = Path(__file__).parents[2] / "mountlab/kubernetes/explained"
    code = "".join(path.read_text() for path in folder.glob("*.py") if path.name != "words.py")
    families = ("refused.", "amiss.", "cure.", "rule.", "help.")

    assert not [key for key in SENTENCES if f'"{key}"' not in code and not key.startswith(families)]
    assert all(f'"{key}"' in code for key in SOURCES)
