"""What is wrong with an object: equal to what the API server's own code said of it, text for text."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import mountlab.kubernetes
from mountlab.kubernetes.fielderrors import FieldError
from mountlab.kubernetes.fielderrors import Path as Field
from mountlab.kubernetes.manifests import CLUSTER_WIDE
from mountlab.kubernetes.pods import pod_of
from mountlab.kubernetes.podsecurity import Policy, forbidden, policy_of
from tests.kubernetes.api_texts import TEXTS
from tests.kubernetes.helpers import only, said

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "recorded/apiserver.json").read_text(encoding="utf-8")
)
ROWS: list[dict[str, Any]] = RECORDED["rows"]
ROOM = Path(mountlab.kubernetes.__file__).parent
WORDS = ("required", "forbidden", "invalid", "not_found", "duplicate", "too_long", "unsupported")


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_it_says_what_the_api_server_said(number: int) -> None:
    row = ROWS[number]

    assert said(json.dumps(row["object"])) == row["errors"]


@pytest.mark.parametrize("number", [number for number, row in enumerate(ROWS) if "security" in row])
def test_each_level_forbids_what_the_admission_forbade(number: int) -> None:
    row = ROWS[number]
    pod = pod_of(only(json.dumps(row["object"])))
    assert pod is not None
    for level, expected in row["security"].items():
        policy = policy_of({"pod-security.kubernetes.io/enforce": level})
        head = forbidden(pod, policy).partition(f'violates PodSecurity "{level}:latest": ')[2]

        assert head == expected, level


@pytest.mark.parametrize("name", TEXTS)
def test_it_says_what_the_source_says(name: str) -> None:
    assert tuple(said(TEXTS[name].manifest)) == TEXTS[name].errors


def test_every_text_is_said_by_an_object_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who adds a rule to this room has to record it, or to name its source."""
    reached = set[tuple[str, int]]()
    for word in WORDS:
        original = getattr(Field, word)

        def noted(*args: Any, original: Any = original) -> FieldError:
            caller = sys._getframe(1)
            reached.add((Path(caller.f_code.co_filename).name, caller.f_lineno))
            return original(*args)

        monkeypatch.setattr(Field, word, noted)
    for text in [*(json.dumps(row["object"]) for row in ROWS), *(each.manifest for each in TEXTS.values())]:
        said(text)

    assert {f"{name}:{line}" for name, line in _calls() - reached} == set()


def _calls() -> set[tuple[str, int]]:
    """Where this room words an error."""
    return {
        (path.name, node.lineno)
        for path in sorted(ROOM.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WORDS
    }


def test_the_recording_is_of_one_version() -> None:
    assert RECORDED["kubernetes"] == "1.32.10"
    assert Policy() == policy_of({})
    assert {row["object"]["kind"] for row in ROWS} - CLUSTER_WIDE == {"Pod", "PersistentVolumeClaim"}
