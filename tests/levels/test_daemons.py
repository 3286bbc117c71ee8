"""Conditions that speak of containers and units, and which of docker's commands count."""

from __future__ import annotations

import pytest

from mountlab.practice.level_conditions import read_condition
from mountlab.practice.level_counted import counts
from mountlab.practice.levels import Attempt
from mountlab.shell.syntax import Command
from tests.levels.machines import SHORT, short

MACHINE = """\
host# mkdir -p /srv/in /srv/x
host# docker run -d --name b nginx
host# docker run -d --name A -v /srv:/mnt:rslave nginx
host# docker run -d --name B -v /srv:/mnt:ro nginx
host# docker run -d --name gone nginx
host# docker stop gone
host# mount -t tmpfs late /srv/in
b# docker exec -it B sh
"""
UNIT = """\
host# mkdir -p /etc/systemd/system/docker.service.d
host# echo '[Service]' > /etc/systemd/system/docker.service.d/own.conf
host# echo PrivateMounts=yes >> /etc/systemd/system/docker.service.d/own.conf
host# systemctl daemon-reload
host# systemctl restart docker
"""


def why(condition: str, more: str = "") -> str | None:
    start, _, rest = SHORT.partition("#? goal")
    names = 'par=1 init=systemd terminals="host b" containers="A B gone"'
    level = short(f"{start.replace('par=1', names)}{MACHINE}{more}#? goal{rest}")
    line = f"#? goal {condition}"
    return read_condition(line, 1, len("#? goal"), len(line)).why_not(Attempt(level).moment())


@pytest.mark.parametrize(
    "condition",
    [
        "A: open and B: open and gone: closed",
        "A: /mnt/in mounted source=late propagation=slave",
        "B: /mnt/in absent and b: /mnt/in absent",
        "B: /mnt mounted options=ro root=/srv",
        "A: /mnt same-as host: /srv",
        "A: /mnt hears host: /srv",
        "B: /mnt deaf-to host: /srv and host: /srv deaf-to A: /mnt",
        "A: apart-from host and b: together-with B",
        "A: / mounted fstype=overlay",
        "b: /mnt mounted",  # the terminal in B, not the container of that name
        "docker.service: closed",
    ],
)
def test_it_holds(condition: str) -> None:
    assert why(condition) is None


def test_a_unit_with_a_namespace_of_its_own_is_there() -> None:
    assert why("docker.service: open and docker.service: / mounted propagation=shared,slave", UNIT) is None


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("A: /mnt/in absent", "expected no mount at /mnt/in in A"),
        ("gone: /mnt absent", "no terminal gone is open"),
        ("B: /mnt hears A: /mnt", "would not arrive below /mnt in B"),
    ],
)
def test_it_does_not_hold_and_says_why(condition: str, said: str) -> None:
    assert said in str(why(condition))


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        ("docker ps -a", False),
        ("docker inspect A", False),
        ("docker volume ls", False),
        ("docker exec A cat /proc/self/mountinfo", False),
        ("docker exec A mount", False),
        ("systemctl show -p MountFlags docker", False),
        ("docker exec A umount /mnt", True),
        ("docker exec -it A sh", True),
        ("docker volume create data", True),
        ("docker rm -f A", True),
        ("systemctl daemon-reload", True),
    ],
)
def test_to_ask_a_daemon_is_free_and_to_change_something_is_not(line: str, counted: bool) -> None:
    assert counts(Command(tuple(line.split()))) is counted
