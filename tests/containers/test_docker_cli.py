"""docker's command line: the words and the status of the real client, and what mountlab does not model."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mountlab.containers.docker import go
from mountlab.containers.docker.cli import NotModelled, is_understood, parse
from mountlab.containers.docker.commands import MODELLED
from mountlab.containers.docker.flags import REPEATED
from mountlab.containers.docker.requests import (
    Create,
    Exec,
    Inspect,
    MountSpec,
    Ps,
    Rm,
    Run,
    Settings,
    Stop,
    TmpfsOptions,
    VolumeCreate,
    VolumeOptions,
)
from mountlab.containers.docker.values import READERS
from mountlab.containers.errors import ContainerError
from tests.containers.record_docker_words import CLIENT, ask_client

RECORDED = Path(__file__).with_name("recorded")
ASKED = json.loads((RECORDED / "docker-client.json").read_text(encoding="utf-8"))
BAD_INPUT = json.loads((RECORDED / "docker.json").read_text(encoding="utf-8"))["bad_input"]


def words(line: str) -> list[str]:
    return ["docker", *shlex.split(line)]


def said(argv: list[str]) -> tuple[int, str]:
    """Our client's status and stderr; 0 and nothing when it would ask the daemon."""
    try:
        parse(["docker", *argv])
    except ContainerError as error:
        return error.status, error.text + "\n"
    return 0, ""


def settings(line: str) -> Settings:
    request = parse(words(line))
    assert isinstance(request, Run | Create)
    return request.settings


def is_of_the_client(row: dict[str, Any]) -> bool:
    """Whether the client alone refused a recorded line."""
    points_at_help = "See 'docker" in row["stderr"] or "Usage:  docker" in row["stderr"]
    return points_at_help and "Error response from daemon" not in row["stderr"]


@pytest.mark.parametrize("row", ASKED, ids=lambda row: " ".join(row["argv"]) or "docker")
def test_a_line_is_refused_as_the_real_client_refused_it(row: dict[str, Any]) -> None:
    assert said(row["argv"]) == (row["status"], row["stderr"])


REFUSED = [row for row in BAD_INPUT if is_of_the_client(row) and row["argv"] != ["--foo"]]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: " ".join(row["argv"]))
def test_bad_input_that_the_client_refuses(row: dict[str, Any]) -> None:
    assert said(row["argv"]) == (row["status"], row["stderr"])


def test_bad_input_that_the_client_lets_pass() -> None:
    passed = [row["argv"] for row in BAD_INPUT if "Error response from daemon" in row["stderr"]]

    assert len(passed) > 30
    assert {said(argv) for argv in passed} == {(0, "")}


def _has_docker_20() -> bool:
    if not os.access(CLIENT[0], os.X_OK):
        return False
    version = subprocess.run([CLIENT[0], "--version"], capture_output=True, text=True, check=False)
    return "version 20.10." in version.stdout


@pytest.mark.skipif(
    not _has_docker_20(), reason="docker 20.10 is not installed (Debian 12: apt-get install docker.io)"
)
def test_the_client_that_is_installed_says_what_was_recorded() -> None:
    for row in ASKED[::4]:
        assert ask_client(row["argv"]) == row


def test_what_run_says_about_a_container() -> None:
    line = (
        "run -it --name A --privileged --cap-add SYS_ADMIN --net host -e A=1 -w /srv --entrypoint '' --rm"
        " --volumes-from b:ro --volumes-from c -p 80:80 --memory=1g -h box --shm-size 1m centos bash -c 'a b'"
    )

    assert parse(words(line)) == Run(
        Settings(
            "centos",
            ("bash", "-c", "a b"),
            name="A",
            interactive=True,
            tty=True,
            remove=True,
            privileged=True,
            cap_add=("SYS_ADMIN",),
            env=("A=1",),
            workdir="/srv",
            hostname="box",
            entrypoint="",
            network="host",
            shm_size=1 << 20,
            volumes_from=("b:ro", "c"),
            ignored=("-p", "80:80", "--memory=1g"),
        )
    )


def test_mounts_stand_in_the_order_in_which_the_daemon_goes_through_them() -> None:
    asked = settings("run -v /anonymous --mount type=tmpfs,dst=/t -v /a:/b -v vol:/c -v /a:/b --tmpfs /d x")

    assert [(mount.via, mount.written) for mount in asked.mounts] == [
        ("binds", "/a:/b"),
        ("binds", "vol:/c"),
        ("mounts", "/t"),
        ("volumes", "/anonymous"),
    ]
    assert asked.tmpfs == (("/d", ""),)


def test_the_last_tmpfs_for_a_place_counts() -> None:
    assert settings("run --tmpfs /d:ro --tmpfs /e:size=1m:x --tmpfs /d busybox").tmpfs == (
        ("/d", ""),
        ("/e", "size=1m:x"),
    )


