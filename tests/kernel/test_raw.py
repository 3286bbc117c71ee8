"""The channel of raw system calls, and how fast it is."""

from __future__ import annotations

import time

import pytest

from mountlab.mountinfo import parse_table
from tests.kernel.laboratory import Lab

pytestmark = pytest.mark.kernel

BIND, MOVE, REC, SHARED, PRIVATE = 4096, 8192, 16384, 1 << 20, 1 << 18
NEWNS, NEWUSER = 0x20000, 0x10000000


def test_calls_answer_with_the_name_of_their_error(lab: Lab) -> None:
    steps = lab.backend.raw_batch(
        [
            ("a", "mkdir", ["/x"]),
            ("a", "mkdir", ["/x"]),
            ("a", "mount", ["/x", "/nope", None, BIND, None]),
            ("a", "umount2", ["/x", 0]),
            ("a", "mount", ["t", "/x", "tmpfs", 0, None]),
            ("b", "chdir", ["/x"]),
            ("a", "umount2", ["/x", 0]),
            ("a", "pivot_root", ["/", "/"]),
            ("a", "creat", ["/x/f"]),
            ("a", "rename", ["/x/f", "/x/g"]),
            ("a", "unlink", ["/x/g"]),
            ("a", "rmdir", ["/x"]),
            ("a", "chroot", ["/x"]),
        ]
    )

    assert [step.errno for step in steps] == [
        None, "EEXIST", "ENOENT", "EINVAL", None, None, "EBUSY", "EBUSY", None, None, None, "EBUSY", None,
    ]  # fmt: skip


def test_tables_of_watched_shells_follow_each_call(lab: Lab) -> None:
    steps = lab.backend.raw_batch(
        [
            ("a", "mount", [None, "/", None, SHARED, None]),
            ("b", "unshare", [NEWNS]),
            ("a", "mount", ["t", "/mnt", "tmpfs", 0, None]),
            ("b", "umount2", ["/mnt", 0]),
        ],
        watch=["a", "b"],
    )

    tables = [{name: len(parse_table(text)) for name, text in step.tables.items()} for step in steps]
    assert tables == [{"a": 1}, {"a": 1, "b": 1}, {"a": 2, "b": 2}, {"a": 1, "b": 1}]


def test_a_shell_that_is_gone_has_no_table(lab: Lab) -> None:
    operations = [("a", "chdir", ["/"]), ("b", "chdir", ["/"]), ("a", "exit", []), ("b", "chdir", ["/"])]
    steps = lab.backend.raw_batch(operations, watch=["a", "b"])

    assert [sorted(step.tables) for step in steps] == [["a"], ["a", "b"], ["b"], ["b"]]


def test_shells_move_between_namespaces(lab: Lab) -> None:
    lab.backend.raw_batch([("a", "unshare", [NEWNS]), ("b", "setns", ["a"])])
    assert [(table.id, table.shells) for table in lab.backend.tables()] == [(1, ()), (2, ("a", "b"))]

    assert lab.backend.raw("c", "unshare", NEWNS | NEWUSER, True) is None
    assert lab.backend.raw("c", "setns", "a") == "EPERM"
    assert lab.backend.raw("c", "mount", "t", "/mnt", "tmpfs") is None
    assert lab.backend.raw("d", "unshare", NEWNS | NEWUSER) is None
    assert lab.backend.raw("d", "mount", "t", "/mnt", "tmpfs") == "EPERM", "an unmapped user has no rights"
    assert lab.backend.raw("d", "exit") is None


@pytest.mark.parametrize(
    ("fstype", "answer"),
    [
        ("ramfs", None),
        ("sysfs", "EPERM"),
        ("devtmpfs", "EPERM"),
        ("cgroup2", "EPERM"),
        ("nosuchtype", "ENODEV"),
    ],
)
def test_file_system_types(lab: Lab, fstype: str, answer: str | None) -> None:
    assert lab.backend.raw("a", "mount", "t", "/mnt", fstype) == answer


@pytest.mark.alone
def test_thousands_of_calls_in_a_second(lab: Lab) -> None:
    pair = [("a", "mount", ["/tmp", "/mnt", None, BIND, None]), ("b", "umount2", ["/mnt", 2])]
    lab.backend.raw_batch(pair)
    start = time.perf_counter()
    lab.backend.raw_batch(pair * 1000, watch=["a", "b"])

    wanted = 100 if lab.backend.name == "uml" else 1000
    assert 2000 / (time.perf_counter() - start) > wanted, "aim at three times that on an idle machine"


@pytest.mark.alone
def test_a_fresh_machine_takes_milliseconds(lab: Lab) -> None:
    start = time.perf_counter()
    for _ in range(20):
        lab.backend.reset()
        lab.backend.open("a")

    assert (time.perf_counter() - start) / 20 < (0.5 if lab.backend.name == "uml" else 0.05)
