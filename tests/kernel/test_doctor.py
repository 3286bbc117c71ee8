"""The report on this computer: what works, and the command that would change what does not."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mountlab.cli import main
from mountlab.kernel import choice, doctor
from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import Probe
from mountlab.kernel.uml import landlock, package

ROOT = Path(__file__).parents[2]
UNTRACED = """
import os, sys
sys.path.insert(0, sys.argv[1])
from mountlab.kernel import seccomp, syscalls
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
seccomp.install(seccomp.program([("ptrace", 0x00050000 | 1)]))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
"""Goes on as another program that gets EPERM from ptrace(2)."""


def _no_kernel(_: str) -> Probe:
    return Probe(None, "forbidden; `sudo sysctl x=1` allows it", "", "")


def test_without_a_kernel_the_status_says_so_and_the_cure_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(choice, "choose", _no_kernel)

    assert main(["doctor"]) == 4
    printed = capsys.readouterr().out
    assert "no   backend uml" in printed
    assert "sudo sysctl x=1\n" in printed
    assert printed.endswith("No real kernel here: the simulator only.\n")

    assert main(["doctor", "--format", "json"]) == 4
    found = {each["what"]: each for each in json.loads(capsys.readouterr().out)["findings"]}
    assert found["simulator"]["here"]
    assert found["backend kernel"]["cure"] == "sudo sysctl x=1"


def test_with_a_kernel_the_status_is_zero(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(choice, "choose", lambda _: Probe("uml", "a guest", "6.1.1", "2.38.1"))

    assert main(["doctor"]) == 0
    assert "Linux 6.1.1, a guest" in capsys.readouterr().out


def test_a_missing_package_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    package.program.cache_clear()
    package.release.cache_clear()
    transcript = tmp_path / "one.mnt"
    transcript.write_text("a# true\n")
    try:
        assert choice.choose("uml").reason.endswith(package.INSTALL)
        assert main(["run", "--backend", "uml", str(transcript)]) == 4
    finally:
        package.program.cache_clear()
        package.release.cache_clear()


def _run(backend: str, *before: str, path: str | None = None) -> tuple[int, str]:
    words = [*before, *([] if "-c" in before else [sys.executable]), "-m", "mountlab"]
    environment = os.environ if path is None else os.environ | {"PATH": path}
    ran = subprocess.run(
        [*words, "run", "--backend", backend, "-"],
        input="a# true\n", text=True, capture_output=True, check=False, cwd=ROOT, env=environment,
    )  # fmt: skip
    return ran.returncode, ran.stderr


@pytest.mark.kernel
@pytest.mark.uml
def test_where_nothing_may_be_traced_the_command_is_named(sandbox: KernelBackend) -> None:
    status, said = _run(sandbox.name, sys.executable, "-c", UNTRACED, str(ROOT))

    assert status == 4
    assert "cannot trace a process: Operation not permitted" in said
    assert "--cap-add SYS_PTRACE" in said or "kernel.yama.ptrace_scope" in said


@pytest.mark.skipif(shutil.which("setarch") is None, reason="setarch is missing: apt-get install util-linux")
def test_another_processor_is_told_so() -> None:
    setarch = shutil.which("setarch") or ""
    if platform.machine() != "x86_64":
        pytest.skip("an x86-64 can claim to be another processor: `setarch i686`")

    status, said = _run("uml", setarch, "i686")

    assert status == 4
    assert "user-mode Linux runs on Linux on x86-64 only, and this is Linux on i686" in said


def test_where_the_package_is_missing_its_command_is_named(tmp_path: Path) -> None:
    status, said = _run("uml", path=str(tmp_path))

    assert status == 4
    assert f"user-mode Linux (linux.uml) is not installed; on Debian and Ubuntu: {package.INSTALL}" in said


@pytest.mark.parametrize(("version", "words"), [(0, "could write what you may write"), (4, "write no file")])
def test_what_stands_around_the_guest_is_told(
    version: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "choose", lambda _: Probe("uml", "a guest", "6.1.1", "2.38.1"))
    monkeypatch.setattr(landlock, "version", lambda: version)
    (walls,) = [each for each in doctor.examine() if "walls" in each.what]

    assert walls.here == bool(version)
    assert words in walls.why
