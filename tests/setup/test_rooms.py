"""The house rules that a program can check: who imports whom, and how long things are."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Container
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "mountlab"

# From the ground up: a room imports only from rooms above it in this list.
CORE = """
    errors rules quirks mountinfo model events peers apply copyup filesystems resolve overlay nsfs propagation
    unmount checks attach change operations files processes boot invariants table simulator __init__
""".split()
BESIDE = """
    containers kubernetes shell explain kernel runtimes snapshot view play practice library course agree lab
    site commands cli __main__
""".split()
ROOMS = [*CORE, *BESIDE]

# Not in a browser tab.  Only the room of the real kernel may use these, and that of the real runtimes, which
# starts dockerd, runc, systemd: nothing that a learner runs in a tab imports it.
MACHINE_ONLY = {"subprocess", "socket", "threading", "multiprocessing", "ctypes"}
ON_A_MACHINE = {"kernel", "runtimes"}

# Imported by the function that draws, or reads YAML, and so by nobody else.
DRAWN_WITH = {"practice/collect.py": {"matplotlib"}, "kubernetes/yamltree.py": {"yaml"}}
PRACTISED = ("levels", "drills", "reveal", "collect")
"""What somebody imports who practises, or counts what a class believes."""

# "About 300" and "about 40", without the docstring of the function.
LONGEST_FILE = 330
LONGEST_FUNCTION = 44


def room_of(path: Path) -> str:
    """Name the room that a file of the package belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def files_in(rooms: Container[str]) -> pytest.MarkDecorator:
    """Run a test once for each file of these rooms."""
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if room_of(path) in rooms]
    return pytest.mark.parametrize("path", files, ids=[str(path.relative_to(PACKAGE)) for path in files])


every_file = files_in({room_of(path) for path in PACKAGE.rglob("*.py")})


def imports_of(path: Path) -> set[str]:
    """List the full names of all modules that a file imports, at any depth of the code."""
    here = ("mountlab", *path.relative_to(PACKAGE).parts[:-1])
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            # `from mountlab import x` may name a room or a name of the package itself: take what is a file.
            members = {f"{module}.{alias.name}" for alias in node.names}
            rooms = {member for member in members if module == "mountlab" and member.split(".")[1] in ROOMS}
            found.update(rooms or {module})
    return found


@every_file
def test_every_file_is_in_a_known_room(path: Path) -> None:
    assert room_of(path) in ROOMS, "a new room needs its place in ROOMS"


@files_in(ROOMS)
def test_a_room_imports_only_from_rooms_above_it(path: Path) -> None:
    room = room_of(path)
    above = ROOMS[: ROOMS.index(room) + 1]
    own = [name.split(".") for name in imports_of(path) if name.split(".")[0] == "mountlab"]

    below = {parts[1] if len(parts) > 1 else "__init__" for parts in own} - set(above)

    assert not below, f"{room} may not import {sorted(below)}"


@files_in({*CORE, "kubernetes", "shell", "explain", "snapshot", "practice", "commands", "cli", "__main__"})
def test_core_language_practice_and_command_line_need_the_standard_library_only(path: Path) -> None:
    foreign = {name.split(".")[0] for name in imports_of(path)} - sys.stdlib_module_names - {"mountlab"}

    assert not foreign - DRAWN_WITH.get(str(path.relative_to(PACKAGE)), set())


@files_in(set(ROOMS) - ON_A_MACHINE)
def test_only_rooms_about_a_real_machine_use_what_a_browser_tab_lacks(path: Path) -> None:
    assert not imports_of(path) & MACHINE_ONLY


LIGHT = ["mountlab", "mountlab.kubernetes.validation", *(f"mountlab.practice.{name}" for name in PRACTISED)]


@pytest.mark.parametrize("module", LIGHT)
def test_importing_mountlab_or_its_practice_loads_nothing_from_outside(module: str) -> None:
    program = f"import sys; before = set(sys.modules); import {module}; print(*set(sys.modules) - before)"
    output = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=ROOT)
    loaded = {name.split(".")[0] for name in output.split()}

    assert loaded - sys.stdlib_module_names == {"mountlab"}


@every_file
def test_no_file_is_too_long_to_read_at_once(path: Path) -> None:
    length = path.read_text().count("\n")

    assert length <= LONGEST_FILE


@every_file
def test_no_function_is_too_long_to_read_at_once(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            docstring = node.body[0] if ast.get_docstring(node) else None
            spent = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0

            assert last - node.lineno + 1 - spent <= LONGEST_FUNCTION, f"{node.name}, line {node.lineno}"


@every_file
def test_the_first_line_of_a_module_says_its_purpose_in_a_sentence(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    first = (docstring or "").splitlines()[:1]

    assert first, "no docstring"
    assert first[0].rstrip().endswith((".", ":", "?")), first[0]
