"""The API server's decoding: is every field one that it knows, and of the type that it wants?

The table is made of the published schema: tests/kubernetes/make_schema.py.  Texts, as the API server v1.33
uses them: sigs.k8s.io/json (internal/golang/encoding/json: decode.go, kubernetes_patch.go), apimachinery
v0.33.0 pkg/runtime/error.go and pkg/api/resource/quantity.go.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import NamedTuple

from mountlab.kubernetes.node import Node

_NAMED = {
    "core/v1.VolumeMount.mountPropagation": "v1.MountPropagationMode",
    "core/v1.VolumeMount.recursiveReadOnly": "v1.RecursiveReadOnlyMode",
    "core/v1.HostPathVolumeSource.type": "v1.HostPathType",
    "core/v1.EmptyDirVolumeSource.medium": "v1.StorageMedium",
    "core/v1.PodSpec.restartPolicy": "v1.RestartPolicy",
    "core/v1.Container.restartPolicy": "v1.ContainerRestartPolicy",
    "core/v1.Container.imagePullPolicy": "v1.PullPolicy",
}
"""Strings with a Go type of their own, which errors name, the schema not: api v0.33.0, core/v1/types.go."""
_MOST_ERRORS = 100
_QUANTITY = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?\Z")
_QUANTITY_TEXT = (
    r"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_RANGES = {"int32": 31, "int64": 63}


class Table(NamedTuple):
    """What the API server serves."""

    release: str
    kinds: dict[str, str]
    """``apps/v1 DaemonSet`` -> the name of its type; "" for kinds that mountlab takes as they are."""
    types: dict[str, dict[str, str]]


@functools.cache
def table() -> Table:
    """The table of the release that is modelled."""
    text = resources.files("mountlab.kubernetes").joinpath("schema.json").read_text("utf-8")
    return Table(**json.loads(text))


class Fault(NamedTuple):
    """Something that cannot be decoded."""

    text: str
    path: str
    line: int
    column: int
    hint: str = ""


class Decoded(NamedTuple):
    """What decoding found out."""

    mistyped: Fault | None
    """The first value of a wrong type; nothing else is reported then."""
    unknown: tuple[Fault, ...]
    """Fields that do not exist."""


class _Spot(NamedTuple):
    """Where decoding is: the path as people write it, the path as Go names it, and the Go struct."""

    path: str
    dotted: str
    struct: str


def decoded(node: Node, kind: str, at: str = "", struct: str = "") -> Decoded:
    """Read a value as one of the table's types.

    Args:
        node: the value.
        kind: the type.
        at: the field that it is, if it is no whole object.
        struct: the Go struct that has this field.
    """
    unknown: list[Fault] = []
    mistyped = next(_faults(node, kind, _Spot(at, at, struct), unknown), None)
    return Decoded(mistyped, tuple(unknown[:_MOST_ERRORS]))


def _faults(node: Node, kind: str, spot: _Spot, unknown: list[Fault], named: str = "") -> Iterator[Fault]:
    """The values of a wrong type, in the order of kubectl's JSON, which sorts the fields."""
    if node.value is None or kind in {"any", "time"}:
        return
    if kind.startswith("[]"):
        if not isinstance(node.value, list):
            yield _mistyped(node, kind, spot)
            return
        for index, each in enumerate(node.value):
            yield from _faults(each, kind[2:], spot._replace(path=f"{spot.path}[{index}]"), unknown)
    elif kind.startswith("map[string]"):
        if not isinstance(node.value, dict):
            yield _mistyped(node, kind, spot)
            return
        for key in sorted(node.value):
            inside = spot._replace(path=f"{spot.path}.{key}")  # Go names the field, not the key
            yield from _faults(node.value[key], kind.removeprefix("map[string]"), inside, unknown)
    elif kind in table().types:
        yield from _struct_faults(node, kind, spot, unknown)
    else:
        yield from _scalar_faults(node, kind, spot, named)


def _struct_faults(node: Node, kind: str, spot: _Spot, unknown: list[Fault]) -> Iterator[Fault]:
    """Of a struct: each field in turn; those that do not exist are noted."""
    if not isinstance(node.value, dict):
        yield _mistyped(node, kind, spot)
        return
    fields = table().types[kind]
    struct = kind.rpartition(".")[2]
    for key in sorted(node.value):
        path = f"{spot.path}.{key}".lstrip(".")
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1, 0.7)
            hint = f"did you mean {near[0]}?" if near else ""
            line = node.keys.get(key, node.value[key].line)
            unknown.append(Fault(f'unknown field "{path}"', path, line, 0, hint))
            continue
        inside = _Spot(path, f"{spot.dotted}.{key}".lstrip("."), struct)
        yield from _faults(node.value[key], fields[key], inside, unknown, _NAMED.get(f"{kind}.{key}", ""))


def _scalar_faults(node: Node, kind: str, spot: _Spot, named: str) -> Iterator[Fault]:
    value = node.value
    if kind == "quantity":
        text = str(value)
        if node.kind not in {"string", "number"} or not _QUANTITY.match(text):
            yield Fault(_QUANTITY_TEXT, spot.path, node.line, node.column)
    elif kind == "intstr":
        if node.kind not in {"string", "number"}:
            yield _mistyped(node, "int32", _Spot(spot.path, "", ""))
    elif kind in _RANGES:
        most = 1 << _RANGES[kind]
        if type(value) is not int or not -most <= value < most:
            yield _mistyped(node, kind, spot)
    elif node.kind != {"float64": "number"}.get(kind, kind):
        yield _mistyped(node, named or kind, spot)


def _mistyped(node: Node, wanted: str, spot: _Spot) -> Fault:
    """Go's words for a value of a wrong type (sigs.k8s.io/json, UnmarshalTypeError.Error)."""
    got = node.kind
    if got == "number" and wanted in {"int32", "int64"}:
        got = f"number {node.value}"
    go_type = re.sub(r"[a-z]+/(?=v1\.)", "", wanted).replace("quantity", "resource.Quantity")
    where = f"Go struct field {spot.struct}.{spot.dotted}" if spot.struct else "Go value"
    text = f"json: cannot unmarshal {got} into {where} of type {go_type}"
    return Fault(text, spot.path, node.line, node.column, _hint(node, wanted))


def _hint(node: Node, wanted: str) -> str:
    if node.kind in {"bool", "number"} and (wanted == "string" or "." in wanted):
        return "YAML reads this word as something else: put it in quotes"
    if wanted.startswith("[]") and node.kind != "array":
        return "a list: each element starts with '- '"
    return ""
