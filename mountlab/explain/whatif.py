"""What would be different, had one command been another: replay, and compare the final tables."""

from __future__ import annotations

from typing import NamedTuple

from mountlab.explain.answer import LABEL, QuestionError
from mountlab.explain.difference import Changed, Row, by_identity, changed
from mountlab.explain.replay import Script, Typed, fresh, read_line, run, script, text_of
from mountlab.explain.words import say
from mountlab.mountinfo import MountInfo
from mountlab.shell.simbackend import SimulatorBackend


class Exit(NamedTuple):
    """A command whose exit status is another one."""

    step: int
    command: str
    before: int
    after: int


class Change(NamedTuple):
    """The difference that one command makes to the final state."""

    title: str
    """What was changed, in words."""
    gone: tuple[Row, ...]
    """Rows that only the history as it was has."""
    new: tuple[Row, ...]
    """Rows that only the changed history has."""
    changed: tuple[Changed, ...]
    """Rows of both that differ."""
    namespaces_gone: tuple[str, ...]
    namespaces_new: tuple[str, ...]
    exits: tuple[Exit, ...]
    transcript: str
    """The changed transcript."""

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not any(self[1:7])

    def sentences(self) -> tuple[str, ...]:
        """The differences in words, one by one."""
        told = [say("namespace.gone", namespace=name) for name in self.namespaces_gone]
        told += [say("namespace.new", namespace=name) for name in self.namespaces_new]
        told += [say("row.gone", place=row.where, what=_what(row.row)) for row in self._told(self.gone)]
        told += [say("row.new", place=row.where, what=_what(row.row)) for row in self._told(self.new)]
        told += [say("row.changed", place=row.where, fields=_fields(row)) for row in self.changed]
        told += [say("exit.changed", **each._asdict() | {"number": each.step}) for each in self.exits]
        return tuple(told) or (say("same"),)

    def _told(self, rows: tuple[Row, ...]) -> list[Row]:
        """Where a whole namespace is not there, its rows are not told one by one."""
        whole = {*self.namespaces_gone, *self.namespaces_new}
        return [row for row in rows if row.where.namespace not in whole]

    def __str__(self) -> str:
        return "\n".join([self.title, *(LABEL + sentence for sentence in self.sentences())])


def _what(row: MountInfo) -> str:
    return f"{row.source}, {row.propagation}"


def _fields(row: Changed) -> str:
    told = [say(f"field.{name}", before=before, after=after) for name, before, after in row.fields]
    return "; ".join(told)


def whatif(machine: SimulatorBackend, step: int, command: str | None, insert: bool = False) -> Change:
    """Replay the history with one line replaced, dropped or added.

    Args:
        machine: a machine with its history; it stays as it is.
        step: the line that is meant, counted from 1.
        command: what stands there instead, such as ``host# mount --make-private /a``; None: nothing.
        insert: add the command after that step (0: before the first) and leave the step as it is.

    Raises:
        QuestionError: when there is no such step, or the command is outside the transcript language.
    """
    last, first = len(machine.history), 0 if insert else 1
    if not first <= step <= last:
        key = "no.step.if" if last >= first else "no.steps"
        raise QuestionError(say(key, step=step, first=first, last=last))
    if insert and command is None:
        raise QuestionError(say("no.command"))
    lines = script(machine)
    new = read_line(command) if command is not None else None
    other = _changed_script(lines, step, new, insert)
    before, after = run(lines, fresh(machine)), run(other, fresh(machine))
    return _compared(_title(lines, step, new, insert), before, after, other, machine.sim.init)


def _changed_script(lines: Script, step: int, new: Typed | None, insert: bool) -> Script:
    at = next((i for i, typed in enumerate(lines) if typed.number == step), -1)
    kept = lines[: at + 1] if insert else lines[: max(at, 0)]
    added = () if new is None else (new._replace(number=None if insert else step),)
    return (*kept, *added, *lines[at + 1 :])


def _title(lines: Script, step: int, new: Typed | None, insert: bool) -> str:
    old = next((typed.text for typed in lines if typed.number == step), "")
    if insert:
        return say("change.insert" if step else "change.first", new=new.text if new else "", number=step)
    return say("change.replace" if new else "change.drop", number=step, old=old, new=new.text if new else "")


def _compared(
    title: str, before: SimulatorBackend, after: SimulatorBackend, other: Script, init: str
) -> Change:
    one, two = by_identity(before.tables()), by_identity(after.tables())
    numbers = [typed.number for typed in other if typed.line is not None]
    statuses = {number: ran for number, ran in zip(numbers, after.history, strict=True) if number}
    exits = []
    for ran in before.history:
        again = statuses.get(ran.number)
        if again is not None and again.outcome.exit != ran.outcome.exit:
            exits.append(Exit(ran.number, again.typed, ran.outcome.exit, again.outcome.exit))
    return Change(
        title,
        tuple(Row(where, row) for where, row in one.rows.items() if where not in two.rows),
        tuple(Row(where, row) for where, row in two.rows.items() if where not in one.rows),
        changed(one, two),
        tuple(name for name in one.namespaces if name not in two.namespaces),
        tuple(name for name in two.namespaces if name not in one.namespaces),
        tuple(exits),
        text_of(other, init),
    )
