"""``kubectl describe pod``, as far as it touches mounts.

Source: kubectl v0.33.0, pkg/describe/describe.go: describePod, describeContainers, describeVolumes,
DescribeEvents.  Left out is what says nothing here: addresses, dates, limits, conditions, tolerations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mountlab.kubernetes.cluster.state import NODE, ContainerState, Event, PodState
from mountlab.kubernetes.kubectl.printers import AGE, waiting_reason
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.pods import Container, Volume

_WIDTH = 18
_TYPES = {
    "hostPath": "HostPath (bare host directory volume)",
    "emptyDir": "EmptyDir (a temporary directory that shares a pod's lifetime)",
    "configMap": "ConfigMap (a volume populated by a ConfigMap)",
    "secret": "Secret (a volume populated by a Secret)",
    "projected": "Projected (a volume that contains injected data from multiple sources)",
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)"
    ),
    "csi": "CSI (a Container Storage Interface (CSI) volume source)",
    "nfs": "NFS (an NFS mount that lasts the lifetime of a pod)",
}
_FIELDS = {
    "hostPath": (("Path", "path"), ("HostPathType", "type")),
    "emptyDir": (("Medium", "medium"), ("SizeLimit", "sizeLimit")),
    "configMap": (("Name", "name"), ("Optional", "optional")),
    "secret": (("SecretName", "secretName"), ("Optional", "optional")),
    "persistentVolumeClaim": (("ClaimName", "claimName"), ("ReadOnly", "readOnly")),
    "csi": (("Driver", "driver"), ("ReadOnly", "readOnly")),
    "nfs": (("Server", "server"), ("Path", "path"), ("ReadOnly", "readOnly")),
}
_UNSET = {"readOnly": "false", "optional": "false", "sizeLimit": "<unset>"}


def pod(found: PodState, events: Sequence[Event]) -> str:
    """What is known of a pod, and its events."""
    return "".join(f"{line}\n" for line in _lines(found, events))


def _lines(found: PodState, events: Sequence[Event]) -> Iterator[str]:
    yield _field("Name", found.name)
    yield _field("Namespace", found.namespace)
    yield _field("Node", NODE if found.is_scheduled else "<none>")
    yield from _labels(found.pod.metadata)
    yield _field("Status", "Terminating" if found.is_deleting else found.phase)
    if found.owner:
        yield _field("Controlled By", found.owner)
    if found.init:
        yield "Init Containers:"
        for state in found.init:
            yield from _container(found, state)
    yield "Containers:"
    for state in found.regular:
        yield from _container(found, state)
    yield from _volumes(found.pod.volumes)
    yield from _events(events)


def _field(name: str, value: str) -> str:
    return f"{name}:".ljust(_WIDTH) + value


def _labels(metadata: Node) -> Iterator[str]:
    labels = [f"{key}={value.value}" for key, value in sorted(metadata.fields("labels").items())]
    yield _field("Labels", labels[0] if labels else "<none>")
    for label in labels[1:]:
        yield " " * _WIDTH + label


def _container(found: PodState, state: ContainerState) -> Iterator[str]:
    container = state.container
    yield f"  {container.name}:"
    yield f"    {_field('Image', container.image)}"
    for name, words in (("Command", container.command), ("Args", container.args)):
        if words:
            yield f"    {name}:"
            for word in words:
                first, *others = word.split("\n")
                yield f"      {first}"
                yield from (f"        {each}" for each in others)
    yield from _state(found, state)
    yield f"    {_field('Ready', 'True' if state.state == 'running' or state.has_ended else 'False')}"
    yield f"    {_field('Restart Count', str(state.restarts))}"
    yield from _mounts(container)


def _state(found: PodState, state: ContainerState) -> Iterator[str]:
    yield f"    {_field('State', state.state.capitalize())}"
    if state.state == "waiting":
        yield f"      {_field('Reason', waiting_reason(found, state))}"
    if state.state == "terminated":
        yield f"      {_field('Reason', state.reason)}"
        yield f"      {_field('Exit Code', str(state.exit_code))}"
    if state.last_exit is not None:
        yield f"    {_field('Last State', 'Terminated')}"
        yield f"      {_field('Reason', 'Error' if state.last_exit else 'Completed')}"
        yield f"      {_field('Exit Code', str(state.last_exit))}"


def _mounts(container: Container) -> Iterator[str]:
    """kubectl says nothing of a mount's propagation."""
    if not container.mounts:
        yield "    Mounts:  <none>"
        return
    yield "    Mounts:"
    for mount in sorted(container.mounts, key=lambda each: each.mount_path):
        words = ["ro" if mount.read_only else "rw"]
        if mount.sub_path:
            words.append(f'path="{mount.sub_path}"')
        yield f"      {mount.mount_path} from {mount.name} ({','.join(words)})"


def _volumes(volumes: Sequence[Volume]) -> Iterator[str]:
    if not volumes:
        yield "Volumes:  <none>"
        return
    yield "Volumes:"
    for volume in volumes:
        yield f"  {volume.name}:"
        lines = [("Type", _TYPES.get(volume.kind, volume.kind))]
        for name, field in _FIELDS.get(volume.kind, ()):
            node = volume.source.get(field)
            lines.append((name, _plain(node.value) if node else _UNSET.get(field, "")))
        width = max(len(name) for name, _ in lines) + 1
        for name, value in lines:
            yield f"    {(name + ':').ljust(width)}  {value}".rstrip()


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _events(events: Sequence[Event]) -> Iterator[str]:
    if not events:
        yield "Events:  <none>"
        return
    yield "Events:"
    head = ("Type", "Reason", "Age", "From", "Message")
    cells: list[tuple[str, ...]] = [head, tuple("-" * len(name) for name in head)]
    for each in events:
        age = f"{AGE} (x{each.count} over {AGE})" if each.count > 1 else AGE
        kind = "Warning" if each.is_warning else "Normal"
        cells.append((kind, each.reason, age, each.source, each.message))
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    for line in cells:
        filled = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False))
        yield f"  {filled}  {line[-1]}"
