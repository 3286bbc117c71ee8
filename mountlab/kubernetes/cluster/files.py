"""What is in the volumes that hold files: of a ConfigMap, a Secret, or several of them projected.

Source: kubernetes v1.33, pkg/volume/{configmap,secret,projected}.  Real volumes reach each file through a
link to a folder with a date, so that all change at once; here they lie there plainly.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator

from mountlab.kubernetes.kubelet import KubeletError
from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.pods import Volume

Find = Callable[[str, str], Object | None]
"""The object of that kind and name in the pod's namespace."""
_NAMES = {"configMap": "name", "secret": "secretName"}
"""The field that names the object."""


def files_of(volume: Volume, find: Find) -> dict[str, str]:
    """Each file's path in the volume, and its content.

    Raises:
        KubeletError: when an object is not there, and not optional.
    """
    if volume.kind in _NAMES:
        name = volume.source.text(_NAMES[volume.kind])
        return dict(_files(volume.name, volume.kind, name, volume.source, find))
    found: dict[str, str] = {}
    for part in volume.source.items("sources") if volume.kind == "projected" else ():
        for kind in _NAMES:
            if source := part.get(kind):
                found |= dict(_files(volume.name, kind, source.text("name"), source, find))
        if token := part.get("serviceAccountToken"):
            found[token.text("path")] = "a token\n"
    return found


def _files(volume: str, kind: str, name: str, source: Node, find: Find) -> Iterator[tuple[str, str]]:
    found = find("ConfigMap" if kind == "configMap" else "Secret", name)
    if found is None:
        if source.flag("optional"):
            return
        text = f'{kind.lower()} "{name}" not found'
        raise KubeletError("FailedMount", f'MountVolume.SetUp failed for volume "{volume}" : {text}')
    data = dict(_data(found))
    items = source.items("items")
    for item in items:
        key, path = item.text("key"), item.text("path")
        if key not in data:
            text = f"references non-existent {'config' if kind == 'configMap' else 'secret'} key: {key}"
            raise KubeletError(
                "FailedMount", f'MountVolume.SetUp failed for volume "{volume}" : {kind.lower()} {text}'
            )
        yield path, data[key]
    if not items:
        yield from data.items()


def _data(found: Object) -> Iterator[tuple[str, str]]:
    """What is in an object; a Secret's data are in base64, its stringData are not."""
    for key, value in found.node.fields("data").items():
        text = str(value.value)
        if found.kind == "Secret":
            try:
                text = base64.b64decode(text).decode()
            except (binascii.Error, ValueError):
                text = ""
        yield key, text
    for key, value in found.node.fields("stringData").items():
        yield key, str(value.value)
