"""Runs one command line with the REAL programs in a sandbox, for the golden records only.

The sandbox has its own mount and PID namespaces and a tmpfs root with the
twelve directories of a fresh machine and a proc mount.  The programs are in a
directory outside of every root: the dynamic loader is started from there with
a relative path, and a preloaded constructor goes back to the shell's own
working directory before ``main``.  So they work after chroot and pivot_root
too, and no file of theirs is seen.  A program that would execute a shell
(unshare, nsenter, chroot) stops instead: from then on it IS the shell.
"""

from __future__ import annotations

import ctypes
import os
import re
import select
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

DIRECTORIES = "bin dev etc home mnt proc root run tmp usr var".split()
PROGRAMS = (
    "mount umount findmnt lsns unshare nsenter pivot_root chroot mkdir rmdir touch rm cat ls stat tee sed"
    " true bash strace"
).split()
TRACED = "mount,umount2,pivot_root,unshare,setns,chroot"
STRACE = ("./strace", "-f", "-qq", "-o", "trace", "-e", "trace=" + TRACED, "-e", "signal=none")
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "LOCPATH": "./locale",
    "TZ": "UTC",
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "PS1": "",
}
Output = tuple[str, bool, int]
"""A redirection: the file, whether to append, and the descriptor."""
CLONE_NEWNS = 0x20000
CLONE_NEWUSER = 0x10000000
_libc = ctypes.CDLL(None, use_errno=True)


class Ran(NamedTuple):
    """What one command did."""

    exit: int
    stdout: str
    stderr: str
    calls: list[list[str | None]] | None
    """Each traced system call with its errno; None where nothing could be traced."""


def _libc_call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def enter_private_namespaces() -> None:
    """Leave the machine's mount and PID namespaces; returns in the child that is process 1."""
    _libc_call("unshare", CLONE_NEWNS | 0x20000000)
    _libc_call("mount", b"none", b"/", None, ctypes.c_ulong(0x4000 | 0x40000), None)
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status))
    _libc_call("mount", b"proc", b"/proc", b"proc", ctypes.c_ulong(0), None)


def collect_tools(place: Path) -> None:
    """Copy the programs with their libraries, and build the preloaded object, into `place`."""
    (place / "lib").mkdir(parents=True)
    (place / "utab").mkdir()
    for name in PROGRAMS:
        path = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
        if path is None:
            raise SystemExit(f"record: {name} is not installed")
        shutil.copy(path, place / name)
        listing = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"(/\S+) \(0x", listing):
            shutil.copy(library, place / "lib" / Path(library).name)
    shutil.copy("/lib64/ld-linux-x86-64.so.2", place / "ld.so")
    shutil.copytree("/usr/lib/locale/C.utf8", place / "locale" / "C.utf8")
    source = Path(__file__).with_name("back.c")
    command = ["gcc", "-w", "-shared", "-fPIC", "-o", str(place / "back.so"), str(source)]
    subprocess.run(command, check=True)


