"""What only user-mode Linux has: walls around its kernel, a guest that serves one backend after another."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mountlab.kernel.backend import KernelBackend
from mountlab.kernel.probe import probe_uml
from tests.kernel.laboratory import Lab

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


def test_its_kernel_has_no_rights_and_left_no_file(guest: KernelBackend) -> None:
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
    assert not list(Path("/dev/shm").glob("mountlab-uml-*"))
    assert not list(Path("/tmp").glob("mountlab-uml-*"))


def test_the_walls_hold_without_any_privilege(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    words = [sys.executable, "-c", ENCLOSED, str(ROOT), str(inside), str(outside)]

    said = subprocess.run(words, capture_output=True, text=True, check=False)
    if "AssertionError" in said.stderr:
        pytest.skip("this kernel has no Landlock; Linux 5.13 and newer have")
    assert said.stdout.split() == ["yes", "no", "no", "yes"], said.stderr


@pytest.mark.usefixtures("guest")
def test_a_killed_owner_leaves_no_process_and_no_file() -> None:
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
    assert not list(Path("/dev/shm").glob("mountlab-uml-*"))
