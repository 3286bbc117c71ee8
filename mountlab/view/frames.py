"""The data of a picture that can be stepped through: a grid, and what changed from moment to moment.

    {"v": 1, "name": "lab", "columns": […], "rows": […], "closed": […], "narrow": […], "filesystems": […],
     "start": DELTA, "commands": [{"n": 3, "shell": "host", "text": "mount …", "steps": [STEP, …]}, …],
     "texts": […], "because": […], "rules": {…}, "at": {…}}

A box is a mount as one column shows it; ``set`` holds new boxes with all their fields and changed boxes with
the changed ones, so that forty steps cost little more than one.  A step has ``say`` (a sentence), ``rule``,
``act`` (what it is about) and ``d`` (the delta).  Every painter reads this and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from mountlab.explain.answer import Link
from mountlab.mountinfo import MountInfo
from mountlab.rules import RULES, Rule
from mountlab.shell.backend import NamespaceTable
from mountlab.shell.history import Ran
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.view.grid import Boxes, Grid, closed, narrow
from mountlab.view.moments import Moment, moments, opened
from mountlab.view.reasons import Reasons
from mountlab.view.tables import Eye, Recall, Tables, as_counted, tables_of
from mountlab.view.telling import Told
from mountlab.view.words import counted, say

VERSION = 1
GLYPHS = "●■▲◆★✚⬟▼"
Frames = dict[str, Any]
Delta = dict[str, Any]


class Line(NamedTuple):
    """One line of a transcript with what it did."""

    number: int
    shell: str
    text: str
    exit: int
    errno: str | None
    out: str
    err: str
    moments: list[Moment]


def frames(
    backend: SimulatorBackend,
    first: int = 0,
    last: int | None = None,
    *,
    recall: Recall = as_counted,
    name: str = "",
    outputs: Sequence[tuple[str, str]] | None = None,
) -> Frames:
    """The data of lines ``first`` to ``last`` of a machine's history (as a slice; counted from 0).

    Args:
        recall: how numbers are told; by default as the simulator counts.
        outputs: what each line printed, where that is told in other words than the simulator's.
    """
    history = backend.history[first:last]
    sim = backend.sim
    begin = history[0].first if history else len(sim.operations)
    vfs = sim.at(begin)
    eye = Eye(vfs, backend.is_terminal)
    before = start = eye.look()
    reasons = Reasons(backend, recall)
    reasons.ask(vfs, start, begin)
    lines = []
    for number, ran in enumerate(history):
        before = opened(vfs, eye, sim.operations[begin : ran.first])
        calls = sim.operations[ran.first : ran.end]
        done = list(moments(vfs, eye, calls, before, recall, backend.tells_runtime))
        begin = ran.end
        # A line that changed nothing is a moment too: its terminal may have opened with it.
        done = done or [Moment(_nothing(ran.outcome.exit), before)]
        before = done[-1].tables
        out, err = outputs[number] if outputs else (ran.outcome.stdout, ran.outcome.stderr)
        lines.append(_line(ran, out, err, done))
        reasons.ask(vfs, before, ran.end)
    return Writer(start, lines, recall, reasons).written(name)


def _nothing(status: int) -> Told:
    return Told(say("failed"), None, "refused") if status else Told(say("nothing"), None, "none")


def _line(ran: Ran, out: str, err: str, done: list[Moment]) -> Line:
    outcome = ran.outcome
    errno = outcome.errno if isinstance(outcome.errno, str) else None
    return Line(ran.number, ran.shell, ran.line.text, outcome.exit, errno, out, err, done)


class Seen(NamedTuple):
    """A line as a kernel's backend tells of it: no events, only the tables afterwards."""

    shell: str
    text: str
    exit: int
    out: str
    err: str
    tables: Sequence[NamespaceTable]


def frames_of_tables(start: Iterable[NamespaceTable], lines: Iterable[Seen], name: str = "") -> Frames:
    """The same data from mount tables alone: of a real kernel, or of a machine's snapshot."""
    told = []
    begin = before = tables_of(start)
    for number, line in enumerate(lines, 1):
        after = tables_of(line.tables)
        is_same = {key: table.rows for key, table in before.items()} == {k: t.rows for k, t in after.items()}
        key = ("failed" if line.exit else "nothing") if is_same else "changed"
        moment = Moment(Told(say(key), None, "refused" if line.exit and is_same else "none"), after)
        before = after
        told.append(Line(number, line.shell, line.text, line.exit, None, line.out, line.err, [moment]))
    reasons = Reasons(None, as_counted)
    for tables in (begin, *(line.moments[-1].tables for line in told)):
        reasons.ask(None, tables)
    return Writer(begin, told, as_counted, reasons).written(name)


