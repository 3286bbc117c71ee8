"""Random operations on up to four terminals: what the two worlds are to agree on."""

# ruff: noqa: PLR2004 - the numbers are chances
from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from mountlab import model
from mountlab.model import MS_BIND, MS_MOVE, MS_REC, MS_REMOUNT, MS_SHARED, MS_SLAVE

SHELLS = ("s0", "s1", "s2", "s3")
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
DIRECTORIES = ("/a", "/b", "/c", "/a/x", "/a/y", "/b/x", "/b/y", "/c/x", "/a/x/z", "/b/x/z", "/c/x/z")
FILES = ("/f", "/a/g")
PROPAGATION = {
    model.MS_SHARED: "shared",
    model.MS_SLAVE: "slave",
    model.MS_PRIVATE: "private",
    model.MS_UNBINDABLE: "unbindable",
}
FLAG_WORDS = {
    model.MS_RDONLY: "ro",
    model.MS_NOSUID: "nosuid",
    model.MS_NODEV: "nodev",
    model.MS_NOEXEC: "noexec",
    model.MS_NOATIME: "noatime",
}


class Op(NamedTuple):
    """One system call by one terminal."""

    shell: str
    name: str
    args: tuple[Any, ...]

    def command(self) -> str:
        """The line of a transcript that makes this system call."""
        return f"{self.shell}# {_command(self.name, self.args)}"


def setting() -> list[Op]:
    """The directories and files that every random run begins with."""
    return [
        *(Op("s0", "mkdir", (path,)) for path in DIRECTORIES),
        *(Op("s0", "creat", (path,)) for path in FILES),
    ]


def random_path(rng: Random) -> str:
    """A path of the setting; now and then the root, a relative one, or one with dots."""
    chance = rng.random()
    if chance < 0.07:
        return "/"
    if chance < 0.10:
        return rng.choice(FILES)
    path = rng.choice(DIRECTORIES)
    if chance < 0.13:
        return path[1:]
    if chance < 0.15:
        return rng.choice((path + "/..", ".", "..", "/.."))
    return path


KINDS: dict[str, float] = {
    "new": 2, "bind": 5, "rbind": 4, "move": 1.5, "make": 5, "rmake": 1.5, "umount": 4, "lazy": 1.5,
    "unshare": 0.5, "setns": 0.5, "pivot": 0.5, "chroot": 0.2, "chdir": 0.5, "names": 0.6, "remount": 0.5,
    "user": 0.3, "chain": 0.6, "hold": 0.6, "enter": 0.3,
}  # fmt: skip
"""Kinds of operations and how often they are to come."""


def random_op(rng: Random, kind: str) -> list[Op]:
    """One operation of a kind (a new filesystem sometimes with directories in it)."""
    shell = rng.choice(SHELLS)
    path, other = random_path(rng), random_path(rng)
    if kind in ("new", "bind", "rbind", "move", "make", "rmake", "remount", "chain"):
        return _random_mount(rng, kind, shell, path, other)
    if kind in ("umount", "lazy"):
        return [Op(shell, "umount2", (path, model.MNT_DETACH if kind == "lazy" else 0))]
    if kind == "names":
        return [Op(shell, rng.choice(("mkdir", "rmdir", "rmdir", "unlink", "creat")), (path,))]
    if kind == "unshare":
        return [Op(shell, "unshare", (CLONE_NEWNS, False))]
    if kind == "user":
        return [Op(rng.choice(SHELLS[1:]), "unshare", (CLONE_NEWNS | CLONE_NEWUSER, True))]
    if kind == "hold":
        link = f"/proc/{rng.choice(SHELLS)}/ns/mnt"
        source = link if rng.random() < 0.8 else rng.choice(FILES)
        target = rng.choice(FILES) if rng.random() < 0.95 else path
        return [Op(shell, "mount", (source, target, None, MS_BIND | rng.choice((0, 0, 0, MS_REC)), ""))]
    if kind == "enter":
        return [Op(shell, "enter", (rng.choice(FILES) if rng.random() < 0.9 else path,))]
    if kind == "setns":
        return [Op(shell, "setns", (rng.choice(SHELLS),))]
    if kind == "pivot":
        return _random_pivot(rng, shell, path, other)
    return [Op(shell, kind, (path,))]  # chroot, chdir


