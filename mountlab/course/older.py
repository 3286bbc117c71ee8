"""Says when a cell touches something that older kernels do differently, and shows both.

Simulators of the versions just before each quirk ended run along.  So the note is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator

from mountlab.course.show import State, plain
from mountlab.quirks import QUIRKS, Quirk
from mountlab.shell.backend import NamespaceTable
from mountlab.shell.compare import Observation, compare
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import Step
from mountlab.view.numbers import Numbers


class OlderKernels:
    """One simulator for each version that differs from the next newer one."""

    def __init__(self, init: str) -> None:
        self._machines: list[tuple[str, list[Quirk], SimulatorBackend]] = []
        self._told: set[str] = set()
        for before in sorted({quirk.before for quirk in QUIRKS}, reverse=True):
            version = f"{before[0]}.{before[1] - 1}"
            quirks = [quirk for quirk in QUIRKS if quirk.before == before]
            self._machines.append((version, quirks, SimulatorBackend(init, version)))

    def notes(self, step: Step, newest: Observation) -> Iterator[str]:
        """Run the step on each; a note for each quirk that shows for the first time."""
        newer = newest
        for version, quirks, machine in self._machines:
            machine.open(step.shell)
            outcome = machine.run(step.shell, step.command) if step.command else None
            older = Observation(f"{version} kernel", outcome, machine.tables())
            names = ", ".join(quirk.name for quirk in quirks)
            differs = compare(step.command, newer, older)
            if differs and names not in self._told:
                self._told.add(names)
                yield self._note(step, quirks, differs, (newer, older))
            newer = older

    def _note(
        self, step: Step, quirks: list[Quirk], differs: str, both: tuple[Observation, Observation]
    ) -> str:
        lines = [f"Older kernels differ after '{step.shell}# {step.text}'."]
        for quirk in quirks:
            lines.append(f"{quirk.name}, Linux before {quirk.before[0]}.{quirk.before[1]}: {quirk.sentence}")
            lines.append(f"Source: {quirk.source}")
        lines.append(f"The first difference: {differs}")
        for seen in both:
            tables = [table for table in seen.tables if _is_in_question(table, both)]
            numbers = Numbers()
            numbers.meet(seen.tables)
            lines += [f"The {seen.world}:", plain(State(numbers.tables(tables)))] if tables else []
        return "\n".join(lines)


def _is_in_question(table: NamespaceTable, both: tuple[Observation, Observation]) -> bool:
    """Whether the two kernels show another table for this namespace."""
    rows = [
        [Numbers().rows(other.mounts) for other in seen.tables if other.id == table.id] for seen in both
    ]
    return rows[0] != rows[1]
