"""MOUNTLAB_REQUIRE: what a machine must have may not be skipped."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

SOME = """
import pytest

@pytest.mark.kernel
def test_skipped_inside(): pytest.skip("no kernel here")

@pytest.mark.userns
@pytest.mark.skipif(True, reason="no user namespaces here")
def test_skipped_by_a_condition(): pass

@pytest.mark.programs
def test_needs_what_is_not_required(): pytest.skip("no programs here")

def test_needs_nothing(): pytest.skip("not on Mondays")

@pytest.mark.kernel
@pytest.mark.xfail
def test_expected_to_fail(): assert False
"""
WHOLE_FILE = "import pytest\npytest.skip('no module here', allow_module_level=True)\n"


def outcomes(folder: Path, required: str) -> tuple[str, dict[str, int]]:
    """Run these tests with our conftest and settings: what was printed, and how many of each outcome."""
    shutil.copy(TESTS / "conftest.py", folder)
    shutil.copy(TESTS.parent / "pyproject.toml", folder)
    (folder / "test_some.py").write_text(SOME)
    (folder / "test_whole_file.py").write_text(WHOLE_FILE)
    environment = {**os.environ, "MOUNTLAB_REQUIRE": required}
    command = [sys.executable, "-m", "pytest", "--continue-on-collection-errors", str(folder)]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    counts = re.findall(r"(\d+) (failed|errors?|skipped|xfailed|passed)", ran.stdout.splitlines()[-1])
    return ran.stdout, {outcome.removesuffix("s"): int(count) for count, outcome in counts}


def test_a_skip_of_what_is_required_fails_with_its_reason(tmp_path: Path) -> None:
    printed, counts = outcomes(tmp_path, "kernel userns")

    # Skipped inside: a failure; by a condition, or as a whole file: an error.
    assert counts == {"failed": 1, "error": 2, "skipped": 2, "xfailed": 1}, printed
    for reason in ("no kernel here", "no user namespaces here", "no module here"):
        assert reason in printed
    assert "MOUNTLAB_REQUIRE asks for kernel: skipped is failed" in printed


def test_without_a_requirement_a_skip_is_a_skip(tmp_path: Path) -> None:
    printed, counts = outcomes(tmp_path, "")

    assert counts == {"skipped": 5, "xfailed": 1}, printed
