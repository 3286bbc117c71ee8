"""podman: the model refuses nothing, tells the runtimes the same, and shows who sees whose mounts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers import crun, runc
from mountlab.containers.errors import ContainerError
from mountlab.containers.podman import Podman
from mountlab.runtimes.docker_matrix import flag
from mountlab.runtimes.places import INSIDE, SRC, Groups, at, setup, words
from tests.containers.modelled import ModelledHost, seen

RECORDED = json.loads((Path(__file__).parent / "recorded" / "podman.json").read_text())
RUNTIMES = {"runc": runc.create, "crun": crun.create}
ASKED = ("runtime", "option", "source", "by", "submount")
VOLUMES = [{"runtime": name} | row for name in RUNTIMES for row in RECORDED[f"volumes {name}"]]
BAD = [row for row in RECORDED["bad_input"] if row["argv"][0] == "run"]


def machine(runtime: str, state: str, submount: bool) -> tuple[ModelledHost, Podman]:
    host = ModelledHost()
    host.type(*setup(state, submount))
    return host, Podman(host.backend.daemons.world, ":init", RUNTIMES[runtime])


@pytest.mark.parametrize(
    "row", RECORDED["matrix"], ids=lambda row: "-".join(str(row[key]) for key in ASKED)
)
def test_the_model_starts_and_shows_who_sees_whose_mounts_as_podman_did(row: dict[str, Any]) -> None:
    host, podman = machine(row["runtime"], row["source"], row["submount"])
    _, volume = flag("-v", row["option"])
    specs = [podman.run(name, [volume]) for name in ("one", "two")]

    modelled = {
        "oci_options": [*specs[0].mounts[-1].options],
        "rootfs_propagation": specs[0].rootfs_propagation or None,
        "starts": True,
        "status": 0,
        "error": "",
        **seen(host, row["source"], row["submount"]),
    }

    assert modelled == {key: value for key, value in row.items() if key not in ASKED}


@pytest.mark.parametrize("row", VOLUMES, ids=lambda row: f"{row['runtime']}-{row['option']}")
def test_a_named_volume_is_private_unless_told_otherwise(row: dict[str, Any]) -> None:
    host, podman = machine(row["runtime"], "shared", submount=False)
    spec = podman.run("one", [row["by"].removeprefix("-v ")])
    inside, groups = host.table(":container one"), Groups(host.table(":init"))
    here, root = at(inside, INSIDE), at(inside, "/")
    assert here is not None
    assert root is not None

    assert {
        "starts": True,
        "mount": groups.describe(here),
        "root": groups.describe(root),
        "oci_options": [*spec.mounts[-1].options],
        "rootfs_propagation": spec.rootfs_propagation or None,
    } == {key: value for key, value in row.items() if key not in ("runtime", "option", "by")}


@pytest.mark.parametrize("row", BAD, ids=lambda row: " ".join(row["argv"][4:-2]))
def test_bad_input_is_answered_in_podmans_words(row: dict[str, Any]) -> None:
    flags = row["argv"][4:-2]
    if set(flags[::2]) != {"-v"}:
        pytest.skip("recorded, not modelled: of podman's command line only -v is")
    _, podman = machine("crun", "shared", submount=True)
    written = [_path(text) for text in flags[1::2]]
    try:
        podman.run("new", written)
        said, status = "", 0
    except ContainerError as error:
        said, status = words(error.text) + "\n", error.status

    assert (said, status) == (row["stderr"], row["status"])


def _path(text: str) -> str:
    return text.replace("SRC", SRC)
