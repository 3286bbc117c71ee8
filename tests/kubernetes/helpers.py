"""Pods for tests, and what the real kubectl said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mountlab.kubernetes.manifests import Object, read
from mountlab.kubernetes.pods import Pod, pod_of
from mountlab.kubernetes.validation import errors_of

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "recorded/kubectl.json").read_text())
CRI: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "containers/recorded/cri.json").read_text()
)


def only(text: str, source: str = "f.yaml") -> Object:
    """The one object of a manifest."""
    found = read(text, source)
    assert not found.errors, found.errors[0].told
    (each,) = found.objects
    return each


def pod_text(spec: str, kind: str = "Pod", name: str = "x") -> str:
    """A pod with this spec, in YAML's flow style."""
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{spec}"


def pod(spec: str) -> Pod:
    """The same, read."""
    found = pod_of(only(pod_text(spec)))
    assert found is not None
    return found


def said(text: str) -> list[str]:
    """Every field error of an object, in order."""
    return [str(error) for error in errors_of(only(text))]
