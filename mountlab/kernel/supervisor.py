"""The process that becomes the sandbox: leaves the host, then makes machines and opens terminals.

It is started as a program of its own, not forked from its owner: a notebook's kernel has
threads, hundreds of megabytes and open files, none of which belong in here.

    owner ── keeper ── supervisor (process 1 of the sandbox) ── machine's process 1, shells

One user namespace holds everything.  Its root is an unused id outside, so the kernel itself
refuses what a learner's machine must not do: mount anything but the few file system types that
are safe for users, change a superblock of the host, load modules, write sysctls.  Inside, its
root may do on its own mounts all that root may do, and the differences were looked for:
- `/` would be locked (EINVAL instead of unmounting it): see machine.py for the remedy;
- tmpfs shows ``uid=`` and ``gid=``: left out of what is shown (tables.py);
- a new proc mount needs a visible one in the namespace: EPERM after `umount /proc`;
- file system types on block devices are refused for want of capability, not of a device;
- under an unmounted `/` lies a locked tmpfs: EINVAL where the rootfs would turn read-only;
- an overlay marks removed directories by user.* attributes only, and so with ``userxattr`` only;
- /proc itself does not belong to the machine's root: touch(1) may not change its times.
Measured against the same sandbox without a user namespace, as true root: 25,000 random raw calls
of four shells (nested user namespaces, pivots, chroots included) gave the same errnos and tables.

The supervisor is process 1 of a PID namespace and dies with the keeper, the keeper with the
owner: the kernel then kills every process inside, and the mounts go with the last of them.
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
from typing import Any

from mountlab.kernel import advice, capabilities, entry, identity, seccomp, syscalls, tracer, wire
from mountlab.kernel.limits import Limits
from mountlab.kernel.machines import Machines
from mountlab.kernel.stage import SetupError, stage
from mountlab.kernel.syscalls import MNT_DETACH, MS_PRIVATE, MS_RDONLY, MS_REC, MS_REMOUNT

_OWN = (
    syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWUTS
)  # fmt: skip
_BASE = "/tmp"
"""Where the tools are put together; any directory of the host would do, it is covered only for us."""
_NO_DUMP = 1
"""Bytes of a core file.  With 0 a program that the host has named in core_pattern would be started all the
same, as the host's root; 1 is the kernel's own word for "none" (fs/coredump.c)."""


def main() -> None:
    """Become the sandbox of whoever is at the other end of the socket (argument 1)."""
    sock = socket.socket(fileno=int(sys.argv[1]))
    config = wire.receive(sock)
    try:
        owner = os.pidfd_open(config["owner"])
        if os.getppid() != config["owner"]:
            return
        if config["owner_is_main_thread"]:
            syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        leave_the_host(as_root=config["kind"] == "root")
        supervisor = os.fork()
    except SetupError as error:
        wire.send(sock, {"failed": str(error)})
        return
    if supervisor == 0:
        os.close(owner)
        supervise(sock, config)
    sock.close()
    _keep(owner, supervisor)


def _keep(owner: int, supervisor: int) -> None:
    """Wait for the end of either; the supervisor dies with this process."""
    poll = select.poll()
    poll.register(owner, select.POLLIN)
    poll.register(os.pidfd_open(supervisor), select.POLLIN)
    poll.poll()
    os.kill(supervisor, signal.SIGKILL)
    os.waitpid(supervisor, 0)


def leave_the_host(*, as_root: bool) -> None:
    """Enter namespaces of our own, the user namespace first."""
    if not as_root and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(*[identity.NOBODY] * 3)
        os.setresuid(*[identity.NOBODY] * 3)
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # or /proc/self/uid_map would belong to root
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    with stage("choose a user for the sandbox"):
        ids = identity.choose(as_root)
    with stage("make a user namespace", advice.on_user_namespaces()):
        if as_root:
            _unshare_and_be_mapped(ids)
        else:
            syscalls.unshare(syscalls.CLONE_NEWUSER)
            identity.write_maps("self", ids, as_root=False)
    with stage("become root of the user namespace"):
        if as_root:
            os.setgroups([])
            os.setresgid(0, 0, 0)
            os.setresuid(0, 0, 0)
            syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)
    with stage("make mount, PID, IPC, network and UTS namespaces"):
        syscalls.unshare(_OWN)
        syscalls.mount(None, "/", None, MS_REC | MS_PRIVATE)


def _unshare_and_be_mapped(ids: identity.IdRange) -> None:
    """As root: a helper that stays outside writes the map, as the rules of user_namespaces(7) want it."""
    pid = os.getpid()
    go_read, go_write = os.pipe()
    helper = os.fork()
    if helper == 0:
        status = 1
        with contextlib.suppress(OSError):
            os.close(go_write)
            if os.read(go_read, 1):
                identity.write_maps(pid, ids, as_root=True)
                status = 0
        os._exit(status)
    os.close(go_read)
    try:
        syscalls.unshare(syscalls.CLONE_NEWUSER)
        os.write(go_write, b"x")
    finally:
        os.close(go_write)
        _, status = os.waitpid(helper, 0)
    if status:
        raise OSError("the id map was refused")


def _limit_namespaces(limits: Limits) -> None:
    """How many there may be of each kind; the learner's root may not change it (CAP_SYS_RESOURCE)."""
    for kind in ("net", "ipc", "uts", "cgroup", "time", "mnt", "user", "pid"):
        most = limits.namespaces * (256 if kind in {"mnt", "user", "pid"} else 1)
        with (
            contextlib.suppress(OSError),
            open(f"/proc/sys/user/max_{kind}_namespaces", "w", encoding="utf-8") as file,
        ):
            file.write(str(most))


