"""findmnt(8): the mount table, searched and laid out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mountlab.errors import MountError
from mountlab.mountinfo import MountInfo
from mountlab.shell.programs import mount_table
from mountlab.shell.programs.columns import Column, Form, Line, render
from mountlab.shell.programs.context import ERROR_TEXTS, Context, Leave
from mountlab.shell.programs.findmnt_columns import COLUMNS, Cells, parse_columns
from mountlab.shell.programs.options import Options, OptionTable
from mountlab.shell.programs.paths import canonical, same

TABLE = OptionTable(
    "AabCcDd:ehiJfF:o:O:p::PklmM:nN:rst:uvRS:T:Uw:Vxy",
    "all=A ascii=a bytes=b canonicalize=c direction=d: df=D evaluate=e first-only=f fstab=s help=h"
    " invert=i json=J"
    " kernel=k list=l mountpoint=M: mtab=m noheadings=n notruncate=u options=O: output=o: output-all"
    " poll=p:: pairs=P"
    " raw=r types=t: nocanonicalize=C nofsroot=v submounts=R source=S: tab-file=F: task=N: target=T:"
    " timeout=w:"
    " uniq=U verify=x version=V shell=y verbose tree real pseudo vfs-all shadowed",
    "A a d f i J k l M n N O o P r R S t T u v y tree real pseudo shadowed",
)
NOT_SIMULATED = frozenset("SIZE AVAIL USED USE% TID ACTION OLD-TARGET OLD-OPTIONS SOURCES".split())
"""Columns that say what is not modelled."""
EXCLUSIVE = (
    ("JPr", "--json --pairs --raw --verify"),
    ("MT", "--mountpoint --target"),
    ("Nk", "--task --kernel --mtab --fstab"),
    ("Plr", "--pairs --list --raw --verify"),
)


@dataclass
class Search:
    """What rows are wanted."""

    context: Context
    options: Options
    source: str | None
    target: str | None
    device: str | None
    may_swap: bool
    """The one word given may be a source or a target."""

    def lists_all(self) -> bool:
        """Whether nothing narrows the list down."""
        if self.options.has("real", "pseudo") and not self.options.has("A"):
            return False
        wanted = (self.source, self.target, self.device, self.options.last("t"), self.options.last("O"))
        return all(word is None for word in wanted)

    def matches(self, row: MountInfo, rows: Iterable[MountInfo]) -> bool:
        """Whether a row is wanted."""
        options = self.options
        fstype, words = options.last("t"), options.last("O")
        found = (
            (fstype is None or mount_table.matches_type(row.fstype, fstype))
            and (words is None or matches_options(mount_table.options_of(row), words))
            and (self.device is None or row.dev == self.device)
            and (self.target is None or self._is_target(row, self.target))
            and (self.source is None or self._is_source(row, self.source))
            and not (options.has("real") and mount_table.is_pseudo(row))
            and not (options.has("pseudo") and not mount_table.is_pseudo(row))
            and not (options.has("shadowed") and mount_table.overmount(rows, row) is None)
        )
        return found != options.has("i")

    def _is_target(self, row: MountInfo, target: str) -> bool:
        return same(row.mountpoint, target) or same(row.mountpoint, canonical(self.context, target))

    def _is_source(self, row: MountInfo, source: str) -> bool:
        if mount_table.has_source(row, source):
            return True
        if mount_table.is_pseudo(row) or row.fstype in mount_table.NETWORK or mount_table.is_tag(source):
            return False
        return same(row.source, canonical(self.context, source))


def matches_options(have: str, pattern: str) -> bool:
    """libmount's mnt_match_options: every word is there, or with ``no`` before it is not."""
    present = dict(word.partition("=")[::2] for word in have.split(","))
    for word in filter(None, pattern.split(",")):
        name, _, value = word.partition("=")
        negated = not name.startswith("+") and name.startswith("no")
        name = name[1:] if name.startswith("+") else name[2:] if negated else name
        found = name in present and (not value or present[name] == value)
        if found == negated:
            return False
    return True


def run(context: Context, options: Options) -> int:
    """Print the rows that match; 1 when there is none."""
    _exclude(context, options)
    if options.last("d") not in (None, "forward", "backward"):
        raise context.fail(1, f"unknown direction '{options.last('d')}'")
    columns = parse_columns(context, options.last("o"))
    search = _search(context, options)
    rows = _read(context, options)
    as_tree = _is_tree(options, search)
    drawn = [column._replace(is_tree=column.is_tree and as_tree) for column in columns]
    cells = Cells(columns, with_root=not options.has("v"), aligned=not options.has("r", "P", "J"))
    lines = _lines(search, rows, cells, as_tree)
    if lines is None:
        return 1
    context.say(render(drawn, lines, _form(options)))
    return 0


def _exclude(context: Context, options: Options) -> None:
    seen: dict[str, str] = {}
    for option in options.given:
        for letters, names in EXCLUSIVE:
            if option.key in letters and seen.setdefault(names, option.key) != option.key:
                raise context.fail(1, f"mutually exclusive arguments: {names}")


