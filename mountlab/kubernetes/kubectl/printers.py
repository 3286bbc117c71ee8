"""The tables of ``kubectl get``.

Source: kubernetes v1.33, pkg/printers/internalversion/printers.go (printPod and its like); kubectl v0.33.0,
pkg/cmd/get, cli-runtime pkg/printers/tableprinter.go and tabwriter.go.  Nothing has an age here: it is 0s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mountlab.kubernetes.cluster import controllers
from mountlab.kubernetes.cluster.claims import bindings
from mountlab.kubernetes.cluster.server import NAMESPACES, Cluster
from mountlab.kubernetes.cluster.state import NODE, ContainerState, PodState
from mountlab.kubernetes.kinds import resource
from mountlab.kubernetes.kubectl.requests import Get
from mountlab.kubernetes.manifests import CLUSTER_WIDE, Object

AGE = "0s"
_NARROWEST, _GAP = 6, 3
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


class Row(NamedTuple):
    """One object."""

    namespace: str
    name: str
    cells: tuple[str, ...]
    more: tuple[str, ...] = ()
    """With ``-o wide``."""


class _Columns(NamedTuple):
    names: tuple[str, ...]
    more: tuple[str, ...] = ()


def rows(cluster: Cluster, kind: str, namespace: str | None, names: Sequence[str]) -> list[Row]:
    """The objects of a kind, in kubectl's order.

    Args:
        cluster: where they are.
        kind: ``Pod`` …
        namespace: None for all.
        names: of those that are asked for; empty for all.
    """
    found = _ROWS[kind](cluster)
    if kind not in CLUSTER_WIDE and namespace is not None:
        found = [row for row in found if row.namespace == namespace]
    found = [row for row in found if not names or row.name in names]
    return found if kind == "Event" else sorted(found, key=lambda row: (row.namespace, row.name))


def table(kind: str, found: Sequence[Row], request: Get, *, is_one_of_many: bool) -> str:
    """What kubectl prints for the objects of one kind."""
    before = f"{resource(kind)}/"
    if request.output == "name":
        return "".join(f"{before}{row.name}\n" for row in found)
    is_wide, columns = request.output == "wide", _COLUMNS[kind]
    with_namespace = request.is_all_namespaces and kind not in CLUSTER_WIDE
    lines: list[tuple[str, ...]] = []
    if not request.has_no_headers:
        head = (*columns.names, *(columns.more if is_wide else ()))
        lines.append(("NAMESPACE", *head) if with_namespace else head)
    for row in found:
        cells = (*row.cells, *(row.more if is_wide else ()))
        if is_one_of_many and kind != "Event":
            cells = (before + cells[0], *cells[1:])
        lines.append((row.namespace, *cells) if with_namespace else cells)
    return laid_out(lines)


def laid_out(lines: Sequence[Sequence[str]]) -> str:
    """Cells in columns; the last one of a line is not filled up."""
    widths = [
        max(len(cell) + _GAP for cell in column)
        for column in zip(*(line[:-1] for line in lines), strict=True)
    ]
    widths = [max(width, _NARROWEST) for width in widths]
    return "".join(
        "".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)) + line[-1] + "\n"
        for line in lines
    )


# -- pods ---------------------------------------------------------------------------------------------------


def waiting_reason(pod: PodState, state: ContainerState) -> str:
    """Why a container waits."""
    if state.reason:
        return state.reason
    return (
        "PodInitializing" if pod.init and state.container.list_name == "containers" else "ContainerCreating"
    )


def status_of(pod: PodState) -> str:
    """The column STATUS."""
    if pod.is_deleting:
        return "Terminating"
    for number, state in enumerate(pod.init):
        if state.has_ended or (state.container.is_sidecar and state.state == "running"):
            continue
        if not pod.is_scheduled:
            break
        if state.state == "terminated":
            return f"Init:{state.reason}"
        return f"Init:{state.reason}" if state.reason else f"Init:{number}/{len(pod.init)}"
    if not pod.is_scheduled:
        return "Pending"
    reason, is_running = pod.phase, False
    for state in reversed(pod.regular):
        if state.state == "waiting":
            reason = waiting_reason(pod, state)
        elif state.state == "terminated":
            reason = state.reason
        else:
            is_running = True
    return "NotReady" if reason == "Completed" and is_running else reason


def _pod(pod: PodState) -> Row:
    counted = [*pod.regular, *(each for each in pod.init if each.container.is_sidecar)]
    ready = sum(each.state == "running" for each in counted)
    is_initialized = all(each.has_ended for each in pod.init if each.is_init)
    restarts = sum(each.restarts for each in (counted if is_initialized else pod.init))
    shown = f"{restarts} ({AGE} ago)" if restarts else "0"
    cells = (pod.name, f"{ready}/{len(counted)}", status_of(pod), shown, AGE)
    return Row(
        pod.namespace, pod.name, cells, ("<none>", NODE if pod.is_scheduled else "<none>", "<none>", "<none>")
    )


def _pods(cluster: Cluster) -> list[Row]:
    return [_pod(each) for each in cluster.pods.values()]


def _events(cluster: Cluster) -> list[Row]:
    return [
        Row(
            each.namespace,
            each.object,
            (AGE, "Warning" if each.is_warning else "Normal", each.reason, each.object, each.message),
        )
        for each in cluster.events.all
    ]


# -- the rest -----------------------------------------------------------------------------------------------


def _nodes(_: Cluster) -> list[Row]:
    return [Row("", NODE, (NODE, "Ready", "control-plane", AGE, "v1.33.0"))]


def _namespaces(cluster: Cluster) -> list[Row]:
    names = [*NAMESPACES, *(each.name for each in cluster.stored("Namespace"))]
    return [Row("", name, (name, "Active", AGE)) for name in dict.fromkeys(names)]


def _text(found: Object, *path: str) -> str:
    node = found.node.at(*path)
    return str(node.value) if node else ""


def _modes(found: Object) -> str:
    spec = found.node.get("spec")
    return (
        ",".join(_MODES.get(str(each.value), str(each.value)) for each in spec.items("accessModes"))
        if spec
        else ""
    )


def _volumes(cluster: Cluster) -> list[Row]:
    claims = {volume.name: "/".join(claim) for claim, volume in bindings(cluster.objects).items()}
    return [
        Row("", each.name, (
            each.name, _text(each, "spec", "capacity", "storage"), _modes(each),
            _text(each, "spec", "persistentVolumeReclaimPolicy") or "Retain",
            "Bound" if each.name in claims else "Available", claims.get(each.name, ""),
            _text(each, "spec", "storageClassName"), "<unset>", "", AGE,
        ), (_text(each, "spec", "volumeMode") or "Filesystem",))
        for each in cluster.stored("PersistentVolume")
    ]  # fmt: skip


def _claims(cluster: Cluster) -> list[Row]:
    bound, made = bindings(cluster.objects), []
    for each in cluster.stored("PersistentVolumeClaim"):
        volume = bound.get((each.namespace, each.name))
        cells = (
            each.name, "Bound" if volume else "Pending", volume.name if volume else "",
            _text(volume, "spec", "capacity", "storage") if volume else "", _modes(volume) if volume else "",
            _text(each, "spec", "storageClassName"), "<unset>", AGE,
        )  # fmt: skip
        mode = _text(each, "spec", "volumeMode") or "Filesystem"
        made.append(Row(each.namespace, each.name, cells, (mode,)))
    return made


def _makers(kind: str) -> Callable[[Cluster], list[Row]]:
    def made(cluster: Cluster) -> list[Row]:
        return [_maker(cluster, each) for each in cluster.stored(kind)]

    return made


def _maker(cluster: Cluster, found: Object) -> Row:
    wanted = controllers.wanted(found)
    own = [each for each in cluster.pods_of(found) if not each.is_deleting]
    ready = sum(_pod(each).cells[1].partition("/")[0] == str(len(each.regular)) for each in own)
    count = str(len(own))
    cells: dict[str, tuple[str, ...]] = {
        "DaemonSet": (str(wanted), count, str(ready), count, str(ready), "<none>", AGE),
        "Deployment": (f"{ready}/{wanted}", count, str(ready), AGE),
        "ReplicaSet": (str(wanted), count, str(ready), AGE),
        "StatefulSet": (f"{ready}/{wanted}", AGE),
        "Job": _job(own, wanted),
    }
    return Row(found.namespace, found.name, (found.name, *cells[found.kind]))


def _job(own: Sequence[PodState], wanted: int) -> tuple[str, ...]:
    done = sum(each.phase == "Succeeded" for each in own)
    return "Complete" if done == wanted else "Running", f"{done}/{wanted}", AGE, AGE


def _plain(kind: str) -> Callable[[Cluster], list[Row]]:
    def made(cluster: Cluster) -> list[Row]:
        return [Row(each.namespace, each.name, (each.name, AGE)) for each in cluster.stored(kind)]

    return made


_COLUMNS: dict[str, _Columns] = {
    "Pod": _Columns(
        ("NAME", "READY", "STATUS", "RESTARTS", "AGE"), ("IP", "NODE", "NOMINATED NODE", "READINESS GATES")
    ),
    "Event": _Columns(("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")),
    "Node": _Columns(("NAME", "STATUS", "ROLES", "AGE", "VERSION")),
    "Namespace": _Columns(("NAME", "STATUS", "AGE")),
    "PersistentVolume": _Columns(
        ("NAME", "CAPACITY", "ACCESS MODES", "RECLAIM POLICY", "STATUS", "CLAIM", "STORAGECLASS",
         "VOLUMEATTRIBUTESCLASS", "REASON", "AGE"),
        ("VOLUMEMODE",),
    ),
    "PersistentVolumeClaim": _Columns(
        ("NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "VOLUMEATTRIBUTESCLASS",
         "AGE"),
        ("VOLUMEMODE",),
    ),
    "DaemonSet": _Columns(
        ("NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE")
    ),
    "Deployment": _Columns(("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE")),
    "ReplicaSet": _Columns(("NAME", "DESIRED", "CURRENT", "READY", "AGE")),
    "StatefulSet": _Columns(("NAME", "READY", "AGE")),
    "Job": _Columns(("NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE")),
}  # fmt: skip
_SIMPLE = ("StorageClass", "CSIDriver", "ConfigMap", "Secret", "CronJob")
_COLUMNS |= dict.fromkeys(_SIMPLE, _Columns(("NAME", "AGE")))
_ROWS: dict[str, Callable[[Cluster], list[Row]]] = {
    "Pod": _pods,
    "Event": _events,
    "Node": _nodes,
    "Namespace": _namespaces,
    "PersistentVolume": _volumes,
    "PersistentVolumeClaim": _claims,
    **{kind: _makers(kind) for kind in sorted(controllers.MAKERS)},
    **{kind: _plain(kind) for kind in _SIMPLE},
}
