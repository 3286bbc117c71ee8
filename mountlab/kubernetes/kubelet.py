"""The kubelet's volumes: where on the node each of a pod's volumes is, and what is mounted there first.

Source: kubernetes v1.33: pkg/volume/{emptydir,configmap,secret,projected,downwardapi,csi,local,hostpath,nfs},
pkg/volume/util/subpath/subpath_linux.go (PrepareSafeSubpath), pkg/kubelet/kubelet_getters.go.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping
from typing import NamedTuple

from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.pods import Container, Pod, Volume, VolumeMount
from mountlab.kubernetes.quantities import bytes_of

ROOT = "/var/lib/kubelet"
PLUGINS = {
    "emptyDir": "empty-dir",
    "configMap": "configmap",
    "secret": "secret",
    "projected": "projected",
    "downwardAPI": "downward-api",
    "csi": "csi",
    "local": "local-volume",
    "nfs": "nfs",
}
"""What a kind is called in paths, after ``kubernetes.io~``."""
_IN_MEMORY = {"secret", "projected", "downwardAPI"}
"""Kinds whose files lie in a tmpfs of their own; those of a configMap lie on the node's disk."""
OF_FILES = {"configMap", "secret", "projected", "downwardAPI"}
"""Kinds that hold files, and that every container gets read-only."""
_FILES = {"Directory": "directory", "File": "file", "Socket": "socket file"} | {
    "CharDevice": "character device",
    "BlockDevice": "block device",
}
"""Types of hostPath, and what errors call them."""


class KubeletError(Exception):
    """The kubelet cannot do what a pod asks for.

    Attributes:
        reason: of the event: ``FailedMount``, ``Failed``.
        text: its message.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason, self.text = reason, text


class NotModelledError(KubeletError):
    """A volume of a kind that mountlab does not know; a real kubelet may."""


class Setup(NamedTuple):
    """A volume on the node."""

    name: str
    """The volume's name in the pod."""
    kind: str
    path: str
    """Where it is on the node: what containers bind."""
    how: str
    """``found`` on the node; made as ``directory`` or ``tmpfs``; ``bind``, ``nfs``, or a CSI ``driver``'s."""
    source: str = ""
    """Of a bind: the folder; of a driver: its name."""
    data: str = ""
    """Options of a tmpfs."""
    read_only: bool = False
    """Every container gets it read-only."""
    host_type: str = ""
    """Of a hostPath: what must be there."""
    fs_type: str = ""
    """Of a driver's volume: what its manifest says."""
    inner_name: str = ""
    """Its name in the paths of subPaths: that of the persistent volume, where there is one."""


def uid_of(namespace: str, name: str) -> str:
    """A pod's UID: real ones are random, ours are always the same."""
    digest = hashlib.sha256(f"{namespace}/{name}".encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], f"4{digest[13:16]}", f"8{digest[17:20]}", digest[20:32]))


def pod_folder(uid: str) -> str:
    """What the kubelet keeps of a pod."""
    return f"{ROOT}/pods/{uid}"


def volume_folder(uid: str, kind: str, name: str) -> str:
    """Where the volumes of a kind are that the kubelet makes itself."""
    return f"{pod_folder(uid)}/volumes/kubernetes.io~{PLUGINS[kind]}/{name}"


def setups_of(pod: Pod, uid: str, persistent: Mapping[str, Object]) -> dict[str, Setup]:
    """Where each volume of a pod is, by its name in the pod.

    Args:
        pod: a valid one.
        uid: of the pod.
        persistent: the PersistentVolume to which each claim is bound, by the claim's name.

    Raises:
        KubeletError: when a claim is not bound, or a volume's kind is none that can be had here.
    """
    return {volume.name: _setup(volume, uid, persistent) for volume in pod.volumes}


