"""What the shell itself does: cd, echo, true, exit, with bash's own words."""

from __future__ import annotations

import errno
import os
import re
from typing import NamedTuple

from mountlab.kernel.terminal import Terminal


class Said(NamedTuple):
    """What a builtin answers."""

    status: int
    stdout: bytes = b""
    stderr: str = ""
    errno: str | None = None


BUILTINS = frozenset(("cd", "echo", "true", "exit", "pwd"))


def run(terminal: Terminal, argv: list[str], last_status: int) -> Said:
    """Run a builtin."""
    name, *words = argv
    if name == "cd":
        return _cd(terminal, words)
    if name == "echo":
        return Said(0, echo(words))
    if name == "pwd":
        return Said(0, os.fsencode(terminal.pwd + "\n"))
    if name == "exit":
        return _exit(terminal, words, last_status)
    return Said(0)


def _exit(terminal: Terminal, words: list[str], last_status: int) -> Said:
    if words and not re.fullmatch(r"[+-]?\d+", words[0]):
        terminal.closed = True
        return Said(2, stderr=f"bash: exit: {words[0]}: numeric argument required\n")
    if len(words) > 1:
        return Said(1, stderr="bash: exit: too many arguments\n")
    terminal.closed = True
    return Said(int(words[0]) & 255 if words else last_status)


def _cd(terminal: Terminal, words: list[str]) -> Said:
    physical = False
    while words and re.fullmatch(r"-[LPe]+", words[0]):
        physical = words.pop(0).rstrip("e")[-1] == "P"
    if words and words[0] == "--":
        words = words[1:]
    elif words and words[0].startswith("-") and words[0] != "-":
        usage = "cd: usage: cd [-L|[-P [-e]] [-@]] [dir]\n"
        return Said(2, stderr=f"bash: cd: {words[0][:2]}: invalid option\n{usage}")
    if len(words) > 1:
        return Said(1, stderr="bash: cd: too many arguments\n")
    wanted = words[0] if words else "/root"
    if wanted == "-":
        if terminal.old_pwd is None:
            return Said(1, stderr="bash: cd: OLDPWD not set\n")
        wanted = terminal.old_pwd
    before = terminal.pwd
    try:
        _change_directory(terminal, wanted, physical)
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0)
        return Said(1, stderr=f"bash: cd: {wanted}: {error.strerror}\n", errno=code)
    terminal.old_pwd = before
    return Said(0, os.fsencode(terminal.pwd + "\n") if words[:1] == ["-"] else b"")


def _change_directory(terminal: Terminal, wanted: str, physical: bool) -> None:
    """Bash follows the path as it is written, ``..`` included, and only then as the kernel does."""
    logical = _logical(terminal.pwd, wanted)
    if physical or logical is None:
        os.chdir(wanted or ".")
        terminal.pwd = _getcwd(terminal.pwd)
        return
    try:
        os.chdir(logical)
        terminal.pwd = logical
    except OSError as error:
        try:
            os.chdir(wanted)
        except OSError:
            raise error from None
        terminal.pwd = _getcwd(logical)


def _logical(pwd: str, wanted: str) -> str | None:
    """The absolute path without ``.`` and ``..``; None when a directory before ``..`` is not there."""
    done: list[str] = []
    for part in (wanted if wanted.startswith("/") else f"{pwd}/{wanted}").split("/"):
        if part == "..":
            if done and not os.path.isdir("/" + "/".join(done)):
                return None
            done = done[:-1]
        elif part not in {"", "."}:
            done.append(part)
    path = "/" + "/".join(done)
    return path if os.path.isdir(path) else None


def _getcwd(otherwise: str) -> str:
    try:
        return os.getcwd()
    except OSError:
        return otherwise


_PLAIN = {"a": b"\a", "b": b"\b", "e": b"\x1b", "E": b"\x1b", "f": b"\f", "n": b"\n", "r": b"\r", "t": b"\t"}
_PLAIN |= {"v": b"\v", "\\": b"\\"}
_ESCAPE = re.compile(
    r"\\(?:(?P<plain>[abeEfnrtv\\])|0(?P<octal>[0-7]{0,3})|x(?P<hex>[0-9A-Fa-f]{1,2})"
    r"|u(?P<u>[0-9A-Fa-f]{1,4})|U(?P<U>[0-9A-Fa-f]{1,8})|(?P<stop>c))"
)


def echo(words: list[str]) -> bytes:
    """The bytes that bash's echo prints."""
    newline, escapes = True, False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        for letter in words[0][1:]:
            newline = newline and letter != "n"
            escapes = letter == "e" if letter in "eE" else escapes
        words = words[1:]
    text = " ".join(words)
    if not escapes:
        return os.fsencode(text) + b"\n" * newline
    done, at = b"", 0
    for match in _ESCAPE.finditer(text):
        done += os.fsencode(text[at : match.start()])
        at = match.end()
        if match["stop"]:
            return done
        if match["plain"]:
            done += _PLAIN[match["plain"]]
        elif match["octal"] is not None:
            done += bytes([int(match["octal"] or "0", 8) & 255])
        elif match["hex"]:
            done += bytes([int(match["hex"], 16)])
        else:
            done += chr(int(match["u"] or match["U"], 16)).encode("utf-8", "surrogatepass")
    return done + os.fsencode(text[at:]) + b"\n" * newline
