"""Transcripts with kubectl in them, played on the simulator, and beside it in the sandbox."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.shell.backend import BackendUnavailableError
from mountlab.shell.runner import Counterpart, StepResult, play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse


def pod(name: str, containers: str, volumes: str = "", kind: str = "Pod", more: str = "") -> str:
    """A line that applies a pod, or what makes pods like it.

    Args:
        name: of the object.
        containers: a YAML list.
        volumes: a YAML list.
        kind: ``Pod``, ``DaemonSet`` …
        more: lines of the pod's spec.
    """
    spec = f"containers:\n{_indented(containers, 0)}"
    spec += f"\nvolumes:\n{_indented(volumes, 0)}" if volumes else ""
    spec += f"\n{textwrap.dedent(more).strip()}" if more else ""
    if kind == "Pod":
        body = f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n{_indented(spec, 2)}"
    else:
        version = "batch/v1" if kind == "Job" else "apps/v1"
        selector = "" if kind == "Job" else f"  selector: {{matchLabels: {{app: {name}}}}}\n"
        body = (
            f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n{selector}"
            f"  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n{_indented(spec, 6)}"
        )
    return applied(body)


def applied(body: str, words: str = "apply -f -") -> str:
    """A line that gives a manifest to kubectl."""
    return f"host# kubectl {words} <<'Y'\n{textwrap.dedent(body).strip()}\nY"


def _indented(text: str, by: int) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n"), " " * by)


def lines(text: str) -> list[str]:
    """Host's lines of a text, one a line."""
    return [f"host# {line.strip()}" for line in text.strip().splitlines()]


class Played:
    """What a transcript did."""

    def __init__(self, results: list[StepResult]) -> None:
        self.results = results

    def __getitem__(self, number: int) -> StepResult:
        return self.results[number]

    def out(self, number: int = -1) -> str:
        """What a line printed."""
        outcome = self.results[number].outcome
        assert outcome is not None
        return outcome.stdout

    def err(self, number: int = -1) -> str:
        """What it complained of."""
        outcome = self.results[number].outcome
        assert outcome is not None
        return outcome.stderr

    def status(self, number: int = -1) -> int:
        """How it ended."""
        outcome = self.results[number].outcome
        assert outcome is not None
        return outcome.exit

    def places(self, holder: str) -> list[str]:
        """The mountpoints that a container sees at the end."""
        for table in self.results[-1].tables:
            if holder in [each.name for each in table.holders]:
                return [row.mountpoint for row in table.mounts]
        return []

    def host(self) -> list[str]:
        """The mountpoints of the node."""
        return [row.mountpoint for row in self.results[-1].tables[0].mounts]


def played(*steps: str, init: str = "systemd") -> Played:
    """Play lines on the simulator."""
    return Played([*play(parse("\n".join(steps) + "\n"), SimulatorBackend(init))])


def differences(kernel: KernelBackend, *steps: str, init: str = "systemd") -> list[str]:
    """Where the sandbox is not as the simulator says: outputs, statuses and tables after each line."""
    kernel.reset(init)
    results = play(parse("\n".join(steps) + "\n"), SimulatorBackend(init), Counterpart(kernel))
    return [f"{each.step.text if each.step else ''}: {each.differs}" for each in results if each.differs]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[KernelBackend]:
    """A machine on the real kernel."""
    try:
        backend = KernelBackend()
    except BackendUnavailableError as error:
        pytest.skip(str(error))
    yield backend
    backend.close()
