"""podman: from its ``-v`` to an OCI spec and a running container, where that differs from docker.

It looks up no source in the mount table and refuses none for its propagation; it writes its options into
the spec itself, ``rprivate`` for a named volume too; and it keeps the containers' roots on a mount that it
made private, so that no container's ``/`` is a slave of the host's.

Source: podman v4.3.1, pkg/specgen/volumes.go (GenVolumeMounts), pkg/util/mountOpts.go (ProcessOptions),
libpod/container_internal_linux.go (setRootPropagation's part of generateSpec); containers/common,
pkg/parse/parse.go (ValidateVolumeOpts); containers/storage, drivers/overlay/overlay.go.
Its command line is no part of the transcript language: only ``-v`` is modelled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from mountlab import model
from mountlab.containers.docker import go
from mountlab.containers.docker.layers import IMAGE_DIRECTORIES
from mountlab.containers.errors import ContainerError
from mountlab.containers.ledger import Ledger, Made
from mountlab.containers.oci import OciMount, Spec
from mountlab.containers.places import mount_that_holds
from mountlab.containers.texts import strerror
from mountlab.containers.world import World, make_directories
from mountlab.errors import MountError
from mountlab.mountinfo import MountInfo

STORAGE: Final = "/var/lib/containers/storage"
"""The default of ``--root``."""
_STATUS = 125
_SHARED, _SLAVE = ("shared", "rshared"), ("slave", "rslave")
_PROPAGATIONS = (*_SHARED, *_SLAVE, "private", "rprivate", "unbindable", "runbindable")
_GROUPS: Final = (
    (("noexec", "exec"), "'noexec' or 'exec'"),
    (("nodev", "dev"), "'nodev' or 'dev'"),
    (("nosuid", "suid"), "'nosuid' or 'suid'"),
    (("rw", "ro"), "'rw' or 'ro'"),
    (_PROPAGATIONS, "'[r]shared', '[r]private', '[r]slave' or '[r]unbindable'"),
    (("bind", "rbind"), "'[r]bind'"),
)
"""Options of which one may be given, and how they are called when two are."""
_WITHOUT_EFFECT = ("cached", "delegated", "copy", "nocopy", "z", "Z")
_PARTS = 3

Create = Callable[[Ledger, Spec], None]
"""An OCI runtime: `mountlab.containers.runc.create`, or that of `crun`."""


class Volume(NamedTuple):
    """What a ``-v`` asks for."""

    source: str
    """A path of the host, or the name of a volume."""
    destination: str
    options: tuple[str, ...]

    @property
    def is_named(self) -> bool:
        """Whether the source is a name."""
        return not self.source.startswith(("/", "."))

    @property
    def path(self) -> str:
        """Where on the host it is."""
        return f"{STORAGE}/volumes/{self.source}/_data" if self.is_named else self.source


def read_volume(text: str) -> Volume:
    """Read a ``-v``.

    Raises:
        ContainerError: in podman's words.
    """
    parts = text.split(":")
    if len(parts) > _PARTS or len(parts) == 1:
        raise _refused(f"{text}: incorrect volume format, should be [host-dir:]ctr-dir[:option]")
    source, destination, *rest = parts
    options = _checked(rest[0].split(",")) if rest else ()
    if not source:
        raise _refused("host directory cannot be empty")
    if not destination.startswith("/"):
        raise _refused(f"invalid container path {go.quoted(destination)}, must be an absolute path")
    return Volume(source, destination, options)


def _checked(options: Sequence[str]) -> tuple[str, ...]:
    for option in options:
        if option not in _WITHOUT_EFFECT and not any(option in words for words, _ in _GROUPS):
            raise _refused(f"invalid option type {go.quoted(option)}")
    for words, said in _GROUPS:
        if sum(option in words for option in options) > 1:
            text = go.quoted(", ".join(options))
            raise _refused(f"invalid options {text}, can only specify 1 {said} option")
    return tuple(option for option in options if option not in _WITHOUT_EFFECT)


def compiled(volumes: Sequence[Volume], root: str, rows: Sequence[MountInfo]) -> Spec:
    """What the runtime is told.

    Args:
        volumes: of which each has another destination.
        root: where the container's overlay is mounted.
        rows: podman's own mount table.
    """
    mounts = [OciMount("/proc", "proc", "proc", (), is_fixture=True)]
    mounts += [OciMount(each.destination, "bind", each.path, _options(each, rows)) for each in volumes]
    words = {option for mount in mounts for option in mount.options}
    propagation = "shared" if words & {*_SHARED} else "rslave" if words & {*_SLAVE} else ""
    return Spec(root, tuple(mounts), propagation)


def _options(volume: Volume, rows: Sequence[MountInfo]) -> tuple[str, ...]:
    """What was asked for, and then podman's own: of a path, what its mount has; of a volume, always two."""
    holds = mount_that_holds(rows, volume.path)
    has = ("nosuid", "nodev") if volume.is_named else tuple(holds.options.split(",")) if holds else ()
    asked = set(volume.options)
    added = [] if asked & {"rw", "ro"} else ["rw"]
    added += [] if asked & {*_PROPAGATIONS} else ["rprivate"]
    added += [word for word in ("noexec", "nosuid", "nodev") if word in has and not asked & {word, word[2:]}]
    added += [] if asked & {"bind", "rbind"} else ["rbind"]
    return (*volume.options, *added)


