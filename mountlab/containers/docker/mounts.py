"""A container's mount points: what dockerd makes of ``-v``, ``--mount``, ``--tmpfs`` and ``--volumes-from``.

Source: moby v20.10.24, daemon/volumes.go (registerMountPoints), daemon/volumes_linux.go,
daemon/create_unix.go (anonymous volumes), daemon/volumes_unix.go (sortMounts); how one of them is read is
in `specs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from mountlab.containers.docker import go
from mountlab.containers.docker.messages import DaemonError
from mountlab.containers.docker.requests import MountSpec, Settings, TmpfsOptions, VolumeOptions
from mountlab.containers.docker.specs import PROPAGATIONS, clean, is_valid_mode, read_bind

DEFAULT_PROPAGATION: Final = "rprivate"
"""Of a bind that says nothing (volume/mounts/linux_parser.go: linuxDefaultPropagationMode)."""
_IN_DATA_ROOT: Final = ("rslave", "rshared")


@dataclass(frozen=True)
class MountPoint:
    """Something that a container has mounted; the names are those of ``docker inspect``.

    Attributes:
        source: a path of the host; for a volume, where its data is; "" for a tmpfs.
        name: of a volume.
        mode: as ``docker inspect`` prints it; it has no other use.
        propagation: one of the six words for a bind, "" for a volume: docker then gives the runtime none.
        options: of a tmpfs, without docker's defaults.
        copies: whether a new volume is filled with what the image has there.
        skip_creation: whether a missing source is not made as a directory when the container starts:
            ``-v`` makes it, ``--mount`` does not.
        is_propagation_asked: whether the propagation was written, and is no default.
    """

    type: Literal["bind", "volume", "tmpfs"]
    destination: str
    source: str = ""
    name: str = ""
    driver: str = ""
    mode: str = ""
    rw: bool = True
    propagation: str = ""
    nonrecursive: bool = False
    options: tuple[str, ...] = ()
    copies: bool = False
    skip_creation: bool = False
    is_propagation_asked: bool = False


class MadeVolume(NamedTuple):
    """A volume that exists now."""

    name: str
    driver: str
    mountpoint: str


CreateVolume = Callable[[str, VolumeOptions], MadeVolume]
"""Makes a volume, or finds the one of that name; "" asks for a new name.  Raises DaemonError."""


def inherit(text: str, points_of: Callable[[str], Sequence[MountPoint]]) -> tuple[MountPoint, ...]:
    """The mount points that a ``--volumes-from`` brings.

    Args:
        text: ``CONTAINER[:MODE]``.
        points_of: another container's mount points.  Raises DaemonError.

    Raises:
        DaemonError: for a mode with a propagation or a copy mode in it, or for a tmpfs: docker 20.10
            takes it for a volume without a name.
    """
    if not text:
        raise DaemonError("volumes-from specification cannot be an empty string")
    container, colon, mode = text.partition(":")
    words = set(mode.split(","))
    if colon and (not is_valid_mode(mode) or words & {"nocopy", *PROPAGATIONS}):
        raise DaemonError(f"invalid mode: {mode}")
    points = points_of(container)
    if any(point.type == "tmpfs" for point in points):
        raise DaemonError("get : no such volume")
    return tuple(
        replace(point, rw=point.rw and "ro" not in words, mode="", copies=False, skip_creation=False)
        for point in points
    )


def mount_points(
    settings: Settings, inherited: Sequence[MountPoint], create_volume: CreateVolume, data_root: str
) -> tuple[MountPoint, ...]:
    """A new container's mount points, in the order in which they were asked for.

    Volumes that are made before something is refused stay, as with real docker.

    Args:
        settings: of the container; `checks.check_settings` has had no complaint.
        inherited: what ``--volumes-from`` brings; what the container itself asks for wins over it.
        create_volume: called for every volume.
        data_root: dockerd's own folder.

    Raises:
        DaemonError: where dockerd refuses.
    """
    points = {point.destination: point for point in inherited}
    own: set[str] = set()
    tmpfs = dict(settings.tmpfs)
    for request in settings.mounts:
        if request.via == "volumes":
            _add_anonymous(points, request.written, settings, create_volume)
            continue
        by_v = request.spec is None
        if request.spec is None:
            spec, mode = read_bind(request.written, settings.volume_driver)
        else:
            spec, mode = request.spec, ""
        point = _point(spec, mode, by_v)
        if _needs_slave(spec, data_root):
            point = replace(point, propagation="rslave")
        if point.destination in own or (by_v and point.destination in tmpfs):
            raise DaemonError(f"Duplicate mount point: {point.destination if by_v else spec.target}")
        if spec.type == "volume":
            point = _with_volume(point, create_volume(spec.source, spec.volume or VolumeOptions()))
        own.add(point.destination)
        points[point.destination] = point
    return tuple(points.values())


def _point(spec: MountSpec, mode: str, by_v: bool) -> MountPoint:
    """What a mount that was asked for becomes (ParseMountSpec)."""
    destination, rw = clean(spec.target), not spec.read_only
    if spec.type == "tmpfs":
        return MountPoint("tmpfs", destination, rw=rw, options=_tmpfs_words(spec))
    if spec.type == "volume":
        copies = not (spec.volume and spec.volume.no_copy)
        driver = spec.volume.driver if spec.volume else ""
        return MountPoint("volume", destination, "", spec.source, driver, mode, rw, copies=copies)
    asked = spec.bind.propagation if spec.bind else ""
    return MountPoint(
        "bind",
        destination,
        clean(spec.source),
        mode=mode,
        rw=rw,
        propagation=asked or DEFAULT_PROPAGATION,
        nonrecursive=bool(spec.bind and spec.bind.nonrecursive),
        skip_creation=not by_v,
        is_propagation_asked=bool(asked),
    )


def _with_volume(point: MountPoint, volume: MadeVolume) -> MountPoint:
    """A local volume without a mode is marked for SELinux, and inspect shows it (setBindModeIfNull)."""
    mode = point.mode or ("z" if volume.driver == "local" else "")
    return replace(point, name=volume.name, driver=volume.driver, source=volume.mountpoint, mode=mode)


def _add_anonymous(
    points: dict[str, MountPoint], written: str, settings: Settings, create_volume: CreateVolume
) -> None:
    """A ``-v`` of one path: a volume of its own, unless something is mounted there already."""
    destination = clean(written)
    if destination in points or destination in dict(settings.tmpfs):
        return
    volume = create_volume("", VolumeOptions(driver=settings.volume_driver))
    points[destination] = MountPoint(
        "volume", destination, volume.mountpoint, volume.name, volume.driver, copies=True
    )


def _needs_slave(spec: MountSpec, data_root: str) -> bool:
    """Whether a bind becomes rslave because dockerd's own folder is in it, or it in that folder.

    The paths are compared as texts: ``/var/l`` counts too.  (validateBindDaemonRoot)
    """
    if spec.type != "bind" or not (spec.source.startswith(data_root) or data_root.startswith(spec.source)):
        return False
    asked = spec.bind.propagation if spec.bind else ""
    if asked and asked not in _IN_DATA_ROOT:
        raise DaemonError(
            'invalid mount config: must use either propagation mode "rslave" or "rshared" when mount source'
            f" is within the daemon root, daemon root: {go.quoted(data_root)}, bind mount source:"
            f" {go.quoted(spec.source)}, propagation: {go.quoted(asked)}"
        )
    return not asked


def _tmpfs_words(spec: MountSpec) -> tuple[str, ...]:
    """The options of a ``--mount type=tmpfs`` as words (ConvertTmpfsOptions)."""
    options = spec.tmpfs or TmpfsOptions()
    words = ["ro"] if spec.read_only else []
    if options.mode:
        words.append(f"mode={options.mode:o}")
    if options.size:
        units = (("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10), ("", 1))
        unit, factor = next(each for each in units if options.size % each[1] == 0)
        words.append(f"size={options.size // factor}{unit}")
    return tuple(words)


def to_mount(points: Sequence[MountPoint], settings: Settings) -> tuple[MountPoint, ...]:
    """Everything that a container's start mounts, ``--tmpfs`` included, in the order in which it does.

    Sorted by the number of slashes in the destination, so that none hides another; where that is the same
    real docker takes any order, as it keeps them in maps, and here it is the one they were asked for in.
    A ``--tmpfs`` wins over a ``--mount`` for the same place (setupMounts).
    """
    tmpfs = tuple(
        MountPoint("tmpfs", destination, options=tuple(options.split(",")) if options else ())
        for destination, options in settings.tmpfs
    )
    places = {point.destination for point in (*tmpfs, *points) if point.type == "tmpfs"}
    kept = [point for point in points if point.type != "tmpfs" and point.destination not in places]
    kept += [*tmpfs, *(point for point in points if point.type == "tmpfs")]
    return tuple(sorted(kept, key=lambda point: clean(point.destination).count("/")))
