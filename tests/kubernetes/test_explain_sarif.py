"""SARIF 2.1.0: the properties that its schema requires, checked by hand, and where results point."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.commands.explain import configure, run
from tests.kubernetes.test_explain_rules import CASES

LEVELS = {"none", "note", "warning", "error"}


def log(manifest: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[int, str]:
    monkeypatch.chdir(tmp_path)
    Path("a pod.yaml").write_text(manifest)
    parser = argparse.ArgumentParser(allow_abbrev=False)
    configure(parser)
    return run(parser.parse_args(["--format", "sarif", "a pod.yaml"])), "a%20pod.yaml"


def check(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Hold a log against what the schema requires of each object that is in it; its results."""
    assert set(found) == {"$schema", "version", "runs"}
    assert found["version"] == "2.1.0"
    (one,) = found["runs"]
    assert set(one) == {"tool", "columnKind", "results"}
    assert one["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
    driver = one["tool"]["driver"]
    assert driver["name"] == "mountlab"
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in LEVELS
    for result in one["results"]:
        assert result["message"]["text"]
        assert result["level"] in LEVELS
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for location in [*result["locations"], *result["relatedLocations"]]:
            region = location["physicalLocation"]["region"]
            assert region["startLine"] >= 1
            assert region["startColumn"] >= 1
    return list(one["results"])


def test_results_point_at_line_and_column(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CASES["unprivileged"].bad
    status, uri = log(text, monkeypatch, tmp_path)
    results = check(json.loads(capsys.readouterr().out))

    assert status == 1
    assert [(each["ruleId"], each["level"]) for each in results] == [
        ("refused-server", "error"),
        ("unprivileged", "warning"),
    ]
    for each in results:
        (location,) = each["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"] == {"uri": uri}
        line, column = physical["region"]["startLine"], physical["region"]["startColumn"]
        assert text.splitlines()[line - 1][column - 1 :].startswith("mountPropagation: Bidirectional")


def test_what_cannot_be_read_is_a_result_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _ = log("a: [", monkeypatch, tmp_path)

    assert status == 2
    assert [each["ruleId"] for each in check(json.loads(capsys.readouterr().out))] == ["unreadable"]


def test_a_clean_manifest_has_no_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert log(CASES["root"].good, monkeypatch, tmp_path)[0] == 0
    assert check(json.loads(capsys.readouterr().out)) == []
