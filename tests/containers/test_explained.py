"""``explain docker run``, stage by stage, against what the real dockerd did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers.explained.docker import explain_run
from mountlab.containers.explained.kin import Kin
from mountlab.containers.explained.stages import DockerChain
from mountlab.containers.explained.tell import tell
from mountlab.containers.world import FIRST
from mountlab.runtimes.docker_cases import TABLES as CASES
from mountlab.runtimes.docker_matrix import flag
from mountlab.runtimes.places import INSIDE, SRC, SUB, setup, words
from tests.containers.modelled import ModelledHost, renamed
from tests.containers.test_docker_in_units import ASKED, DATA, host_with
from tests.containers.test_docker_words import OTHERWISE, prepared, real, spelled

RECORDED = json.loads((Path(__file__).parent / "recorded" / "docker.json").read_text())
IN_UNITS = json.loads((Path(__file__).parent / "recorded" / "systemd.json").read_text())["docker"]
MATRIX = [row for row in RECORDED["matrix"] if row["by"] == "-v"]
SESSION = {tuple(row["argv"]): row["stdout"] for row in RECORDED["session"]}
REFUSED = [
    row
    for row in RECORDED["bad_input"]
    if row["argv"][:1] == ["run"]
    and row["status"] in (125, 126, 127)
    and " ".join(row["argv"]) not in OTHERWISE
]
"""Every other status is the container's own."""


def explained(host: ModelledHost, *flags: str) -> DockerChain:
    """A container with these flags, explained."""
    argv = ("docker", "run", "-d", "--name", "one", *flags, "busybox", "sleep", "600")
    return explain_run(host.backend.daemons, argv)


def described(kin: Kin) -> str:
    """A mount's class in the words of the recordings."""

    def join(places: tuple[str, ...]) -> str:
        return " = ".join(sorted({renamed(place) for place in places}))

    shared = [f"shared with {join(kin.peers)}" if kin.peers else "shared anew"] if kin.is_shared else []
    slave = [f"slave of {join(kin.masters)}" if kin.masters else "slave of another"] if kin.is_slave else []
    return ", ".join(shared + slave) or ("unbindable" if kin.is_unbindable else "private")


def outcome(chain: DockerChain) -> dict[str, Any]:
    """What came of it, as a row of the recorded matrix has it."""
    assert chain.told is not None
    assert chain.result is not None
    kin = {mount.mountpoint: described(mount.kin) for mount in chain.result.mounts}
    (sight,) = chain.result.sights
    (entry,) = chain.told.asked_for
    return {
        "oci_options": [*entry.options],
        "rootfs_propagation": chain.told.spec.rootfs_propagation or None,
        "mount": kin[INSIDE],
        "submount_inside": kin.get(f"{INSIDE}/sub"),
        "root": kin["/"],
        "host_to_container": sight.host_to_inside,
        "container_to_host": sight.inside_to_host,
        "container_to_container": sight.inside_to_second,
    }


@pytest.mark.parametrize("row", MATRIX, ids=lambda r: f"{r['option']}-{r['source']}-{r['submount']}")
def test_each_stage_of_the_matrix_is_what_the_real_dockerd_did(row: dict[str, Any]) -> None:
    host = ModelledHost()
    host.type(*setup(row["source"], row["submount"]))

    chain = explained(host, *flag("-v", row["option"]))

    (point,) = chain.points
    assert (chain.refused is None) == row["starts"] == (point.check is None or point.check.passes)
    if chain.refused is not None:
        assert (chain.refused.by, chain.refused.status) == ("dockerd", row["status"])
        assert words(chain.refused.text) == row["error"]
        assert point.check is not None
        assert words(point.check.error) in row["error"]
        assert (chain.told, chain.result) == (None, None)
    else:
        assert outcome(chain) == {key: row[key] for key in outcome(chain)}


@pytest.mark.parametrize("row", IN_UNITS, ids=lambda row: f"{row['settings'] or 'nothing'}, {row['source']}")
def test_where_dockerd_runs_is_told_and_what_that_does_to_containers(row: dict[str, Any]) -> None:
    host = host_with(row["settings"])
    host.type(f"mkdir -p {SRC if row['volume'].startswith('SRC') else DATA}")

    chain = explained(host, "-v", row["volume"].replace("SRC", SRC).replace("/lab/docker", "/var/lib/docker"))

    assert chain.home is not None
    assert chain.home.is_own_namespace == row["own_namespace"]
    if not row["starts"]:
        assert chain.refused is not None
        assert words(chain.refused.text.replace("/var/lib", "/lab")) == row["error"]
        return
    assert chain.result is not None
    (sight,) = chain.result.sights
    assert described(chain.home.root) == row["dockerd_root"]
    assert sight.host_to_inside == row["host_to_container"]
    assert sight.inside_to_host == row["container_to_host"]
    assert sight.inside_to_second == row["container_to_container"]
    if row["own_namespace"]:
        assert sight.inside_to_dockerd == row["container_to_dockerd"]
    else:
        assert sight.inside_to_dockerd is None
    assert set(row) >= set(ASKED)


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: " ".join(row["argv"]))
def test_bad_input_ends_the_chain_with_dockers_own_words_and_status(row: dict[str, Any]) -> None:
    host = prepared()
    host.docker(["volume", "create", "data_vol"])
    host.docker(["run", "-d", "--name", "running", "-v", "held:/var", "busybox", "sleep", "600"])
    host.docker(["run", "--name", "stopped", "busybox", "true"])

    chain = explain_run(host.backend.daemons, ("docker", *(spelled(word) for word in row["argv"])))

    if chain.refused is None:  # the container starts, and its program is not there
        assert "executable file not found" in row["stderr"]
        return
    refused = {"status": chain.refused.status, "stderr": renamed(chain.refused.text) + "\n"}
    assert refused == {key: real(row)[key] for key in refused}
    assert (chain.refused.by == "client") == ("Error response from daemon" not in row["stderr"])
    assert (chain.home is None) == (chain.refused.by == "client")


