"""Where later docker and runc, and CRI-O, differ from what is modelled, as far as it touches mounts.

All of it was read in their source; none of it was run.
"""

from __future__ import annotations

from typing import NamedTuple


class ContainerQuirk(NamedTuple):
    """One difference."""

    name: str
    program: str
    since: str
    """The first version that differs from the modelled one: docker 20.10.24, runc 1.1.5.

    Of CRI-O, which is another program than the modelled containerd 1.6.20: the first that does so.
    """
    sentence: str
    source: str


CONTAINER_QUIRKS: tuple[ContainerQuirk, ...] = (
    ContainerQuirk(
        "read-only-recursive",
        "dockerd",
        "25.0",
        "A read-only bind says rro and no longer ro where kernel (5.12) and runtime can: what is mounted"
        " below the source is read-only too. What arrives there later is as the host mounted it.",
        "moby v25.0.0 daemon/oci_linux.go: WithMounts, daemon_linux.go: supportsRecursivelyReadOnly;"
        " from source, not run",
    ),
    ContainerQuirk(
        "bind-recursive",
        "docker",
        "25.0",
        "--mount takes bind-recursive=enabled, disabled, writable or readonly; bind-nonrecursive still works,"
        " with a warning. readonly wants bind-propagation=rprivate beside it.",
        "docker/cli v25.0.0 opts/mount.go: Set; from source, not run",
    ),
    ContainerQuirk(
        "volume-subpath",
        "dockerd",
        "26.0",
        "--mount takes volume-subpath=DIR: dockerd binds that folder of the volume to a temporary place, and"
        " the runtime binds it from there.",
        "docker/cli v26.0.0 opts/mount.go: Set; moby v26.0.0 internal/safepath/join_linux.go: Join;"
        " from source, not run",
    ),
    ContainerQuirk(
        "image-mount",
        "dockerd",
        "28.0",
        "--mount takes type=image: the files of another image.",
        "moby v28.0.0 volume/mounts/linux_parser.go: validateMountConfigImpl; from source, not run",
    ),
    ContainerQuirk(
        "root-always-private",
        "runc",
        "1.1.15",
        "The mount that holds the container's root is made private whether it is shared or not. So the"
        " container's / is private; with 1.1.5 it is a slave of the host's overlay mount, unless"
        " rootfsPropagation is shared.",
        "runc v1.1.15 libcontainer/rootfs_linux.go: rootfsParentMountPrivate; from source, not run",
    ),
    ContainerQuirk(
        "crio-storage-root",
        "cri-o",
        "1.27.2",
        "A volume that holds CRI-O's own storage (/, /var, /var/lib …) and asks for None is mounted as"
        " HostToContainer, so its source must be shared or a slave. containerd mounts it rprivate, as asked.",
        "cri-o/cri-o pull requests 7076, 7408, 7457; server/container_create_linux.go at commit 6a2b1dd3bf04:"
        " addOCIBindMounts, isSubDirectoryOf; from source, not run",
    ),
    ContainerQuirk(
        "crio-recursive-read-only",
        "cri-o",
        "1.30",
        "recursiveReadOnly is asked of the runtime as rro, and refused beside any mode but None."
        " containerd 1.6 does not know it.",
        "cri-o/cri-o pull request 7962; server/container_create_linux.go at commit 6a2b1dd3bf04:"
        " addOCIBindMounts; from source, not run",
    ),
)
