"""Two hundred attacks and more on each real kernel: nothing outside changes, and the learner can go on."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mountlab.kernel import reuse, tools
from mountlab.kernel.backend import KernelBackend, KernelStoppedError
from mountlab.kernel.limits import Limits
from mountlab.kernel.probe import Probe, probe, probe_uml
from tests.safety.attacks import Attack, Report, goes_on, is_for_this_machine, load, run
from tests.safety.outside import Outside, changed, descendants

# Alone: an attack on the computer's memory is stopped by how much of it is left.
pytestmark = [pytest.mark.kernel, pytest.mark.alone]

ATTACKS = load()
KINDS = [
    *(["root", pytest.param("userns", marks=pytest.mark.slow)] if os.geteuid() == 0 else ["userns"]),
    pytest.param("uml", marks=pytest.mark.uml),
]
"""As root, the sandbox of somebody without root is attacked in `make test-long`."""
_LIMITS = Limits(seconds=0.5, grace=0.5, mounts=4000, shells=40)
_SECONDS_IN_A_GUEST = 2.0
_SECONDS_IF_BUSY = 10.0
"""On a busy computer an attack may be out of time before its end: it is let loose once more, with this."""
_MOST = 1 << 30
"""Bytes that an attack on the computer's memory may take before it must have been stopped."""


def test_there_are_two_hundred() -> None:
    assert len(ATTACKS) >= 200
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS)


class Target:
    """A sandbox with a hostile program among its tools; a new one when it is gone."""

    def __init__(self, found: Probe) -> None:
        meminfo = Path("/proc/meminfo").read_text(encoding="ascii")
        available = int(re.findall(r"MemAvailable: +(\d+)", meminfo)[0]) << 10
        self._found, self.is_guest = found, found.kind == "uml"
        seconds = _SECONDS_IN_A_GUEST if self.is_guest else _LIMITS.seconds
        self._limits = _LIMITS._replace(spare=max(available - _MOST, 0), seconds=seconds)
        self.backend = self._new()

    def _new(self) -> KernelBackend:
        return KernelBackend(limits=self._limits, found=self._found)

    def patient(self) -> KernelBackend:
        """Another machine, whose programs have more time."""
        return KernelBackend(limits=self._limits._replace(seconds=_SECONDS_IF_BUSY), found=self._found)

    def go_on(self) -> None:
        """After the machine was stopped: what the message tells a learner to do."""
        try:
            self.backend.reset()
        except KernelStoppedError:
            assert self.is_guest, "only a guest's kernel may be brought down: it is the attacker's own"
            self.backend = self._new()


def _with_perl() -> list[tuple[str, str]]:
    perl = shutil.which("perl")
    if perl is None:
        pytest.skip("perl is not installed; it is the hostile program: apt-get install perl-base")
    linker, libraries = tools.libraries([perl])
    assert linker
    found = [(os.path.realpath(path), f"lib/{name}") for name, path in libraries.items()]
    return [*tools.inventory(), (os.path.realpath(perl), "bin/perl"), *found]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    outside = Outside(tmp_path_factory.mktemp("canary"))
    yield outside
    outside.end()


@pytest.fixture(scope="module", params=KINDS)
def target(request: pytest.FixtureRequest, outside: Outside) -> Iterator[Target]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOUNTLAB_KERNEL", request.param if request.param != "uml" else "")
        found = probe_uml() if request.param == "uml" else probe()
        if found.kind is None:
            pytest.skip(found.reason)
        inventory = _with_perl()
        patch.setattr(tools, "inventory", lambda: inventory)
        before = descendants(os.getpid())
        assert {guard.process.pid for guard in outside.guards} <= before
        reuse.end_all()
        target = Target(found)
        yield target
        target.backend.close()
        reuse.end_all()
        assert descendants(os.getpid()) <= before


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_nothing_outside_changes(attack: Attack, target: Target, outside: Outside) -> None:
    if not is_for_this_machine(attack):
        pytest.skip("hostile programs are written for x86_64")
    before = outside.look()

    report = first = run(outside.aimed(attack), target.backend)
    if "was stopped after" in report.said and not _is_done(attack, report, target):
        with contextlib.closing(target.patient()) as patient:
            report = run(outside.aimed(attack), patient)

    whole = f"{attack.never}\n{report.said[-1500:]}\nstopped: {report.stopped}"
    if differences := changed(before, outside.look()):
        pytest.fail(f"CHANGED OUTSIDE {differences}\n{whole}", pytrace=False)
    if not re.search(attack.told, report.said, re.DOTALL):
        pytest.fail(f"the learner should be told {attack.told!r}\n{whole}", pytrace=False)
    if not _is_done(attack, report, target):
        pytest.fail(
            f"the machine should {'' if attack.ends else 'not '}have been stopped\n{whole}", pytrace=False
        )
    if report.stopped:
        assert re.search(r"reset\(\) makes a fresh machine|make a new KernelBackend", report.stopped)
    if first.stopped:
        target.go_on()
    assert goes_on(target.backend)


def _is_done(attack: Attack, report: Report, target: Target) -> bool:
    """Whether the attack came to its end, as far as it can be told by what a learner sees."""
    # In a guest, which is slower, a flood may be out of time before it is one.
    ends = "maybe" if attack.ends and target.is_guest else attack.ends
    is_told = bool(re.search(attack.told, report.said, re.DOTALL))
    return is_told and ends in {"maybe", report.stopped is not None}
