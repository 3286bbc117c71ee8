"""The stepper's pure functions, run by node: states, links, checks."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mountlab.view import scene
from tests.stepper.samples import MODULE, Data, box, grid, lesson, spoiled, traced

LIBRARY = Path(__file__).resolve().parents[2] / "mountlab" / "library"
TRANSCRIPTS = sorted(LIBRARY.glob("*.mnt"))[::6]


def node(body: str, given: object) -> Any:
    """What ``body`` returns; it sees the module as ``m`` and what is given as ``x``."""
    program = shutil.which("node")
    if not program:
        pytest.skip("node is not installed (Debian: apt-get install nodejs npm)")
    script = (
        f"import * as m from {json.dumps(MODULE.as_uri())};"
        "let t = ''; for await (const c of process.stdin) t += c; const x = JSON.parse(t);"
        f"process.stdout.write(JSON.stringify((() => {{ {body} }})() ?? null));"
    )
    done = subprocess.run(
        [program, "--input-type=module", "-e", script],
        input=json.dumps(given), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


FOLDED = """return x.at.map(([command, step]) => { const s = m.fold(x.data, { command, step });
    const taken = new Set(Object.values(s.boxes).map((box) => `${box.c},${box.r}`));
    return { boxes: s.boxes, links: m.links(s), live: s.columns.map((c) => c.live),
             shells: s.columns.map((c) => c.shells),
             empty: Object.keys(s.empty).filter((k) => m.isEmpty(s, taken, k)) }; });"""


def check_same(data: Data) -> None:
    """The browser's states and links are those of the other painters, at every position."""
    at = list(scene.positions(data))
    for (command, step), found in zip(at, node(FOLDED, {"data": data, "at": at}), strict=True):
        wanted = scene.fold(data, command, step)
        boxes = {str(b.number): (b.column, b.row, b.lane, b.shared, b.master, b.hidden) for b in wanted.boxes}
        keys = ("c", "r", "l", "sh", "ma")
        assert {k: (*(b[f] for f in keys), bool(b["hid"])) for k, b in found["boxes"].items()} == boxes
        links = {(each.start, each.to, each.is_slave, each.group) for each in wanted.links}
        assert {(k["a"], k["b"], k["kind"] == "slave", k["group"]) for k in found["links"]} == links
        assert found["live"] == [column.is_live for column in wanted.columns]
        assert found["shells"] == [list(column.shells) for column in wanted.columns]
        assert sorted(found["empty"]) == sorted(f"{c},{r}" for c, r in wanted.empty)


def test_the_browser_folds_and_links_as_the_other_painters_do() -> None:
    check_same(lesson())


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_browser_folds_the_library_as_the_other_painters_do(path: Path) -> None:
    check_same(traced(path.read_text()))


def test_peers_are_joined_one_to_the_next() -> None:
    data = grid(3, ["/", "/a"], [box(2, 0, sh=7), box(0, 1, sh=7), box(0, 0, sh=7), box(1, 0, sh=8)])
    links = node("return m.links(m.fold(x))", data)
    assert [(k["a"], k["b"], k["kind"], k["group"]) for k in links] == [(2, 1, "peer", 7), (1, 0, "peer", 7)]


@pytest.mark.parametrize(
    ("masters", "nearest"),
    [
        ([(0, 2), (2, 1)], 0),  # the same row, though two columns away
        ([(0, 0), (1, 3)], 1),  # no such row: the nearest column
        ([(1, 0), (1, 3)], 1),  # the same column: the nearest row
        ([(1, 1), (1, 3)], 0),  # as near: the first
    ],
)
def test_a_slave_is_linked_to_its_nearest_master(masters: list[tuple[int, int]], nearest: int) -> None:
    boxes = [box(c, r, sh=1) for c, r in masters] + [box(2, 2, ma=1)]
    links = node("return m.links(m.fold(x))", grid(3, ["/", "/a", "/b", "/c"], boxes))
    assert [(k["a"], k["b"]) for k in links if k["kind"] == "slave"] == [(nearest, 2)]


def test_a_slave_whose_master_is_not_shown_has_no_link() -> None:
    assert node("return m.links(m.fold(x))", grid(1, ["/"], [box(0, 0, ma=4)])) == []


def test_fields_that_do_not_exist_are_not_taken_over() -> None:
    data = grid(1, ["/"], [box(0, 0, onclick="x")])
    assert "onclick" not in node("return m.fold(x).boxes[0]", data)


@pytest.mark.parametrize("data", [lesson(), grid(2, ["/"], []), {"v": 1, "pair": [lesson(3), lesson(4)]}])
def test_good_data_has_no_problem(data: Data) -> None:
    assert node("return m.problem(x)", data) is None


WRONG: list[tuple[str, Any]] = [
    ("version", lambda d: d.update(v=2)),
    ("“rows”", lambda d: d.update(rows=None)),
    ("row 3", lambda d: d["rows"][3].update(up=3)),
    ("places", lambda d: d["rows"][1].update(lanes=10**9)),
    ("column that is not there", lambda d: d["start"]["set"][0][1].update(c=99)),
    ("row that is not there", lambda d: d["start"]["set"][0][1].update(r=99)),
    ("filesystem", lambda d: d["start"]["set"][0][1].update(fs=9)),
    ("no number", lambda d: d["start"]["set"][0][1].update(sh=0.5)),
    ("lacks fields", lambda d: d["start"]["set"].append([5, {"sh": 1}])),
    ("in command 1", lambda d: d["commands"][1]["steps"].append(None)),
    ("column is named", lambda d: d["start"].update(live=[[-1, True]])),
]


def test_what_is_wrong_with_data_is_said_in_one_sentence() -> None:
    cases = [lesson() for _ in WRONG]
    for data, (_, spoil) in zip(cases, WRONG, strict=True):
        spoil(data)
    for sentence, (words, _) in zip(node("return x.map(m.problem)", cases), WRONG, strict=True):
        assert words in sentence
        assert "\n" not in sentence


def test_no_data_breaks_the_functions() -> None:
    walk = "for (const d of x) if (m.problem(d) === null) m.links(m.fold(d, { command: 99 }));"
    node(walk, [spoiled(seed) for seed in range(300)])
