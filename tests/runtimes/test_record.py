"""The recordings as files: in the form in which the recorder writes them, and complete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mountlab.runtimes.host import HostError
from mountlab.runtimes.places import OPTIONS, STATES, words
from mountlab.runtimes.record import RECORDERS, main, text_of

RECORDED = Path(__file__).parents[1] / "containers" / "recorded"


@pytest.mark.parametrize("name", sorted(RECORDERS))
def test_a_recording_is_as_the_recorder_would_write_it(name: str) -> None:
    text = (RECORDED / f"{name}.json").read_text(encoding="utf-8")

    assert text_of(json.loads(text)) == text
    assert words(text) == text, "something is left that differs from run to run"


def test_dockers_matrix_has_each_option_on_each_source_in_each_way() -> None:
    matrix = json.loads((RECORDED / "docker.json").read_text(encoding="utf-8"))["matrix"]
    found = {(row["option"], row["source"], row["by"], row["submount"]) for row in matrix}

    assert len(matrix) == len(found) == len(OPTIONS) * len(STATES) * 2 * 2


def test_what_cannot_be_recorded_is_said_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def refuse() -> dict[str, object]:
        raise HostError("not installed: runc")

    monkeypatch.setitem(RECORDERS, "runc", refuse)

    assert main(["runc", "--out", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err == "runc: not installed: runc\n"
    assert not (tmp_path / "file").exists()
