"""Every recorded command prints and returns in the simulator what the real program printed and returned.

Numbers that are the machine's own (ids, devices, peer groups, PIDs, dates) are brought into
canonical form on both sides: each stands for the place where it appears first.  Inode numbers of a
tmpfs count up from 1 on both sides and are compared as they are.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mountlab.shell import programs
from mountlab.shell.transcript import Step, parse
from mountlab.simulator import Process, Simulator

HERE = Path(__file__).resolve().parent
CASES = sorted(path.stem for path in (HERE / "cases").glob("*.mnt"))
DATE = re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}")
NUMBER = re.compile(
    r"(?P<group>(?:shared|master|propagate_from):\d+)"
    r"|(?P<device>\b\d+:\d+)"
    r"|(?P<id>(?<![\w.=])\d+(?![\w%]))"
)
TEMPORARY = re.compile(r"sed[A-Za-z0-9]{6}\b")
TRACED = ("mount", "umount2", "pivot_root", "unshare", "setns", "chroot")
REFUSED_BY_CHOICE = json.loads((HERE / "refused.json").read_text())
"""Recorded commands that are outside the language: case -> command -> word that the refusal names."""


@cache
def recorded(case: str) -> dict[str, Any]:
    return dict(json.loads((HERE / "records" / f"{case}.json").read_text()))


@cache
def steps(case: str) -> tuple[Step, ...]:
    path = HERE / "cases" / f"{case}.mnt"
    transcript = parse(path.read_text(), path.name, check=lambda _: None)
    return tuple(step for step in transcript.steps if step.command)


def canonical(text: str, *, shows_numbers: bool) -> str:
    text = TEMPORARY.sub("sedXXXXXX", DATE.sub("DATE", text))
    text = re.sub(r"(cannot open|can't read) /proc/\w+/", r"\1 /proc/PID/", text)
    text = re.sub(r"/proc/(?!self/)\w+/ns/", "/proc/PID/ns/", text)
    text = re.sub(r"Device: \d+,\d+", "Device: N,N", text)
    if not shows_numbers:
        return text
    seen: dict[tuple[str, str], str] = {}

    def name(match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        return seen.setdefault((kind, match[0]), f"{kind}#{len(seen)}")

    return re.sub("(?m)^ +| (?= )| +$", "", NUMBER.sub(name, text))


def shows_numbers(command: str) -> bool:
    if command.startswith("findmnt"):
        return bool(re.search(r"ID|PARENT|MAJ|OPT-FIELDS", command))
    return command.startswith(("cat /proc", "stat -c %d", "lsns"))


class Machine:
    """A simulator with terminals, just enough of one for a transcript."""

    def __init__(self, init: str) -> None:
        self.sim = Simulator(init)
        self.shells: dict[str, Process] = {}

    def run(self, step: Step) -> programs.Result:
        assert step.command is not None
        if step.shell not in self.shells:
            self.shells[step.shell] = self.sim.spawn(step.shell)
        (command,) = step.command.commands
        return programs.run(self.sim, self.shells[step.shell], self.shells, command)


@pytest.mark.parametrize("case", CASES)
def test_prints_what_the_real_program_prints(case: str) -> None:
    record = recorded(case)
    machine = Machine(record["init"])
    differences = []
    for number, (step, real) in enumerate(zip(steps(case), record["steps"], strict=True), 1):
        assert step.text == real["command"]
        assert step.command is not None
        if programs.check(step.command.commands[0]):
            continue
        result = machine.run(step)
        numbers = shows_numbers(step.text)
        ours: list[Any] = [result.exit]
        theirs: list[Any] = [real["exit"]]
        for stream in ("stdout", "stderr"):
            ours.append(canonical(getattr(result, stream), shows_numbers=numbers))
            theirs.append(canonical(real[stream], shows_numbers=numbers))
        if real["calls"] is not None:
            ours.append([[name, errno] for name, errno in result.calls if name in TRACED])
            theirs.append(real["calls"])
        if ours != theirs:
            differences.append(f"{number}: {step.shell}# {step.text}\n  ours: {ours}\n  real: {theirs}")
    assert not differences, f"{len(differences)} of {len(record['steps'])} differ\n" + "\n".join(differences)


def test_the_records_are_many() -> None:
    assert sum(len(recorded(case)["steps"]) for case in CASES) > 300


@pytest.mark.parametrize("case", CASES)
def test_refuses_only_what_is_meant_to_be_outside_the_language(case: str) -> None:
    refused = {}
    for step in steps(case):
        assert step.command is not None
        sentence = programs.check(step.command.commands[0])
        if sentence:
            refused[step.text] = sentence.partition(": ")[0]
    assert refused == REFUSED_BY_CHOICE.get(case, {})


@pytest.mark.parametrize("case", CASES)
def test_what_failed_has_an_errno_or_was_refused(case: str) -> None:
    machine = Machine(recorded(case)["init"])
    for step in steps(case):
        assert step.command is not None
        if programs.check(step.command.commands[0]):
            continue
        result = machine.run(step)
        if result.exit == 0:
            tried_several = "-t bogusfs,tmpfs" in step.text
            assert (result.errno, result.refused) == ("ENODEV" if tried_several else None, None), step.text
        elif result.stderr:
            assert (result.errno is None) != (result.refused is None), step.text