def _random_pivot(rng: Random, shell: str, path: str, other: str) -> list[Op]:
    """pivot_root, half of the time after what it takes to succeed."""
    if rng.random() < 0.5:
        return [Op(shell, "pivot_root", (path, rng.choice((path, other, path + "/x"))))]
    private = Op(shell, "mount", ("none", "/", None, model.MS_PRIVATE | MS_REC, ""))
    made = [Op(shell, "mount", ("t", path, "tmpfs", 0, "")), Op(shell, "mkdir", (path + "/x",))]
    return [private, *made, Op(shell, "pivot_root", (path, path + "/x"))]


def _random_mount(rng: Random, kind: str, shell: str, path: str, other: str) -> list[Op]:
    if kind == "new":
        made = Op(shell, "mount", ("t", path, rng.choice(("tmpfs", "tmpfs", "tmpfs", "ramfs")), 0, ""))
        names = ("x", "y", "x/z") if rng.random() < 0.7 else ()
        return [made, *(Op(shell, "mkdir", (f"{path}/{name}",)) for name in names)]
    if kind == "chain":  # a slave that is shared again: what slaves of slaves are made of
        bound = Op(shell, "mount", (other, path, None, MS_BIND, ""))
        again = [Op(shell, "mount", ("none", path, None, flag, "")) for flag in (MS_SLAVE, MS_SHARED)]
        return [bound, *again]
    if kind in ("make", "rmake"):
        flags = rng.choices(tuple(PROPAGATION), (4, 3, 1, 1))[0] | (MS_REC if kind == "rmake" else 0)
        return [Op(shell, "mount", ("none", path, None, flags, ""))]
    if kind == "remount":
        # Not the filesystem of a file: nsfs belongs to the machine's own user namespace, not to the sandbox.
        flags = MS_REMOUNT | (MS_BIND if path in FILES else rng.choice((0, MS_BIND, MS_BIND)))
        for flag in FLAG_WORDS:
            flags |= flag if rng.random() < 0.3 else 0
        return [Op(shell, "mount", ("none", path, None, flags, ""))]
    flags = {"bind": MS_BIND, "rbind": MS_BIND | MS_REC, "move": MS_MOVE}[kind]
    return [Op(shell, "mount", (other, path, None, flags, ""))]


def random_run(rng: Random, length: int) -> list[Op]:
    """The setting and ``length`` random operations; each run prefers other kinds."""
    weights = [weight * (0.2 + 1.8 * rng.random()) for weight in KINDS.values()]
    ops: list[Op] = []
    while len(ops) < length:
        ops += random_op(rng, rng.choices(tuple(KINDS), weights)[0])
    return setting() + ops


def _command(name: str, args: tuple[Any, ...]) -> str:
    if name == "mount":
        return _mount_command(*args)
    if name == "umount2":
        return f"umount {'-l ' if args[1] else ''}{args[0]}"
    if name == "unshare":
        user = "--user -r " if args[0] & CLONE_NEWUSER else ""
        return f"unshare {user}--mount --propagation unchanged"
    if name == "setns":
        return f"nsenter --target {args[0]} --mount"
    if name == "enter":
        return f"nsenter --mount={args[0]}"
    if name == "creat":
        return f"touch {args[0]}"
    word = {"unlink": "rm", "chdir": "cd"}.get(name, name)
    return " ".join((word, *args))


def _mount_command(source: str, target: str, fstype: str | None, flags: int, _data: str) -> str:
    if fstype:
        return f"mount -t {fstype} {source} {target}"
    if flags & MS_REMOUNT:
        words = ["remount", *(["bind"] if flags & MS_BIND else [])]
        words += [word for flag, word in FLAG_WORDS.items() if flags & flag]
        return f"mount -o {','.join(words)} {target}"
    recursive = "r" if flags & MS_REC else ""
    if flags & MS_BIND:
        return f"mount --{recursive}bind {source} {target}"
    if flags & MS_MOVE:
        return f"mount --move {source} {target}"
    kind = next(word for flag, word in PROPAGATION.items() if flags & flag)
    return f"mount --make-{recursive}{kind} {target}"
