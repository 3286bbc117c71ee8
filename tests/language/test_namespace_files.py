"""What a record tells of a namespace that the file of it holds, and which words name such files."""

from __future__ import annotations

import json

import pytest

from mountlab.shell import programs
from mountlab.shell.records import dump, record
from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.syntax import Command
from mountlab.shell.transcript import parse


def last_namespaces(text: str) -> list[dict[str, object]]:
    *_, last = play(parse(text, "test"), SimulatorBackend())
    namespaces: list[dict[str, object]] = json.loads(dump(record(last)))["namespaces"]
    return namespaces


def test_a_file_that_holds_a_namespace_is_named_with_it() -> None:
    text = "host# touch /run/ns\nc1# unshare --mount=/run/ns\nc1# mount -t tmpfs kept /mnt\nc1# exit\n"

    initial, held = last_namespaces(text)

    assert initial["holders"] == []
    assert (held["id"], held["shells"]) == (2, [])
    assert held["holders"] == [{"kind": "file", "name": "/run/ns"}]
    assert [row["mountpoint"] for row in held["mounts"]] == ["/", "/mnt"]  # type: ignore[attr-defined]


def test_a_file_is_a_holder_beside_the_shells_too() -> None:
    text = "host# touch /f /g\nc1# unshare --mount=/f\nhost# mount --bind /f /g\n"

    assert [table["holders"] for table in last_namespaces(text)][1] == [
        {"kind": "file", "name": "/f"},
        {"kind": "file", "name": "/g"},
    ]


def test_without_its_file_and_without_shells_a_namespace_is_gone() -> None:
    text = "host# touch /f\nc1# unshare --mount=/f\nc1# exit\nhost# umount /f\n"

    assert [table["id"] for table in last_namespaces(text)] == [1]


def test_unshare_that_fails_after_the_bind_leaves_the_namespace_to_its_file() -> None:
    text = "host# mkdir /d\nhost# touch /d/f\nc1# chroot /d\n"
    backend = SimulatorBackend()
    for _ in play(parse(text, "test"), backend):
        pass

    backend.sim.mkdir(backend.terminals["host"], "/d/proc")
    backend.sim.mount(backend.terminals["host"], "proc", "/d/proc", "proc")
    results = list(play(parse("c1# unshare --mount=/f\n", "test"), backend))

    outcome = results[0].outcome
    assert outcome is not None
    assert (outcome.exit, outcome.errno) == (1, "EINVAL")
    assert [(table.shells, [each.name for each in table.holders]) for table in results[0].tables] == [
        (("host", "c1"), []),
        ((), ["/d/f"]),
    ]


@pytest.mark.parametrize("line", ["unshare --user=/f", "nsenter --user=/f", "nsenter -U/f"])
def test_only_files_of_mount_namespaces_are_of_the_language(line: str) -> None:
    said = programs.check(Command(tuple(line.split())))

    assert said is not None
    assert "mount namespace" in said
