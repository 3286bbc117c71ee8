"""``explain systemctl start``, against what a real systemd 252 did with the same settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers.explained.stages import UnitChain
from mountlab.containers.explained.tell import tell
from mountlab.containers.explained.units import explain_start
from mountlab.containers.systemd.manager import Manager, process_of
from mountlab.runtimes.host import WORK
from mountlab.runtimes.places import setup
from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse
from tests.containers.test_docker_words import spelled
from tests.containers.test_explained import described

RECORDED = json.loads((Path(__file__).parent / "recorded" / "systemd.json").read_text())
ROWS = [row for row in RECORDED["units"] if row["starts"]]
FOLDER = "/etc/systemd/system"


def machine(settings: str, *lines: str) -> SimulatorBackend:
    """A machine with probe.service, which has these settings."""
    backend = SimulatorBackend("systemd")
    unit = "\n".join(["[Service]", "ExecStart=/bin/sleep 600", *settings.split()])
    typed = [f"tee {FOLDER}/probe.service <<'END'\n{unit}\nEND", "systemctl daemon-reload", *lines]
    for result in play(parse("".join(f"host# {line}\n" for line in typed)), backend):
        assert result.outcome.exit == 0, result.outcome.stderr
    return backend


def explained(backend: SimulatorBackend, *words: str) -> UnitChain:
    return explain_start(backend.daemons, ("systemctl", *words), words[-1])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["settings"] or "nothing")
def test_what_comes_of_a_setting_is_what_came_of_it(row: dict[str, Any]) -> None:
    backend = machine(
        spelled(row["settings"]), f"mkdir -p {WORK}", f"mount -t tmpfs lab {WORK}", *setup("shared", True)
    )

    chain = explained(backend, "start", "probe")

    assert chain.needs_namespace == row["own_namespace"] == bool(chain.steps)
    assert chain.result is not None
    assert described(chain.result.mounts[0].kin) == row["classes"]["/"]
    (sight,) = chain.result.sights
    if row["unit_to_host"] is not None:  # where it was tried is not hidden from the unit
        assert (sight.host_to_inside, sight.inside_to_host) == (row["host_to_unit"], row["unit_to_host"])


def test_only_what_counts_is_told_of_the_settings() -> None:
    backend = machine(
        "MountFlags=slave MountFlags=bogus PrivateTmp=no ProtectHome=read-only BindPaths=/srv:/mnt"
    )

    chain = explained(backend, "start", "probe.service")

    assert chain.settings == ("MountFlags=slave", "ProtectHome=read-only", "BindPaths=/srv:/mnt")
    assert chain.files == (f"{FOLDER}/probe.service",)


def test_a_file_that_was_changed_without_daemon_reload_is_told() -> None:
    backend = machine("", "systemctl start probe", f"sed -i s/600/601/ {FOLDER}/probe.service")

    chain = explained(backend, "restart", "probe")

    assert chain.outdated
    assert any("daemon-reload" in line for line in tell(chain))


def test_a_unit_that_runs_is_not_started_again() -> None:
    chain = explained(machine("MountFlags=slave", "systemctl start probe"), "start", "probe")
    again = explained(machine("MountFlags=slave", "systemctl start probe"), "restart", "probe")

    assert (chain.was_running, chain.steps) == (True, ())
    assert (again.was_running, bool(again.steps)) == (False, True)
    assert any("runs already" in line for line in tell(chain))


def test_a_unit_that_fails_is_told_with_the_call_that_failed_and_systemctls_words() -> None:
    backend = machine("Type=notify BindPaths=/nowhere:/mnt")

    chain = explained(backend, "start", "probe")

    assert chain.refused is not None
    assert (chain.refused.by, chain.refused.status, chain.result) == ("systemd", 1, None)
    assert chain.steps[-1].made.errno == "ENOENT"
    assert any(line.rstrip().endswith("= ENOENT") for line in tell(chain))


def test_a_unit_that_is_not_there_and_a_machine_without_systemd_are_refused() -> None:
    missing = explained(machine(""), "start", "nosuch")
    without = explained(SimulatorBackend("bare"), "start", "docker")

    assert missing.refused is not None
    assert (missing.refused.text, missing.refused.status) == (
        "Failed to start nosuch.service: Unit nosuch.service not found.",
        5,
    )
    assert without.refused is not None
    assert "not been booted with systemd" in without.refused.text


def test_the_unit_of_docker_1_10_is_explained_down_to_its_calls() -> None:
    backend = SimulatorBackend("docker-1.10")
    chain = explained(backend, "start", "docker")
    manager = backend.daemons.manager

    assert isinstance(manager, Manager)
    assert manager.state("docker.service").process == process_of("docker.service")
    assert chain.settings == ("MountFlags=slave",)
    assert chain.steps[-1].made.call == 'mount("", "/", "", MS_REC|MS_SLAVE, NULL)'
    assert json.loads(json.dumps(chain.as_json()))["calls"][0]["by"] == "systemd"
