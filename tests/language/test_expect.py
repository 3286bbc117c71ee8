"""Expectations against tables as Linux prints them: what holds, and what is said when it does not."""

from __future__ import annotations

import pytest

from mountlab.shell.backend import UNKNOWN, Outcome
from mountlab.shell.expect import failure, read_expectation
from tests.language.worlds import rows, table

# c1 sees / covered by another mount: what is under the cover is in its table, but not in its reach.
COVERED = """\
21 1 0:20 / / rw - tmpfs root rw
30 21 0:30 / /a rw - tmpfs disk1 rw
31 30 0:31 / /a/b rw - tmpfs disk2 rw
40 30 0:40 / /a rw shared:3 - tmpfs cover rw
50 21 0:50 / / rw - tmpfs top rw
51 50 0:51 / /t rw - tmpfs under-top rw
"""
# A mount whose parent is left out of the tables (the machine's /proc).
ORPHAN = """\
21 1 0:20 / / rw - tmpfs root rw
30 22 0:30 / /proc/x rw - tmpfs disk1 rw
"""
# A shell whose root is a plain directory: no row of its own, the parents out of sight.
JAIL = """\
30 21 0:30 / /a rw - tmpfs disk1 rw
"""
TABLES = [
    table(1, ("host", "jail"), views={"jail": rows(JAIL)}),
    table(2, ("c1",), rows(COVERED)),
    table(4, ("c3",), rows(ORPHAN)),
    table(3, ("c2",), rows("60 59 0:30 /sub / rw - tmpfs disk1 rw\n")),
]


def check(text: str, outcome: Outcome | None = None) -> str | None:
    expectation = read_expectation(f"#? {text}", 1)
    assert expectation is not None
    return failure(expectation, outcome, TABLES)


@pytest.mark.parametrize(
    "text",
    [
        "host: / mounted propagation=shared root=/ fstype=tmpfs source=root",
        "host: /a mounted propagation=slave",
        "host: /a mounted propagation=private,slave",
        "host: /a/b mounted propagation=shared,slave root=/x",
        "host: /a/../a//b/ mounted",
        "host: /secret mounted propagation=unbindable source=none",
        "host: '/with blank' mounted propagation=private fstype=ramfs",
        "host: /a/x absent",
        "host: /nowhere absent",
        "c1: /a mounted source=cover",
        "c1: /a/b absent",
        "c1: / mounted source=root",
        "c1: /t absent",
        "jail: /a mounted source=disk1",
        "jail: / absent",
        "c3: /proc/x mounted source=disk1",
        "host: /a/b same-as host: /x",
        "host: /a/b/y same-as host: /x/y",
        "host: / same-as host: /",
        "host: /a/sub same-as c2: /",
        "host: /a same-as jail: /a",
    ],
)
def test_what_holds(text: str) -> None:
    assert check(text) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("host: /a mounted propagation=shared", ["/a", "host", "propagation=shared", "slave"]),
        (
            "host: / mounted propagation=private source=disk",
            ["propagation=private", "shared", "source=disk", "root"],
        ),
        ("host: /a/b mounted propagation=shared", ["shared,slave"]),
        ("host: /x mounted", ["/x", "host", "none"]),
        ("host: /a absent", ["no mount at /a", "disk1", "slave"]),
        ("c9: /a absent", ["no terminal c9"]),
        ("host: /a same-as c9: /a", ["no terminal c9"]),
        ("host: /a same-as host: /", ["/a", "disk1", "0:20"]),
        ("host: /a/b same-as host: /x/y", ["/x/y"]),
        ("host: /a same-as c1: /a", ["disk1", "cover"]),
        ("jail: / same-as host: /", ["jail: /"]),
    ],
)
def test_what_does_not_hold_is_said_in_words(text: str, says: list[str]) -> None:
    sentence = check(text)

    assert sentence is not None
    for word in says:
        assert word in sentence


def test_exit_statuses_and_errors() -> None:
    busy = Outcome(32, errno="EBUSY")

    assert check("exit 32", busy) is None
    assert check("exit 32 EBUSY", busy) is None
    assert check("exit 0", busy) == "expected exit status 0, it is 32"
    assert "EBUSY" in (check("exit 32 EINVAL", busy) or "")
    assert "no error" in (check("exit 1 EINVAL", Outcome(1)) or "")


def test_an_errno_that_a_kernel_cannot_tell_is_not_held_against_it() -> None:
    assert check("exit 1 ENOENT", Outcome(1, errno=UNKNOWN)) is None
