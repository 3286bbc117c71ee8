"""The package without a clone: what the wheel brings, used from a venv far away from the source."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
USB = "host# mkdir /media\nhost# mount -t tmpfs disk /media\nhost# mount --make-shared /media\n"


def run(*words: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program away from the clone, which it must not find by accident."""
    strangers = {"PYTHONPATH", "MOUNTLAB_BACKEND", "MOUNTLAB_PROGRESS"}
    environment = {name: value for name, value in os.environ.items() if name not in strangers}
    environment |= {"HOME": str(cwd), **variables}
    command = [str(word) for word in words]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with source distribution and wheel, as `make wheel` builds them."""
    folder = tmp_path_factory.mktemp("dist")
    ran = run(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=ROOT, HOME=str(folder))
    assert ran.returncode == 0, ran.stderr
    return folder


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


@pytest.fixture(scope="module")
def away(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but a venv with the wheel: no JupyterLab, no PyYAML, no clone."""
    folder = tmp_path_factory.mktemp("away")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [folder / "venv/bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--no-index"]
    ran = run(*pip, "--no-deps", only(built, "*.whl"), cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return folder


def mountlab(away: Path, *words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return run(away / "venv/bin/mountlab", *words, cwd=away, **variables)


def test_it_is_the_installed_package_that_is_tested(away: Path) -> None:
    ran = run(away / "venv/bin/python", "-c", "import mountlab; print(mountlab.__file__)", cwd=away)

    assert ran.stdout.startswith(str(away))


def test_a_transcript_runs(away: Path) -> None:
    (away / "usb.mnt").write_text(USB)

    ran = mountlab(away, "run", "usb.mnt")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "shared" in ran.stdout


def test_docker_is_explained(away: Path) -> None:
    ran = mountlab(away, "explain", "docker", "run", "-v", "/srv:/mnt:rslave", "nginx")

    assert ran.returncode == 0
    assert "rslave" in ran.stdout


def test_the_library_came_along(away: Path) -> None:
    ran = mountlab(away, "quirks")
    found = re.search(r"\(mountlab quirks ([\w-]+)\)", ran.stdout)

    assert found, ran.stdout
    assert "host# " in mountlab(away, "quirks", found[1]).stdout, "no transcript of the library"


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="not in a git clone")
def test_every_file_of_the_package_is_in_the_wheel(built: Path) -> None:
    listed = ["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files", "mountlab", "notebooks"]
    known = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    wanted = {re.sub(r"^notebooks/", "mountlab/notebooks/", name) for name in known if (ROOT / name).exists()}

    names = set(zipfile.ZipFile(only(built, "*.whl")).namelist())

    assert wanted - names == set()


def test_a_wheel_from_the_source_distribution_is_the_same_wheel(built: Path, tmp_path: Path) -> None:
    with tarfile.open(only(built, "*.tar.gz")) as source:
        source.extractall(tmp_path, filter="data")
    unpacked = only(tmp_path, "mountlab-*")

    ran = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "out", cwd=unpacked)

    assert ran.returncode == 0, ran.stderr
    ours, theirs = (zipfile.ZipFile(only(folder, "*.whl")) for folder in (built, tmp_path / "out"))
    assert {i.filename: i.CRC for i in ours.infolist()} == {i.filename: i.CRC for i in theirs.infolist()}


def test_jupyterlab_finds_the_extension_where_the_wheel_put_it(away: Path) -> None:
    """The lab of the tests is asked; of this venv it is told the data folder only."""
    jupyter = Path(sys.executable).with_name("jupyter")
    ran = run(jupyter, "labextension", "list", cwd=away, JUPYTER_PATH=str(away / "venv/share/jupyter"))
    printed = re.sub(r"\x1b\[\d+m", "", ran.stdout + ran.stderr)
    section = printed.partition(str(away))[2]

    assert re.search(r"mountlab v\S+ enabled OK", section), printed


def test_jupyterlab_s_defaults_came_along(away: Path) -> None:
    ours = away / "venv/share/jupyter/lab/settings/overrides.d/mountlab.json"

    assert json.loads(ours.read_text()) == json.loads((ROOT / "binder/jupyterlab.json").read_text())


def test_one_command_gives_the_lessons(away: Path) -> None:
    ran = mountlab(away, "lab", "--copies-only")

    assert ran.returncode == 0, ran.stderr
    lessons = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.name for path in (away / "mountlab-work").glob("*.ipynb")} == lessons
    assert str(away / "mountlab-work") in ran.stdout
    assert "git pull" not in ran.stdout


def test_without_jupyterlab_it_is_said_what_to_install_and_the_copies_are_there(away: Path) -> None:
    ran = mountlab(away, "lab", "--work", away / "elsewhere")

    assert ran.returncode == 4
    assert "pip install 'mountlab[lab]'" in ran.stderr
    assert (away / "elsewhere/00-start-here.ipynb").is_file()


def test_a_manifest_without_pyyaml_says_what_to_install(away: Path) -> None:
    (away / "pod.yaml").write_text("kind: Pod\n")

    ran = mountlab(away, "explain", "pod.yaml")

    assert "pip install PyYAML" in ran.stdout + ran.stderr
    assert ran.returncode == 2
