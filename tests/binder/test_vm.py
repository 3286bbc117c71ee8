"""The provisioning script, really run: as root, in a clean Debian 12, on the files of a clone.

What is not shown here: a hypervisor's first boot, and Lima's and Vagrant's own programs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.binder import cleanroot
from tests.binder.build import ROOT, tracked

pytestmark = [pytest.mark.slow, pytest.mark.binder, pytest.mark.alone]
CLONE = "/opt/mountlab"
OWNER = 1001
"""A clone that is not root's, as on a laptop."""
TRANSCRIPT = "host# mkdir /a\nhost# mount -t tmpfs x /a\nhost# mount --make-shared /a\n"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A clean Debian with a clone, provisioned."""
    reason = cleanroot.why_not()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("vm") / "root"
    try:
        cleanroot.make(folder)
        # It has no init: packages must not try to start their services.
        policy = folder / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        cleanroot.run(folder, ["useradd", "--create-home", "--uid", str(OWNER), "somebody"])
        for name in tracked():
            target = folder / CLONE.lstrip("/") / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target, follow_symlinks=False)
        cleanroot.run(folder, ["chown", "-R", f"{OWNER}:{OWNER}", CLONE])
        said(folder, f"{CLONE}/binder/vm/provision.sh")
        yield folder
    finally:
        shutil.rmtree(folder)


def said(machine: Path, *words: str, user: int = 0) -> str:
    ran = cleanroot.run(machine, list(words), user=user, HOME="/root" if user == 0 else "/home/somebody")
    assert ran.returncode == 0, ran.stdout[-4000:]
    return ran.stdout


def test_a_second_run_has_nothing_to_do(machine: Path) -> None:
    again = said(machine, f"{CLONE}/binder/vm/provision.sh")

    assert "mountlab is set up" in again
    assert "Installing JupyterLab" not in again


def test_what_it_made_in_the_clone_belongs_to_the_clone_s_owner(machine: Path) -> None:
    strangers = [
        path
        for path in (machine / CLONE.lstrip("/")).rglob("*")
        if os.stat(path, follow_symlinks=False).st_uid != OWNER
    ]

    assert strangers == []


@pytest.mark.parametrize("program", ["docker", "dockerd", "containerd", "runc", "linux.uml", "strace"])
def test_the_programs_are_there(machine: Path, program: str) -> None:
    assert said(machine, "sh", "-c", f"command -v {program}")


def test_simulator_and_kernel_agree_there(machine: Path) -> None:
    (machine / "tmp/a.mnt").write_text(TRANSCRIPT)

    ran = said(machine, f"{CLONE}/.venv/bin/mountlab", "run", "--backend", "both", "/tmp/a.mnt")

    assert "a sandbox in a user namespace" in ran


def test_the_recipes_pass_their_own_programs_checks(machine: Path) -> None:
    said(machine, *"apt-get -qq -y --no-install-recommends install cloud-init ruby shellcheck".split())

    said(machine, "shellcheck", f"{CLONE}/binder/vm/provision.sh", f"{CLONE}/binder/postBuild")
    said(machine, "cloud-init", "schema", "--config-file", f"{CLONE}/binder/vm/cloud-init.yaml")
    said(machine, "ruby", "-c", f"{CLONE}/binder/vm/Vagrantfile")
