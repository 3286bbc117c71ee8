"""Where things stand: the same path at the same height, stacks in lanes, big trees folded."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mountlab.snapshot import machine as loaded
from mountlab.snapshot import take
from mountlab.view.frames import frames
from mountlab.view.scene import fold, positions
from mountlab.view.text import text
from tests.view.worlds import data, random_machine

STACK = ("host# mkdir /a", "host# mount -t tmpfs one /a", "host# mount -t tmpfs two /a")


def test_rows_are_all_paths_of_the_trace_depth_first() -> None:
    shown = data("host# mkdir -p /b /a/x", "host# mount -t tmpfs b /b", "host# mount -t tmpfs x /a/x")

    assert [row["path"] for row in shown["rows"]] == ["/", "/a/x", "/b"]
    assert [row["up"] for row in shown["rows"]] == [-1, 0, 0]


def test_what_covers_stands_in_the_lane_above() -> None:
    scene = fold(data(*STACK))
    lanes = {box.source: (box.row, box.lane) for box in scene.boxes}

    assert lanes["one"] == (1, 0)
    assert lanes["two"] == (1, 1)
    assert [box.source for box in scene.boxes if box.hidden] == ["one"]


def test_a_copy_that_slips_beneath_has_its_lane_from_the_start() -> None:
    shown = data(
        "host# mkdir /a", "host# mount -t tmpfs disk /a", "host# mount --make-shared /a", "host# mkdir /a/x",
        "c1# unshare --mount --propagation slave", "c1# mount -t tmpfs own /a/x",
        "host# mount -t tmpfs stick /a/x",
    )  # fmt: skip
    before = {box.source: box.lane for box in fold(shown, 5).boxes if box.column == 1}
    after = {box.source: box.lane for box in fold(shown).boxes if box.column == 1}

    assert after["stick"] == 0
    assert before["own"] == after["own"] == 1


def test_namespaces_are_columns_and_a_chrooted_view_has_its_own() -> None:
    shown = data("host# mkdir /jail", "host# mount -t tmpfs jail /jail", "c1# chroot /jail", "c2# unshare -m")
    scene = fold(shown)

    assert [(column.title, column.shells) for column in scene.columns] == [
        ("namespace 1", ("host",)),
        ("namespace 1 as c1 sees it", ("c1",)),
        ("namespace 2", ("c2",)),
    ]


def test_a_namespace_that_ended_is_no_longer_live() -> None:
    shown = data("host# true", "c1# unshare --mount", "c1# exit")

    assert [column.is_live for column in fold(shown, 1).columns] == [True, True]
    assert [column.is_live for column in fold(shown).columns] == [True, False]
    assert "namespace 2" not in text(fold(shown))


def test_empty_places_are_where_another_namespace_has_a_mount() -> None:
    scene = fold(data("c1# unshare --mount", "host# mount -t tmpfs disk /mnt"))

    assert [(column, scene.rows[row].path) for column, row in scene.empty] == [(1, "/mnt")]


def test_a_big_tree_is_folded_and_counts_what_it_holds() -> None:
    names = [f"/data/{group}/{number}" for group in "abcde" for number in range(40)]
    lines = ["host# mkdir -p " + " ".join(names), *(f"host# mount -t tmpfs m {name}" for name in names)]
    scene = fold(data(*lines))

    assert len(scene.visible_rows()) <= 30
    assert "/data/a and below: 40 mounts" in text(scene)
    assert len(text(scene).splitlines()) < 30


def test_many_namespaces_begin_narrow_but_for_those_in_which_somebody_types() -> None:
    lines = [f"c{number}# unshare --mount" for number in range(12)]
    shown = data(*lines, "c11# mount -t tmpfs disk /mnt")

    assert len(shown["columns"]) - len(shown["narrow"]) == 5


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_jumps_unless_it_is_moved(seed: int) -> None:
    shown = frames(random_machine(seed))
    scenes = [fold(shown, *position) for position in positions(shown)]
    for one, following in pairwise(scenes):
        after = {box.number: box for box in following.boxes}
        for box in one.boxes:
            later = after.get(box.number)
            if later is not None and later.path == box.path:
                assert (later.column, later.row, later.lane) == (box.column, box.row, box.lane)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_no_two_boxes_share_a_place(seed: int) -> None:
    shown = frames(random_machine(seed))
    for position in positions(shown):
        places = [(box.column, box.row, box.lane) for box in fold(shown, *position).boxes]
        assert len(places) == len(set(places)), position


def test_a_lesson_of_thirty_commands_is_small() -> None:
    lines = ["host# mkdir -p /a /b", "host# mount -t tmpfs disk /a", "host# mount --make-shared /a",
             "host# mount --bind /a /b", "c1# unshare --mount --propagation slave", "c2# unshare --mount",
             "c3# unshare --mount --propagation shared"]  # fmt: skip
    for number in range(7):
        lines += [f"host# mkdir /a/{number}", f"host# mount -t tmpfs stick{number} /a/{number}"]
        lines += [f"c1# umount /b/{number}"]
    lines += ["host# umount /a/0", "host# umount /a/1"]
    shown = data(*lines)

    assert len(shown["commands"]) == 30
    assert len(json.dumps(shown, separators=(",", ":"))) < 150_000


def test_a_snapshot_shows_its_terminals_and_no_other_process(tmp_path: Path) -> None:
    for pid, name in ((1, "init"), (9, "worker"), (10, "worker")):
        (tmp_path / str(pid)).mkdir()
        rows = f"{1 if pid == 1 else 3} 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
        (tmp_path / str(pid) / "mountinfo").write_text(rows)
        (tmp_path / str(pid) / "comm").write_text(f"{name}\n")
    scene = fold(frames(loaded(take(str(tmp_path)))))

    assert [column.shells for column in scene.columns] == [("host",), ("worker",)]
