"""``mountlab agree``: random operations in the simulator and on the real kernel, until they differ."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from mountlab.agree.container_lines import MACHINES, random_container_lines
from mountlab.agree.containers import first_difference_of_containers
from mountlab.agree.operations import random_run
from mountlab.agree.pod_lines import POD_MACHINES, random_pod_lines
from mountlab.agree.programs import first_difference_of_programs, random_lines
from mountlab.agree.shrink import shrink
from mountlab.agree.worlds import Difference, first_difference
from mountlab.shell.backend import BackendUnavailableError

if TYPE_CHECKING:
    from mountlab.kernel.backend import KernelBackend

    Run = Callable[[int, KernelBackend, Counter[str]], bool]

__all__ = ["Difference", "first_difference", "main"]

AGREED, USAGE, DIFFERED, UNAVAILABLE, INTERRUPTED = 0, 2, 3, 4, 130
LENGTHS = (10, 30, 60, 120)
SECONDS_BETWEEN_KEEPING = 10


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "mountlab agree",
        description="Random system calls on up to four terminals, in both worlds.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="where to begin; the same seed gives the same runs"
    )
    parser.add_argument("--count", type=int, default=20_000, help="how many operations (default 20000)")
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="keep the account here, and go on from it"
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--programs", action="store_true", help="through the real mount, umount, ls ...")
    kind.add_argument("--containers", action="store_true", help="with docker, systemctl and what they make")
    kind.add_argument("--pods", action="store_true", help="with kubectl, and pods that mount")
    return parser


def main(argv: list[str]) -> int:
    """Compare the worlds and print the account.

    Returns:
        0 when they agreed, 3 when not (the shortest transcript is printed), 4 without a kernel.
    """
    arguments = _parser().parse_args(argv)
    tally: Counter[str] = Counter()
    seed = arguments.seed
    if arguments.resume and arguments.resume.exists():
        try:
            kept = json.loads(arguments.resume.read_text())
            seed, tally = int(kept["next_seed"]), Counter(kept["tally"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            print(
                f"mountlab agree: {arguments.resume} is no account of an earlier run: {error}",
                file=sys.stderr,
            )
            return USAGE
    from mountlab.kernel.backend import KernelBackend  # noqa: PLC0415 - not needed to print --help

    try:
        kernel = KernelBackend()
    except BackendUnavailableError as error:
        print(f"mountlab agree: no real kernel here: {error}", file=sys.stderr)
        return UNAVAILABLE
    account = Account(seed, tally, arguments.resume)
    try:
        one_run = _one_run_of_programs if arguments.programs else _one_run
        one_run = _one_run_of_containers if arguments.containers else one_run
        one_run = _one_run_of_pods if arguments.pods else one_run
        status = _compare(account, kernel, arguments.count, one_run)
    finally:
        kernel.close()
        account.keep()
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(json.dumps({"agreed": status == AGREED, **account.as_json()}, indent=1))
    if status == INTERRUPTED:
        print(f"interrupted: go on with --seed {account.seed} (or --resume FILE)", file=sys.stderr)
    return status


class Account:
    """What has been compared so far, and where to go on; kept in a file when there is one."""

    def __init__(self, seed: int, tally: Counter[str], file: Path | None) -> None:
        self.seed, self.tally, self.file = seed, tally, file

    def as_json(self) -> dict[str, object]:
        """For printing."""
        return {"next_seed": self.seed, **dict(sorted(self.tally.items()))}

    def keep(self) -> None:
        """Write the file."""
        if self.file:
            self.file.write_text(json.dumps({"next_seed": self.seed, "tally": self.tally}, indent=1))


def _compare(account: Account, kernel: KernelBackend, count: int, one_run: Run) -> int:
    """One run after the other until enough was compared, something differs, or somebody interrupts."""
    from mountlab.kernel.sandbox import KernelStoppedError  # noqa: PLC0415 - not needed to print --help

    tally = account.tally
    began, before, kept = time.monotonic(), tally["operations"], time.monotonic()
    try:
        while tally["operations"] < count:
            if one_run(account.seed, kernel, tally):
                return DIFFERED
            account.seed += 1
            _progress(tally["operations"], before, count, began)
            if time.monotonic() - kept > SECONDS_BETWEEN_KEEPING:
                account.keep()
                kept = time.monotonic()
    except KeyboardInterrupt:
        return INTERRUPTED
    except KernelStoppedError as error:
        print(f"mountlab agree: {error}", file=sys.stderr)
        return UNAVAILABLE
    return AGREED


def _one_run(seed: int, kernel: KernelBackend, tally: Counter[str]) -> bool:
    """One random run; True when the worlds differed, and then the shortest transcript was printed."""
    rng, init = _start(seed)
    ops = random_run(rng, rng.choice(LENGTHS))
    if first_difference(ops, init, kernel, tally) is None:
        return False
    shortest, found = shrink(ops, lambda some: first_difference(some, init, kernel))
    _report(seed, init, found, [op.command() for op in shortest])
    return True


def _one_run_of_programs(seed: int, kernel: KernelBackend, tally: Counter[str]) -> bool:
    """The same with command lines and the real programs."""

    def differs(some: Sequence[str]) -> Difference | None:
        return first_difference_of_programs(some, init, kernel)

    rng, init = _start(seed)
    lines = random_lines(rng, rng.choice(LENGTHS))
    if first_difference_of_programs(lines, init, kernel, tally) is None:
        return False
    shortest, found = shrink(lines, differs)
    _report(seed, init, found, shortest)
    return True


def _one_run_of_containers(seed: int, kernel: KernelBackend, tally: Counter[str]) -> bool:
    """The same with containers and units."""
    rng = Random(seed)  # noqa: S311 - not for secrets
    init, lines = rng.choice(MACHINES), random_container_lines(rng, rng.choice(LENGTHS))
    return _one_run_of_lines(seed, init, lines, kernel, tally)


def _one_run_of_pods(seed: int, kernel: KernelBackend, tally: Counter[str]) -> bool:
    """The same with pods."""
    rng = Random(seed)  # noqa: S311 - not for secrets
    init, lines = rng.choice(POD_MACHINES), random_pod_lines(rng, rng.choice(LENGTHS[:2]))
    return _one_run_of_lines(seed, init, lines, kernel, tally)


def _one_run_of_lines(
    seed: int, init: str, lines: list[str], kernel: KernelBackend, tally: Counter[str]
) -> bool:
    def differs(some: Sequence[str]) -> Difference | None:
        return first_difference_of_containers(some, init, kernel)

    before = tally["lines"]
    found = first_difference_of_containers(lines, init, kernel, tally)
    tally["operations"] += tally["lines"] - before
    if found is None:
        return False
    shortest, found = shrink(lines, differs)
    _report(seed, init, found, shortest)
    return True


def _start(seed: int) -> tuple[Random, str]:
    rng = Random(seed)  # noqa: S311 - not for secrets
    return rng, rng.choice(("bare", "systemd"))


def _report(seed: int, init: str, found: Difference, lines: list[str]) -> None:
    print(f"# seed {seed}: {found.words}\n#: init={init}")
    for line in lines:
        print(line)


def _progress(done: int, before: int, wanted: int, began: float) -> None:
    if sys.stderr.isatty():
        rate = (done - before) / max(time.monotonic() - began, 0.001)
        filled = min(done * 30 // max(wanted, 1), 30)
        bar = "#" * filled + "." * (30 - filled)
        print(
            f"\r[{bar}] {done} of {wanted} operations, {rate:.0f} a second ",
            end="",
            file=sys.stderr,
            flush=True,
        )
