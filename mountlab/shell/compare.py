"""The first difference between what two worlds show after the same step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from mountlab.mountinfo import Canon, MountInfo, difference
from mountlab.nsfs import number_of
from mountlab.shell.backend import UNKNOWN, NamespaceTable, Outcome
from mountlab.shell.canonical import canonical_output
from mountlab.shell.complaints import shown
from mountlab.shell.syntax import CommandLine


class Observation(NamedTuple):
    """What one world shows after a step."""

    world: str
    """Its name, for messages."""
    outcome: Outcome | None
    """How the command ended; None for a line that only opens a terminal."""
    tables: Sequence[NamespaceTable]


def compare(
    line: CommandLine | None, ours: Observation, theirs: Observation, *, same_programs: bool = True
) -> str | None:
    """What differs first, in words; None when the worlds agree.

    Ids, peer groups, devices and the like are compared in canonical form: they differ from run to run.
    Without `same_programs` the texts that the programs print are not compared.
    """
    return next(_differences(line, ours, theirs, same_programs=same_programs), None)


def _differences(
    line: CommandLine | None, ours: Observation, theirs: Observation, *, same_programs: bool
) -> Iterator[str]:
    if ours.outcome and theirs.outcome:
        yield from _status_differences(ours, theirs)
    yield from _table_differences(ours, theirs)
    if line and ours.outcome and theirs.outcome and same_programs:
        mine, other = ours.outcome, theirs.outcome
        for name, here, there in (
            ("stdout", mine.stdout, other.stdout),
            ("stderr", mine.stderr, other.stderr),
        ):
            if here != there:
                found = _text_difference(line, (here, ours.world), (there, theirs.world))
                if found:
                    yield f"{name}: {found}"


def _status_differences(ours: Observation, theirs: Observation) -> Iterator[str]:
    mine, other = ours.outcome, theirs.outcome
    if mine is None or other is None:
        return
    if mine.exit != other.exit:
        yield f"exit status is {mine.exit} in the {ours.world} and {other.exit} in the {theirs.world}"
    if UNKNOWN not in (mine.errno, other.errno) and mine.errno != other.errno:
        yield f"errno is {mine.errno} in the {ours.world} and {other.errno} in the {theirs.world}"


def _table_differences(ours: Observation, theirs: Observation) -> Iterator[str]:
    worlds = (ours.world, theirs.world)
    left, right = Canon(), Canon()
    for canon, tables in ((left, ours.tables), (right, theirs.tables)):
        for table in tables:  # so that a namespace's file is the file of the same one in both worlds
            canon.name("ns", number_of(table.id))
    for number, (mine, other) in enumerate(zip(ours.tables, theirs.tables, strict=False), 1):
        for field in ("shells", "holders"):
            here, there = getattr(mine, field), getattr(other, field)
            if tuple(here) != tuple(there):
                yield (
                    f"namespace {number}: {field} are {_names(here)} in the {worlds[0]} "
                    f"and {_names(there)} in the {worlds[1]}"
                )
        for whose, here, there in _tables(mine, other):
            found = difference(left.table(here), right.table(there), worlds)
            if found:
                yield f"namespace {number}{whose}: {found}"
    if len(ours.tables) != len(theirs.tables):
        yield (
            f"there are {len(ours.tables)} namespaces in the {worlds[0]} "
            f"and {len(theirs.tables)} in the {worlds[1]}"
        )


def _tables(
    mine: NamespaceTable, other: NamespaceTable
) -> Iterator[tuple[str, Sequence[MountInfo], Sequence[MountInfo]]]:
    yield "", mine.mounts, other.mounts
    for shell in dict.fromkeys((*mine.views, *other.views)):
        yield f" as {shell} sees it", mine.seen_by(shell), other.seen_by(shell)


def _names(things: Sequence[object]) -> str:
    return ", ".join(str(thing) for thing in things) or "none"


def _text_difference(line: CommandLine, ours: tuple[str, str], theirs: tuple[str, str]) -> str | None:
    """The first line that is not the same in canonical form, as it was printed."""
    left, right = (canonical_output(line, text).split("\n") for text, _ in (ours, theirs))
    pairs = enumerate(zip_longest(left, right))
    number = next((number for number, (mine, other) in pairs if mine != other), None)
    if number is None:
        return None
    said = []
    for text, world in (ours, theirs):
        lines = text.split("\n")
        said.append(f"{shown(lines[number]) if number < len(lines) else 'missing'} in the {world}")
    return f"line {number + 1} is {said[0]} and {said[1]}"
