"""What people believe of a pod's volumes: modes, who gets what, and what goes with the pod."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from mountlab.errors import MountError
from mountlab.kubernetes.yamltree import document, split
from mountlab.model import MNT_DETACH
from mountlab.practice.mind import Mind, Reading

Fields = dict[str, Any]
"""A part of a manifest, as YAML has it."""
Change = Callable[[Fields], None]
"""Changes the spec of a pod."""

NONE, FROM_HOST, BOTH = "None", "HostToContainer", "Bidirectional"
MODES = (NONE, FROM_HOST, BOTH)


def silence_is_host_to_container(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A volume without mountPropagation gets what the host mounts later."""

    def change(spec: Fields) -> None:
        for mount in _mounts(spec):
            mount.setdefault("mountPropagation", FROM_HOST)

    _change_pods(mind, argv, change)
    yield argv


def host_to_container_sends(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """What a container with HostToContainer mounts, the node has as well."""

    def change(spec: Fields) -> None:
        for container in _containers(spec):
            is_privileged = container.get("securityContext", {}).get("privileged")
            for mount in container.get("volumeMounts", []):
                if is_privileged and _mode(mount) == FROM_HOST:
                    mount["mountPropagation"] = BOTH

    _change_pods(mind, argv, change)
    yield argv


def none_hides_what_is_there(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """With None a container does not even see what was mounted below the volume before its start."""
    specs = _specs(mind, argv)
    inside = {mount["mountPath"] for spec in specs for mount in _mounts(spec) if _mode(mount) == NONE}
    before = {table.id for table in mind.tables()}
    yield argv
    for table in mind.tables():
        for row in table.mounts if table.id not in before else ():
            if any(row.mountpoint.startswith(f"{path}/") for path in inside):
                mind.detach(row.mount_id)


def sender_decides(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """What a Bidirectional container mounts, every other container of that volume gets."""
    if any(_mode(mount) == BOTH for spec in _specs(mind, argv) for mount in _mounts(spec)):
        _change_pods(mind, argv, _listen)
    yield argv


def mode_is_of_the_container(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A container has one mode, the strongest of its volumes', for its whole mount table."""

    def change(spec: Fields) -> None:
        for container in _containers(spec):
            mounts = container.get("volumeMounts", [])
            strongest = max(map(_mode, mounts), key=MODES.index, default=NONE)
            for mount in mounts:
                mount["mountPropagation"] = strongest

    _change_pods(mind, argv, change)
    yield argv


def a_capability_is_enough(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A container with SYS_ADMIN may have Bidirectional."""

    def change(spec: Fields) -> None:
        for container in _containers(spec):
            security = container.get("securityContext", {})
            if "SYS_ADMIN" in security.get("capabilities", {}).get("add", []):
                security["privileged"] = True

    _change_pods(mind, argv, change)
    yield argv


def bidirectional_shares_the_source(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """Kubernetes makes the node's directory shared where a mode needs it."""
    if any(_mode(mount) != NONE for spec in _specs(mind, argv) for mount in _mounts(spec)):
        given, mind.input = mind.input, None
        yield ["mount", "--make-rshared", "/"]
        mind.input = given
    yield argv


def pod_takes_along(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """What a pod has mounted is unmounted on the node when the pod is deleted."""
    gone = argv[3:] if tuple(argv[:3]) == ("kubectl", "delete", "pod") else ()
    for table in mind.tables():
        for holder in table.holders:
            if holder.kind == "container" and holder.name.partition("/")[0] in gone:
                for row in reversed(table.mounts):
                    with suppress(MountError):
                        process = f":container {holder.name}"
                        mind.machine.daemons.world.umount(process, row.mountpoint, MNT_DETACH)
    yield argv


def containers_of_a_pod_share_mounts(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """Containers of one pod see what each other mounts in a volume that both have."""

    def change(spec: Fields) -> None:
        if len(spec["containers"]) > 1:
            _connect(spec["containers"])

    _change_pods(mind, argv, change)
    yield argv


def init_mount_stays(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """What an init container has mounted in a volume is there for the containers after it."""

    def change(spec: Fields) -> None:
        if spec.get("initContainers"):
            _connect(spec["initContainers"])

    _change_pods(mind, argv, change)
    yield argv


def empty_dir_needs_propagation(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """Without a mode each container has an emptyDir to itself, and sees no file of the others."""

    def change(spec: Fields) -> None:
        for volume in [each for each in spec.get("volumes", []) if "emptyDir" in each]:
            for number, container in enumerate(spec["containers"][1:], 2):
                own = f"{volume['name']}-{number}"
                spec["volumes"].append({"name": own, "emptyDir": {}})
                for mount in container.get("volumeMounts", []):
                    if mount["name"] == volume["name"] and _mode(mount) == NONE:
                        mount["name"] = own

    _change_pods(mind, argv, change)
    yield argv


# -- how manifests are read and changed ---------------------------------------------------------------------


def _mode(mount: Fields) -> str:
    return str(mount.get("mountPropagation", NONE))


def _containers(spec: Fields) -> list[Fields]:
    return [*spec.get("initContainers", []), *spec["containers"]]


def _mounts(spec: Fields) -> list[Fields]:
    return [mount for container in _containers(spec) for mount in container.get("volumeMounts", [])]


def _listen(spec: Fields) -> None:
    """Who has no mode listens."""
    for mount in _mounts(spec):
        if _mode(mount) == NONE:
            mount["mountPropagation"] = FROM_HOST


def _connect(containers: Iterable[Fields]) -> None:
    """Who may mount sends it out, and all others listen."""
    for container in containers:
        is_privileged = container.get("securityContext", {}).get("privileged")
        for mount in container.get("volumeMounts", []):
            mount["mountPropagation"] = BOTH if is_privileged else FROM_HOST


def _documents(mind: Mind, argv: Sequence[str]) -> list[Fields]:
    """The objects of a manifest that is applied from a here-document."""
    if tuple(argv[:2]) != ("kubectl", "apply") or mind.input is None:
        return []
    found = (document(text, first) for first, text in split(mind.input))
    return [each.plain() for each in found if each is not None]


def _specs(mind: Mind, argv: Sequence[str]) -> list[Fields]:
    return [spec for each in _documents(mind, argv) if (spec := _pod_of(each))]


def _pod_of(manifest: Fields) -> Fields | None:
    """The spec of the pod, or of the pods that are made."""
    spec = manifest.get("spec", {})
    spec = spec.get("template", {}).get("spec", spec)
    return spec if "containers" in spec else None


def _change_pods(mind: Mind, argv: Sequence[str], change: Change) -> None:
    """Let other manifests be applied: JSON is YAML."""
    documents = _documents(mind, argv)
    for each in documents:
        if spec := _pod_of(each):
            change(spec)
    if documents:
        mind.input = "\n---\n".join(map(json.dumps, documents)) + "\n"


ALL = (
    silence_is_host_to_container,
    host_to_container_sends,
    none_hides_what_is_there,
    sender_decides,
    mode_is_of_the_container,
    a_capability_is_enough,
    bidirectional_shares_the_source,
    pod_takes_along,
    containers_of_a_pod_share_mounts,
    init_mount_stays,
    empty_dir_needs_propagation,
)
