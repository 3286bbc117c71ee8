"""Each warning of `explain` about manifests: where it is given, where not, and that its cure cures."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from mountlab.kubernetes.explained.chain import ManifestChain
from mountlab.kubernetes.explained.manifest import explain_manifests
from mountlab.kubernetes.explained.rules import RULES
from mountlab.kubernetes.explained.words import SENTENCES
from mountlab.shell.start import simulated
from mountlab.shell.transcript import parse
from tests.kubernetes.played import applied, lines, played

NEVER_AMISS = {rule for rule, level in RULES.items() if level == "error"}


def pod(mount: str, volume: str, more: str = "", name: str = "app", *, privileged: bool = False) -> str:
    """A pod with one container, and one volume."""
    return f"""\
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  containers:
  - name: c
    image: nginx
    securityContext: {{privileged: {str(privileged).lower()}}}
    {more or "stdin: true"}
    volumeMounts:
    - {{name: data, {mount}}}
  volumes:
  - name: data
    {volume}
"""


def explained(manifest: str, node: str = "", init: str = "systemd") -> ManifestChain:
    prepared = "".join(f"host# {line.strip()}\n" for line in node.splitlines() if line.strip())
    machine = simulated(parse(f"#: init={init}\n{prepared}", "node.mnt"), None)
    return explain_manifests(machine.daemons, [("pod.yaml", manifest)])


def rules(chain: ManifestChain) -> list[str]:
    return [each.rule for each in chain.warned]


MNT = "mountPath: /m"
HEARS, BOTH = f"{MNT}, mountPropagation: HostToContainer", f"{MNT}, mountPropagation: Bidirectional"
SRV = "hostPath: {path: /srv}"
MOUNTER = 'command: [sh, -c, "mkdir -p /m/in && mount -t tmpfs in /m/in && sleep infinity"]'
HOOK = "lifecycle: {preStop: {exec: {command: [umount, /m/in]}}}"


class Case(NamedTuple):
    """A manifest with a fault, and mended; what the node is like."""

    bad: str
    good: str
    node: str = ""
    mended_node: str | None = None
    init: str = "systemd"


def both(mode: str) -> str:
    return pod(BOTH, SRV, privileged=True) + "---\n" + pod(mode, SRV, name="other")


ON_VOL = "hostPath: {path: /vol}"
VOL = "mkdir /vol\nmount -t tmpfs vol /vol\n"
SLAVE = "mkdir /a /vol\nmount -t tmpfs v /a\nmount --make-shared /a\n"
SLAVE += "mount --bind /a /vol\nmount --make-slave /vol\n"
DEEP = "mkdir -p /srv/in\nmount -t tmpfs deep /srv/in\n"
SECOND = "mountPath: /m, readOnly: true"
CUSTOM = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m}\n"
MINE = "persistentVolumeClaim: {claimName: mine}"
BOUND = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: mine}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: one}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /srv}}
"""

CASES: dict[str, Case] = {
    "unprivileged": Case(pod(BOTH, SRV), pod(BOTH, SRV, privileged=True)),
    "empty-dir": Case(pod(BOTH, "emptyDir: {}", privileged=True), pod(BOTH, SRV, privileged=True)),
    "root": Case(pod(HEARS, "hostPath: {path: /}"), pod(HEARS, SRV)),
    "none-later": Case(both(MNT), both(HEARS)),
    "none-maybe": Case(pod(MNT, "hostPath: {path: /mnt/disk}"), pod(HEARS, "hostPath: {path: /mnt/disk}")),
    "not-shared": Case(
        pod(HEARS, ON_VOL),
        pod(HEARS, ON_VOL),
        f"{VOL}mount --make-private /vol",
        f"{VOL}mount --make-private /vol\nmount --make-rshared /vol",
    ),
    "slave-only": Case(pod(HEARS, ON_VOL), pod(HEARS, ON_VOL), SLAVE, f"{SLAVE}mount --make-shared /vol"),
    "left-behind": Case(
        pod(BOTH, SRV, MOUNTER, privileged=True),
        pod(BOTH, SRV, f"{MOUNTER}\n    {HOOK}", privileged=True),
    ),
    "sub-path": Case(pod(f"{HEARS}, subPath: in", SRV), pod(HEARS, SRV), DEEP),
    "read-only-shallow": Case(
        pod(SECOND, SRV),
        pod(SECOND, SRV).replace(
            "  volumes:", "    - {name: deep, mountPath: /m/in, readOnly: true}\n  volumes:"
        )
        + "  - {name: deep, hostPath: {path: /srv/in}}\n",
        DEEP,
    ),
    "made-early": Case(
        pod(MNT, "hostPath: {path: /mnt/disk, type: DirectoryOrCreate}"),
        pod(HEARS, "hostPath: {path: /mnt/disk, type: DirectoryOrCreate}"),
    ),
    "no-effect": Case(pod(HEARS, "configMap: {name: c}"), pod(MNT, "configMap: {name: c}")),
    "claim-stand-in": Case(pod(MNT, MINE), f"{pod(MNT, MINE)}---\n{BOUND}"),
    "custom-kind": Case(f"{pod(MNT, SRV)}---\n{CUSTOM}", f"{pod(MNT, SRV)}---\n{BOUND}"),
    "given-twice": Case(pod(HEARS, SRV).replace("stdin: true", "image: other"), pod(HEARS, SRV)),
}


