"""Performs a Dockerfile's own steps in a clean Debian, from the files that git knows, as Binder would."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.binder import cleanroot
from tests.binder.dockerfile import command, replaced, settings, steps

ROOT = Path(__file__).resolve().parents[2]
BASES = frozenset({"debian:12-slim"})
"""Images that a debootstrap of Debian 12 stands for: the same packages, with manuals and translations."""


class Image(NamedTuple):
    """What the steps have made."""

    folder: Path
    variables: dict[str, str]
    user: int
    cwd: str
    command: list[str]

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a program as the image's user."""
        together = self.variables | variables
        return cleanroot.run(self.folder, list(words), user=self.user, cwd=self.cwd, **together)


class StepFailedError(Exception):
    """A step of the Dockerfile did not end well; its output is the message."""


def tracked() -> list[str]:
    """The files of a clone: what git knows, or would know after `git add`."""
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def build(dockerfile: str, folder: Path, **arguments: str) -> Image:
    """Perform the steps; ``arguments`` are those of ``--build-arg``."""
    variables: dict[str, str] = {}
    build_only: dict[str, str] = {}
    user, cwd, start = "root", "/", list[str]()
    for step in steps(dockerfile):
        rest = replaced(step, build_only | variables)
        if step.word == "FROM":
            assert rest in BASES, rest
            cleanroot.make(folder)
        elif step.word == "ARG":
            build_only |= settings(rest if "=" in rest else f"{rest}=")
            build_only |= {name: value for name, value in arguments.items() if name in build_only}
        elif step.word == "ENV":
            variables |= settings(rest)
        elif step.word == "USER":
            user = rest
        elif step.word == "WORKDIR":
            cwd = rest
        elif step.word == "COPY":
            _copy(folder, shlex.split(rest), cwd)
        elif step.word == "CMD":
            start = command(rest)
        else:
            _run(folder, rest, user, cwd, build_only | variables)
    return Image(folder, variables, _number(folder, user), cwd, start)


def _run(folder: Path, line: str, user: str, cwd: str, variables: dict[str, str]) -> None:
    number = _number(folder, user)
    ran = cleanroot.run(folder, ["/bin/sh", "-c", line], user=number, cwd=cwd, **variables)
    if ran.returncode:
        raise StepFailedError(f"RUN {line}\nstatus {ran.returncode}\n{ran.stdout[-4000:]}")


def _number(folder: Path, user: str) -> int:
    """The number of a user, by the passwd in there."""
    rows = [row.split(":") for row in (folder / "etc/passwd").read_text().splitlines()]
    return next(int(row[2]) for row in rows if user in {row[0], row[2]})


def _copy(folder: Path, words: list[str], cwd: str) -> None:
    """COPY --chown=UID SOURCE TARGET."""
    owner, source, target = words
    number = int(owner.removeprefix("--chown="))
    place = folder / os.path.join(cwd, target).lstrip("/")
    names = tracked() if source == "." else [source]
    for name in names:
        copied = place / name if source == "." else place / Path(name).name
        made = [parent for parent in copied.parents if not parent.exists()]
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copied, follow_symlinks=False)
        for path in (copied, *made):
            os.chown(path, number, number, follow_symlinks=False)
