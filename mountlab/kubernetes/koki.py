"""Koki Short, a shorthand for manifests that is no longer made: recognised, and written as Kubernetes has it.

Source: koki/short, docs/resources/pod.md and types/volume_mount.go.  The samples for mount propagation in the
documentation of 2018 were written in it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mountlab.kubernetes.node import Node

KINDS = {
    "pod": "Pod",
    "deployment": "Deployment",
    "daemon_set": "DaemonSet",
    "stateful_set": "StatefulSet",
    "replica_set": "ReplicaSet",
    "job": "Job",
}
"""A document in Koki Short is one field, which names the kind."""
_PROPAGATION = {
    "none": "None",
    "host-to-container": "HostToContainer",
    "bidirectional": "Bidirectional",
}
_GROUPS = {"Pod": "v1", "Job": "batch/v1"}


class Translation(NamedTuple):
    """A manifest, and what became what."""

    text: str
    notes: tuple[str, ...]


def is_koki(node: Node) -> bool:
    """Whether a document is written in Koki Short."""
    if not isinstance(node.value, dict) or len(node.value) != 1:
        return False
    name, inner = next(iter(node.value.items()))
    fields = set(inner.value) if isinstance(inner.value, dict) else set()
    return name in KINDS and bool({"containers", "volumes"} & fields)


def told(translation: Translation) -> str:
    """What is said of it beside kubectl's own words."""
    notes = "\n".join(f"  - {note}" for note in translation.notes)
    said = "this is Koki Short, a shorthand of 2018 that kubectl never read; in Kubernetes it is:"
    return f"{said}\n{notes}\n{translation.text.rstrip()}"


def translated(node: Node) -> Translation:
    """The same for Kubernetes.

    Args:
        node: a document for which `is_koki` is true.
    """
    short, inner = next(iter(node.value.items())) if isinstance(node.value, dict) else ("pod", node)
    kind, name = KINDS[short], inner.text("name") or "unnamed"
    notes = [f"{short}: is kind: {kind}, name: is metadata.name"]
    if old := inner.text("version"):
        version = _GROUPS.get(kind, "apps/v1")
        notes.append(f"version: {old} is apiVersion: {version} today")
    spec = [*_containers(inner, notes), *_volumes(inner, notes)]
    head = [f"apiVersion: {_GROUPS.get(kind, 'apps/v1')}", f"kind: {kind}", "metadata:"]
    head += [f"  name: {_word(name)}", "spec:"]
    if kind == "Pod":
        return Translation("\n".join([*head, *_indented(spec, 2)]) + "\n", tuple(notes))
    if kind == "Job":
        lines = [*head, "  template:", "    spec:", *_indented(spec, 6), "      restartPolicy: Never"]
        return Translation("\n".join(lines) + "\n", tuple(notes))
    notes.append("a selector and the template's labels are asked for since apps/v1")
    label = f"{{app: {_word(name)}}}"
    head += ["  selector:", f"    matchLabels: {label}", "  template:", "    metadata:"]
    lines = [*head, f"      labels: {label}", "    spec:", *_indented(spec, 6)]
    return Translation("\n".join(lines) + "\n", tuple(notes))


def _indented(lines: list[str], by: int) -> list[str]:
    return [" " * by + line for line in lines]


def _word(text: str) -> str:
    """A word as YAML wants it."""
    return text if re.fullmatch(r"[A-Za-z/][\w./:@-]*", text) else "'" + text.replace("'", "''") + "'"


def _value(text: str) -> str:
    """Without an arrow that points at the line, as articles have them."""
    return re.split(r"\s*<-+", text, maxsplit=1)[0].strip()


def _containers(inner: Node, notes: list[str]) -> list[str]:
    lines = ["containers:"]
    for index, container in enumerate(inner.items("containers")):
        name = container.text("name") or f"container-{index}"
        lines += [f"- name: {_word(name)}", f"  image: {_word(container.text('image') or 'busybox')}"]
        mounts = container.items("volume")
        modes = [_propagation(mount, notes) for mount in mounts]
        if "Bidirectional" in modes:
            lines += ["  securityContext:", "    privileged: true"]
            notes.append(f"container {name}: Bidirectional is for privileged containers only")
        if mounts:
            lines.append("  volumeMounts:")
            notes.append("volume: is volumeMounts:, mount: is mountPath:, store: is name:")
        for mount, mode in zip(mounts, modes, strict=True):
            store, _, below = _value(mount.text("store")).partition(":")
            lines += [f"  - name: {_word(store)}", f"    mountPath: {_word(_value(mount.text('mount')))}"]
            lines += [f"    subPath: {_word(below)}"] if below and below != "ro" else []
            lines += ["    readOnly: true"] if below == "ro" else []
            lines += [f"    mountPropagation: {mode}"] if mode else []
    return lines


def _propagation(mount: Node, notes: list[str]) -> str:
    said = _value(mount.text("propagation"))
    if not said:
        return ""
    mode = _PROPAGATION.get(said.lower(), said)
    notes.append(f"propagation: {said} is mountPropagation: {mode}")
    return mode


def _volumes(inner: Node, notes: list[str]) -> list[str]:
    volumes = inner.fields("volumes")
    lines = ["volumes:"] if volumes else []
    for name, volume in volumes.items():
        lines.append(f"- name: {_word(name)}")
        said = _value(volume.value) if isinstance(volume.value, str) else ""
        kind, _, argument = said.partition(":")
        if kind == "pvc":
            lines += ["  persistentVolumeClaim:", f"    claimName: {_word(argument)}"]
            notes.append(f"{said} is a persistentVolumeClaim with claimName: {argument}")
        elif kind in {"host_path", "hostpath"}:
            lines += ["  hostPath:", f"    path: {_word(argument)}"]
            notes.append(f"{said} is a hostPath volume")
        else:
            lines.append("  emptyDir: {}")
            notes.append(f"volume {name}: {said or 'its kind'} is taken for an emptyDir; say what it is")
    return lines
