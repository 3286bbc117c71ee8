"""Takes a snapshot: every process's mount table, sorted into namespaces and views."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple, ParamSpec, TypeVar

from mountlab.mountinfo import parse
from mountlab.shell.complaints import shown
from mountlab.snapshot import words
from mountlab.snapshot.format import (
    Entry,
    Namespace,
    Snapshot,
    SnapshotError,
    Standing,
    View,
    parse_row,
)
from mountlab.snapshot.names import Holder, shows_a_file, terminal_names
from mountlab.snapshot.procfs import Procfs
from mountlab.snapshot.redact import redacted

Progress = Callable[[int, int], None]
"""Told after each process: how many are done, and how many there are."""
_LINE = re.compile(
    r"([0-9]+) ([0-9]+) ([0-9]+:[0-9]+ [^ ]+ [^ ]+ [^ ]+)((?: [^ -][^ ]*)*) (- [^ ]+ [^ ]* [^ ]+)"
)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_NOWHERE = (None, None)
_TRIES = 3
"""How often a process is read again that changed its namespace while it was read."""


class _Seen(NamedTuple):
    """What was read of one process."""

    pid: int
    name: str
    inode: int | None
    root: str | None
    root_mount: int | None
    cwd: str | None
    cwd_mount: int | None
    mounts: tuple[Entry, ...]


def take(proc: str = "/proc", redact: bool = False, progress: Progress | None = None) -> Snapshot:
    """Read the mount tables of every mount namespace that a process of this machine is in.

    Args:
        proc: a proc filesystem, or a directory that looks like one.
        redact: replace names that are not well known (see `mountlab.snapshot.redact`).
        progress: told how far it is.

    Raises:
        SnapshotError: when no mount table at all can be read there.
    """
    snapshot = snapshot_of(Procfs(proc), progress)
    return redacted(snapshot) if redact else snapshot


def snapshot_of(proc: Procfs, progress: Progress | None = None) -> Snapshot:
    """A snapshot, names as they are, of what answers as /proc does.  Raises SnapshotError."""
    return _Taker(proc).take(progress)


class _Taker:
    """Goes through the processes once, by rising pid."""

    def __init__(self, proc: Procfs) -> None:
        self.proc = proc
        self.rows: dict[str, int] = {}
        """Text of a row -> its number."""
        self.tables: dict[tuple[str, ...], tuple[Entry, ...]] = {}
        """Tables by their lines, so that equal ones are kept once."""
        self.known: dict[tuple[object, ...], tuple[Entry, ...]] = {}
        """Namespace and root -> the table that was read for them."""
        self.unread: Counter[tuple[str, str]] = Counter()
        self.remarks: list[str] = []

    def take(self, progress: Progress | None) -> Snapshot:
        try:
            pids = self.proc.pids()
        except OSError as error:
            raise SnapshotError(
                f"{shown(str(self.proc.root), quote=False)}: "
                + words.CANNOT_READ.format(reason=error.strerror or error)
            ) from None
        seen = []
        for number, pid in enumerate(pids, 1):
            process = self._process(pid)
            if process is not None:
                seen.append(process)
            if progress is not None:
                progress(number, len(pids))
        if not seen:
            raise SnapshotError(words.NO_PROC.format(proc=shown(str(self.proc.root), quote=False)))
        namespaces = self._namespaces(seen)
        self._find_held(namespaces)
        rows = tuple(self.rows)
        return Snapshot(
            self.proc.kernel(),
            False,
            rows,
            tuple(number for number, row in enumerate(rows) if _shows_a_file(row)),
            tuple(namespaces),
            tuple((what, why, count) for (what, why), count in self.unread.items()),
            tuple(self.remarks),
        )

    # -- one process -----------------------------------------------------------------------------------

    def _process(self, pid: int) -> _Seen | None:
        """What can be read of a process; None when it ended, or shows no table."""
        for _ in range(_TRIES):
            failed: dict[str, str] = {}
            inode = self._try(failed, "namespace", self.proc.namespace, pid)
            root, root_mount = self._try(failed, "root", self.proc.standing, pid, "root") or _NOWHERE
            cwd, cwd_mount = self._try(failed, "cwd", self.proc.standing, pid, "cwd") or _NOWHERE
            mounts = self._try(failed, "mountinfo", self._table, pid, (inode, root, root_mount))
            name = self._try({}, "comm", self.proc.name, pid) or str(pid)
            if inode is None or inode == self._try({}, "namespace", self.proc.namespace, pid):
                break
        if mounts is None and "mountinfo" not in failed:
            return None
        for what, why in failed.items():
            self.unread[what, why] += 1
        if mounts is None or (not mounts and inode is None):
            return None
        return _Seen(pid, name, inode, root, root_mount, cwd, cwd_mount, mounts)

    def _try(
        self,
        failed: dict[str, str],
        what: str,
        question: Callable[_P, _T],
        *args: _P.args,
        **named: _P.kwargs,
    ) -> _T | None:
        """The answer, or None; a refusal is noted, the end of the process is not."""
        try:
            return question(*args, **named)
        except PermissionError as error:
            failed[what] = error.strerror or str(error)
        except OSError:
            pass
        return None

    def _table(self, pid: int, key: tuple[int | None, str | None, int | None]) -> tuple[Entry, ...]:
        """Its table; processes of one namespace with one root have the same, which is read once.

        The path of a root is not enough: that of a mount which was detached is ``/`` too.
        """
        if None not in key and key in self.known:
            return self.known[key]
        lines = tuple(self.proc.lines(pid))
        table = self.tables.get(lines)
        if table is None:
            table = self.tables[lines] = tuple(self._entries(pid, lines))
        self.known[key] = table
        return table

    def _entries(self, pid: int, lines: tuple[str, ...]) -> Iterator[Entry]:
        rows = self.rows
        for line in lines:
            match = _LINE.fullmatch(line)
            if match is None:
                self.remarks.append(words.STRANGE_LINE.format(pid=pid, line=shown(line)))
                continue
            mount, parent, place, tags, filesystem = match.groups()
            number = rows.setdefault(f"{place} {filesystem}", len(rows))
            if not tags:
                yield Entry(int(mount), int(parent), number)
                continue
            row = parse(line)
            yield Entry(
                row.mount_id, row.parent_id, number, row.shared or 0, row.master or 0,
                row.propagate_from or 0, int(row.unbindable),
            )  # fmt: skip

    # -- all of them -------------------------------------------------------------------------------------

    def _namespaces(self, seen: list[_Seen]) -> list[Namespace]:
        """Processes by namespace, and in each by view.

        Where the namespace's number could not be read, the ids of its mounts tell which one it is: a
        mount belongs to one namespace, and ids are the machine's own.
        """
        owner: dict[int, int] = {}
        told: set[int] = set()
        numbers: dict[int, int] = {}
        members: list[list[_Seen]] = []
        for process in sorted(seen, key=lambda each: (each.inode is None, each.pid)):
            first = process.mounts[0].mount if process.mounts else 0
            place = numbers.get(process.inode) if process.inode is not None else owner.get(first)
            if place is None:
                place = len(members)
                members.append([])
                if process.inode is not None:
                    numbers[process.inode] = place
            if id(process.mounts) not in told:
                told.add(id(process.mounts))
                owner.update((entry.mount, place) for entry in process.mounts)
            members[place].append(process)
        for group in members:
            group.sort(key=lambda process: process.pid)
        members.sort(key=lambda group: group[0].pid)
        return _named([_namespace(group) for group in members])

    def _find_held(self, namespaces: list[Namespace]) -> None:
        """Mount namespaces that only a mounted file holds (``mount --bind /proc/PID/ns/mnt FILE``)."""
        known = {namespace.inode for namespace in namespaces}
        for text in self.rows:
            match = re.match(r"\S+ mnt:\[([0-9]+)\] ", text)
            if match and int(match[1]) not in known:
                self.remarks.append(words.HELD_BY_FILE.format(inode=match[1]))
                known.add(int(match[1]))


def _namespace(group: list[_Seen]) -> Namespace:
    """One namespace: the tables that its processes see, and who sees which.

    A process whose root could not be read is put to those who see the same table.
    """
    roots: dict[int, _Seen] = {}
    for process in group:
        if process.root is not None:
            roots.setdefault(id(process.mounts), process)
    numbers: dict[tuple[str | None, int | None, int], int] = {}
    views: list[View] = []
    standing = []
    for process in group:
        table = process.mounts
        seer = process if process.root is not None else roots.get(id(table), process)
        key = (seer.root, seer.root_mount, id(table))
        if key not in numbers:
            numbers[key] = len(views)
            views.append(View("", process.pid, process.name, seer.root, seer.root_mount, table))
        standing.append(Standing(process.pid, process.name, numbers[key], process.cwd, process.cwd_mount))
    inode = next((process.inode for process in group if process.inode is not None), None)
    return Namespace(inode, tuple(views), tuple(standing))


def _shows_a_file(text: str) -> bool:
    row = parse_row(text)
    return shows_a_file(row.fstype, row.root)


def _named(namespaces: list[Namespace]) -> list[Namespace]:
    """The same with a terminal's name for each view."""
    holders = [Holder(view.pid, view.process) for namespace in namespaces for view in namespace.views]
    names = iter(terminal_names(holders))
    return [
        namespace._replace(views=tuple(view._replace(name=next(names)) for view in namespace.views))
        for namespace in namespaces
    ]
