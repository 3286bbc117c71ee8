"""Runs on the private machine: starts the hub, is two learners, and prints what they found as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.hub.client import Learner, cells_of

HUB = "http://127.0.0.1:8000"
LONG = 180.0

SEES = """
import glob, os, resource, subprocess
from pathlib import Path
import mountlab
def attempt(what):
    try:
        what()
    except OSError as refused:
        print(type(refused).__name__)
    else:
        print("done")
me = os.environ["USER"]; other = "learner-2" if me == "learner-1" else "learner-1"
"""


async def start_hub(room: Path, **more: str) -> subprocess.Popen[bytes]:
    """Start hub and proxy, and wait until they answer; `log` in the state's folder has what they said."""
    state = Path(os.environ["CLASSROOM_STATE"])
    environment = {**os.environ, **more, "PATH": f"{room}/lab/bin:{os.environ['PATH']}"}
    with (state / "log").open("wb") as log:
        hub = subprocess.Popen([room / "lab/bin/jupyterhub", "-f", room / "jupyterhub_config.py"],
                               cwd=state, env=environment, stdout=log, stderr=log)
    ends = time.monotonic() + LONG
    while (await Learner(HUB, "").ask("/hub/api/"))[0] != 200:
        if hub.poll() is not None or time.monotonic() > ends:
            raise RuntimeError("the hub does not start:\n" + (state / "log").read_text()[-4000:])
        await asyncio.sleep(0.5)
    return hub


async def ready(name: str) -> Learner:
    """A learner with a kernel, who has a secret in a file and another in /tmp."""
    learner = Learner(HUB, name)
    assert await learner.log_in(f"a password of {name}") in {200, 201}
    await learner.spawn(LONG)
    await learner.start_kernel(LONG)
    await learner.run("open('secret', 'w').write('mine'); open('/tmp/secret', 'w').write('mine')", LONG)
    await learner.run(SEES, LONG)
    return learner


async def look(learner: Learner, code: str) -> list[str]:
    """What a cell printed, in lines, and its error."""
    _, printed, problem = await learner.run(code, LONG)
    return [*printed.split("\n")[:-1], *([problem] if problem else [])]


async def observe(room: Path) -> dict[str, object]:
    """All that the tests ask about."""
    seen: dict[str, object] = {}
    hub = await start_hub(room, CLASSROOM_IDLE_SECONDS="20", CLASSROOM_MEMORY_MB="1500", CLASSROOM_TASKS="150")
    seen["wrong password"] = await Learner(HUB, "learner-1").log_in("a wrong one")
    seen["no learner"] = await Learner(HUB, "root").log_in("a password of root")
    one, two = await asyncio.gather(ready("learner-1"), ready("learner-2"))
    seen["files"] = await look(one, "attempt(lambda: os.listdir(f'/home/{other}'))\n"
                                    "attempt(lambda: open(f'/home/{other}/work/secret'))")
    await look(two, "os.remove('/tmp/secret')")
    seen["tmp"] = await look(two, "print('secret' in os.listdir('/tmp'))")
    seen["processes"] = await look(one, "print(sorted({Path(p).stat().st_uid for p in glob.glob('/proc/[0-9]*')}"
                                        " - {0}) == [os.getuid()])")
    seen["other server"] = (await two.ask("/user/learner-1/api/contents/secret"))[0]
    seen["own server"] = (await one.ask("/user/learner-1/api/contents/secret"))[0]
    seen["course"] = await look(one, "attempt(lambda: open(mountlab.__file__, 'a'))\n"
                                     f"attempt(lambda: open('{room}/jupyterhub_config.py', 'a'))\n"
                                     f"attempt(lambda: open('{room}/new', 'w'))")
    seen["secrets"] = await look(one, f"attempt(lambda: os.listdir('{os.environ['CLASSROOM_STATE']}'))")
    seen["root"] = await look(one, "print(os.getuid() > 999)\nattempt(lambda: os.setuid(0))\n"
                                   "print(next(l for l in open('/proc/self/status') if l.startswith('CapEff')).split())")
    seen["memory"] = await look(one, "bytearray(2 * 1024 ** 3)")
    seen["tasks"] = await look(one, "running = []\ntry:\n    for _ in range(400):\n"
                                    "        running.append(subprocess.Popen(['sleep', '600']))\n"
                                    "except OSError as refused: print(type(refused).__name__, len(running) < 160)\n"
                                    "for child in running: child.kill(); child.wait()\n")
    seen["goes on"] = await look(one, "print(6 * 7)")
    problems = []
    for cell in cells_of(Path("notebooks/00-start-here.ipynb")):
        _, _, problem = await two.run(cell, LONG)
        problems += [problem] if problem else []
    seen["notebook"] = problems
    for learner in (one, two):
        learner.kernel.close()
    ends = time.monotonic() + LONG
    while (await one.running() or await two.running()) and time.monotonic() < ends:
        await asyncio.sleep(1)
    users = [Path(p).stat().st_uid for p in Path("/proc").glob("[0-9]*")]
    seen["culled"] = [await one.running(), await two.running(), [uid for uid in users if uid >= 1000]]
    hub.terminate()
    hub.wait(30)
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(observe(Path(sys.argv[1])))))
