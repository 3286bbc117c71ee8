"""Volumes of the driver ``local``: folders below the data-root, with options a mount of their own.

Source: moby v20.10.24, volume/local/local.go and local_unix.go, volume/service/store.go.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from mountlab import model
from mountlab.containers.docker.checks import check_volume
from mountlab.containers.docker.places import DATA_ROOT
from mountlab.containers.docker.state import identity
from mountlab.containers.errors import ContainerError
from mountlab.containers.folders import remove_folder
from mountlab.containers.ledger import Ledger
from mountlab.containers.oci import flags_of
from mountlab.containers.texts import strerror
from mountlab.containers.world import make_directories
from mountlab.errors import MountError

Options = tuple[tuple[str, str], ...]


@dataclass
class Volume:
    """One volume."""

    name: str
    options: Options = ()
    labels: Options = ()
    is_anonymous: bool = False
    users: int = 0
    """Running containers that have it mounted."""

    @property
    def data(self) -> str:
        """The folder that containers see."""
        return f"{DATA_ROOT}/volumes/{self.name}/_data"


class Volumes:
    """All volumes of a dockerd."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._by_name: dict[str, Volume] = {}
        self._unnamed = 0

    def __iter__(self) -> Iterator[Volume]:
        """By name."""
        return iter([self._by_name[name] for name in sorted(self._by_name)])

    def get(self, name: str) -> Volume | None:
        """The volume of that name."""
        return self._by_name.get(name)

    def create(self, name: str, driver: str = "", options: Options = (), labels: Options = ()) -> Volume:
        """Make a volume, or take the one that is there.  No name: it gets 64 digits.

        Raises:
            ContainerError: for a name, driver or option that cannot be, in dockerd's words.
        """
        is_anonymous = not name
        if is_anonymous:
            self._unnamed += 1
            name = identity("volume", str(self._unnamed))
        if name in self._by_name:
            return self._by_name[name]
        check_volume(name, driver, options)
        volume = Volume(name, options, labels, is_anonymous)
        self._make_folders(volume)
        self._by_name[name] = volume
        return volume

    def _make_folders(self, volume: Volume) -> None:
        for path, what in ((volume.data.rpartition("/")[0], "root"), (volume.data, "data")):
            try:
                make_directories(self._ledger.world, self._ledger.process, path)
            except MountError as error:
                where = f"error while creating volume {what} path '{path}': mkdir {path}"
                raise ContainerError(f"create {volume.name}: {where}: {strerror(error)}", 125) from None

    def remove(self, volume: Volume) -> None:
        """Take it away with what is in it.

        Raises:
            ContainerError: in dockerd's words, when something is mounted there; what it held is gone then.
        """
        world, process = self._ledger.world, self._ledger.process
        if failure := remove_folder(world, process, volume.data):
            path, error = failure
            text = f"remove {volume.name}: error removing volume path '{volume.data}'"
            raise ContainerError(f"{text}: unlinkat {path}: {strerror(error)}", 1)
        del self._by_name[volume.name]
        remove_folder(world, process, volume.data.rpartition("/")[0])

    def mount(self, volume: Volume) -> None:
        """A container begins to use it: what has options is mounted for the first one.

        Raises:
            ContainerError: when that mount fails.
        """
        volume.users += 1
        if volume.users > 1 or not volume.options:
            return
        options = dict(volume.options)
        device = options.get("device", "")
        wanted = flags_of(word for word in options.get("o", "").split(",") if word)
        fstype = None if wanted.flags & model.MS_BIND else options.get("type", "")
        try:
            self._ledger.mount("docker.volume-driver", device, volume.data, fstype, wanted.flags, wanted.data)
            for propagation in wanted.propagation:
                self._ledger.mount("docker.volume-driver", "", volume.data, None, propagation)
        except MountError as error:
            volume.users -= 1
            raise ContainerError(
                f"error while mounting volume '{volume.data}': failed to mount local volume:"
                f" mount {device}:{volume.data}: {strerror(error)}",
                125,
            ) from None

    def unmount(self, volume: Volume) -> None:
        """A container uses it no longer; the last one's end unmounts it."""
        volume.users -= 1
        if not volume.users and volume.options:
            with contextlib.suppress(MountError):
                self._ledger.umount("docker.volume-driver", volume.data, model.MNT_DETACH)
