"""Where a condition of a level can look: terminals, and containers and units under their own names."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.shell.backend import NamespaceTable

KINDS = ("container", "unit")
"""What holds a namespace and has a name: `mountlab.shell.backend.Holder`."""


def with_daemons(tables: Sequence[NamespaceTable]) -> list[NamespaceTable]:
    """The tables, with containers and units among the terminals: ``A: /mnt mounted`` needs no terminal in A.

    A terminal of the same name stays what it is.  A unit that has no namespace of its own is not there.
    A container of a pod, POD/CONTAINER, is called POD.CONTAINER: names of terminals have no slash.
    """
    terminals = {shell for table in tables for shell in table.shells}
    return [table._replace(shells=(*table.shells, *_names(table, terminals))) for table in tables]


def _names(table: NamespaceTable, taken: set[str]) -> list[str]:
    names = dict.fromkeys(holder.name.replace("/", ".") for holder in table.holders if holder.kind in KINDS)
    return [name for name in names if name not in taken]