class Sandbox:
    """One fresh machine with its shells; `run` is a command of one of them."""

    def __init__(self, tools: Path, work: Path, init: str = "bare") -> None:
        self._tools = os.open(tools, os.O_RDONLY)
        self._tools_path = tools
        self._root = work
        self._holders: dict[str, int] = {}
        self._first = self._fork_holder(lambda: self._build(init))

    def _fork_holder(self, prepare: object) -> int:
        ready, tell = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                prepare()  # type: ignore[operator]
                os.write(tell, b"r")
                while True:
                    signal.pause()
            except BaseException as error:  # noqa: BLE001 - a child has no other way to tell
                os.write(2, f"sandbox: {error!r}\n".encode())
            finally:
                os._exit(1)
        os.close(tell)
        if os.read(ready, 1) != b"r":
            raise RuntimeError("the sandbox could not be built")
        os.close(ready)
        return child

    def _build(self, init: str) -> None:
        _libc_call("unshare", CLONE_NEWNS)
        root = bytes(self._root)
        _libc_call("mount", b"root", root, b"tmpfs", ctypes.c_ulong(0), None)
        os.chmod(root, 0o755)  # noqa: S103
        os.umask(0o022)
        for name in DIRECTORIES:
            os.mkdir(self._root / name)
        os.chmod(self._root / "tmp", 0o1777)  # noqa: S103 - as everywhere
        _libc_call("mount", b"proc", root + b"/proc", b"proc", ctypes.c_ulong(0), None)
        os.chdir(root)
        _libc_call("pivot_root", b".", b".")
        _libc_call("umount2", b".", 2)
        os.chdir("/")
        if init == "systemd":
            _libc_call("mount", b"none", b"/", None, ctypes.c_ulong(0x4000 | 0x100000), None)

    def holder(self, shell: str) -> int:
        """The process that is the shell; a new name is a new terminal."""
        if shell not in self._holders:
            self._holders[shell] = self._fork_holder(lambda: os.close(self._enter(self._first)))
        return self._holders[shell]

    def _enter(self, process: int) -> int:
        """Become like `process`: namespaces, root, working directory; returns a descriptor of that."""
        here = f"/proc/{process}/"
        spaces = {name: os.open(here + "ns/" + name, os.O_RDONLY) for name in ("mnt", "user")}
        root, cwd = (os.open(here + name, os.O_PATH) for name in ("root", "cwd"))
        same_user = _same_user_namespace(process)
        _libc_call("setns", spaces["mnt"], CLONE_NEWNS)
        os.fchdir(root)
        os.chroot(".")
        os.fchdir(cwd)
        if not same_user:
            _libc_call("setns", spaces["user"], CLONE_NEWUSER)
        for descriptor in (*spaces.values(), root):
            os.close(descriptor)
        return cwd

    def run(
        self, shell: str, argv: list[str], stdin: str = "", outputs: Sequence[Output] = ()
    ) -> Ran:
        """Run one program; names of shells in `argv` are replaced by their process numbers.

        The exit status is 121 when one of the `outputs` cannot be opened.
        """
        holder = self.holder(shell)
        traced = _same_user_namespace(holder)
        pids = {name: str(pid) for name, pid in self._holders.items()}
        argv = [_with_pids(word, pids) for word in argv]
        trace = self._tools_path / "trace"
        trace.write_text("")
        pipes = [os.pipe() for _ in range(4)]
        os.write(pipes[0][1], stdin.encode())
        os.close(pipes[0][1])
        child = os.fork()
        if child == 0:
            self._child(holder, argv, pipes, outputs, traced)
        for _, write_end in pipes[1:]:
            os.close(write_end)
        os.close(pipes[0][0])
        stdout, stderr, moved = _drain([read_end for read_end, _ in pipes[1:]])
        status = self._finish(shell, child, holder, moved)
        return Ran(status, stdout, stderr, _calls(trace.read_text()) if traced else None)

    def _finish(self, shell: str, child: int, holder: int, moved: bool) -> int:
        if not moved:
            _, status = os.waitpid(child, 0)
            return os.waitstatus_to_exitcode(status)
        tracee = Path(f"/proc/{child}/task/{child}/children").read_text().split()
        self._holders[shell] = int(tracee[0]) if tracee else child
        if tracee:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        os.kill(holder, signal.SIGKILL)
        os.waitpid(holder, 0)
        return 0

    def _child(
        self,
        holder: int,
        argv: list[str],
        pipes: list[tuple[int, int]],
        outputs: Sequence[Output],
        traced: bool,
    ) -> None:
        """In the child: become the shell, then the program; 120 when that fails."""
        try:
            cwd = self._enter(holder)
            os.umask(0o022)
            for number, descriptor in enumerate((pipes[0][0], pipes[1][1], pipes[2][1])):
                os.dup2(descriptor, number)
            _open_outputs(outputs)
            utab = os.open("utab", os.O_PATH, dir_fd=self._tools)
            tell = pipes[3][1]
            for descriptor in (cwd, utab, tell):
                os.set_inheritable(descriptor, True)
            own = {
                "LIBMOUNT_UTAB": f"/proc/self/fd/{utab}/utab",
                "BACK_CWD": str(cwd),
                "BACK_TELL": str(tell),
            }
            os.fchdir(self._tools)
            loader = ["./ld.so", "--library-path", "./lib"]
            program = ["--preload", "./back.so", "--argv0", argv[0], "./" + argv[0], *argv[1:]]
            line = [*loader, *(STRACE if traced else ()), *(loader if traced else ()), *program]
            os.execve("./ld.so", line, ENVIRONMENT | own)  # noqa: S606 - no shell is wanted
        finally:
            os._exit(120)

    def change_directory(self, shell: str, path: str) -> None:
        """The shell's own cd, after bash has said that it works."""
        old = self.holder(shell)

        def there() -> None:
            os.close(self._enter(old))
            os.chdir(path)

        self._holders[shell] = self._fork_holder(there)
        os.kill(old, signal.SIGKILL)
        os.waitpid(old, 0)

    def close(self, shell: str | None = None) -> None:
        """End one terminal, or the machine."""
        names = [shell] if shell else [*self._holders]
        for pid in [self._holders.pop(name) for name in names] + ([] if shell else [self._first]):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if not shell:
            os.close(self._tools)


def _open_outputs(outputs: Sequence[Output]) -> None:
    """What a shell does with ``>`` and ``>>``."""
    for path, append, number in outputs:
        mode = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
        try:
            os.dup2(os.open(path, mode, 0o666), number)
        except OSError:
            os._exit(121)


def mount_tmpfs(place: Path) -> None:
    """Mount a scratch tmpfs, for the recorder's own files."""
    _libc_call("mount", b"scratch", bytes(place), b"tmpfs", ctypes.c_ulong(0), None)


def _same_user_namespace(process: int) -> bool:
    """True for a process of the recorder's own user namespace; strace works only there."""
    return os.readlink(f"/proc/{process}/ns/user") == os.readlink("/proc/1/ns/user")


def _with_pids(word: str, pids: dict[str, str]) -> str:
    if word in pids:
        return pids[word]
    found = re.fullmatch(r"(/proc/|--target=|-t)([A-Za-z][\w.-]*)((?:/.*)?)", word)
    return found[1] + pids[found[2]] + found[3] if found and found[2] in pids else word


def _drain(descriptors: list[int]) -> tuple[str, str, bool]:
    """Read stdout and stderr to their end, or until the program says that it is the shell now."""
    texts = dict.fromkeys(descriptors, b"")
    waiting = set(descriptors)
    while waiting and not texts[descriptors[2]]:
        for descriptor in select.select(sorted(waiting), [], [])[0]:
            piece = os.read(descriptor, 65536)
            texts[descriptor] += piece
            if not piece:
                waiting.discard(descriptor)
    for descriptor in descriptors:
        os.close(descriptor)
    stdout, stderr, told = (texts[one].decode("utf-8", "surrogateescape") for one in descriptors)
    return stdout, stderr, told == "m"


def _calls(trace: str) -> list[list[str | None]]:
    found = re.findall(r"^\d+ +(\w+)\(.*\) += (?:0|-1 (E\w+))", trace, re.MULTILINE)
    return [[name, errno or None] for name, errno in found]
