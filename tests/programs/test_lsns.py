"""lsns -t mnt: laid out as the real one, with numbers that are the same on every run."""

from __future__ import annotations

import json

import pytest

from mountlab.shell import programs
from mountlab.shell.syntax import Command
from mountlab.simulator import Process, Simulator

HEADING = "        NS TYPE NPROCS PID USER COMMAND\n"
"""As lsns of util-linux 2.38.1 prints it for namespaces with numbers of ten digits and PIDs of one."""


class _Machine:
    def __init__(self) -> None:
        self.sim = Simulator()
        self.shells: dict[str, Process] = {}

    def run(self, shell: str, line: str) -> programs.Result:
        if shell not in self.shells:
            self.shells[shell] = self.sim.spawn(shell)
        command = Command(tuple(line.split()))
        assert programs.check(command) is None
        return programs.run(self.sim, self.shells[shell], self.shells, command)


@pytest.fixture
def machine() -> _Machine:
    machine = _Machine()
    for shell, line in (("host", "true"), ("c1", "unshare -m"), ("c2", "nsenter -t c1 -m")):
        assert machine.run(shell, line).exit == 0
    return machine


def test_one_line_for_each_namespace_and_lsns_counts_itself(machine: _Machine) -> None:
    said = machine.run("host", "lsns -t mnt").stdout
    assert said.startswith(HEADING)
    rows = [line.split() for line in said.splitlines()[1:]]
    assert [(kind, count, user, command) for _, kind, count, _, user, command in rows] == [
        ("mnt", "3", "0", "init"),  # the machine's first process, host, and lsns
        ("mnt", "2", "0", "bash"),
    ]
    assert len({row[0] for row in rows}) == len(rows)
    assert said == machine.run("host", "lsns -t mnt").stdout


def test_the_caller_is_one_more_in_its_own_namespace(machine: _Machine) -> None:
    assert machine.run("c2", "lsns -t mnt -n -o NPROCS").stdout.split() == ["2", "3"]


def test_json_has_numbers(machine: _Machine) -> None:
    rows = json.loads(machine.run("host", "lsns -J -t mnt").stdout)["namespaces"]
    assert [sorted(row) for row in rows] == [["command", "nprocs", "ns", "pid", "type", "user"]] * 2
    assert all(isinstance(row["ns"], int) and isinstance(row["pid"], int) for row in rows)


def test_a_user_namespace_sees_no_other_processes(machine: _Machine) -> None:
    machine.run("u1", "unshare -r -m")
    assert len(machine.run("u1", "lsns -t mnt -n").stdout.splitlines()) == 1
    assert len(machine.run("host", "lsns -t mnt -n").stdout.splitlines()) == len(["host", "c1", "u1"])


def test_a_process_has_one_namespace(machine: _Machine) -> None:
    assert machine.run("host", "lsns -t mnt -p c2").stdout == machine.run("host", "lsns -t mnt -p c1").stdout
    assert machine.run("host", "lsns -t mnt -n -o NPROCS --task=c1").stdout.split() == ["2"]


def test_for_a_process_that_is_not_there_nothing_is_printed(machine: _Machine) -> None:
    said = machine.run("host", "lsns -t mnt -p 99999")

    assert (said.exit, said.stdout, said.stderr) == (0, "", "")
