"""Docker's propagation matrix: what the model computes is what the real dockerd did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.runtimes.docker_matrix import flag
from tests.containers.modelled import matrix_row

RECORDED = json.loads((Path(__file__).parent / "recorded" / "docker.json").read_text())
ROWS: list[dict[str, Any]] = RECORDED["matrix"]
ASKED = ("option", "source", "by", "submount")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(str(row[key]) for key in ASKED))
def test_the_model_starts_or_refuses_and_shows_who_sees_whose_mounts_as_dockerd_did(
    row: dict[str, Any],
) -> None:
    real = {key: value for key, value in row.items() if key not in ASKED}

    modelled = matrix_row(row["source"], row["submount"], flag(row["by"], row["option"]))

    assert modelled == real
