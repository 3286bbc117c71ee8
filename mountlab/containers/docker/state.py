"""A container, as dockerd knows it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from mountlab.containers.docker.mounts import MountPoint
from mountlab.containers.docker.places import DATA_ROOT
from mountlab.containers.docker.requests import Settings
from mountlab.containers.oci import Spec

BASES = ("alpine", "busybox", "centos", "debian", "fedora", "rockylinux", "ubuntu")
"""Images that start a shell; every other is taken for a server, which stays until it is stopped."""


def identity(*words: str) -> str:
    """64 hexadecimal digits, always the same for the same words: what docker draws at random."""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


@dataclass
class Container:
    """One container."""

    name: str
    id: str
    settings: Settings
    points: tuple[MountPoint, ...]
    """In the order in which they were asked for."""
    status: Literal["created", "running", "exited"] = "created"
    exit_code: int = 0
    spec: Spec | None = None
    """What the runtime was told at its last start."""
    shells: list[str] = field(default_factory=list)
    """Terminals inside, by `docker exec -it` or as its main process."""
    main_shell: str = ""
    """The terminal whose end is the container's end."""

    holds: list[str] = field(default_factory=list)
    """Names of the volumes that are mounted for it."""

    @property
    def command(self) -> tuple[str, ...]:
        """The program it starts and its words; without one, what the image is for."""
        settings = self.settings
        entrypoint = (settings.entrypoint,) if settings.entrypoint else ()
        name = settings.image.rpartition("/")[2].partition(":")[0].partition("@")[0]
        is_base = name in BASES or (settings.interactive and settings.tty)
        return (*entrypoint, *settings.command) or (("sh",) if is_base else (name,))

    @property
    def volume_names(self) -> list[str]:
        """The volumes among its mount points."""
        return [point.name for point in self.points if point.type == "volume"]

    @property
    def may_administer(self) -> bool:
        """Whether its processes have CAP_SYS_ADMIN, with which one mounts."""
        words = {word.upper().removeprefix("CAP_") for word in self.settings.cap_add}
        return self.settings.privileged or bool(words & {"SYS_ADMIN", "ALL"})

    @property
    def process(self) -> str:
        """Its first process."""
        return f":container {self.name}"

    @property
    def layer(self) -> str:
        """The folder of its own layer."""
        return f"{DATA_ROOT}/overlay2/{self.name}"

    @property
    def folder(self) -> str:
        """The folder of what dockerd keeps of it."""
        return f"{DATA_ROOT}/containers/{self.id}"
