"""One learner at one level: run, undo, hint, and whether the goal is reached.

What is undone is run again from the start without it, as in a playground: so undo is exact in every world.
A failure stays until it is undone, for harm that was done to others is not undone by a later command.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, runtime_checkable

from mountlab.errors import MountError
from mountlab.play.typed import with_prompts
from mountlab.play.worlds import machine
from mountlab.practice.level_answers import solution
from mountlab.practice.level_conditions import Moment
from mountlab.practice.level_counted import counts
from mountlab.practice.level_file import Level
from mountlab.practice.level_places import with_daemons
from mountlab.shell.backend import UNKNOWN, Backend, Outcome
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.syntax import Command, CommandLine
from mountlab.shell.transcript import Step, parse

REACHED = "The goal is reached."
NOTHING_MORE = "There is no hint for this state. Compare it with the goal, or undo."
UNDO = "Undo takes your last command back."


@runtime_checkable
class Resettable(Protocol):
    """A world that can begin again."""

    def reset(self, init: str | None = None) -> None:
        """A fresh machine."""


class Wanted(NamedTuple):
    """A part of the goal."""

    text: str
    holds: bool
    why: str | None = None
    """What is there instead."""


class Feedback(NamedTuple):
    """What came of a command."""

    printed: str
    reached: bool
    failed: str | None
    """What went wrong for good; undo takes it back."""
    commands: int
    par: int
    refused: str | None = None
    """Why the line was not run at all."""

    def __str__(self) -> str:
        lines = [self.printed] if self.printed else []
        if self.refused:
            lines.append(f"Not run: {self.refused}")
        if self.failed:
            lines.append(f"{self.failed} {UNDO}")
        if self.reached:
            lines.append(f"{REACHED} Commands: {self.commands}, par: {self.par}.")
        return "\n".join(lines)


class _Done(NamedTuple):
    """What one call of `run` ran."""

    steps: tuple[Step, ...]
    failed: str | None


class Attempt:
    """A level being played.

    Args:
        level: what `mountlab.practice.levels.level` gave.
        backend: ``sim``, ``kernel``, or a world that can be reset; one that is handed over is not closed.

    Raises:
        PlayError: when there is no such world.
    """

    def __init__(self, level: Level, backend: str | Backend = "sim") -> None:
        self.level = level
        self._given = backend
        self._done: list[_Done] = []
        self._asked = 0
        self._stops: tuple[type[Exception], ...] = ()
        """Errors that mean that the machine is at its end."""
        self._backend, self._last = self._fresh()
        self._now: Moment | None = None

    # -- what there is -------------------------------------------------------------------------------------

    @property
    def commands(self) -> int:
        """How many commands were typed that count."""
        lines = [step.command for done in self._done for step in done.steps if step.command]
        return sum(counts(command) for line in lines for command in line.commands)

    @property
    def failed(self) -> str | None:
        """What went wrong, in the level's words."""
        return next((done.failed for done in self._done if done.failed), None)

    @property
    def goal(self) -> list[Wanted]:
        """Every part of the goal, and whether it holds now."""
        moment = self.moment()
        whys = [(rule, rule.condition.why_not(moment)) for rule in self.level.goal]
        return [Wanted(rule.sentence or rule.condition.text, why is None, why) for rule, why in whys]

    @property
    def reached(self) -> bool:
        """Whether the whole goal holds, and nothing failed."""
        moment = self.moment()
        return self.failed is None and all(rule.condition.holds(moment) for rule in self.level.goal)

    @property
    def machine(self) -> SimulatorBackend:
        """A simulated machine in this state, for pictures; its first `began` lines are the level's start."""
        if isinstance(self._backend, SimulatorBackend):
            return self._backend
        return played(self.level, [step for done in self._done for step in done.steps])

    @property
    def began(self) -> int:
        """How many lines of the machine's history belong to the start."""
        return sum(step.command is not None for step in self.level.start.steps)

    @property
    def transcript(self) -> str:
        """Start and what was typed, as a transcript."""
        steps = [*self.level.start.steps, *(step for done in self._done for step in done.steps)]
        lines = [f"{step.shell}# {step.text}".rstrip() for step in steps]
        return "\n".join([f"#: init={self.level.init}", *lines]) + "\n"

    def moment(self) -> Moment:
        """The state, as conditions see it; a world is asked once for each state."""
        if self._now is None:
            tables = with_daemons(self._backend.tables())
            self._now = Moment(tables, self._last, lru_cache(maxsize=None)(self._exists))
        return self._now

    def broken(self) -> str | None:
        """What is wrong in this very state, in the level's words."""
        moment = self.moment()
        return next((rule.sentence for rule in self.level.failures if rule.condition.holds(moment)), None)

    # -- what can be done ----------------------------------------------------------------------------------

    def run(self, text: str, shell: str | None = None) -> Feedback:
        """Run a line with a prompt, or a command in that terminal (without one: the level's first)."""
        try:
            lines = with_prompts(text, shell or self.level.terminals[0])
            steps = parse(lines, self.level.name).steps
        except TranscriptError as error:
            return self._feedback("", error.sentence)
        refused = next((why for step in steps if (why := self._objection(step))), None)
        if refused:
            return self._feedback("", refused)
        if not steps:
            return self._feedback("")
        try:
            return self._feedback(self._go_on(steps))
        except self._stops as error:
            # The machine may have run half of it: only a fresh one is known to be as before.
            self._again()
            return self._feedback("", f"{error} The machine was made again, without this line.")

    def undo(self) -> bool:
        """Take back what was run last; False when there is nothing."""
        if not self._done:
            return False
        self._done.pop()
        self._again()
        return True

    def restart(self) -> None:
        """Begin again."""
        self._done.clear()
        self._again()

    def hint(self) -> str:
        """What to think of in this state; asked again, the next hint that fits it."""
        if self.failed:
            return f"{self.failed} {UNDO}"
        moment = self.moment()
        if all(rule.condition.holds(moment) for rule in self.level.goal):
            return REACHED
        fitting = [rule.sentence for rule in self.level.hints if rule.condition.holds(moment)]
        if not fitting:
            return NOTHING_MORE
        said = fitting[min(self._asked, len(fitting) - 1)]
        self._asked += 1
        return said

    def solution(self) -> str:
        """The reference solution, with what is to be learned from it."""
        return str(solution(self.level))

    def close(self) -> None:
        """End the machine, unless it was handed over."""
        if isinstance(self._given, str):
            self._backend.close()

    # -- how -----------------------------------------------------------------------------------------------

    def _fresh(self) -> tuple[Backend, Outcome | None]:
        """A machine that has played the start."""
        if isinstance(self._given, str):
            backend, self._stops = machine(self._given, self.level.init)
        elif isinstance(self._given, Resettable):
            self._given.reset(self.level.init)
            backend = self._given
        else:
            raise TypeError("a backend that is handed over must have reset(init); or name one: sim, kernel")
        last = None
        for step in self.level.start.steps:
            last = _run(backend, step) or last
        return backend, last

    def _again(self) -> None:
        self.close()
        self._backend, self._last = self._fresh()
        self._now = None
        for step in (step for done in self._done for step in done.steps):
            self._step(step)
        self._asked = 0

    def _go_on(self, steps: tuple[Step, ...]) -> str:
        """Run steps, looking for failures after each; what they printed."""
        printed, failed = [], None
        for step in steps:
            self._step(step)
            failed = failed or self.broken()
            printed.append(_printed(self._last) if step.command else "")
        self._done.append(_Done(steps, failed))
        self._asked = 0
        return "\n".join(filter(None, printed))

    def _step(self, step: Step) -> None:
        self._last = _run(self._backend, step) or self._last
        self._now = None

    def _objection(self, step: Step) -> str | None:
        """Why the level does not want this line."""
        if step.shell not in self.level.terminals:
            return f"in this level you type in {' or '.join(self.level.terminals)}, not in {step.shell}"
        for command in step.command.commands if step.command else ():
            for forbidden in self.level.forbidden:
                if forbidden.matches(command):
                    return f"this level is to be solved without `{forbidden.text}`"
        return None

    def _feedback(self, printed: str, refused: str | None = None) -> Feedback:
        return Feedback(printed, self.reached, self.failed, self.commands, self.level.par, refused)

    def _exists(self, shell: str, path: str) -> bool:
        """Ask a terminal for a path; on a simulated machine that leaves no trace in its history."""
        look = CommandLine((Command(("ls", "-d", path)),), "")
        if isinstance(self._backend, SimulatorBackend):
            return found_by(self._backend, shell, path)
        return self._backend.run(shell, look).exit == 0


def found_by(backend: SimulatorBackend, shell: str, path: str) -> bool:
    """Whether a terminal of a simulated machine finds something at a path."""
    try:
        backend.sim.stat(backend.terminals[shell], path)
    except MountError:
        return False
    return True


def played(level: Level, steps: Sequence[Step] = ()) -> SimulatorBackend:
    """A simulated machine after the level's start, and after these steps."""
    backend = SimulatorBackend(level.init)
    for step in (*level.start.steps, *steps):
        _run(backend, step)
    return backend


def _run(backend: Backend, step: Step) -> Outcome | None:
    """Run a step; None when it only opens a terminal."""
    backend.open(step.shell)
    return backend.run(step.shell, step.command) if step.command else None


def _printed(done: Outcome | None) -> str:
    if done is None:
        return ""
    lines = [done.stdout.rstrip("\n"), done.stderr.rstrip("\n")]
    if done.exit:
        errno = f", {done.errno}" if done.errno and done.errno is not UNKNOWN else ""
        lines.append(f"[exit {done.exit}{errno}]")
    return "\n".join(line for line in lines if line)
