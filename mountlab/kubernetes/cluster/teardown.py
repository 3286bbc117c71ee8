"""What the kubelet does on a node after a pod: its volumes and subPaths go, or are in the way.

Source: kubernetes v1.33: pkg/volume/emptydir/empty_dir.go (teardownDefault, which is os.RemoveAll),
pkg/volume/util/subpath/subpath_linux.go (doCleanSubPaths), pkg/volume/util/operationexecutor.  A mount that
was left behind below a volume keeps the pod: kubernetes issue 115054.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from mountlab.containers.folders import remove_folder
from mountlab.containers.ledger import Ledger
from mountlab.containers.texts import strerror
from mountlab.errors import MountError
from mountlab.kubernetes.kubelet import PLUGINS, KubeletError, Setup, pod_folder


def unbind_sub_paths(ledger: Ledger, places: Sequence[str]) -> None:
    """Unmount the subPaths of a pod, the last one first.

    Raises:
        KubeletError: when one is in use.
    """
    world, process = ledger.world, ledger.process
    mounted = {row.mountpoint for row in world.mountinfo(process)}
    for place in reversed(places):
        if place not in mounted:
            continue
        try:
            ledger.umount("kubelet.sub-path-gone", place)
        except MountError as error:
            text = f"error cleaning subPath mounts: error cleaning subpath mount {place}: {strerror(error)}"
            raise KubeletError("FailedUnMount", text) from None


def remove_volumes(ledger: Ledger, setups: Mapping[str, Setup], uid: str) -> None:
    """Take the volumes of a pod away, then its folder.

    Raises:
        KubeletError: in the kubelet's words, for the first volume that stays; the others are gone.
    """
    failed: KubeletError | None = None
    for setup in setups.values():
        try:
            _remove(ledger, setup, uid)
        except KubeletError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    remove_folder(ledger.world, ledger.process, pod_folder(uid))


def _remove(ledger: Ledger, setup: Setup, uid: str) -> None:
    world, process = ledger.world, ledger.process
    if setup.how == "found" or world.kind(process, setup.path) is None:
        return
    said = ""
    if _is_unmounted(ledger, setup):
        try:
            ledger.umount("kubelet.volume-gone", setup.path)
        except MountError:
            said = (
                f"unmount failed: exit status 32\nUnmounting arguments: {setup.path}\n"
                f"Output: umount: {setup.path}: target is busy."
            )
    is_own = setup.how in {"directory", "tmpfs"}
    if not said and is_own and (failure := remove_folder(world, process, setup.path)):
        path, error = failure
        said = f"unlinkat {path}: {strerror(error)}"
    if said:
        plugin = f"kubernetes.io/{PLUGINS[setup.kind]}"
        raise KubeletError(
            "FailedUnMount",
            f'UnmountVolume.TearDown failed for volume "{setup.inner_name}" (UniqueName: '
            f'"{plugin}/{uid}-{setup.inner_name}") pod "{uid}" (UID: "{uid}") : {said}',
        )
    with contextlib.suppress(MountError):
        world.rmdir(process, setup.path)


def _is_unmounted(ledger: Ledger, setup: Setup) -> bool:
    """Whether the kubelet unmounts a volume: a directory too, when somebody has mounted a tmpfs right on it.

    It asks what is there now and not what it made (empty_dir.go: TearDownAt, GetMountMedium).
    """
    rows = [row for row in ledger.world.mountinfo(ledger.process) if row.mountpoint == setup.path]
    return bool(rows) and (setup.how != "directory" or rows[-1].fstype == "tmpfs")
