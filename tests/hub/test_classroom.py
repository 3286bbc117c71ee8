"""A hub really started, on a private machine: three learners who cannot see, disturb or outgrow each other.

`inside.py` is run once and tells what they found; each test looks at one thing.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hub.attacks import ATTACKS

pytestmark = [pytest.mark.hub, pytest.mark.alone]
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GROUPS = Path("/sys/fs/cgroup")


def why_not() -> str:
    """What a hub lacks here, and what would bring it; or nothing."""
    room = os.environ.get("MOUNTLAB_CLASSROOM", "")
    if os.geteuid() != 0:
        return "a hub starts servers as other users: run as root"
    if not (room and Path(room, "lab/bin/jupyterhub").exists()):
        command = "CLASSROOM=FOLDER deploy/classroom/setup.sh --programs"
        return f"no classroom is installed: {command}, then MOUNTLAB_CLASSROOM=FOLDER"
    if not shutil.which("linux.uml"):
        return "no user-mode Linux: apt-get install user-mode-linux"
    if not os.access(GROUPS / "memory/cgroup.procs", os.W_OK) and not os.access(
        GROUPS / "cgroup.procs", os.W_OK
    ):
        return "no control groups that root may use: a container needs --privileged"
    return ""


def machine() -> tuple[str, str, set[str]]:
    """What must be the same afterwards: users, mounts, and the processes of a hub."""
    commands = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            commands.add(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return (
        Path("/etc/passwd").read_text(),
        Path("/proc/self/mountinfo").read_text(),
        {command for command in commands if "jupyterhub" in command or "configurable-http" in command},
    )


def remove_groups() -> None:
    """The groups of learners stay empty; a control group is no part of a private machine."""
    for pattern in (
        "mountlab-class/learner-*",
        "*/mountlab-class/learner-*",
        "mountlab-class",
        "*/mountlab-class",
    ):
        for group in GROUPS.glob(pattern):
            with contextlib.suppress(OSError):
                group.rmdir()


@pytest.fixture(scope="module")
def seen() -> Iterator[dict[str, Any]]:
    """What the learners found, and whether the machine is as it was before."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    before = machine()
    try:
        done = subprocess.run(
            [
                HERE / "host.sh",
                "3",
                sys.executable,
                "-m",
                "tests.hub.inside",
                os.environ["MOUNTLAB_CLASSROOM"],
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        yield {**json.loads(done.stdout), "machine": machine() == before}
    finally:
        remove_groups()


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("a wrong password", 403),
        ("not of the class", 403),
        ("own server", 200),
        ("other's server", 403),
        ("lesson, by the simulator", []),
        ("lesson, by a kernel", []),
        ("guests", 1),
        ("left when the hub has ended", {}),
        ("machine", True),
    ],
)
def test_a_class_at_work(seen: dict[str, Any], what: str, expected: object) -> None:
    assert seen[what] == expected


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_learner_has_no_way_to_another_nor_to_the_hub_the_course_or_the_machine(
    seen: dict[str, Any], attack: str
) -> None:
    assert seen["attacks"][attack] == ATTACKS[attack][1]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("disk", ["No space left on device"]),
        ("memory, in two processes", ["-9"]),
        ("memory", ["the kernel died"]),
        ("memory: another kernel", ["42"]),
        ("fork bomb: not more than", True),
        ("fork bomb: at least", True),
        ("fork bomb: left", 0),
        ("kill all", ["the kernel died"]),
        ("kill all: begin anew", ["42"]),
    ],
)
def test_who_takes_too_much_takes_it_from_the_own_share(
    seen: dict[str, Any], what: str, expected: object
) -> None:
    assert seen["excesses"][what] == expected


@pytest.mark.parametrize("while_", ["memory", "fork bomb", "kill all"])
def test_the_others_go_on(seen: dict[str, Any], while_: str) -> None:
    assert "goes on" in seen["excesses"][f"{while_}: the other"]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("told", True),
        ("memory", ["MemoryError: "]),
        ("tasks", ["BlockingIOError True"]),
        ("a guest", ["4"]),
    ],
)
def test_without_control_groups_there_are_limits_for_each_process(
    seen: dict[str, Any], what: str, expected: object
) -> None:
    assert seen["without groups"][what] == expected


def test_who_is_idle_is_sent_home_and_the_work_stays(seen: dict[str, Any]) -> None:
    assert seen["without groups"]["culled"] == [False, {}]
    assert seen["without groups"]["work stays"]