class Podman:
    """podman on one machine; it is no daemon, and what it keeps is on disk.

    Args:
        world: the machine.
        process: whose namespace it works in.
        create: the OCI runtime.
    """

    def __init__(self, world: World, process: str, create: Create) -> None:
        self.world, self._create = world, create
        self.made: list[Made] = []
        """Every system call that was made, oldest first."""
        self._ledger = Ledger(world, process, self.made)

    def run(self, name: str, volumes: Sequence[str]) -> Spec:
        """Start a container; what the runtime was told.  Its first process is ``:container NAME``.

        Args:
            name: of the container.
            volumes: each as written after ``-v``.

        Raises:
            ContainerError: in podman's words.
        """
        asked = _one_each([read_volume(text) for text in volumes])
        for each in asked:
            self._prepare(each)
        process = f":container {name}"
        root = self._mount_layer(name)
        spec = compiled(asked, root, self.world.mountinfo(self._ledger.process))
        self.world.fork(self._ledger.process, process)
        try:
            self._create(Ledger(self.world, process, self.made), spec.without_fixtures())
        except ContainerError as error:
            self.world.end(process)
            self._ledger.umount("podman.layer-gone", root, model.MNT_DETACH)
            raise _refused(error.text) from None
        return spec

    def _prepare(self, volume: Volume) -> None:
        """A volume is made when it is missing, and a path is not."""
        if volume.is_named:
            make_directories(self.world, self._ledger.process, volume.path)
        elif self.world.kind(self._ledger.process, volume.path) is None:
            missing = MountError("ENOENT", "path.missing", volume.path)
            raise _refused(f"statfs {volume.path}: {strerror(missing)}")

    def _mount_layer(self, name: str) -> str:
        """Mount the container's overlay, in a folder that is a private mount; the path where it is."""
        world, process = self.world, self._ledger.process
        home = f"{STORAGE}/overlay"
        make_directories(world, process, home)
        if not any(row.mountpoint == home for row in world.mountinfo(process)):
            self._ledger.mount("podman.storage", home, home, None, model.MS_BIND)
        self._ledger.mount("podman.storage", "", home, None, model.MS_PRIVATE)
        for directory in IMAGE_DIRECTORIES:
            make_directories(world, process, f"{home}/image/{directory}")
        for directory in ("diff", "work", "merged"):
            make_directories(world, process, f"{home}/{name}/{directory}")
        layer = f"{home}/{name}"
        data = f"lowerdir={home}/image,upperdir={layer}/diff,workdir={layer}/work"
        self._ledger.mount("podman.layer", "overlay", f"{layer}/merged", "overlay", 0, data)
        return f"{layer}/merged"


def _one_each(volumes: Sequence[Volume]) -> list[Volume]:
    """The same twice is one; two for one place are refused."""
    found: dict[str, Volume] = {}
    for each in volumes:
        if found.setdefault(each.destination, each) != each:
            raise _refused(f"{each.destination}: duplicate mount destination")
    return list(found.values())


def _refused(text: str) -> ContainerError:
    return ContainerError(f"Error: {text}", _STATUS)
