"""Facts, and how they are told: mounts, groups and steps get their names here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from mountlab.explain.answer import Link
from mountlab.explain.chronicle import Chronicle, chronicle
from mountlab.explain.lives import START, at
from mountlab.explain.words import say
from mountlab.rules import RULES
from mountlab.shell.complaints import shown
from mountlab.shell.simbackend import SimulatorBackend

LONGEST_COMMAND = 80
SENTENCE_STARTS = tuple(say(key).split("{")[0] for key in ("step.bare", "step.nobody", "step.start"))


class Names(Protocol):
    """How the numbers of mounts and peer groups are told; None: not at all."""

    def mount(self, number: int, /) -> int | None:
        """What a mount is called."""

    def group(self, number: int, /) -> int | None:
        """What a peer group is called."""


class OwnNumbers:
    """The simulated kernel's own numbers, as its mountinfo prints them."""

    def mount(self, number: int, /) -> int | None:
        return number

    def group(self, number: int, /) -> int | None:
        return number


class Named(NamedTuple):
    """A mount, to be called by its place: as it stood at one moment, and whose eyes saw it at another."""

    mount: int
    stood: int
    seen: int
    dentry: int | None = None
    """Not the mount's root but this place in it."""


class Group(NamedTuple):
    """A peer group."""

    number: int


class When(NamedTuple):
    """The step to which a moment belongs."""

    moment: int


class Clause(NamedTuple):
    """Words inside a sentence, with facts of their own."""

    key: str
    parts: Mapping[str, Named | Group | When | str | int]


Part = Named | Group | When | Clause | str | int
Parts = dict[str, Part]


class Fact(NamedTuple):
    """A sentence that is still to be told: its key in `words.SENTENCES`, and what goes into it."""

    key: str
    rule: str | None
    moment: int | None
    """Whose step it speaks of."""
    parts: Parts

    @property
    def mounts(self) -> list[int]:
        """The mounts it speaks of."""
        return [part.mount for part in self._all() if isinstance(part, Named)]

    @property
    def moments(self) -> list[int]:
        """The moments of the steps that it names."""
        whens = [part.moment for part in self._all() if isinstance(part, When)]
        return whens if self.moment is None else [self.moment, *whens]

    def _all(self) -> Iterator[Part]:
        for part in self.parts.values():
            if isinstance(part, Clause):
                yield from part.parts.values()
            else:
                yield part


class Teller:
    """Tells facts about one machine."""

    def __init__(self, machine: SimulatorBackend, names: Names | None = None) -> None:
        self.machine = machine
        self.chronicle: Chronicle = chronicle(machine)
        self.vfs = machine.sim.vfs
        """The present: names of directories and filesystems are never forgotten."""
        self.names: Names = names or OwnNumbers()
        self.now: int = self.chronicle.moments
        """The moment that is the present of the question."""

    def just_place(self, named: Named) -> Named:
        """The same place, told without the mount's number."""
        return named._replace(dentry=self.chronicle.lives[named.mount].row.root)

    # -- how to point at a mount -----------------------------------------------------------------------

    def after(self, mount: int, moment: int, dentry: int | None = None) -> Named:
        """Where a mount stood after the system call to which an event belongs."""
        known = self.chronicle
        stood = known.end_of(known.operation(moment) + 1)
        return Named(mount, stood, known.after(moment), dentry)

    def before(self, mount: int, moment: int, dentry: int | None = None) -> Named:
        """Where a mount stood before the system call to which an event belongs."""
        stood = self.chronicle.before(moment)
        return Named(mount, stood, stood, dentry)

    @staticmethod
    def at(mount: int, moment: int, dentry: int | None = None) -> Named:
        """Where a mount stood at a moment."""
        return Named(mount, moment, moment, dentry)

    # -- words -----------------------------------------------------------------------------------------

    def links(self, facts: Iterable[Fact]) -> tuple[Link, ...]:
        """The facts in words; a command is quoted where its step is told first."""
        told: set[int] = set()
        return tuple(self._link(fact, told) for fact in facts)

    def _link(self, fact: Fact, told: set[int]) -> Link:
        words = self._words(fact.parts, told)
        ran = self.chronicle.line(fact.moment) if fact.moment is not None else None
        rule = fact.rule if fact.rule in RULES else None
        return Link(_capital(say(fact.key, **words)), rule, ran.number if ran else None)

    def _words(self, parts: Mapping[str, Part], told: set[int]) -> dict[str, str]:
        words: dict[str, str] = {}
        for name, part in parts.items():
            if isinstance(part, When):
                words[name] = self._step(part.moment, told)
            elif isinstance(part, Clause):
                words[name] = say(part.key, **self._words(part.parts, told))
            else:
                words[name] = self.word(part)
        return words

    def word(self, part: Named | Group | str | int) -> str:
        """One part of a sentence in words."""
        if isinstance(part, Named):
            place = self.place(part)
            number = self.names.mount(part.mount) if part.dentry is None else None
            return place if number is None else say("mount", place=place, number=number)
        if isinstance(part, Group):
            number = self.names.group(part.number)
            return say("group.unnamed") if number is None else say("group", number=number)
        return str(part)

    def _step(self, moment: int, told: set[int]) -> str:
        ran = self.chronicle.line(moment)
        if ran is None:
            return say("step.start" if moment <= START else "step.nobody")
        if ran.number in told:
            return say("step.again", number=ran.number)
        told.add(ran.number)
        command = shown(ran.typed.split("\n")[0], LONGEST_COMMAND, quote=False)
        return say("step", number=ran.number, command=command)

    # -- places ----------------------------------------------------------------------------------------

    def place(self, named: Named) -> str:
        """``host:/a``: the first shell of the namespace, and the path as that shell sees it."""
        namespace = self.chronicle.lives[named.mount].row.namespace or 0
        view = self.chronicle.view(namespace, named.seen)
        if view is not None:
            shell = view.shell or self._shell_to_come(namespace)
            path = self.path(named, (view.root_mount, view.root_dentry))
            if shell is not None and path is not None:
                return say("place.shell", shell=shell, path=path)
            if path is not None:
                return say("place.nobody", namespace=namespace, path=path)
        return say("place.nobody", namespace=namespace, path=self.path(named, None))

    def _shell_to_come(self, namespace: int) -> str | None:
        """Before its first terminal is open the initial namespace is named by whoever is there in the end."""
        return at(self.chronicle.views[namespace], self.now).shell

    def path(self, named: Named, root: tuple[int, int] | None) -> str | None:
        """The path from a root to a place, as the mounts stood then; None when it is not under that root."""
        lives, dentries = self.chronicle.lives, self.vfs.dentries
        mount = named.mount
        dentry = lives[mount].row.root if named.dentry is None else named.dentry
        parts: list[str] = []
        while (mount, dentry) != root:
            life = lives[mount]
            if dentry == life.row.root:
                place = life.place(named.stood)
                if place.parent == mount:
                    if root is None:
                        break
                    return None
                mount, dentry = place.parent, place.mountpoint
                continue
            row = dentries[dentry]
            if row.parent == dentry:  # the mount shows a part of the filesystem that this place is not in
                return None if root else "/" + "/".join(reversed(parts))
            parts.append(row.name)
            dentry = row.parent
        return "/" + "/".join(reversed(parts))


def _capital(text: str) -> str:
    """A sentence begins with a capital letter, but not with a shell's name changed."""
    return text[:1].upper() + text[1:] if text.startswith(SENTENCE_STARTS) else text
