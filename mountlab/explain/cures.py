"""Looks for the smallest change of the commands that lets a mount through, by trying each one.

Nothing is claimed that was not seen: a cure is a changed transcript that was run on a fresh machine, in
which the mount stood at the path, and in which no command failed that had not failed before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from mountlab.errors import MountError
from mountlab.explain.answer import Cure
from mountlab.explain.ask import Question
from mountlab.explain.edits import dropped, inserted, moves, of_line
from mountlab.explain.elsewhere import Wanted
from mountlab.explain.replay import (
    Edit,
    Script,
    changes_something,
    edited,
    fresh,
    is_booted,
    run,
    script,
    text_of,
)
from mountlab.explain.tell import Fact, Named
from mountlab.explain.words import say
from mountlab.model import Vfs
from mountlab.resolve import VfsPath, resolve
from mountlab.shell.simbackend import SimulatorBackend

REPLAYS = 250
"""Changed transcripts that are tried at most …"""
WORK = 1_000_000
"""… and events that they may have altogether: a machine with very many mounts is tried less often."""
FURTHEST = 12
"""Lines that are moved about are at most so many."""
PRIVATE_INIT, SHARED_INIT = "bare", "systemd"


def search(
    question: Question, path: str, wanted: Wanted | None, facts: list[Fact], met: set[int], most: int
) -> tuple[Cure | None, int]:
    """The first cure of at most that many edits, and how many changed transcripts were tried."""
    if wanted is None:
        return None, 0
    trial = _Trial(question, path, wanted)
    singles = list(dict.fromkeys(_edits(question, trial, facts, met)))
    tried = 0
    for edits in _attempts(singles, most):
        if tried >= trial.most:
            break
        lines = edited(trial.lines, edits)
        if lines is None or (lines == trial.lines and trial.init(edits) == trial.init(())):
            continue
        tried += 1
        if trial.works(lines, edits):
            in_order = sorted(edits, key=lambda edit: edit.number)
            words = tuple(_words(edit, trial.lines) for edit in in_order)
            return Cure(words, text_of(lines, trial.init(edits))), tried
    return None, tried


def _attempts(singles: list[Edit], most: int) -> Iterator[tuple[Edit, ...]]:
    """Single edits first; then pairs, those first whose members come early in the catalogue."""
    yield from ((edit,) for edit in singles)
    if most > 1:
        order = {edit: rank for rank, edit in enumerate(singles)}
        pairs = [pair for pair in combinations(singles, 2) if _together(*pair)]
        yield from sorted(pairs, key=lambda pair: (order[pair[0]] + order[pair[1]], order[pair[1]]))


def _together(one: Edit, other: Edit) -> bool:
    """Two edits that are about the same line, or do the same twice, say nothing new."""
    same_line = one.number == other.number and {one.kind, other.kind} <= {"replace", "drop"}
    return not same_line and not (one.kind == other.kind == "move")


def _edits(question: Question, trial: _Trial, facts: list[Fact], met: set[int]) -> Iterator[Edit]:
    """The catalogue, for the lines and mounts that the answer speaks of."""
    known = question.teller.chronicle
    mounts = met | {mount for fact in facts for mount in fact.mounts}
    numbers = list(dict.fromkeys(_numbers(question, facts, mounts)))
    lines = {typed.number: typed for typed in trial.lines if typed.number is not None}
    concerned = [lines[number] for number in numbers if number in lines]
    unshares = [typed for typed in concerned if typed.line and typed.line.commands[0].argv[0] == "unshare"]
    for typed in (*unshares, *(typed for typed in concerned if typed not in unshares)):
        yield from of_line(typed)
    for mount in sorted(mounts):
        ran = known.line(known.lives[mount].born)
        before = (ran.number if ran else 0) + 1
        place = question.teller.after(mount, known.lives[mount].born)
        view = known.view(known.lives[mount].row.namespace or 0, place.seen)
        where = question.teller.path(place, (view.root_mount, view.root_dentry)) if view else None
        shell = question.teller.place(place).partition(":")[0]
        if where is not None and shell in trial.shells and before in lines:
            yield from inserted(shell, where, before)
    for typed in concerned:
        yield from dropped(typed)
    yield from moves(trial.lines, sorted(typed.number for typed in concerned if typed.number)[:FURTHEST])
    if trial.may_boot:
        yield Edit("init", 0)


def _numbers(question: Question, facts: list[Fact], mounts: set[int]) -> Iterator[int]:
    """The lines that the answer speaks of, then those that made its mounts what they are."""
    known = question.teller.chronicle

    def of(moments: Iterable[int]) -> Iterator[int]:
        for moment in moments:
            ran = known.line(moment) if moment < question.moment else None
            if ran is not None:
                yield ran.number

    for fact in facts:
        yield from of(fact.moments)
    for mount in sorted(mounts):
        life = known.lives[mount]
        for changes in (life.places, life.groups, life.masters, life.unbindable):
            yield from of(change.moment for change in changes)
        original = getattr(life.event, "original", None)
        while original is not None:
            older = known.lives[original]
            yield from of(change.moment for changes in (older.groups, older.masters) for change in changes)
            original = getattr(older.event, "original", None)


class _Trial:
    """What is replayed, and when it counts as cured."""

    def __init__(self, question: Question, path: str, wanted: Wanted) -> None:
        self.machine, self.shell, self.path = question.machine, question.shell, path
        self.lines: Script = script(question.machine, question.step)
        self.shells = {typed.shell for typed in self.lines}
        life = question.teller.chronicle.lives[wanted.mount]
        fs = question.teller.vfs.filesystems[life.row.fs]
        self.looks = (fs.fstype, life.row.source, question.teller.vfs.path_in_fs(life.row.root))
        self.above = path != wanted.path and question.look(path).missing is not None
        self.origin = self._origin(question, wanted) if life.alive(question.moment) else None
        self.statuses = {ran.number: ran.outcome.exit for ran in question.machine.history}
        self.may_boot = question.machine.sim.init == PRIVATE_INIT and is_booted(question.machine)
        events = sum(len(operation.events) for operation in question.machine.sim.operations)
        self.most = min(REPLAYS, WORK // (events + 1))

    def _origin(self, question: Question, wanted: Wanted) -> tuple[str, str] | None:
        """A shell that sees the mount elsewhere, and where."""
        place = question.teller.place(Named(wanted.mount, question.moment, question.moment))
        shell, _, path = place.partition(":")
        return (shell, path) if shell in self.shells and (shell, path) != (self.shell, self.path) else None

    def init(self, edits: tuple[Edit, ...]) -> str:
        """The machine that the changed transcript starts on."""
        return SHARED_INIT if any(edit.kind == "init" for edit in edits) else self.machine.sim.init

    def works(self, lines: Script, edits: tuple[Edit, ...]) -> bool:
        """Run it, and look."""
        init = self.init(edits)
        needed = tuple(typed for typed in lines if changes_something(typed))
        done = run(needed, fresh(self.machine, init if init != self.machine.sim.init else None))
        typed = [each for each in needed if each.line is not None]
        for each, ran in zip(typed, done.history, strict=True):
            if ran.outcome.exit and not self.statuses.get(each.number or 0):
                return False
        return self._is_there(done)

    def _is_there(self, done: SimulatorBackend) -> bool:
        here = mounted_at(done, self.shell, self.path)
        if here is None or _looks(done.sim.vfs, here) != self.looks:
            return False
        there = mounted_at(done, *self.origin) if self.origin else None
        if there is None or _looks(done.sim.vfs, there) != self.looks:
            return True
        return done.sim.vfs.mounts[there].fs == done.sim.vfs.mounts[here].fs


def mounted_at(machine: SimulatorBackend, shell: str, path: str) -> int | None:
    """The mount whose root a path is, for a shell; None when it is none."""
    process = machine.terminals.get(shell)
    if process is None:
        return None
    try:
        found: VfsPath = resolve(machine.sim.vfs, process.task, path)
    except MountError:
        return None
    return found.mount if machine.sim.vfs.mounts[found.mount].root == found.dentry else None


def _looks(vfs: Vfs, mount: int) -> tuple[str, str, str]:
    row = vfs.mounts[mount]
    return vfs.filesystems[row.fs].fstype, row.source, vfs.path_in_fs(row.root)


def _words(edit: Edit, lines: Script) -> str:
    old = next((typed.text for typed in lines if typed.number == edit.number), "")
    last = max(typed.number or 0 for typed in lines)
    if edit.kind == "move" and edit.typed:
        moved = {"number": edit.typed.number, "old": edit.typed.text}
        if edit.number > (edit.typed.number or 0):
            return say("edit.move.after", **moved, after=edit.number - 1)
        return say("edit.move", **moved, before=edit.number)
    new = edit.typed.text if edit.typed else ""
    return say(f"edit.{edit.kind}", number=min(edit.number, last), new=new, old=old, init=SHARED_INIT)