def supervise(sock: wire.Channel, config: dict[str, Any]) -> None:
    """In process 1 of the sandbox: never returns."""
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        limits = Limits(*config["limits"])
        _settle(config["tools"])
        with stage("trace a process", advice.on_ptrace()):
            tracer.check()
        _close_all_but(sock.fileno())
        _stay_on_one_processor(config["owner"])
        tools, proc = os.open("/tools", os.O_PATH), os.open("/proc", os.O_PATH)
        _restrict(limits)
        machines = Machines(tools, proc, sock, limits)
        with stage("make a machine with a mount namespace, tmpfs and proc"):
            machines.reset(config["init"])
        wire.send(sock, {"ready": True})
        machines.serve()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the owner is gone
    except SetupError as error:
        wire.send(sock, {"failed": str(error)})
    except Exception as error:  # noqa: BLE001 - nobody else could tell of it
        wire.send(sock, {"failed": f"a mistake in mountlab: {error!r}"})
    finally:
        os._exit(0)


def _settle(tools: list[tuple[str, str]]) -> None:
    """Move to a tmpfs that holds the tools and a /proc; leave the host's tree altogether."""
    with stage("mount a tmpfs for the tools"):
        syscalls.mount("tools", _BASE, "tmpfs", 0, "mode=755")
    for name in ("tools", "proc", "fixture", "new", "old"):
        os.mkdir(f"{_BASE}/{name}")
    with stage("copy the programs"):
        for source, name in tools:
            os.makedirs(os.path.dirname(f"{_BASE}/tools/{name}"), exist_ok=True)
            shutil.copy(source, f"{_BASE}/tools/{name}")
            os.chmod(f"{_BASE}/tools/{name}", 0o755)
        for name, drop in (("enter.so", False), ("enter-unmapped.so", True)):
            with open(f"{_BASE}/tools/{name}", "wb") as file:
                file.write(entry.shared_object(drop_capabilities=drop))
    with stage("mount proc", "a container that hides parts of its /proc does not allow it"):
        syscalls.mount("proc", _BASE + "/proc", "proc")
    with stage("leave the host's tree"):
        syscalls.pivot_root(_BASE, _BASE + "/old")
        os.chdir("/")
        syscalls.umount2("/old", MNT_DETACH)
        os.rmdir("/old")
        syscalls.mount(None, "/", None, MS_REMOUNT | MS_RDONLY)


def _stay_on_one_processor(owner: int) -> None:
    """Every process to come runs there, one at a time as it is: so namespaces are as old as they look.

    A namespace's file may be bound in older namespaces only, and Linux 6.18 tells the age by numbers of
    which each processor has a supply of its own (kernel/nstree.c, linux/cookie.h): a namespace made on
    another processor may look older than it is, and the bind fails with EINVAL now and then.
    """
    here = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {here[owner % len(here)]})


def _close_all_but(kept: int) -> None:
    """Nothing that was open outside stays open; standard streams are empty files."""
    empty = os.memfd_create("empty")
    for fd in (0, 1, 2):
        os.dup2(empty, fd)
    os.closerange(3, kept)
    os.closerange(kept + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _restrict(limits: Limits) -> None:
    """Limits, capabilities and the filter of system calls, for all processes to come."""
    os.umask(0o022)
    os.environ.clear()
    for number in (signal.SIGINT, signal.SIGXFSZ, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    _limit_namespaces(limits)
    for what, most in (
        (resource.RLIMIT_CORE, _NO_DUMP),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_NPROC, limits.processes),
    ):
        hard = resource.getrlimit(what)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (limit, limit))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
        file.write("1000")
    with stage("drop capabilities"):
        capabilities.drop_others()
    with stage("install a seccomp filter"):
        seccomp.install(seccomp.for_sandbox())
