"""Nothing of the host can be reached or changed, nothing is left behind, floods are stopped."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mountlab.kernel import reuse
from mountlab.kernel.backend import KernelBackend, KernelStoppedError
from mountlab.kernel.limits import Limits
from tests.kernel.laboratory import Lab

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).parents[2]
CONTAINERS = """
import sys
sys.path.insert(0, sys.argv[1])
from mountlab.kernel.backend import KernelBackend
from mountlab.shell.transcript import parse
backend = KernelBackend("systemd")
backend.open("host")
print("ready", flush=True)
text = "host# docker run -d --name A --privileged -v /mnt:/mnt:rshared -v vol:/data nginx; docker rm -f A"
step = parse(text).steps[0]
while True:
    backend.run("host", step.command)
"""
OWNER = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from mountlab.kernel.backend import KernelBackend
made = []
if sys.argv[2] == "thread":
    thread = threading.Thread(target=lambda: made.append(KernelBackend("systemd")))
    thread.start()
    thread.join()
else:
    made.append(KernelBackend("systemd"))
backend = made[0]
backend.open("a")
print("ready", flush=True)
while True:
    backend.reset()
    for number in range(30):
        shell = "abc"[number % 3]
        backend.raw(shell, "unshare", 0x20000)
        backend.raw(shell, "mount", "x", "/mnt", "tmpfs")
"""


def _parents() -> dict[int, int]:
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{entry}/stat").read_text()
                found[int(entry)] = int(stat.rpartition(")")[2].split()[1])
    return found


def _descendants(pid: int) -> set[int]:
    parents = _parents()
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def _host_table() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/1/mountinfo").read_text()
    return Path("/proc/self/mountinfo").read_text()


@contextlib.contextmanager
def _owner(where: str = "main", program: str = OWNER) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-c", program, str(ROOT), where]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def _kill_at_random(count: int, program: str = OWNER) -> None:
    before = _host_table()
    chance = random.Random(count)
    for number in range(count):
        with _owner("thread" if number % 2 else "main", program) as process:
            time.sleep(chance.random() / 10)
            family = _descendants(process.pid)
            assert len(family) >= 2, "keeper and supervisor at least"
            process.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 5
        while (left := family & set(_parents())) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not left, "the owner was killed and processes are left"
    assert _host_table() == before


@pytest.fixture(scope="module")
def small(sandbox: KernelBackend) -> Iterator[KernelBackend]:
    limits = Limits(seconds=0.5, mounts=500, shells=3, file_size=1 << 20)
    backend = KernelBackend(limits=limits, found=sandbox.found)
    yield backend
    backend.close()
    reuse.end_all()


@pytest.fixture
def small_lab(small: KernelBackend) -> Lab:
    small.reset()
    return Lab(small)


@pytest.mark.usefixtures("host_kernel")  # the guest's owners die in tests/safety/test_kills.py
def test_a_killed_owner_leaves_nothing() -> None:
    _kill_at_random(5)


@pytest.mark.slow
@pytest.mark.usefixtures("host_kernel")
def test_a_killed_owner_leaves_nothing_a_hundred_times() -> None:
    _kill_at_random(100)


@pytest.mark.usefixtures("host_kernel")
def test_an_owner_killed_while_docker_runs_leaves_nothing() -> None:
    _kill_at_random(4, CONTAINERS)


def test_containers_leave_nothing_outside(another: Callable[..., KernelBackend]) -> None:
    before, others = _host_table(), _descendants(os.getpid())
    backend = another("systemd")
    Lab(backend).good(
        "host# docker run -d --name A --privileged -v /mnt:/mnt:rshared nginx\n"
        "host# docker exec A mount -t tmpfs leak /mnt\n"
        "a# docker run -it --name B -v /:/host:rslave centos bash"
    )
    made = _descendants(os.getpid()) - others
    assert len(made) >= len("keeper supervisor init dockerd A B".split()), (
        "the guest has a process for each, too"
    )
    assert _host_table() == before, "nothing shows outside while containers run"
    backend.close()
    reuse.end_all()
    assert _descendants(os.getpid()) <= others


def test_close_leaves_nothing(another: Callable[..., KernelBackend]) -> None:
    before = _host_table()
    others = _descendants(os.getpid())
    backend = another("systemd")
    Lab(backend).good("a# unshare -m\na# mount -t tmpfs x /mnt\nb# mount --rbind / /mnt")
    assert _host_table() == before, "nothing shows outside while it runs"
    backend.close()
    reuse.end_all()

    assert _descendants(os.getpid()) <= others
    assert _host_table() == before
    backend.close()


def test_outside_its_processes_are_nobody(lab: Lab) -> None:
    lab.good("a# unshare -m")
    statuses = [_status(pid) for pid in _descendants(os.getpid())]
    sandboxed = [status for status in statuses if status.get("NSpid", "").count("\t")]

    assert len(sandboxed) >= 3
    for status in sandboxed:
        assert set(status["Uid"].split()) != {"0"}
        assert status["NoNewPrivs"] == "1"
        if status["Name"] == "linux.uml":  # a kernel needs many system calls, and no right to any of them
            assert int(status["CapPrm"], 16) == 0
        else:
            assert status["Seccomp"] == "2"


def _status(pid: int) -> dict[str, str]:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return {}


