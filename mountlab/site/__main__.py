"""Writes the static site: ``python -m mountlab.site OUT``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mountlab.lab import LabError, find_lessons
from mountlab.site.build import build
from mountlab.site.lesson import SiteError


def main(arguments: list[str] | None = None) -> int:
    """Build the site of these notebooks; 1 and a sentence when that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m mountlab.site", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the pages")
    parser.add_argument("--notebooks", type=Path, help="folder of the notebooks (default: the lessons)")
    options = parser.parse_args(arguments)
    try:
        built = build(options.notebooks or find_lessons(), options.out)
    except (SiteError, LabError, OSError) as problem:
        print(f"mountlab.site: {problem}", file=sys.stderr)
        return 1
    for note in built.notes:
        print(note)
    print(f"{options.out / 'index.html'}: {built.pages} lessons, {built.size / 1e6:.1f} MB, no server needed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
