"""What a manifest asks for that will not do what its author hopes, with its line and a cure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from mountlab.kubernetes.explained.chain import Asked, Warned
from mountlab.kubernetes.explained.words import say
from mountlab.kubernetes.kubelet import ROOT
from mountlab.kubernetes.pods import Volume

_BOTH = "Bidirectional"
_FOLDERS = ("", "Directory", "DirectoryOrCreate")
"""Types of a hostPath on which something can be mounted later."""


def amiss(asked: Asked, volume: Volume | None) -> Iterator[Warned]:
    """What is amiss with one entry of ``volumeMounts``, as far as the manifest tells.

    Args:
        asked: the entry.
        volume: the one that it names, if there is one.
    """
    if asked.propagation == _BOTH and not asked.is_privileged:
        yield _warned(asked, "unprivileged")
    if volume is None:
        return
    if volume.kind == "emptyDir" and asked.propagation == _BOTH:
        yield _warned(asked, "empty-dir")
    if volume.kind != "hostPath":
        return
    path = volume.source.text("path")
    if path.startswith("/") and not posixpath.normpath(path).strip("/"):
        yield _warned(asked, "root")._replace(place=asked.volume_place)
    if asked.propagation in {None, "None"} and volume.source.text("type") in _FOLDERS:
        yield _warned(asked, "none-later", path=path)._replace(is_note=True)


def amiss_on_node(asked: Asked) -> Iterator[Warned]:
    """What is amiss with the mount of the node that holds the source."""
    check = asked.check
    if check is None or check.is_shared:
        return
    warned = _warned(
        asked,
        "not-shared" if check.error else "slave-only",
        source=check.source,
        mounted_on=check.mounted_on,
    )
    is_kubelets = check.mounted_on.startswith(f"{ROOT}/pods/")
    yield warned._replace(cure=say("cure.of-kubelet", folder=ROOT)) if is_kubelets else warned


def _warned(asked: Asked, rule: str, **facts: object) -> Warned:
    facts |= {"mount": asked.mount_path, "mode": asked.propagation or "None"}
    sentence, cure = (say(f"{part}.{rule}", **facts) for part in ("amiss", "cure"))
    return Warned(asked.place, rule, False, sentence, cure)
