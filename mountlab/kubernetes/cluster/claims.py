"""Claims and volumes of a cluster: who is bound to whom, and what a StorageClass provides.

Source: kubernetes v1.33, pkg/controller/volume/persistentvolume/pv_controller.go; external-provisioner v5.
A driver provides volumes here as soon as its node plugin is there: its controller is not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mountlab.kubernetes.cluster import csi
from mountlab.kubernetes.cluster.events import Events
from mountlab.kubernetes.cluster.state import Event, PodState
from mountlab.kubernetes.cluster.volumes import persistent_volumes
from mountlab.kubernetes.manifests import Object, read

_CLAIM, _VOLUME, _CLASS = "PersistentVolumeClaim", "PersistentVolume", "StorageClass"
_NOBODY = "kubernetes.io/no-provisioner"
_FS_TYPE = "csi.storage.k8s.io/fstype"
_WAITS = (
    "Waiting for a volume to be created either by the external provisioner '{driver}' or manually by the"
    " system administrator. If volume creation is delayed, please verify that the provisioner is running and"
    " correctly registered."
)
Key = tuple[str, str, str]


def bindings(objects: Mapping[Key, Object]) -> dict[tuple[str, str], Object]:
    """The volume of each claim, by the claim's namespace and name; no volume has two."""
    bound: dict[tuple[str, str], Object] = {}
    claims = [each for each in objects.values() if each.kind == _CLAIM]
    for namespace in dict.fromkeys(each.namespace for each in claims):
        free = [each for each in objects.values() if each.kind == _VOLUME and each not in bound.values()]
        own = [each for each in claims if each.namespace == namespace]
        bound |= {(namespace, name): volume for name, volume in persistent_volumes([*free, *own]).items()}
    return bound


def provided(
    objects: Mapping[Key, Object], pods: Mapping[tuple[str, str], PodState], events: Events
) -> Iterator[Object]:
    """The volumes that drivers make for claims which have none; who waits for a driver is told so."""
    known = bindings(objects)
    for claim in [each for each in objects.values() if each.kind == _CLAIM]:
        name = claim.node.at("spec", "storageClassName")
        found = objects.get((_CLASS, "", str(name.value))) if name else None
        driver = found.node.text("provisioner") if found else ""
        if (claim.namespace, claim.name) in known or not found or driver in {"", _NOBODY}:
            continue
        if found.node.text("volumeBindingMode") == "WaitForFirstConsumer" and not _is_used(claim, pods):
            continue
        if any(csi.is_plugin(pod, driver) for pod in pods.values()):
            yield _volume(claim, found, driver)
        else:
            text = _WAITS.format(driver=driver)
            place = f"persistentvolumeclaim/{claim.name}"
            source = "persistentvolume-controller"
            events.add(Event(False, "ExternalProvisioning", source, claim.namespace, place, text))


def _is_used(claim: Object, pods: Mapping[tuple[str, str], PodState]) -> bool:
    return any(
        volume.claim == claim.name
        for pod in pods.values()
        if pod.namespace == claim.namespace
        for volume in pod.pod.volumes
    )


def _volume(claim: Object, found: Object, driver: str) -> Object:
    """A volume as a driver makes it; real ones are called after the claim's UID."""
    name = f"pvc-{claim.name}" if claim.namespace == "default" else f"pvc-{claim.namespace}-{claim.name}"
    storage = claim.node.at("spec", "resources", "requests", "storage")
    parameters = found.node.fields("parameters")
    kind = str(parameters[_FS_TYPE].value) if _FS_TYPE in parameters else ""
    policy = found.node.text("reclaimPolicy") or "Delete"
    text = f"""
apiVersion: v1
kind: PersistentVolume
metadata: {{name: {name}}}
spec:
  accessModes: [ReadWriteMany]
  capacity: {{storage: {storage.value if storage else "1Gi"}}}
  storageClassName: {found.name}
  persistentVolumeReclaimPolicy: {policy}
  claimRef: {{name: {claim.name}, namespace: {claim.namespace}}}
  csi: {{driver: {driver}, volumeHandle: {name}, fsType: "{kind}"}}
"""
    return read(text, driver).objects[0]
