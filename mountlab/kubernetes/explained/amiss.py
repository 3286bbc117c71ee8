"""What a manifest asks for that will not do what its author hopes, with its line and a cure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mountlab.kubernetes.errors import CustomKindError, Place
from mountlab.kubernetes.explained.chain import Asked, Warned
from mountlab.kubernetes.explained.words import say
from mountlab.kubernetes.kubelet import OF_FILES, ROOT
from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.pods import Container, Pod, Volume, VolumeMount

_BOTH = "Bidirectional"
_SILENT = (None, "None")
_FOLDERS = ("", "Directory", "DirectoryOrCreate")
"""Types of a hostPath on which something can be mounted later."""
_LATER = ("/mnt", "/media", "/run/media", "/net")
"""Where the file-system hierarchy standard and autofs have mounts that come and go."""
_OTHERS_MOUNTS: tuple[str, ...] = (
    ROOT,
    f"{ROOT}/pods",
    "/var/lib/containerd",
    "/run/containerd",
    "/var/lib/docker",
)
_OTHERS_MOUNTS += ("/var/lib/docker/overlay2", "/var/lib/docker/containers", "/var/lib/containers/storage")
"""Where the kubelet and runtimes have the mounts of other pods."""
_MOUNTS = re.compile(r"(?:^|[\s;&|('\"])(?:/(?:usr/)?s?bin/)?mount(?:\.\w+)?\s")
_UNMOUNTS = re.compile(r"\b(?:umount|fusermount3?)\b")


class Entry(NamedTuple):
    """One entry of ``volumeMounts`` with all that it belongs to."""

    asked: Asked
    mount: VolumeMount
    volume: Volume | None
    container: Container
    pod: Pod
    neighbours: tuple[Asked, ...] = ()
    """All entries of the same container."""

    @property
    def mode(self) -> str:
        return self.asked.propagation or "None"


def amiss(entry: Entry) -> Iterator[Warned]:
    """What is amiss with one entry, as far as the manifest tells."""
    asked, volume = entry.asked, entry.volume
    if asked.propagation == _BOTH and not asked.is_privileged:
        yield _warned(asked, "unprivileged")
    if volume is None:
        return
    if volume.kind in OF_FILES:
        if asked.propagation not in _SILENT:
            yield _warned(asked, "no-effect", kind=volume.kind)
        return
    if asked.propagation == _BOTH:
        yield from _both(entry, volume)
    if asked.propagation not in _SILENT and (entry.mount.sub_path or entry.mount.sub_path_expr):
        below = entry.mount.sub_path or entry.mount.sub_path_expr
        yield _warned(asked, "sub-path", below=below)
    if volume.kind == "hostPath":
        yield from _host_path(asked, volume)


def _both(entry: Entry, volume: Volume) -> Iterator[Warned]:
    """Bidirectional: where mounts land, and whether they go again."""
    said = _said(entry.container)
    has_end = bool(_UNMOUNTS.search(said))
    is_heard = any(
        mount.name == volume.name and mount.propagation not in _SILENT
        for container in entry.pod.all_containers
        if container.path != entry.container.path
        for mount in container.mounts
    )
    if volume.kind == "emptyDir" and not (has_end and is_heard):
        yield _warned(entry.asked, "empty-dir")
    if _MOUNTS.search(said) and not has_end:
        yield _warned(entry.asked, "left-behind")


def _said(container: Container) -> str:
    """All words that a container runs, of its hooks, too."""
    words = [*container.command, *container.args]
    for hook in ("postStart", "preStop"):
        found = container.node.at("lifecycle", hook, "exec")
        words += [str(each.value) for each in found.items("command")] if found else []
    return " ".join(words) + " "


def _host_path(asked: Asked, volume: Volume) -> Iterator[Warned]:
    path = _clean(volume.source.text("path"))
    if path == "/":
        yield _warned(asked, "root")._replace(place=asked.volume_place)
    if asked.propagation not in _SILENT or volume.source.text("type") not in _FOLDERS:
        return
    if path == "/" or path in _OTHERS_MOUNTS:
        yield _warned(asked, "none-maybe", path=path)


def amiss_on_node(entry: Entry, mounted: Sequence[str]) -> Iterator[Warned]:
    """What is amiss with an entry on this node.

    Args:
        entry: it.
        mounted: what was mounted on the node before the first pod.
    """
    asked, check = entry.asked, entry.asked.check
    if check is not None and not check.is_shared:
        warned = _warned(
            asked,
            "not-shared" if check.error else "slave-only",
            source=check.source,
            mounted_on=check.mounted_on,
        )
        is_kubelets = check.mounted_on.startswith(f"{ROOT}/pods/")
        yield warned._replace(cure=say("cure.of-kubelet", folder=ROOT)) if is_kubelets else warned
    if entry.volume is not None and entry.volume.kind == "hostPath":
        yield from _shallow(entry, mounted)
        yield from _early(entry, entry.volume, mounted)


def _shallow(entry: Entry, mounted: Sequence[str]) -> Iterator[Warned]:
    """Read-only is the mount itself, not what is mounted below it."""
    setup = entry.asked.setup
    is_recursive = entry.mount.recursive_read_only not in {None, "Disabled"}
    if setup is None or not entry.mount.read_only or is_recursive:
        return
    own = {_clean(each.setup.path) for each in entry.neighbours if each.setup}
    below = [each for each in mounted if each not in own and is_below(each, setup.path)]
    if below:
        yield _warned(entry.asked, "read-only-shallow", path=setup.path, below=below[0])


def _early(entry: Entry, volume: Volume, mounted: Sequence[str]) -> Iterator[Warned]:
    """Mode None below a place for mounts on which nothing is mounted yet."""
    path, kind = _clean(volume.source.text("path")), volume.source.text("type")
    is_later = any(path == place or is_below(path, place) for place in _LATER)
    is_there = any(path == each or is_below(path, each) for each in mounted if each != "/")
    if is_later and not is_there and kind in _FOLDERS and entry.asked.propagation in _SILENT:
        rule = "made-early" if kind == "DirectoryOrCreate" else "none-maybe"
        yield _warned(entry.asked, rule, path=path)


def amiss_between(entries: Sequence[Entry]) -> Iterator[Warned]:
    """Mode None where another container of these files mounts with Bidirectional."""
    both = [each for each in entries if each.mode == _BOTH and each.asked.setup]
    for entry in entries:
        setup = entry.asked.setup
        if setup is None or entry.asked.propagation not in _SILENT:
            continue
        for other in both:
            theirs = other.asked.setup.path if other.asked.setup else ""
            is_other = (other.pod, other.container.path) != (entry.pod, entry.container.path)
            if is_other and (_clean(theirs) == _clean(setup.path) or is_below(theirs, setup.path)):
                who = f"{other.pod.name}/{other.container.name}"
                yield _warned(entry.asked, "none-later", path=setup.path, who=who)
                break


def given_twice(place: Place) -> Warned:
    """A key, or an object, that is there again; its path says which."""
    return _told(place, "given-twice", field=place.path)


def stands_in(found: Object, volume: Volume) -> Warned:
    """A claim whose PersistentVolume nobody has seen."""
    return _told(found.place(volume.path), "claim-stand-in", claim=volume.claim)


def custom_kind(error: CustomKindError) -> Warned:
    """An object that only a cluster with its CustomResourceDefinition takes."""
    return _told(error.places[0], "custom-kind", kind=error.kind)


def is_below(path: str, folder: str) -> bool:
    """Whether a path is inside a folder."""
    return _clean(path).startswith(f"{_clean(folder).rstrip('/')}/") and _clean(path) != _clean(folder)


def _clean(path: str) -> str:
    return posixpath.normpath(f"/{path}".replace("//", "/")) if path else ""


def _warned(asked: Asked, rule: str, **facts: object) -> Warned:
    facts |= {"mount": asked.mount_path, "mode": asked.propagation or "None"}
    return _told(asked.place, rule, **facts)


def _told(place: Place, rule: str, **facts: object) -> Warned:
    sentence, cure = (say(f"{part}.{rule}", **facts) for part in ("amiss", "cure"))
    return Warned(place, rule, sentence, cure)
