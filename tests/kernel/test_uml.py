"""What only user-mode Linux has: walls around its kernel, a guest that serves one backend after another."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mountlab.kernel.backend import KernelBackend, KernelStoppedError
from mountlab.kernel.probe import probe_uml
from mountlab.kernel.uml import keeper, landlock
from tests.kernel.laboratory import Lab
from tests.safety.outside import left_by_guests, stay

pytestmark = [pytest.mark.kernel, pytest.mark.uml]

ROOT = Path(__file__).parents[2]
OWNER = """
import sys
sys.path.insert(0, sys.argv[1])
from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import probe_uml
backend = KernelBackend(found=probe_uml())
backend.open("a")
print("ready", flush=True)
sys.stdin.read()
"""
ENCLOSED = """
import sys
sys.path.insert(0, sys.argv[1])
from mountlab.kernel import syscalls
from mountlab.kernel.uml import landlock
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
assert landlock.enclose(["/usr/lib"], ["/dev/null"], sys.argv[2])
inside, outside = sys.argv[2] + "/in", sys.argv[3] + "/out"
for path, mode in ((inside, "w"), (outside, "w"), ("/etc/passwd", "r"), ("/dev/null", "w")):
    try:
        open(path, mode).close()
        print("yes")
    except PermissionError:
        print("no")
"""

HOSTILE = """
import contextlib, errno, os, socket, sys
sys.path.insert(0, sys.argv[1])
from mountlab.kernel.uml import keeper
place, canary, others, port = sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
keeper.give_up_rights(place)
with contextlib.suppress(OSError):
    keeper.go_apart()
if os.fork():
    os.wait()
    os._exit(0)
if sys.argv[6] == "walls":
    keeper.enclose(sys.executable, place)
def connect(family, address):
    socket.socket(family).connect(address)
tries = {
    "its own place": lambda: open(place + "/memory", "w"),
    "write": lambda: open(canary + "/file", "w"),
    "append": lambda: open(canary + "/file", "a"),
    "truncate": lambda: os.truncate(canary + "/file", 0),
    "make": lambda: open(canary + "/new", "x"),
    "mkdir": lambda: os.mkdir(canary + "/folder"),
    "unlink": lambda: os.unlink(canary + "/file"),
    "rename": lambda: os.rename(canary + "/file", canary + "/other"),
    "link": lambda: os.link(canary + "/file", place + "/link"),
    "symlink": lambda: os.symlink("x", canary + "/symlink"),
    "fifo": lambda: os.mkfifo(canary + "/fifo"),
    "read": lambda: open(canary + "/file"),
    "list": lambda: os.listdir(canary),
    "passwords": lambda: open("/etc/passwd"),
    "through /proc": lambda: open("/proc/%d/cwd/file" % others, "w"),
    "its memory": lambda: open("/proc/%d/mem" % others, "r+b"),
    "signal": lambda: os.kill(others, 10),
    "disk": lambda: open("/dev/vda", "r+b"),
    "socket": lambda: socket.socket(socket.AF_UNIX).bind(canary + "/socket"),
    "network": lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
}
for name, attempt in tries.items():
    try:
        attempt()
        print(name, "DONE")
    except OSError as error:
        print(name, errno.errorcode[error.errno])
"""
"""Stands where the guest's kernel would: what could somebody do who had broken it?"""


@pytest.fixture
def files() -> set[str]:
    """What others had left before."""
    return left_by_guests()


@pytest.fixture
def guest() -> Iterator[KernelBackend]:
    found = probe_uml()
    if found.kind is None:
        pytest.skip(found.reason)
    backend = KernelBackend(found=found)
    yield backend
    backend.close()


def _of_guests() -> set[int]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if b"linux.uml" in words.split(b"\0")[0] or b"uml.keeper" in words:
            found.add(int(entry.name))
    return found