def _setup(volume: Volume, uid: str, persistent: Mapping[str, Object]) -> Setup:
    if not volume.claim:
        return _made(volume.name, volume.name, volume.kind, volume.source, uid)
    bound = persistent.get(volume.claim)
    if bound is None:
        raise KubeletError("FailedScheduling", f'persistentvolumeclaim "{volume.claim}" not found')
    spec = bound.node.get("spec") or bound.node
    kind = next((kind for kind in ("hostPath", "local", "csi", "nfs") if spec.get(kind)), "")
    made = _made(volume.name, bound.name, kind, spec.get(kind) or spec, uid)
    return made._replace(read_only=made.read_only or volume.source.flag("readOnly") is True)


def _made(name: str, inner: str, kind: str, source: Node, uid: str) -> Setup:
    """One volume.

    Args:
        name: in the pod.
        inner: in the node's paths.
        kind: ``hostPath`` …
        source: what the manifest says below the kind.
        uid: of the pod.
    """
    if kind == "hostPath":
        wanted = source.text("type")
        return Setup(name, kind, source.text("path"), "found", host_type=wanted, inner_name=inner)
    if kind not in PLUGINS:
        text = f'volume "{name}": mountlab cannot make a volume of kind {kind or "?"}'
        raise NotModelledError("FailedMount", text)
    folder = volume_folder(uid, kind, inner)
    made = Setup(name, kind, folder, "directory", read_only=kind in OF_FILES, inner_name=inner)
    if kind == "emptyDir" and source.text("medium") == "Memory":
        limit = source.get("sizeLimit")
        return made._replace(how="tmpfs", data=f"size={bytes_of(limit)}" if limit else "")
    if kind in _IN_MEMORY:
        return made._replace(how="tmpfs")
    if kind == "csi":
        made = made._replace(path=f"{folder}/mount", how="driver", source=source.text("driver"))
        made = made._replace(fs_type=source.text("fsType"))
        return made._replace(read_only=source.flag("readOnly") is True)
    if kind == "local":
        return made._replace(how="bind", source=source.text("path"))
    if kind == "nfs":
        export = f"{source.text('server')}:{source.text('path')}"
        return made._replace(how="nfs", source=export, read_only=source.flag("readOnly") is True)
    return made


def nested(pod: Pod, volume: str) -> list[str]:
    """The folders that a volume of files needs, because others are mounted inside it; relative ones.

    Containers get it read-only, so nobody could make them later.
    Source: kubernetes v1.33, pkg/volume/util/nested_volumes.go (getNestedMountpoints).
    """
    found: list[str] = []
    for container in pod.all_containers:
        places = sorted(posixpath.normpath(each.mount_path) for each in container.mounts)
        for own in (posixpath.normpath(each.mount_path) for each in container.mounts if each.name == volume):
            outer = ""
            for place in places:
                if place.startswith(f"{own}/") and not (outer and place.startswith(outer)):
                    outer = f"{place}/"
                    found.append(place.removeprefix(f"{own}/"))
    return found


def sub_path(mount: VolumeMount, index: int, container: Container, setup: Setup, uid: str) -> tuple[str, str]:
    """A subPath: the folder of the volume, and the place on the node where it is bound for this container.

    It is bound there so that nobody can swap the folder for a link between the check and the use.
    """
    source = posixpath.normpath(f"{setup.path}/{mount.sub_path}")
    place = f"{pod_folder(uid)}/volume-subpaths/{setup.inner_name}/{container.name}/{index}"
    return source, place


def host_path_refused(setup: Setup, found: str) -> str:
    """Why the kubelet does not take what is at a hostPath; "" when it does.

    Args:
        setup: of a hostPath volume.
        found: what is there: ``Directory``, ``File``, ``Socket``, ``CharDevice``, ``BlockDevice``, or "".
    """
    wanted = setup.host_type
    if not wanted or (not found and wanted.endswith("OrCreate")):
        return ""
    kind = wanted.removesuffix("OrCreate")
    if not found:
        return f"hostPath {setup.path} doesn't exist"
    return "" if found == kind else f"hostPath type check failed: {setup.path} is not a {_FILES[kind]}"
