"""The shapes of all drills, kept in a file: to find one takes a second, and in a browser ten.

To make the file again, after a change of situations or beliefs: ``python -m mountlab.practice.kept`` (some
minutes), with the names of topics for these alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from mountlab.practice.asked import Draft, Place
from mountlab.practice.shapes import MOVES, shape
from mountlab.practice.situations import SITUATIONS

FILE = "catalogue/drills.jsonl"
SHAPES = 40
"""So many different shapes there are of each topic and difficulty; names make many questions of each."""


def text_of() -> str:
    """The file."""
    return (files("mountlab.practice") / FILE).read_text(encoding="utf-8")


@cache
def kept() -> dict[tuple[str, int], tuple[Draft, ...]]:
    """The shapes by topic and difficulty."""
    found: dict[tuple[str, int], list[Draft]] = {}
    for line in text_of().splitlines():
        topic, difficulty, _, draft = _read(line)
        found.setdefault((topic, difficulty), []).append(draft)
    return {key: tuple(drafts) for key, drafts in found.items()}


def line_of(topic: str, difficulty: int, number: int) -> str:
    """One line of the file: the shape of that number, made anew."""
    draft = shape(topic, difficulty, number)
    row = {
        "topic": topic,
        "difficulty": difficulty,
        "number": number,
        "init": draft.init,
        "kind": draft.kind,
        "story": draft.story.splitlines(),
        "asked": draft.asked.splitlines(),
        "shows": draft.shows,
        "places": [str(place) for place in draft.places],
        "misconceptions": list(draft.misconceptions),
    }
    return json.dumps(row)


def _read(line: str) -> tuple[str, int, int, Draft]:
    row = json.loads(line)
    places = tuple(Place(*place.split(": ")) for place in row["places"])
    story, asked = "\n".join(row["story"]), "\n".join(row["asked"])
    told = tuple(row["misconceptions"])
    draft = Draft("", row["kind"], story, asked, places, row["shows"], told, init=row["init"])
    return row["topic"], row["difficulty"], row["number"], draft


def lines(topic: str) -> Iterator[str]:
    """The lines of one topic: of each difficulty the first shapes that are not the same as an earlier one."""
    seen: set[Draft] = set()
    for difficulty in MOVES:
        number, enough = 0, len(seen) + SHAPES
        while len(seen) < enough:
            line = line_of(topic, difficulty, number)
            draft = _read(line)[3]._replace(misconceptions=())
            if draft not in seen:
                seen.add(draft)
                yield line
            number += 1


def main() -> None:
    """Write the file."""
    path = Path(__file__).parent / FILE
    wanted = sys.argv[1:] or list(SITUATIONS)
    before = text_of().splitlines() if path.exists() else []
    made = []
    for topic in SITUATIONS:
        old = [line for line in before if f'"topic": "{topic}"' in line]
        made += list(lines(topic)) if topic in wanted else old
    path.write_text("".join(line + "\n" for line in made), encoding="utf-8")


if __name__ == "__main__":
    main()
