"""The state of one terminal's shell: where it stands, what it holds, how it moves elsewhere."""

from __future__ import annotations

import os

from mountlab.kernel import capabilities, machine, syscalls
from mountlab.kernel.fstypes import FilesystemTypes
from mountlab.kernel.limits import Limits
from mountlab.kernel.syscalls import CLONE_NEWNS, CLONE_NEWUSER
from mountlab.kernel.tables import Fixture


class Terminal:
    """A shell's process: this very one.

    It holds nothing of the machine but its root and its working directory: what is open
    besides lies in the supervisor's own mount namespace, so that EBUSY comes when it would for
    a plain shell, and not otherwise.
    """

    def __init__(
        self, name: str, tools: int, proc: int, fixture: Fixture, types: FilesystemTypes, limits: Limits
    ) -> None:
        self.name = name
        self.tools = tools
        self.proc = proc
        self.fixture = fixture
        self.types = types
        self.limits = limits
        self.unmapped = False
        self._first_user_namespace = os.readlink("self/ns/user", dir_fd=proc)
        self.namespaces: dict[int, int] = {}
        """The mount namespaces' inodes and their numbers in the tables, as of the last line."""
        self.namespace_device = os.stat("self/ns/mnt", dir_fd=proc).st_dev
        self.pwd = "/"  # noqa: S105 - a directory
        self.old_pwd: str | None = None
        self.closed = False

    def is_denied_what_root_may(self) -> bool:
        """In a sandbox made without root even its root may not set groups, which a machine's root may."""
        at_home = os.readlink("self/ns/user", dir_fd=self.proc) == self._first_user_namespace
        return at_home and self.read_proc("self/setgroups").strip() == "deny"

    def after_move(self) -> None:
        """Be the new shell that a program like unshare(1) executes at its end."""
        self.unmapped = os.getuid() != 0
        if self.unmapped:
            capabilities.suspend()
        else:
            capabilities.use_all()
        try:
            here = os.stat(".")
            there = os.stat(self.pwd)
            if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
                self.pwd = os.getcwd()
        except OSError:
            self.pwd = _working_directory()

    def follow(self, pid: int, *, user_too: bool = True) -> None:
        """Move to where a stopped child stands: its namespaces, its root, its working directory.

        Without `user_too` this process stays in its own user namespace.
        """
        pidfd = os.pidfd_open(pid)
        try:
            directory = os.open(self._outer_pid(pidfd), os.O_PATH, dir_fd=self.proc)
            root = os.open("root", os.O_PATH, dir_fd=directory)
            cwd = os.open("cwd", os.O_PATH, dir_fd=directory)
            kinds = [("ns/mnt", CLONE_NEWNS), *([("ns/user", CLONE_NEWUSER)] if user_too else [])]
            me = os.open("self", os.O_PATH, dir_fd=self.proc)
            flags = sum(
                flag
                for path, flag in kinds
                if os.readlink(path, dir_fd=directory) != os.readlink(path, dir_fd=me)
            )
            if flags:
                syscalls.setns(pidfd, flags)
            machine.enter(root, cwd)
            for fd in (directory, root, cwd, me):
                os.close(fd)
        finally:
            os.close(pidfd)
        self.after_move()

    def _outer_pid(self, pidfd: int) -> str:
        """The number of that process in the supervisor's /proc."""
        return self.read_proc(f"self/fdinfo/{pidfd}").split("Pid:\t")[1].split("\n")[0]

    def read_proc(self, path: str) -> str:
        """A file of the supervisor's /proc, which sees this process wherever it is."""
        fd = os.open(path, os.O_RDONLY, dir_fd=self.proc)
        with os.fdopen(fd, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        return "."
