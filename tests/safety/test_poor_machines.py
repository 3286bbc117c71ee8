"""`make test` where a kernel, its programs or everything else is missing: skips that tell what would help.

A few tests of every kind run on machines with only root, only user namespaces, only user-mode Linux,
or none of it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
POORER = Path(__file__).with_name("poorer.py")
USER = "54321"
SELECTION = (
    "tests/language/test_transcript.py",
    "tests/kernel/test_probe.py",
    "tests/kernel/test_terminal.py::test_a_failing_move_leaves_the_shell_where_it_is",
    "tests/language/test_lexer_like_a_shell.py",
    "tests/containers/test_docker_cli.py",
    "tests/runtimes/test_host.py::test_there_is_no_network_and_no_disk",
    "tests/stepper/test_functions.py",
    "tests/pyodide",
    "tests/course/test_level_page.py",
)


class Machine(NamedTuple):
    """A machine, and whether a kernel is to be had on it."""

    kind: str
    user: str
    kernel: bool
    says: str
    """What a skipped test of the kernel says there."""
    uml: bool = False
    """Whether user-mode Linux is installed there."""


MACHINES = {
    "only root": Machine("rich", "-", True, ""),
    "only user namespaces": Machine("rich", USER, True, ""),
    "only user-mode Linux": Machine("closed", USER, False, r"max_user_namespaces=15000`", uml=True),
    "nothing, for a user": Machine("closed", USER, False, r"`sudo sysctl user\.max_user_namespaces=15000`"),
    "nothing, for root": Machine("closed", "-", False, r"`sudo sysctl user\.max_user_namespaces=15000`"),
    "no programs": Machine("bare", "-", False, r"mount, umount, findmnt .*`sudo apt-get install util-linux`"),
}
HELPS = re.compile(r"`[^`]+`|apt-get install \S+|npm install|pip install|make \S+|may name one|MOUNTLAB_\w+")
"""A command, or a setting."""


class Case(NamedTuple):
    """What came of one test."""

    name: str
    outcome: str
    reason: str


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where everybody may go: pytest's own is behind a folder of whoever runs the tests."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _run(machine: Machine, folder: Path, required: str, *tests: str) -> tuple[list[Case], str]:
    """Run tests there with hardly a program on the path; what came of each."""
    bin_ = folder / "bin"
    bin_.mkdir()
    for name in ("sh", "ls", "ldd", "env", *["linux.uml"] * machine.uml):
        bin_.joinpath(name).symlink_to(f"/usr/bin/{name}")
    folder.chmod(0o777)
    report = folder / "report.xml"
    environment = {
        "PATH": str(bin_), "HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1", "MOUNTLAB_REQUIRE": required, "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    words = [sys.executable, str(POORER), machine.kind, machine.user]
    words += ["-q", "-p", "no:cacheprovider", "-m", "not slow and not alone", f"--junitxml={report}", *tests]
    ran = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert report.exists(), ran.stdout + ran.stderr
    cases = []
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own report
        found = next((child for child in case if child.tag in {"skipped", "failure", "error"}), None)
        outcome = "passed" if found is None else found.tag
        reason = "" if found is None else f"{found.get('message')}\n{found.text}"
        cases.append(Case(f"{case.get('classname')}.{case.get('name')}", outcome, reason))
    return cases, ran.stdout


def _machine(name: str) -> Machine:
    if os.geteuid() != 0 and name != "nothing, for a user":
        pytest.skip("only root can take rights and programs away from a test: say `sudo make test`")
    machine = MACHINES[name]
    return machine if os.geteuid() == 0 else machine._replace(user="-")


@pytest.mark.kernel
@pytest.mark.userns
@pytest.mark.parametrize("name", MACHINES)
def test_what_is_missing_is_skipped_with_a_sentence_that_helps(name: str, folder: Path) -> None:
    machine = _machine(name)

    cases, printed = _run(machine, folder, "", *SELECTION)

    assert [case for case in cases if case.outcome in {"failure", "error"}] == [], printed
    assert sum(case.outcome == "passed" for case in cases) >= 50, printed
    skipped = {case.name: case.reason.partition("\n")[0] for case in cases if case.outcome == "skipped"}
    assert [
        reason for reason in skipped.values() if len(reason.split()) < 4 or not HELPS.search(reason)
    ] == []
    without_uml = "sudo apt-get install user-mode-linux"
    of_uml = {name for name, reason in skipped.items() if without_uml in reason}
    assert bool(of_uml) != machine.uml, printed
    assert machine.uml or of_uml >= {name for name in skipped if "test_terminal" in name and "[uml]" in name}
    of_the_kernel = {
        name: reason for name, reason in skipped.items() if "kernel.test_" in name and name not in of_uml
    }
    assert bool(of_the_kernel) != machine.kernel, printed
    assert all(re.search(machine.says, reason) for reason in of_the_kernel.values()), of_the_kernel
    assert any("level_page" in name for name in skipped)


@pytest.mark.kernel
@pytest.mark.userns
@pytest.mark.parametrize("name", [name for name, machine in MACHINES.items() if not machine.kernel])
def test_what_ci_must_have_fails_there(name: str, folder: Path) -> None:
    machine = _machine(name)

    cases, printed = _run(machine, folder, "kernel browser", *SELECTION[1:3], SELECTION[-1])

    assert not [case for case in cases if case.outcome == "skipped" and "test_probe" not in case.name], (
        printed
    )
    failed = [case for case in cases if case.outcome in {"failure", "error"}]
    for room, asked in (("kernel.test_terminal", "kernel"), ("course.test_level_page", "browser")):
        (case,) = [case for case in failed if room in case.name][:1]
        assert f"MOUNTLAB_REQUIRE asks for {asked}: skipped is failed." in case.reason + printed
    assert re.search(machine.says, printed)
