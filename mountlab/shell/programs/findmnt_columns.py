"""findmnt's columns: what each says of a row of the mount table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mountlab.mountinfo import MountInfo
from mountlab.shell.programs.columns import Column
from mountlab.shell.programs.context import Context, Leave
from mountlab.shell.programs.mount_table import options_of

COLUMNS = {
    column.name: column
    for column in (
        Column("FREQ", 1, is_right=True, is_number=True),
        Column("FSROOT"),
        Column("FSTYPE"),
        Column("FS-OPTIONS"),
        Column("ID", 2, is_right=True, is_number=True),
        Column("LABEL"),
        Column("MAJ:MIN", 6),
        Column("OPTIONS"),
        Column("OPT-FIELDS"),
        Column("PARENT", 2, is_right=True, is_number=True),
        Column("PARTLABEL"),
        Column("PARTUUID", 36),
        Column("PASSNO", 1, is_right=True, is_number=True),
        Column("PROPAGATION"),
        Column("SOURCE"),
        Column("TARGET", is_tree=True),
        Column("UUID", 36),
        Column("VFS-OPTIONS"),
    )
}
DEFAULT = ("TARGET", "SOURCE", "FSTYPE", "OPTIONS")


def parse_columns(context: Context, words: str | None) -> list[Column]:
    """The columns of ``-o``; ``+`` before the list adds them to the default ones."""
    chosen = [COLUMNS[name] for name in DEFAULT]
    if words is None:
        return chosen
    if not words.removeprefix("+"):
        raise Leave(1)
    if words.startswith("+"):
        words = words[1:]
    else:
        chosen = []
    begin = 0
    while begin < len(words):
        comma = words.find(",", begin)
        end = len(words) if comma < 0 or comma == len(words) - 1 else comma
        if end == begin:
            raise Leave(1)
        column = COLUMNS.get(words[begin:end].upper())
        if column is None:
            raise context.fail(1, f"unknown column: {words[begin:]}")
        chosen.append(column)
        begin = end + 1
    return chosen


class Cells:
    """Makes the cells of a row.

    Args:
        columns: the columns wanted.
        with_root: add ``[/sub/directory]`` to a source when a mount does not show all of its filesystem.
        aligned: pad device numbers so that they stand beneath each other.
    """

    def __init__(self, columns: Sequence[Column], *, with_root: bool = True, aligned: bool = True) -> None:
        self._columns, self._with_root, self._aligned = columns, with_root, aligned

    def of(self, row: MountInfo) -> list[str | None]:
        """The cells of one row."""
        return [self._cell(row, column.name) for column in self._columns]

    def _cell(self, row: MountInfo, name: str) -> str | None:
        if name == "SOURCE":
            return f"{row.source}[{row.root}]" if self._with_root and row.root != "/" else row.source
        if name == "MAJ:MIN":
            return self._device(row)
        value = _VALUES.get(name)
        return value(row) if value else None

    def _device(self, row: MountInfo) -> str:
        major, _, minor = row.dev.partition(":")
        return f"{major:>3}:{minor:<3}" if self._aligned else row.dev


def _optional_fields(row: MountInfo) -> str | None:
    numbers = (("shared", row.shared), ("master", row.master), ("propagate_from", row.propagate_from))
    words = [f"{name}:{number}" for name, number in numbers if number is not None]
    return " ".join(words + ["unbindable"] * row.unbindable) or None


def _propagation(row: MountInfo) -> str:
    words = ["shared" if row.shared is not None else "private"]
    words += ["slave"] * (row.master is not None) + ["unbindable"] * row.unbindable
    return ",".join(words)


_VALUES: dict[str, Callable[[MountInfo], str | None]] = {
    "TARGET": lambda row: row.mountpoint,
    "FSTYPE": lambda row: row.fstype,
    "OPTIONS": options_of,
    "VFS-OPTIONS": lambda row: row.options,
    "FS-OPTIONS": lambda row: row.super_options,
    "OPT-FIELDS": _optional_fields,
    "FSROOT": lambda row: row.root,
    "ID": lambda row: str(row.mount_id),
    "PARENT": lambda row: str(row.parent_id) if row.parent_id else None,
    "PROPAGATION": _propagation,
}
