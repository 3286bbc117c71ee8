"""Raw system calls made by a shell's process itself: for random tests, and for the model of daemons."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from typing import Any

from mountlab.kernel import capabilities, syscalls
from mountlab.kernel.syscalls import CLONE_NEWNS, CLONE_NEWUSER
from mountlab.kernel.terminal import Terminal


def call(terminal: Terminal, name: str, args: list[Any]) -> str | None:
    """Make the call; the name of its error, or None."""
    try:
        _CALLS[name](terminal, *args)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error.errno))
    except ValueError:  # a NUL in a path, which the kernel would read no further
        return "EINVAL"
    return None


def look(question: str, path: str) -> list[Any]:
    """What the process sees at a path, ``[None, answer]``, or ``[errno, None]``."""
    try:
        return [None, _QUESTIONS[question](path)]
    except ValueError:
        return ["EINVAL", None]
    except OSError as error:
        return [errno.errorcode.get(error.errno or 0, str(error.errno)), None]


def _content(path: str) -> str:
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")


_QUESTIONS: dict[str, Callable[[str], Any]] = {
    "kind": lambda path: "dir" if stat.S_ISDIR(os.stat(path).st_mode) else "file",
    "read": _content,
    "listdir": lambda path: sorted(os.listdir(path)),
}


def _mount(
    terminal: Terminal, source: str, target: str, fstype: str | None, flags: int = 0, data: str | None = None
) -> None:
    refusal = 0
    if fstype and not terminal.unmapped and not flags & syscalls.MS_CHANGES_A_MOUNT:
        refusal = terminal.types.refusal(fstype, source or "", target)
    if refusal:
        raise OSError(refusal, os.strerror(refusal))
    syscalls.mount(source, target, fstype, flags, data)


def _unshare(terminal: Terminal, flags: int, map_root: bool = False) -> None:
    if flags & ~(CLONE_NEWNS | CLONE_NEWUSER):
        raise OSError(errno.EINVAL, "only mount and user namespaces are unshared here")
    syscalls.unshare(flags)
    if flags & CLONE_NEWUSER:
        if map_root:
            for path, text in (("setgroups", "deny"), ("uid_map", "0 0 1"), ("gid_map", "0 0 1")):
                fd = os.open("self/" + path, os.O_WRONLY, dir_fd=terminal.proc)
                os.write(fd, text.encode())
                os.close(fd)
        terminal.after_move()


def _setns(terminal: Terminal, pid: int, flags: int = CLONE_NEWNS) -> None:
    pidfd = os.pidfd_open(pid)
    try:
        syscalls.setns(pidfd, flags)
    finally:
        os.close(pidfd)
    if flags & CLONE_NEWUSER:
        terminal.after_move()


def _enter(_: Terminal, path: str) -> None:
    namespace = os.open(path, os.O_RDONLY)
    try:
        syscalls.setns(namespace, CLONE_NEWNS)
    finally:
        os.close(namespace)


def _write(_: Terminal, path: str, text: str, mode: str = "wb") -> None:
    with open(path, mode) as file:
        file.write(text.encode("utf-8", "surrogateescape"))


def _creat(_: Terminal, path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666))


_CALLS: dict[str, Callable[..., None]] = {
    "mount": _mount,
    "umount2": lambda _, target, flags=0: syscalls.umount2(target, flags),
    "pivot_root": lambda _, new, old: syscalls.pivot_root(new, old),
    "unshare": _unshare,
    "setns": _setns,
    "enter": _enter,
    "chroot": lambda _, path: os.chroot(path),
    "chdir": lambda _, path: os.chdir(path),
    "mkdir": lambda _, path, mode=0o755: os.mkdir(path, mode),
    "rmdir": lambda _, path: os.rmdir(path),
    "unlink": lambda _, path: os.unlink(path),
    "rename": lambda _, old, new: os.rename(old, new),
    "creat": _creat,
    "write": _write,
    "append": lambda terminal, path, text: _write(terminal, path, text, "ab"),
    "drop_administration": lambda _: capabilities.drop_administration(),
}
