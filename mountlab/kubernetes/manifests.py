"""What kubectl makes of a file: the objects in it, each field with its line, and what is wrong with the rest.

kubectl 1.32.4 was asked: tests/kubernetes/recorded/kubectl.json.  Documents are read one after the other;
what is no YAML, or no object, ends the reading; an unknown kind only loses that object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mountlab.kubernetes import koki
from mountlab.kubernetes.errors import CustomKindError, KubernetesError, Place
from mountlab.kubernetes.node import Node
from mountlab.kubernetes.schema import decoded, table
from mountlab.kubernetes.yamltree import MOST_BYTES, YamlError, document, split

_SET_OFF = "if you choose to ignore these errors, turn validation off with --validate=false"
_STEPS = re.compile(r"([^.\[\]]+)|\[([^\]]*)\]")
_TEMPLATE = "this looks like a template of Helm: render it first, with `helm template`"
_SPACE = 0x20
CLUSTER_WIDE = {"Namespace", "PersistentVolume", "StorageClass", "CSIDriver", "Node"}
"""Kinds that are in no namespace, of those that are played."""


class Object(NamedTuple):
    """One object of a manifest."""

    api_version: str
    kind: str
    name: str
    namespace: str
    """As it is written; "" where the manifest says nothing."""
    node: Node
    source: str
    """The file's name, or STDIN."""
    line: int

    @property
    def type_name(self) -> str:
        """Its type in the schema; "" for a kind that says nothing about mounts and is taken as it is."""
        return table().kinds[f"{self.api_version} {self.kind}"]

    @property
    def is_played(self) -> bool:
        """Whether mountlab does anything with it."""
        return bool(self.type_name)

    @property
    def group(self) -> str:
        """Its API group: ``apps``; "" for the core."""
        return self.api_version.rpartition("/")[0]

    @property
    def labels(self) -> dict[str, str]:
        """``metadata.labels``."""
        metadata = self.node.get("metadata")
        found = metadata.fields("labels") if metadata else {}
        return {key: str(each.value) for key, each in found.items() if each.value is not None}

    def place(self, path: str, what: str = "") -> Place:
        """Where a field is; where it is not there, the innermost one around it that is."""
        node, line, column = self.node, self.line, 0
        for name, index in _STEPS.findall(path):
            if name and isinstance(node.value, dict) and name in node.value:
                line, node = node.keys.get(name, node.value[name].line), node.value[name]
            elif index.isdigit() and isinstance(node.value, list) and int(index) < len(node.value):
                node = node.value[int(index)]
                line, column = node.line, node.column
            else:
                break
        return Place(self.source, line, column if path.endswith("]") else 0, path, what)


class Manifest(NamedTuple):
    """A file that was read."""

    objects: tuple[Object, ...]
    errors: tuple[KubernetesError, ...]
    """What kubectl prints after it has applied the objects."""
    notes: tuple[Place, ...]
    """What kubectl passes over in silence: a key that is given twice."""


def read(content: str | bytes, source: str = "STDIN") -> Manifest:
    """Read a file as kubectl does; nothing that it holds raises an error."""
    objects: list[Object] = []
    errors: list[KubernetesError] = []
    notes: list[Place] = []
    try:
        for start, text in split(_text(content, source)):
            found = _parsed(text, start, source)
            if found is None:
                continue
            notes += _repeated(found, source)
            for node in _flattened(found):
                _check_type(node, source)
                try:
                    objects.append(_object(node, source))
                except KubernetesError as error:
                    errors.append(error)
    except KubernetesError as error:
        errors.append(error)
    return Manifest(tuple(objects), tuple(errors), tuple(notes))


def _text(content: str | bytes, source: str) -> str:
    size = len(content)
    if size > MOST_BYTES:
        text = f"error: {source} has {size} bytes: mountlab reads manifests of up to {MOST_BYTES >> 20} MiB"
        raise KubernetesError(text, hint="kubectl takes more; split the file, or leave out what is no pod")
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        before = content[: error.start]
        has_control = any(octet < _SPACE and octet not in b"\t\n\r" for octet in before)
        what = "control characters are not allowed" if has_control else "invalid leading UTF-8 octet"
        told, hint = f"{_unparsed(source)} {what}", "this is no text: is it a manifest?"
        raise KubernetesError(told, [Place(source, line)], hint) from None


