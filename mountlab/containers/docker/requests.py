"""What a docker command line asks for, as the client sends it to the daemon.

The names of the fields are those of docker's own options; what an option changes that has nothing to do
with mounts is kept in `ignored`, as written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Via = Literal["binds", "mounts", "volumes"]
"""The field of the API that carries a mount: HostConfig.Binds, HostConfig.Mounts or Config.Volumes."""


@dataclass(frozen=True)
class BindOptions:
    """API: BindOptions."""

    propagation: str = ""
    nonrecursive: bool = False


@dataclass(frozen=True)
class VolumeOptions:
    """API: VolumeOptions with its DriverConfig."""

    no_copy: bool = False
    driver: str = ""
    driver_options: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TmpfsOptions:
    """API: TmpfsOptions; the size in bytes, 0 where nothing was said."""

    size: int = 0
    mode: int = 0


@dataclass(frozen=True)
class MountSpec:
    """API: mount.Mount, what ``--mount`` says."""

    type: str = "volume"
    source: str = ""
    target: str = ""
    read_only: bool = False
    consistency: str = ""
    bind: BindOptions | None = None
    volume: VolumeOptions | None = None
    tmpfs: TmpfsOptions | None = None
    written: str = field(default="", compare=False)
    """As it stood on the command line."""


@dataclass(frozen=True)
class MountRequest:
    """One ``-v`` or ``--mount``: a ``-v`` is sent as it was written, and read by the daemon."""

    via: Via
    written: str
    spec: MountSpec | None = None
    """What ``--mount`` says; None for ``-v``."""


@dataclass(frozen=True)
class Settings:
    """What ``docker run`` and ``docker create`` say about a new container."""

    image: str
    command: tuple[str, ...] = ()
    name: str = ""
    interactive: bool = False
    tty: bool = False
    remove: bool = False
    privileged: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    user: str = ""
    env: tuple[str, ...] = ()
    workdir: str = ""
    hostname: str = ""
    entrypoint: str | None = None
    """None: the image's own; "" takes it away."""
    read_only: bool = False
    init: bool = False
    runtime: str = ""
    pid: str = ""
    ipc: str = ""
    uts: str = ""
    userns: str = ""
    cgroupns: str = ""
    network: str = ""
    restart: str = "no"
    shm_size: int = 0
    volume_driver: str = ""
    mounts: tuple[MountRequest, ...] = ()
    """In the order in which the daemon goes through them: Binds, Mounts, anonymous Volumes."""
    tmpfs: tuple[tuple[str, str], ...] = ()
    """(destination, options) of every ``--tmpfs``; the last one counts for a destination."""
    volumes_from: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    """Options that change no mount, as written."""


@dataclass(frozen=True)
class Create:
    """``docker create``."""

    settings: Settings


@dataclass(frozen=True)
class Run:
    """``docker run``: create, and start."""

    settings: Settings
    detach: bool = False


@dataclass(frozen=True)
class Exec:
    """``docker exec``."""

    container: str
    command: tuple[str, ...]
    interactive: bool = False
    tty: bool = False
    detach: bool = False
    user: str = ""
    privileged: bool = False
    env: tuple[str, ...] = ()
    workdir: str = ""


@dataclass(frozen=True)
class Start:
    """``docker start``."""

    containers: tuple[str, ...]
    attach: bool = False
    interactive: bool = False


@dataclass(frozen=True)
class Stop:
    """``docker stop``."""

    containers: tuple[str, ...]


@dataclass(frozen=True)
class Restart:
    """``docker restart``."""

    containers: tuple[str, ...]


@dataclass(frozen=True)
class Kill:
    """``docker kill``."""

    containers: tuple[str, ...]
    signal: str = "KILL"


@dataclass(frozen=True)
class Rm:
    """``docker rm``."""

    containers: tuple[str, ...]
    force: bool = False
    volumes: bool = False


@dataclass(frozen=True)
class Ps:
    """``docker ps``."""

    all: bool = False
    quiet: bool = False
    no_trunc: bool = False
    format: str = ""


@dataclass(frozen=True)
class Inspect:
    """``docker inspect``, and ``docker container inspect`` (type "container")."""

    targets: tuple[str, ...]
    format: str = ""
    type: str = ""


@dataclass(frozen=True)
class Pull:
    """``docker pull``."""

    image: str
    quiet: bool = False


@dataclass(frozen=True)
class VolumeCreate:
    """``docker volume create``; no name: the daemon makes one."""

    name: str = ""
    driver: str = "local"
    options: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class VolumeLs:
    """``docker volume ls``."""

    quiet: bool = False
    format: str = ""


@dataclass(frozen=True)
class VolumeInspect:
    """``docker volume inspect``."""

    names: tuple[str, ...]
    format: str = ""


@dataclass(frozen=True)
class VolumeRm:
    """``docker volume rm``."""

    names: tuple[str, ...]
    force: bool = False


Request = (
    Create | Run | Exec | Start | Stop | Restart | Kill | Rm | Ps | Inspect | Pull
    | VolumeCreate | VolumeLs | VolumeInspect | VolumeRm
)  # fmt: skip
