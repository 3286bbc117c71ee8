"""What conditions say of a state, held against what then really happens."""

from __future__ import annotations

import pytest

from mountlab.practice.level_conditions import read_condition
from mountlab.practice.levels import Attempt
from tests.levels.machines import SHORT, short

MACHINE = """\
host# mkdir -p /s /t /u /v /p/sub
host# mount -t tmpfs disk /s
host# mount --make-shared /s
host# mkdir /s/in
host# mount --bind /s /t
host# mount --bind /s /u
host# mount --make-slave /u
host# mount --make-shared /u
host# mount --bind /u /v
host# mount --make-slave /v
host# mount --bind -o ro,nosuid /s/in /p
c1# unshare --mount
c2#
c3#
c3# exit
host# mount -t tmpfs lower /c
host# mount -t tmpfs upper /c
host# umount /mnt
"""


def attempt(more: str = "") -> Attempt:
    start, _, rest = SHORT.partition("#? goal")
    start = start.replace("par=1", 'par=1 terminals="host c1 c2 c3 peer slave"')
    return Attempt(short(f"{start}{MACHINE}{more}#? goal{rest}"))


def why(condition: str, more: str = "") -> str | None:
    line = f"#? goal {condition}"
    return read_condition(line, 1, len("#? goal"), len(line)).why_not(attempt(more).moment())


@pytest.mark.parametrize(
    "condition",
    [
        "always",
        "host: /s mounted propagation=shared fstype=tmpfs source=disk root=/",
        "host: /p mounted options=ro,nosuid",
        "host: /p mounted super=rw root=/in",
        "host: /s mounted options=rw propagation=shared",
        "not host: /p mounted options=rw",
        "not host: /p mounted super=ro",
        "host: /c layers 2",
        "host: /b layers 0",
        "host: /p/sub missing",
        "host: /p exists",
        "host: at-most 9 mounts",
        "not host: at-most 8 mounts",
        "c1: apart-from host",
        "c2: together-with host",
        "c1: open and c3: closed",
        "exit 32 EINVAL",
        "not exit 0",
        "host: /b absent and not host: /b mounted and host: /a mounted",
        "host: '/s' mounted",
    ],
)
def test_it_holds(condition: str) -> None:
    assert why(condition) is None


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("not always", "always: so it is"),
        ("host: /p mounted options=rw", "without rw"),
        ("host: /b mounted options=ro", "there is none"),
        ("host: /c layers 1", "2 mounts are stacked at /c in host, expected 1"),
        ("host: at-most 2 mounts", "host sees 9 mounts, and 2 are enough"),
        ("host: /p missing", "host finds /p"),
        ("host: /nothing exists", "host does not find /nothing"),
        ("c3: / exists", "no terminal c3 is open"),
        ("c3: at-most 1 mounts", "no terminal c3 is open"),
        ("c3: apart-from host", "no terminal c3 is open"),
        ("c1: together-with host", "in two mount namespaces"),
        ("c1: closed", "c1 is open"),
        ("exit 1", "expected exit status 1, it is 32"),
        ("host: /a mounted and host: /b mounted", "expected a mount at /b"),
        ("host: /s deaf-to host: /s", "what is mounted below /s in host would arrive"),
    ],
)
def test_it_does_not_hold_and_says_why(condition: str, said: str) -> None:
    assert said in str(why(condition))


PLACES = ["host: /s", "host: /s/in", "host: /u", "host: /v", "c1: /s", "c1: /u", "host: /a"]
MORE = """\
host# mkdir /w
host# mount --make-shared /v
host# mount --bind /v /w
host# mount --make-slave /w
host# mkdir /s/new /s/in/new /a/new
peer# unshare --mount --propagation unchanged
slave# unshare --mount --propagation slave
"""


@pytest.mark.parametrize("sender", PLACES)
def test_who_hears_whom_is_what_a_mount_then_shows(sender: str) -> None:
    # A third link in the chain, two more namespaces, and then a mount at each place in turn.
    places = [*PLACES, "host: /p", "host: /w", "peer: /s", "peer: /v", "peer: /p", "slave: /s", "slave: /u"]
    predicted = {place: why(f"{place} hears {sender}", MORE) is None for place in places}
    shell, path = sender.split(": ")
    made = f"{MORE}{shell}# mkdir -p {path}/new\n{shell}# mount -t tmpfs new {path}/new\n"
    arrived = {place: why(f"{place}/new mounted source=new", made) is None for place in places}

    assert predicted == arrived
