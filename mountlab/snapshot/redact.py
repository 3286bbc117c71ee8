"""Replaces the names in a snapshot that may tell whose machine it is, and keeps its structure.

Directories, sources, options, filesystem types and process names that are not well known
(`mountlab.snapshot.wellknown`) become neutral words: the same name the same word, everywhere in the
file, in the order in which they are met.  Numbers stay: ids, peer groups, devices, pids, sizes.
"""

from __future__ import annotations

import re
from collections.abc import Container

from mountlab.mountinfo import escape, parse, unescape
from mountlab.snapshot import wellknown
from mountlab.snapshot.format import Namespace, Snapshot, Standing, View
from mountlab.snapshot.names import Holder, terminal_names

DELETED = ("//deleted", " (deleted)")
"""What the kernel writes behind a path that was removed: in mountinfo, and in the links of /proc."""
_SEPARATORS = re.compile(r"([/:,=@;+ ])")


def redacted(snapshot: Snapshot) -> Snapshot:
    """The same snapshot, its names replaced."""
    return _Redactor().snapshot(snapshot)


class _Redactor:
    """Remembers which word stands for which name."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def snapshot(self, old: Snapshot) -> Snapshot:
        rows = tuple(self._row(row) for row in old.rows)
        namespaces = tuple(self._namespace(each) for each in old.namespaces)
        holders = [Holder(view.pid, view.process) for each in namespaces for view in each.views]
        names = iter(terminal_names(holders))
        renamed = tuple(
            each._replace(views=tuple(view._replace(name=next(names)) for view in each.views))
            for each in namespaces
        )
        # A remark may quote a line of a table that was not understood.
        return old._replace(redacted=True, rows=rows, namespaces=renamed, remarks=())

    def _word(self, name: str, known: Container[str], kind: str = "name") -> str:
        """A name itself when it is well known, else its neutral word."""
        if not name or name in known:
            return name
        return self.words.setdefault(name, f"{kind}-{len(self.words) + 1}")

    def _path(self, path: str) -> str:
        """A path, component by component."""
        for mark in DELETED:
            if path.endswith(mark):
                return self._path(path.removesuffix(mark)) + mark
        return "/".join(self._component(name) for name in path.split("/"))

    def _component(self, name: str) -> str:
        if wellknown.DEVICE.fullmatch(name) or wellknown.NAMESPACE_FILE.fullmatch(name):
            return name
        return self._word(name, wellknown.PATHS)

    def _text(self, text: str) -> str:
        """A source or the value of an option: what stands between the marks, one by one."""
        parts = _SEPARATORS.split(text)
        return "".join(p if _SEPARATORS.fullmatch(p) else self._component(p) for p in parts)

    def _source(self, source: str) -> str:
        return source if source in wellknown.SOURCES else self._text(source)

    def _option(self, option: str) -> str:
        """One option of a filesystem: ``name`` or ``name=value``."""
        name, equals, value = option.partition("=")
        kept = self._word(name, wellknown.OPTIONS | wellknown.NUMBERS, "option")
        if not equals:
            return kept
        if value in wellknown.OPTIONS or (name in wellknown.NUMBERS and wellknown.NUMBER.fullmatch(value)):
            return f"{kept}={value}"
        return f"{kept}={escape(self._text(unescape(value)))}"

    def _options(self, options: str) -> str:
        return ",".join(self._option(option) for option in options.split(","))

    def _row(self, text: str) -> str:
        row = parse(f"0 0 {text}")
        return " ".join(
            [
                row.dev, escape(self._path(row.root)), escape(self._path(row.mountpoint)),
                self._options(row.options), "-", escape(self._type(row.fstype), "#"),
                escape(self._source(row.source), "#"), self._options(row.super_options),
            ]
        )  # fmt: skip

    def _type(self, fstype: str) -> str:
        if fstype in wellknown.FSTYPES:
            return fstype
        head, dot, tail = fstype.partition(".")
        if dot and head in wellknown.FSTYPES:
            return f"{head}.{self._word(tail, ())}"
        return self._word(fstype, ())

    def _process(self, name: str) -> str:
        if wellknown.KERNEL_THREAD.fullmatch(name):
            return wellknown.KERNEL_THREAD.fullmatch(name)[1]  # type: ignore[index]
        return self._word(name, wellknown.PROCESSES)

    def _namespace(self, old: Namespace) -> Namespace:
        return old._replace(
            views=tuple(self._view(view) for view in old.views),
            processes=tuple(self._standing(process) for process in old.processes),
        )

    def _view(self, old: View) -> View:
        root = None if old.root is None else self._path(old.root)
        return old._replace(name="", process=self._process(old.process), root=root)

    def _standing(self, old: Standing) -> Standing:
        cwd = None if old.cwd is None else self._path(old.cwd)
        return old._replace(name=self._process(old.name), cwd=cwd)
