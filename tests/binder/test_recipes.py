"""The recipes for a machine of one's own: readable, of one mind, and granting what they say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
VM = ROOT / "binder" / "vm"
RECIPES = ("cloud-init.yaml", "lima.yaml", "Vagrantfile")
GRANTS = {"privileged", "capAdd", "securityOpt", "runArgs", "mounts", "containerUser"}
"""Fields of devcontainer.json that give a container more than an ordinary one has."""


def devcontainer() -> dict[str, object]:
    """It is JSON with comments, which stand on lines of their own."""
    lines = (ROOT / ".devcontainer" / "devcontainer.json").read_text().splitlines()
    return dict(json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//"))))


def test_every_recipe_runs_the_one_script_and_installs_nothing_else() -> None:
    for name in RECIPES:
        text = "\n".join(
            line for line in (VM / name).read_text().splitlines() if not line.strip().startswith("#")
        )
        assert text.count("/opt/mountlab/binder/vm/provision.sh") == 1, name
        assert set(re.findall(r"apt-get -qq -y install (.*?);", text)) <= {"git"}, name
    cloud = yaml.safe_load((VM / "cloud-init.yaml").read_text())
    assert cloud["packages"] == ["git"], "what the clone is made with; the script installs the rest"


def test_the_script_can_be_run() -> None:
    assert (VM / "provision.sh").stat().st_mode & 0o111


def test_lima_mounts_nothing_of_the_host() -> None:
    lima = yaml.safe_load((VM / "lima.yaml").read_text())

    assert lima["mounts"] == []
    assert lima["base"] == ["template://_images/debian-12"], "an image; template://debian-12 mounts the home"


def test_vagrant_forwards_to_this_machine_only() -> None:
    text = (VM / "Vagrantfile").read_text()

    forwarded = [line for line in text.splitlines() if "forwarded_port" in line]
    assert forwarded
    assert all('host_ip: "127.0.0.1"' in line for line in forwarded)


def test_the_dev_container_grants_nothing_and_is_not_root() -> None:
    config = devcontainer()

    assert not GRANTS & config.keys()
    assert config["remoteUser"] == "jovyan"


def test_the_dev_container_is_built_from_binder_s_image() -> None:
    build = devcontainer()["build"]
    assert isinstance(build, dict)

    assert (ROOT / ".devcontainer" / build["dockerfile"]).resolve() == ROOT / "binder" / "Dockerfile"
    assert (ROOT / ".devcontainer" / build["context"]).resolve() == ROOT


def test_forks_edit_one_word_everywhere() -> None:
    """No repository has a public address yet: where one is needed, it is OWNER/mountlab."""
    files = [ROOT / "README.md", *(VM / name for name in RECIPES)]
    addresses = {
        address
        for file in files
        for address in re.findall(r"(?:github\.com|/gh)/([^/\s]+/[^/\s\"\]]+)", file.read_text())
    }

    assert addresses == {"OWNER/mountlab"}
