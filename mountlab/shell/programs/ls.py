"""ls(1) as it prints to a file: one name per line, sorted by bytes."""

from __future__ import annotations

from typing import NamedTuple

from mountlab.errors import MountError
from mountlab.files import Stat
from mountlab.shell.programs import clock
from mountlab.shell.programs.context import ERROR_TEXTS, Context, strerror
from mountlab.shell.programs.modes import letters
from mountlab.shell.programs.options import Options, OptionTable
from mountlab.shell.programs.quoting import shell

TABLE = OptionTable(
    "abcdfghiklmnopqrstuvw:xABCDFGHI:LNQRST:UXZ1",
    "all=a escape=b directory=d dired=D full-time group-directories-first human-readable=h inode=i"
    " kibibytes=k"
    " numeric-uid-gid=n no-group=G hide-control-chars=q reverse=r size=s width=w: almost-all=A"
    " ignore-backups=B"
    " classify=F:: file-type si dereference-command-line=H dereference-command-line-symlink-to-dir"
    " hide: ignore=I:"
    " indicator-style: dereference=L literal=N quote-name=Q quoting-style: recursive=R format:"
    " show-control-chars"
    " sort: tabsize=T: time: time-style: zero color:: hyperlink:: block-size: context=Z author help version",
    "a A d i l n 1 p F r s R",
)
BLOCK, PAGE = 512, 4096


class Entry(NamedTuple):
    """One name to be printed."""

    name: str
    stat: Stat


def run(context: Context, options: Options) -> int:
    """List files, then directories; 2 when an operand cannot be reached."""
    listing = _Listing(context, options)
    status = 0
    files: list[Entry] = []
    directories: list[Entry] = []
    for path in options.operands or ["."]:
        try:
            found = context.sim.stat(context.proc, path)
        except MountError as error:
            context.note(error)
            context.complain(f"cannot access {shell(path)}: {strerror(error)}")
            status = 2
            continue
        is_listed = found.kind == "dir" and not options.has("d")
        (directories if is_listed else files).append(Entry(path, found))
    listing.entries(listing.ordered(files))
    titled = options.has("R") or len(options.operands) > 1
    pending = [(entry, frozenset[tuple[str, int]]()) for entry in listing.ordered(directories)]
    is_first = not files
    while pending:
        directory, above = pending.pop(0)
        here = (directory.stat.dev, directory.stat.ino)
        if here in above:
            context.complain(f"{directory.name}: not listing already-listed directory")
            status = 2
            continue
        inside = listing.directory(directory.name, titled=titled, is_first=is_first)
        is_first = False
        if options.has("R"):
            pending = [(entry, above | {here}) for entry in inside] + pending
    return status or int(listing.has_failed)


_UNSERVED = Stat("", 0, "unserved", 0, 0, 0, 0, "", 0)
"""What is known of a directory that cannot be looked at."""


class _Listing:
    """Prints entries in the form that the options ask for."""

    def __init__(self, context: Context, options: Options) -> None:
        self.context, self.options = context, options
        self.long = options.has("l", "n")
        self.owner = "0" if context.is_root else "65534"
        self.has_failed = False

    def ordered(self, entries: list[Entry]) -> list[Entry]:
        """By name, as LC_ALL=C.UTF-8 sorts."""
        by_name = sorted(entries, key=lambda entry: entry.name.encode("utf-8", "surrogateescape"))
        return by_name[::-1] if self.options.has("r") else by_name

    def directory(self, path: str, *, titled: bool, is_first: bool) -> list[Entry]:
        """One directory; returns those inside, for -R."""
        context, options = self.context, self.options
        if titled:
            context.say(("" if is_first else "\n") + f"{path}:\n")
        names = context.sim.listdir(context.proc, path)
        if not options.has("a", "A"):
            names = [name for name in names if not name.startswith(".")]
        elif options.given and self._shows_dots() and context.sim.stat(context.proc, path).nlink:
            # (a directory that was removed lists nothing, not even these)
            names = [".", "..", *names]
        found = ((name, context.stat(f"{path.rstrip('/')}/{name}" if path else name)) for name in names)
        entries = self.ordered([Entry(name, stat or self._unserved(path, name)) for name, stat in found])
        if self.long or options.has("s"):
            context.say(f"total {sum(blocks(entry.stat) for entry in entries) * BLOCK // 1024}\n")
        self.entries(entries)
        below = [entry for entry in entries if entry.stat.kind == "dir" and entry.name not in (".", "..")]
        return [Entry(f"{path.rstrip('/')}/{entry.name}", entry.stat) for entry in below]

    def _unserved(self, path: str, name: str) -> Stat:
        """A filesystem of FUSE whose server is gone: its name is there, and nothing else of it."""
        if self.long or self.options.has("s", "i", "F", "p"):
            below = shell(f"{path.rstrip('/')}/{name}")
            self.context.complain(f"cannot access {below}: {ERROR_TEXTS['ENOTCONN']}")
            self.has_failed = True
        return _UNSERVED

    def _shows_dots(self) -> bool:
        """Of -a and -A the last one counts."""
        return [option.key for option in self.options.given if option.key in "aA"][-1] == "a"

    def entries(self, entries: list[Entry]) -> None:
        """One line each, the columns as wide as the widest."""
        table = [self._cells(entry) for entry in entries]
        if not table:
            return
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        for row, entry in zip(table, entries, strict=True):
            cells = [
                cell.ljust(width) if column in self._left else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            self.context.say(" ".join([*cells, entry.name + self._mark(entry)]) + "\n")

    @property
    def _left(self) -> tuple[int, ...]:
        """The columns that are not flush right: mode, owner, group."""
        before = self.options.has("i") + self.options.has("s")
        return (before, before + 2, before + 3) if self.long else ()

    def _cells(self, entry: Entry) -> list[str]:
        stat = entry.stat
        if stat is _UNSERVED:
            return self._unknown()
        cells = [str(stat.ino)] if self.options.has("i") else []
        if self.options.has("s"):
            cells.append(str(blocks(stat) * BLOCK // 1024))
        if self.long:
            size = "0, 0" if stat.kind == "whiteout" else str(stat.size)
            cells += [letters(stat.kind, stat.mode), str(stat.nlink), self.owner, self.owner, size]
            cells.append(clock.short(stat.mtime))
        return cells

    def _unknown(self) -> list[str]:
        before = ["?"] * (self.options.has("i") + self.options.has("s"))
        return [*before, *(["d?????????", "?", "?", "?", "?", "?".rjust(12)] if self.long else [])]

    def _mark(self, entry: Entry) -> str:
        if not self.options.has("p", "F") or entry.stat is _UNSERVED:
            return ""
        if entry.stat.kind == "dir":
            return "/"
        return "*" if self.options.has("F") and entry.stat.mode & 0o111 else ""


def blocks(stat: Stat) -> int:
    """Blocks of 512 bytes: tmpfs keeps whole pages, and none for directories."""
    return 0 if stat.kind == "dir" else -(-stat.size // PAGE) * (PAGE // BLOCK)