def _unparsed(source: str) -> str:
    return f"error: error parsing {source}: error converting YAML to JSON: yaml:"


def _parsed(text: str, start: int, source: str) -> Node | None:
    try:
        return document(text, start)
    except YamlError as error:
        where = f"line {error.goyaml_line}: " if error.goyaml_line else ""
        told = f"{_unparsed(source)} {where}{error.text}"
        hint = _TEMPLATE if "{{" in text else ""
        raise KubernetesError(told, [Place(source, error.line, error.column)], hint) from None


def _repeated(node: Node, source: str) -> Iterator[Place]:
    """Keys that are given twice: kubectl takes the last one and says nothing."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        for key, line in each.repeated:
            yield Place(source, line, 0, key, "given twice; the last one counts")
        if isinstance(each.value, dict):
            waiting.extend(each.value.values())
        elif isinstance(each.value, list):
            waiting.extend(each.value)


def _flattened(node: Node) -> Iterator[Node]:
    """The objects of a List, or of a list of one kind: ConfigMapList …; or the one that there is.

    Source: client-go v0.33.0, restmapper/discovery.go (NewDiscoveryRESTMapper).
    """
    version, kind = node.text("apiVersion"), node.text("kind")
    is_of_one_kind = kind.endswith("List") and f"{version} {kind.removesuffix('List')}" in table().kinds
    if (kind, version) == ("List", "v1") or (is_of_one_kind and node.get("items")):
        yield from node.items("items")
    else:
        yield node


def _object(node: Node, source: str) -> Object:
    """One document as an object.

    Raises:
        KubernetesError: when its metadata cannot be read, or the server has no such kind.
    """
    _check_metadata(node, source)
    metadata = node.get("metadata") or Node({}, node.line, node.column)
    version, kind, name = node.text("apiVersion"), node.text("kind"), metadata.text("name")
    if f"{version} {kind}" not in table().kinds:
        namespace = metadata.text("namespace")
        told = (
            f'error: resource mapping not found for name: "{name}" namespace: "{namespace}" from "{source}": '
            f'no matches for kind "{kind}" in version "{version}"\nensure CRDs are installed first'
        )
        place, hint = Place(source, node.keys["kind"], 0, "kind"), _nearest_kind(version, kind)
        group = version.rpartition("/")[0]
        if "." in group and not group.endswith(".k8s.io"):
            raise CustomKindError(kind, told, [place], hint)
        raise KubernetesError(told, [place], hint)
    namespace = "" if kind in CLUSTER_WIDE else metadata.text("namespace")
    return Object(version, kind, name, namespace, node, source, node.keys["kind"])


def _check_type(node: Node, source: str) -> None:
    """It is an object, and kind and apiVersion are there and are words."""
    said, places = list[str](), list[Place]()
    if not isinstance(node.value, dict):
        said, places = ["invalid object to validate"], [Place(source, node.line, node.column)]
    else:
        for name in ("apiVersion", "kind"):
            found = node.get(name)
            if found is None:
                said.append(f"{name} not set")
                places.append(Place(source, node.line, 0, name))
            elif not isinstance(found.value, str):
                said.append(f"{name} isn't string type")
                places.append(Place(source, found.line, found.column, name))
    if not said:
        return
    listed = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
    told = f'error: error validating "{source}": error validating data: {listed}; {_SET_OFF}'
    if koki.is_koki(node):
        raise KubernetesError(told, places[:1], koki.told(koki.translated(node)))
    raise KubernetesError(told, places)


def _check_metadata(node: Node, source: str) -> None:
    """kubectl reads the metadata itself, and takes nothing of a wrong type in it."""
    metadata = node.get("metadata")
    if metadata is None:
        return
    fault = decoded(metadata, "meta/v1.ObjectMeta", "metadata", "metadataOnlyObject").mistyped
    if fault:
        place = Place(source, fault.line, fault.column, fault.path)
        raise KubernetesError(f'error: unable to decode "{source}": {fault.text}', [place], fault.hint)


def _nearest_kind(version: str, kind: str) -> str:
    known = [each.split(" ") for each in table().kinds]
    right = [each for each, name in known if name == kind]
    if right:
        return f"{kind} is in version {right[0]}"
    same = [name for each, name in known if name.lower().rstrip("s") == kind.lower().rstrip("s")]
    release = f"Kubernetes {table().release}"
    return f"did you mean kind: {same[0]}?" if same else f"{release} has no {version} {kind}"
