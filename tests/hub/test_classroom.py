"""A hub really started, on a private machine: two learners who cannot see, disturb or outgrow each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.hub, pytest.mark.alone]
HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def whole_machine() -> tuple[str, str, set[str]]:
    """What must be the same afterwards: users, mounts, and the processes of a hub."""
    commands = {path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
                for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()}
    return (Path("/etc/passwd").read_text(), Path("/proc/self/mountinfo").read_text(),
            {command for command in commands if "jupyterhub" in command or "configurable-http" in command})


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the two learners found, and the machine before and after."""
    room = os.environ.get("MOUNTLAB_CLASSROOM", "")
    if not (room and Path(room, "lab/bin/jupyterhub").exists()):
        pytest.skip("no classroom: CLASSROOM=FOLDER deploy/classroom/setup.sh --programs-only, MOUNTLAB_CLASSROOM=FOLDER")
    if os.geteuid() != 0:
        pytest.skip("a hub starts servers as other users: run as root")
    before = whole_machine()
    done = subprocess.run([HERE / "host.sh", tmp_path_factory.mktemp("private"), "2",
                           sys.executable, "-m", "tests.hub.inside", room],
                          cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "machine": whole_machine() == before}


@pytest.mark.parametrize(("what", "expected"), [
    ("wrong password", 403), ("no learner", 403),
    ("other server", 403), ("own server", 200),
    ("files", ["PermissionError", "PermissionError"]), ("tmp", ["False"]), ("processes", ["True"]),
    ("course", ["PermissionError"] * 3), ("secrets", ["PermissionError"]),
    ("root", ["True", "PermissionError", "['CapEff:', '0000000000000000']"]),
    ("memory", ["MemoryError: "]), ("tasks", ["BlockingIOError True"]), ("goes on", ["42"]),
    ("notebook", []), ("culled", [False, False, []]), ("machine", True),
])
def test_what_two_learners_found(seen: dict[str, Any], what: str, expected: object) -> None:
    assert seen[what] == expected
