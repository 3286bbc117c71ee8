"""Containers from start to end, with what people do around them: nothing is forgotten, nothing breaks."""

from __future__ import annotations

import pytest

from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse


def printed(*lines: str, init: str = "systemd") -> list[tuple[int, str]]:
    """Status and stdout of every line."""
    transcript = parse("".join(line + "\n" for line in lines), "lives")
    results = list(play(transcript, SimulatorBackend(init)))
    return [(each.outcome.exit, each.outcome.stdout) for each in results if each.outcome]


def test_what_was_written_inside_is_there_after_a_restart_and_gone_with_the_container() -> None:
    said = printed(
        "host# docker run -d --name A nginx",
        "host# docker exec A sh -c 'mkdir /new && rm /etc/hosts && echo mine > /etc/os-release'",
        "host# docker restart A",
        "host# docker exec A ls -d /new",
        "host# docker exec A cat /etc/hosts",
        "host# docker exec A cat /etc/os-release",
        "host# docker rm -f A",
        "host# docker run -d --name A nginx",
        "host# docker exec A cat /etc/hosts /etc/os-release",
    )

    assert said[3] == (0, "/new\n")
    assert said[4][0] == 1
    assert said[5] == (0, "mine\n")
    assert said[8] == (0, "NAME=nginx\n")


def test_a_restart_does_not_remove_what_was_started_with_rm_and_its_end_does() -> None:
    said = printed(
        "host# docker run -d --rm --name A nginx",
        "host# docker restart A",
        "host# docker ps -aq",
        "host# docker stop A",
        "host# docker ps -aq",
        "host# docker create --rm --name B nginx",
        "host# docker stop B",
        "host# docker ps -aq",
    )

    assert [len(said[number][1].split()) for number in (2, 4, 7)] == [1, 0, 1]


@pytest.mark.parametrize("init", ["bare", "systemd"])
def test_on_a_read_only_machine_dockerd_does_not_start_and_docker_says_so(init: str) -> None:
    said = printed("host# mount -o remount,bind,ro /", "host# docker ps", init=init)

    assert said[1] == (1, "")


def test_a_volume_that_cannot_be_made_is_refused() -> None:
    lines = ("host# docker ps", "host# mount -o remount,bind,ro /", "host# docker volume create vol")
    results = list(play(parse("".join(line + "\n" for line in lines)), SimulatorBackend("systemd")))

    assert results[2].outcome is not None
    assert "error while creating volume root path" in results[2].outcome.stderr
    assert "read-only file system" in results[2].outcome.stderr


def test_lsns_shows_containers_and_the_namespace_of_a_terminal_that_went_into_one() -> None:
    said = printed(
        "a# unshare --mount",
        "a# docker run -it --name A centos bash",
        "host# lsns -t mnt -n -o NPROCS,COMMAND",
    )[2][1]

    rows = [line.split(None, 1) for line in said.splitlines()]
    assert [row[1] for row in rows] == ["systemd", "bash", "container A"]
    assert [row[0] for row in rows[1:]] == ["1", "2"], "the terminal that waits; A's first process and shell"
