"""Checks a learner's own `receivers` function against the engine, and draws the smallest case where it errs.

    from mountlab.course.receivers import check

    def receivers(mounts, start, directory):
        return [each.name for each in mounts if …]

    check(receivers)

The function is told of all mounts of one filesystem, of the one on which somebody mounts, and at which
directory of the filesystem; it returns the names of all others that receive a copy.  The situations are
tried from small to large: with one, two and three mounts, with four that show the whole filesystem, and the
twelve mounts of the last figure in sharedsubtree.rst.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from IPython.display import publish_display_data

from mountlab.events import Received
from mountlab.model import MS_BIND, MS_SHARED, MS_SLAVE
from mountlab.simulator import Simulator
from mountlab.view.display import Bundle, bundle, show


class Seen(NamedTuple):
    """A mount as the learner's function sees it."""

    name: str
    """Its mountpoint, such as ``/a``."""
    group: int
    """``shared:N``; 0 when it is not shared."""
    master: int
    """``master:N``; 0 when it listens to nobody."""
    shows: str
    """The directory of the filesystem that it shows: its root."""


class Added(NamedTuple):
    """One more mount: a bind of an earlier one, and what is said to one of the two then."""

    origin: int
    words: tuple[str, ...] = ()
    part: bool = False
    """Only the directory x is bound."""
    to_origin: bool = False
    """The words are said to the mount that was bound, not to the new one."""


class Situation(NamedTuple):
    """Some mounts, and where somebody mounts something new."""

    commands: tuple[str, ...]
    mounts: tuple[Seen, ...]
    start: Seen
    directory: str
    expected: frozenset[str]


Receivers = Callable[[list[Seen], Seen, str], Iterable[str | Seen]]
WORDS = {"slave": MS_SLAVE, "shared": MS_SHARED}
SLAVE, RELAY = ("slave",), ("slave", "shared")
SAID = (((), False), (SLAVE, False), (("shared",), False), (RELAY, False), (SLAVE, True), (RELAY, True))
"""Words, and whether they are said to the mount that was bound."""
DIRECTORIES = ("/z", "/x", "/x/y")
NAMES = "abcdefghijkl"
SMALL, WHOLE = 3, 4
"""So many mounts may show parts of the filesystem; so many that all show the whole."""
LAST_FIGURE = (
    Added(0), Added(0), Added(0),  # b, c, d: peers of a
    Added(0, RELAY), Added(0, SLAVE), Added(0, SLAVE),  # e, f, g: slaves of a
    Added(2, SLAVE), Added(3, SLAVE),  # h of c, i of d
    Added(4), Added(9, SLAVE), Added(9, SLAVE),  # j: a peer of e; k and l: slaves of j
)  # fmt: skip
"""sharedsubtree.rst 8A, with names in the order in which they are made here."""
Plan = tuple[bool, tuple[Added, ...]]
"""Whether the first mount is shared, and what is added."""


# -- the situations ------------------------------------------------------------------------------------------


def situations() -> Iterator[Situation]:
    """All that are tried, from small to large; no two of them alike."""
    for count in range(1, WHOLE + 1):
        yield from _level(count).situations
    yield from _last_figure()


class _Level(NamedTuple):
    """All with the same number of mounts."""

    plans: tuple[Plan, ...]
    situations: tuple[Situation, ...]


@cache
def _level(count: int) -> _Level:
    plans: Iterable[Plan] = [(True, ()), (False, ())]
    if count > 1:
        plans = [longer for plan in _level(count - 1).plans for longer in _longer(*plan)]
    fresh: dict[object, Plan] = {}
    found: list[Situation] = []
    for plan in plans:
        made = _Made(*plan)
        if fresh.setdefault(made.pattern(), plan) is plan:
            found += made.situations()
    found.sort(key=lambda each: (any(seen.shows != "/" for seen in each.mounts), len(each.commands)))
    return _Level(tuple(fresh.values()), tuple(found))


@cache
def _last_figure() -> tuple[Situation, ...]:
    return tuple(_Made(True, LAST_FIGURE).situations())


def _longer(shared: bool, added: tuple[Added, ...]) -> Iterator[Plan]:
    """The plans with one mount more; the larger ones show all of the filesystem."""
    count = len(added) + 2
    small = count <= SMALL
    if not small and any(each.part for each in added):
        return
    for origin, (words, to_origin), part in itertools.product(range(count - 1), SAID, (False, True)):
        if small or not (part or to_origin):
            yield shared, (*added, Added(origin, words, part, to_origin))


