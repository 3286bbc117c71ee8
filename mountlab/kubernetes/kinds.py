"""What kubectl calls the kinds: ``po``, ``pod``, ``pods``; ``deployment.apps``."""

from __future__ import annotations

from typing import Final, NamedTuple


class _Names(NamedTuple):
    plural: str
    short: tuple[str, ...] = ()
    group: str = ""


KINDS: Final = {
    "Pod": _Names("pods", ("po",)),
    "Event": _Names("events", ("ev",)),
    "Node": _Names("nodes", ("no",)),
    "Namespace": _Names("namespaces", ("ns",)),
    "PersistentVolume": _Names("persistentvolumes", ("pv",)),
    "PersistentVolumeClaim": _Names("persistentvolumeclaims", ("pvc",)),
    "StorageClass": _Names("storageclasses", ("sc",), "storage.k8s.io"),
    "CSIDriver": _Names("csidrivers", (), "storage.k8s.io"),
    "ConfigMap": _Names("configmaps", ("cm",)),
    "Secret": _Names("secrets"),
    "DaemonSet": _Names("daemonsets", ("ds",), "apps"),
    "Deployment": _Names("deployments", ("deploy",), "apps"),
    "ReplicaSet": _Names("replicasets", ("rs",), "apps"),
    "StatefulSet": _Names("statefulsets", ("sts",), "apps"),
    "Job": _Names("jobs", (), "batch"),
    "CronJob": _Names("cronjobs", ("cj",), "batch"),
}


def kind_named(word: str) -> str | None:
    """The kind that a word of the command line means; None for one that says nothing about mounts."""
    name, _, group = word.lower().partition(".")
    for kind, names in KINDS.items():
        if name in (kind.lower(), names.plural, *names.short) and group in ("", names.group):
            return kind
    return None


def resource(kind: str) -> str:
    """The name before a slash: ``pod``, ``daemonset.apps``."""
    group = KINDS[kind].group if kind in KINDS else ""
    return f"{kind.lower()}.{group}" if group else kind.lower()


def plural(kind: str) -> str:
    """What the API server calls the objects of a kind: ``pods``, ``daemonsets.apps``."""
    names = KINDS.get(kind, _Names(f"{kind.lower()}s"))
    return f"{names.plural}.{names.group}" if names.group else names.plural
