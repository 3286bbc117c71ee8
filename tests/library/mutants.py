"""Switches a rule of the engine off: functions get the code of a changed copy of their module's source.

Only the code object of a live function is exchanged, so a mutant acts wherever the function was
imported, and putting the old code back undoes it.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import NamedTuple

ENGINE = ("attach", "change", "checks", "copyup", "files", "filesystems", "nsfs", "operations", "overlay",
          "processes", "propagation", "resolve", "unmount")  # fmt: skip
Swap = tuple[FunctionType, CodeType]


class Edit(NamedTuple):
    """A decision turned round by hand, in one function."""

    rule: str
    what: str
    """The wrong engine in words."""
    where: str
    """``module.function`` or ``module.Class.method``."""
    old: str
    new: str


def module_of(name: str) -> ModuleType:
    return importlib.import_module(f"mountlab.{name}")


def without(rule: str) -> list[Swap]:
    """Mutant: no refusal, event or check that names the rule is made (the statement is left out)."""
    swaps = []
    for name in ENGINE:
        module = module_of(name)
        tree = ast.parse(inspect.getsource(module))
        changed = _leave_out(tree, rule)
        swaps += _swaps(module, tree, changed)
    return swaps


def _leave_out(tree: ast.Module, rule: str) -> set[str]:
    """Replace each raise and each call statement with that constant by ``pass``; the functions changed."""
    changed = set()
    for name, function in _functions(tree):
        for node in ast.walk(function):
            for body in (getattr(node, field, None) for field in ("body", "orelse")):
                for index, statement in enumerate(body if isinstance(body, list) else ()):
                    if isinstance(statement, ast.Raise | ast.Expr) and _names(statement, rule):
                        body[index] = ast.copy_location(ast.Pass(), statement)
                        changed.add(name)
    return changed


def _names(statement: ast.stmt, rule: str) -> bool:
    if isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Call):
        return False
    return any(isinstance(node, ast.Constant) and node.value == rule for node in ast.walk(statement))


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    yield f"{node.name}.{method.name}", method


def edited(edit: Edit) -> list[Swap]:
    """Mutant: the text ``old`` stands exactly once in that function, and reads ``new`` now."""
    name, _, function = edit.where.partition(".")
    module = module_of(name)
    source = inspect.getsource(module)
    found = dict(_functions(ast.parse(source))).get(function)
    assert found is not None, f"{edit.where} is gone: mend the mutant"
    lines = source.splitlines(keepends=True)
    first, last = found.lineno - 1, found.end_lineno
    text = "".join(lines[first:last])
    old, new = (_as_indented(part, edit.old, text) for part in (edit.old, edit.new))
    assert text.count(old) == 1, f"{edit.where}: {old!r} stands {text.count(old)} times: mend the mutant"
    tree = ast.parse("".join(lines[:first]) + text.replace(old, new) + "".join(lines[last:]))
    return _swaps(module, tree, {function})


def _as_indented(text: str, old: str, function: str) -> str:
    """Further lines begin where the line begins on which ``old`` stands."""
    line = next((line for line in function.splitlines() if old.splitlines()[0] in line), "")
    return text.replace("\n", "\n" + line[: len(line) - len(line.lstrip())])


def _swaps(module: ModuleType, tree: ast.Module, changed: set[str]) -> list[Swap]:
    """Live functions with the code that they would have."""
    if not changed:
        return []
    compiled = compile(ast.fix_missing_locations(tree), module.__file__ or "", "exec")
    made = []
    for name in sorted(changed):
        live: object = module
        code = compiled
        for part in name.split("."):
            live = getattr(live, part)
            code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == part)
        live = inspect.unwrap(live)  # type: ignore[arg-type]
        assert isinstance(live, FunctionType)
        made.append((live, code))
    return made


@contextlib.contextmanager
def in_force(swaps: list[Swap]) -> Iterator[None]:
    """The mutant, until the end of the block."""
    before = [(function, function.__code__) for function, _ in swaps]
    try:
        for function, code in swaps:
            function.__code__ = code
        yield
    finally:
        for function, old in before:
            function.__code__ = old
