"""Runs on the private machine: a class of any size at one hub, all at once, and prints how it went as JSON.

Each learner logs in, starts a server and a kernel, and runs a lesson's cells one after the other without
reading.  A class breaks when one of them gets nowhere, gets a wrong answer, or waits longer than people do.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from tests.hub.bench import part
from tests.hub.client import Learner, LearnerError, cells_of
from tests.hub.inside import HUB, PASSWORDS, USERS, start_hub

LESSON = Path("notebooks/03-peer-groups.ipynb")
PATIENCE = {"a server and a kernel": 300.0, "the machine's start": 240.0, "a cell": 60.0}
"""After how many seconds a learner gives up."""
BAD, TOO_MANY = 400, 429
"""The second is what the hub answers when it has enough to do; the learner's page says: try again."""


class Class:
    """What the learners of one class went through."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        """From the password to the first answer."""
        self.starts: list[float] = []
        """The first cell with %%lab, which boots a guest where there is to be one."""
        self.cells: list[float] = []
        self.failed: list[str] = []
        self.told_to_wait = 0
        self.seated = self.done = 0


async def learner(name: str, backend: str, seen: Class) -> Learner | None:
    """One learner's way through the lesson; None when there was no way."""
    person = Learner(HUB, name, PATIENCE["a server and a kernel"])
    try:
        await _seat(person, backend, seen)
        await _learn(person, seen)
    except (LearnerError, TimeoutError, OSError) as problem:
        seen.failed.append(str(problem) or f"{name}: no server within {person.limit:.0f} s")
        return None
    seen.done += 1
    return person


async def _seat(person: Learner, backend: str, seen: Class) -> None:
    began = time.monotonic()
    status = await person.log_in(PASSWORDS[person.name])
    if status >= BAD:
        raise LearnerError(f"{person.name}: not let in: {status}")
    await _served(person, seen, began + PATIENCE["a server and a kernel"])
    await person.start_kernel()
    first = await person.run(f"import os; os.environ['MOUNTLAB_BACKEND'] = {backend!r}; print(6 * 7)")
    if first.printed != "42\n":
        raise LearnerError(f"{person.name}: the first cell: {first.printed}{first.problem}")
    seen.waited.append(time.monotonic() - began)
    seen.seated += 1


async def _learn(person: Learner, seen: Class) -> None:
    person.limit = PATIENCE["the machine's start"]
    for number, (source, saved) in enumerate(cells_of(LESSON), 1):
        ran = await person.run(source)
        is_start = source.startswith("%%lab") and person.limit > PATIENCE["a cell"]
        (seen.starts if is_start else seen.cells).append(ran.seconds)
        person.limit = PATIENCE["a cell"] if is_start else person.limit
        if ran.problem or ran.printed.rstrip() != saved.rstrip():
            what = ran.problem or f"another answer: {ran.printed}"
            raise LearnerError(f"{person.name}: cell {number}: {what}")


async def _served(person: Learner, seen: Class, until: float) -> None:
    """Start the server; who is told to try again, tries again."""
    while True:
        status, answer = await person.ask(f"/hub/api/users/{person.name}/server", {})
        if status != TOO_MANY or time.monotonic() > until:
            break
        seen.told_to_wait += 1
        await asyncio.sleep(5)
    if status not in {201, 202}:
        raise LearnerError(f"{person.name}: no server: {status} {answer}")
    async with asyncio.timeout_at(asyncio.get_running_loop().time() + max(until - time.monotonic(), 0)):
        while not await person.running():
            await asyncio.sleep(1)


async def _tell(size: int, seen: Class) -> None:
    """What has come so far, on standard error."""
    while True:
        await asyncio.sleep(10)
        told = f"{seen.seated} of {size} have a kernel, {len(seen.cells)} cells were run"
        print(f"  {told}, {seen.done} are through, {len(seen.failed)} failed", file=sys.stderr, flush=True)


def memory() -> dict[int, float]:
    """Megabytes of each learner, by the user's number; what processes share is shared out."""
    used: Counter[int] = Counter()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid >= USERS:
                line = next(each for each in (path / "smaps_rollup").open() if each.startswith("Pss:"))
                used[path.stat().st_uid] += int(line.split()[1])
        except (OSError, StopIteration):
            continue
    return {uid: kibibytes / 1024 for uid, kibibytes in used.items()}


async def observe(room: Path, backend: str, size: int) -> dict[str, object]:
    """Let a class of this size work, and say how it went."""
    hub = await start_hub(room, CLASSROOM_LEARNERS=str(size + 1), CLASSROOM_MEMORY_MB="1500")
    seen = Class()
    teller = asyncio.create_task(_tell(size, seen))
    began = time.monotonic()
    people = await asyncio.gather(
        *[learner(f"learner-{number}", backend, seen) for number in range(1, size + 1)]
    )
    took, used = time.monotonic() - began, memory()
    teller.cancel()
    for person in people:
        if person is not None:
            person.leave()
    hub.terminate()
    hub.wait(120)
    return {
        "backend": backend,
        "learners": size,
        "first answer": [part(seen.waited, 50), part(seen.waited, 95)],
        "start": [part(seen.starts, 50), part(seen.starts, 95)],
        "cell": [part(seen.cells, 50), part(seen.cells, 95)],
        "seconds in all": took,
        "MB each": statistics.median(used.values()) if used else 0,
        "told to wait": seen.told_to_wait,
        "through": seen.done,
        "failed": sorted(seen.failed),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(observe(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))))
