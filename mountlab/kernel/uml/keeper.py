"""The process between the owner and the guest: starts it, encloses it, ends it with its owner.

The guest is started with rights that are already given up: another user when the owner is root, no new
privileges, no capability, Landlock, and namespaces of its own where they may be had.  Its memory is a file
that it deletes before it writes the first byte; the directory is deleted as soon as the guest runs.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
from typing import NamedTuple

from mountlab.kernel import advice, identity, syscalls, tracer, wire
from mountlab.kernel.limits import Limits
from mountlab.kernel.stage import SetupError, stage
from mountlab.kernel.uml import guest, image, landlock, package
from mountlab.kernel.wire import Json

MEMORY = 384 << 20
"""What the guest may use; of the host's memory only what it has touched."""
_SPARE = 96 << 20
"""What must be left of it (limits.py): about as much as a program can fill between two looks at it."""
PREFIX = "mountlab-uml-"
"""How the names begin of the directories in which guests start."""
_POLL_MILLISECONDS = 50
_LOADED = guest
"""The guest's modules are loaded here too: image.py brings along what is loaded."""
_READABLE = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/proc")
_USABLE = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_APART = (
    syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
)  # fmt: skip


class Guest(NamedTuple):
    """A guest that has been started."""

    pid: int
    place: str
    """A directory, while it starts."""
    console: int
    """A file with what its kernel printed."""


def main() -> None:
    """Keep a guest for whoever is at the other end of the socket (argument 1), and of standard input."""
    sock = socket.socket(fileno=int(sys.argv[1]))
    config = wire.receive(sock)
    owner = os.pidfd_open(config["owner"])
    if os.getppid() != config["owner"]:
        return
    try:
        started = _start(sock, config)
    except SetupError as error:
        wire.send(sock, {"failed": str(error)})
        return
    alone, status = False, 0
    try:
        alone = _wait(owner, started)
    finally:
        status = _end(started)
    if alone:
        with contextlib.suppress(OSError):
            sock.setblocking(True)
            wire.send(sock, {"failed": _last_words(started.console, os.waitstatus_to_exitcode(status))})


def _start(sock: socket.socket, config: dict[str, Json]) -> Guest:
    kernel = package.program()
    with stage("trace a process", advice.on_ptrace()):  # so user-mode Linux runs its own
        tracer.check()
    with stage("put the guest's files together"):
        limits = Limits(*config["limits"])._replace(spare=_SPARE)
        files = image.build(config | {"limits": limits})
    place = _place()
    console = os.memfd_create("console")
    try:
        with stage("give up rights"):
            give_up_rights(place)
            _stay_on_one_processor()
        with contextlib.suppress(OSError):
            go_apart()
        pid = os.fork()
    except (OSError, SetupError):
        shutil.rmtree(place, ignore_errors=True)
        raise
    if pid == 0:
        _become(kernel, place, files, console, sock.fileno())
    os.close(files)
    return Guest(pid, place, console)


def _place() -> str:
    """A new directory for the file that is the guest's memory: where programs may run, best in memory."""
    reasons = []
    for top in ("/dev/shm", tempfile.gettempdir()):
        try:
            about = os.statvfs(top)
            if about.f_flag & os.ST_NOEXEC:
                reasons.append(f"{top} is mounted noexec")
            elif about.f_bavail * about.f_frsize < MEMORY:
                reasons.append(f"{top} has no {MEMORY >> 20} MB left")
            else:
                return tempfile.mkdtemp(prefix=PREFIX, dir=top)
        except OSError as error:
            reasons.append(f"{top}: {error.strerror}")
    raise SetupError(
        f"there is no place for the guest's memory: {'; '.join(reasons)}; TMPDIR may name another one"
    )


def give_up_rights(place: str) -> None:
    """For good, as any process may: who was root is nobody, and the place is his."""
    if os.geteuid() == 0:
        os.chown(place, identity.NOBODY, identity.NOBODY)
        os.setgroups([])
        os.setresgid(*[identity.NOBODY] * 3)
        os.setresuid(*[identity.NOBODY] * 3)
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # or /proc/self/uid_map would belong to root
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def enclose(kernel: str, place: str) -> None:
    """Landlock, where this computer has it: programs may be read, one place may be written."""
    landlock.enclose([kernel, *_READABLE], _USABLE, place)


def _stay_on_one_processor() -> None:
    """The guest's kernel and its processes take turns by ptrace(2), which is twice as fast on one."""
    here = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {here[os.getpid() % len(here)]})


def go_apart() -> None:
    """Namespaces of its own, as the same user: no network, and all of it ends with its first process."""
    uid, gid = os.geteuid(), os.getegid()
    syscalls.unshare(_APART)
    identity.write_maps("self", identity.IdRange(uid, gid, 1), as_root=False, inside=(uid, gid))


def _become(kernel: str, place: str, files: int, console: int, line: int) -> None:
    """In the child: never returns."""
    try:
        os.setsid()
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        nothing = os.open(os.devnull, os.O_RDWR)
        for number, fd in enumerate((nothing, console, console)):
            os.dup2(fd, number)
        for fd in (files, line):
            os.set_inheritable(fd, True)
        os.chdir("/")
        enclose(kernel, place)
        words = [
            "linux.uml", f"mem={MEMORY >> 20}M", f"initrd=/proc/self/fd/{files}", "rdinit=/init",
            f"ssl0=fd:{line}", "con=none", "con0=null,fd:1", f"uml_dir={place}", "quiet", "panic=-1",
        ]  # fmt: skip
        os.execve(kernel, words, {"HOME": place, "TMPDIR": place, "PATH": "/usr/bin:/bin"})
    except OSError as error:
        os.write(console, f"{kernel}: {error.strerror}\n".encode())
    finally:
        os._exit(126)


def _wait(owner: int, started: Guest) -> bool:
    """Until the owner is gone or wants an end (False), or the guest has ended (True)."""
    its_end = os.pidfd_open(started.pid)
    poll = select.poll()
    for fd in (owner, 0, its_end):
        poll.register(fd, select.POLLIN)
    is_starting = True
    while True:
        events = poll.poll(_POLL_MILLISECONDS if is_starting else None)
        if is_starting and _is_running(started.place):
            shutil.rmtree(started.place, ignore_errors=True)
            is_starting = False
        if events:
            return events == [(its_end, select.POLLIN)]


def _is_running(place: str) -> bool:
    """The socket of the management console is the last thing that the kernel puts into its directory."""
    return any("mconsole" in names for _, _, names in os.walk(place))


def _end(started: Guest) -> int:
    """Kill the guest's kernel and its helpers, which form a process group; leave nothing behind.

    How the kernel ended is returned.
    """
    how = 0
    os.kill(started.pid, signal.SIGKILL)  # it may not lead a group yet; not reaped, so it has its number
    with contextlib.suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, 0)
            how = status if pid == started.pid else how
    shutil.rmtree(started.place, ignore_errors=True)
    return how


def _last_words(console: int, code: int) -> str:
    size = os.fstat(console).st_size
    text = os.pread(console, 4096, max(0, size - 4096)).decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith("mountlab:")] or lines or ["it said nothing"]
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
    return f"user-mode Linux {how}: {said[-1].removeprefix('mountlab: ')}"