def test_the_fields_of_the_api_hold_what_docker_inspect_shows_of_them() -> None:
    argv = next(argv for argv in SESSION if argv[:5] == ("run", "-d", "--name", "third", "--mount"))
    shown = SESSION["inspect", "-f", "{{json .HostConfig.Binds}} {{json .HostConfig.Mounts}}", "third"]
    binds, mounts = (json.loads(each) for each in shown.split(" ", 1))
    host = prepared()

    chain = explain_run(host.backend.daemons, ["docker", *map(spelled, argv)])
    sent = {
        field: [each.value for each in chain.flags if each.field == f"HostConfig.{field}"]
        for field in ("Binds", "Mounts")
    }

    assert (sent["Binds"] or None, json.loads(renamed(json.dumps(sent["Mounts"])))) == (binds, mounts)
    assert [each.written for each in chain.flags] == [f"--mount {spelled(argv[5])}", "--tmpfs /tmp"]


@pytest.mark.parametrize(
    ("flags", "fields", "origin", "propagation"),
    [
        (["-v", f"{SRC}:/mnt"], ["HostConfig.Binds"], "default", "rprivate"),
        (["-v", f"{SRC}:/mnt:slave"], ["HostConfig.Binds"], "asked", "slave"),
        (["-v", "vol:/mnt"], ["HostConfig.Binds"], "volume", ""),
        (["-v", "/mnt"], ["Config.Volumes"], "volume", ""),
        (["--mount", "type=volume,source=vol,target=/mnt"], ["HostConfig.Mounts"], "volume", ""),
        (["-v", "/var/lib/docker/volumes:/mnt"], ["HostConfig.Binds"], "in-data-root", "rslave"),
        (["-v", "/:/mnt"], ["HostConfig.Binds"], "around-data-root", "rslave"),
        (["--tmpfs", "/mnt"], ["HostConfig.Tmpfs"], "tmpfs", "rprivate"),
        (["--tmpfs", "/mnt:shared"], ["HostConfig.Tmpfs"], "tmpfs", "shared"),
        (["--volumes-from", "giver"], ["HostConfig.VolumesFrom"], "asked", "rslave"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else str(each),
)
def test_where_a_propagation_comes_from(
    flags: list[str], fields: list[str], origin: str, propagation: str
) -> None:
    host = prepared()
    host.docker(["run", "-d", "--name", "giver", "-v", f"{SRC}:/mnt:rslave", "busybox", "sleep", "600"])

    chain = explained(host, *flags)

    assert [each.field for each in chain.flags] == fields
    assert [(each.origin, each.propagation) for each in chain.points] == [(origin, propagation)]
    assert chain.told is not None
    options = chain.told.asked_for[0].options
    assert [word for word in options if word.strip("r") in ("private", "slave", "shared")] == (
        [propagation] if propagation else []
    )


@pytest.mark.parametrize("name", CASES)
def test_every_kind_of_mount_is_told_and_is_json(name: str) -> None:
    host = prepared()
    host.type(f"touch {SRC}/file", f"mkdir -p {SUB}/deep/er")
    host.docker(["run", "-d", "--name", "giver", "-v", "data_vol:/mnt", "busybox", "sleep", "600"])

    chain = explained(host, *CASES[name])
    lines = tell(chain)

    assert chain.refused is None
    assert json.loads(json.dumps(chain.as_json()))["refused"] is None
    assert all(any(each.written in line for line in lines) for each in chain.flags)
    assert not any("{" in line for line in lines if not line.strip().startswith(("{", "goes to")))


def test_shared_decides_on_the_root_though_a_slave_was_written_first() -> None:
    chain = explained(
        prepared(), "-v", f"{SRC}:/a:rslave", "-v", f"{SRC}:/b:rshared", "-v", f"{SRC}:/c:rslave"
    )

    assert chain.told is not None
    assert (chain.told.spec.rootfs_propagation, chain.told.because) == ("shared", "/b")


def test_what_was_missing_and_made_is_told() -> None:
    missing, there = explained(prepared(), "-v", f"{SRC}/new:/mnt", "-v", f"{SRC}:/var").points

    assert (missing.is_made, there.is_made) == (True, False)


def test_the_trial_leaves_the_machine_as_it_is() -> None:
    host = prepared()
    explained(host, "-v", f"{SRC}:/mnt:rshared")
    world = host.backend.daemons.world

    assert not [row for row in world.mountinfo(FIRST) if "tried" in row.mountpoint]
    assert not [name for name in world.listdir(FIRST, SRC) if name.startswith("tried")]
    assert list(host.dockerd.containers) == ["one"]


def test_a_file_or_a_read_only_place_is_not_tried_and_that_is_said() -> None:
    host = prepared()
    host.type(f"touch {SRC}/file", f"mount -t tmpfs -o ro x {SRC}/c")
    chain = explained(host, "-v", f"{SRC}/file:/mnt/file", "-v", f"{SRC}/c:/var")

    assert chain.result is not None
    assert [sight.host_to_inside for sight in chain.result.sights] == [None, None]
    assert sum("nothing can be mounted there" in line for line in tell(chain)) == 2