def _search(context: Context, options: Options) -> Search:
    source, target = options.last("S"), options.last("M", "T")
    operands = options.operands
    if operands and (source is not None or target is not None):
        text = "options --target and --source can't be used together with command line element"
        raise context.fail(1, text + " that is not an option")
    may_swap = source is None and target is None
    if operands:
        source, target = operands[0], (operands[1] if len(operands) > 1 else None)
    device = None
    match = re.match(r"\s*([+-]?\d+):\s*([+-]?\d+)", source or "")
    if match:
        device, source, may_swap = f"{int(match[1])}:{int(match[2])}", None, False
    if source is not None and mount_table.is_tag(source):
        may_swap = False
    return Search(context, options, source, target, device, may_swap)


def _read(context: Context, options: Options) -> list[MountInfo]:
    word = options.last("N")
    if word is None:
        rows = context.table()
        if rows is None:
            raise _unreadable(context, "/proc/mounts")
        return rows
    other = context.shells.get(word)
    if other is None and not re.fullmatch(r"\s*\+?\d+", word):
        raise context.fail(1, f"invalid TID argument: '{word}'")
    if other is None or context.table() is None:
        raise _unreadable(context, f"/proc/{word}/mountinfo")
    return context.sim.mountinfo(other)


def _unreadable(context: Context, path: str) -> Leave:
    context.note(MountError("ENOENT", "program.no-table"))
    return context.fail(1, f"can't read {path}: {ERROR_TEXTS['ENOENT']}")


def _is_tree(options: Options, search: Search) -> bool:
    narrowed = search.target is not None or search.source is not None or search.device is not None
    as_tree = not options.has("P", "r", "l")
    if not _with_submounts(options, search) and (options.has("f") or narrowed):
        as_tree = False
    return as_tree or options.has("tree")


def _with_submounts(options: Options, search: Search) -> bool:
    return options.has("R") and not search.lists_all()


def _form(options: Options) -> Form:
    kinds = (("J", "json"), ("P", "pairs"), ("r", "raw"))
    kind = next((name for letter, name in kinds if options.has(letter)), "plain")
    return Form(kind, not options.has("n"), options.has("a"), options.has("y"), "filesystems")


def _lines(search: Search, rows: list[MountInfo], cells: Cells, as_tree: bool) -> list[Line] | None:
    """The lines of the table; None when nothing was found."""
    submounts = _with_submounts(search.options, search)
    tree = _Tree(search, rows, cells, submounts)
    if as_tree and not submounts:
        return tree.whole()
    found = _matching(search, rows)
    if not found and not search.may_swap and not search.options.has("M") and search.target is not None:
        row = mount_table.find_mountpoint(search.context, rows, canonical(search.context, search.target))
        if row is not None:
            search.target = row.mountpoint
        found = _matching(search, rows)
    if not found:
        return None
    for row in found:
        if as_tree or submounts:
            tree.add(row)
        else:
            tree.top.append(Line(cells.of(row)))
    return tree.top


def _matching(search: Search, rows: list[MountInfo]) -> list[MountInfo]:
    backward = search.options.last("d") == "backward"
    ordered = list(reversed(rows)) if backward else rows
    first_only = search.options.has("f")
    if first_only and search.source is not None and not search.options.has("t", "O"):
        row = mount_table.find_source(search.context, rows, search.source, backward=backward)
        if row is None and search.may_swap:
            row = mount_table.find_target(search.context, rows, search.source, backward=backward)
        return [row] if row else []
    found = [row for row in ordered if search.lists_all() or search.matches(row, rows)]
    if not found and search.may_swap and search.source is not None and search.target is None:
        search.source, search.target = None, search.source
        found = [row for row in ordered if search.matches(row, rows)]
    if found:
        search.may_swap = False
    return found[:1] if first_only else found


class _Tree:
    """Lines with their children, rows that do not match left out."""

    def __init__(self, search: Search, rows: list[MountInfo], cells: Cells, everything: bool) -> None:
        self.search, self.rows, self.cells, self.everything = search, rows, cells, everything
        self.top: list[Line] = []
        self.shown: set[int] = set()

    def whole(self) -> list[Line]:
        """The tree from its root; what hangs nowhere follows."""
        root = mount_table.root_of(self.rows)
        if root is not None:
            self.add(root)
        if len(self.rows) > len(self.shown):
            for row in self.rows:
                if row.mount_id not in self.shown and self.search.matches(row, self.rows):
                    self.add(row)
        return self.top

    def add(self, row: MountInfo) -> None:
        """One mount and all below it."""
        below: dict[int, list[MountInfo]] = {}
        for each in self.rows:
            if each.parent_id != each.mount_id:
                below.setdefault(each.parent_id, []).append(each)
        stack = [(row, self.top)]
        while stack:
            each, place = stack.pop()
            if self.everything and each.mount_id in self.shown:
                continue
            if self.everything or self.search.matches(each, self.rows):
                self.shown.add(each.mount_id)
                line = Line(self.cells.of(each))
                place.append(line)
                place = line.children
            kids = sorted(below.get(each.mount_id, ()), key=lambda kid: kid.mount_id, reverse=True)
            stack += [(kid, place) for kid in kids]


def column_objection(words: str) -> str | None:
    """The first column of -o that the program has and the language has not."""
    for word in words.removeprefix("+").split(","):
        if word.upper() in NOT_SIMULATED:
            return word
    return None


__all__ = ["COLUMNS", "TABLE", "Column", "column_objection", "matches_options", "run"]
