"""A private host: nothing of it shows outside, nothing is left of it, and it cannot reach the machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mountlab.runtimes import cgroups
from mountlab.runtimes.host import Host, HostError, why_not

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).parents[2]
OWNER = """
import sys, threading, time
sys.path.insert(0, sys.argv[1])
from mountlab.runtimes.host import Host
made = []
thread = threading.Thread(target=lambda: made.append(Host()))
thread.start()
thread.join()
host = made[0]
host.start(["sleep", "1000"], "/lab/log")
host.script("mkdir -p /sys/fs/cgroup/*/docker /lab/x; mount -t tmpfs x /lab/x")
print(host._keeper.pid, host.pid, flush=True)
time.sleep(1000)
"""


@pytest.fixture(autouse=True)
def _possible() -> None:
    reason = why_not()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def one() -> Iterator[Host]:
    with Host() as made:
        yield made


def own_groups() -> set[str]:
    """The folders of private hosts in all hierarchies."""
    folders = [Path(each.folder) for each in cgroups.hierarchies()]
    return {str(path) for folder in folders for path in folder.glob("mountlab-host-*")}


def groups_of(keeper: int) -> set[str]:
    return {path for path in own_groups() if path.endswith(f"-{keeper}")}


def gone(*pids: int) -> bool:
    """Wait until none of these processes exists."""
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_mounts_of_the_host_do_not_show_outside() -> None:
    before = Path("/proc/self/mountinfo").read_text()
    with Host() as made:
        made.script("mkdir /lab/x /mnt/y; mount -t tmpfs x /lab/x; mount --rbind / /mnt/y")
        assert len(made.table()) > 20
        assert Path("/proc/self/mountinfo").read_text() == before

    assert Path("/proc/self/mountinfo").read_text() == before


def test_everything_there_is_shared_as_on_a_machine_with_systemd(host: Host) -> None:
    assert {row.propagation for row in host.table()} == {"shared"}


def test_files_of_the_machine_are_seen_and_cannot_be_changed(one: Host) -> None:
    assert one.read("/etc/passwd") == Path("/etc/passwd").read_text()
    one.script("echo changed >/etc/passwd; rm -r /usr/share")

    assert Path("/etc/passwd").read_text() != "changed\n"
    assert Path("/usr/share").exists()


def test_there_is_no_network_and_no_disk(host: Host) -> None:
    interfaces = host.do(["cat", "/proc/net/dev"]).splitlines()[2:]
    blocks = host.do(["find", "/dev", "-type", "b"])

    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    assert blocks == ""


@pytest.mark.parametrize("switch", ["kernel/core_pattern", "fs/nr_open", "vm/swappiness"])
def test_the_kernels_own_switches_cannot_be_turned(host: Host, switch: str) -> None:
    same = f"value=$(cat /proc/sys/{switch}); echo $value >/proc/sys/{switch}"
    refused = host.run(["sh", "-c", same])

    assert refused.status != 0
    assert "Read-only file system" in refused.stderr


def test_only_its_own_processes_are_there(one: Host) -> None:
    first, listing = one.do(["ps", "-e", "-o", "comm="]).split()
    assert first.startswith("python")
    assert listing == "ps"


def test_a_program_that_fails_says_so(host: Host) -> None:
    assert host.run(["sh", "-c", "echo out; echo err >&2; exit 7"]) == (7, "out\n", "err\n")
    with pytest.raises(HostError, match=r"ls /nowhere: status 2: .*No such file"):
        host.do(["ls", "/nowhere"])


def test_a_program_that_does_not_end_is_given_up(host: Host) -> None:
    with pytest.raises(HostError, match=r"no end after 0\.3 s"):
        host.run(["sleep", "100"], timeout=0.3)


def test_a_closed_host_says_that_it_has_ended(one: Host) -> None:
    one.close()
    with pytest.raises(HostError, match="has ended"):
        one.run(["true"])


def test_close_leaves_no_process_and_no_control_group() -> None:
    made = Host()
    made.start(["sleep", "1000"], "/lab/log")
    made.script("mkdir -p /sys/fs/cgroup/*/docker/some")
    pids = (made.pid, made._keeper.pid)
    assert groups_of(made._keeper.pid)
    made.close()

    assert gone(*pids)
    assert not groups_of(made._keeper.pid)


@pytest.mark.parametrize("victim", ["owner", "keeper"])
def test_a_killed_owner_or_keeper_leaves_nothing(victim: str) -> None:
    before = Path("/proc/self/mountinfo").read_text()
    words = [sys.executable, "-c", OWNER, str(ROOT)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        keeper, first = map(int, owner.stdout.readline().split())
        inside = [first, *children(first)]
        assert len(inside) == 2, "process 1, sleep"
        os.kill(owner.pid if victim == "owner" else keeper, signal.SIGKILL)
        owner.kill()

    assert gone(keeper, *inside), "processes are left"
    with Host():  # sweeps what a killed keeper could not
        assert not groups_of(keeper)
    assert Path("/proc/self/mountinfo").read_text() == before


def children(first: int) -> list[int]:
    """The processes of the PID namespace of this one, itself left out."""
    space = os.readlink(f"/proc/{first}/ns/pid")
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != first]
    return [pid for pid in pids if _space(pid) == space]


def _space(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def test_a_sweep_leaves_groups_of_living_keepers_alone(one: Host) -> None:
    one.script("for each in /sys/fs/cgroup/*/; do mkdir $each/empty; done")
    with Host():
        one.script("for each in /sys/fs/cgroup/*/; do rmdir $each/empty; done")


def test_why_there_is_none_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path: path if name in {"nsenter", "sh"} else None)
    missing = "not installed: /no/such, dockerd (Debian: apt-get install docker.io such)"
    assert why_not("/no/such", "sh", "dockerd") == missing
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert why_not() == "only root can start container runtimes on a private host: say `sudo make test`"
    with pytest.raises(HostError, match="only root"):
        Host()
