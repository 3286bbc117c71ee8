"""crun with a config.json: the model's system calls, mounts and refusals are those of the real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers import crun
from mountlab.runtimes.docker_matrix import flag
from tests.containers.modelled import ModelledHost, matrix_row
from tests.containers.modelled_oci import Bundle, calls_of, recorded_calls, row_of

RECORDED = json.loads((Path(__file__).parent / "recorded" / "crun.json").read_text())
ROWS: list[dict[str, Any]] = RECORDED["matrix"] + RECORDED["bad_input"]
DOCKER = json.loads((Path(__file__).parent / "recorded" / "docker.json").read_text())
STARTED = [row for row in DOCKER["matrix"] if row["starts"] and row["submount"] and row["by"] == "-v"]
HINT = (
    "Are you trying to mount a directory onto a file (or vice-versa)?"
    " Check if the specified host path exists and is the expected type"
)
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


def host_with_crun() -> ModelledHost:
    """A host whose dockerd knows crun."""
    host = ModelledHost()
    lines = "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// --add-runtime crun=/usr/bin/crun\n"
    host.type("mkdir -p /etc/systemd/system/docker.service.d")
    host.backend.daemons.world.write(":init", "/etc/systemd/system/docker.service.d/crun.conf", lines)
    host.type("systemctl daemon-reload")
    return host


@pytest.mark.parametrize("row", STARTED, ids=lambda row: f"{row['option']}-{row['source']}")
def test_below_docker_crun_makes_of_dockers_config_what_it_makes_of_it_alone(row: dict[str, Any]) -> None:
    asked = (row["rootfs_propagation"], row["oci_options"], row["source"])
    alone = next(each for each in ROWS if tuple(each[key] for key in ASKED[:3]) == asked)
    flags = ["--runtime", "crun", *flag("-v", row["option"])]

    modelled = matrix_row(row["source"], True, flags, host_with_crun())

    assert {key: modelled[key] for key in alone if key not in ASKED} == {
        key: value for key, value in alone.items() if key not in ASKED
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["busybox", "/nosuch"], "executable file `/nosuch` not found in $PATH: No such file or directory"),
        (["busybox", "nosuch"], "executable file `nosuch` not found in $PATH: No such file or directory"),
        (["busybox", "/etc"], "open executable: Operation not permitted"),
        (["busybox", "/etc/hostname"], "open executable: Permission denied"),
        (
            ["-v", "/lab:/etc/hostname", "busybox", "true"],
            f"mount `/lab` to `etc/hostname`: Not a directory: unknown: {HINT}",
        ),
    ],
)
def test_docker_tells_what_crun_says_and_its_status_is_125(words: list[str], said: str) -> None:
    """Each was read from the real ones: docker 20.10.24 with ``--add-runtime crun=/usr/bin/crun``."""
    ran = host_with_crun().docker(["run", "--rm", "--runtime", "crun", *words])
    prefix = "docker: Error response from daemon: failed to create shim task: OCI runtime create failed: "

    end = "" if HINT in said else ": unknown"
    assert ran == (125, "", f"{prefix}{said}{end}.\n")


def test_a_dockerd_that_was_not_told_of_crun_does_not_know_it() -> None:
    ran = ModelledHost().docker(["run", "--rm", "--runtime", "crun", "busybox", "true"])

    text = "docker: Error response from daemon: Unknown runtime specified crun.\nSee 'docker run --help'.\n"
    assert ran == (125, "", text)
