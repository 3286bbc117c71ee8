"""The README's link to Binder, and the command that fits it to a fork."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^\[binder\]: (\S+)$", re.MULTILINE)


def test_the_badge_opens_the_first_lesson_s_copy() -> None:
    text = (ROOT / "README.md").read_text()
    (link,) = LINE.findall(text)

    assert "][binder]" in text
    assert link.startswith("https://mybinder.org/v2/gh/")
    assert link.endswith("/HEAD?urlpath=lab/tree/work/00-start-here.ipynb")


@pytest.mark.parametrize(
    "origin",
    [
        "https://github.com/somebody/a-fork",
        "https://github.com/somebody/a-fork.git",
        "git@github.com:somebody/a-fork.git",
        "ssh://git@github.com/somebody/a-fork.git",
    ],
)
def test_a_fork_is_told_its_own_line(tmp_path: Path, origin: str) -> None:
    ran = asked(tmp_path, origin)

    assert ran.returncode == 0, ran.stderr
    assert LINE.findall(ran.stdout) == [
        "https://mybinder.org/v2/gh/somebody/a-fork/HEAD?urlpath=lab/tree/work/00-start-here.ipynb"
    ]


def test_a_clone_from_elsewhere_is_told_so(tmp_path: Path) -> None:
    ran = asked(tmp_path, "/somewhere/a-clone")

    assert ran.returncode != 0
    assert "origin is not a repository on GitHub" in ran.stderr


def asked(clone: Path, origin: str) -> subprocess.CompletedProcess[str]:
    """`make binder-link` in a clone that came from there."""
    for name in ("Makefile", "README.md"):
        shutil.copy(ROOT / name, clone)
    subprocess.run(["git", "init", "--quiet", clone], check=True)
    subprocess.run(["git", "-C", clone, "remote", "add", "origin", origin], check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "-s", "-C", clone, "binder-link"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
