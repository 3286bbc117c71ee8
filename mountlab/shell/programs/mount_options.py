"""From mount(8)'s option list to the system calls it stands for."""

from __future__ import annotations

from typing import NamedTuple

from mountlab import model

MS_SYNCHRONOUS, MS_MANDLOCK, MS_DIRSYNC, MS_I_VERSION = 16, 64, 128, 1 << 23
PROPAGATION = model.MS_SHARED | model.MS_PRIVATE | model.MS_SLAVE | model.MS_UNBINDABLE
BIND_SETTABLE = (
    model.MS_NOSUID | model.MS_NODEV | model.MS_NOEXEC | model.MS_NOATIME | model.MS_NODIRATIME
    | model.MS_RELATIME | model.MS_RDONLY | model.MS_NOSYMFOLLOW
)  # fmt: skip
SETS: dict[str, int] = {
    "ro": model.MS_RDONLY,
    "noexec": model.MS_NOEXEC,
    "nosuid": model.MS_NOSUID,
    "nodev": model.MS_NODEV,
    "sync": MS_SYNCHRONOUS,
    "dirsync": MS_DIRSYNC,
    "remount": model.MS_REMOUNT,
    "bind": model.MS_BIND,
    "rbind": model.MS_BIND | model.MS_REC,
    "silent": model.MS_SILENT,
    "mand": MS_MANDLOCK,
    "noatime": model.MS_NOATIME,
    "iversion": MS_I_VERSION,
    "nodiratime": model.MS_NODIRATIME,
    "relatime": model.MS_RELATIME,
    "strictatime": model.MS_STRICTATIME,
    "lazytime": model.MS_LAZYTIME,
    "unbindable": model.MS_UNBINDABLE,
    "runbindable": model.MS_UNBINDABLE | model.MS_REC,
    "private": model.MS_PRIVATE,
    "rprivate": model.MS_PRIVATE | model.MS_REC,
    "slave": model.MS_SLAVE,
    "rslave": model.MS_SLAVE | model.MS_REC,
    "shared": model.MS_SHARED,
    "rshared": model.MS_SHARED | model.MS_REC,
    "nosymfollow": model.MS_NOSYMFOLLOW,
}
"""Options that set flags of mount(2)."""
CLEARS: dict[str, int] = {
    "rw": model.MS_RDONLY,
    "exec": model.MS_NOEXEC,
    "suid": model.MS_NOSUID,
    "dev": model.MS_NODEV,
    "async": MS_SYNCHRONOUS,
    "loud": model.MS_SILENT,
    "nomand": MS_MANDLOCK,
    "atime": model.MS_NOATIME,
    "noiversion": MS_I_VERSION,
    "diratime": model.MS_NODIRATIME,
    "norelatime": model.MS_RELATIME,
    "nostrictatime": model.MS_STRICTATIME,
    "nolazytime": model.MS_LAZYTIME,
    "symfollow": model.MS_NOSYMFOLLOW,
}
"""Options that take them back."""
USERSPACE = frozenset(
    "defaults auto noauto user nouser users nousers owner noowner group nogroup _netdev nofail"
    " comment".split()
)
"""Options for mount(8) itself: the kernel never sees them."""


class Plan(NamedTuple):
    """The system calls of one mount command."""

    flags: int
    """Of the first mount(2); 0 when only propagation is changed."""
    data: str
    additional: tuple[int, ...]
    """Flags of each further mount(2) on the same target, in order."""
    mkdir_mode: int | None
    """X-mount.mkdir: make the target with this mode when it is not there."""
    bad_mode: bool = False
    """The mode of X-mount.mkdir is no octal number."""


def split_options(text: str) -> list[str]:
    """The words of an option list; a comma inside double quotes does not separate."""
    words, word, quoted = [], "", False
    for char in text:
        if char == '"':
            quoted = not quoted
        if char == "," and not quoted:
            words.append(word)
            word = ""
        else:
            word += char
    return [each for each in [*words, word] if each]


def flags_of(words: list[str]) -> int:
    """The flags of mount(2) that the words add up to, later ones winning."""
    flags = 0
    for word in words:
        flags = (flags | SETS.get(word, 0)) & ~CLEARS.get(word, 0)
    return flags


def plan(words: list[str], *, move: bool = False) -> Plan:
    """The calls that a list of options stands for."""
    flags = flags_of(words) | (model.MS_MOVE if move else 0)
    data = ",".join(word for word in words if not _is_generic(word))
    mkdir_mode, bad_mode = _mkdir_mode(words)
    flags, propagation = _propagation(words, flags)
    additional = propagation
    if flags & model.MS_BIND and flags & BIND_SETTABLE and not flags & model.MS_REMOUNT:
        additional = [*additional, flags | model.MS_REMOUNT]
    return Plan(flags, data, tuple(additional), mkdir_mode, bad_mode)


def _is_generic(word: str) -> bool:
    name = word.partition("=")[0]
    return word in SETS or word in CLEARS or name in USERSPACE or name.startswith(("x-", "X-"))


def _propagation(words: list[str], flags: int) -> tuple[int, list[int]]:
    """One mount(2) changes one propagation type: each gets a call of its own, in the order given."""
    if not flags & PROPAGATION:
        return flags, []
    calls: list[int] = []
    recursive = 0
    for word in _kept(words, flags):
        bits = SETS[word]
        recursive += bool(bits & model.MS_REC)
        if bits & PROPAGATION:
            calls.append(bits)
            flags &= ~bits
            recursive -= bool(bits & model.MS_REC)
    return (flags | model.MS_REC if recursive else flags), calls


def _kept(words: list[str], flags: int) -> list[str]:
    """The words whose flags are set, each type once: libmount brings list and flags into line first."""
    left = flags & ~model.MS_RDONLY
    kept = []
    for word in words:
        bits = SETS.get(word, 0)
        if not bits or bits == model.MS_RDONLY or left & bits != bits:
            continue
        kept.append(word)
        left &= ~bits
        if bits & model.MS_REC:
            left |= model.MS_REC
    return kept


def _mkdir_mode(words: list[str]) -> tuple[int | None, bool]:
    for word in words:
        name, _, value = word.partition("=")
        if name in ("X-mount.mkdir", "x-mount.mkdir"):
            digits = value.strip('"')
            if digits and not all(char in "01234567" for char in digits):
                return None, True
            return int(digits, 8) if digits and int(digits, 8) else 0o755, False
    return None, False
