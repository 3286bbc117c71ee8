"""Where a learner stands: for each misconception what was asked, what was believed, what is last known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mountlab.practice.misconceptions import misconceptions
from mountlab.practice.progress import Answered
from mountlab.practice.words import SUBJECTS, say

STATES = ("open", "overcome", "held", "unmet")
"""What may be last known of a misconception: see `Standing.state`."""


class Standing(NamedTuple):
    """One learner and one misconception."""

    slug: str
    asked: int = 0
    """Questions that could have been answered by it."""
    believed: int = 0
    """Answers by it."""
    last: str = ""
    """When it was last asked about."""
    last_believed: bool = False

    @property
    def state(self) -> str:
        """``open``: the last answer was by it.  ``overcome``: an earlier one was.  ``held``: none was.

        ``unmet``: nothing was asked about it.
        """
        if not self.asked:
            return "unmet"
        if self.last_believed:
            return "open"
        return "overcome" if self.believed else "held"


def standings(answers: Iterable[Answered]) -> dict[str, Standing]:
    """All misconceptions, in the order of the catalogue."""
    found = {slug: Standing(slug) for slug in misconceptions()}
    for each in answers:
        for slug in dict.fromkeys((*each.about, *each.believed)):
            if slug in found:  # the catalogue of another version may have had others
                one, by_it = found[slug], slug in each.believed
                found[slug] = Standing(slug, one.asked + 1, one.believed + by_it, each.at, by_it)
    return found


def as_text(answers: Iterable[Answered], notices: Iterable[str] = ()) -> str:
    """A learner's progress for a terminal."""
    answers = list(answers)
    lines = [*notices]
    if not answers:
        return "\n".join([*lines, say("progress.none")])
    right = sum(each.correct for each in answers)
    lines += [say("progress.head", count=len(answers), right=right), ""]
    by_place: dict[str, list[Answered]] = {}
    for each in answers:
        by_place.setdefault(each.where, []).append(each)
    for where, group in sorted(by_place.items()):
        right = sum(each.correct for each in group)
        lines.append(say("progress.where", where=_name(where), right=right, count=len(group)))
    for state in ("open", "overcome"):
        mine = [one for one in standings(answers).values() if one.state == state]
        if mine:
            lines += ["", say(f"progress.{state}")]
            lines += [_line(one) for one in mine]
    return "\n".join(lines)


def _line(one: Standing) -> str:
    met = misconceptions()[one.slug]
    return say("progress.line", title=met.title, topic=SUBJECTS[met.topic], n=one.believed, of=one.asked)


def _name(where: str) -> str:
    return say("where.notebook", number=where) if where.isdecimal() else say(f"where.{where}", where=where)
