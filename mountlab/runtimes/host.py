"""A private host: a machine within the machine, for programs that must not touch the one around it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from mountlab.mountinfo import MountInfo, parse_table
from mountlab.runtimes.keeper import WORK

__all__ = ["WORK", "Host", "HostError", "Ran", "why_not"]

_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop()); from mountlab.runtimes.keeper import main; main()"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FIRST_USER_NAMESPACE = 0xEFFFFFFD
_PACKAGES = {
    "dockerd": "docker.io", "docker": "docker.io", "nsenter": "util-linux", "ctr": "containerd",
    "busybox": "busybox-static", "systemctl": "systemd",
}  # fmt: skip
"""Debian's, where they are not called as the program is."""
_ENVIRONMENT = {"PATH": _PATH, "HOME": "/root", "LC_ALL": "C"}


class HostError(Exception):
    """The host could not be made, or a program there did not do what it must; the message says which."""


class Ran(NamedTuple):
    """What a program left behind."""

    status: int
    stdout: str
    stderr: str


def why_not(*programs: str) -> str | None:
    """Why there can be no host with these programs here; None: there can."""
    if sys.platform != "linux":
        return f"a Linux kernel is needed, and this is {sys.platform}"
    if os.geteuid() != 0:
        return "only root can start container runtimes on a private host: say `sudo make test`"
    if not _is_the_machines_root():
        return (
            "this root is a container's and may not start container runtimes;"
            " on the machine itself, or in one that docker starts with `--privileged`, root may"
        )
    missing = [name for name in ("nsenter", *programs) if shutil.which(name, path=_PATH) is None]
    if missing:
        packages = sorted({_PACKAGES.get(name, os.path.basename(name)) for name in missing})
        return f"not installed: {', '.join(missing)} (Debian: apt-get install {' '.join(packages)})"
    return None


def _is_the_machines_root() -> bool:
    """Whether this process is in the first user namespace (linux/proc_ns.h) with CAP_SYS_ADMIN (bit 21)."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        effective = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff:"))
        return os.stat("/proc/self/ns/user").st_ino == _FIRST_USER_NAMESPACE and bool(
            int(effective, 16) >> 21 & 1
        )
    except OSError:
        return False


class Host:
    """Namespaces of its own, `/` shared with all below, a tmpfs at /lab; ends with `close` or its owner."""

    def __init__(self, first: list[str] | None = None, files: dict[str, str | None] | None = None) -> None:
        """Start it.

        Args:
            first: the program that is to be its process 1; one of ours otherwise, which only reaps.
            files: path and text of files to be written before that; None removes a folder.

        Raises:
            HostError: when the kernel does not let us.
        """
        reason = why_not()
        if reason:
            raise HostError(reason)
        answer, theirs = os.pipe()
        package = str(Path(__file__).resolve().parents[2])
        config = json.dumps([os.getpid(), first or [], files or {}, theirs])
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", "-X", "utf8", "-c", _PROGRAM, config, package],
            pass_fds=[theirs],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
        )
        os.close(theirs)
        with open(answer, "rb") as pipe:
            said = pipe.read()
        if said != b"ready":
            self.close()
            raise HostError(f"no private host: {said.decode() or self._complaint()}")
        self.pid = self._child()

    def _complaint(self) -> str:
        text = self._keeper.stderr.read().decode() if self._keeper.stderr else ""
        return text.strip().rpartition("\n")[2] or "its keeper ended"

    def _child(self) -> int:
        """The number of process 1, as this process sees it."""
        keeper = self._keeper.pid
        return int(Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()[0])

    def _words(self, argv: list[str]) -> list[str]:
        return ["nsenter", "-t", str(self.pid), "-m", "-p", "-n", "-i", "-u", "-C", "--", *argv]

    def run(self, argv: list[str], stdin: str | bytes = b"", timeout: float = 60.0) -> Ran:
        """Run a program in the host, as root, in `/`.

        Raises:
            HostError: when it takes longer than `timeout` seconds, or the host has ended.
        """
        if self._keeper.poll() is not None:
            raise HostError("this private host has ended")
        data = stdin.encode() if isinstance(stdin, str) else stdin
        try:
            done = subprocess.run(
                self._words(argv),
                input=data,
                capture_output=True,
                check=False,
                timeout=timeout,
                cwd="/",
                env=_ENVIRONMENT,
            )
        except subprocess.TimeoutExpired as error:
            raise HostError(f"{' '.join(argv)[:200]}: no end after {timeout:g} s") from error
        out, err = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
        return Ran(done.returncode, out, err)

    def do(self, argv: list[str], stdin: str | bytes = b"", timeout: float = 60.0) -> str:
        """Run a program that must succeed; what it printed.

        Raises:
            HostError: with its words, when it does not.
        """
        ran = self.run(argv, stdin, timeout)
        if ran.status:
            said = (ran.stderr or ran.stdout).strip()
            raise HostError(f"{' '.join(argv)[:300]}: status {ran.status}: {said}")
        return ran.stdout

    def script(self, text: str) -> str:
        """Run lines of shell that must all succeed; what they printed."""
        return self.do(["sh", "-eu", "-c", text])

    def start(self, argv: list[str], log: str, wrapper: str = "") -> None:
        """Leave a program running in the host, in its control groups; what it says goes to `log`."""
        join = "for f in /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/init/cgroup.procs; do"
        join += ' [ -w "$f" ] && echo 0 > "$f"; done 2>/dev/null; '
        line = f'{join}{wrapper} "$@" >{log} 2>&1 </dev/null & echo $!'
        self.do(["setsid", "sh", "-c", line, "sh", *argv])

    def table(self, pid: int | str = 1) -> list[MountInfo]:
        """The mount table of a process of the host, by its number there."""
        return parse_table(self.do(["cat", f"/proc/{pid}/mountinfo"]))

    def write(self, path: str, text: str | bytes, mode: str = "644") -> None:
        """Write a file in the host; its folders are made."""
        self.do(["sh", "-c", 'mkdir -p "${1%/*}" && cat >"$1" && chmod "$2" "$1"', "sh", path, mode], text)

    def read(self, path: str) -> str:
        """Read a file of the host."""
        return self.do(["cat", path])

    def close(self) -> None:
        """End it, with everything in it; harmless when it has ended."""
        if self._keeper.poll() is None:
            self._keeper.terminate()
        self._keeper.wait()
        if self._keeper.stderr:
            self._keeper.stderr.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
