"""The core and the language run in a browser's Python (Pyodide)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PYODIDE = os.environ.get("MOUNTLAB_PYODIDE", "")
"""A folder in which `npm install pyodide` was run."""


@pytest.mark.pyodide
def test_a_transcript_runs_in_pyodide() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed (Debian: apt-get install nodejs npm)")
    if not PYODIDE:
        pytest.skip("MOUNTLAB_PYODIDE names no folder with pyodide: npm install --prefix FOLDER pyodide")

    command = [node, str(HERE / "run.mjs"), PYODIDE, str(HERE.parents[1]), str(HERE / "inside.py")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert ran.returncode == 0, ran.stderr
    assert "ran on emscripten 0.1.0" in ran.stdout
