"""From a container's mount points to the OCI spec that dockerd hands to the runtime.

Source: moby v20.10.24, daemon/oci_linux.go (WithMounts, ensureShared, ensureSharedOrSlave),
daemon/volumes_unix.go (setupMounts), oci/defaults.go (DefaultLinuxSpec).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mountlab.containers.docker.mounts import MountPoint, to_mount
from mountlab.containers.docker.places import DATA_ROOT
from mountlab.containers.docker.state import Container
from mountlab.containers.docker.tmpfs import merged_tmpfs_options
from mountlab.containers.errors import ContainerError
from mountlab.containers.oci import OciMount, Spec
from mountlab.containers.places import mount_that_holds
from mountlab.mountinfo import MountInfo

_FIXTURES = (
    ("/proc", "proc", "proc", "nosuid noexec nodev"),
    ("/dev", "tmpfs", "tmpfs", "nosuid strictatime mode=755 size=65536k"),
    ("/dev/pts", "devpts", "devpts", "nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5"),
    ("/sys", "sysfs", "sysfs", "nosuid noexec nodev ro"),
    ("/sys/fs/cgroup", "cgroup", "cgroup", "ro nosuid noexec nodev"),
    ("/dev/mqueue", "mqueue", "mqueue", "nosuid noexec nodev"),
    ("/dev/shm", "tmpfs", "shm", "nosuid noexec nodev mode=1777 size=67108864"),  # noqa: S108
)
_NETWORK_FILES = ("/etc/resolv.conf", "/etc/hostname", "/etc/hosts")
_READ_ONLY_PATHS = tuple(f"/proc/{name}" for name in ("bus", "fs", "irq", "sys", "sysrq-trigger"))
_MASKED_NAMES = "asound acpi kcore keys latency_stats timer_list timer_stats sched_debug scsi"
_MASKED_PATHS = (*(f"/proc/{name}" for name in _MASKED_NAMES.split()), "/sys/firmware")
_SHARED, _SLAVE = ("shared", "rshared"), ("slave", "rslave")


def compiled(container: Container, root: str, rows: Sequence[MountInfo]) -> Spec:
    """What the runtime is told.

    Args:
        container: with its mount points.
        root: where its overlay is mounted.
        rows: dockerd's own mount table, in which the sources are looked up.

    Raises:
        ContainerError: when a source does not have the propagation that is needed.
    """
    settings = container.settings
    points = to_mount(container.points, settings)
    asked = [_entry(point) for point in points] + _network_files(container)
    taken = {mount.destination for mount in asked}
    fixtures = [mount for mount in _fixtures(container) if mount.destination not in taken]
    propagation = ""
    for point in points:
        propagation = _root_propagation(point, propagation, rows)
    mounts = [*fixtures, *sorted(asked, key=_depth)]
    if settings.read_only:
        mounts = [_read_only(mount) for mount in mounts]
    is_open = settings.privileged or "systempaths=unconfined" in settings.security_opt
    return Spec(
        root,
        tuple(mounts),
        propagation,
        settings.read_only,
        read_only_paths=() if is_open else _READ_ONLY_PATHS,
        masked_paths=() if is_open else _MASKED_PATHS,
        cgroups_path=f"/docker/{container.id}",
        has_terminal=settings.tty,
    )


def _depth(mount: OciMount) -> int:
    """Mounts are sorted by the number of names in their destination, so that none hides another."""
    return len([part for part in mount.destination.split("/") if part])


def _entry(point: MountPoint) -> OciMount:
    if point.type == "tmpfs":
        return OciMount(point.destination, "tmpfs", "tmpfs", merged_tmpfs_options(point.options))
    options = ["bind" if point.nonrecursive else "rbind"]
    if not point.rw:
        options.append("ro")
    if point.propagation:
        options.append(point.propagation)
    return OciMount(point.destination, "bind", point.source, tuple(options))


def _fixtures(container: Container) -> list[OciMount]:
    """What every container gets; a privileged one may write to /sys."""
    made = []
    for destination, fstype, source, words in _FIXTURES:
        options = words.split()
        if container.settings.privileged and destination.startswith("/sys"):
            options.remove("ro")
        made.append(OciMount(destination, fstype, source, tuple(options), is_fixture=True))
    return made


def _network_files(container: Container) -> list[OciMount]:
    folder = container.folder
    return [
        OciMount(path, "bind", f"{folder}/{path.rpartition('/')[2]}", ("rbind", "rprivate"), is_fixture=True)
        for path in _NETWORK_FILES
    ]


def _read_only(mount: OciMount) -> OciMount:
    """With --read-only, the runtime's own mounts of files become so too."""
    if not mount.is_fixture or mount.type != "bind":
        return mount
    first, *rest = mount.options
    return mount._replace(options=(first, "ro", *rest))


class Check(NamedTuple):
    """What dockerd looks up before it promises a propagation: how the mount is that holds a source."""

    source: str
    mounted_on: str
    is_shared: bool
    is_slave: bool
    wants_shared: bool
    """It must be shared; otherwise slave will do too."""
    is_excused: bool
    """dockerd asked for rslave by itself, for its own data-root: if that cannot be had, it does without."""

    @property
    def passes(self) -> bool:
        """Whether the mount is as it must be."""
        return self.is_shared or (self.is_slave and not self.wants_shared)

    @property
    def error(self) -> str:
        """What dockerd says when it refuses; "" when it does not."""
        if self.passes or self.is_excused:
            return ""
        what = "a shared mount" if self.wants_shared else "a shared or slave mount"
        return f"path {self.source} is mounted on {self.mounted_on} but it is not {what}"


def check_of(point: MountPoint, rows: Sequence[MountInfo]) -> Check | None:
    """The check of one mount point in dockerd's own mount table; None where nothing is looked up."""
    if point.type == "tmpfs" or point.propagation not in (*_SHARED, *_SLAVE):
        return None
    holds = mount_that_holds(rows, point.source)
    wants_shared = point.propagation in _SHARED
    return Check(
        point.source,
        holds.mountpoint if holds else "/",
        holds is not None and holds.shared is not None,
        holds is not None and holds.master is not None,
        wants_shared,
        not wants_shared and _is_about_data_root(point.source) and not point.is_propagation_asked,
    )


def _root_propagation(point: MountPoint, before: str, rows: Sequence[MountInfo]) -> str:
    """rootfsPropagation after one more mount point: a shared one asks for shared, a slave one for rslave."""
    check = check_of(point, rows)
    if check is None:
        return before
    if check.error:
        raise ContainerError(check.error, 125)
    if not check.passes:
        return before
    return "shared" if check.wants_shared else before or "rslave"


def _is_about_data_root(source: str) -> bool:
    """By text, as dockerd compares: the source lies in the data-root, or the data-root in the source."""
    return source.startswith(DATA_ROOT) or DATA_ROOT.startswith(source)
