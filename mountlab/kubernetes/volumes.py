"""The API server's rules for volumes: of pods, and persistent ones.

Source: kubernetes v1.33, pkg/apis/core/validation/validation.go at commit 000f26050b9b (validateVolumeSource,
validateHostPathVolumeSource, validateProjectionSources, ValidatePersistentVolumeSpec,
ValidatePersistentVolumeClaimSpec).  Of volumes of other kinds (nfs, iscsi …) only the number is looked at.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from mountlab.kubernetes.fielderrors import FieldError, Go, Path, label_errors, subdomain_errors
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.pods import Pod, Volume

HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
_ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_RECLAIM_POLICIES = ("Delete", "Recycle", "Retain")
_VOLUME_MODES = ("Block", "Filesystem")
_MODE_TEXT = "must be a number between 0 and 0777 (octal), both inclusive"
_MOST_MODE = 0o777
_SOURCES = (
    "emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi glusterfs flocker "
    "persistentVolumeClaim rbd cinder cephfs quobyte downwardAPI fc flexVolume configMap azureFile "
    "vsphereVolume photonPersistentDisk portworxVolume azureDisk storageos projected scaleIO csi ephemeral "
    "image"
).split()
"""Kinds of volumes, in the order in which they are looked at."""
_SHORTEST_TOKEN = 600
_Check = Callable[[Node, Path], Iterator[FieldError]]


def volume_errors(pod: Pod, path: Path) -> tuple[frozenset[str], list[FieldError]]:
    """The names of the volumes that are valid, for mounts of others are not found; and what is wrong."""
    good: set[str] = set()
    errors: list[FieldError] = []
    for number, volume in enumerate(pod.volumes):
        here = path.at(number).meaning(Path(volume.path, volume.path))
        found = list(_source_errors(volume, here))
        if not volume.name:
            found.append(here.child("name").required())
        else:
            found += label_errors(volume.name, here.child("name"))
        if volume.name in good:
            found.append(here.child("name").duplicate(volume.name))
        if not found:
            good.add(volume.name)
        errors += found
    return frozenset(good), errors


def _source_errors(volume: Volume, path: Path) -> Iterator[FieldError]:
    kinds = [kind for kind in _SOURCES if kind in volume.kinds]
    if not kinds:
        yield path.required("must specify a volume type")
    for kind in kinds[1:]:
        yield path.child(kind).forbidden("may not specify more than 1 volume type")
    for kind in kinds[:1]:
        check = _CHECKS.get(kind)
        if check:
            yield from check(volume.node.get(kind) or volume.node, path.child(kind))


def host_path_errors(source: Node, path: Path) -> Iterator[FieldError]:
    """hostPath: a path without steps back, and a type that there is."""
    if not source.text("path"):
        yield path.child("path").required()
        return
    yield from backstep_errors(source.text("path"), path.child("path"))
    if source.get("type") and source.text("type") not in HOST_PATH_TYPES:
        yield path.child("type").unsupported(source.text("type"), HOST_PATH_TYPES)


def backstep_errors(value: str, path: Path) -> Iterator[FieldError]:
    """A path that goes back."""
    if ".." in value.split("/"):
        yield path.invalid(value, "must not contain '..'")


def descending_errors(value: str, path: Path) -> Iterator[FieldError]:
    """A path that must stay below: relative, without steps back."""
    if value.startswith("/"):
        yield path.invalid(value, "must be a relative path")
    yield from backstep_errors(value, path)


def _local_errors(value: str, path: Path) -> Iterator[FieldError]:
    yield from descending_errors(value, path)
    if value.startswith("..") and not value.startswith("../"):
        yield path.invalid(value, "must not start with '..'")


def _mode_errors(source: Node, name: str, path: Path) -> Iterator[FieldError]:
    mode = source.number(name)
    if mode is not None and not 0 <= mode <= _MOST_MODE:
        yield path.child(name).invalid(mode, _MODE_TEXT)


def _items_errors(source: Node, path: Path) -> Iterator[FieldError]:
    for index, item in enumerate(source.items("items")):
        here = path.child("items").at(index)
        for name in ("key", "path"):
            if not item.text(name):
                yield here.child(name).required()
        yield from _local_errors(item.text("path"), here.child("path"))
        yield from _mode_errors(item, "mode", here)


def _files_errors(name: str) -> _Check:
    """Of configMap and secret, which differ in how their name is called."""

    def check(source: Node, path: Path) -> Iterator[FieldError]:
        if not source.text(name):
            yield path.child(name).required()
        yield from _mode_errors(source, "defaultMode", path)
        yield from _items_errors(source, path)

    return check


def _empty_dir_errors(source: Node, path: Path) -> Iterator[FieldError]:
    limit = source.get("sizeLimit")
    if limit and str(limit.value).startswith("-"):
        yield path.child("sizeLimit").forbidden("SizeLimit field must be a valid resource quantity")


def _claim_errors(source: Node, path: Path) -> Iterator[FieldError]:
    if not source.text("claimName"):
        yield path.child("claimName").required()


def _ephemeral_errors(source: Node, path: Path) -> Iterator[FieldError]:
    template = source.get("volumeClaimTemplate")
    if template is None:
        yield path.child("volumeClaimTemplate").required()
    else:
        here = path.child("volumeClaimTemplate", "spec")
        yield from claim_errors(template.get("spec") or Node({}, template.line, 0), here)


def _csi_errors(source: Node, path: Path) -> Iterator[FieldError]:
    if not source.text("driver"):
        yield path.child("driver").required()


def _persistent_csi_errors(source: Node, path: Path) -> Iterator[FieldError]:
    yield from _csi_errors(source, path)
    if not source.text("volumeHandle"):
        yield path.child("volumeHandle").required()


def _nfs_errors(source: Node, path: Path) -> Iterator[FieldError]:
    for name in ("server", "path"):
        if not source.text(name):
            yield path.child(name).required()
    if not source.text("path").startswith("/"):
        yield path.child("path").invalid(source.text("path"), "must be an absolute path")


def _projected_errors(source: Node, path: Path) -> Iterator[FieldError]:
    yield from _mode_errors(source, "defaultMode", path)
    for index, part in enumerate(source.items("sources")):
        here = path.child("sources").at(index)
        for kind in ("secret", "configMap"):
            if found := part.get(kind):
                if not found.text("name"):
                    yield here.child(kind, "name").required()
                yield from _items_errors(found, here.child(kind))
        if token := part.get("serviceAccountToken"):
            seconds = token.number("expirationSeconds")
            if seconds is not None and seconds < _SHORTEST_TOKEN:
                spot = here.child("serviceAccountToken", "expirationSeconds")
                yield spot.invalid(seconds, "may not specify a duration less than 10 minutes")
            if not token.text("path"):
                yield path.child("path").meaning(here.child("serviceAccountToken")).required()
        if isinstance(part.value, dict) and len(part.value) > 1:
            yield here.forbidden("may not specify more than 1 volume type per source")


_CHECKS: dict[str, _Check] = {
    "hostPath": host_path_errors,
    "emptyDir": _empty_dir_errors,
    "configMap": _files_errors("name"),
    "secret": _files_errors("secretName"),
    "projected": _projected_errors,
    "persistentVolumeClaim": _claim_errors,
    "csi": _csi_errors,
    "ephemeral": _ephemeral_errors,
    "nfs": _nfs_errors,
}
_PERSISTENT = ("hostPath", "nfs", "local", "csi")


def persistent_volume_errors(spec: Node, path: Path) -> Iterator[FieldError]:
    """Of a PersistentVolume."""
    if not spec.items("accessModes"):
        yield path.child("accessModes").required()
    yield from _access_mode_errors(spec, path)
    if not spec.fields("capacity"):
        yield path.child("capacity").required()
    if list(spec.fields("capacity")) != ["storage"]:
        shown = "core.ResourceList{...}" if spec.fields("capacity") else "core.ResourceList(nil)"
        yield path.child("capacity").unsupported(Go(shown), ("storage",))
    yield from _word_errors(spec, "persistentVolumeReclaimPolicy", _RECLAIM_POLICIES, path)
    fields = spec.value if isinstance(spec.value, dict) else {}
    kinds = [kind for kind in (*_PERSISTENT, *_SOURCES) if kind in fields and spec.get(kind)]
    kinds = list(dict.fromkeys(kinds))
    if not kinds:
        yield path.required("must specify a volume type")
    for kind in kinds[1:]:
        yield path.child(kind).forbidden("may not specify more than 1 volume type")
    for kind in kinds[:1]:
        yield from _persistent_source_errors(kind, spec, path)
    folder = spec.get("hostPath")
    if folder and posixpath.normpath(folder.text("path") or ".") == "/":
        policy = spec.text("persistentVolumeReclaimPolicy")
        if policy == "Recycle":
            spot = path.child("persistentVolumeReclaimPolicy")
            yield spot.forbidden("may not be 'recycle' for a hostPath mount of '/'")
    yield from _word_errors(spec, "volumeMode", _VOLUME_MODES, path)


def _persistent_source_errors(kind: str, spec: Node, path: Path) -> Iterator[FieldError]:
    source = spec.get(kind) or spec
    if kind == "local":
        here = path.child("local")
        if not source.text("path"):
            yield here.child("path").required()
        yield from backstep_errors(source.text("path"), here.child("path"))
        if not spec.at("nodeAffinity", "required"):
            yield path.child("nodeAffinity").required("Local volume requires node affinity")
    elif kind == "csi":
        yield from _persistent_csi_errors(source, path.child("csi"))
    elif kind in {"hostPath", "nfs"}:
        yield from _CHECKS[kind](source, path.child(kind))


def claim_errors(spec: Node, path: Path) -> Iterator[FieldError]:
    """Of a PersistentVolumeClaim."""
    if not spec.items("accessModes"):
        yield path.child("accessModes").required("at least 1 access mode is required")
    yield from _access_mode_errors(spec, path)
    storage = spec.at("resources", "requests", "storage")
    if storage is None:
        yield path.child("resources").key("storage").required()
    elif str(storage.value).startswith("-") or str(storage.value).strip("0") == "":
        yield path.child("resources").key("storage").invalid(str(storage.value), "must be greater than zero")
    if spec.text("storageClassName"):
        yield from subdomain_errors(spec.text("storageClassName"), path.child("storageClassName"))
    yield from _word_errors(spec, "volumeMode", _VOLUME_MODES, path)


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