class Writer:
    """Writes the data of one trace."""

    def __init__(self, start: Tables, lines: Sequence[Line], recall: Recall, reasons: Reasons) -> None:
        self.start, self.lines, self.recall, self.reasons = start, lines, recall, reasons
        self.grid = Grid()
        # First every moment is seen: only then is it known where things stand.
        self.sights = [self.grid.see(start)]
        self.sights += [self.grid.see(moment.tables) for line in lines for moment in line.moments]
        self.rows = self.grid.rows()
        self.lane_of = self.grid.lanes()
        self.row_of = {row.path: number for number, row in enumerate(self.rows) if not row.is_group}
        self.filesystems: dict[str, Frames] = {}
        self.texts: dict[Link, int] = {}
        """What explanations say, each once, without the step."""
        self.rules: set[str] = set()
        self.whys: dict[int, list[int]] = {}
        """Mount -> why it is where it is, as numbers of texts; up to date after so many lines:"""
        self.explained = 0
        self.fields: dict[int, Frames] = {}
        """The boxes as they were written last."""
        self.shells: dict[int, list[str]] = {}
        self.empty: dict[tuple[int, int], list[int]] = {}

    def written(self, name: str) -> Frames:
        """All of it."""
        start = self._delta(self.sights[0], self.start, 0)
        self._explain(start, 0)
        commands = list(self._commands())
        columns = [
            {"ns": number, "title": say("namespace", number=number), "view": view}
            for number, view in self.grid.keys
        ]
        rows = [
            {"path": row.path, "label": row.label, "up": row.up, "lanes": row.lanes}
            | ({"group": 1} if row.is_group else {})
            for row in self.rows
        ]
        return {
            "v": VERSION, "name": name, "columns": columns, "rows": rows, "closed": closed(self.rows),
            "narrow": narrow(len(columns), self._actors()), "filesystems": list(self.filesystems.values()),
            "start": start, "commands": commands, "texts": [link.text for link in self.texts],
            "because": [link.rule for link in self.texts],
            "rules": {name: _law(RULES[name]) for name in sorted(self.rules) if name in RULES},
            # Who opens it sees how it ends, as in the static picture; from there one steps back.
            "at": {"command": len(commands) - 1, "step": len(commands[-1]["steps"]) - 1 if commands else 0},
        }  # fmt: skip

    def _commands(self) -> Iterator[Frames]:
        sights = iter(self.sights[1:])
        for number, line in enumerate(self.lines, 1):
            steps = []
            for moment in line.moments:
                before = dict(self.fields)
                delta = self._delta(next(sights), moment.tables, number)
                steps.append(self._step(moment.told, delta, before))
            self._explain(steps[-1]["d"], number)
            facts = {"n": line.number, "shell": line.shell, "text": line.text, "exit": line.exit}
            facts |= {"errno": line.errno, "out": line.out, "err": line.err}
            yield facts | {"say": _summary(line.moments) or steps[0]["say"], "steps": steps}

    def _step(self, told: Told, delta: Delta, before: dict[int, Frames]) -> Frames:
        act: Frames = {"kind": told.kind}
        known = {**before, **self.fields}
        numbers = {self.grid.mount_of[box]: box for box in known}
        boxes = [box for mount in told.mounts for box in (numbers.get(mount),) if box is not None]
        if boxes:
            act["box"] = boxes if len(boxes) > 1 else boxes[0]
        if told.origin is not None and told.origin in numbers:
            act["from"] = numbers[told.origin]
        step: Frames = {"say": told.say, "act": act, "d": delta}
        if not told.rule:
            return step
        self.rules.add(told.rule)
        return step | {"rule": told.rule}

    # -- deltas ------------------------------------------------------------------------------------

    def _delta(self, boxes: Boxes, tables: Tables, line: int) -> Delta:
        """What is written anew after a moment of a line (0: before the first)."""
        if line >= self.explained:
            fresh = self.reasons.whys[line].items()
            self.whys |= {mount: self._texts(links) for mount, links in fresh}
            self.explained = line + 1
        changed = []
        for number, box in boxes.items():
            fields = self._box(number, box.row, box.hidden)
            old = self.fields.get(number)
            fields["why"] = self.whys.get(self.grid.mount_of[number], [])
            new = fields if old is None else {k: v for k, v in fields.items() if old.get(k) != v}
            if new:
                changed.append([number, new])
                self.fields[number] = {**(old or {}), **fields}
        gone = [number for number in self.fields if number not in boxes]
        for number in gone:
            del self.fields[number]
        delta: Delta = {"set": changed, "gone": gone} | self._columns(tables)
        return {key: value for key, value in delta.items() if value}

    def _box(self, number: int, row: MountInfo, hidden: bool) -> Frames:
        key = self.grid.column_of[number]
        fs = self.filesystems.setdefault(row.dev, self._filesystem(row))
        group = row.shared and self.recall("group", row.shared)
        master = row.master and self.recall("group", row.master)
        above = row.propagate_from and self.recall("group", row.propagate_from)
        return {
            "c": self.grid.keys.index(key), "r": self.row_of[row.mountpoint], "l": self.lane_of[number],
            "id": self.recall("mount", row.mount_id), "up": self.recall("mount", row.parent_id),
            "fs": fs["index"], "root": row.root, "opt": row.options, "sopt": row.super_options,
            "sh": group or 0, "ma": master or 0, "pf": above or 0, "ub": int(row.unbindable),
            "hid": int(hidden),
        }  # fmt: skip

    def _filesystem(self, row: MountInfo) -> Frames:
        number = len(self.filesystems)
        return {
            "index": number, "dev": self.recall("dev", row.dev), "type": row.fstype, "source": row.source,
            "glyph": GLYPHS[number % len(GLYPHS)], "colour": (number + number // len(GLYPHS)) % len(GLYPHS),
        }  # fmt: skip

    def _columns(self, tables: Tables) -> Delta:
        shells, live = [], []
        for column, key in enumerate(self.grid.keys):
            table = tables.get(key)
            now = list(table.shells) if table else []
            if (column in self.shells) != (table is not None):
                live.append([column, table is not None])
            if table is None:
                self.shells.pop(column, None)
            elif self.shells.get(column) != now:
                shells.append([column, now])
                self.shells[column] = now
        return {"shells": shells, "live": live}

    def _actors(self) -> list[int]:
        """The columns in which somebody types."""
        found = []
        for line in self.lines:
            for moment in line.moments:
                tables = moment.tables.items()
                found += [self.grid.keys.index(key) for key, table in tables if line.shell in table.shells]
        return found

    def _explain(self, delta: Delta, moment: int) -> None:
        """Add to the last delta of a line what is missing where."""
        empty = {
            (self.grid.keys.index(key), self.row_of[path]): self._texts(texts)
            for (key, path), texts in self.reasons.absences[moment].items()
        }
        changes: list[list[Any]] = [[*slot, None] for slot in self.empty if slot not in empty]
        changes += [[*slot, texts] for slot, texts in empty.items() if self.empty.get(slot) != texts]
        if changes:
            delta["empty"] = changes
        self.empty = empty

    def _texts(self, links: Sequence[Link]) -> list[int]:
        alike = (link._replace(step=None) for link in links)
        return [self.texts.setdefault(link, len(self.texts)) for link in alike]


def _law(rule: Rule) -> str:
    """A rule with its source, as the stepper tells it."""
    return say("law", sentence=rule.sentence, source=rule.source)


def _summary(done: Sequence[Moment]) -> str:
    """One sentence for a whole line: what it made, how many copies arrived, how many were left out."""
    if len(done) <= 1:
        return ""
    told = [moment.told for moment in done]
    copies = sum(one.many for one in told if one.kind == "copy")
    skips = sum(one.many for one in told if one.kind == "skip")
    parts = [told[0].say]
    if copies:
        parts.append(say("and.copies", count=counted("copies", copies)))
    if skips:
        parts.append(say("and.skips", count=counted("places", skips)))
    return " ".join(parts)
