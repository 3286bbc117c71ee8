"""crun with a config.json: the model's system calls, mounts and refusals are those of the real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers import crun
from tests.containers.modelled_oci import Bundle, calls_of, recorded_calls, row_of

RECORDED = json.loads((Path(__file__).parent / "recorded" / "crun.json").read_text())
ROWS: list[dict[str, Any]] = RECORDED["matrix"] + RECORDED["bad_input"]
ASKED = ("rootfs_propagation", "options", "source", "submount")


def named(row: dict[str, Any]) -> str:
    return "-".join(str(row[key]) for key in ASKED[:3])


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_model_starts_or_refuses_and_shows_who_sees_whose_mounts_as_crun_did(row: dict[str, Any]) -> None:
    assert row_of(crun.create, row) == {key: value for key, value in row.items() if key not in ASKED}


@pytest.mark.parametrize(
    "row", RECORDED["calls"], ids=lambda row: f"{row['rootfs_propagation']} {row['options']}"
)
def test_the_model_makes_cruns_system_calls_in_cruns_order(row: dict[str, Any]) -> None:
    bundle = Bundle(crun.create, "shared")
    bundle.start("one", row["rootfs_propagation"], row["options"])

    assert calls_of(bundle.made) == recorded_calls(row["calls"])
