"""A teacher's table: the progress files of a whole class, one row for each learner and misconception."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from mountlab.practice.misconceptions import misconceptions
from mountlab.practice.progress import ProgressError, answered, rows_in
from mountlab.practice.standing import Standing, standings
from mountlab.practice.words import say

COLUMNS = ("learner", "misconception", "title", "topic", "asked", "believed", "state", "last")
STYLES = (("open", "#9c3d00", "///"), ("overcome", "#f0b060", ".."), ("held", "#e4e4e4", ""))
"""Colours that differ in lightness, and hatches: the picture may be printed, or seen without colour."""


class Class(NamedTuple):
    """What was found in a directory."""

    learners: Mapping[str, Mapping[str, Standing]]
    """File name without its ending -> where that learner stands."""
    refused: tuple[str, ...]
    """Files that are no progress, and why."""


def collect(directory: Path) -> Class:
    """Read every ``*.json`` of a directory.

    Raises:
        OSError: when the directory cannot be read.
    """
    learners: dict[str, Mapping[str, Standing]] = {}
    refused = []
    for path in sorted(path for path in directory.iterdir() if path.suffix == ".json"):
        try:
            rows = rows_in(path)
        except ProgressError as error:
            refused.append(str(error))
        except OSError as error:
            refused.append(say("collect.unreadable", path=path, why=error.strerror))
        else:
            learners[path.stem] = standings(answered(row) for row in rows)
    return Class(learners, tuple(refused))


def write_table(found: Class, file: TextIO) -> None:
    """The table as CSV: all misconceptions for all learners, those that were never asked about too."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for learner, standing in found.learners.items():
        for one in standing.values():
            met = misconceptions()[one.slug]
            row = (one.slug, met.title, met.topic, one.asked, one.believed, one.state, one.last)
            writer.writerow((_harmless(learner), *row))


def _harmless(learner: str) -> str:
    """A file's name must not become a formula in somebody's spreadsheet."""
    return f"'{learner}" if learner[:1] in ("=", "+", "-", "@", "\t") else learner


def counts(found: Class) -> dict[str, dict[str, int]]:
    """Misconception -> state -> how many learners; only what somebody has been asked about."""
    table: dict[str, dict[str, int]] = {}
    for slug in misconceptions():
        states = [standing[slug].state for standing in found.learners.values()]
        if any(state != "unmet" for state in states):
            table[slug] = {state: states.count(state) for state in ("open", "overcome", "held")}
    return table


def draw(found: Class, path: Path) -> None:
    """A bar for each misconception: how many learners answer by it, how many did once, how many never did.

    Raises:
        ImportError: where matplotlib is not installed.
        OSError: when the file cannot be written.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - only a teacher who draws needs it
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    table = counts(found)
    order = sorted(table, key=lambda slug: (table[slug]["open"], table[slug]["overcome"]))
    figure = Figure(figsize=(9, 1.6 + 0.3 * len(order)), layout="constrained")
    axes = figure.subplots()
    left = [0] * len(order)
    for state, colour, hatch in STYLES:
        widths = [table[slug][state] for slug in order]
        axes.barh(range(len(order)), widths, left=left, color=colour, hatch=hatch, edgecolor="#333333",
                  label=say(f"collect.{state}"))  # fmt: skip
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axes.margins(y=0.01)
    axes.set_yticks(range(len(order)), [misconceptions()[slug].title for slug in order])
    axes.set_xlabel(say("collect.axis", count=len(found.learners)))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(say("collect.title"), loc="left")
    if order:
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def most_open(table: Mapping[str, Mapping[str, int]], most: int = 5) -> Sequence[tuple[str, int]]:
    """The misconceptions by which most learners still answer."""
    ranked = sorted(table.items(), key=lambda item: -item[1]["open"])
    return [(slug, states["open"]) for slug, states in ranked if states["open"]][:most]


def as_text(found: Class) -> Iterable[str]:
    """What a teacher should look at first."""
    yield say("collect.learners", count=len(found.learners))
    for slug, count in most_open(counts(found)):
        yield say("collect.line", title=misconceptions()[slug].title, count=count)
    yield from found.refused
