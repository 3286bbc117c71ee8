"""Replays a transcript in one world or in two, and tells everything that is wrong with it."""

from __future__ import annotations

from mountlab.kernel.backend import KernelBackend
from mountlab.quirks import MODELLED_KERNEL, quirks_of
from mountlab.shell.backend import Backend
from mountlab.shell.runner import Counterpart, play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import Transcript

MODELLED_UTIL_LINUX = "2.38.1"


def complaints(transcript: Transcript, kernel: str = MODELLED_KERNEL) -> list[str]:
    """Replay on the simulator: expectations that do not hold."""
    return _replay(transcript, SimulatorBackend(transcript.header.get("init", "bare"), kernel), None)


def differences(transcript: Transcript, real: KernelBackend) -> list[str]:
    """Replay on the kernel with the simulator beside it.

    What differs, and which expectations do not hold on the kernel; on another kernel than the
    modelled one, the simulator that stands beside it has that version's quirks.
    """
    found = real.found
    version = ".".join(found.kernel.split(".")[:2])
    init = transcript.header.get("init", "bare")
    real.reset(init)
    beside = SimulatorBackend(init, version)
    same_programs = found.utillinux == MODELLED_UTIL_LINUX
    said = _replay(transcript, real, Counterpart(beside, same_programs))
    if quirks_of(version) == quirks_of(MODELLED_KERNEL):
        return said
    return [line for line in said if "DIFFERS" in line]  # the expectations are those of the modelled kernel


def _replay(transcript: Transcript, backend: Backend, other: Counterpart | None) -> list[str]:
    said: list[str] = []
    for result in play(transcript, backend, other):
        line = result.step.line if result.step else 0
        failed = [each for each in result.checks if each.failure]
        said += [f"{transcript.file}:{each.expectation.line}: {each.failure}" for each in failed]
        if result.differs:
            said.append(f"{transcript.file}:{line}: DIFFERS: {result.differs}")
        expected = any(each.expectation.text.startswith("exit") for each in result.checks)
        if result.outcome and result.outcome.exit and not expected:
            said.append(f"{transcript.file}:{line}: fails without saying so: {result.outcome.stderr.strip()}")
    counted = transcript.header.get("mounts")
    if counted and (there := len(backend.tables()[0].mounts)) != int(counted):
        said.append(f"{transcript.file}: {there} mounts at the end, expected {counted}")
    return said
