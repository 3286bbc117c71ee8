"""The chain from a user's command to one mount: born how, received through whom, moved where."""

from __future__ import annotations

from mountlab.events import Cloned, Received
from mountlab.explain.answer import Link
from mountlab.explain.chronicle import SPREAD
from mountlab.explain.lives import START, Life, Place, Spread
from mountlab.explain.tell import Fact, Group, Named, Names, Parts, Teller, When
from mountlab.model import Vfs
from mountlab.shell.simbackend import SimulatorBackend

LONGEST = 12
"""Facts that a chain may have: a copy of a copy of a copy … is told by its ends."""
FIRST_KEPT = 3

Facts = tuple[Fact, ...]


def why_mount(
    machine: SimulatorBackend, vfs: Vfs, mount_id: int, names: Names | None = None, until: int | None = None
) -> tuple[Link, ...]:
    """The chain of one mount in a state of that machine.

    Args:
        machine: whose history is told.
        vfs: the state that is meant, `machine.sim.vfs` or a past one.
        mount_id: a mount of that state.
        names: how numbers are told.
        until: how many system calls led to that state; may be left out.  Then what happened later to
            the mounts above it is told as well.

    Raises:
        KeyError: when the state has no such mount.
    """
    teller = Teller(machine, names)
    chain = Chain(teller)
    moment = teller.now = teller.chronicle.end_of(until)
    return teller.links(chain.of_row(mount_id, vfs.mounts[mount_id].attached, moment))


