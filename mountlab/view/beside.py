"""The same transcript on the simulator and on the real kernel, to be looked at side by side."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from mountlab.mountinfo import Canon, render
from mountlab.shell.backend import Backend, BackendUnavailableError, NamespaceTable
from mountlab.shell.runner import Counterpart, StepResult, play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.start import initial_state
from mountlab.shell.transcript import Transcript, parse
from mountlab.view.display import Display
from mountlab.view.frames import frames
from mountlab.view.tables import tables_of
from mountlab.view.words import say


def compare(transcript: Transcript | str) -> Display:
    """The steps of a transcript on the simulator, with both worlds' mount tables after each.

    Numbers are told by first appearance in both, as a kernel's differ from run to run.

    Raises:
        BackendUnavailableError: where there is no real kernel, with the reason.
        TranscriptError: when the transcript is none.
    """
    script = parse(transcript, "transcript") if isinstance(transcript, str) else transcript
    init = initial_state(script)
    machine = SimulatorBackend(init)
    with contextlib.closing(_kernel(init)) as kernel:
        watched = _Watched(kernel)
        results = play(script, machine, Counterpart(watched))
        beside = [_entry(result, watched.seen) for result in results if result.outcome is not None]
    return Display(frames(machine, name=say("beside")) | {"kernel": beside})


def _kernel(init: str) -> Backend:
    try:
        from mountlab.kernel.backend import KernelBackend  # noqa: PLC0415 - a browser tab has no such room
    except ImportError:
        raise BackendUnavailableError("this Python cannot start programs") from None
    return KernelBackend(init)


class _Watched:
    """A backend that keeps the tables it showed last."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.name = backend.name
        self.open, self.run, self.close = backend.open, backend.run, backend.close
        self.seen: Sequence[NamespaceTable] = ()

    def tables(self) -> list[NamespaceTable]:
        tables = self.backend.tables()
        self.seen = tables
        return tables


def _entry(result: StepResult, theirs: Sequence[NamespaceTable]) -> dict[str, str | None]:
    return {"ours": _text(result.tables), "theirs": _text(theirs), "differs": result.differs}


def _text(tables: Sequence[NamespaceTable]) -> str:
    """All tables of one moment, in canonical numbers."""
    canon = Canon()
    lines = []
    for (number, shell), table in tables_of(tables).items():
        title = say("view", number=number, shell=shell) if shell else say("namespace", number=number)
        lines.append(f"{title}: {', '.join(table.shells) or say('nobody')}")
        lines += [f"  {render(row)}" for row in canon.table(table.rows)]
    return "\n".join(lines)
