"""runc: from an OCI spec to the system calls it makes, in its order.

Source: runc v1.1.5, libcontainer/rootfs_linux.go (prepareRootfs, prepareRoot, rootfsParentMountPrivate,
mountToRootfs, mountPropagate, pivotRoot, finalizeRootfs) and standard_init_linux.go.  The order was also
read with strace(1) from the program.
"""

from __future__ import annotations

from mountlab import model
from mountlab.containers import fixtures
from mountlab.containers.errors import ContainerError
from mountlab.containers.ledger import Ledger
from mountlab.containers.oci import PROPAGATION, Flags, OciMount, Spec, flags_of
from mountlab.containers.places import mount_that_holds
from mountlab.containers.rootfs import below, bind_proc, make_mountpoint
from mountlab.containers.texts import strerror
from mountlab.errors import MountError

_NO_REMOUNT = model.MS_REC | model.MS_REMOUNT | model.MS_BIND
_STATUS = 1


def create(ledger: Ledger, spec: Spec) -> None:
    """Make the process a container: its own namespace, the mounts, the new root.

    The process must have been started; it is in its parent's namespace still.

    Raises:
        ContainerError: with runc's text when a step fails.
    """
    propagation = _root_propagation(spec)
    fixtures.make_groups(ledger, spec)
    ledger.unshare("runc.namespace")
    _prepare_root(ledger, spec, propagation)
    for mount in spec.mounts:
        for each in fixtures.expanded(ledger, spec, mount):
            _mount_to_rootfs(ledger, spec, each)
    fixtures.make_devices(ledger, spec)
    _pivot_root(ledger, spec)
    fixtures.mount_console(ledger, spec)
    _finalize(ledger, spec)
    fixtures.protect_paths(ledger, spec)


def _root_propagation(spec: Spec) -> int:
    word = spec.rootfs_propagation or "rslave"
    if word not in PROPAGATION:
        raise ContainerError(f"runc create failed: rootfsPropagation={word} is not supported", _STATUS)
    return PROPAGATION[word]


def _prepare_root(ledger: Ledger, spec: Spec, propagation: int) -> None:
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
    target = below(spec.root, mount.destination)
    wanted = flags_of(mount.options)
    is_bind = bool(wanted.flags & model.MS_BIND)
    flags = wanted.flags & ~model.MS_RDONLY if _is_protected_late(mount, wanted) else wanted.flags
    try:
        make_mountpoint(ledger, mount, target, is_bind=is_bind)
        if mount.is_machines_proc:
            bind_proc(ledger, target)
            return
        fstype = None if is_bind else mount.type
        ledger.mount("runc.mount", mount.source, target, fstype, flags, wanted.data)
        for propagation in wanted.propagation:
            ledger.mount("runc.mount-propagation", "", target, None, propagation)
        if is_bind and wanted.flags & ~_NO_REMOUNT:
            ledger.mount("runc.remount", mount.source, target, None, flags | model.MS_REMOUNT)
    except MountError as error:
        where = f'error mounting "{mount.source}" to rootfs at "{mount.destination}"'
        how = f"mount {mount.source}:{mount.destination} (via /proc/self/fd/6)"
        how += f", flags: {flags:#x}" if flags else ""
        how += f", data: {wanted.data}" if wanted.data else ""
        raise _failed(f"{where}: {how}: {strerror(error)}") from None


def _is_protected_late(mount: OciMount, wanted: Flags) -> bool:
    """A tmpfs is read-only at the end, as it may be written to until then; so is /dev."""
    return not wanted.flags & model.MS_BIND and (mount.type == "tmpfs" or mount.destination == "/dev")


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


def _finalize(ledger: Ledger, spec: Spec) -> None:
    """What was to be read-only and had to wait."""
    read_only = model.MS_BIND | model.MS_REMOUNT | model.MS_RDONLY
    for mount in spec.mounts:
        wanted = flags_of(mount.options)
        if wanted.flags & model.MS_RDONLY and _is_protected_late(mount, wanted):
            ledger.mount("runc.tmpfs-read-only", "", mount.destination, None, wanted.flags | read_only)
    if spec.is_root_read_only:
        ledger.mount("runc.read-only-root", "", "/", None, read_only)


def _failed(text: str) -> ContainerError:
    return ContainerError(
        f"runc create failed: unable to start container process: error during container init: {text}", _STATUS
    )
