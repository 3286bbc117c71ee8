"""The API server's rules for the volumes of a pod.

Source: kubernetes v1.33, pkg/apis/core/validation/validation.go at commit 000f26050b9b (ValidateVolumes,
validateVolumeSource).  Of volumes of other kinds than these (iscsi, image …) only the number is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from mountlab.kubernetes.fielderrors import FieldError, Path, label_errors, subdomain_texts
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.persistent import claim_errors
from mountlab.kubernetes.pods import Pod, Volume
from mountlab.kubernetes.sources import (
    Check,
    claim_name_errors,
    csi_errors,
    empty_dir_errors,
    files_errors,
    host_path_errors,
    nfs_errors,
    projected_errors,
)

_SOURCES = (
    "emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi glusterfs flocker "
    "persistentVolumeClaim rbd cinder cephfs quobyte downwardAPI fc flexVolume configMap azureFile "
    "vsphereVolume photonPersistentDisk portworxVolume azureDisk storageos projected scaleIO csi ephemeral "
    "image"
).split()
"""Kinds of volumes, in the order in which they are looked at."""
_MISSPELT = {"downwardAPI": "downwarAPI", "cephfs": "cephFS"}
"""What the API server calls a kind that is one too many, where that is not its name."""


def volume_errors(pod: Pod, path: Path) -> tuple[Mapping[str, Volume], list[FieldError]]:
    """The volumes that are valid, by name, for mounts of others are not found; and what is wrong."""
    good: dict[str, Volume] = {}
    errors: list[FieldError] = []
    own = [each for each in pod.volumes if "ephemeral" in each.kinds and pod.has_name]
    made = {f"{pod.name}-{each.name}" for each in own}
    for number, volume in enumerate(pod.volumes):
        here = path.at(number).meaning(Path(volume.path, volume.path))
        found = [*_source_errors(volume, here), *_own_claim_errors(pod, volume, here)]
        if not volume.name:
            found.append(here.child("name").required())
        else:
            found += label_errors(volume.name, here.child("name"))
        if volume.name in good:
            found.append(here.child("name").duplicate(volume.name))
        if not found:
            good[volume.name] = volume
        errors += found
        errors += _others_claim_errors(volume, made, here)
    return good, errors


def _others_claim_errors(volume: Volume, made: Collection[str], path: Path) -> Iterator[FieldError]:
    """A claim that an ephemeral volume has for itself is nobody else's."""
    source = volume.node.get("persistentVolumeClaim")
    if source and source.text("claimName") in made:
        text = "must not reference a PVC that gets created for an ephemeral volume"
        yield path.child("persistentVolumeClaim", "claimName").invalid(source.text("claimName"), text)


def _source_errors(volume: Volume, path: Path) -> Iterator[FieldError]:
    kinds = _kinds(volume)
    for kind in kinds[:1]:
        check = _CHECKS.get(kind)
        if check:
            yield from check(volume.node.get(kind) or volume.node, path.child(kind))
    for kind in kinds[1:]:
        called = path.child(_MISSPELT.get(kind, kind)).meaning(path.child(kind))
        yield called.forbidden("may not specify more than 1 volume type")


def _kinds(volume: Volume) -> list[str]:
    return [kind for kind in _SOURCES if kind in volume.kinds]


def _own_claim_errors(pod: Pod, volume: Volume, path: Path) -> Iterator[FieldError]:
    """An ephemeral volume's claim is called after pod and volume: that has to be a good name, too."""
    if _kinds(volume)[:1] == ["ephemeral"] and volume.name and pod.has_name:
        claim = f"{pod.name}-{volume.name}"
        for text in subdomain_texts(claim):
            yield path.child("name").invalid(volume.name, f'PVC name "{claim}": {text}')


def _ephemeral_errors(source: Node, path: Path) -> Iterator[FieldError]:
    template, here = source.get("volumeClaimTemplate"), path.child("volumeClaimTemplate")
    if template is None:
        yield here.required()
    else:
        yield from claim_errors(template.get("spec") or Node({}, template.line, 0), here.child("spec"))


_CHECKS: dict[str, Check] = {
    "hostPath": host_path_errors,
    "emptyDir": empty_dir_errors,
    "configMap": files_errors("name"),
    "secret": files_errors("secretName"),
    "projected": projected_errors,
    "persistentVolumeClaim": claim_name_errors,
    "csi": csi_errors,
    "ephemeral": _ephemeral_errors,
    "nfs": nfs_errors,
}
