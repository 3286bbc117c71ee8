"""A machine with what was said in its terminals: it runs a transcript as far as there is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mountlab.play.typed import NAME, Comment, Item, items
from mountlab.play.worlds import World, machine
from mountlab.shell.backend import UNKNOWN, NamespaceTable, Outcome
from mountlab.shell.expect import Expectation, failure
from mountlab.shell.records import cut
from mountlab.shell.simbackend import INITIAL_STATES, SimulatorBackend
from mountlab.shell.transcript import Step, parse

if TYPE_CHECKING:
    from mountlab.snapshot import Snapshot

FIRST_SHELL = "host"


class Entry(NamedTuple):
    """One line in a terminal, and what came of it."""

    shell: str
    kind: str
    """``command``, ``open``, ``comment`` or ``expectation``."""
    text: str
    stdout: str = ""
    stderr: str = ""
    exit: int | None = None
    errno: str | None = None
    note: str | None = None
    """Of an expectation: why it does not hold."""

    def __str__(self) -> str:
        """As it stands in the terminal."""
        if self.kind == "expectation":
            return f"#? {self.text}\n  " + (f"does not hold: {self.note}" if self.note else "holds")
        if self.kind == "comment":
            return f"# {self.text}".rstrip()
        lines = [f"{self.shell}# {self.text}".rstrip(), self.stdout.rstrip("\n"), self.stderr.rstrip("\n")]
        if self.exit:
            lines.append(f"[exit {self.exit}{', ' + self.errno if self.errno else ''}]")
        return "\n".join(line for line in lines if line)


class Moment(NamedTuple):
    """A command that was run, with the tables after it, where the machine keeps no history itself."""

    shell: str
    text: str
    outcome: Outcome
    tables: list[NamespaceTable]


class Live:
    """A machine on which a transcript was run.

    Raises:
        PlayError: when there is no such machine.
    """

    def __init__(self, text: str, world: str, snapshot: Snapshot | str | Path | None = None) -> None:
        init = parse(text, NAME).header.get("init", INITIAL_STATES[0])
        self.world: World = machine(world, init, snapshot)
        self.entries: list[Entry] = []
        self.moments: list[Moment] = []
        self._lines = 0
        self._last: Outcome | None = None
        self._shell = FIRST_SHELL
        try:
            self.at_first = self.world.backend.tables()
            self.go_on(text)
        except BaseException:
            self.close()
            raise

    @property
    def shells(self) -> list[str]:
        """The terminals that are open."""
        return [shell for table in self.world.backend.tables() for shell in table.shells]

    def go_on(self, text: str) -> list[Entry]:
        """Run what is new in a transcript that begins with the lines that have been run."""
        before = len(self.entries)
        for item in items(parse(text, NAME), self._lines):
            self.entries.append(self._entry(item))
        self._lines = text.count("\n") + 1
        return self.entries[before:]

    def _entry(self, item: Item) -> Entry:
        match item:
            case Step():
                self._shell = item.shell
                return self._step(item)
            case Expectation():
                why = failure(item, self._last, self.world.backend.tables())
                return Entry(self._shell, "expectation", item.text, note=why)
            case Comment():
                return Entry(self._shell, "comment", item.text)

    def _step(self, step: Step) -> Entry:
        backend = self.world.backend
        backend.open(step.shell)
        if step.command is None:
            return Entry(step.shell, "open", "")
        done = self._last = backend.run(step.shell, step.command)
        if not isinstance(backend, SimulatorBackend):
            self.moments.append(Moment(step.shell, step.text, done, backend.tables()))
        errno = None if done.errno is UNKNOWN else done.errno
        stdout, stderr = cut(done.stdout)[0], cut(done.stderr)[0]
        return Entry(step.shell, "command", step.text, stdout, stderr, done.exit, errno)

    def close(self) -> None:
        """End the machine."""
        self.world.backend.close()
