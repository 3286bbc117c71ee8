"""One machine that a notebook's cells share: simulated, with a real one beside it where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mountlab.course.here import MODELLED_UTIL_LINUX
from mountlab.course.older import OlderKernels
from mountlab.course.printed import printed
from mountlab.course.show import State
from mountlab.explain import Answer, why
from mountlab.quirks import MODELLED_KERNEL, quirks_of
from mountlab.shell.backend import UNKNOWN, Backend, BackendUnavailableError, NamespaceTable, Outcome
from mountlab.shell.compare import Observation
from mountlab.shell.runner import Counterpart, StepResult, play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.start import tells_runtime
from mountlab.shell.syntax import CommandLine
from mountlab.shell.text import text
from mountlab.shell.transcript import Step, Transcript
from mountlab.view.frames import Frames, frames
from mountlab.view.numbers import Numbers
from mountlab.view.reasons import ToldNumbers

if TYPE_CHECKING:
    from mountlab.kernel.probe import Probe


class MachineStoppedError(Exception):
    """The kernel's machine is gone; the message says why."""


class World:
    """A backend that remembers what it said last, and how its numbers are told."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.name = backend.name
        self.numbers = Numbers()
        self.outcome: Outcome | None = None
        self.seen: Sequence[NamespaceTable] = ()

    def open(self, shell: str) -> None:
        self.outcome = None
        self.backend.open(shell)

    def run(self, shell: str, line: CommandLine) -> Outcome:
        self.outcome = self.backend.run(shell, line)
        return self.outcome

    def tables(self) -> list[NamespaceTable]:
        tables = self.backend.tables()
        self.seen = tables
        return tables

    def close(self) -> None:
        self.backend.close()

    def told(self, step: Step) -> Outcome | None:
        """The outcome of the last step in the learner's numbers; to be asked once after each step."""
        self.numbers.meet(self.seen)
        outcome = self.outcome
        if outcome and step.command:
            stdout = printed(step.command, outcome.stdout, self.numbers)
            stderr = printed(step.command, outcome.stderr, self.numbers)
            outcome = outcome._replace(stdout=stdout, stderr=stderr)
        self.numbers.part(self.seen)
        return outcome


@dataclass
class CellRun:
    """What a cell did."""

    steps: list[tuple[str, str]] = field(default_factory=list)
    """Each line with its prompt, and what it printed; the texts end in newlines."""
    failures: list[str] = field(default_factory=list)
    """Sentences: expectations that do not hold, differences between the worlds."""
    notes: list[str] = field(default_factory=list)
    """Quirks that were touched."""
    outputs: list[tuple[str, str]] = field(default_factory=list)
    """stdout and stderr of each command, as they are told."""


