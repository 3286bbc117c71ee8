"""What ``make lab`` and ``mountlab lab`` run: gives copies of the lessons and opens JupyterLab on them.

The lessons in ``notebooks/`` are tested with their outputs, which hold the
answers.  A learner works on copies without them, in a folder that git ignores.
A copy is never overwritten once it has been changed: when a lesson changes, a
new copy is put beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple, NoReturn

FIRST_LESSON = "00-start-here.ipynb"
COMPANIONS = frozenset({".mnt", ".png", ".svg", ".yaml"})
"""Files that a lesson may read: they are copied along with it."""
RECORD = ".mountlab-copies.json"
"""In the work folder: which version of which lesson each copy was made from."""

Record = dict[str, dict[str, str]]
"""Lesson -> copy -> digest of the version the copy was made from."""


class LabError(Exception):
    """The lab cannot be opened, and the message says what would help."""


class Copied(NamedTuple):
    """One lesson after `refresh`: its newest copy, and a sentence if something was done."""

    copy: str
    news: str | None


class Copies(NamedTuple):
    """Where a learner's copies are, and the copy to begin with."""

    work: Path
    first: str


def learner_text(lesson: bytes, name: str) -> bytes:
    """Return the lesson as a learner first sees it: a notebook loses its outputs."""
    if not name.endswith(".ipynb"):
        return lesson
    try:
        notebook = json.loads(lesson)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
        notebook["metadata"].pop("widgets", None)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        message = f"{name} is not a notebook that Jupyter could open ({problem!r}); `git status` may tell why"
        raise LabError(message) from problem
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def find_lessons() -> Path:
    """Return the folder of the lessons: the clone's, or the one that came with an installed package."""
    package = Path(__file__).resolve().parent
    for folder in (package.parent / "notebooks", package / "notebooks"):
        if (folder / FIRST_LESSON).is_file():
            return folder
    message = f"the lessons are missing: no {FIRST_LESSON} in {package.parent / 'notebooks'}"
    raise LabError(message)


def default_work_folder(lessons: Path) -> Path:
    """Return ``work/`` beside the clone's lessons, or ``mountlab-work`` here for an installed package."""
    return lessons.parent / "work" if in_a_clone(lessons) else Path("mountlab-work").absolute()


def in_a_clone(lessons: Path) -> bool:
    """Tell whether the lessons are a clone's, and not those of an installed package."""
    return (lessons.parent / "pyproject.toml").is_file()


def refresh(lessons: Path, work: Path) -> dict[str, Copied]:
    """Bring the work folder up to date with the lessons, and never touch what the learner changed."""
    work.mkdir(parents=True, exist_ok=True)
    record = _read_record(work)
    done: dict[str, Copied] = {}
    for source in sorted(lessons.rglob("*")):
        name = source.relative_to(lessons).as_posix()
        wanted = source.suffix == ".ipynb" or source.suffix in COMPANIONS
        if wanted and source.is_file() and not any(part.startswith(".") for part in Path(name).parts):
            text = learner_text(source.read_bytes(), name)
            done[name] = _refresh_one(work, name, text, record.setdefault(name, {}))
    _write_whole(work / RECORD, (json.dumps(record, indent=1) + "\n").encode())
    return done


def _refresh_one(work: Path, name: str, text: bytes, copies: dict[str, str]) -> Copied:
    """Make sure that the work folder has a copy of this version of one lesson.

    ``copies`` maps the name of each copy made so far to the digest it was made with, oldest first.
    """
    digest = _digest(text)
    present = [copy for copy in copies if (work / copy).exists()]
    if present and digest in copies.values():
        return Copied(next((copy for copy in present if copies[copy] == digest), present[-1]), None)
    for copy in present:
        if _digest((work / copy).read_bytes()) == copies[copy]:
            _write_whole(work / copy, text)
            copies[copy] = digest
            return Copied(copy, f"{copy}: a newer version of the lesson; you had not changed yours.")
    copy = _create_beside(work, name, text)
    copies[copy] = digest
    if present:
        return Copied(copy, f"{name} has changed. Your copy stays as it is; the new one is {copy}.")
    if copy != name:
        return Copied(copy, f"{name} is a file of your own and stays as it is; the lesson is {copy}.")
    return Copied(copy, None)