def test_each_rule_has_a_case_and_its_words() -> None:
    assert set(CASES) | NEVER_AMISS == set(RULES)
    assert {key for key in SENTENCES if key.startswith("rule.")} == {f"rule.{rule}" for rule in RULES}
    assert {key for key in SENTENCES if key.startswith("help.")} == {f"help.{rule}" for rule in RULES}


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_is_told_once_and_not_for_what_was_mended(rule: str) -> None:
    case = CASES[rule]
    bad = explained(case.bad, case.node, case.init)
    mended = case.node if case.mended_node is None else case.mended_node

    assert rules(bad) == [rule]
    assert not bad.errors
    (warned,) = bad.warned
    assert warned.place.source == "pod.yaml"
    assert warned.place.line > 1
    good = explained(case.good, mended, case.init)
    assert rules(good) == []
    assert not good.is_refused


SILENT = {
    "nothing mounted": pod(MNT, SRV),
    "memory": pod(MNT, "emptyDir: {medium: Memory}"),
    "configuration": pod(f"{MNT}, readOnly: true", "configMap: {name: c}"),
    "a log folder": pod(f"{MNT}, readOnly: true", "hostPath: {path: /var/log}"),
    "a part of a volume": pod(f"{MNT}, subPath: in", "emptyDir: {}"),
    "a CSI driver": pod(BOTH, "hostPath: {path: /var/lib/kubelet, type: Directory}", privileged=True),
    "a socket": pod(MNT, "hostPath: {path: /run/x.sock, type: FileOrCreate}"),
    "a mount with its end": pod(BOTH, SRV, f"{MOUNTER}\n    {HOOK}", privileged=True),
}


@pytest.mark.parametrize("name", SILENT)
def test_a_clean_manifest_is_told_nothing(name: str) -> None:
    chain = explained(SILENT[name])

    assert not rules(chain)
    assert not any(pod.refused for pod in chain.pods), "it must be one that starts"


def test_a_sidecar_that_unmounts_may_use_an_empty_dir() -> None:
    mounter = f"{MOUNTER}\n    {HOOK}"
    other = "  - {name: other, image: i, volumeMounts: [{name: data, %s}]}\n  volumes:"
    mended = pod(BOTH, "emptyDir: {}", mounter, privileged=True).replace("  volumes:", other % HEARS)

    assert rules(explained(mended)) == []
    assert rules(explained(mended.replace(HOOK, "tty: true"))) == ["empty-dir", "left-behind"]


# -- what the cures say, tried by hand on a node ---------------------------------------------------------


def seen(manifest: str, *more: str, node: str = "") -> str:
    """What the last of some lines printed, on a node with that pod."""
    return played(*lines(node), applied(manifest), *lines("\n".join(more))).out()


LATER = ("mkdir -p {0}/new", "mount -t tmpfs new {0}/new", "kubectl exec app -- findmnt -rno TARGET /m/new")


@pytest.mark.parametrize("rule", ["none-maybe", "made-early"])
def test_what_is_mounted_later_is_seen_after_the_cure_alone(rule: str) -> None:
    later = [line.format("/mnt/disk") for line in LATER]
    node = "mkdir -p /mnt/disk"

    assert seen(CASES[rule].bad, *later, node=node) == ""
    assert seen(CASES[rule].good, *later, node=node) == "/m/new\n"


def test_a_mount_on_the_folder_itself_comes_too() -> None:
    later = ("mount -t tmpfs new /mnt/disk", "kubectl exec app -- findmnt -rno SOURCE /m")
    bad, good = CASES["made-early"].bad, CASES["made-early"].good

    assert "new" not in seen(bad, *later)
    assert "new" in seen(good, *later)


def test_an_unmount_in_a_hook_leaves_nothing_on_the_node() -> None:
    after = ("kubectl delete pod app", "findmnt -rno TARGET -S in")

    assert seen(CASES["left-behind"].bad, *after) == "/srv/in\n"
    assert seen(CASES["left-behind"].good, *after) == ""


def test_a_sub_path_lacks_what_was_mounted_before() -> None:
    before = "mkdir -p /srv/in/deep\nmount -t tmpfs deep /srv/in/deep"

    assert seen(CASES["sub-path"].bad, "kubectl exec app -- findmnt -rno TARGET -S deep", node=before) == ""
    found = seen(CASES["sub-path"].good, "kubectl exec app -- findmnt -rno TARGET -S deep", node=before)
    assert found == "/m/in/deep\n"


def test_below_a_read_only_mount_one_writes_unless_it_has_an_entry() -> None:
    case, options = CASES["read-only-shallow"], "kubectl exec app -- findmnt -rno OPTIONS -T /m/in"

    assert seen(case.bad, options, node=case.node).startswith("rw")
    assert seen(case.good, options, node=case.node).splitlines()[-1].startswith("ro")


@pytest.mark.parametrize("path", ["/", "/var/lib/kubelet/pods", "/var/lib/docker"])
def test_where_the_mounts_of_other_pods_come_later_none_is_noted(path: str) -> None:
    volume = f"hostPath: {{path: {path}}}"

    assert "none-maybe" in rules(explained(pod(MNT, volume)))
    assert "none-maybe" not in rules(explained(pod(HEARS, volume)))
