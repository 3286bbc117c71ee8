"""A teacher's table: the progress files of a whole class, one row for each learner and misconception."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from mountlab.practice.misconceptions import misconceptions
from mountlab.practice.progress import Answered, LaterVersionError, ProgressError, answered, rows_in
from mountlab.practice.standing import Standing, standings
from mountlab.practice.words import say

COLUMNS = (
    "learner", "misconception", "title", "topic", "asked", "believed", "state", "last", "before", "after",
)  # fmt: skip
TESTS = ("before", "after")
"""Where the answers to the two tests are kept."""
STYLES = (("open", "#9c3d00", "///"), ("overcome", "#f0b060", ".."), ("held", "#e4e4e4", ""))
"""Colours that differ in lightness, and hatches: the picture may be printed, or seen without colour."""


class Learner(NamedTuple):
    """What one file says."""

    answers: tuple[Answered, ...]
    standing: Mapping[str, Standing]

    def right(self, test: str) -> tuple[int, int] | None:
        """How many questions of a test were right, of how many; None when it was not begun."""
        first: dict[str, bool] = {}
        for each in self.answers:
            if each.where == test:
                first.setdefault(each.question, each.correct)
        return (sum(first.values()), len(first)) if first else None


class Class(NamedTuple):
    """What was found in a directory."""

    learners: Mapping[str, Learner]
    """File name without its ending -> what it says."""
    refused: tuple[str, ...]
    """Files that are no progress, and why."""


def collect(directory: Path) -> Class:
    """Read every ``*.json`` of a directory.

    Raises:
        OSError: when the directory cannot be read.
    """
    learners: dict[str, Learner] = {}
    refused = []
    for path in sorted(path for path in directory.iterdir() if path.suffix.lower() == ".json"):
        try:
            answers = tuple(answered(row) for row in rows_in(path))
        except LaterVersionError:
            refused.append(say("collect.later", path=path))
        except ProgressError as error:
            refused.append(str(error))
        except OSError as error:
            refused.append(say("collect.unreadable", path=path, why=error.strerror))
        else:
            learners[path.stem] = Learner(answers, standings(answers))
    return Class(learners, tuple(refused))


def write_table(found: Class, file: TextIO) -> None:
    """The table as CSV: all misconceptions for all learners, those that were never asked about too.

    The last two columns are the learner's: how many answers were right in the tests before and after.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, learner in found.learners.items():
        tests = [right[0] if (right := learner.right(test)) else "" for test in TESTS]
        for one in learner.standing.values():
            met = misconceptions()[one.slug]
            row = (one.slug, _harmless(met.title), met.topic, one.asked, one.believed, one.state, one.last)
            writer.writerow((_harmless(name), *row, *tests))


def _harmless(text: str) -> str:
    """The name of a file or a title, such as "--bind …", must not become a formula in a spreadsheet."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def counts(found: Class) -> dict[str, dict[str, int]]:
    """Misconception -> state -> how many learners; only what somebody has been asked about."""
    table: dict[str, dict[str, int]] = {}
    for slug in misconceptions():
        states = [learner.standing[slug].state for learner in found.learners.values()]
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
    for test in TESTS:
        taken = [right for learner in found.learners.values() if (right := learner.right(test))]
        if taken:
            facts = {"right": sum(each[0] for each in taken), "asked": sum(each[1] for each in taken)}
            yield say("collect.test", title=say(f"collect.{test}"), count=len(taken), **facts)
    believed = most_open(counts(found))
    if believed:
        yield say("collect.believed")
    for slug, count in believed:
        yield say("collect.line", title=misconceptions()[slug].title, count=count)
    notes = [*_strange(found), *_twice(found)]
    if notes:
        yield say("collect.notes")
        yield from (f"  {note}" for note in notes)
    yield from refused_as_text(found)


def refused_as_text(found: Class) -> Iterable[str]:
    """The files that are not in the table."""
    if found.refused:
        yield say("collect.refused")
        yield from (f"  {why}" for why in found.refused)


def _strange(found: Class) -> Iterable[str]:
    """Learners whose rows say less than they seem to."""
    for name, learner in found.learners.items():
        about = [{*each.about, *each.believed} for each in learner.answers]
        count = sum(slugs.isdisjoint(misconceptions()) for slugs in about)
        if not learner.answers:
            yield say("collect.empty", learner=name)
        elif count:
            yield say("collect.unknown", learner=name, count=count, all=len(learner.answers))


def _twice(found: Class) -> Iterable[str]:
    """Files with answers that another one has, too: handed in again, or copied."""
    owner: dict[str, str] = {}
    for name, learner in found.learners.items():
        others = dict.fromkeys(owner[each.id] for each in learner.answers if each.id in owner)
        yield from (say("collect.twice", learner=name, other=other) for other in others)
        owner |= {each.id: name for each in learner.answers}
