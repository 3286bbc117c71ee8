"""A pod as its manifest describes it: containers, their mounts, and volumes.

Read from nodes whose types the schema has checked, so nothing is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.node import Node

_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "Pod": (),
    **dict.fromkeys(("DaemonSet", "Deployment", "StatefulSet", "ReplicaSet", "Job"), ("spec", "template")),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where a kind has its pod."""
WORKLOADS = frozenset(_TEMPLATES)


class VolumeMount(NamedTuple):
    """One entry of a container's ``volumeMounts``."""

    name: str
    mount_path: str
    propagation: str | None
    """None when the manifest says nothing, which is the same as "None"."""
    read_only: bool
    recursive_read_only: str | None
    sub_path: str
    sub_path_expr: str
    node: Node


class Container(NamedTuple):
    """A container of any sort."""

    name: str
    image: str
    command: tuple[str, ...]
    args: tuple[str, ...]
    mounts: tuple[VolumeMount, ...]
    list_name: str
    """``containers``, ``initContainers`` or ``ephemeralContainers``."""
    position: int
    node: Node

    @property
    def security(self) -> Node:
        """``securityContext``; empty when there is none."""
        return self.node.get("securityContext") or Node({}, self.node.line, self.node.column)

    @property
    def is_privileged(self) -> bool:
        """Whether it has ``privileged: true``."""
        return self.security.flag("privileged") is True

    @property
    def may_administer(self) -> bool:
        """Whether its processes have CAP_SYS_ADMIN, with which one mounts."""
        capabilities = self.security.get("capabilities")
        added = {str(each.value) for each in capabilities.items("add")} if capabilities else set[str]()
        return self.is_privileged or bool(added & {"SYS_ADMIN", "CAP_SYS_ADMIN", "ALL"})

    @property
    def is_sidecar(self) -> bool:
        """An init container that goes on running beside the others."""
        return self.list_name == "initContainers" and self.node.text("restartPolicy") == "Always"

    @property
    def path(self) -> str:
        """Its field below the pod's ``spec``."""
        return f"{self.list_name}[{self.position}]"


class Volume(NamedTuple):
    """One of the pod's volumes."""

    name: str
    kind: str
    """``hostPath``, ``emptyDir`` …, which it is when none is given."""
    source: Node
    """What stands below the kind."""
    kinds: tuple[str, ...]
    """All kinds that are given; more than one is refused."""
    node: Node
    path: str
    """Where it is in the manifest: ``spec.volumes[0]``, or ``spec.volumeClaimTemplates[0]`` of a set."""
    claim: str = ""
    """The name of the claim that it stands for; "" for what is no claim."""


class Pod(NamedTuple):
    """A pod, or the template of one."""

    name: str
    """Of the object that holds it; a controller's pods have names of their own."""
    namespace: str
    kind: str
    containers: tuple[Container, ...]
    init_containers: tuple[Container, ...]
    ephemeral_containers: tuple[Container, ...]
    volumes: tuple[Volume, ...]
    spec: Node
    metadata: Node
    path: str
    """Where its spec is: ``spec``, or ``spec.template.spec``."""

    @property
    def all_containers(self) -> tuple[Container, ...]:
        """Init containers first, as they start."""
        return (*self.init_containers, *self.containers, *self.ephemeral_containers)

    @property
    def security(self) -> Node:
        """``securityContext`` of the pod; empty when there is none."""
        return self.spec.get("securityContext") or Node({}, self.spec.line, self.spec.column)

    @property
    def has_name(self) -> bool:
        """Whether it is known what the pod will be called: not of a template."""
        return bool(self.name) and self.kind == "Pod"

    @property
    def has_host_users(self) -> bool:
        """False with ``hostUsers: false``: the pod gets a user namespace of its own."""
        return self.spec.flag("hostUsers") is not False

    def volume(self, name: str) -> Volume | None:
        """The volume of that name."""
        return next((volume for volume in self.volumes if volume.name == name), None)


