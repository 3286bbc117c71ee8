"""The process that makes a private host, keeps it while its owner lives, and clears up behind it.

    owner ── keeper ── process 1 of the host ── dockerd, containers, whatever is run there

Process 1 has namespaces of its own for mounts, processes, network, IPC, host name and control groups.
It dies with the keeper (PR_SET_PDEATHSIG), and the keeper ends it when the owner is gone; the kernel
then kills every process of that PID namespace, and the mounts go with the last of them.

The host's `/` is an overlay: the machine's `/` below, read only, and a tmpfs above.  The machine's own
root is unmounted there, its devices are not in /dev, and there is no network at all.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import sys
from typing import NoReturn

from mountlab.kernel import syscalls
from mountlab.kernel.syscalls import MNT_DETACH, MS_BIND, MS_PRIVATE, MS_RDONLY, MS_REC, MS_REMOUNT, MS_SHARED
from mountlab.runtimes import cgroups

WORK = "/lab"
"""The host's tmpfs for everything that is made there."""
_CLONE_NEWCGROUP = 0x02000000
_OWN = (
    syscalls.CLONE_NEWNS | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWUTS
    | _CLONE_NEWCGROUP
)  # fmt: skip
_BASE = "/tmp"
"""Any directory of the machine would do: it is covered only for us."""
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "container": ""}
"""An empty `container` tells systemd that it is in none: in a container it would leave `/` private."""
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_SAFE = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def main() -> None:
    """Make a host for the process of argument 1; argument 2: the program that is to be its process 1."""
    owner, first, files, answer = json.loads(sys.argv[1])
    owner_fd = os.pidfd_open(owner)
    if os.getppid() != owner:
        return
    os.set_inheritable(answer, False)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    cgroups.sweep()
    name = cgroups.name_of(os.getpid())
    alive, kept = os.pipe()
    try:
        own = cgroups.make(name)
        syscalls.unshare(syscalls.CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            os.close(kept)
            os.close(owner_fd)
            _be_first(first, files, own, alive, answer)
        os.close(answer)
        _keep(owner_fd, pid)
    finally:
        cgroups.sweep(name)


def _keep(owner: int, first: int) -> None:
    """Wait for the end of either."""
    poll = select.poll()
    poll.register(owner, select.POLLIN)
    poll.register(os.pidfd_open(first), select.POLLIN)
    try:
        poll.poll()
    finally:
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)


def _be_first(
    program: list[str], files: dict[str, str | None], own: list[cgroups.Hierarchy], alive: int, answer: int
) -> NoReturn:
    """In process 1: build the host, say so, and go on as that program or as one that only reaps."""
    try:
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        if select.select([alive], [], [], 0)[0]:  # the keeper was gone before that
            os._exit(1)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.setsid()
        cgroups.enter(own)
        syscalls.unshare(_OWN)
        _build([each.controllers for each in own])
        for path, text in files.items():
            if text is None:
                shutil.rmtree(path, ignore_errors=True)
            else:
                _write(path, text)
        os.dup2(os.open("/dev/null", os.O_RDWR), 2)
        if program:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.write(answer, b"ready")
            os.execve(program[0], program, _ENVIRONMENT)
        syscalls.mount(None, "/", None, MS_REC | MS_SHARED)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # then the kernel reaps
        os.write(answer, b"ready")
        os.closerange(3, 256)
        while True:
            signal.pause()
    except OSError as error:
        os.write(answer, str(error).encode())
    finally:
        os._exit(1)


def _build(controllers: list[str]) -> None:
    syscalls.mount(None, "/", None, MS_REC | MS_PRIVATE)
    syscalls.mount("mountlab", _BASE, "tmpfs", 0, "mode=755")
    upper, work, root = (f"{_BASE}/{name}" for name in ("upper", "work", "root"))
    for folder in (upper, work, root):
        os.mkdir(folder)
    syscalls.mount("overlay", root, "overlay", 0, f"lowerdir=/,upperdir={upper},workdir={work}")
    os.makedirs(root + WORK, exist_ok=True)
    for path in ("/.dockerenv", "/run/.containerenv"):
        # systemd would take itself for a container's and leave `/` private.
        if os.path.lexists(root + path):
            os.unlink(root + path)
    syscalls.mount("proc", root + "/proc", "proc", _SAFE)
    syscalls.mount("sysfs", root + "/sys", "sysfs", _SAFE)
    syscalls.mount("tmpfs", root + "/run", "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755")
    syscalls.mount("tmpfs", root + "/tmp", "tmpfs", _MS_NOSUID | _MS_NODEV)
    syscalls.mount("lab", root + WORK, "tmpfs", 0, "mode=755")
    _make_devices(root + "/dev")
    _mount_cgroups(root + "/sys/fs/cgroup", controllers)
    os.chdir(root)
    syscalls.pivot_root(".", ".")
    syscalls.umount2(".", MNT_DETACH)
    os.chdir("/")
    _write("/proc/sys/net/ipv4/ip_forward", "1")  # of no network; but without it dockerd warns each time
    # The other switches there are the machine's; systemd, as process 1, would turn some of them.
    syscalls.mount("/proc/sys", "/proc/sys", None, MS_BIND)
    syscalls.mount(None, "/proc/sys", None, MS_BIND | MS_REMOUNT | MS_RDONLY | _SAFE)


def _make_devices(folder: str) -> None:
    """A /dev without the machine's disks."""
    syscalls.mount("dev", folder, "tmpfs", _MS_NOSUID, "mode=755")
    for name in _DEVICES:
        number = os.stat(f"/dev/{name}")
        os.mknod(f"{folder}/{name}", number.st_mode, number.st_rdev)
        os.chmod(f"{folder}/{name}", 0o666)
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(f"/proc/self/{target}", f"{folder}/{name}")
    for name in ("pts", "shm", "mqueue"):
        os.mkdir(f"{folder}/{name}")
    options = "ptmxmode=666,mode=620,gid=5"
    syscalls.mount("devpts", f"{folder}/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, options)
    os.symlink("pts/ptmx", f"{folder}/ptmx")
    syscalls.mount("tmpfs", f"{folder}/shm", "tmpfs", _MS_NOSUID | _MS_NODEV)
    syscalls.mount("mqueue", f"{folder}/mqueue", "mqueue", _SAFE)


def _mount_cgroups(folder: str, controllers: list[str]) -> None:
    """Each hierarchy, with our own group as its root: what is made there is made below our folder.

    The second version only where it stands alone: beside the first it has no controllers, and crun
    refuses to work where it sees both.
    """
    if controllers == [""]:
        syscalls.mount("cgroup2", folder, "cgroup2", _SAFE)
        inner = f"{folder}/init"  # only a group without processes of its own can give controllers on
        os.mkdir(inner)
        cgroups.enter([cgroups.Hierarchy("", inner)])
        return
    syscalls.mount("tmpfs", folder, "tmpfs", _SAFE, "mode=755")
    for each in filter(None, controllers):
        place = f"{folder}/{each.removeprefix('name=')}"
        os.mkdir(place)
        options = f"none,{each}" if each.startswith("name=") else each
        syscalls.mount("cgroup", place, "cgroup", _SAFE, options)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
