"""What a notebook asks: its cells that predict, play a level, drill or test, and what its text folds away."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mountlab.practice import drills

FORMS = {"pretest": "before", "posttest": "after"}
"""The two tests."""
CAPSTONE = "capstone"
"""The last incident: a level with a function of its own."""
FUNCTIONS = ("predict", "level", "drill", CAPSTONE, *FORMS)
HEADING = re.compile(r"^#{2,3} +(.+)$", re.MULTILINE)

DETAILS = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", re.DOTALL)


class Call(NamedTuple):
    """A cell asks something."""

    function: str
    name: str
    """Of the prediction, the level, or the drill; empty for a test and for the last incident."""
    section: str = ""
    """The heading above."""


def calls_in(notebook: Path) -> list[Call]:
    """What a notebook asks, from top to bottom."""
    found: list[Call] = []
    section = ""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            section = (HEADING.findall(source) or [section])[-1]
        elif cell["cell_type"] == "code":
            found += [call._replace(section=section) for call in calls_of(source)]
    return found


class Folded(NamedTuple):
    """An answer that a notebook folds away."""

    section: str
    summary: str
    text: str


def folded_in(notebook: Path) -> list[Folded]:
    """The answers in a notebook's own text."""
    found: list[Folded] = []
    section = ""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            source = "".join(cell["source"])
            section = (HEADING.findall(source) or [section])[-1]
            found += [Folded(section, *map(str.strip, each)) for each in DETAILS.findall(source)]
    return found


def calls_of(source: str) -> Iterator[Call]:
    """The calls of a cell, in the order in which they are written; a transcript has none."""
    lines = source.split("\n")
    if lines[0].startswith("%%"):
        return
    program = "\n".join(line for line in lines if not line.startswith(("%", "!")))
    nodes = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call)]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        function = node.func.id if isinstance(node.func, ast.Name) else ""
        if function in FUNCTIONS:
            name = _drill(node) if function == "drill" else _first(node)
            if name or function in (CAPSTONE, *FORMS):
                yield Call(function, name)


def _first(node: ast.Call) -> str:
    value = _literal(node.args[0]) if node.args else None
    return value if isinstance(value, str) else ""


def _drill(node: ast.Call) -> str:
    """The name of a drill that is the same everywhere; one without a seed has no answer to print."""
    given = dict(zip(("topic", "difficulty", "seed"), map(_literal, node.args), strict=False))
    given |= {each.arg: _literal(each.value) for each in node.keywords if each.arg}
    if not isinstance(given.get("seed"), int):
        return ""
    return drills.name_of(given.get("topic") or "binds", given.get("difficulty") or 1, abs(given["seed"]))


def _literal(node: ast.expr) -> Any:  # noqa: ANN401 - whatever an author wrote
    return node.value if isinstance(node, ast.Constant) else None
