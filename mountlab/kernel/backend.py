"""The world of the real kernel: transcripts run with the real programs, in a sandbox."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mountlab.containers.machines import has_systemd, install
from mountlab.containers.names import PROGRAMS
from mountlab.containers.world import Ran
from mountlab.kernel import reuse
from mountlab.kernel.daemonworld import SandboxWorld
from mountlab.kernel.errors import errno_in
from mountlab.kernel.limits import Limits
from mountlab.kernel.machine import INITS
from mountlab.kernel.probe import Probe, probe
from mountlab.kernel.sandbox import KernelStoppedError
from mountlab.kernel.stage import SetupError
from mountlab.kernel.wire import Json
from mountlab.kubernetes.daemons import Daemons
from mountlab.mountinfo import MountInfo, parse_table
from mountlab.shell.backend import (
    UNKNOWN,
    BackendUnavailableError,
    CallMade,
    NamespaceTable,
    Outcome,
    one_after,
)
from mountlab.shell.holders import with_holders
from mountlab.shell.syntax import Command, CommandLine

__all__ = ["KernelBackend", "KernelStoppedError", "RawStep"]

_SHELL_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class RawStep(NamedTuple):
    """What one raw system call did."""

    errno: str | None
    tables: dict[str, str]
    """The mountinfo of each watched shell that is open afterwards, as text, without the proc fixture."""


class KernelBackend:
    """One machine on the real kernel.

    Args:
        init: ``bare`` (a private `/`) or ``systemd`` (a shared one).
        limits: what the machine may use.
        found: the kernel to take; without it, the one of this machine.

    Raises:
        BackendUnavailableError: where no real kernel is to be had, with the reason.
    """

    def __init__(
        self, init: str = "bare", limits: Limits | None = None, found: Probe | None = None
    ) -> None:
        if init not in INITS:
            raise ValueError(f"init={init!r}: the kernel backend has {', '.join(INITS)}")
        self.found = found = found or probe()
        if found.kind is None:
            raise BackendUnavailableError(found.reason)
        self.kind = found.kind
        self.name = "uml" if found.kind == "uml" else "kernel"
        self._init = init
        self._parsed: dict[str, Sequence[MountInfo]] = {}
        self._daemons: Daemons | None = None
        try:
            self._sandbox = reuse.begin(found.kind, init, limits or Limits())
        except SetupError as error:
            raise BackendUnavailableError(str(error)) from error
        self._finalizer = weakref.finalize(self, reuse.end, self._sandbox)

    def open(self, shell: str) -> None:
        """Open the terminal in the initial namespace, unless it is open already."""
        if not _SHELL_NAME.fullmatch(shell):
            raise ValueError(f"{shell!r} is no name for a terminal")
        self._sandbox.ask("open", shell)

    def run(self, shell: str, line: CommandLine) -> Outcome:
        """Run one line in the terminal; a name not seen before opens one.

        Raises:
            KernelStoppedError: when the machine flooded or hung; `reset` makes a new one.
        """
        self._settle_in()
        if not any(command.argv[0] in PROGRAMS for command in line.commands):
            return self._run_real(shell, line.commands)
        done = Outcome(0, calls=())
        for command in line.commands:
            if not command.after_success_only or done.exit == 0:
                is_client = command.argv[0] in PROGRAMS
                run = self._run_client if is_client else self._run_real
                done = one_after(done, run(shell, (command,)))
        return done

    def _settle_in(self) -> None:
        """Before the first line: the daemons' programs and files come to the machine."""
        if self._daemons is None:
            world = SandboxWorld(
                self._sandbox, self._init, lambda name, line: self._run_real(name, line.commands)
            )
            install(world)
            self._daemons = Daemons(world, has_systemd=has_systemd(self._init))

    def _run_client(self, shell: str, commands: Sequence[Command]) -> Outcome:
        """docker, systemctl and kubectl are asked of the model, whose daemons make real system calls."""
        (command,) = commands
        self._sandbox.ask("open", shell)
        if command.redirects:
            opened = self._run_real(shell, [command._replace(argv=("true",))])
            if opened.exit:
                return opened
        daemons = self._daemons
        ran, made = daemons.run(command.argv, shell, command.stdin) if daemons else (Ran(127), [])
        texts = {1: ran.stdout, 2: ran.stderr}
        for redirect in command.redirects:
            self.raw(shell, "append", redirect.target, texts.pop(redirect.fd, ""))
        calls = tuple(CallMade(each.call.partition("(")[0], each.errno) for each in made)
        error = next((each.errno for each in made if each.errno), None) if ran.status else None
        out, err = texts.get(1, ""), texts.get(2, "")
        refused = err.splitlines()[0] if ran.status and err and not calls else None
        return Outcome(ran.status, out, err, error, calls, refused)

    def _run_real(self, shell: str, commands: Sequence[Command]) -> Outcome:
        done = self._sandbox.ask("run", shell, commands)
        if done["closed"] and self._daemons is not None:
            self._daemons.left(shell, done["exit"])
        calls = tuple(CallMade(name, error) for name, error in done["calls"])
        error = done["errno"]
        if error is None and not done["known"]:
            error = errno_in(done["stderr"]) or UNKNOWN
        refused = None
        if done["exit"] not in {0, 124, 126, 127} and error is None and not calls:
            refused = done["stderr"].strip() or None
        return Outcome(done["exit"], done["stdout"], done["stderr"], error, calls, refused)

    def tables(self) -> list[NamespaceTable]:
        """Every namespace that is alive, in order of creation; the initial one always."""
        answer = self._sandbox.ask("tables")
        before, self._parsed = self._parsed, {}
        daemons = {name: number for number, _, hidden, _, _ in answer for name in hidden}
        tables = [
            NamespaceTable(
                number,
                tuple(shells),
                (),
                self._parse(text, before),
                {name: self._parse(other, before) for name, other in views.items()},
            )
            for number, shells, _, text, views in answer
        ]
        return with_holders(tables, daemons)

    def _parse(self, text: str, before: dict[str, Sequence[MountInfo]]) -> Sequence[MountInfo]:
        """Rows of a table; those of the step before are used again when it has not changed."""
        rows = self._parsed.get(text) or before.get(text) or parse_table(text)
        self._parsed[text] = rows
        return rows

    def raw(self, shell: str, name: str, *args: Json) -> str | None:
        """Make one system call in the terminal's process; the name of its error, or None.

        Names: mount, umount2, pivot_root, unshare(flags, map_root), setns(other shell), enter(file),
        chroot, chdir, mkdir, rmdir, unlink, rename, creat, exit.
        """
        return self.raw_batch([(shell, name, args)])[0].errno

    def raw_batch(
        self, operations: Iterable[tuple[str, str, Sequence[Json]]], watch: Sequence[str] = ()
    ) -> list[RawStep]:
        """Make many system calls, in order, and tell the tables of the watched shells after each."""
        answer = self._sandbox.ask("raw", list(operations), list(watch))
        steps, tables = [], dict[str, str]()
        for error, changed in answer:
            if changed:
                tables = {name: text for name, text in (tables | changed).items() if text is not None}
            steps.append(RawStep(error, tables))
        return steps

    def reset(self, init: str | None = None) -> None:
        """A fresh machine with no terminals, in the same sandbox."""
        self._init, self._daemons = init or self._init, None
        self._sandbox.ask("reset", self._init)

    def close(self) -> None:
        """End the machine and everything in it."""
        self._finalizer()