def _below(pid: int) -> set[int]:
    """All that descends from a process; others on this computer may have guests of their own."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def test_a_guest_boots_once_and_serves_again(guest: KernelBackend) -> None:
    Lab(guest).good("a# touch /mark")
    first = guest._sandbox
    guest.close()
    again = KernelBackend("systemd", found=probe_uml())

    assert again._sandbox is first
    assert "mark" not in Lab(again).good("a# ls /").split()
    again.close()


@pytest.mark.parametrize(
    "line",
    [
        "mount -t hostfs none /mnt",
        "mount -t hostfs none /mnt -o /tmp",
        "mount -o remount,rw,/tmp -t hostfs none /",
        "mount -t ext4 /dev/ubda /mnt",
        "mount -t devtmpfs x /mnt",
    ],
)
def test_the_guest_cannot_ask_for_the_hosts_files(guest: KernelBackend, line: str) -> None:
    lab = Lab(guest)
    before = lab.good("a# ls -A /mnt")
    lab.run(f"a# {line}")

    assert lab.good("a# ls -A /mnt") == before == ""
    assert lab.mountpoints("a") == ["/"]


def test_its_kernel_has_no_rights_and_left_no_file(files: set[str], guest: KernelBackend) -> None:
    Lab(guest).good("a# true; mkdir /a")
    ours = _of_guests() & _below(os.getpid())
    kernels = [pid for pid in ours if "linux.uml" in Path(f"/proc/{pid}/cmdline").read_text()]

    assert kernels
    for pid in kernels:
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
        )
        assert "0" not in status["Uid"].split()
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
        assert status["NoNewPrivs"].strip() == "1"
    assert not stay(left_by_guests() - files), "the guest runs, and has no file any more"


def test_the_walls_hold_without_any_privilege(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    words = [sys.executable, "-c", ENCLOSED, str(ROOT), str(inside), str(outside)]

    said = subprocess.run(words, capture_output=True, text=True, check=False)
    if "AssertionError" in said.stderr:
        pytest.skip("this kernel has no Landlock; Linux 5.13 and newer have")
    assert said.stdout.split() == ["yes", "no", "no", "yes"], said.stderr


def _attempted(walls: str) -> tuple[list[str], list[str]]:
    """What somebody could do, of everything he tried; and what is in the folder that everybody may write."""
    with (
        tempfile.TemporaryDirectory() as canary,
        tempfile.TemporaryDirectory() as place,
        socket.create_server(("127.0.0.1", 0)) as server,
        _bystander(Path(canary)) as bystander,
    ):
        file = Path(canary, "file")
        file.write_text("sings\n")
        for path in (canary, file):
            Path(path).chmod(0o777)
        words = [str(ROOT), place, canary, str(bystander.pid), str(server.getsockname()[1]), walls]
        said = subprocess.run(
            [sys.executable, "-c", HOSTILE, *words], capture_output=True, text=True, check=False
        )
        assert bystander.poll() is None
        lines = said.stdout.splitlines()
        assert len(lines) == HOSTILE.count(": lambda: "), said.stderr
        assert walls == "none" or file.read_text() == "sings\n"
        return [line[:-5] for line in lines if line.endswith(" DONE")], os.listdir(canary)


def test_who_broke_the_guests_kernel_could_change_nothing_of_the_host() -> None:
    if not landlock.version():
        pytest.skip("this kernel has no Landlock; Linux 5.13 and newer have")

    assert _attempted("walls") == (["its own place"], ["file"])
    assert set(_attempted("none")[0]) >= {"its own place", "append", "truncate", "make", "passwords"}


@contextlib.contextmanager
def _bystander(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"], cwd=folder) as process:
        try:
            yield process
        finally:
            process.kill()


def test_whatever_it_fills_its_memory_is_capped(guest: KernelBackend) -> None:
    lab = Lab(guest)
    lab.good("a# echo " + "x" * 60_000 + " > /f\na# cat" + " /f" * 200 + " > /g")
    kernels = [pid for pid in _of_guests() & _below(os.getpid()) if _kibibytes(pid, "RssShmem")]
    with pytest.raises(KernelStoppedError, match=r"MB of memory left|make a new KernelBackend"):
        _fill(lab)
    used = [_kibibytes(pid, "RssShmem") for pid in kernels]

    assert 200 << 10 < max(used) <= keeper.MEMORY >> 10


def _fill(lab: Lab) -> None:
    """More than the guest has, on a file system that knows no limit."""
    lab.good("a# mount -t ramfs r /mnt")
    for number in range(60):
        lab.good(f"a# cat /g > /mnt/{number}")


def _kibibytes(pid: int, what: str) -> int:
    with contextlib.suppress(OSError):
        found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) if found else 0
    return 0


@pytest.mark.usefixtures("guest")
def test_a_killed_owner_leaves_no_process_and_no_file(files: set[str]) -> None:
    words = [sys.executable, "-c", OWNER, str(ROOT)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "ready\n"
        family = _below(owner.pid) & _of_guests()
        assert len(family) > 2, "the keeper, the guest's kernel, its processes"
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait()
        deadline = time.monotonic() + 10
        while (left := family & _of_guests()) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert not left
    assert not stay(left_by_guests() - files)