class _Made:
    """A machine with these mounts."""

    def __init__(self, shared: bool, added: Sequence[Added]) -> None:
        self.sim = Simulator()
        self.host = self.sim.spawn("host")
        self.paths = [f"/{name}" for name in NAMES[: len(added) + 1]]
        self.commands = [f"mkdir {' '.join(self.paths)}", "mount -t tmpfs disk /a", "mkdir -p /a/x/y /a/z"]
        self.shows = ["/"]
        for path in self.paths:
            self.sim.mkdir(self.host, path)
        self.sim.mount(self.host, "disk", "/a", "tmpfs")
        for path in ("/a/x", "/a/x/y", "/a/z"):
            self.sim.mkdir(self.host, path)
        if shared:
            self._say("/a", "shared")
        for path, each in zip(self.paths[1:], added, strict=True):
            self._bind(path, each)
        rows = {row.mountpoint: row for row in self.sim.mountinfo(self.host)}
        self.ids = {rows[path].mount_id: path for path in self.paths}
        self.mounts = tuple(
            Seen(path, rows[path].shared or 0, rows[path].master or 0, rows[path].root) for path in self.paths
        )

    def _say(self, path: str, word: str) -> None:
        self.sim.mount(self.host, "", path, flags=WORDS[word])
        self.commands.append(f"mount --make-{word} {path}")

    def _bind(self, path: str, each: Added) -> None:
        origin, part = self.paths[each.origin], each.part and self.shows[each.origin] == "/"
        source = f"{origin}/x" if part else origin
        self.sim.mount(self.host, source, path, flags=MS_BIND)
        self.commands.append(f"mount --bind {source} {path}")
        self.shows.append("/x" if part else self.shows[each.origin])
        for word in each.words:
            self._say(origin if each.to_origin else path, word)

    def pattern(self) -> object:
        """The same for machines that differ in numbers only."""
        numbers: dict[int, int] = {0: 0}
        told = ((each.group, each.master, each.shows) for each in self.mounts)
        return tuple(
            (numbers.setdefault(group, len(numbers)), numbers.setdefault(master, len(numbers)), root)
            for group, master, root in told
        )

    def situations(self) -> Iterator[Situation]:
        parts = any(each.shows != "/" for each in self.mounts)
        for start in self.mounts:
            for directory in DIRECTORIES if parts else DIRECTORIES[:1]:
                if start.shows == "/" or directory == "/x/y":
                    yield self._situation(start, directory)

    def _situation(self, start: Seen, directory: str) -> Situation:
        path = start.name + directory.removeprefix(start.shows.rstrip("/"))
        self.sim.mount(self.host, "new", path, "tmpfs")
        events = self.sim.operations[-1].events
        expected = frozenset(self.ids[each.mount.parent_id] for each in events if isinstance(each, Received))
        self.sim.undo()
        commands = (*self.commands, f"mount -t tmpfs new {path}")
        return Situation(commands, self.mounts, start, directory, expected)


# -- the verdict ---------------------------------------------------------------------------------------------


class Verdict:
    """What came of a check; where the function errs, a cell shows the smallest picture of that."""

    def __init__(self, agreed: int, failed: Situation | None = None, said: str = "") -> None:
        self.agreed, self.failed, self.said = agreed, failed, said

    @property
    def passed(self) -> bool:
        """Whether the function agrees with the engine everywhere."""
        return self.failed is None

    def __str__(self) -> str:
        if self.failed is None:
            return f"Your receivers() agrees with the engine in all {self.agreed} situations."
        at = f"{self.failed.directory} of the filesystem, through {self.failed.start.name}"
        lines = [
            f"It agrees with the engine in {self.agreed} smaller situations, and not in this one:",
            *(f"  {_described(each)}" for each in self.failed.mounts),
            f"Something is mounted at {at}: {self.failed.commands[-1]}",
            f"Your receivers() {self.said}",
            f"The engine gives:  {_listed(self.failed.expected)}",
        ]
        return "\n".join(lines)

    __repr__ = __str__

    def _ipython_display_(self) -> None:
        for each in self.bundles():
            publish_display_data(each)  # type: ignore[no-untyped-call]

    def bundles(self) -> list[Bundle]:
        """The outputs: what is to be said, and where there is something to see, the picture."""
        told: list[Bundle] = [{"text/plain": str(self)}]
        if self.failed is None:
            return told
        lines = "\n".join(f"host# {each}" for each in self.failed.commands)
        return [*told, bundle(show(lines).data)]


def check(receivers: Receivers) -> Verdict:
    """Try a function in all situations, up to the first in which it errs."""
    agreed = 0
    for agreed, each in enumerate(situations()):
        try:
            answer = receivers(list(each.mounts), each.start, each.directory)
            names = _names(answer)
        except Exception as error:  # noqa: BLE001 - whatever a learner's function does
            return Verdict(agreed, each, f"raises {type(error).__name__}: {error}")
        if isinstance(names, str):
            return Verdict(agreed, each, names)
        if names != each.expected:
            return Verdict(agreed, each, f"gives: {_listed(names)}{_difference(names, each)}")
    return Verdict(agreed + 1)


def _names(answer: Any) -> frozenset[str] | str:  # noqa: ANN401 - whatever a learner's function returns
    """The names in an answer, or what is wrong with it."""
    if answer is None:
        return "returns None: is there a return in it?"
    if isinstance(answer, str):
        return f"returns the text {answer!r}: return a list of names"
    if not isinstance(answer, Iterable):
        return f"returns {answer!r}: return a list of names"
    return frozenset(each.name if isinstance(each, Seen) else str(each) for each in answer)


def _difference(names: frozenset[str], each: Situation) -> str:
    missing, more = each.expected - names, names - each.expected
    parts = [f"missing: {_listed(missing)}"] if missing else []
    parts += [f"too many: {_listed(more)}"] if more else []
    return f" ({'; '.join(parts)})"


def _described(each: Seen) -> str:
    tags = [f"group={each.group}", f"master={each.master}", f"shows={each.shows}"]
    return f"{each.name}: {', '.join(tags)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
