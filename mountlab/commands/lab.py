"""``mountlab lab``: the learner's own copies of the lessons, opened in JupyterLab.

Exit statuses: 0 when the copies are there (with ``--copies-only``; otherwise JupyterLab takes over), 1 when a
lesson or the folder stopped it, 4 when JupyterLab is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

from mountlab import lab

UNAVAILABLE = 4
NO_JUPYTERLAB = """\
mountlab lab: JupyterLab is not installed: pip install 'mountlab[lab]'
Your notebooks are there all the same; any Jupyter opens them."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.description = "Make or renew your own copies of the lessons, and open them in JupyterLab."
    where = "folder for your copies (default: work/ in a clone, mountlab-work/ here otherwise)"
    parser.add_argument("--work", metavar="FOLDER", type=Path, help=where)
    parser.add_argument("--copies-only", action="store_true", help="do not open JupyterLab")
    parser.add_argument("jupyter", metavar="OPTION", nargs="*", help="after --: handed on to JupyterLab")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit status, or nothing more to say once JupyterLab has taken over."""
    copies = lab.copy_lessons(arguments.work, "mountlab lab")
    if copies is None:
        return 1
    if arguments.copies_only:
        return 0
    if importlib.util.find_spec("jupyterlab") is None:
        print(NO_JUPYTERLAB, file=sys.stderr)
        return UNAVAILABLE
    return lab.open_jupyter(copies.work, copies.first, arguments.jupyter)
