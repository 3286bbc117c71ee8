"""runc with a config.json: the model's system calls, mounts and refusals are those of the real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers import runc
from tests.containers.modelled_oci import Bundle, calls_of, recorded_calls, row_of

RECORDED = json.loads((Path(__file__).parent / "recorded" / "runc.json").read_text())
ROWS: list[dict[str, Any]] = RECORDED["matrix"] + RECORDED["bad_input"]
ASKED = ("rootfs_propagation", "options", "source", "submount")


def named(row: dict[str, Any]) -> str:
    return "-".join(str(row[key]) for key in ASKED[:3])


def as_run_says(error: str) -> str:
    """What ``runc create`` says to containerd, as ``runc run`` says it to a terminal."""
    return error and 'time="TIME" level=error msg="' + error.replace("runc create", "runc run", 1) + '"'


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_model_starts_or_refuses_and_shows_who_sees_whose_mounts_as_runc_did(row: dict[str, Any]) -> None:
    modelled = row_of(runc.create, row)

    assert modelled | {"error": as_run_says(modelled["error"])} == {
        key: value for key, value in row.items() if key not in ASKED
    }


@pytest.mark.parametrize(
    "row", RECORDED["calls"], ids=lambda row: f"{row['rootfs_propagation']} {row['options']}"
)
def test_the_model_makes_runcs_system_calls_in_runcs_order(row: dict[str, Any]) -> None:
    bundle = Bundle(runc.create, "shared")
    bundle.start("one", row["rootfs_propagation"], row["options"])

    assert calls_of(bundle.made) == recorded_calls(row["calls"])
