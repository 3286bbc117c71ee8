"""findmnt, mount and /proc print a recorded table byte for byte as the real ones printed it, numbers too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mountlab.mountinfo import MountInfo, parse_table
from mountlab.shell import programs
from mountlab.shell.programs import proc_files
from mountlab.shell.programs.context import Context, Leave
from mountlab.shell.programs.options import OptionError
from mountlab.shell.syntax import Command
from mountlab.shell.transcript import parse
from mountlab.simulator import Simulator

HERE = Path(__file__).resolve().parent
CASES = sorted(path.stem for path in (HERE / "cases").glob("*.mnt"))
ON_PATHS = ("-T", "-N", "--target", "--tree /a", "findmnt .", "findmnt ../")
"""findmnt looks at the file tree for these, or at another process."""


class _TableContext(Context):
    """A program that finds the recorded rows in /proc/self/mountinfo."""

    rows: list[MountInfo]

    def table(self) -> list[MountInfo]:
        return self.rows


def _recorded(case: str, *beginnings: str) -> list[tuple[tuple[str, ...], Any]]:
    """Commands that begin so and read a table, with what the real program did."""
    path = HERE / "cases" / f"{case}.mnt"
    steps = [step for step in parse(path.read_text(), path.name, check=lambda _: None).steps if step.command]
    record = json.loads((HERE / "records" / f"{case}.json").read_text())["steps"]
    found = []
    for step, real in zip(steps, record, strict=True):
        assert step.command is not None
        command = step.command.commands[0]
        if real["table"] and step.text.startswith(beginnings) and not command.redirects:
            found.append((command.argv, real))
    return found


@pytest.mark.parametrize("case", CASES)
def test_lists_a_table_as_the_real_program_does(case: str) -> None:
    sim = Simulator()
    process = sim.spawn("host")
    for argv, real in _recorded(case, "findmnt", "mount"):
        program = programs.PROGRAMS[argv[0]]
        if real["calls"] != [] or any(word in " ".join(argv) for word in ON_PATHS):
            continue
        if programs.check(Command(argv)) or (argv[0] == "mount" and real["exit"]):
            continue
        context = _TableContext(sim, process, {"host": process}, argv, None)
        context.rows = parse_table(real["table"])
        try:
            options = program.options.parse(list(argv[1:]))
            if argv[0] == "mount" and options.operands:
                continue
            status = program.main(context, options)
        except Leave as leave:
            status = leave.status
        except OptionError:
            continue
        assert (status, context.result(status).stdout) == (real["exit"], real["stdout"]), argv


@pytest.mark.parametrize("case", CASES)
def test_proc_files_are_the_kernels(case: str) -> None:
    for argv, real in _recorded(case, "cat /proc/self/", "cat /proc/mounts"):
        rows = parse_table(real["table"])
        assert len(argv) == len(["cat", "FILE"])
        assert proc_files.FILES[argv[1].rpartition("/")[2]](rows) == real["stdout"], argv
