"""The world of the real docker: transcripts run with the real programs beside a private dockerd."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from mountlab.kernel.errors import errno_in
from mountlab.kernel.tables import in_order_of_creation
from mountlab.mountinfo import MountInfo, render
from mountlab.runtimes.docker_lines import TABLE_FILE, check, creates, docker_words, objection, without_race
from mountlab.runtimes.dockerd import docker_missing
from mountlab.runtimes.host import HostError
from mountlab.runtimes.machine import HIDDEN, SOCKET, Machine, Running
from mountlab.runtimes.shown import Shown, lesson_name
from mountlab.runtimes.terminal import Said, Terminal, line_of
from mountlab.shell.backend import UNKNOWN, BackendUnavailableError, NamespaceTable, Outcome, one_after
from mountlab.shell.holders import with_holders
from mountlab.shell.syntax import Command, CommandLine

__all__ = ["DockerBackend", "check"]

INITS = {"bare": False, "systemd": True}
"""The machines there are, and whether `/` is shared there."""
_SHELL = [
    "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8", "TZ=UTC",
    f"DOCKER_HOST=unix://{SOCKET}", "bash", "--norc", "--noprofile",
]  # fmt: skip
"""Not /usr/local: a docker of another maker may be there."""
_CUT = "---"


@dataclass
class _Open:
    """An open terminal."""

    terminal: Terminal
    pid: int
    """Of its own shell, in the host's PID namespace."""
    inside: list[Running] = field(default_factory=list)
    """The containers it went into, one from within the other."""


class _Seen(NamedTuple):
    """A process's namespace at one moment."""

    inode: str
    mountinfo: str


