"""From a pod to what the kubelet asks, and what containerd makes of it: as the real containerd did."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mountlab.containers.errors import ContainerError
from mountlab.containers.oci import Spec
from mountlab.kubernetes.containerd import compiled
from mountlab.kubernetes.cri import (
    CriContainer,
    CriMount,
    CriSandbox,
    Propagation,
    container_of,
    propagation_of,
    sandbox_of,
)
from mountlab.kubernetes.kubelet import KubeletError, Setup, host_path_refused, setups_of
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.podrules import MODES
from mountlab.kubernetes.quantities import bytes_of
from mountlab.mountinfo import MountInfo, parse_table
from tests.kubernetes.helpers import CRI, only, pod, pod_text

ROWS = {
    "shared": "41 29 0:41 / /vol rw shared:7 - tmpfs vol rw",
    "private": "41 29 0:41 / /vol rw - tmpfs vol rw",
    "slave": "41 29 0:41 / /vol rw master:3 - tmpfs vol rw",
    "slave+shared": "41 29 0:41 / /vol rw shared:7 master:3 - tmpfs vol rw",
    "unbindable": "41 29 0:41 / /vol rw unbindable - tmpfs vol rw",
}
SRC = "/vol/data"


def host(state: str = "shared") -> list[MountInfo]:
    """A node's mount table: / is shared, and /vol is as it is called."""
    return list(parse_table(f"29 1 0:29 / / rw shared:1 - tmpfs root rw\n{ROWS[state]}\n"))


def asked(mounts: list[dict[str, Any]], *, privileged: bool) -> CriContainer:
    """A recorded request."""
    listed = tuple(
        CriMount(
            each["container_path"],
            each["host_path"].replace("SRC", SRC).replace("SUB", f"{SRC}/sub"),
            each["readonly"],
            Propagation[each["propagation"]],
        )
        for each in mounts
    )
    return CriContainer("c", "i", (), (), listed, (), privileged, False, (), ())


def made(container: CriContainer, rows: list[MountInfo], *, privileged: bool = True) -> Spec:
    sandbox = CriSandbox("x", "default", "uid", privileged, False, False, True)
    return compiled(container, sandbox, rows, root="ROOTFS", container_id="ID", sandbox_id="ID")


def named(row: dict[str, Any]) -> str:
    return " ".join(str(row[key]) for key in ("mode", "source", "privileged", "submount"))


@pytest.mark.parametrize("row", CRI["matrix"], ids=named)
def test_each_mode_on_each_source_is_as_with_the_real_containerd(row: dict[str, Any]) -> None:
    mount = {"container_path": "/mnt", "host_path": "SRC", "readonly": False, "propagation": row["mode"]}
    container = asked([mount], privileged=row["privileged"])

    if not row["starts"]:
        with pytest.raises(ContainerError) as caught:
            made(container, host(row["source"]))
        said = caught.value.text.replace(SRC, "SRC").replace('"/vol"', '"MOUNTPOINT"')
        assert (said, caught.value.status) == (row["error"], row["status"])
        return
    spec = made(container, host(row["source"]))
    (entry,) = [each for each in spec.mounts if each.destination == "/mnt"]
    assert list(entry.options) == row["oci_options"]
    assert spec.rootfs_propagation == (row["rootfs_propagation"] or "")


@pytest.mark.parametrize("table", CRI["tables"], ids=lambda table: str(table["name"]))
def test_the_whole_list_of_mounts_is_the_real_containerds(table: dict[str, Any]) -> None:
    privileged = table["privileged"]
    spec = made(asked(table["mounts"], privileged=privileged), host(), privileged=privileged)

    shown = [
        {"destination": each.destination, "type": each.type, "source": named_source(each.source)}
        | {"options": list(each.options)}
        for each in spec.mounts
    ]
    assert shown == table["oci_mounts"]


def named_source(path: str) -> str:
    """As the recording names it."""
    return re.sub(r".*/sandboxes/ID", "SANDBOX", path).replace(f"{SRC}/sub", "SUB").replace(SRC, "SRC")


def test_a_privileged_container_needs_a_privileged_sandbox() -> None:
    name = "a privileged container in an unprivileged pod"
    recorded = next(each for each in CRI["errors"] if each["name"] == name)

    with pytest.raises(ContainerError) as caught:
        made(asked([], privileged=True), host(), privileged=False)
    assert (caught.value.text, caught.value.status) == (recorded["error"], recorded["status"])


