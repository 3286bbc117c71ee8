"""`make wheelhouse`, and a classroom that has it and no network at all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.test_wheel import ROOT, USB, run

pytestmark = [pytest.mark.slow, pytest.mark.binder, pytest.mark.alone]
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: c
    image: nginx
    volumeMounts: [{name: data, mountPath: /data, mountPropagation: HostToContainer}]
  volumes:
  - {name: data, hostPath: {path: /srv}}
"""
ALONE = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
"""A network that is nothing but its own loopback."""


@pytest.fixture(scope="module")
def house() -> Path:
    outer = ("MAKE", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(outer)}
    made = subprocess.run(
        ["make", "-C", ROOT, "wheelhouse"], env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return ROOT / "wheelhouse"


@pytest.fixture(scope="module")
def room(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of a pupil: the wheelhouse was copied, and installed as its own line says."""
    if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a network namespace of one's own is not to be had here")
    folder = tmp_path_factory.mktemp("room")
    shutil.copytree(house, folder / "wheelhouse")
    subprocess.run([sys.executable, "-m", "venv", folder / "lab"], check=True)
    install = "lab/bin/pip install --no-index --find-links wheelhouse mountlab[lab]"
    assert install in re.sub("'", "", (ROOT / "README.md").read_text()), "the README says another line"
    ran = run(*ALONE, *install.split(), cwd=folder, PIP_CONFIG_FILE=os.devnull)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    yield folder
    shutil.rmtree(folder)


def test_there_is_no_network_in_the_room(room: Path) -> None:
    assert run(*ALONE, "ip", "route", cwd=room).stdout == ""


def test_the_wheels_are_those_of_the_lock(room: Path) -> None:
    lock = (ROOT / "binder/requirements.txt").read_text()
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE))
    frozen = run("lab/bin/pip", "freeze", "--exclude", "mountlab", cwd=room).stdout.split()
    installed = dict(line.split("==") for line in frozen)

    assert installed
    assert {name.lower().replace("_", "-"): version for name, version in installed.items()}.items() <= {
        name.replace("_", "-"): version for name, version in pinned.items()
    }.items()


def test_transcript_and_manifest_run(room: Path) -> None:
    (room / "usb.mnt").write_text(USB)
    (room / "pod.yaml").write_text(POD)

    assert run(*ALONE, "lab/bin/mountlab", "run", "usb.mnt", cwd=room).returncode == 0
    explained = run(*ALONE, "lab/bin/mountlab", "explain", "pod.yaml", cwd=room)
    assert explained.returncode == 0, explained.stdout + explained.stderr
    assert "rslave" in explained.stdout


def test_a_lesson_runs_from_its_first_cell_to_its_last(room: Path) -> None:
    assert run(*ALONE, "lab/bin/mountlab", "lab", "--copies-only", cwd=room).returncode == 0
    convert = "lab/bin/jupyter nbconvert --to notebook --execute --output done.ipynb"

    ran = run(*ALONE, *convert.split(), "mountlab-work/03-peer-groups.ipynb", cwd=room)

    assert ran.returncode == 0, ran.stderr
    assert "application/vnd.mountlab" in (room / "mountlab-work/done.ipynb").read_text()


def test_jupyterlab_lists_the_extension(room: Path) -> None:
    ran = run(*ALONE, "lab/bin/jupyter", "labextension", "list", cwd=room)

    assert re.search(r"mountlab v\S+ .*enabled.*OK", ran.stdout + ran.stderr)
