"""Why one mount was not told of what was attached to another: both sides, as they were then."""

from __future__ import annotations

from mountlab.explain.chronicle import Chronicle
from mountlab.explain.lives import START, Change
from mountlab.explain.tell import Clause, Fact, Group, Parts, Teller, When
from mountlab.explain.words import say

Facts = list[Fact]
CREATED = ("mount.new", "start")


class Silence:
    """Judges pairs of mounts at past moments."""

    def __init__(self, teller: Teller, now: int) -> None:
        self.teller, self.now = teller, now
        """The present of the question: what still holds then is told as "is"."""
        self.known: Chronicle = teller.chronicle

    def between(self, sender: int, receiver: int, mountpoint: int, moment: int) -> Facts:
        """Why nothing came from `sender` to `receiver` when something was attached at that moment."""
        group = self.known.lives[sender].group(moment).value
        if not group:
            both = [self._sender(sender, moment)]
            if self._is_alone(receiver, moment):
                both.append(self._alone(receiver, moment, "receiver"))
            return both
        if self._hears(receiver, group, moment):
            return self.outside(receiver, mountpoint, moment)
        facts = [self._unconnected(sender, receiver, group, moment)]
        early = self._too_early(sender, receiver, moment)
        return facts + ([early] if early else []) + self.outside(receiver, mountpoint, moment)

    # -- the four cases --------------------------------------------------------------------------------

    def _sender(self, sender: int, moment: int) -> Fact:
        """It has no peer group: it tells nobody."""
        master = self.known.lives[sender].master(moment)
        if not master.value:
            return self._alone(sender, moment, "sender")
        parts = self._parts(sender, moment, master) | {"group": Group(master.value)}
        return Fact("sender.slave", "make.slave", master.moment, parts)

    def _is_alone(self, mount: int, moment: int) -> bool:
        life = self.known.lives[mount]
        return not life.group(moment).value and not life.master(moment).value

    def _alone(self, mount: int, moment: int, side: str) -> Fact:
        """It is private, or unbindable."""
        life = self.known.lives[mount]
        since = max(life.group(moment), life.master(moment), key=lambda change: change.moment)
        kind, unbindable = "private", life.bindable(moment)
        if unbindable.value:
            kind, since = "unbindable", unbindable
        return Fact(f"{side}.{kind}", f"make.{kind}", since.moment, self._parts(mount, moment, since))

    def _unconnected(self, sender: int, receiver: int, group: int, moment: int) -> Fact:
        """The sender's group tells others, but not this one."""
        life = self.known.lives[receiver]
        own, master = life.group(moment), life.master(moment)
        named: Parts = {"sender": self.teller.at(sender, moment), "other": Group(group)}
        if own.value and self._hears(sender, own.value, moment):
            since = self.known.lives[sender].master(moment)
            parts = self._parts(receiver, moment, since) | named | {"group": Group(own.value)}
            return Fact("receiver.above", "make.slave", since.moment, parts)
        if own.value:
            parts = self._parts(receiver, moment, own) | named | {"group": Group(own.value)}
            return Fact("other.group", "propagate.group", own.moment, parts)
        if master.value:
            parts = self._parts(receiver, moment, master) | named | {"group": Group(master.value)}
            return Fact("other.master", "propagate.group", master.moment, parts)
        return self._alone(receiver, moment, "receiver")

    def outside(self, receiver: int, mountpoint: int, moment: int) -> Facts:
        """That the receiver does not show the place, if so."""
        vfs, root = self.teller.vfs, self.known.lives[receiver].row.root
        if root in vfs.lineage(mountpoint):
            return []
        parts: Parts = {
            "mount": self.teller.at(receiver, moment),
            "root": vfs.path_in_fs(root),
            "place": vfs.path_in_fs(mountpoint),
        }
        return [Fact("outside", "propagate.outside", None, parts)]

    def _hears(self, mount: int, group: int, moment: int) -> bool:
        """Whether a mount is in a group, or below it as a slave."""
        life = self.known.lives[mount]
        if life.group(moment).value == group:
            return True
        above, seen = life.master(moment).value, {0}
        while above not in seen:
            if above == group:
                return True
            seen.add(above)
            above = self.known.master_of(above, moment)
        return False

    def _too_early(self, sender: int, receiver: int, moment: int) -> Fact | None:
        """The one is a copy of the other, made before there was a group to join."""
        for mount, original in ((receiver, sender), (sender, receiver)):
            copied, life = self._copied_from(mount, original), self.known.lives[original]
            if copied is None or life.group(copied).value or not life.group(moment).value:
                continue
            parts: Parts = {
                "When": When(copied),
                "mount": self.teller.after(mount, copied),
                "original": self.teller.at(original, moment),
            }
            return Fact("too.early", self.known.lives[mount].places[0].rule, copied, parts)
        return None

    def _copied_from(self, mount: int, other: int) -> int | None:
        """The moment at which a copy of `other` that led to `mount` was made; None if it is no copy of it."""
        while True:
            life = self.known.lives[mount]
            original = getattr(life.event, "original", None)
            if original is None:
                return None
            if original == other:
                return life.born
            mount = original

    # -- since when ------------------------------------------------------------------------------------

    def _parts(self, mount: int, moment: int, since: Change) -> Parts:
        life = self.known.lives[mount]
        still = life.group(self.now).value == life.group(moment).value
        still = still and life.master(self.now).value == life.master(moment).value and life.alive(self.now)
        was = say("is" if still else "was")
        return {"mount": self.teller.at(mount, moment), "was": was, "since": self.since(mount, since)}

    def since(self, mount: int, change: Change) -> Clause:
        """Since when, and by what, a mount is what it is."""
        when = {"when": When(change.moment)}
        if change.moment <= START:
            return Clause("since.start", {})
        if change.rule == "mount.new":
            return Clause("since.new", when)
        original = getattr(self.known.lives[mount].event, "original", None)
        if change.moment == self.known.lives[mount].born and original is not None and not change.value:
            key = "since.copy.unshare" if self._makes_private(change.moment) else "since.copy"
            return Clause(key, {**when, "original": self.teller.before(original, change.moment)})
        if change.rule == "make.slave" and not change.value:
            return Clause("since.nobody", when)
        if change.rule == "unshare.slave" and change.value:
            return Clause("since.user", when)
        if change.rule == "master.gone":
            return Clause("since.orphan", when)
        if change.rule in ("make.private", "make.unbindable") and self._makes_private(change.moment):
            return Clause("since.unshare", when)
        return Clause("since.step", when)

    def _makes_private(self, moment: int) -> bool:
        """Whether the command was unshare(1), left to its default."""
        ran = self.known.line(moment)
        words = [word for command in ran.line.commands for word in command.argv] if ran else []
        return "unshare" in words[:1] and not any(word.startswith("--propagation") for word in words)
