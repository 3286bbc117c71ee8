"""``explain`` in a notebook: a manifest's road from YAML to system calls, as `mountlab explain` prints it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from mountlab.kubernetes.explained.manifest import explain_manifests
from mountlab.kubernetes.explained.tell import tell
from mountlab.kubernetes.explained.words import say
from mountlab.shell.simbackend import SimulatorBackend

NAME = "the cell"
"""What places are called: a line of the text in the cell."""
_HEADING = re.compile(r" *\d+\. | {0,3}\S.*[^.]$")
"""A numbered stage; a pod, a container, a warning. What is no sentence of its own begins something."""


class Explained:
    """The road of a manifest, line by line."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        """The same lines; what is too long goes on below its own beginning, and the table scrolls."""
        return f'<div style="font-family: monospace">{"".join(_html(self.lines))}</div>'


def _html(lines: list[str]) -> Iterator[str]:
    table: list[str] = []
    is_table = False
    for line in [*lines, ""]:
        if is_table and not line:
            yield f'<pre style="white-space: pre; overflow-x: auto">{escape(chr(10).join(table))}</pre>'
        elif is_table:
            table.append(line)
            continue
        is_table = line == say("table")
        depth = len(line) - len(line.lstrip())
        shown = f"<strong>{escape(line)}</strong>" if _HEADING.match(line) else escape(line)
        hanging = f"padding-left: {depth + 2}ch; text-indent: -2ch; overflow-wrap: anywhere"
        yield f'<div style="{hanging}">{shown or "&nbsp;"}</div>'


def explain(manifest: str, *, node: str = "systemd") -> Explained:
    """Explain a manifest on a simulated node.

    Args:
        manifest: YAML, as for kubectl; several documents are allowed.
        node: name of the machine: ``systemd``, ``bare``, ``k3d``, ``wsl2``.

    Raises:
        ValueError: when there is no such machine.
    """
    chain = explain_manifests(SimulatorBackend(node).daemons, [(NAME, manifest.lstrip("\n"))])
    return Explained([*tell(chain), *(error.told for error in chain.errors)])