def _create_beside(work: Path, name: str, text: bytes) -> str:
    """Write a new file under the first free name: a.ipynb, a-2.ipynb, a-3.ipynb …; return the name."""
    plain = Path(name)
    copy, number = name, 1
    (work / name).parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            with (work / copy).open("xb") as file:
                file.write(text)
        except FileExistsError:
            if (work / copy).is_file() and (work / copy).read_bytes() == text:
                return copy  # made by a run that was stopped before it could note it down
            number += 1
            copy = plain.with_name(f"{plain.stem}-{number}{plain.suffix}").as_posix()
        else:
            return copy


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _read_record(work: Path) -> Record:
    """Return what is known about the copies; an unreadable record means: nothing, so all is left alone."""
    try:
        record = json.loads((work / RECORD).read_text())
        return {str(name): {str(k): str(v) for k, v in copies.items()} for name, copies in record.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError):
        print(f"{work / RECORD} cannot be read: files that are there already count as yours.")
        return {}


def _write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one go, so that whoever reads it sees the old or the new one."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)


def jupyter_command(work: Path, first: str, arguments: list[str]) -> list[str]:
    """Return the command that opens JupyterLab in the work folder, on the first lesson."""
    command = [sys.executable, "-m", "jupyterlab"]
    command += [f"--ServerApp.root_dir={work}", f"--LabApp.default_url=/lab/tree/{first}"]
    if os.geteuid() == 0:
        command.append("--ServerApp.allow_root=True")
    if not has_browser():
        command.append("--no-browser")
    return command + arguments


def has_browser() -> bool:
    """Tell whether a browser window can be opened here: not without a screen, and not well as root."""
    if sys.platform == "darwin":
        return True
    if os.geteuid() == 0:
        return False
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"))


def open_jupyter(work: Path, first: str, arguments: list[str]) -> NoReturn:
    """Become JupyterLab."""
    # In a venv made by someone else, a kernel in the home folder would win over ours.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    command = jupyter_command(work, first, arguments)
    os.execv(command[0], command)  # noqa: S606 - a list of words, and it replaces this process


def copy_lessons(work: Path | None, program: str) -> Copies | None:
    """Bring a learner's copies up to date and say what was done; None: it was said why that cannot be."""
    try:
        lessons = find_lessons()
        work = (work or default_work_folder(lessons)).absolute()
        copies = refresh(lessons, work)
    except (LabError, OSError) as problem:
        print(f"{program}: {problem}", file=sys.stderr)
        if isinstance(problem, PermissionError):
            option = 'make lab ARGS="--work FOLDER"' if program == "make lab" else f"{program} --work FOLDER"
            print(f"Your copies can be elsewhere: {option}", file=sys.stderr)
        return None
    for copied in copies.values():
        if copied.news:
            print(copied.news)
    untouched = "`git pull` does not touch them" if in_a_clone(lessons) else "no update overwrites them"
    print(f"Your notebooks are in {work}; {untouched}.", flush=True)
    return Copies(work, copies[FIRST_LESSON].copy)


def main(arguments: list[str] | None = None) -> int:
    """Refresh the copies, then open JupyterLab; options not known here are handed on to it."""
    parser = argparse.ArgumentParser(prog="make lab", description=__doc__.partition("\n")[0])
    parser.add_argument("--work", type=Path, help="folder for your copies (default: work/ in the clone)")
    parser.add_argument("--copies-only", action="store_true", help="do not open JupyterLab")
    options, for_jupyter = parser.parse_known_args(arguments)
    copies = copy_lessons(options.work, "make lab")
    if copies is None:
        return 1
    if not options.copies_only:
        open_jupyter(copies.work, copies.first, for_jupyter)
    return 0


if __name__ == "__main__":
    sys.exit(main())
