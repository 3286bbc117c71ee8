"""The commands of a machine as a script that can be changed, and run again on a machine like it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mountlab.events import TaskChanged
from mountlab.explain.answer import QuestionError
from mountlab.explain.words import say
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend
from mountlab.shell.syntax import CommandLine
from mountlab.shell.transcript import parse

SHOWING = ("cat", "echo", "findmnt", "ls", "lsns", "stat", "true")
"""Programs that only look."""
START_INIT = INITIAL_STATES[0]


class Typed(NamedTuple):
    """One line of a script."""

    shell: str
    line: CommandLine | None
    """None: the terminal is only opened."""
    number: int | None = None
    """Its number in the history; None for one that was added."""

    @property
    def text(self) -> str:
        """The line as it stands in a transcript."""
        return f"{self.shell}#" if self.line is None else f"{self.shell}# {self.line.text}"


class Edit(NamedTuple):
    """One change of a script: a line replaced, dropped, added before another, moved before another."""

    kind: str
    """replace, drop, insert, move or init."""
    number: int
    """The line that is meant; a new or moved line comes before it (one past the last: at the end)."""
    typed: Typed | None = None
    """The new line; of a move, the line that is moved."""


Script = tuple[Typed, ...]


def script(machine: SimulatorBackend, last: int | None = None) -> Script:
    """All lines up to a step, with the terminals that were opened in between."""
    found: list[Typed] = []
    operation = 0
    for ran in machine.history[:last]:
        found += _opened(machine, operation, ran.first)
        found.append(Typed(ran.shell, ran.line, ran.number))
        operation = ran.end
    if last is None or last == len(machine.history):
        found += _opened(machine, operation, len(machine.sim.operations))
    return tuple(found)


def _opened(machine: SimulatorBackend, first: int, end: int) -> list[Typed]:
    """The terminals that were opened between two lines."""
    forks = (operation for operation in machine.sim.operations[first:end] if operation.name == "fork")
    events = (event for fork in forks for event in fork.events if isinstance(event, TaskChanged))
    return [Typed(event.task.name, None) for event in events if event.task]


def edited(lines: Script, edits: Iterable[Edit]) -> Script | None:
    """The script with the edits made; None when they do not go together."""
    found = list(lines)
    last = max((typed.number for typed in lines if typed.number is not None), default=0)
    for edit in sorted(edits, key=lambda each: each.kind != "move"):  # moves first: they name what is there
        if edit.kind == "init":
            continue
        at = next((index for index, typed in enumerate(found) if typed.number == edit.number), None)
        if at is None and edit.number == last + 1 and edit.kind in ("move", "insert"):
            at = len(found)
        if at is None:
            return None
        if edit.kind == "drop":
            del found[at]
        elif edit.kind == "replace" and edit.typed:
            found[at] = edit.typed._replace(number=edit.number)
        elif edit.kind == "insert" and edit.typed:
            found.insert(at, edit.typed)
        elif edit.kind == "move" and edit.typed:
            old = found.index(edit.typed)
            found.insert(at, found[old])
            del found[old + (old >= at)]
    return tuple(found)


def fresh(machine: SimulatorBackend, init: str | None = None) -> SimulatorBackend:
    """A machine as this one was before its first command; or as it would have booted with another init."""
    return machine.fresh() if init is None else SimulatorBackend(init, machine.sim.kernel)


def is_booted(machine: SimulatorBackend) -> bool:
    """Whether the machine booted, and did not start from a prepared state."""
    init, kernel = machine.sim.init, machine.sim.kernel
    if init not in INITIAL_STATES:
        return False
    return machine.sim.at(0).mounts == SimulatorBackend(init, kernel).sim.vfs.mounts


def changes_something(typed: Typed) -> bool:
    """Whether a line may change the machine, and does not merely show it."""
    if typed.line is None:
        return True
    return any(
        command.redirects or (command.argv[0] not in SHOWING and command.argv != ("mount",))
        for command in typed.line.commands
    )


def run(lines: Script, machine: SimulatorBackend) -> SimulatorBackend:
    """Type all lines into a machine; returns it."""
    for typed in lines:
        machine.open(typed.shell)
        if typed.line is not None:
            machine.run(typed.shell, typed.line)
    return machine


def read_line(text: str) -> Typed:
    """A line such as ``host# mount --make-private /a``.

    Raises:
        QuestionError: when it is outside the transcript language, with the place and what would do.
    """
    try:
        steps = parse(text.strip("\n") + "\n", "the new command").steps
    except TranscriptError as error:
        raise QuestionError(str(error)) from None
    if len(steps) != 1:
        raise QuestionError(say("one.line", count=len(steps)))
    return Typed(steps[0].shell, steps[0].command)


def text_of(lines: Sequence[Typed], init: str) -> str:
    """The script as a transcript."""
    header = "" if init == START_INIT else f"#: init={init}\n"
    shown = [typed.text for index, typed in enumerate(lines) if not _is_opened_anyway(lines, index)]
    return header + "".join(line + "\n" for line in shown)


def _is_opened_anyway(lines: Sequence[Typed], index: int) -> bool:
    """Whether a line only opens a terminal in which the next line types."""
    typed = lines[index]
    following = lines[index + 1] if index + 1 < len(lines) else None
    return typed.line is None and following is not None and following.shell == typed.shell