def test_the_hosts_files_processes_and_network_are_out_of_sight(lab: Lab) -> None:
    processes = [name for name in lab.good("a# ls /proc").split() if name.isdigit()]
    interfaces = lab.good("a# cat /proc/net/dev").splitlines()[2:]

    assert len(processes) == 3, "process 1, the shell, ls"
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    for place in ("/proc/1/root", "/proc/1/cwd", "/proc/self/root/../..", "/proc/self/cwd/.."):
        assert "mnt" in lab.good(f"a# ls {place}").split()
        assert "sys" not in lab.good(f"a# ls {place}").split()


def test_descriptors_of_a_program_lead_nowhere(lab: Lab) -> None:
    links = lab.good("a# ls -l /proc/self/fd")

    assert all("memfd:" in line or "/proc/" in line for line in links.splitlines()[1:]), links


FILTERED = """
import ctypes, errno, sys
sys.path.insert(0, sys.argv[1])
from mountlab.kernel import seccomp, syscalls
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
seccomp.install(getattr(seccomp, sys.argv[2])(*[[]] * (sys.argv[2] == "for_program")))
libc = ctypes.CDLL(None, use_errno=True)
for name in sys.argv[3:]:
    libc.syscall(syscalls.NUMBERS[name], -1, 0, 0, 0, 0)
    print(errno.errorcode[ctypes.get_errno()])
"""


@pytest.mark.parametrize(
    ("filter_name", "name", "answer"),
    [
        *(("for_sandbox", name, "EPERM") for name in "keyctl bpf kexec_load reboot finit_module".split()),
        *(("for_sandbox", name, "ENOSYS") for name in ("fsopen", "open_tree", "mount_setattr")),
        ("for_sandbox", "close", "EBADF"),
        ("for_program", "ptrace", "EPERM"),
    ],
)
@pytest.mark.usefixtures("host_kernel")
def test_system_calls_without_business_here_are_filtered(filter_name: str, name: str, answer: str) -> None:
    words = [sys.executable, "-c", FILTERED, str(ROOT), filter_name, name]
    assert subprocess.check_output(words, text=True).strip() == answer


@pytest.mark.parametrize(
    "path", ["/proc/sysrq-trigger", "/proc/sys/vm/drop_caches", "/proc/sys/kernel/core_pattern"]
)
def test_the_kernels_own_switches_cannot_be_written(lab: Lab, path: str) -> None:
    assert lab.run(f"a# echo h > {path}").exit == 1


@pytest.mark.parametrize(
    "fstype", "sysfs devtmpfs debugfs tracefs cgroup cgroup2 bpf securityfs devpts".split()
)
def test_file_systems_of_the_host_cannot_be_mounted(lab: Lab, fstype: str) -> None:
    said = lab.run(f"a# mount -t {fstype} x /mnt")

    assert said.exit == 32
    assert lab.mountpoints("a") == ["/"]


def test_below_the_root_there_is_only_an_empty_directory(lab: Lab) -> None:
    lab.good("a# true\nb# true")
    assert lab.backend.raw("a", "umount2", "/", 2) is None
    assert lab.backend.raw("b", "setns", "a") is None

    assert lab.good("b# ls -A /") == ""
    assert lab.backend.raw("b", "umount2", "/", 2) == "EINVAL", "what lies below that is the host's"


def test_the_classic_ways_out_of_a_chroot_end_in_the_machine(lab: Lab) -> None:
    lab.good("a# mkdir /jail\na# chroot /jail")
    assert lab.backend.raw("a", "mkdir", "/x") is None
    assert lab.backend.raw("a", "chroot", "/x") is None
    assert lab.backend.raw("a", "chdir", "../../../../..") is None
    assert lab.backend.raw("a", "chroot", ".") is None

    assert lab.good("a# ls -A /").split() == "bin dev etc home jail mnt proc root run tmp usr var".split()


def test_a_program_that_hangs_is_stopped_and_the_terminal_goes_on(small_lab: Lab) -> None:
    stopped = small_lab.run("a# echo x > /f\na# sed ':a;ba' /f; echo not this")

    assert stopped.exit == 124
    assert stopped.stderr.startswith("mountlab: sed was stopped after 0.5 s")
    assert stopped.stdout == ""
    assert small_lab.good("a# echo on") == "on\n"


def test_a_flood_of_mounts_is_stopped_and_a_reset_goes_on(small_lab: Lab) -> None:
    with pytest.raises(KernelStoppedError, match=r"more than 500 mounts.*reset"):
        _flood(small_lab)
    with pytest.raises(KernelStoppedError, match="reset"):
        small_lab.good("a# true")

    small_lab.backend.reset()
    assert small_lab.good("a# echo on") == "on\n"


def _flood(small_lab: Lab) -> None:
    small_lab.good("a# mount --make-shared /")
    for _ in range(12):
        small_lab.good("a# mount --rbind / /mnt")
        small_lab.backend.tables()


def test_too_many_terminals_are_refused(small_lab: Lab) -> None:
    with pytest.raises(KernelStoppedError, match="more than 3 terminals"):
        small_lab.good("a# true\nb# true\nc# true\nd# true")


def test_a_file_cannot_grow_without_end(small_lab: Lab) -> None:
    small_lab.good("a# echo " + "x" * 60_000 + " > /f\na# cat" + " /f" * 10 + " > /g")

    assert small_lab.run("a# cat /g /g /g > /h").exit == 128 + signal.SIGXFSZ
    assert int(small_lab.good("a# stat -c %s /h")) == 1 << 20
