"""Runs on the private machine: starts the hub, is three learners, and prints what they found as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import string
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.hub.attacks import ATTACKS
from tests.hub.client import Learner, cells_of

HUB = "http://127.0.0.1:8000"
LONG = 120.0
STATE = Path(os.environ["CLASSROOM_STATE"])
PASSWORDS = dict(line.split() for line in (STATE / "passwords.txt").read_text().splitlines())
USERS = 1000
LIMITS = {"CLASSROOM_MEMORY_MB": "1000", "CLASSROOM_TASKS": "120"}


async def start_hub(room: Path, **more: str) -> subprocess.Popen[bytes]:
    """Start hub and proxy, and wait until they answer; `log` in the state's folder has what they said."""
    environment = {**os.environ, **LIMITS, **more, "PATH": f"{room}/lab/bin:{os.environ['PATH']}"}
    with (STATE / "log").open("ab") as log:
        hub = subprocess.Popen(
            [room / "lab/bin/jupyterhub", "-f", room / "jupyterhub_config.py"],
            cwd=STATE,
            env=environment,
            stdout=log,
            stderr=log,
        )
    ends = time.monotonic() + LONG
    while (await Learner(HUB, "").ask("/hub/api/"))[0] != 200:
        if hub.poll() is not None or time.monotonic() > ends:
            raise RuntimeError("the hub does not start:\n" + (STATE / "log").read_text()[-4000:])
        await asyncio.sleep(0.2)
    return hub


async def seated(name: str) -> Learner:
    """A learner who has logged in and has a kernel."""
    learner = Learner(HUB, name, LONG)
    await learner.log_in(PASSWORDS[name])
    await learner.spawn()
    await learner.start_kernel()
    return learner


async def look(learner: Learner, code: str) -> list[str]:
    """What a cell printed, in lines, and its error."""
    ran = await learner.run(code)
    return [*ran.printed.splitlines(), *([ran.problem] if ran.problem else [])]


async def lesson(learner: Learner, name: str) -> list[str]:
    """Run a lesson's cells; those that print something else than the saved notebook."""
    wrong = []
    for source, saved in cells_of(Path("notebooks") / name):
        ran = await learner.run(source)
        if ran.problem or ran.printed.rstrip() != saved.rstrip():
            wrong.append(f"{source}\n{ran.printed}\n{ran.problem}")
    return wrong


def processes(of: str = "") -> Counter[int]:
    """How many processes with this in their command line each learner has, by the user's number."""
    found: Counter[int] = Counter()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid >= USERS and of in (path / "cmdline").read_text():
                found[path.stat().st_uid] += 1
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


async def attacks(one: Learner, two: Learner, room: Path) -> dict[str, list[str]]:
    """One tries everything against two, who has been careless and prints all the time."""
    await two.run(
        "import os\nopen('secret', 'w').write('mine')\nos.chmod('secret', 0o666); os.chmod('..', 0o777)\n"
        "for folder in ('/tmp', '/dev/shm'): open(folder + '/secret', 'w').write('mine')"
    )
    (server,) = await look(two, "print(os.environ['JUPYTERHUB_SERVICE_URL'].split('/user')[0])")
    await two.run(
        "import threading, time\n"
        "threading.Thread(target=lambda: [(print(n), time.sleep(0.1)) for n in range(9999)]).start()"
    )
    words = {"other": two.name, "server": server, "state": STATE, "room": room}
    return {
        name: await look(one, string.Template(cell).substitute(words)) for name, (cell, _) in ATTACKS.items()
    }