def test_on_a_node_with_a_private_root_a_plain_folder_fails_too() -> None:
    recorded = next(
        each
        for each in CRI["cases"]
        if each["name"] == "a folder of a private /" and each["mounts"][0]["propagation"] == "BIDIRECTIONAL"
    )
    rows = list(parse_table("29 1 0:29 / / rw - tmpfs root rw\n"))

    with pytest.raises(ContainerError) as caught:
        made(asked(recorded["mounts"], privileged=True), rows)
    assert caught.value.text == recorded["error"]


SPEC = """\
  containers:
  - name: driver
    image: i
    command: [sh, -c]
    args: [sleep 1]
    securityContext: {privileged: true}
    volumeMounts:
    - {name: host, mountPath: /host, mountPropagation: Bidirectional}
    - {name: files, mountPath: /etc/files}
    - {name: cache, mountPath: cache, readOnly: true, mountPropagation: HostToContainer}
    - {name: cache, mountPath: /part, subPath: a/b, mountPropagation: None}
  - {name: other, image: i}
  volumes:
  - {name: host, hostPath: {path: /srv}}
  - {name: files, configMap: {name: m}}
  - {name: cache, emptyDir: {medium: Memory, sizeLimit: 64Mi}}
"""


def driver() -> tuple[CriContainer, CriSandbox]:
    found = pod(SPEC)
    sandbox = sandbox_of(found, "x", "default")
    return container_of(found.containers[0], sandbox, setups_of(found, sandbox.uid, {})), sandbox


def test_the_kubelet_passes_a_number_and_a_path_for_each_mount() -> None:
    container, sandbox = driver()
    folder = f"/var/lib/kubelet/pods/{sandbox.uid}"

    assert [mount[:4] for mount in container.mounts if not mount.is_fixture] == [
        ("/host", "/srv", False, 2),
        ("/etc/files", f"{folder}/volumes/kubernetes.io~configmap/files", True, 0),
        ("/cache", f"{folder}/volumes/kubernetes.io~empty-dir/cache", True, 1),
        ("/part", f"{folder}/volume-subpaths/cache/driver/3", False, 0),
    ]


def test_a_sub_path_is_bound_on_the_node_first() -> None:
    container, sandbox = driver()
    folder = f"/var/lib/kubelet/pods/{sandbox.uid}"

    assert container.sub_paths == (
        (f"{folder}/volumes/kubernetes.io~empty-dir/cache/a/b", f"{folder}/volume-subpaths/cache/driver/3"),
    )


def test_one_privileged_container_makes_the_sandbox_so() -> None:
    assert driver()[1].is_privileged
    assert not sandbox_of(pod("  containers: [{name: c, image: i}]"), "x", "default").is_privileged


def test_every_mode_has_its_number_and_silence_is_none() -> None:
    """cri-api, runtime/v1/api.proto: MountPropagation."""
    assert {mode: int(propagation_of(mode)) for mode in (None, *MODES)} == {
        None: 0,
        "None": 0,
        "HostToContainer": 1,
        "Bidirectional": 2,
    }


def test_a_pods_mounts_end_in_the_spec_with_where_they_come_from() -> None:
    container, sandbox = driver()
    spec = compiled(container, sandbox, host(), root="R", container_id="ID", sandbox_id="ID")
    own = {mount.destination: mount.options for mount in spec.mounts if not mount.is_fixture}

    assert own == {
        "/host": ("rbind", "rshared", "rw"),
        "/etc/files": ("rbind", "rprivate", "ro"),
        "/cache": ("rbind", "rslave", "ro"),
        "/part": ("rbind", "rprivate", "rw"),
    }
    assert spec.rootfs_propagation == "rshared"
    origins = [mount.volume for mount in container.mounts if not mount.is_fixture]
    assert origins == ["host", "files", "cache", "cache"]


