"""Says in a sentence what happened, and which mounts it happened to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from mountlab.events import (
    Cloned,
    Detached,
    Event,
    FilesystemChanged,
    FlagsChanged,
    JoinedGroup,
    LeftGroup,
    MasterChanged,
    Mounted,
    Moved,
    NamespaceCreated,
    NamespaceEnded,
    Received,
    Refused,
    Reparented,
    Skipped,
    TaskChanged,
    Tucked,
    UnbindableChanged,
)
from mountlab.model import Vfs
from mountlab.table import options_text
from mountlab.view.tables import Names
from mountlab.view.words import counted, say


class Told(NamedTuple):
    """A sentence about one thing that happened; what the picture points at."""

    say: str
    rule: str | None
    kind: str
    """made, copy, skip, gone, slide, join, leave, master, move, flags, namespace, refused, none."""
    mounts: tuple[int, ...] = ()
    """The mounts that it happened to, the chief one first."""
    origin: int | None = None
    """The mount from which a copy was made, or that sent what a skipped one did not get."""
    many: int = 1
    """How many such things are told at once."""

    @classmethod
    def unnamed(cls, thing: Sequence[Event]) -> Told:
        """For a change that has no sentence of its own."""
        return cls(say("changed"), getattr(thing[-1], "rule", None), "none")


class _Scene(NamedTuple):
    """What a sentence may name."""

    vfs: Vfs
    """The state afterwards."""
    before: Names
    after: Names
    is_consequence: bool
    """An umount before it in the same line made it go too."""

    def name(self, mount: int) -> str:
        """What a mount is called now, or was called when it was still there."""
        return (self.after if mount in self.after else self.before).of(mount)


def tell(
    vfs: Vfs, thing: Sequence[Event], before: Names, after: Names, *, is_consequence: bool = False
) -> Told | None:
    """The sentence for events that are told together; None when nothing happened to any mount."""
    scene = _Scene(vfs, before, after, is_consequence)
    for kind, teller in _TELLERS.items():
        head = next((event for event in thing if isinstance(event, kind)), None)
        if head is not None:
            return teller(scene, head, thing)
    return None


def _ended(scene: _Scene, event: NamespaceEnded, thing: Sequence[Event]) -> Told:
    gone = tuple(event.mount for event in thing if isinstance(event, Detached))
    key = "namespace.let.go" if scene.is_consequence else "namespace.ended"
    return Told(say(key, number=event.namespace), event.rule, "gone", gone)


def _created(scene: _Scene, _event: NamespaceCreated, thing: Sequence[Event]) -> Told:
    copies = [event for event in thing if isinstance(event, Cloned)]
    movers = [event.task for event in thing if isinstance(event, TaskChanged) and event.task]
    shell = movers[0].name if movers else say("nobody")
    # Some are shown nowhere: the machine's own /proc, and what lies under the root.
    seen = tuple(event.mount.mount_id for event in copies if event.mount.mount_id in scene.after)
    slaves = any(event.slave for event in copies)
    key = "namespace.slaves" if slaves else "namespace.new"
    rule = "unshare.slave" if slaves else "unshare"
    return Told(say(key, shell=shell, count=counted("mounts", len(seen))), rule, "namespace", seen)


def _mounted(scene: _Scene, event: Mounted, _thing: Sequence[Event]) -> Told:
    row = event.mount
    text = say("made", what=row.source or "none", where=scene.name(row.mount_id))
    return Told(text, event.rule, "made", (row.mount_id,))


def _cloned(scene: _Scene, event: Cloned, thing: Sequence[Event]) -> Told:
    copies = [one for one in thing if isinstance(one, Cloned)]
    row, vfs = event.mount, scene.vfs
    where, original = scene.name(row.mount_id), scene.name(event.original)
    made = tuple(one.mount.mount_id for one in copies)
    if len(copies) > 1:
        text = say("bound.tree", where=where, original=original, count=counted("mounts", len(copies) - 1))
    elif event.original in vfs.mounts and vfs.mounts[event.original].root != row.root:
        text = say("bound.part", where=where, root=vfs.path_in_fs(row.root), source=row.source)
    else:
        text = say("bound", where=where, original=original)
    return Told(text, event.rule, "made", made, event.original)


def _received(scene: _Scene, event: Received, thing: Sequence[Event]) -> Told:
    count = sum(isinstance(one, Received) for one in thing)
    made = tuple(one.mount.mount_id for one in thing if isinstance(one, Received | Cloned))
    if count > 1:
        return Told(say("copy.more", count=count), event.rule, "copy", made, event.original, count)
    row = event.mount
    key = "copy.slave" if event.slave else "copy.peer"
    text = say(key, receiver=scene.name(row.parent_id), where=scene.name(row.mount_id))
    if any(isinstance(one, Tucked) for one in thing):
        return Told(f"{text} {say('tuck')}", "propagate.tuck", "copy", made, event.original)
    return Told(text, event.rule, "copy", made, event.original)


def _skipped(scene: _Scene, event: Skipped, thing: Sequence[Event]) -> Told:
    receivers = tuple(one.receiver for one in thing if isinstance(one, Skipped))
    text = say("skip", receiver=scene.name(event.receiver))
    return Told(text, event.rule, "skip", receivers, None, len(receivers))


def _joined(scene: _Scene, event: JoinedGroup, thing: Sequence[Event]) -> Told:
    mounts = _shown(scene, thing, JoinedGroup)
    if len(mounts) > 1:
        text = say("joined.many", count=counted("mounts", len(mounts)))
    else:
        key = "joined.attached" if event.rule == "attach.shared" else "joined"
        text = say(key, where=scene.name((mounts or (event.mount,))[0]), group=scene.after.group(event.group))
    return Told(text, event.rule, "join", mounts)


def _left(scene: _Scene, event: LeftGroup | MasterChanged, thing: Sequence[Event]) -> Told:
    told = (one for one in thing if isinstance(one, LeftGroup | MasterChanged) and one.rule != "umount")
    head = next(told, event)
    mounts = _shown(scene, thing, LeftGroup, MasterChanged)
    where = scene.name(head.mount)
    slave = head.rule == "make.slave"
    if len(mounts) > 1 and head.rule in ("make.slave", "make.private"):
        text = say("slave.many" if slave else "private.many", count=counted("mounts", len(mounts)))
    elif head.rule in ("master.passed", "master.gone"):
        text = say(head.rule, where=where, group=_master(scene, head.mount))
    elif slave:
        group = _master(scene, head.mount)
        text = say("left.slave", where=where, group=group) if group else say("left.alone", where=where)
    else:
        left = any(isinstance(one, LeftGroup) for one in thing)
        text = say("left.private" if left else "deaf", where=where)
    kind = "master" if head.rule.startswith("master.") else "leave"
    return Told(text, head.rule, kind, mounts)


def _master(scene: _Scene, mount: int) -> int:
    row = scene.vfs.mounts.get(mount)
    return scene.after.group(row.master) if row and row.master else 0


def _shown(scene: _Scene, events: Sequence[Event], *kinds: type[Event]) -> tuple[int, ...]:
    """The mounts of the events of some kinds that can be seen, each once."""
    found = dict.fromkeys(getattr(event, "mount", 0) for event in events if isinstance(event, kinds))
    return tuple(mount for mount in found if mount in scene.after)


def _unbindable(scene: _Scene, event: UnbindableChanged, thing: Sequence[Event]) -> Told:
    key = "unbindable" if event.unbindable else "bindable"
    mounts = _shown(scene, thing, UnbindableChanged)
    return Told(say(key, where=scene.name(event.mount)), event.rule, "leave", mounts)


def _detached(scene: _Scene, event: Detached, thing: Sequence[Event]) -> Told:
    mounts = tuple(one.mount for one in thing if isinstance(one, Detached))
    seen = [mount for mount in mounts if mount in scene.before]
    where = scene.before.of(event.mount)
    text = say("gone.too" if scene.is_consequence else "gone", where=where)
    if len(seen) > 1 and scene.is_consequence:
        text = say("gone.more", where=where, count=counted("mounts", len(seen) - 1))
    elif len(seen) > 1:
        text = say("gone.tree", where=where, count=counted("mounts", len(seen) - 1))
    return Told(text, event.rule, "gone", mounts)


def _slid(scene: _Scene, event: Reparented, _thing: Sequence[Event]) -> Told:
    return Told(say("slide", where=scene.name(event.mount)), event.rule, "slide", (event.mount,))


def _moved(scene: _Scene, event: Moved, _thing: Sequence[Event]) -> Told:
    text = say("moved", before=scene.before.of(event.mount), where=scene.name(event.mount))
    return Told(text, event.rule, "move", (event.mount,))


def _flags(scene: _Scene, event: FlagsChanged, _thing: Sequence[Event]) -> Told:
    text = say("flags", where=scene.name(event.mount), options=options_text(event.flags))
    return Told(text, event.rule, "flags", (event.mount,))


def _superblock(scene: _Scene, event: FilesystemChanged, _thing: Sequence[Event]) -> Told:
    shown = [row.mount_id for row in scene.vfs.mounts.values() if row.fs == event.filesystem.id]
    mounts = tuple(mount for mount in shown if mount in scene.after)
    key = "unserved" if event.filesystem.is_dead else "superblock"
    return Told(say(key, source=event.filesystem.source), event.rule, "flags", mounts)


def _refused(_scene: _Scene, event: Refused, _thing: Sequence[Event]) -> Told:
    return Told(say("refused", errno=event.errno, sentence=event.sentence), event.rule, "refused")


def _entered(_scene: _Scene, event: TaskChanged, _thing: Sequence[Event]) -> Told | None:
    if event.task is None and event.rule == "process":
        return Told(say("closed"), event.rule, "none")
    if event.task is None or event.rule not in ("setns", "process") or " " in event.task.name:
        return None  # what a daemon starts has a space in its name, and is told by its mounts
    text = say("namespace.entered", shell=event.task.name, number=event.task.namespace)
    return Told(text, event.rule, "namespace")


_TELLERS: dict[type[Event], Callable[[_Scene, Any, Sequence[Event]], Told | None]] = {
    NamespaceEnded: _ended,
    NamespaceCreated: _created,
    Mounted: _mounted,
    Received: _received,
    Cloned: _cloned,
    Skipped: _skipped,
    Detached: _detached,
    Reparented: _slid,
    Moved: _moved,
    JoinedGroup: _joined,
    LeftGroup: _left,
    MasterChanged: _left,
    UnbindableChanged: _unbindable,
    FilesystemChanged: _superblock,
    FlagsChanged: _flags,
    Refused: _refused,
    TaskChanged: _entered,
}
"""The first kind that is among the events tells them."""
