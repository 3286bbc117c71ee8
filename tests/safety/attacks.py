"""Attacks as data: `attacks/*.toml` holds what a hostile learner types, and what must come of it.

An attack has an `id`, a sentence `never` that says what must not happen, and `told`, a pattern for
what the learner reads.  What is done, in this order:

- `lines`: lines of a transcript.  When the language refuses one, nothing of them runs.
- `below`: lines that the language would refuse, handed to the sandbox all the same.
- `raw`: system calls of the terminal's own process, `a mount evil /mnt tmpfs`; `-` stands for nothing.
- `perl`: a hostile program in the place of mount(8): any system call, any file.
- `then`: lines after it, each of which must succeed.

`each` makes one attack of every word, which stands for `{}`; `ends = true`: the machine is stopped for it.
`{canary}` is a path of the host, `{guards}` are processes of the host.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mountlab.kernel.backend import KernelBackend, KernelStoppedError
from mountlab.kernel.syscalls import MACHINE, NUMBERS
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.syntax import Command, CommandLine
from mountlab.shell.transcript import Transcript, parse

FOLDER = Path(__file__).parent / "attacks"
_MORE_CALLS = {
    "clone": 56, "ioctl": 16, "socket": 41, "prctl": 157, "personality": 135, "prlimit64": 302, "link": 86,
    "fanotify_init": 300, "pidfd_open": 434, "pidfd_send_signal": 424, "memfd_create": 319,
    "fallocate": 285, "sched_setaffinity": 203, "setpriority": 141, "open_tree_attr": 467, "shmget": 29,
    "uselib": 134, "modify_ldt": 154, "lookup_dcookie": 212, "fchdir": 81, "inotify_init1": 294,
}  # fmt: skip
"""x86_64's numbers of calls that mountlab itself has no use for."""
_PRELUDE = r"""
$| = 1;
my $file;
sub quiet { my ($name, @args) = @_; $! = 0; syscall($NR{$name}, @args) }
sub call { my ($name) = @_; my $got = quiet(@_);
    print "$name: ", ($got == -1 ? "$!" : "GOT $got"), "\n"; $got }
sub put { my ($path, $text) = @_; my $done = open($file, ">", $path) && syswrite($file, $text);
    print "write: ", ($done ? "DONE" : "$!"), "\n"; close $file if $file }
sub get { my ($path) = @_; my $text = "";
    my $done = open($file, "<", $path) && defined sysread($file, $text, 65536);
    print "read: ", ($done ? $text : "$!"), "\n"; $text }
sub names { my ($path) = @_; opendir($file, $path) or return print "names: $!\n";
    print "names: ", join(" ", sort grep { !/^\.\.?$/ } readdir $file), "\n" }
"""


class Attack(NamedTuple):
    """One attack."""

    id: str
    never: str
    told: str
    lines: str = ""
    below: str = ""
    raw: str = ""
    perl: str = ""
    then: str = ""
    ends: bool | str = False
    """``maybe``: it is a matter of luck whether the machine survives."""
    init: str = "bare"
    times: int = 1
    """How often the hostile program runs, unless the machine is stopped for it."""


class Report(NamedTuple):
    """What came of it."""

    said: str
    stopped: str | None
    """What the learner reads when the machine was stopped."""


def load() -> list[Attack]:
    """All attacks, in order of their files."""
    return [
        attack
        for file in sorted(FOLDER.glob("*.toml"))
        for table in tomllib.loads(file.read_text(encoding="utf-8"))["attack"]
        for attack in _expanded(table)
    ]


def _expanded(table: dict[str, Any]) -> Iterator[Attack]:
    words = table.pop("each", None)
    for word in words or [""]:
        filled = {
            key: value.replace("{}", word) if words and isinstance(value, str) else value
            for key, value in table.items()
        }
        yield Attack(**filled | ({"id": f"{table['id']}: {word}"} if words else {}))


def is_for_this_machine(attack: Attack) -> bool:
    """Hostile programs name system calls by their number on x86_64."""
    return not attack.perl or MACHINE == "x86_64"


def run(attack: Attack, backend: KernelBackend) -> Report:
    """Do it on a fresh machine."""
    said: list[str] = []
    backend.reset(attack.init)
    try:
        _lines(attack.lines, backend, said, checked=True)
        _lines(attack.below, backend, said, checked=False)
        for line in attack.raw.splitlines():
            shell, name, *words = shlex.split(line)
            args = [int(word, 0) if re.fullmatch(r"\d+|0x\w+", word) else word for word in words]
            error = backend.raw(shell, name, *[None if word == "-" else word for word in args])
            said.append(f"{name}: {error or 'done'}")
        for _ in range(attack.times if attack.perl else 0):
            _command(
                backend, "a", CommandLine((Command(("perl",), stdin=_program(attack.perl)),), "perl"), said
            )
        for step in parse(attack.then).steps:
            assert step.command
            outcome = _command(backend, step.shell, step.command, said)
            assert outcome == 0, f"{step.text}: {said[-1]}"
    except KernelStoppedError as error:
        return Report("\n".join(said), str(error))
    return Report("\n".join(said), None)


def goes_on(backend: KernelBackend) -> bool:
    """Whether the next line is answered."""
    backend.open("host")
    return backend.run("host", CommandLine((Command(("true",)),), "true")).exit == 0


def _lines(text: str, backend: KernelBackend, said: list[str], *, checked: bool) -> None:
    try:
        transcript: Transcript = parse(text) if checked else parse(text, check=lambda *_: None)
    except TranscriptError as error:
        said.append(f"refused: {error}")
        return
    for step in transcript.steps:
        backend.open(step.shell)
        if step.command:
            _command(backend, step.shell, step.command, said)


def _command(backend: KernelBackend, shell: str, command: CommandLine, said: list[str]) -> int:
    backend.open(shell)
    outcome = backend.run(shell, command)
    said.append(f"{outcome.stdout}{outcome.stderr}[exit {outcome.exit}]")
    return outcome.exit


def _program(text: str) -> str:
    numbers = ", ".join(f"{name} => {number}" for name, number in (NUMBERS | _MORE_CALLS).items())
    return f"%NR = ({numbers});{_PRELUDE}{text}"
