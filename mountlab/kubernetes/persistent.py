"""The API server's rules for PersistentVolumes, and for the claims that ask for one.

Source: kubernetes v1.33, pkg/apis/core/validation/validation.go at commit 000f26050b9b
(ValidatePersistentVolumeSpec, ValidatePersistentVolumeClaimSpec).  Of volumes of other kinds than these only
the number is looked at; what a claim copies (dataSource) is not.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from mountlab.kubernetes.fielderrors import FieldError, Go, Path, subdomain_errors
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.quantities import bytes_of, shown, value_of
from mountlab.kubernetes.sources import Check, backstep_errors, csi_errors, host_path_errors, nfs_errors

_ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_RECLAIM_POLICIES = ("Delete", "Recycle", "Retain")
_VOLUME_MODES = ("Block", "Filesystem")
_SOURCES = (
    "hostPath gcePersistentDisk awsElasticBlockStore glusterfs flocker nfs rbd quobyte cephfs iscsi cinder "
    "fc flexVolume azureFile vsphereVolume photonPersistentDisk portworxVolume azureDisk scaleIO local "
    "storageos csi"
).split()
"""Kinds of volumes, in the order in which they are looked at."""


def persistent_volume_errors(spec: Node, path: Path) -> Iterator[FieldError]:
    """Of a PersistentVolume."""
    if not spec.items("accessModes"):
        yield path.child("accessModes").required()
    yield from _access_mode_errors(spec, path)
    yield from _capacity_errors(spec, path.child("capacity"))
    yield from _word_errors(spec, "persistentVolumeReclaimPolicy", _RECLAIM_POLICIES, path)
    yield from _kind_errors(spec, path)
    folder = spec.get("hostPath")
    if folder and posixpath.normpath(folder.text("path") or ".") in {"/", "//"}:
        policy = spec.text("persistentVolumeReclaimPolicy")
        if policy == "Recycle":
            spot = path.child("persistentVolumeReclaimPolicy")
            yield spot.forbidden("may not be 'recycle' for a hostPath mount of '/'")
    yield from _class_errors(spec, path)
    yield from _word_errors(spec, "volumeMode", _VOLUME_MODES, path)


def _capacity_errors(spec: Node, path: Path) -> Iterator[FieldError]:
    """A capacity is of storage alone; Go prints all of another one, we dots."""
    capacity = spec.fields("capacity")
    if not capacity:
        yield path.required()
    if list(capacity) != ["storage"]:
        inside = "{...}" if capacity else "{}" if spec.get("capacity") else "(nil)"
        yield path.unsupported(Go(f"core.ResourceList{inside}"), ("storage",))
    for name, quantity in capacity.items():
        if value_of(quantity) < 0:
            yield path.key(name).invalid(bytes_of(quantity), "must be a valid resource quantity")
        yield from _positive_errors(quantity, path.key(name))


def _positive_errors(quantity: Node, path: Path) -> Iterator[FieldError]:
    if value_of(quantity) <= 0:
        yield path.invalid(shown(quantity), "must be greater than zero")


def _kind_errors(spec: Node, path: Path) -> Iterator[FieldError]:
    """It is of one kind, and what that is made of."""
    kinds = [kind for kind in _SOURCES if spec.get(kind)]
    for kind in kinds[:1]:
        if check := _CHECKS.get(kind):
            yield from check(spec.get(kind) or spec, path.child(kind))
        if kind == "local" and not spec.at("nodeAffinity", "required"):
            yield path.child("nodeAffinity").required("Local volume requires node affinity")
    for kind in kinds[1:]:
        yield path.child(kind).forbidden("may not specify more than 1 volume type")
    if not kinds:
        yield path.required("must specify a volume type")


def _local_errors(source: Node, path: Path) -> Iterator[FieldError]:
    if not source.text("path"):
        yield path.child("path").required()
        return
    yield from backstep_errors(source.text("path"), path.child("path"))


def _csi_errors(source: Node, path: Path) -> Iterator[FieldError]:
    yield from csi_errors(source, path)
    if not source.text("volumeHandle"):
        yield path.child("volumeHandle").required()


_CHECKS: dict[str, Check] = {
    "hostPath": host_path_errors,
    "nfs": nfs_errors,
    "local": _local_errors,
    "csi": _csi_errors,
}


def claim_errors(spec: Node, path: Path) -> Iterator[FieldError]:
    """Of a PersistentVolumeClaim."""
    if not spec.items("accessModes"):
        yield path.child("accessModes").required("at least 1 access mode is required")
    yield from _access_mode_errors(spec, path)
    storage, here = spec.at("resources", "requests", "storage"), path.child("resources").key("storage")
    if storage is None:
        yield here.required()
    else:
        yield from _positive_errors(storage, here)
    yield from _class_errors(spec, path)
    yield from _word_errors(spec, "volumeMode", _VOLUME_MODES, path)


def _class_errors(spec: Node, path: Path) -> Iterator[FieldError]:
    if spec.text("storageClassName"):
        yield from subdomain_errors(spec.text("storageClassName"), path.child("storageClassName"))


def _access_mode_errors(spec: Node, path: Path) -> Iterator[FieldError]:
    modes = [str(each.value) for each in spec.items("accessModes")]
    for mode in modes:
        if mode not in _ACCESS_MODES:
            yield path.child("accessModes").unsupported(mode, _ACCESS_MODES)
    known = {mode for mode in modes if mode in _ACCESS_MODES}
    if "ReadWriteOncePod" in known and len(known) > 1:
        yield path.child("accessModes").forbidden("may not use ReadWriteOncePod with other access modes")


def _word_errors(spec: Node, name: str, words: tuple[str, ...], path: Path) -> Iterator[FieldError]:
    if spec.get(name) and spec.text(name) not in words:
        yield path.child(name).unsupported(spec.text(name), words)