class Session:
    """Runs transcripts one after the other on the same machine.

    Args:
        init: the state it boots into.
        backend: ``sim``; any other word (kernel/choice.py) runs everything on that kernel too, and shows what
            the kernel printed; ``auto`` takes the simulator alone where there is none.

    Raises:
        BackendUnavailableError: where a kernel is asked for and there is none, with the reason.
    """

    def __init__(self, init: str = "bare", *, backend: str = "sim") -> None:
        self.init = init
        self.kernel = "the simulator"
        """Which kernel runs beside the simulator, in words."""
        self.machine = SimulatorBackend(init)
        """The simulated one; every cell's lines are in its history."""
        self._simulated = World(self.machine)
        self._real: World | None = None
        self._counterpart: Counterpart | None = None
        self._stopped: type[Exception] | tuple[()] = ()
        found = _found(backend) if backend != "sim" else None
        if found and found.kind:
            self.kernel = f"Linux {found.kernel}, {found.reason}"
            self._real, self._counterpart, self._stopped = _real_world(init, found)
            self._real.numbers.meet(self._real.tables())
        self._older = OlderKernels(init)
        self._before = self._told_tables(self._simulated.tables())
        self._is_new = True
        self._begun = 0
        """Length of the machine's history when the last cell began."""

    def run(self, transcript: Transcript) -> CellRun:
        """Run a whole cell.

        Raises:
            MachineStoppedError: when the kernel's machine flooded or hung; this session is at its end.
        """
        cell = CellRun()
        self._begun = len(self.machine.history)
        self.machine.tells_runtime = tells_runtime(transcript)
        try:
            for result in play(transcript, self._simulated, self._counterpart):
                told = self._told(result)
                cell.steps.append(_lines(told))
                if told.outcome:
                    cell.outputs.append((told.outcome.stdout, told.outcome.stderr))
                cell.failures += _failures(result)
                if result.step:
                    seen = Observation(f"{MODELLED_KERNEL} kernel", result.outcome, result.tables)
                    cell.notes += self._older.notes(result.step, seen)
        except self._stopped as error:
            raise MachineStoppedError(str(error)) from None
        return cell

    def state(self) -> State:
        """The tables now; the next call takes these as the tables before."""
        tables = self._told_tables(self._simulated.tables())
        state = State(tables, self._before, self._is_new)
        self._before, self._is_new = tables, False
        return state

    def picture(self, cell: CellRun) -> Frames:
        """The cell that was run last, to be stepped through."""
        recall = self._simulated.numbers.recall
        return frames(self.machine, self._begun, recall=recall, outputs=cell.outputs)

    def why(self, shell: str, path: str) -> Answer:
        """Why a mount is, or is not, at a path.

        Raises:
            QuestionError: when no such terminal is open.
        """
        return why(self.machine, shell, path, names=ToldNumbers(self._simulated.numbers.recall))

    def close(self) -> None:
        """End its machines."""
        for world in filter(None, (self._simulated, self._real)):
            world.close()

    def _told_tables(self, tables: Sequence[NamespaceTable]) -> list[NamespaceTable]:
        self._simulated.numbers.meet(tables)
        return self._simulated.numbers.tables(tables)

    def _told(self, result: StepResult) -> StepResult:
        """The step as the learner reads it: what the kernel printed where there is one."""
        if result.step is None:
            return result
        ours = self._simulated.told(result.step)
        theirs = self._real.told(result.step) if self._real else ours
        # Another util-linux words its messages differently, an older kernel orders its tables differently:
        # that is no mistake, and the lesson is about the modelled ones.
        is_known = result.quirk or (self._counterpart and not self._counterpart.same_programs)
        outcome = ours if is_known else theirs
        if ours and outcome and outcome.errno is UNKNOWN:
            outcome = outcome._replace(errno=ours.errno)
        return result._replace(outcome=outcome, differs=None)


def _lines(result: StepResult) -> tuple[str, str]:
    """The line with its prompt, and everything that follows it.

    Of a here-document only the length is told: it stands in the cell, just above.
    """
    whole = text(result, "none", checked=True)
    below = result.step.text.count("\n") if result.step else 0
    lines = whole.split("\n")
    typed = lines[0] + (f"  ({below} lines, as above)" if below else "")
    return typed + "\n", "\n".join(lines[below + 1 :])


def _failures(result: StepResult) -> Iterator[str]:
    for check in result.checks:
        if check.failure:
            line, claim, _ = check.expectation
            yield f"this cell, line {line}: '#? {claim}' does not hold: {check.failure}"
    if result.differs and not result.quirk and result.step:
        where = f"this cell, line {result.step.line}: after '{result.step.shell}# {result.step.text}'"
        yield f"{where} the simulator and the kernel differ: {result.differs}"


def _found(backend: str) -> Probe | None:
    """The kernel to run on; None where ``auto`` finds none."""
    try:
        from mountlab.kernel.choice import choose  # noqa: PLC0415 - a browser tab has no such room
    except ImportError:
        if backend == "auto":
            return None
        raise BackendUnavailableError("this Python cannot start programs") from None
    found = choose(backend)
    if found.kind is None and backend != "auto":
        raise BackendUnavailableError(found.reason)
    return found


def _real_world(init: str, found: Probe) -> tuple[World, Counterpart, type[Exception]]:
    """The kernel, what sets it apart from the modelled one, and the error with which it stops."""
    from mountlab.kernel.backend import KernelBackend, KernelStoppedError  # noqa: PLC0415 - as above

    version, same_programs = ".".join(found.kernel.split(".")[:2]), found.utillinux == MODELLED_UTIL_LINUX
    real = World(KernelBackend(init, found=found))
    try:
        quirks = tuple(sorted(quirks_of(MODELLED_KERNEL) ^ quirks_of(version)))
    except ValueError:
        quirks = ()  # a version that is not modelled: no difference is known
    understudy = SimulatorBackend(init, version) if quirks else None
    return real, Counterpart(real, same_programs, understudy, quirks), KernelStoppedError
