"""crun: from the same OCI spec to other system calls than runc's.

Differences from runc: without a word for the root everything becomes private, not slave; the mount that
holds the root becomes private in any case, and the bound root too; a word for propagation is a flag among
others, so that ``private`` with ``rbind`` acts on submounts; each bind is remounted; the old root becomes
private; and the word for the root is applied once more to the container's ``/``, which may end shared.

Source: crun 1.8.1, src/libcrun/linux.c (libcrun_set_mounts, make_parent_mount_private, do_mounts, do_mount,
do_pivot, libcrun_do_pivot_root, finalize_mounts).  The order was also read with strace(1) from the program.
Of what crun brings into a container itself (masked paths, control groups, devices) nothing is modelled.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import NamedTuple

from mountlab import model
from mountlab.containers.errors import ContainerError
from mountlab.containers.ledger import Ledger
from mountlab.containers.oci import OciMount, Spec, flags_of
from mountlab.containers.rootfs import below, bind_proc, make_mountpoint
from mountlab.containers.texts import strerror
from mountlab.errors import MountError

_WORDS = model.MS_SHARED | model.MS_PRIVATE | model.MS_SLAVE | model.MS_UNBINDABLE
_STATUS = 1


class _Later(NamedTuple):
    """A remount that waits until everything is mounted."""

    target: str
    flags: int


def create(ledger: Ledger, spec: Spec) -> None:
    """Make the process a container: its own namespace, the mounts, the new root.

    The process must have been started; it is in its parent's namespace still.

    Raises:
        ContainerError: with crun's text when a step fails.
    """
    later: list[_Later] = []
    propagation = _root_propagation(spec.rootfs_propagation)
    ledger.unshare("crun.namespace")
    _propagate(ledger, "crun.root-propagation", "/", "/", propagation)
    _make_parent_private(ledger, spec.root)
    flags = model.MS_BIND | model.MS_REC | model.MS_PRIVATE
    _mount(ledger, later, OciMount(spec.root, "", spec.root, ()), spec.root, flags)
    if spec.is_root_read_only:
        later.append(_Later(spec.root, model.MS_REMOUNT | model.MS_BIND | model.MS_RDONLY))
    for mount in spec.mounts:
        _mount_below(ledger, later, spec, mount)
    for each in reversed(later):
        _remount(ledger, each.target, each.flags)
    _pivot_root(ledger, spec)
    _propagate(ledger, "crun.root-propagation-again", "/", "/", propagation)


def _root_propagation(word: str) -> int:
    """What is no word for propagation is taken for none."""
    flags = _flags([word])
    return flags if flags & _WORDS else model.MS_PRIVATE | model.MS_REC


def _flags(options: Iterable[str]) -> int:
    """Flags are only ever added: ``rw`` after ``ro`` takes nothing back (get_mount_flags_or_option)."""
    flags = 0
    for option in options:
        one = flags_of([option])
        flags |= one.flags
        for propagation in one.propagation:
            flags |= propagation
    return flags


def _make_parent_private(ledger: Ledger, root: str) -> None:
    """The root itself if it is a mount, or else the nearest directory above it that is one."""
    path = root
    while True:
        try:
            ledger.mount("crun.parent-private", "", path, None, model.MS_PRIVATE)
            return
        except MountError as error:
            if error.errno != "EINVAL" or path == "/":
                raise _failed(f"make `{path}` private", error) from None
        path = posixpath.dirname(path)


def _mount_below(ledger: Ledger, later: list[_Later], spec: Spec, mount: OciMount) -> None:
    target = below(spec.root, mount.destination)
    flags = _flags(mount.options)
    try:
        make_mountpoint(ledger, mount, target, is_bind=bool(flags & model.MS_BIND))
        if mount.is_machines_proc:
            bind_proc(ledger, target)
            return
    except MountError as error:
        raise _failed(f"cannot stat `{mount.source}`", error) from None
    _mount(ledger, later, mount, target, flags)


def _mount(ledger: Ledger, later: list[_Later], mount: OciMount, target: str, flags: int) -> None:
    """One mount with its propagation, and a remount for a bind or what is to be read-only (do_mount)."""
    called = mount.destination if mount.destination == target else mount.destination.lstrip("/")
    is_bind = bool(flags & model.MS_BIND)
    data = "" if is_bind else flags_of(mount.options).data
    fstype = None if is_bind else mount.type
    try:
        plain = flags & ~(_WORDS | model.MS_RDONLY)
        ledger.mount("crun.mount", mount.source, target, fstype, plain, data)
    except MountError as error:
        raise _failed(f"mount `{mount.source}` to `{called}`", error) from None
    if flags & _WORDS:
        _propagate(ledger, "crun.mount-propagation", target, called, flags & (_WORDS | model.MS_REC))
    if not flags & (model.MS_BIND | model.MS_RDONLY):
        return
    remount = model.MS_REMOUNT | model.MS_BIND | flags & ~(_WORDS | model.MS_REC)
    if flags & model.MS_RDONLY:
        later.append(_Later(target, remount))
    else:
        _remount(ledger, target, remount)


def _propagate(ledger: Ledger, rule: str, target: str, called: str, flags: int) -> None:
    try:
        ledger.mount(rule, "", target, None, flags)
    except MountError as error:
        raise _failed(f"set propagation for `{called}`", error) from None


def _remount(ledger: Ledger, target: str, flags: int) -> None:
    try:
        ledger.mount("crun.remount", "", target, None, flags)
    except MountError as error:
        raise _failed(f"remount `{target}`", error) from None


def _pivot_root(ledger: Ledger, spec: Spec) -> None:
    """As runc does it, but the old root becomes private, and is unmounted until there is none left."""
    world, process = ledger.world, ledger.process
    try:
        world.chdir(process, spec.root)
        ledger.pivot_root("crun.pivot", ".", ".")
        world.chdir(process, "/..")
    except MountError as error:
        raise _failed("pivot_root", error) from None
    _propagate(ledger, "crun.old-root-private", ".", ".", model.MS_PRIVATE | model.MS_REC)
    try:
        ledger.umount("crun.old-root-gone", ".", model.MNT_DETACH)
        while True:
            ledger.umount("crun.old-root-gone", ".", model.MNT_DETACH)
    except MountError as error:
        if error.errno != "EINVAL":
            raise _failed("umount oldroot", error) from None
    world.chdir(process, "/")


def _failed(what: str, error: MountError) -> ContainerError:
    text = strerror(error)
    return ContainerError(f"{what}: {text[:1].upper()}{text[1:]}", _STATUS)
