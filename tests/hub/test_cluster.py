"""The values for a cluster: the chart knows every name in them, and they say what one server does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from mountlab.kernel.uml.keeper import MEMORY

ROOT = Path(__file__).resolve().parents[2]
VALUES = yaml.safe_load((ROOT / "deploy/classroom/values.yaml").read_text())
DOCKERFILE = (ROOT / "binder/Dockerfile").read_text()


def known() -> dict[str, set[str]]:
    """Where → which names the chart allows there."""
    lines = (Path(__file__).parent / "z2jh.txt").read_text().splitlines()
    return {
        where: set(names.split())
        for where, _, names in (line.partition(": ") for line in lines if line and not line.startswith("#"))
    }


def unknown(values: dict[str, Any], where: str = "") -> list[str]:
    """The names that the chart would refuse."""
    allowed = known().get(where or ".")
    if allowed is None:
        return []  # whatever is below is handed on by the chart
    found = [f"{where}.{name}".lstrip(".") for name in values if name not in allowed]
    for name, value in values.items():
        if isinstance(value, dict):
            found += unknown(value, f"{where}.{name}".lstrip("."))
    return found


def test_the_chart_knows_every_name() -> None:
    assert unknown(VALUES) == []


def test_a_name_that_the_chart_does_not_know_is_found() -> None:
    wrong = {"singleuser": {"memory": {"limits": "1G"}, "defaultURL": "/lab"}, "culler": {}}

    assert unknown(wrong) == ["culler", "singleuser.defaultURL", "singleuser.memory.limits"]


def test_the_pod_is_the_image_s_user_and_keeps_the_learner_s_work() -> None:
    singleuser = VALUES["singleuser"]

    assert f"ARG NB_UID={singleuser['uid']}" in DOCKERFILE
    assert singleuser["storage"]["homeMountPath"] == "/home/jovyan/work"
    assert "ARG NB_USER=jovyan" in DOCKERFILE


def test_the_command_makes_the_copies_and_hands_its_arguments_on() -> None:
    shell, option, command, _ = VALUES["singleuser"]["cmd"]

    assert (shell, option) == ("sh", "-c")
    assert command.endswith('python -m mountlab.lab --copies-only && exec jupyterhub-singleuser "$@"')


def test_the_guest_of_user_mode_linux_finds_room_in_memory() -> None:
    (volume,) = VALUES["singleuser"]["storage"]["extraVolumes"]
    size = int(re.fullmatch(r"(\d+)Mi", volume["emptyDir"]["sizeLimit"])[1]) << 20

    assert size > MEMORY
    assert VALUES["singleuser"]["storage"]["extraVolumeMounts"] == [{"name": "shm", "mountPath": "/dev/shm"}]


def test_nobody_is_let_in_without_the_teacher_and_the_idle_are_sent_home() -> None:
    config = VALUES["hub"]["config"]

    assert config["JupyterHub"]["authenticator_class"] == "native"
    assert config["NativeAuthenticator"]["open_signup"] is False
    assert VALUES["cull"]["enabled"]
