"""``mountlab progress``: shows what has been answered so far; exports, imports, collects a class.

Exit statuses: 0 when it was done, 2 when a file or the command line was refused, 4 when a picture was asked
for and matplotlib is not installed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mountlab.practice import collect, standing
from mountlab.practice.progress import Progress, ProgressError
from mountlab.practice.words import say

REFUSED = 2
UNAVAILABLE = 4
PICTURES = (".png", ".svg", ".pdf")


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.description = say("command.about")
    parser.add_argument("--file", metavar="FILE", type=Path, help=say("command.file"))
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--export", metavar="FILE", type=Path, help=say("command.export"))
    what.add_argument("--import", metavar="FILE", type=Path, dest="bring", help=say("command.import"))
    what.add_argument("--collect", metavar="DIR", type=Path, help=say("command.collect"))
    parser.add_argument("--csv", metavar="FILE", type=Path, help=say("command.csv"))
    parser.add_argument("--picture", metavar="FILE", type=Path, help=say("command.picture"))


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit status."""
    try:
        if arguments.collect:
            return _collect(arguments)
        if arguments.csv or arguments.picture:
            return _refuse(say("command.only.collect"))
        return _own(arguments)
    except ProgressError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}")


def _own(arguments: argparse.Namespace) -> int:
    """One learner's file."""
    progress = Progress(arguments.file)
    if arguments.export:
        print(say("command.exported", count=progress.export(arguments.export), path=arguments.export))
    elif arguments.bring:
        print(say("command.imported", count=progress.merge(arguments.bring), path=arguments.bring))
    else:
        print(standing.as_text(progress.answers))
    for notice in progress.notices:
        print(f"mountlab: {notice}", file=sys.stderr)
    return REFUSED if progress.notices and arguments.bring else 0


def _collect(arguments: argparse.Namespace) -> int:
    """A class."""
    picture: Path | None = arguments.picture
    if picture and picture.suffix not in PICTURES:
        return _refuse(say("command.suffix", path=picture, known=", ".join(PICTURES)))
    found = collect.collect(arguments.collect)
    if not found.learners:
        print(*collect.refused_as_text(found), sep="\n", file=sys.stderr)
        return _refuse(say("command.nobody", path=arguments.collect))
    if arguments.csv:
        with arguments.csv.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            collect.write_table(found, file)
    elif not picture:
        collect.write_table(found, sys.stdout)
    if picture:
        try:
            collect.draw(found, picture)
        except ImportError:
            print(f"mountlab: {say('command.no.matplotlib')}", file=sys.stderr)
            return UNAVAILABLE
    told = sys.stdout if arguments.csv or picture else sys.stderr
    print(*collect.as_text(found), sep="\n", file=told)
    return 0


def _refuse(sentence: str) -> int:
    print(f"mountlab: {sentence}", file=sys.stderr)
    return REFUSED
