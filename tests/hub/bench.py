"""``make bench-classroom``: how many learners one server carries, and how it breaks.

Each class starts on a private machine of its own, which ends with this program however that ends.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.hub.test_classroom import remove_groups, why_not

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HEADS = (
    "backend",
    "learners",
    "first answer",
    "first %%lab",
    "a cell",
    "MB each",
    "told to wait",
    "in all",
    "",
)
PATIENCE = 3600
"""Each learner gives up much sooner; this is for a hub that does not end."""
STEPS = (30, 45, 60, 80, 100, 130, 170, 220)


def configure() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make bench-classroom ARGS=…", description=__doc__)
    parser.add_argument("--backends", nargs="+", default=["sim", "uml"], choices=("sim", "uml"))
    parser.add_argument("--learners", nargs="+", type=int, help=f"sizes of the classes (default: {STEPS})")
    parser.add_argument("--most", type=int, default=220, help="no larger class than this")
    return parser


def run(backend: str, size: int) -> dict[str, Any]:
    """One class; how it went."""
    print(f"{size} learners, {backend}:", file=sys.stderr, flush=True)
    words = [str(HERE / "host.sh"), str(size), sys.executable, "-m", "tests.hub.load"]
    words += [os.environ["MOUNTLAB_CLASSROOM"], backend, str(size)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as host:
        try:
            said, _ = host.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            late = f"the class did not end in {PATIENCE} s"
            return {"backend": backend, "learners": size, "failed": [late]}
        finally:
            if host.poll() is None:
                os.killpg(host.pid, signal.SIGKILL)  # and with it all that is on the private machine
            remove_groups()
    if host.returncode:
        return {"backend": backend, "learners": size, "failed": [f"the class ended with {host.returncode}"]}
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The classes as lines of text; times are seconds, half of all and 95 of a hundred."""
    cells = [HEADS, *map(_cells, rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(HEADS))]
    for row in cells:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    failed = row["failed"]
    verdict = f"BREAKS: {len(failed)} failed, as {' '.join(failed[0].split())[:200]}" if failed else "holds"
    if "cell" not in row:
        return (row["backend"], str(row["learners"]), *[""] * 6, verdict)
    return (
        row["backend"],
        str(row["learners"]),
        "{:.0f} / {:.0f} s".format(*row["first answer"]),
        "{:.1f} / {:.1f} s".format(*row["start"]),
        "{:.2f} / {:.2f} s".format(*row["cell"]),
        f"{row['MB each']:.0f}",
        str(row["told to wait"]),
        f"{row['seconds in all']:.0f} s",
        verdict,
    )


def part(values: Sequence[float], percent: int) -> float:
    """The value that so many of a hundred do not exceed; 0 of none."""
    if len(values) < 2:
        return sum(values)
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def main() -> int:
    """Measure; 130 when it was interrupted, and then what was measured is printed, too."""
    args = configure().parse_args()
    if reason := why_not():
        print(f"bench-classroom: {reason}", file=sys.stderr)
        return 4
    rows: list[dict[str, Any]] = []
    sizes = args.learners or [each for each in STEPS if each <= args.most]
    status = 0
    try:
        for backend in args.backends:
            for size in sizes:
                rows.append(run(backend, size))
                if rows[-1]["failed"]:
                    break
    except KeyboardInterrupt:
        rest = f"--backends {backend} --learners {' '.join(map(str, sizes[sizes.index(size) :]))}"
        print(f"interrupted; to go on: make bench-classroom ARGS='{rest}'", file=sys.stderr)
        status = 130
    print("\n".join(table(rows)))
    return status


if __name__ == "__main__":
    sys.exit(main())
