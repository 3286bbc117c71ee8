"""Why a mount that is elsewhere is not at one path of one namespace: every obstacle."""

from __future__ import annotations

from itertools import pairwise

from mountlab.events import Cloned, Received
from mountlab.explain.arrival import Arrival, arrival, told
from mountlab.explain.ask import Reached, look
from mountlab.explain.chain import Chain
from mountlab.explain.chronicle import SPREAD
from mountlab.explain.lives import START
from mountlab.explain.silence import Silence
from mountlab.explain.tell import Clause, Fact, Named, Parts, Teller, When
from mountlab.model import Task, Vfs

Facts = list[Fact]
DEEPEST = 8
"""So many mounts on which others stand are followed upwards, and so many copies of copies."""


class Absence:
    """Obstacles in one state, as one process sees it."""

    def __init__(self, teller: Teller, vfs: Vfs, moment: int, task: Task, shell: str) -> None:
        self.teller, self.vfs, self.moment, self.task, self.shell = teller, vfs, moment, task, shell
        self.known = teller.chronicle
        self.silence = Silence(teller, moment)
        self.met: set[int] = set()
        """Mounts that the reasons go through besides those they name."""

    def obstacles(self, origin: int, path: str, depth: int = 0) -> Facts:
        """What keeps a mount from being at a path; first how it came to where it is."""
        came = arrival(self.known, origin, self.moment)
        first = told(self.teller, came)
        self.met |= {origin, came.source, came.dest}
        reached = look(self.vfs, self.task, path)
        self.met.add(reached.mount)
        place = self.known.lives[origin].place(self.moment)
        if reached.missing is None and reached.dentry == came.mountpoint:
            return [first, *self._not_told(reached, came)]
        if reached.missing is None and reached.dentry == place.mountpoint:
            return [first, Chain(self.teller).placed(origin, place)]
        return [first, *self._not_shown(origin, path, reached, depth)]

    # -- the place is not there ------------------------------------------------------------------------

    def _not_shown(self, origin: int, path: str, reached: Reached, depth: int) -> Facts:
        """The path does not lead to the directory on which the mount is mounted elsewhere."""
        place = self.known.lives[origin].place(self.moment)
        parent = place.parent
        parts: Parts = {
            "mount": self.at(origin),
            "parent": self.at(parent),
            "shell": self.shell,
            "path": path,
        }
        if parent == origin:
            return [self._another_root(parts)]
        inside = self._inside(parent, place.mountpoint)
        above = path.removesuffix(inside) or "/"
        if not inside or not path.endswith(inside):
            return [self._other(parts)]
        there = look(self.vfs, self.task, above)
        row = self.known.lives[parent].row
        shown = self.vfs.mounts[there.mount]
        if there.missing is None and there.dentry == row.root and shown.fs == row.fs:
            return self._in_the_way(parts, reached) if reached.mount != there.mount else [self._other(parts)]
        if above == "/" or depth >= DEEPEST:
            return [self._another_root(parts)]
        if there.missing is None and shown.root == there.dentry and shown.fs == row.fs:
            outside = self.silence.outside(there.mount, place.mountpoint, self.moment)
            return outside or [self._other(parts)]
        stands = Fact("stands.on", None, None, parts | {"path": above})
        return [stands, *self.obstacles(parent, above, depth + 1)]

    def _another_root(self, parts: Parts) -> Fact:
        since = self.known.rooted(self.task.pid, self.moment)
        when = Clause("since.step", {"when": When(since)}) if self.known.line(since) else ""
        parts = parts | {"root": self.at(self.task.root_mount), "since": when}
        return Fact("stands.on.root", None, since if when else None, parts)

    def _other(self, parts: Parts) -> Fact:
        return Fact("other.directory", None, None, parts)

    def _in_the_way(self, parts: Parts, reached: Reached) -> Facts:
        cover = reached.mount
        since = self.known.lives[cover].place(self.moment).moment
        return [Fact("in.the.way", "mount.new", since, parts | {"cover": self.at(cover)})]

    def _inside(self, mount: int, dentry: int) -> str:
        """The path from a mount's root to a place in it: ``/x``; empty for the root itself."""
        names, root = [], self.known.lives[mount].row.root
        while dentry != root:
            row = self.vfs.dentries[dentry]
            if row.parent == dentry:
                return ""
            names.append("/" + row.name)
            dentry = row.parent
        return "".join(reversed(names))

    # -- the place is there ----------------------------------------------------------------------------

    def _not_told(self, reached: Reached, came: Arrival) -> Facts:
        """The place is there, on another mount: why did that one get no copy, or not keep it?"""
        mount, at = reached.mount, reached.dentry
        facts: Facts = []
        for _ in range(DEEPEST):
            self.met.add(mount)
            gone = self.departed(mount, at)
            if gone is not None:
                return [*facts, gone]
            if self._made_by(mount, came):
                return [*facts, Fact("itself", "propagate.self", came.moment, {"mount": self.at(mount)})]
            if mount == came.dest:
                return [*facts, self._no_reason(mount, came)]
            if self.known.lives[mount].born <= came.moment:
                moment = self.known.before(came.moment)
                silent = self.silence.between(came.dest, mount, came.mountpoint, moment)
                return facts + (silent or [self._no_reason(mount, came)])
            older = self._older(mount, at, came)
            facts += older[0]
            if older[1] is None:
                return facts
            mount = older[1]
        return facts

    def _made_by(self, mount: int, came: Arrival) -> bool:
        """Whether a mount was made by the very system call that attached the other."""
        born = self.known.lives[mount].born
        return born > START and self.known.operation(born) == self.known.operation(came.moment)

    def _older(self, mount: int, at: int, came: Arrival) -> tuple[Facts, int | None]:
        """A mount that was made later: what it was made from, if the question goes on there."""
        life, event = self.known.lives[mount], self.known.lives[mount].event
        here, when = self.teller.after(mount, life.born), When(life.born)
        if not isinstance(event, Cloned | Received):
            parts: Parts = {"When": when, "mount": here, "sender": self.at(came.dest)}
            return [Fact("of.its.own", life.places[0].rule, life.born, parts)], None
        source = self.known.seeds.get(mount, event.original)
        if event.rule in SPREAD:
            parts = {"when": when, "mount": here, "original": self.teller.after(source, life.born)}
            return [Fact("came.from", event.rule, life.born, parts)], source
        below = self._stood_on(source, at, life.born)
        if below is not None:
            return [self._left_behind(life.born, event.rule, source, below)], None
        original = self.teller.before(source, life.born)
        parts = {"When": when, "mount": here, "original": original}
        return [Fact("copied.before", event.rule, life.born, parts)], source

    def _stood_on(self, parent: int, at: int, moment: int) -> int | None:
        """The mount that stood at a place at a moment."""
        for mount in self.known.stood.get((parent, at), ()):
            life = self.known.lives[mount]
            place = life.place(moment)
            if life.alive(moment) and (place.parent, place.mountpoint) == (parent, at):
                return mount
        return None

    def _left_behind(self, moment: int, rule: str, source: int, below: int) -> Fact:
        """A bind did not take along what stood on its source."""
        self.met.add(below)
        teller, when = self.teller, When(moment)
        parts: Parts = {"When": when, "mount": teller.before(below, moment)}
        if self.known.lives[below].bindable(moment).value:
            return Fact("left.behind", "bind.unbindable", moment, parts)
        if rule.startswith("unshare"):
            return Fact("file.left.out", "unshare.namespace", moment, parts)
        return Fact("bound.alone", rule, moment, parts | {"original": teller.before(source, moment)})

    def _no_reason(self, mount: int, came: Arrival) -> Fact:
        return Fact("no.reason", None, None, {"mount": self.at(mount), "sender": self.at(came.dest)})

    # -- it was there ----------------------------------------------------------------------------------

    def departed(self, parent: int, at: int) -> Fact | None:
        """The last mount that stood at a place and does no longer; None when there never was one."""
        known = self.known
        stood = [m for m in known.stood.get((parent, at), ()) if known.lives[m].born < self.moment]
        for mount in reversed(stood):
            life = known.lives[mount]
            if not life.alive(self.moment):
                return self.left(mount, life.end or self.moment)
            places = [place for place in life.places if place.moment < self.moment]
            for before, after in pairwise(places):
                if (before.parent, before.mountpoint) == (parent, at) and after.rule in ("move", "pivot"):
                    return self.left(mount, after.moment)
        return None

    def left(self, mount: int, until: int) -> Fact:
        """How a mount came away from where it was at a moment: unmounted, or moved with what carries it."""
        self.met.add(mount)
        life = self.known.lives[mount]
        if life.end == until:
            return self.ended(mount)
        new = self.teller.just_place(self.teller.after(mount, until))
        parts = self._was(mount, life.place(until).moment, until) | {"new": new}
        operation = self.known.operation(until)
        rule = "pivot" if self.teller.machine.sim.operations[operation].name == "pivot_root" else "move"
        return Fact("was.moved", rule, until, parts)

    def ended(self, mount: int) -> Fact:
        """How a mount went away."""
        life = self.known.lives[mount]
        end = life.end if life.end is not None else self.moment
        operation = self.known.operation(end)
        parts = self._was(mount, life.place(end).moment, end)
        if self.teller.machine.sim.operations[operation].name != "umount2":
            return Fact("was.ended", "namespace.end", end, parts)
        first = self.known.gone[operation][0]
        if self._stands_on(mount, first, end):
            return Fact("was.umounted", "umount", end, parts)
        return Fact("was.told", "umount.propagate", end, parts | {"by": self.teller.before(first, end)})

    def _was(self, mount: int, since: int, until: int) -> Parts:
        return {"mount": self.teller.before(mount, until), "since": When(since), "when": When(until)}

    def _stands_on(self, mount: int, lower: int, moment: int) -> bool:
        seen: set[int] = set()
        while mount not in seen:
            if mount == lower:
                return True
            seen.add(mount)
            mount = self.known.lives[mount].place(moment).parent
        return False

    def at(self, mount: int) -> Named:
        """A mount as it stands in the state that is asked about."""
        return self.teller.at(mount, self.moment)
