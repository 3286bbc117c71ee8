"""What an OCI runtime is told: mounts with their options, and the propagation of the root.

This is the narrow waist: Docker's flags and a Pod's fields become a `Spec`, and the runtimes know
nothing else.  Source: OCI runtime specification v1.0.2, config.md (mounts) and config-linux.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mountlab import model

PROPAGATION = {
    "private": model.MS_PRIVATE,
    "rprivate": model.MS_PRIVATE | model.MS_REC,
    "slave": model.MS_SLAVE,
    "rslave": model.MS_SLAVE | model.MS_REC,
    "shared": model.MS_SHARED,
    "rshared": model.MS_SHARED | model.MS_REC,
    "unbindable": model.MS_UNBINDABLE,
    "runbindable": model.MS_UNBINDABLE | model.MS_REC,
}
"""Words for propagation, as flags of mount(2)."""

_SET = {
    "bind": model.MS_BIND,
    "rbind": model.MS_BIND | model.MS_REC,
    "remount": model.MS_REMOUNT,
    "ro": model.MS_RDONLY,
    "nosuid": model.MS_NOSUID,
    "nodev": model.MS_NODEV,
    "noexec": model.MS_NOEXEC,
    "noatime": model.MS_NOATIME,
    "nodiratime": model.MS_NODIRATIME,
    "relatime": model.MS_RELATIME,
    "strictatime": model.MS_STRICTATIME,
}
_CLEAR = {
    "rw": model.MS_RDONLY,
    "suid": model.MS_NOSUID,
    "dev": model.MS_NODEV,
    "exec": model.MS_NOEXEC,
    "atime": model.MS_NOATIME,
    "diratime": model.MS_NODIRATIME,
    "norelatime": model.MS_RELATIME,
    "nostrictatime": model.MS_STRICTATIME,
}
_RUNTIME_ONLY = {"defaults", "async", "sync", "tmpcopyup"}
"""Words that change no flag of mount(2) here."""


class OciMount(NamedTuple):
    """One entry of ``mounts``."""

    destination: str
    type: str
    source: str
    options: tuple[str, ...]
    is_fixture: bool = False
    """The runtime brings it into every container: /proc, /dev, /sys and the like."""

    @property
    def is_left_out(self) -> bool:
        """Of what every container gets only /proc is really mounted on a machine of transcripts."""
        return self.is_fixture and self.type != "proc"

    @property
    def is_machines_proc(self) -> bool:
        """A /proc that stands for a new one: the machine's own, bound."""
        return self.is_fixture and (self.type, self.destination) == ("bind", "/proc")


class Spec(NamedTuple):
    """The part of config.json that touches mounts."""

    root: str
    """The root filesystem, as the runtime's process sees it."""
    mounts: tuple[OciMount, ...]
    """In the order in which they are made."""
    rootfs_propagation: str = ""
    """``linux.rootfsPropagation``; empty when it is left out."""
    is_root_read_only: bool = False
    read_only_paths: tuple[str, ...] = ()
    """``linux.readonlyPaths``: bound on themselves, read-only."""
    masked_paths: tuple[str, ...] = ()
    """``linux.maskedPaths``: hidden below an empty directory or /dev/null."""
    cgroups_path: str = ""
    """``linux.cgroupsPath``: its control group in each hierarchy."""
    has_terminal: bool = False
    """``process.terminal``: it gets a /dev/console."""

    def without_fixtures(self) -> Spec:
        """What is left of it on a machine of transcripts: what every container gets is not made there."""
        mounts = tuple(
            mount._replace(type="bind", source="/proc") if mount.is_fixture else mount
            for mount in self.mounts
            if not mount.is_left_out
        )
        return self._replace(mounts=mounts, read_only_paths=(), masked_paths=(), has_terminal=False)

    def as_config(self) -> dict[str, object]:
        """The same as it stands in config.json."""
        config: dict[str, object] = {
            "root": {"path": self.root, **({"readonly": True} if self.is_root_read_only else {})},
            "mounts": [
                {"destination": m.destination, "type": m.type, "source": m.source, "options": [*m.options]}
                for m in self.mounts
            ],
        }
        linux: dict[str, object] = {
            "rootfsPropagation": self.rootfs_propagation,
            "maskedPaths": [*self.masked_paths],
            "readonlyPaths": [*self.read_only_paths],
        }
        if said := {key: value for key, value in linux.items() if value}:
            config["linux"] = said
        return config


class Flags(NamedTuple):
    """What the options of a mount come to."""

    flags: int
    propagation: tuple[int, ...]
    """One more call of mount(2) for each, in order."""
    data: str


def flags_of(options: Iterable[str]) -> Flags:
    """Options as flags of mount(2); what is no known word goes to the filesystem.

    Source: runc v1.1.5, libcontainer/specconv/spec_linux.go: parseMountOptions.
    """
    flags, propagation, data = 0, list[int](), list[str]()
    for option in options:
        if option in _SET:
            flags |= _SET[option]
        elif option in _CLEAR:
            flags &= ~_CLEAR[option]
        elif option in PROPAGATION:
            propagation.append(PROPAGATION[option])
        elif option not in _RUNTIME_ONLY:
            data.append(option)
    return Flags(flags, tuple(propagation), ",".join(data))
