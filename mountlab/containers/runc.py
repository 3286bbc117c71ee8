"""runc: from an OCI spec to the system calls it makes, in its order.

Source: runc v1.1.5, libcontainer/rootfs_linux.go (prepareRootfs, prepareRoot, rootfsParentMountPrivate,
mountToRootfs, pivotRoot, finalizeRootfs).  The order was also read with strace(1) from the program.
"""

from __future__ import annotations

import posixpath

from mountlab import model
from mountlab.containers.errors import ContainerError
from mountlab.containers.ledger import Ledger
from mountlab.containers.oci import PROPAGATION, Flags, OciMount, Spec, flags_of
from mountlab.containers.places import mount_that_holds
from mountlab.containers.texts import strerror
from mountlab.containers.world import make_directories
from mountlab.errors import MountError

_NO_REMOUNT = model.MS_REC | model.MS_REMOUNT | model.MS_BIND
_STATUS = 127
"""What ``docker run`` makes of an error of the runtime."""


def create(ledger: Ledger, spec: Spec) -> None:
    """Make the process a container: its own namespace, the mounts, the new root.

    The process must have been started; it is in its parent's namespace still.

    Raises:
        ContainerError: with runc's text when a step fails.
    """
    ledger.unshare("runc.namespace")
    _prepare_root(ledger, spec)
    for mount in spec.mounts:
        _mount_to_rootfs(ledger, spec, mount)
    _pivot_root(ledger, spec)
    if spec.is_root_read_only:
        ledger.mount("runc.read-only-root", "", "/", None, model.MS_BIND | model.MS_REMOUNT | model.MS_RDONLY)


def _prepare_root(ledger: Ledger, spec: Spec) -> None:
    propagation = PROPAGATION["rslave"]
    if spec.rootfs_propagation:
        if spec.rootfs_propagation not in PROPAGATION:
            raise ContainerError(f"rootfsPropagation={spec.rootfs_propagation} is not supported", 1)
        propagation = PROPAGATION[spec.rootfs_propagation]
    try:
        ledger.mount("runc.root-propagation", "", "/", None, propagation)
        parent = mount_that_holds(ledger.world.mountinfo(ledger.process), spec.root)
        if parent is not None and parent.shared:
            ledger.mount("runc.parent-private", "", parent.mountpoint, None, model.MS_PRIVATE)
        flags = model.MS_BIND | model.MS_REC
        ledger.mount("runc.bind-root", spec.root, spec.root, None, flags)
    except MountError as error:
        text = f"mount {spec.root}:{spec.root}, flags: 0x5000: {strerror(error)}"
        raise _failed(f"error preparing rootfs: {text}") from None


def _mount_to_rootfs(ledger: Ledger, spec: Spec, mount: OciMount) -> None:
    target = posixpath.normpath(spec.root + "/" + mount.destination)
    wanted = flags_of(mount.options)
    try:
        _make_mountpoint(ledger, mount, target, wanted)
        if mount.type == "proc" and mount.is_fixture:
            _bind_proc(ledger, target)
            return
        fstype = None if wanted.flags & model.MS_BIND else mount.type
        ledger.mount("runc.mount", mount.source, target, fstype, wanted.flags, wanted.data)
        for propagation in wanted.propagation:
            ledger.mount("runc.mount-propagation", "", target, None, propagation)
        if wanted.flags & model.MS_BIND and wanted.flags & ~_NO_REMOUNT:
            flags = wanted.flags | model.MS_REMOUNT
            ledger.mount("runc.remount", mount.source, target, None, flags)
    except MountError as error:
        where = f'error mounting "{mount.source}" to rootfs at "{mount.destination}"'
        how = f"mount {mount.source}:{mount.destination} (via /proc/self/fd/6), flags: {wanted.flags:#x}"
        raise _failed(f"{where}: {how}: {strerror(error)}") from None


def _make_mountpoint(ledger: Ledger, mount: OciMount, target: str, wanted: Flags) -> None:
    world, process = ledger.world, ledger.process
    source = world.kind(process, mount.source) if wanted.flags & model.MS_BIND else "dir"
    if wanted.flags & model.MS_BIND and source is None:
        raise MountError("ENOENT", "path.missing", "the source is not there")
    if world.kind(process, target) is not None:
        return
    if source == "dir":
        make_directories(world, process, target)
    else:
        make_directories(world, process, posixpath.dirname(target))
        world.write(process, target, "")


def _bind_proc(ledger: Ledger, target: str) -> None:
    """The machine's /proc again: what is not modelled of it is the same for all."""
    if ledger.world.kind(ledger.process, "/proc/self/mountinfo") is None:
        return
    ledger.mount("runc.proc", "/proc", target, None, model.MS_BIND)
    ledger.mount("runc.proc", "", target, None, model.MS_PRIVATE)


def _pivot_root(ledger: Ledger, spec: Spec) -> None:
    """pivot_root(2) without a directory for the old root, which is then detached.

    runc goes back to the old root by a descriptor of it; ``/..`` leads to the same place, since the old
    root lies on top of the new one.
    """
    world, process = ledger.world, ledger.process
    try:
        world.chdir(process, spec.root)
        ledger.pivot_root("runc.pivot", ".", ".")
        world.chdir(process, "/..")
        ledger.mount("runc.old-root-slave", "", ".", None, model.MS_SLAVE | model.MS_REC)
        ledger.umount("runc.old-root-gone", ".", model.MNT_DETACH)
        world.chdir(process, "/")
    except MountError as error:
        raise _failed(f"error jailing process inside rootfs: pivot_root .: {strerror(error)}") from None


def _failed(text: str) -> ContainerError:
    return ContainerError(
        f"runc create failed: unable to start container process: error during container init: {text}", _STATUS
    )