async def excesses(one: Learner, two: Learner) -> dict[str, object]:
    """One takes all of something; two goes on, and one can go on or begin anew."""
    seen: dict[str, object] = {}
    await one.run("import os, subprocess, sys")
    seen["disk"] = await look(
        one,
        "try:\n    open('much', 'wb').write(bytes(200 << 20))\n"
        "except OSError as full:\n    print(full.strerror)\nos.remove('much')",
    )
    seen["memory, in two processes"] = await look(
        one,
        "hog = [sys.executable, '-c', 'x = b\"x\" * (600 << 20); import time; time.sleep(3)']\n"
        "print(sorted(child.wait() for child in [subprocess.Popen(hog), subprocess.Popen(hog)])[0])",
    )
    hog = asyncio.create_task(look(one, "b'x' * (1200 << 20)"))
    seen["memory: the other"] = await look(two, "print('goes on')")
    seen["memory"] = await hog
    seen["memory: another kernel"] = await look(one, "import os, subprocess; print(6 * 7)")
    await one.run(
        "subprocess.Popen(['bash', '-c', 'bomb() { bomb | bomb & }; bomb'], stderr=subprocess.DEVNULL)"
    )
    seen["fork bomb: the other"] = await look(two, "print('goes on')")
    seen["fork bomb: not more than"] = max(processes().values()) <= int(LIMITS["CLASSROOM_TASKS"])
    seen["fork bomb: at least"] = max(processes().values()) > 20
    await one.stop()
    seen["fork bomb: left"] = sum(processes("bomb").values())
    await one.spawn()
    await one.start_kernel()
    seen["kill all"] = await look(one, "import os; os.kill(-1, 9)")
    seen["kill all: the other"] = await look(two, "print('goes on')")
    await one.spawn()
    await one.start_kernel()
    seen["kill all: begin anew"] = await look(one, "print(6 * 7)")
    return seen


async def without_groups(room: Path) -> dict[str, object]:
    """The same hub where the machine has no control groups; and who is idle is sent home."""
    seen: dict[str, object] = {}
    subprocess.run(["mount", "-t", "tmpfs", "none", "/sys/fs/cgroup"], check=True)
    hub = await start_hub(room, CLASSROOM_IDLE_SECONDS="8")
    one = await seated("learner-1")
    seen["memory"] = await look(one, "b'x' * (1200 << 20)")
    seen["tasks"] = await look(
        one,
        "import subprocess\nrunning = []\ntry:\n    while len(running) < 400:\n"
        "        running.append(subprocess.Popen(['sleep', '600']))\n"
        "except OSError as refused: print(type(refused).__name__, len(running) < 120)\n"
        "for child in running: child.kill(); child.wait()\n",
    )
    seen["a guest"] = await look(
        one, "%load_ext mountlab.course\n%lab backend uml\nopen('mine', 'w').write('work')"
    )
    seen["told"] = "no control groups here" in (STATE / "log").read_text()
    one.leave()
    ends = time.monotonic() + LONG
    while processes() and time.monotonic() < ends:
        await asyncio.sleep(0.5)
    seen["culled"] = [await one.running(), processes()]
    seen["work stays"] = Path("/home/learner-1/work/mine").exists()
    hub.terminate()
    hub.wait(30)
    return seen


async def observe(room: Path) -> dict[str, object]:
    """All that the tests ask about."""
    seen: dict[str, object] = {}
    hub = await start_hub(room)
    seen["a wrong password"] = await Learner(HUB, "learner-1").log_in("a wrong one")
    seen["not of the class"] = await Learner(HUB, "root").log_in("a wrong one")
    one, two, three = await asyncio.gather(*[seated(f"learner-{number}") for number in (1, 2, 3)])
    seen["own server"] = (await one.ask("/user/learner-1/api/contents/00-start-here.ipynb?content=0"))[0]
    seen["other's server"] = (await two.ask("/user/learner-1/api/contents/00-start-here.ipynb?content=0"))[0]
    by_uml = asyncio.create_task(lesson(three, "00-start-here.ipynb"))
    await two.run("import os; os.environ['MOUNTLAB_BACKEND'] = 'sim'")
    seen["lesson, by the simulator"] = await lesson(two, "03-peer-groups.ipynb")
    seen["attacks"] = await attacks(one, two, room)
    seen["lesson, by a kernel"] = await by_uml
    seen["guests"] = len(processes("linux.uml"))
    seen["excesses"] = await excesses(one, two)
    hub.terminate()
    hub.wait(60)
    seen["left when the hub has ended"] = processes()
    seen["without groups"] = await without_groups(room)
    return seen


if __name__ == "__main__":
    try:
        print(json.dumps(asyncio.run(observe(Path(sys.argv[1])))))
    except Exception:
        print((STATE / "log").read_text()[-8000:], file=sys.stderr)
        raise
