"""What is outside a sandbox and must stay as it is: looked at before an attack and after it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mountlab.kernel.uml.keeper import PREFIX
from tests.safety.attacks import Attack

SANDBOX_IDS = (1_900_000_000, 65534)
"""Who a sandbox's root is outside: started by root, or by nobody."""
MARK = "evil"
"""Attacks mount under this name, so that it can be looked for in every table of the machine."""
_VOLATILE = re.compile(
    r"/random/|ns_last_pid|/pty/nr|dentry-state|inode-(nr|state)|file-nr|/fs/aio-nr|/fs/quota/|/netfilter/"
    r"|sched_domain|perf_event_max_sample_rate|perf_cpu_time|tcp_mem|tcp_fastopen_key|/neigh/|stable_secret"
)
_GUARD = """
import ctypes, json, os, signal, sys
got = []
for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    signal.signal(number, lambda number, frame: got.append(number))
if "apart" in sys.argv:
    ctypes.CDLL(None).unshare(0x20000)
if sys.argv[1] != "-":
    os.setresuid(*[int(sys.argv[1])] * 3)
print("ready", flush=True)
while sys.stdin.readline():
    table = open("/proc/self/mountinfo").read()
    print(json.dumps([got, table, os.uname()[1], os.getcwd(), sorted(os.listdir("/"))]), flush=True)
"""


class Guard:
    """A process outside that tells which signals it got, and which mounts it sees.

    Args:
        user: as whom it runs; None for the tests' own user.
        apart: in a mount namespace of its own, which hears of what is mounted on the host.
    """

    def __init__(self, user: int | None, *, apart: bool = False) -> None:
        words = [os.path.realpath(sys.executable), "-I", "-S", "-c", _GUARD]
        words += ["-" if user is None else str(user), *(["apart"] if apart else [])]
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/"
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def look(self) -> Any:
        """What it has to tell; a word when it does not answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write("?\n")
            self.process.stdin.flush()
        except OSError:
            return "gone"
        if not select.select([self.process.stdout], [], [], 20)[0]:
            return "silent"
        return json.loads(self.process.stdout.readline() or '"gone"')

    def end(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()


class Outside:
    """The world outside; `look` twice and compare.

    Args:
        folder: an empty directory for the canary, a tree that everybody may write.
    """

    def __init__(self, folder: Path) -> None:
        self.canary = folder
        for name in ("mnt", "etc/deep", "run"):
            (folder / name).mkdir(parents=True)
            (folder / name / "canary").write_text(f"{name} sings\n")
        for place in [folder, *folder.rglob("*")]:
            place.chmod(0o777)
        is_root = os.geteuid() == 0
        self.guards = [Guard(None), *([Guard(user) for user in SANDBOX_IDS] if is_root else [])]
        self.guards += [Guard(None, apart=True)] if is_root else []
        first = dict(_switches())
        self.stable = {path for path, text in _switches() if first.get(path) == text}

    def look(self) -> dict[str, Any]:
        """All of it, by name."""
        return {
            "canary": list(_tree(self.canary)),
            "guards": [guard.look() for guard in self.guards],
            "host's mount tables": host_tables(),
            "tables with a mount of an attack": marked(descendants(os.getpid())),
            "sysctl": {path: text for path, text in _switches() if path in self.stable},
            "devices": list(_devices()),
            "kernel": [_text(f"/proc/{name}") for name in ("swaps", "partitions")] + [_modules(), os.uname()],
            "clock": round((time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)) / 60),
        }

    def aimed(self, attack: Attack) -> Attack:
        """The attack with the names of what is here."""
        names = {
            "{canary}": str(self.canary),
            "{guards}": ", ".join(str(guard.process.pid) for guard in self.guards),
            "{long}": " ".join("/" + "x" * 4000 for _ in range(40)),
            "{terminals}": "\n".join(f"t{number}# true" for number in range(60)),
            "{containers}": "\n".join(f"a# docker run -d centos sleep {number}" for number in range(60)),
        }
        texts = {key: value for key, value in attack._asdict().items() if isinstance(value, str)}
        for name, value in names.items():
            texts = {key: text.replace(name, value) for key, text in texts.items()}
        return attack._replace(**texts)

    def end(self) -> None:
        """End the guards."""
        for guard in self.guards:
            guard.end()


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What is not as it was, in words."""
    return [f"{name}: {before[name]!r} -> {after[name]!r}" for name in before if before[name] != after[name]]


def processes() -> Iterator[int]:
    """All process ids that can be seen."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            yield int(entry)


def descendants(pid: int) -> set[int]:
    """All processes below one."""
    parents = {}
    for each in processes():
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{each}/stat").read_text()
            parents[each] = int(stat.rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def left_by_guests() -> set[str]:
    """Directories in which guests start, and sockets that are bound there; also those of others."""
    sockets = re.findall(rf"\S*{PREFIX}\S*", _text("/proc/net/unix"))
    tops = {Path("/dev/shm"), Path(tempfile.gettempdir())}
    return {*sockets, *(str(place) for top in tops for place in top.glob(f"{PREFIX}*"))}


def stay(files: set[str]) -> set[str]:
    """Which of them are still there when those of a guest that starts elsewhere are gone."""
    deadline = time.monotonic() + 20
    while (left := files & left_by_guests()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _text(path: str) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return Path(path).read_text()
    return ""


def _modules() -> list[str]:
    return sorted(line.split()[0] for line in _text("/proc/modules").splitlines())


def host_tables() -> dict[str, str]:
    """The tables of the namespaces of process 1, and of ours."""
    found = {}
    for pid in ("1", "self"):
        with contextlib.suppress(OSError):
            found[os.readlink(f"/proc/{pid}/ns/mnt")] = _text(f"/proc/{pid}/mountinfo")
    return found


def marked(ours: set[int]) -> list[int]:
    """Processes but ours in whose table an attack's mount stands; other tests have others."""
    tables = {pid: _text(f"/proc/{pid}/mountinfo") for pid in processes() if pid not in ours}
    return [pid for pid, table in tables.items() if re.search(rf" - \S+ {MARK}\b", table)]


def _tree(top: Path) -> Iterator[tuple[Any, ...]]:
    for place in [top, *sorted(top.rglob("*"))]:
        seen = place.lstat()
        content = hashlib.sha256(place.read_bytes()).hexdigest() if place.is_file() else ""
        yield str(place), seen.st_mode, seen.st_uid, seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns, content


def _switches() -> Iterator[tuple[str, str]]:
    for top, _, names in os.walk("/proc/sys"):
        for name in names:
            path = f"{top}/{name}"
            if not _VOLATILE.search(path):
                yield path, _text(path)


def _devices() -> Iterator[tuple[Any, ...]]:
    for name in sorted(os.listdir("/dev")):
        with contextlib.suppress(OSError):
            seen = os.lstat(f"/dev/{name}")
            yield name, seen.st_mode, seen.st_rdev, seen.st_uid, seen.st_gid
