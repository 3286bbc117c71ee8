"""Says in a line or two what an older kernel would have shown otherwise, where a cell touches such a thing.

For each quirk a machine that has only this one runs along.  So a note names what made the difference, and it
is the same on every machine.  The order of mountinfo's lines counts only where a command has printed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mountlab.mountinfo import MountInfo
from mountlab.quirks import QUIRKS, Quirk
from mountlab.shell.backend import NamespaceTable, Outcome
from mountlab.shell.compare import Observation, compare
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import Step

NOTE = "Before Linux {before}, after '{line}': {what}\n{name}: {sentence}\nSource: {source}"
ENDS = "the command {then}; since {before} it {now}."
TYPE = "in {shells}, {path} is {then}; since {before} it is {now}."
ORDER = "the lines come in the order {then}; since {before} in the order {now}."
OTHERWISE = "{what}."


class OlderKernels:
    """One simulator for each quirk."""

    def __init__(self, init: str) -> None:
        self._machines = [(quirk, _with_only(quirk, init)) for quirk in QUIRKS if quirk.simulated]

    def notes(self, step: Step, newest: Observation) -> Iterator[str]:
        """Run the step on each; a note for each quirk that shows for the first time."""
        for quirk, machine in list(self._machines):
            machine.open(step.shell)
            outcome = machine.run(step.shell, step.command) if step.command else None
            older = Observation(f"kernels before {_before(quirk)}", outcome, machine.tables())
            what = _difference(step, newest, older, _before(quirk))
            if what:
                self._machines.remove((quirk, machine))
                yield NOTE.format(
                    before=_before(quirk), name=quirk.name, line=f"{step.shell}# {step.text}", what=what,
                    sentence=quirk.sentence, source=quirk.source,
                )  # fmt: skip


def _with_only(quirk: Quirk, init: str) -> SimulatorBackend:
    machine = SimulatorBackend(init)
    machine.sim.vfs.quirks = frozenset({quirk.name})
    return machine


def _before(quirk: Quirk) -> str:
    return ".".join(map(str, quirk.before))


def _difference(step: Step, now: Observation, then: Observation, before: str) -> str | None:
    """What a reader of the cell would see, in words; None when it is nothing."""
    if now.outcome and then.outcome and _end(now.outcome) != _end(then.outcome):
        return ENDS.format(now=_end(now.outcome), then=_end(then.outcome), before=before)
    tables = [seen._replace(outcome=None, tables=_sorted(seen.tables)) for seen in (now, then)]
    found = compare(None, *tables)
    if found:
        return _other_type(now.tables, then.tables, before) or OTHERWISE.format(what=found)
    same = now._replace(tables=()), then._replace(tables=())
    found = compare(step.command, *same)
    if found:
        return _other_order(step.shell, now.tables, then.tables, before) or OTHERWISE.format(what=found)
    return None


def _end(outcome: Outcome) -> str:
    return "succeeds" if outcome.exit == 0 else f"fails with {outcome.errno or f'exit {outcome.exit}'}"


def _sorted(tables: Sequence[NamespaceTable]) -> list[NamespaceTable]:
    """The tables in an order that no kernel chooses: by mountpoint, and in a stack from below."""
    return [table._replace(mounts=_from_above(table.mounts), views={}) for table in tables]


def _from_above(rows: Sequence[MountInfo]) -> list[MountInfo]:
    parents = {row.mount_id: row.parent_id for row in rows}

    def depth(mount: int) -> int:
        return 1 + depth(parents[mount]) if mount in parents and parents[mount] != mount else 0

    return sorted(rows, key=lambda row: (row.mountpoint, depth(row.mount_id)))


def _other_type(now: Sequence[NamespaceTable], then: Sequence[NamespaceTable], before: str) -> str | None:
    """The first mount whose propagation type is another one."""
    for newer, older in zip(_sorted(now), _sorted(then), strict=False):
        for mine, other in zip(newer.mounts, older.mounts, strict=False):
            if mine.mountpoint == other.mountpoint and mine.propagation != other.propagation:
                return TYPE.format(
                    shells=", ".join(newer.shells), path=mine.mountpoint, now=mine.propagation,
                    then=other.propagation, before=before,
                )  # fmt: skip
    return None


def _other_order(
    shell: str, now: Sequence[NamespaceTable], then: Sequence[NamespaceTable], before: str
) -> str | None:
    """The mountpoints of the shell's table that have changed places."""
    paths = [
        [row.mountpoint for table in tables if shell in table.shells for row in table.mounts]
        for tables in (now, then)
    ]
    moved = [(mine, other) for mine, other in zip(*paths, strict=False) if mine != other]
    if not moved:
        return None
    mine, other = (", ".join(column) for column in zip(*moved, strict=True))
    return ORDER.format(now=mine, then=other, before=before)