def test_volumes_are_made_in_folders_of_their_kind() -> None:
    volumes = (
        "{name: a, emptyDir: {}}, {name: b, secret: {secretName: s}}, {name: c, projected: {}}, "
        "{name: d, csi: {driver: d.io}}, {name: e, emptyDir: {medium: Memory, sizeLimit: 1Mi}}"
    )
    setups = setups_of(pod(f"  volumes: [{volumes}]"), "U", {}).values()

    folder = "/var/lib/kubelet/pods/U/volumes/"
    assert [(each.path.removeprefix(folder), each.how, each.data) for each in setups] == [
        ("kubernetes.io~empty-dir/a", "directory", ""),
        ("kubernetes.io~secret/b", "tmpfs", ""),
        ("kubernetes.io~projected/c", "tmpfs", ""),
        ("kubernetes.io~csi/d/mount", "driver", ""),
        ("kubernetes.io~empty-dir/e", "tmpfs", "size=1048576"),
    ]


@pytest.mark.parametrize(
    ("source", "path", "how"),
    [
        ("hostPath: {path: /data}", "/data", "found"),
        ("local: {path: /disk}", "/var/lib/kubelet/pods/U/volumes/kubernetes.io~local-volume/pv", "bind"),
        (
            "csi: {driver: d.io, volumeHandle: h}",
            "/var/lib/kubelet/pods/U/volumes/kubernetes.io~csi/pv/mount",
            "driver",
        ),
    ],
)
def test_a_claim_is_the_volume_that_it_is_bound_to(source: str, path: str, how: str) -> None:
    bound = only(pod_text(f"  {{{source}}}", kind="PersistentVolume", name="pv"))
    claiming = pod("  volumes: [{name: v, persistentVolumeClaim: {claimName: mine, readOnly: true}}]")
    setup = setups_of(claiming, "U", {"mine": bound})["v"]

    assert (setup.path, setup.how, setup.read_only) == (path, how, True)


def test_a_claim_that_is_not_there_keeps_the_pod_waiting() -> None:
    claiming = pod("  volumes: [{name: v, persistentVolumeClaim: {claimName: mine}}]")

    with pytest.raises(KubeletError, match='persistentvolumeclaim "mine" not found'):
        setups_of(claiming, "U", {})


@pytest.mark.parametrize(
    ("wanted", "found", "said"),
    [
        ("", "", ""),
        ("Directory", "", "hostPath /a doesn't exist"),
        ("Directory", "Directory", ""),
        ("DirectoryOrCreate", "", ""),
        ("DirectoryOrCreate", "File", "hostPath type check failed: /a is not a directory"),
        ("File", "Directory", "hostPath type check failed: /a is not a file"),
        ("Socket", "File", "hostPath type check failed: /a is not a socket file"),
        ("CharDevice", "File", "hostPath type check failed: /a is not a character device"),
        ("BlockDevice", "", "hostPath /a doesn't exist"),
    ],
)
def test_what_a_host_path_must_be(wanted: str, found: str, said: str) -> None:
    """kubernetes v1.33, pkg/volume/hostpath/host_path.go: checkType, typeMatchedOrError."""
    setup = Setup("v", "hostPath", "/a", "found", host_type=wanted)

    assert host_path_refused(setup, found) == said


def test_recursive_read_only_needs_a_runtime_that_can() -> None:
    """The text: kubernetes test/e2e_node/mount_rro_linux_test.go."""
    mount = "{name: mnt, mountPath: /m, readOnly: true, recursiveReadOnly: Enabled}"
    spec = f"  containers: [{{name: c, image: i, volumeMounts: [{mount}]}}]\n"
    found = pod(f"{spec}  volumes: [{{name: mnt, emptyDir: {{}}}}]")
    sandbox = sandbox_of(found, "x", "default")
    setups = setups_of(found, sandbox.uid, {})

    with pytest.raises(KubeletError) as caught:
        container_of(found.containers[0], sandbox, setups)
    assert caught.value.text == (
        'failed to resolve recursive read-only mode: volume "mnt" requested recursive read-only mode, '
        "but it is not supported by the runtime"
    )
    able = container_of(found.containers[0], sandbox, setups, supports_recursive=True)
    assert able.mounts[0].recursive_read_only


def test_users_of_ones_own_are_told_to_the_sandbox() -> None:
    assert not sandbox_of(pod("  hostUsers: false"), "x", "default").has_host_users


@pytest.mark.parametrize(
    ("quantity", "size"), [("64Mi", 1 << 26), ("1G", 10**9), ("500m", 1), ("1.5Ki", 1536), ("7", 7)]
)
def test_quantities_are_numbers_of_bytes(quantity: str, size: int) -> None:
    assert bytes_of(Node(quantity, 1, 0)) == size
