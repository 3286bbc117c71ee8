"""The system calls that ``explain docker run`` prints, against those that strace saw the real runc make."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers.explained.docker import explain_run
from mountlab.containers.explained.stages import Step
from mountlab.containers.explained.tell import tell
from mountlab.containers.rules import RULES
from mountlab.runtimes.docker_cases import TABLES as CASES
from mountlab.runtimes.docker_cases import TRACED
from mountlab.runtimes.places import INSIDE, setup
from tests.containers.modelled import ModelledHost, renamed

RECORDED = json.loads((Path(__file__).parent / "recorded" / "docker.json").read_text())
CALLS: dict[str, list[dict[str, Any]]] = {row["name"]: row["calls"] for row in RECORDED["calls"]}
NAMES = ("mount", "umount2", "pivot_root")
FIXTURE = re.compile(
    r"(fd:ROOTFS|fd:)?/(proc|dev|sys|etc/(resolv\.conf|hostname|hosts))(/|$)|.*/runc\.COPY$|/dev/null$"
)
"""Targets of what every container gets, and of runc's sealed copy of itself."""

Call = tuple[str, ...]


def real_calls(name: str) -> list[Call]:
    """The recorded calls, without what every container gets."""
    kept = []
    for call in CALLS[name]:
        if call["call"] not in NAMES or call["result"] != 0:
            continue
        args = [re.sub(f"^fd:ROOTFS{INSIDE}", f"ROOTFS{INSIDE}", arg) for arg in call["args"]]
        target = args[1] if call["call"] == "mount" else args[0]
        if not FIXTURE.match(target):
            kept.append((call["call"], *map(ordered, args)))
    return kept


def modelled_call(step: Step) -> Call:
    """A printed call, in the form of the recorded ones."""
    match = re.fullmatch(r"(\w+)\((.*)\)", step.made.call)
    assert match is not None
    args = re.findall(r'"(?:[^"\\]|\\.)*"|[^,\s]+', match[2])
    texts = [ast.literal_eval(arg) if arg.startswith('"') else arg.replace("NULL", "") for arg in args]
    return (match[1], *(ordered(renamed_path(text)) for text in texts))


def renamed_path(text: str) -> str:
    return renamed(text).replace("/var/lib/docker", "/lab/docker")


def ordered(arg: str) -> str:
    """Flags in one order: strace has one of its own."""
    return "|".join(sorted(arg.split("|"))) if re.fullmatch(r"(MS|MNT)_\w+(\|MS_\w+)*", arg) else arg


@pytest.mark.parametrize("name", TRACED)
def test_the_calls_are_runcs_own_in_its_order(name: str) -> None:
    host = ModelledHost()
    host.type(*setup("shared", submount=True))
    host.docker(["volume", "create", "data_vol"])
    argv = ("docker", "run", "-d", "--name", "one", *CASES[name], "busybox", "sleep", "600")

    steps = [step for step in explain_run(host.backend.daemons, argv).steps if not step.is_fixture]
    by_runc = [modelled_call(step) for step in steps if step.by == "runc"]

    assert [call for call in by_runc if call[0] in NAMES] == real_calls(name)
    assert [step.made.rule for step in steps if step.by == "dockerd"] == ["docker.layer"]


def test_every_call_says_why_and_where_that_is_written() -> None:
    host = ModelledHost()
    argv = ("docker", "run", "-d", "--read-only", "-v", "/srv:/mnt:ro", "nginx")

    steps = explain_run(host.backend.daemons, argv).steps

    assert {step.made.rule for step in steps} >= {"runc.remount", "runc.read-only-root", "docker.layer"}
    assert all(step.source == RULES[step.made.rule].source and step.sentence for step in steps)


def test_what_dockerd_did_when_it_was_first_asked_is_among_the_calls() -> None:
    host = ModelledHost()
    host.type("mount --make-private /var/lib")
    argv = ("docker", "run", "-d", "nginx")

    first = [step.made.rule for step in explain_run(host.backend.daemons, argv).steps]
    second = [step.made.rule for step in explain_run(host.backend.daemons, argv).steps]

    assert first == ["docker.data-root", "docker.data-root", *second]


def test_what_another_runtime_does_with_the_same_list_is_told_as_its_own() -> None:
    host = ModelledHost()
    folder, unit = (
        "/etc/systemd/system/docker.service.d",
        "ExecStart=/usr/bin/dockerd --add-runtime crun=/bin/crun",
    )
    host.type(f"mkdir {folder}", f"tee {folder}/crun.conf <<'END'\n[Service]\nExecStart=\n{unit}\nEND")
    host.type("systemctl daemon-reload")
    command = ("docker", "run", "-d", "-v", "vol:/mnt")

    by_runc = explain_run(host.backend.daemons, (*command, "nginx"))
    by_crun = explain_run(host.backend.daemons, (*command, "--runtime", "crun", "nginx"))

    assert [{step.by for step in chain.steps} for chain in (by_runc, by_crun)] == [
        {"dockerd", "runc"},
        {"dockerd", "crun"},
    ]
    assert "linux.rootfsPropagation is left out: crun takes rprivate" in "\n".join(tell(by_crun))
    assert by_runc.result is not None
    assert by_crun.result is not None
    assert by_runc.result.sights[0].host_to_inside
    assert not by_crun.result.sights[0].host_to_inside
