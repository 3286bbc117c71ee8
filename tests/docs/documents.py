"""What a Markdown page promises: links, lessons, transcripts, commands."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
LESSON = re.compile(r"\[(\d\d\w?): ((?:[^\]`]|`[^`]*`)+)\]\(([^)#]+\.ipynb)\)")
LINK = re.compile(r"\]\(([^)]+)\)")
CODE = re.compile(r"``(.+?)``|`([^`\n]+)`")
BLOCK = re.compile(r"(?:^|\n)((?: {4,}\S.*\n)+)")
TRANSCRIPT = re.compile(r"mountlab/library/[\w-]+\.mnt")
PROGRAMS = ("findmnt", "lsns", "nsenter", "unshare", "mount", "umount")
"""Of util-linux: they say with --help which options they have."""


class Option(NamedTuple):
    """An option that a page tells people to type."""

    program: str
    option: str


def headings(notebook: Path) -> set[str]:
    """The headings of a notebook's sections."""
    cells = json.loads(notebook.read_text())["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return {found for text in texts for found in re.findall(r"^#{2,3} +(.+?) *$", text, re.MULTILINE)}


def missing_lessons(page: Path) -> list[str]:
    """Lessons that a page names and that are not there: number, section, file."""
    missing = []
    for number, section, target in LESSON.findall(page.read_text()):
        notebook = (page.parent / target).resolve()
        there = headings(notebook) if notebook.is_file() else set()
        if section not in there or not notebook.name.startswith(f"{number}-"):
            missing.append(f"{number}: {section} ({target})")
    return missing


def dead_links(page: Path) -> list[str]:
    """Links that lead to no file, no heading and no anchor of ours."""
    dead = []
    for target in LINK.findall(page.read_text()):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            dead.append(target)
    return dead


def anchors(page: Path) -> set[str]:
    """Where a link can lead inside a page: its anchors, and its headings as a forge names them."""
    text = page.read_text()
    named = re.findall(r'<a id="([^"]+)">', text)
    titles = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {*named, *(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles)}


def commands(page: Path) -> list[list[str]]:
    """Every command of a page, as words: lines of blocks, and code that begins with a program."""
    text = page.read_text()
    lines = [line.strip() for block in BLOCK.findall(text) for line in block.splitlines()]
    lines += [one or two for one, two in CODE.findall(text)]
    known = ("mountlab", "make", "python", *PROGRAMS)
    found = [line.split("|")[0].split() for line in lines]
    return [words for words in found if len(words) > 1 and words[0] in known and not words[0].endswith(":")]


def options(page: Path) -> set[Option]:
    """The options of util-linux's programs that a page names."""
    typed = [words for words in commands(page) if words[0] in PROGRAMS]
    return {
        Option(program, word.partition("=")[0])
        for program, *words in typed
        for word in words
        if word.startswith("-")
    }