class DockerBackend:
    """One machine with a real dockerd on it.

    Args:
        init: ``bare`` (a private `/`) or ``systemd`` (a shared one, as systemd leaves it).

    Raises:
        BackendUnavailableError: where no dockerd can be had, with the reason.
    """

    name = "docker"

    def __init__(self, init: str = "bare") -> None:
        reason = docker_missing()
        if reason:
            raise BackendUnavailableError(f"--backend docker: {reason}")
        if init not in INITS:
            raise BackendUnavailableError(f"init={init}: --backend docker has {', '.join(INITS)}")
        self._shells: dict[str, _Open] = {}
        self._appeared: dict[str, int] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._last_number = self._asked = 0
        self._running: list[Running] = []
        with _unavailable():
            self._machine = Machine(shared=INITS[init])
            self._finalizer = weakref.finalize(self, self._machine.close)
            fresh = self._machine.host.read(f"/proc/{self._machine.holder}/mountinfo")
        self._shown = Shown(fresh)

    def open(self, shell: str) -> None:
        """Open the terminal in the initial namespace, unless it is open already."""
        if shell not in self._shells:
            with _unavailable():
                terminal = Terminal(self._machine.words(_SHELL))
                self._shells[shell] = _Open(terminal, int(terminal.run("echo $$").stdout))
            self._appeared.setdefault(shell, len(self._appeared))

    def run(self, shell: str, line: CommandLine) -> Outcome:
        """Run one line in the terminal: ``;`` and ``&&`` as a shell has it, up to an ``exit``."""
        self.open(shell)
        done = Outcome(0)
        with _unavailable():
            for command in line.commands:
                if command.after_success_only and done.exit != 0:
                    continue
                done = one_after(done, self._one(shell, command, done.exit))._replace(calls=None)
                if shell not in self._shells:
                    break
        return done

    def tables(self) -> list[NamespaceTable]:
        """Every namespace that is alive, in order of creation; the initial one always."""
        with _unavailable():
            return self._tables()

    def close(self) -> None:
        """End the machine and everything in it."""
        for each in self._shells.values():
            each.terminal.close()
        self._shells.clear()
        self._finalizer()

    # -- one command ----------------------------------------------------------------------------------------

    def _one(self, shell: str, command: Command, last_status: int) -> Outcome:
        program, here = command.argv[0], self._shells[shell]
        sentence = objection(command)
        if sentence is None and here.inside and program in ("unshare", "nsenter"):
            sentence = f"{program} in a container is not understood by --backend docker"
        if sentence:
            return Outcome(1, stderr=f"mountlab: {sentence}\n", refused=sentence)
        if program == "docker" and not here.inside:
            return self._docker(here, command)
        return self._plain(shell, command, last_status)

    def _plain(self, shell: str, command: Command, last_status: int) -> Outcome:
        """A command that asks no daemon."""
        program, here = command.argv[0], self._shells[shell]
        if program == "exit":
            return self._outcome(self._exit(shell, command, last_status))
        if program in ("unshare", "nsenter"):
            return self._outcome(self._move(here.terminal, command))
        reader = here.inside[-1].pid if here.inside else 0
        argv = [self._shown.word(word) for word in command.argv]
        argv = self._with_tables(argv, self._holder_of(shell), reader)
        redirects = tuple(each._replace(target=self._shown.word(each.target)) for each in command.redirects)
        line = line_of(command._replace(argv=tuple(argv), redirects=redirects))
        return self._outcome(here.terminal.run(line))

    def _outcome(self, said: Said, *, known: bool = True) -> Outcome:
        error = None if said.status == 0 else (errno_in(said.stderr) if known else None) or UNKNOWN
        return Outcome(said.status, self._shown.text(said.stdout), self._shown.text(said.stderr), error)

    def _docker(self, here: _Open, command: Command) -> Outcome:
        self._asked += creates(command.argv)
        words = docker_words(command.argv, self._asked)
        self._shown.ask_volumes(words.volumes)
        self._machine.docker()
        if words.image:
            self._machine.need_image(words.image, words.server)
        head, inner = ([self._shown.word(word) for word in part] for part in (words.head, words.inner))
        pid = next((each.pid for each in self._running if each.name == words.container), 0)
        argv = (*head, *(self._with_tables(inner, pid, pid) if pid else inner))
        line = line_of(command._replace(argv=argv))
        before = {each.name: each for each in self._running}
        run = here.terminal.enter if words.enters else here.terminal.run
        said: Said | None = run(line)
        self._settle()
        if said is None:
            here.inside.append(self._entered(argv, before))
            said = Said(0, "", "")
        return self._outcome(said._replace(stderr=without_race(said.stderr)), known=False)

    def _entered(self, argv: tuple[str, ...], before: dict[str, Running]) -> Running:
        """The container that the terminal is in: the new one, or the one that was named."""
        now = [each for each in self._running if each.pid]
        new = [each for each in now if each.name not in before or before[each.name].started != each.started]
        named = [each for each in now if each.name in argv]
        return (new or named)[-1]

    def _settle(self) -> None:
        """See which containers there are now; terminals whose container has ended are outside again."""
        self._running = self._machine.containers()
        self._shown.learn(self._running)
        alive = {(each.name, each.started) for each in self._running if each.pid}
        for each in self._shells.values():
            while each.inside and (each.inside[-1].name, each.inside[-1].started) not in alive:
                each.inside.pop()
                each.terminal.leave()

    def _exit(self, shell: str, command: Command, last_status: int) -> Said:
        here = self._shells[shell]
        argv = command.argv if len(command.argv) > 1 else ("exit", str(last_status))
        if len(argv) > 2:  # noqa: PLR2004 - bash refuses, and stays
            return here.terminal.run(line_of(command))
        said = here.terminal.leave(line_of(command._replace(argv=argv)))
        if here.inside:
            here.inside.pop()
            self._settle()
        else:
            self._shells.pop(shell).terminal.close()
        return said

    def _move(self, terminal: Terminal, command: Command) -> Said:
        """The shell itself goes to another namespace; first a program, as it may fail."""
        words = [self._pid_of(word) for word in command.argv if word not in ("bash", "sh")]
        tried = terminal.run(line_of(command._replace(argv=(*words, "true"))))
        if tried.status:
            return tried
        return terminal.become(line_of(command._replace(argv=(*words, *_SHELL[-3:]))))

    def _pid_of(self, word: str) -> str:
        """A terminal's name in the place of a PID."""
        option, equals, name = word.rpartition("=")
        return option + equals + (str(self._holder_of(name)) if name in self._shells else name)

    # -- tables ---------------------------------------------------------------------------------------------

    def _holder_of(self, shell: str) -> int:
        """A process with the terminal's namespace and root."""
        here = self._shells[shell]
        return here.inside[-1].pid if here.inside else here.pid

    def _seen(self, pids: list[int]) -> dict[int, _Seen]:
        line = "; ".join(
            f"readlink /proc/{pid}/ns/mnt; cat /proc/{pid}/mountinfo; echo {_CUT}" for pid in pids
        )
        parts = self._machine.host.run(["sh", "-c", line]).stdout.split(f"{_CUT}\n")[:-1]
        found = zip(pids, parts, strict=True)
        return {pid: _Seen(*part.split("\n", 1)) for pid, part in found if part}

    def _tables(self) -> list[NamespaceTable]:
        shells = sorted(self._shells, key=self._appeared.__getitem__)
        running = sorted((each for each in self._running if each.pid), key=lambda each: each.started)
        pids = [self._machine.holder, *map(self._holder_of, shells), *(each.pid for each in running)]
        seen = self._seen(list(dict.fromkeys(pids)))
        started = {seen[each.pid].inode: each.started for each in running if each.pid in seen}
        holders: dict[int, list[str]] = {}
        processes: dict[int, int] = {}
        keys = {pid: (one.inode, started.get(one.inode, "")) for pid, one in seen.items()}
        self._numbers = {key: number for key, number in self._numbers.items() if key in keys.values()}
        for pid, key in keys.items():
            if key not in self._numbers:
                self._last_number += 1
                self._numbers[key] = self._last_number
            processes.setdefault(self._numbers[key], pid)
            holders.setdefault(self._numbers[key], [])
        for shell in shells:
            holders[self._numbers[keys[self._holder_of(shell)]]].append(shell)
        rows = {pid: self._shown.table(one.mountinfo) for pid, one in seen.items()}
        tables = [
            NamespaceTable(number, tuple(holders[number]), (), *self._views(holders[number], pid, rows))
            for number, pid in sorted(processes.items())
        ]
        named = {f":container {lesson_name(each.name)}": self._numbers[keys[each.pid]] for each in running}
        return with_holders(tables, named)

    def _views(
        self, shells: list[str], pid: int, rows: dict[int, list[MountInfo]]
    ) -> tuple[list[MountInfo], dict[str, list[MountInfo]]]:
        """The table as the first of the shells sees it, and those of the others that differ."""
        seen = {shell: rows[self._holder_of(shell)] for shell in shells}
        first = seen[shells[0]] if shells else rows[pid]
        return first, {shell: table for shell, table in seen.items() if table != first}

    def _with_tables(self, argv: list[str], pid: int, reader: int) -> list[str]:
        """A command line with files of what is shown, where it reads a mountinfo file.

        Args:
            argv: the words.
            pid: the process whose own table that is.
            reader: process 1 of the container in which it runs; 0: it runs outside.
        """

        def file(found: re.Match[str]) -> str:
            if found[1] == "self":
                return self._table_file(pid, reader)
            known = found[1] in self._shells
            return self._table_file(self._holder_of(found[1]), reader) if known else found[0]

        program, *words = argv
        if program == "findmnt":
            words = ["--kernel", "--tab-file", self._table_file(pid, reader), *words]
        return [program, *(TABLE_FILE.sub(file, word) for word in words)]

    def _table_file(self, pid: int, reader: int) -> str:
        """Write what is shown of a process's table, where the reader finds it; the path."""
        (seen,) = self._seen([pid]).values()
        text = "".join(render(row) + "\n" for row in self._shown.table(seen.mountinfo))
        root, folder = (f"/proc/{reader}/root", "/dev/shm") if reader else ("", HIDDEN)
        self._machine.host.write(f"{root}{folder}/mountinfo-{pid}", in_order_of_creation(text))
        return f"{folder}/mountinfo-{pid}"


@contextmanager
def _unavailable() -> Iterator[None]:
    """A host that cannot go on ends the run, with its words."""
    try:
        yield
    except HostError as error:
        raise BackendUnavailableError(f"--backend docker: {error}") from error