class Chain:
    """Builds the facts; what is told about a mount's birth is kept, as its copies ask for it again."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.known = teller.chronicle
        self._births: dict[int, Facts] = self.known.memo.setdefault("births", {})
        self._ways: dict[int, Facts] = self.known.memo.setdefault("ways", {})

    def of_row(self, mount: int, attached: int, moment: int) -> Facts:
        """Why a mount is where a row of the mount table says, with what happened to those that carry it."""
        life = self.known.lives[mount]
        stood = next((p for p in reversed(life.places) if p.attached == attached), life.places[-1])
        own = self.of(mount, stood.moment + 1)
        return shortened((*own, *self._carried(mount, stood, moment)))

    def of(self, mount: int, moment: int) -> Facts:
        """Why a mount was where it stood at a moment."""
        later = [place for place in self.known.lives[mount].places[1:] if place.moment < moment]
        return shortened((*self.birth(mount), *(self.placed(mount, place) for place in later)))

    # -- birth -----------------------------------------------------------------------------------------

    def birth(self, mount: int) -> Facts:
        """How a mount came to be, with the chain of what it was copied from."""
        births = self._births
        todo = [mount]
        while todo:
            current = todo[-1]
            source = self._copied_from(current)
            if current in births:
                todo.pop()
            elif source is not None and source not in births:
                todo.append(source)
            else:
                births[current] = shortened(self._birth(current, source))
                todo.pop()
        return births[mount]

    def _copied_from(self, mount: int) -> int | None:
        """The mount whose chain comes first; of a tree that was spread, the one at the same place in it."""
        event = self.known.lives[mount].event
        if not isinstance(event, Cloned | Received):
            return None
        return self.known.seeds.get(mount, event.original)

    def _birth(self, mount: int, source: int | None) -> Facts:
        life, tell = self.known.lives[mount], self.teller
        here = tell.after(mount, life.born)
        if life.event is None:
            return (Fact("start", None, None, {"mount": here}),)
        rule = life.event.rule
        if source is None:
            made: Parts = {"When": When(life.born), "what": self._what(life), "mount": here}
            return (Fact("mounted", rule, life.born, made),)
        if rule in SPREAD:
            return (*self._spread(mount, source), self._received(mount, source, rule))
        facts = [*self.of(source, life.born), self._copied(life, source, here)]
        return tuple(facts)

    def _what(self, life: Life) -> str:
        fs = self.teller.vfs.filesystems[life.row.fs]
        source = life.row.source
        return source if source == fs.fstype else f"{source} ({fs.fstype})"

    def _copied(self, life: Life, source: int, here: Named) -> Fact:
        """A bind, a recursive bind, or a new namespace."""
        tell, rule = self.teller, life.event.rule if life.event else ""
        parts: Parts = {"When": When(life.born), "mount": here}
        if rule.startswith("unshare"):
            shell = self._shell_of(life)
            original = Named(source, self.known.before(life.born), here.seen)
            key = "unshared.user" if rule == "unshare.slave" else "unshared"
            return Fact(key, rule, life.born, parts | {"shell": shell, "original": original})
        spread = self.known.spreads[self.known.operation(life.born)]
        if spread.source != life.row.mount_id:
            original = tell.before(source, life.born)
            return Fact("bound.below", rule, life.born, parts | {"original": original})
        root = life.row.root
        part_of = None if root == self.known.lives[source].row.root else root
        key = "bound.tree" if rule == "rbind" else "bound"
        return Fact(key, rule, life.born, parts | {"source": tell.before(source, life.born, part_of)})

    def _shell_of(self, life: Life) -> str:
        ran = self.known.line(life.born)
        return ran.shell if ran else "?"

    # -- propagation -----------------------------------------------------------------------------------

    def _spread(self, mount: int, seed: int) -> Facts:
        """What was attached and how it travelled to this copy's parent."""
        operation = self.known.operation(self.known.lives[mount].born)
        spread = self.known.spreads[operation]
        end = self.known.end_of(operation + 1)
        told = list(self.of(seed, end))
        move = self.known.lives[spread.source].place(end)
        if seed != spread.source and move.rule == "move" and self.known.operation(move.moment) == operation:
            told.append(self._moved_with(spread.source, move))
        return (*told, *self.way(operation, spread, self.known.tops[mount]))

    def _received(self, mount: int, seed: int, rule: str) -> Fact:
        life = self.known.lives[mount]
        here = self.teller.after(mount, life.born)
        if self.known.tops[mount] == mount:
            return Fact("received", rule, life.born, {"mount": here})
        original = self.teller.after(seed, life.born)
        return Fact("received.below", rule, life.born, {"original": original, "mount": here})

    def way(self, operation: int, spread: Spread, top: int) -> Facts:
        """From the mount on which something was attached to the one under which a copy of it was made."""
        moment = self.known.starts[operation]
        head = self.known.heads[top]
        facts = [] if head == spread.source else [*self._down_to(operation, spread, head)]
        if head != top:
            receiver = self.known.lives[top].row.parent_id
            since = self.known.lives[receiver].group(moment)
            parts: Parts = {"mount": self.teller.at(receiver, moment), "when": When(since.moment)}
            facts.append(Fact("peer", "propagate.peer", since.moment, parts))
        return (self._shared(spread.dest, moment), *facts)

    def _shared(self, mount: int, moment: int) -> Fact:
        since = self.known.lives[mount].group(moment)
        parts: Parts = {
            "mount": self.teller.at(mount, moment),
            "group": Group(since.value),
            "when": When(since.moment),
        }
        return Fact("shared", _rule(since.rule, "make.shared"), since.moment, parts)

    def _down_to(self, operation: int, spread: Spread, head: int) -> Facts:
        """The slaves on the way to the first copy of a group, from the top."""
        ways = self._ways
        todo = []
        while head != spread.source and head not in ways:
            todo.append(head)
            original = self._original(head)
            head = self.known.heads.get(original, original) if original != spread.source else original
        facts = ways.get(head, ())
        for each in reversed(todo):
            facts = ways[each] = shortened((*facts, *self._slave(operation, spread, each)))
        return facts

    def _original(self, mount: int) -> int:
        event = self.known.lives[mount].event
        return event.original if isinstance(event, Cloned | Received) else mount

    def _slave(self, operation: int, spread: Spread, head: int) -> list[Fact]:
        """The receiver of a group's first copy, and what lies between it and the group above that got one."""
        known, moment = self.known, self.known.starts[operation]
        original = self._original(head)
        above = spread.dest if original == spread.source else known.lives[original].row.parent_id
        top = known.lives[above].group(moment).value
        receiver = known.lives[head].row.parent_id
        facts = [self._listening(receiver, moment)]
        group = known.lives[receiver].master(moment).value
        while group not in (top, 0):
            silent = known.member(group, moment)
            if silent is not None:
                named: Parts = {"mount": self.teller.at(silent, moment)}
                facts += [
                    Fact("between", "propagate.outside", None, named),
                    self._listening(silent, moment),
                ]
            group = known.master_of(group, moment)
        return facts[::-1]

    def _listening(self, mount: int, moment: int) -> Fact:
        life = self.known.lives[mount]
        master, own = life.master(moment), life.group(moment)
        parts: Parts = {
            "mount": self.teller.at(mount, moment),
            "group": Group(master.value),
            "when": When(master.moment),
        }
        key = "slave"
        if own.value:
            key, parts = "slave.shared", parts | {"own": Group(own.value)}
        return Fact(key, _rule(master.rule, "make.slave"), master.moment, parts)

    # -- afterwards ------------------------------------------------------------------------------------

    def placed(self, mount: int, place: Place) -> Fact:
        """A later change of place of the mount itself."""
        tell, when = self.teller, When(place.moment)
        here = tell.after(mount, place.moment)
        if place.rule == "propagate.tuck":
            beneath = tell.after(place.parent, place.moment)
            return Fact("tucked", place.rule, place.moment, {"When": when, "parent": beneath})
        if place.rule == "umount.slide":
            return Fact("slid", place.rule, place.moment, {"When": when, "mount": here})
        key = "pivoted" if place.rule == "pivot" else "moved"
        old = tell.just_place(tell.before(mount, place.moment))
        parts: Parts = {"When": when, "old": old, "mount": here}
        return Fact(key, place.rule, place.moment, parts)

    def _carried(self, mount: int, place: Place, moment: int) -> list[Fact]:
        """Moves of the mounts on which it stands, since it stands there."""
        found: list[tuple[int, Fact]] = []
        seen = {mount}
        # What the call that brought it here did elsewhere is told with its own move.
        since = self.known.end_of(self.known.operation(place.moment) + 1) if place.moment > START else 0
        while place.parent not in seen:
            carrier = place.parent
            seen.add(carrier)
            places = [each for each in self.known.lives[carrier].places if each.moment < moment]
            moves = [p for p in places[1:] if p.moment >= since and p.rule in ("move", "pivot")]
            found += [(move.moment, self._moved_with(carrier, move)) for move in moves]
            place = places[-1] if places else self.known.lives[carrier].places[0]
            since = max(since, place.moment + 1)
        return [fact for _, fact in sorted(found, key=lambda pair: pair[0])]

    def _moved_with(self, mount: int, place: Place) -> Fact:
        tell = self.teller
        key = "pivoted.with" if place.rule == "pivot" else "moved.with"
        new = tell.just_place(tell.after(mount, place.moment))
        parts: Parts = {"When": When(place.moment), "ancestor": tell.before(mount, place.moment), "new": new}
        return Fact(key, place.rule, place.moment, parts)


def _rule(rule: str, otherwise: str) -> str:
    """The rule by which a mount has its group or master; what was so from the start has none of its own."""
    return otherwise if rule in ("start", "") else rule


def shortened(facts: Facts) -> Facts:
    """A chain told by its ends when it is long."""
    if len(facts) <= LONGEST:
        return facts
    left_out = 0
    for fact in facts[FIRST_KEPT : FIRST_KEPT + len(facts) - LONGEST + 1]:
        count = fact.parts.get("count", 1)
        left_out += count if isinstance(count, int) else 1
    kept = [*facts[:FIRST_KEPT], Fact("left.out", None, None, {"count": left_out})]
    return (*kept, *facts[len(facts) - LONGEST + FIRST_KEPT + 1 :])