@pytest.mark.parametrize(
    ("flag", "spec"),
    [
        ("type=bind,src=/a,dst=/b,ro", MountSpec("bind", "/a", "/b", read_only=True)),
        ("target=/b", MountSpec("volume", "", "/b")),
        (
            "source=v,dst=/b,volume-opt=type=tmpfs,volume-opt=o=a=b,volume-nocopy,volume-driver=local",
            MountSpec(
                "volume",
                "v",
                "/b",
                volume=VolumeOptions(True, "local", (("type", "tmpfs"), ("o", "a=b"))),
            ),
        ),
        (
            "type=tmpfs,dst=/t,tmpfs-size=1.5k,tmpfs-mode=1770",
            MountSpec("tmpfs", "", "/t", tmpfs=TmpfsOptions(1536, 0o1770)),
        ),
    ],
)
def test_the_fields_of_a_mount_flag(flag: str, spec: MountSpec) -> None:
    assert settings(f"run --mount {flag} busybox").mounts[0].spec == spec


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("exec -it -w /x A sh -c ls", Exec("A", ("sh", "-c", "ls"), True, True, workdir="/x")),
        ("rm A -fv B", Rm(("A", "B"), force=True, volumes=True)),
        ("container stop -t 0 A B", Stop(("A", "B"))),
        ("ps -aq --no-trunc", Ps(all=True, quiet=True, no_trunc=True)),
        ("container ls --all", Ps(all=True)),
        ("inspect -f '{{.Mounts}}' A v", Inspect(("A", "v"), "{{.Mounts}}")),
        ("container inspect A", Inspect(("A",), type="container")),
        (
            "volume create -o type=tmpfs -o device=tmpfs -o type=xfs v",
            VolumeCreate("v", options=(("type", "xfs"), ("device", "tmpfs"))),
        ),
        ("volume create --name v", VolumeCreate("v")),
    ],
)
def test_the_request_of_a_line(line: str, request_: object) -> None:
    assert parse(words(line)) == request_


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("build .", "build"),
        ("network ls", "network"),
        ("compose up", "compose"),
        ("container prune", "prune"),
        ("image ls", "ls"),
        ("volume prune", "prune"),
        ("volume", "volume"),
        ("", "docker"),
        ("-H tcp://x ps", "-H"),
        ("--foo", "--foo"),
        ("run --help", "--help"),
        ("ps -h", "--help"),
        ("run --env-file f busybox", "--env-file"),
        ("ps --filter name=x", "--filter"),
        ("ps -f name=x", "-f"),
        ("inspect --type network x", "--type"),
        ("container frobnicate", "frobnicate"),
    ],
)
def test_what_docker_understands_and_mountlab_does_not(line: str, word: str) -> None:
    found = is_understood(words(line))

    assert found is not None
    assert found[0] == word
    with pytest.raises(NotModelled):
        parse(words(line))


@pytest.mark.parametrize("line", ["run --foo busybox", "run", "foo", "volume foo", "ps", "run -it x"])
def test_what_docker_itself_refuses_is_understood(line: str) -> None:
    assert is_understood(words(line)) is None


def test_dockers_own_refusal_comes_before_an_option_that_is_not_modelled() -> None:
    assert said(["run", "--env-file", "x"])[0] == 1
    assert said(["run", "--env-file", "x", "--foo", "y"])[0] == 125


def test_every_option_of_every_command_can_be_given() -> None:
    samples = {"bool": "true", "list": "x", "string": "x", "int": "1", "uint16": "1", "uint64": "1"}
    samples |= {"bytes": "1m", "duration": "1s", "rational": "1.5", "mount": "type=tmpfs,dst=/t"}
    samples |= {"label": "a=b", "env": "A=1", "stream": "stdin", "host": "a:1.2.3.4", "swap": "-1"}
    own = {"pid": "host", "uts": "host", "userns": "host", "cgroupns": "host", "restart": "always"}
    own |= {"security-opt": "no-new-privileges", "type": "container", "rm": "false", "name": ""}
    for path, (_, usage) in MODELLED.items():
        rest = ["a"] * usage.least
        for flag in usage.flags.values():
            line = ["docker", *path.split(), f"--{flag.name}={own.get(flag.name, samples[flag.kind])}", *rest]
            is_known = is_understood(line)
            assert (is_known is not None) == bool(flag.refused or flag.name == "help"), line
            if is_known is None:
                parse(line)


def test_every_kind_that_repeats_is_a_kind() -> None:
    assert set(READERS) - {"swap"} | {"list"} == REPEATED


@pytest.mark.parametrize(
    ("text", "value"), [("010", 8), ("0x1F", 31), ("-0b11", -3), ("0o17", 15), ("0", 0), ("+7", 7)]
)
def test_go_reads_numbers_with_any_base(text: str, value: int) -> None:
    """strconv.ParseInt(text, 0, 64), pkg.go.dev/strconv."""
    assert go.parse_int(text) == value


@pytest.mark.parametrize(("text", "shown"), [('a"b', '"a\\"b"'), ("a\\b\n", '"a\\\\b\\n"'), ("é", '"é"')])
def test_go_quotes_words(text: str, shown: str) -> None:
    """fmt's %q, pkg.go.dev/fmt."""
    assert go.quoted(text) == shown


def test_go_reads_quoted_fields() -> None:
    """The example of pkg.go.dev/encoding/csv."""
    line = '"the ""word"" is true","a ""quoted-field""",plain'

    assert go.fields(line) == ['the "word" is true', 'a "quoted-field"', "plain"]
