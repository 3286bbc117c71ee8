"""A simulated host on which a container's own mounts can be made too: /proc, /sys, /dev, control groups."""

from __future__ import annotations

from typing import Final

from mountlab import model
from mountlab.containers.docker import client
from mountlab.containers.docker.daemon import Dockerd
from mountlab.containers.docker.runtimes import runtimes_of
from mountlab.containers.simworld import SimWorld
from mountlab.containers.world import Ran
from mountlab.events import FilesystemChanged
from mountlab.mountinfo import MountInfo
from mountlab.runtimes.host import WORK
from mountlab.shell.simbackend import SimulatorBackend
from tests.containers.modelled import LIB, ModelledHost, renamed

HIERARCHIES: Final = ("systemd", "pids", "blkio", "freezer", "devices", "memory", "cpuset", "cpuacct", "cpu")
"""Control groups, as they were mounted on the host of the recordings."""
_HELD: Final = {
    "proc": ("bus/", "fs/", "irq/", "sys/", "acpi/", "keys", "timer_list"),
    "sysfs": ("firmware/", "fs/", "fs/cgroup/"),
}
"""What that host's kernel had of the paths with which docker and runc deal; a slash ends a directory."""
_OTHERS: Final = ("devpts", "mqueue", "cgroup", "cgroup2")
_GROUPS: Final = "/sys/fs/cgroup"
_SAFE: Final = model.MS_NOSUID | model.MS_NODEV | model.MS_NOEXEC
_MODES: Final = ("mode", "ptmxmode")
_NOT_SHOWN: Final = ("newinstance",)


class FixtureWorld(SimWorld):
    """A simulated world that has filesystem types besides the learner's: each is a tmpfs by another name."""

    def mount(
        self, process: str, source: str, target: str, fstype: str | None, flags: int, data: str = ""
    ) -> None:
        """mount(2)."""
        if fstype not in (*_HELD, *_OTHERS):
            super().mount(process, source, target, fstype, flags, data)
            return
        super().mount(process, source, target, "tmpfs", flags & ~model.MS_RDONLY)
        for path in _HELD.get(fstype, ()):
            make = self.mkdir if path.endswith("/") else self._touch
            make(process, f"{target}/{path.rstrip('/')}")
        if flags & model.MS_RDONLY:
            super().mount(process, "", target, None, flags | model.MS_REMOUNT | model.MS_BIND)
        newest = max(self.sim.vfs.filesystems)
        instance = self.sim.vfs.filesystems[newest]._replace(
            fstype=fstype, options=_shown(data), read_only=bool(flags & model.MS_RDONLY)
        )
        self.sim._do("fixture", 0, lambda rec, _: rec(FilesystemChanged(instance)))

    def _touch(self, process: str, path: str) -> None:
        self.write(process, path, "")


def _shown(data: str) -> str:
    """Options as they are printed: sorted by name, and modes in three digits (fs/devpts/inode.c)."""
    options = dict(word.partition("=")[::2] for word in data.split(",") if word)
    return ",".join(
        f"{key}={int(value, 8):03o}" if key in _MODES else f"{key}={value}" if value else key
        for key, value in sorted(options.items())
        if key not in _NOT_SHOWN
    )


class FixtureHost(ModelledHost):
    """A machine with a shared `/`, laid out as the recordings' one, and dockerd."""

    def __init__(self, *, is_unified: bool = False) -> None:
        """Make it.

        Args:
            is_unified: control groups are mounted as on newer machines, all in one hierarchy.
        """
        self.backend = SimulatorBackend("systemd")
        self.backend.open("host")
        self.world = FixtureWorld(self.backend.sim, self.backend.terminals, lambda *_: None)
        for path in (WORK, LIB, "/sys"):
            self.world.mkdir("host", path)
        self.world.mount("host", "sysfs", "/sys", "sysfs", _SAFE)
        self.world.mount("host", "lab", WORK, "tmpfs", 0, "mode=755")
        self.world.mount("host", "lab", LIB, "tmpfs", 0, "mode=755")
        if is_unified:
            self.world.mount("host", "cgroup2", _GROUPS, "cgroup2", _SAFE)
        else:
            self._mount_hierarchies()
        self.world.fork(":init", ":dockerd")
        self._dockerd = Dockerd(
            self.world,
            ":dockerd",
            with_fixtures=True,
            runtimes=runtimes_of(["--add-runtime=crun=/usr/bin/crun"]),
        )

    def _mount_hierarchies(self) -> None:
        self.world.mount("host", "tmpfs", _GROUPS, "tmpfs", _SAFE, "mode=755")
        for name in HIERARCHIES:
            place = f"{_GROUPS}/{name}"
            self.world.mkdir("host", place)
            data = f"name={name}" if name == "systemd" else name
            self.world.mount("host", "cgroup", place, "cgroup", _SAFE, data)

    @property
    def dockerd(self) -> Dockerd:
        """The daemon."""
        return self._dockerd

    def docker(self, argv: list[str]) -> Ran:
        """Run a docker command."""
        return client.run(self.dockerd, ["docker", *argv], "host")

    def table(self, process: str) -> list[MountInfo]:
        """The mount table of a process, with the paths of the recordings."""
        return [
            row._replace(
                mountpoint=renamed(row.mountpoint),
                root=renamed(row.root),
                super_options=_layers(row.super_options),
            )
            for row in self.world.mountinfo(process)
        ]


def _layers(options: str) -> str:
    """Folders of layers, which the model names after containers and images."""
    words = dict(word.partition("=")[::2] for word in options.split(","))
    if "lowerdir" in words:
        words |= {"lowerdir": "LAYERS", "upperdir": "OVERLAY/diff", "workdir": "OVERLAY/work"}
    return ",".join(f"{key}={value}" if value else key for key, value in words.items())
