"""Whether there is a kernel, said in words; and that without root nothing differs that a learner sees."""

from __future__ import annotations

import os
import platform

import pytest

from mountlab.kernel import probe as probe_module
from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import probe
from mountlab.shell.backend import BackendUnavailableError
from tests.kernel.laboratory import Lab


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUNTLAB_KERNEL", "none")

    assert probe().kind is None
    assert "MOUNTLAB_KERNEL=none" in probe().reason
    with pytest.raises(BackendUnavailableError, match="MOUNTLAB_KERNEL=none"):
        KernelBackend()


def test_another_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUNTLAB_KERNEL", "yes")

    assert probe().kind is None
    assert "root, userns or none" in probe().reason


@pytest.mark.parametrize(
    ("system", "release", "words"),
    [
        ("Darwin", "24.0", "this is Darwin"),
        ("Linux", "4.4.0-19041-Microsoft", "WSL 1"),
        ("Windows", "", "WSL2"),
    ],
)
def test_systems_without_a_kernel_are_told_why(
    monkeypatch: pytest.MonkeyPatch, system: str, release: str, words: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "release", lambda: release)
    probe_module._probe.cache_clear()
    try:
        assert words in probe().reason
        assert probe().kind is None
    finally:
        probe_module._probe.cache_clear()


@pytest.mark.kernel
def test_here_there_is_one(lab: Lab) -> None:
    found = lab.backend.found

    assert found.kind in {"root" if os.geteuid() == 0 else "userns", "uml"}
    assert lab.good("a# cat /proc/sys/kernel/osrelease") == found.kernel + "\n"


@pytest.mark.kernel
@pytest.mark.userns
def test_without_root_a_machine_looks_the_same(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUNTLAB_KERNEL", "userns")
    found = probe()
    if found.kind is None:
        pytest.skip(found.reason)
    other = KernelBackend()
    try:
        assert _everything(Lab(other)) == _everything(lab)
    finally:
        other.close()


def _everything(lab: Lab) -> list[object]:
    lines = (
        "a# mkdir /a /b; mount -t tmpfs -o size=1m disk /a; mount --make-shared /a; ls -ln / /a",
        "a# mount -o remount,ro /a; findmnt -n -o TARGET,OPTIONS; umount /; touch /x",
        "a# mount -o remount,rw /; mount -t ramfs r /b; mount; umount -f /b; mount -t sysfs s /b",
        "b# unshare -U -m; id; mount -t tmpfs x /b; ls -ln /a",
        "c# unshare -U -r -m; umount /a; mount -o remount,rw /a; mount -t tmpfs x /b; findmnt -n -o TARGET",
        "a# umount -l /; ls /; cat /proc/self/mountinfo",
    )
    outcomes = [lab.run(line) for line in lines]
    return [(each.exit, _without_times(each.stdout), each.stderr, each.calls) for each in outcomes]


def _without_times(listing: str) -> list[list[str]]:
    return [line.split()[:5] for line in listing.splitlines() if not line.endswith("proc")]
