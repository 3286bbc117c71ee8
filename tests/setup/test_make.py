"""The two commands: they exist, and a machine that lacks something is told what."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = ROOT / "Makefile"
COMMAND = re.compile(r"(?:^ {4}|`)make ([a-z][a-z-]*)", re.MULTILINE)
OLD = "#!/bin/sh\ncase $2 in *version_info*) exit 1;; esac\n"
BARE = "#!/bin/sh\ncase $2 in *ensurepip*) exit 1;; *print*) echo python3.12-venv;; esac\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Make a folder with the Makefile and nothing set up, whose path has a blank."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    shutil.copy(MAKEFILE, folder)
    return folder


def make(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make there, without what an outer make hands on."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "-C", str(clone), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def stub(clone: Path, name: str, script: str) -> str:
    """Write a program that stands in for a Python."""
    program = clone.parent / name
    program.write_text(script)
    program.chmod(0o755)
    return str(program)


def test_every_make_target_named_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE.read_text(), re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md"):
        named = set(COMMAND.findall((ROOT / document).read_text()))

        assert named, f"{document} names no command"
        assert named <= targets, document


def test_an_old_python_is_refused_with_what_to_do(clone: Path) -> None:
    ran = make(clone, "setup", f"PYTHON={stub(clone, 'old', OLD)}")

    assert ran.returncode != 0
    assert "is older than 3.11" in ran.stderr
    assert "apt-get install python3-venv" in ran.stderr
    assert not (clone / ".venv").exists()


def test_a_python_without_venv_is_told_its_debian_package(clone: Path) -> None:
    ran = make(clone, "setup", f"PYTHON={stub(clone, 'bare', BARE)}")

    assert ran.returncode != 0
    assert "apt-get install python3.12-venv" in ran.stderr


def test_the_first_python_that_will_do_is_taken(clone: Path) -> None:
    candidates = " ".join(["nowhere-to-be-found", stub(clone, "old", OLD), sys.executable])

    ran = make(clone, ".venv/.made", f"PYTHON={candidates}")

    assert ran.returncode == 0, ran.stderr
    assert (clone / ".venv" / "bin" / "python").exists()


def test_a_second_run_has_nothing_to_do_and_a_moved_clone_has(clone: Path, tmp_path: Path) -> None:
    make(clone, ".venv/.made", f"PYTHON={sys.executable}")

    assert "up to date" in make(clone, ".venv/.made").stdout
    moved = clone.rename(tmp_path / "moved")
    assert "Making .venv" in make(moved, ".venv/.made", f"PYTHON={sys.executable}").stdout
