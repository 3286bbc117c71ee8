"""Writes down the system calls that a model makes, each with the rule that asks for it."""

from __future__ import annotations

from typing import NamedTuple

from mountlab import model
from mountlab.containers.world import World
from mountlab.errors import MountError

_FLAG_NAMES = {
    name: getattr(model, name)
    for name in (
        "MS_RDONLY MS_NOSUID MS_NODEV MS_NOEXEC MS_REMOUNT MS_NOATIME MS_NODIRATIME MS_BIND MS_MOVE MS_REC"
        " MS_UNBINDABLE MS_PRIVATE MS_SLAVE MS_SHARED MS_RELATIME MS_STRICTATIME"
    ).split()
}


class Made(NamedTuple):
    """One system call that was made."""

    call: str
    """Name and arguments, as strace(1) writes them."""
    errno: str | None
    rule: str
    """Id of the rule that asks for it; `mountlab.containers.rules` has its sentence and source."""
    process: str


def flag_names(flags: int) -> str:
    """Flags of mount(2) as strace(1) writes them: ``MS_BIND|MS_REC``."""
    return "|".join(name for name, value in _FLAG_NAMES.items() if flags & value) or "0"


class Ledger:
    """One process's system calls on a world, kept.

    Args:
        world: where they are made.
        process: who makes them.
        made: the list to write to; several ledgers may share one.
    """

    def __init__(self, world: World, process: str, made: list[Made]) -> None:
        self.world, self.process, self.made = world, process, made

    def mount(
        self, rule: str, source: str, target: str, fstype: str | None = None, flags: int = 0, data: str = ""
    ) -> None:
        """mount(2).  Raises MountError."""
        words = ", ".join((_quoted(source), _quoted(target), _quoted(fstype or ""), flag_names(flags)))
        text = f"mount({words}, {_quoted(data) if data else 'NULL'})"
        try:
            self.world.mount(self.process, source, target, fstype, flags, data)
        except MountError as error:
            self._write(text, rule, error.errno)
            raise
        self._write(text, rule)

    def umount(self, rule: str, target: str, flags: int = 0) -> None:
        """umount2(2).  Raises MountError."""
        text = f"umount2({_quoted(target)}, {'MNT_DETACH' if flags & model.MNT_DETACH else '0'})"
        try:
            self.world.umount(self.process, target, flags)
        except MountError as error:
            self._write(text, rule, error.errno)
            raise
        self._write(text, rule)

    def unshare(self, rule: str) -> None:
        """unshare(2) with CLONE_NEWNS."""
        self.world.unshare(self.process)
        self._write("unshare(CLONE_NEWNS)", rule)

    def pivot_root(self, rule: str, new_root: str, put_old: str) -> None:
        """pivot_root(2).  Raises MountError."""
        text = f"pivot_root({_quoted(new_root)}, {_quoted(put_old)})"
        try:
            self.world.pivot_root(self.process, new_root, put_old)
        except MountError as error:
            self._write(text, rule, error.errno)
            raise
        self._write(text, rule)

    def _write(self, call: str, rule: str, errno: str | None = None) -> None:
        self.made.append(Made(call, errno, rule, self.process))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
