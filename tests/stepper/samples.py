"""Traces for the stepper: one from the simulator, one made by hand, one with a thousand mounts."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse
from mountlab.view.frames import frames

Data = dict[str, Any]
MODULE = Path(__file__).resolve().parents[2] / "mountlab" / "view" / "stepper.js"

LESSON = """
host# mkdir -p /a /b
host# mount -t tmpfs disk /a
host# mkdir /a/x /a/y /a/z
host# mount --make-shared /a
host# mount --bind /a /b
c1# unshare -m --propagation unchanged
c2# unshare -m --propagation slave
host# mount -t tmpfs disk2 /a/x
c1# mount --make-private /b
c2# mount -t tmpfs own /a/y
host# mount -t tmpfs disk3 /b/z
c1# mount --make-unbindable /b
host# umount /a/x
c2# mount --bind /nope /a
c2# mount -o remount,bind,ro /a/y
host# mount -t tmpfs over /b
"""
MADE, COPIES, FAILED = 1, 7, 13
"""Commands of the lesson, counted from 0: the first mount, the one with five copies, the one that fails."""


def lesson(lines: int | None = None) -> Data:
    """Peers, slaves, a mount that is left out, a stack, an error; or its first lines only."""
    data: Data = json.loads(_lesson(lines))
    return data


@cache
def _lesson(lines: int | None) -> str:
    return json.dumps(traced("\n".join(LESSON.strip().splitlines()[:lines]) + "\n"))


def machine(text: str) -> SimulatorBackend:
    """The simulator after a transcript."""
    transcript = parse(text, "sample")
    backend = SimulatorBackend(transcript.header.get("init", "bare"))
    for _ in play(transcript, backend):
        pass
    return backend


def traced(text: str) -> Data:
    """What the stepper is given of a transcript, but for where it opens: tests begin at the start."""
    data = frames(machine(text))
    del data["at"]
    return data


def box(column: int, row: int, lane: int = 0, **fields: object) -> Data:
    """All fields of a new box."""
    plain = {"id": None, "up": None, "fs": 0, "root": "/", "opt": "rw", "sopt": "rw", "why": []}
    zero = dict.fromkeys(("sh", "ma", "pf", "ub", "hid"), 0)
    return {"c": column, "r": row, "l": lane, **plain, **zero, **fields}


def grid(columns: int, paths: list[str], boxes: list[Data], commands: list[Data] | None = None) -> Data:
    """Data made by hand: these boxes from the start, every path right below ``/``."""
    return {
        "v": 1, "name": "by hand", "closed": [], "narrow": [], "texts": [],
        "columns": [{"ns": n + 1, "title": f"namespace {n + 1}", "view": None} for n in range(columns)],
        "rows": [{"path": p, "label": p, "up": min(r, 1) - 1, "lanes": 1} for r, p in enumerate(paths)],
        "filesystems": [{"dev": "0:1", "type": "tmpfs", "source": "disk", "glyph": "●", "colour": 0}],
        "start": {"set": list(enumerate(boxes)), "live": [[n, True] for n in range(columns)],
                  "shells": [[n, [f"s{n}"]] for n in range(columns)]},
        "commands": commands or [],
    }  # fmt: skip


def thousand() -> Data:
    """Ten namespaces with a hundred mounts each, and commands that give every namespace one more."""
    paths = ["/", *(f"/p{n}" for n in range(105))]

    def member(c: int, r: int) -> Data:
        return box(c, r, ma=r + 1) if c else box(c, r, sh=r + 1)

    boxes = [member(c, r) for c in range(10) for r in range(100)]
    commands = []
    for n in range(5):
        steps = []
        for c in range(10):
            act = {"kind": "copy", "box": 1000 + 10 * n + c, "from": 1000 + 10 * n}
            steps.append({"say": f"copy {c}", "act": act, "d": {"set": [[act["box"], member(c, 100 + n)]]}})
        commands.append({"n": n, "shell": "s0", "text": f"mount {n}", "exit": 0, "say": "", "steps": steps})
    return grid(10, paths, boxes, commands)


def spoiled(seed: int) -> Data:
    """The lesson with a few of its values replaced by others."""
    chance, data = random.Random(seed), lesson(9)
    for _ in range(chance.randint(1, 3)):
        at: Any = data
        while True:
            key = chance.choice(list(at) if isinstance(at, dict) else range(len(at)))
            if not isinstance(at[key], (dict, list)) or not at[key] or chance.random() < 0.15:
                break
            at = at[key]
        at[key] = chance.choice([None, -1, 10**12, 0.5, "", "x", [], {}, [[]], [None], True, {"d": 1}])
    return data