def first_name(found: Object) -> str:
    """What the first pod of an object is called: real ones end in random letters, but for a StatefulSet's."""
    return found.name if found.kind == "Pod" else f"{found.name}-{0 if found.kind == 'StatefulSet' else 1}"


def pod_of(found: Object, name: str = "") -> Pod | None:
    """The pod of an object, or the one that it is a template for; None for other kinds.

    Args:
        found: the object.
        name: of the pod, by which its own claims are called; its first pod's otherwise.
    """
    if found.kind not in _TEMPLATES or not found.is_played:
        return None
    steps = _TEMPLATES[found.kind]
    nothing = Node({}, found.line, 0)
    holder = (found.node.at(*steps) or nothing) if steps else found.node
    spec = holder.get("spec") or nothing
    path = ".".join((*steps, "spec"))
    return Pod(
        found.name,
        found.namespace,
        found.kind,
        _containers(spec, "containers"),
        _containers(spec, "initContainers"),
        _containers(spec, "ephemeralContainers"),
        _volumes(found, spec, f"{path}.volumes", name or first_name(found)),
        spec,
        holder.get("metadata") or nothing,
        path,
    )


def _containers(spec: Node, list_name: str) -> tuple[Container, ...]:
    return tuple(
        Container(
            node.text("name"),
            node.text("image"),
            _words(node, "command"),
            _words(node, "args"),
            tuple(_mount(each) for each in node.items("volumeMounts")),
            list_name,
            index,
            node,
        )
        for index, node in enumerate(spec.items(list_name))
    )


def _words(node: Node, name: str) -> tuple[str, ...]:
    return tuple(str(each.value) for each in node.items(name))


def _mount(node: Node) -> VolumeMount:
    return VolumeMount(
        node.text("name"),
        node.text("mountPath"),
        _said(node, "mountPropagation"),
        node.flag("readOnly") is True,
        _said(node, "recursiveReadOnly"),
        node.text("subPath"),
        node.text("subPathExpr"),
        node,
    )


def _said(node: Node, name: str) -> str | None:
    return node.text(name) if node.get(name) else None


def _volumes(found: Object, spec: Node, path: str, pod: str) -> tuple[Volume, ...]:
    """The volumes of a pod; those of a StatefulSet's claims come first and hide others of their names.

    Source: kubernetes v1.33, pkg/controller/statefulset/stateful_set_utils.go (updateStorage).
    """
    own = [_volume(node, f"{path}[{index}]", pod) for index, node in enumerate(spec.items("volumes"))]
    holder = found.node.get("spec")
    templates = holder.items("volumeClaimTemplates") if holder and found.kind == "StatefulSet" else []
    claims = [_claimed(node, f"spec.volumeClaimTemplates[{at}]", pod) for at, node in enumerate(templates)]
    names = {each.name for each in claims}
    return (*claims, *(each for each in own if each.name not in names))


def _claimed(template: Node, path: str, pod: str) -> Volume:
    metadata = template.get("metadata") or template
    name, kind = metadata.text("name"), "persistentVolumeClaim"
    claim = f"{name}-{pod}"
    source = Node({"claimName": Node(claim, template.line, 0)}, template.line, 0)
    node = Node({"name": Node(name, metadata.line, 0), kind: source}, template.line, 0)
    return Volume(name, kind, source, (kind,), node, path, claim)


def _volume(node: Node, path: str, pod: str) -> Volume:
    fields = node.value if isinstance(node.value, dict) else {}
    kinds = tuple(name for name in fields if name != "name" and node.get(name)) or ("emptyDir",)
    kind = kinds[0]
    source, name = node.get(kind) or node, node.text("name")
    claim = f"{pod}-{name}" if kind == "ephemeral" else ""
    claim = source.text("claimName") if kind == "persistentVolumeClaim" else claim
    return Volume(name, kind, source, kinds, node, path, claim)
