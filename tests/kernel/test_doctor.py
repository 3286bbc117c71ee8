"""The report on this computer: what works, and the command that would change what does not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mountlab.cli import main
from mountlab.kernel import choice
from mountlab.kernel.probe import Probe
from mountlab.kernel.uml import package


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
