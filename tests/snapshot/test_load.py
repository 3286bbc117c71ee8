"""What is no snapshot is refused with a sentence that says what and where."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mountlab.invariants import broken
from mountlab.snapshot import Snapshot, SnapshotError, load, machine
from mountlab.snapshot.format import LARGEST_FILE

GOOD: dict[str, Any] = {
    "format": "mountlab snapshot", "version": 1, "kernel": "6.18", "redacted": False,
    "rows": ["8:1 / / rw - ext4 /dev/sda1 rw", "0:40 / /a rw - tmpfs t rw"],
    "files": [],
    "namespaces": [
        {
            "inode": 4026531832,
            "views": [
                {"name": "host", "pid": 1, "process": "init", "root": "/", "root_mount": None,
                 "mounts": [[27, 1, 0, 1], [30, 27, 1]]}
            ],
            "processes": [[1, "init", 0, "/", None]],
        }
    ],
    "unread": [],
    "remarks": [],
}  # fmt: skip


def changed(path: str, value: object) -> str:
    """The good snapshot with one value replaced; ``del`` as value takes the key away."""
    snapshot = copy.deepcopy(GOOD)
    *way, last = [int(word) if word.isdigit() else word for word in path.split(".")]
    place: Any = snapshot
    for word in way:
        place = place[word]
    if value == "del":
        del place[last]
    else:
        place[last] = value
    return json.dumps(snapshot)


def refusal(text: str) -> str:
    with pytest.raises(SnapshotError) as refused:
        load(text)
    return str(refused.value)


def test_the_good_one_is_read_and_makes_a_machine() -> None:
    snapshot = load(json.dumps(GOOD))

    assert len(machine(snapshot).tables()[0].mounts) == 2
    assert load(snapshot.dump()) == snapshot


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        ("format", "other", 'does not begin with "format"'),
        ("version", 2, "version 2; this mountlab reads version 1"),
        ("version", True, "version true"),
        ("rows", "del", "the snapshot: the key 'rows' is missing"),
        ("rows", {}, "the snapshot: rows: a list should stand there, not {}"),
        ("rows.1", "0:40 / /a rw", "row 1: "),
        ("rows.1", 7, "row 1: 7 is no mountinfo line"),
        ("rows.1", "x:y / /a rw - tmpfs t rw", "row 1: "),
        ("rows.1", "0:40 / a rw - tmpfs t rw", "row 1: "),
        ("kernel", 6, "kernel: a text or null"),
        ("redacted", 1, "redacted: true or false"),
        ("files", [9], "files: there is no row 9; there are 2"),
        ("namespaces", [], "it holds no mount namespace"),
        ("namespaces.0", 1, "namespace 1: an object"),
        ("namespaces.0.inode", "x", "namespace 1: inode: a number or null"),
        ("namespaces.0.views", [], "namespace 1: a namespace needs at least one view"),
        ("namespaces.0.views.0.name", "1x", "view 0: '1x' is no name for a terminal"),
        ("namespaces.0.views.0.mounts", "del", "namespace 1, view 0: the key 'mounts' is missing"),
        ("namespaces.0.views.0.mounts.1", [30, 27], "namespace 1, view 0: a list of 3 to 7 numbers"),
        ("namespaces.0.views.0.mounts.1", [30, 27, 2], "there is no row 2; there are 2"),
        ("namespaces.0.views.0.mounts.1", [0, 27, 1], "the id of a mount, above 0"),
        ("namespaces.0.views.0.mounts.1", [30, -1, 1], "a number from 0"),
        ("namespaces.0.views.0.mounts.1", [30, 27, 1, True], "a number from 0"),
        ("namespaces.0.views.0.mounts.1", [30, 27, 1, 10**30], "a number from 0"),
        ("namespaces.0.views.0.mounts.1", [27, 27, 1], "mount 27 is there twice"),
        ("namespaces.0.processes.0", [1, "init", 3, "/", None], "there is no view 3; there are 1"),
        ("namespaces.0.processes.0", [1, "init"], "[pid, name, view, working directory, mount]"),
        ("namespaces.0.processes", [[1, "a", 0, "/", None]] * 2, "process 1 is there twice"),
        ("unread", [1], "unread: "),
    ],
)
def test_a_sentence_says_what_is_wrong_and_where(path: str, value: object, wanted: str) -> None:
    assert wanted in refusal(changed(path, value))


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", "is not JSON"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "bytes that are no text"),
        (b"\xff\xfe{\0", "bytes that are no text"),
        (b"host# mount /a\n", "line 1, column 1 is not JSON"),
        (b'{"format": "mountlab snapshot",\n "version": }', "line 2, column 13"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not JSON"),
        (b"[1, 2]", 'does not begin with "format"'),
        (b"27 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "one process's mount table"),
    ],
)
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, data: bytes, wanted: str) -> None:
    file = tmp_path / "node.json"
    file.write_bytes(data)

    with pytest.raises(SnapshotError) as refused:
        load(file)

    assert str(refused.value).startswith(str(file)[:100])
    assert wanted in str(refused.value)


def test_a_hundred_megabytes_a_directory_and_nothing_are_refused(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(100_000_000)
    for path, wanted in ((large, "64 MiB"), (tmp_path, "directory"), (tmp_path / "no", "No such file")):
        with pytest.raises(SnapshotError, match=wanted):
            load(path)
    assert LARGEST_FILE < 100_000_000


def test_mounts_that_stand_on_each_other_in_a_circle_make_no_machine() -> None:
    text = changed("namespaces.0.views.0.mounts", [[27, 1, 0], [30, 31, 1], [31, 30, 1]])

    with pytest.raises(SnapshotError, match="host: mounts 30, 31 stand on each other in a circle"):
        machine(load(text))


TEXTS = st.sampled_from(["/", "host", "", "8:1 / / rw - a b c"])
WORDS = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 40) | TEXTS,
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=10,
)
PLACES = st.sampled_from(
    ["rows", "rows.1", "files", "namespaces.0.views.0.mounts", "namespaces.0.views.0.mounts.1", "unread",
     "namespaces.0.processes", "namespaces.0.views.0.root_mount", "namespaces.0.views.0.root", "kernel"]
)  # fmt: skip


@given(PLACES, WORDS)
def test_nothing_that_is_written_into_a_snapshot_breaks_anything(path: str, value: object) -> None:
    try:
        made = machine(Snapshot.load(changed(path, value)))
        made.tables()
    except SnapshotError as refused:
        assert len(str(refused)) < 500  # noqa: PT017 - some values are good, most are refused


ENTRIES = st.lists(
    st.tuples(
        st.integers(1, 6), st.integers(0, 7), st.integers(0, 1), *[st.integers(0, 3)] * 3, st.booleans()
    ),
    max_size=6,
    unique_by=lambda entry: entry[0],
)


@given(ENTRIES, ENTRIES, st.sampled_from([None, "/", "/a", "/x"]), st.sampled_from([None, 1, 2, 9]))
def test_tables_that_contradict_each_other_still_make_a_sound_machine(
    first: list[Any], second: list[Any], root: str | None, root_mount: int | None
) -> None:
    """Tables of a busy machine are read one after the other, while they change."""
    snapshot = copy.deepcopy(GOOD)
    for number, entries in enumerate((first, second)):
        view = snapshot["namespaces"][0]["views"][0] | {"name": f"c{number}", "root": root}
        view |= {"mounts": [[*map(int, entry)] for entry in entries], "root_mount": root_mount}
        snapshot["namespaces"].append({"inode": None, "views": [view], "processes": []})
    both = [each["views"][0] | {"name": f"d{n}"} for n, each in enumerate(snapshot["namespaces"][1:])]
    snapshot["namespaces"].append({"inode": None, "views": both, "processes": []})
    try:
        made = machine(load(json.dumps(snapshot)))
    except SnapshotError as refused:
        assert "circle" in str(refused)  # noqa: PT017 - it may be refused for this reason only
        return
    assert not broken(made.sim.vfs)
    made.tables()
