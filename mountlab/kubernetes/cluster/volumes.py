"""What the kubelet does on a node before a container is asked for: its folder, volumes and subPaths."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from mountlab import model
from mountlab.containers.ledger import Ledger
from mountlab.containers.texts import strerror
from mountlab.containers.world import make_directories
from mountlab.errors import MountError
from mountlab.kubernetes.cri import SubPath
from mountlab.kubernetes.kubelet import OF_FILES, ROOT, KubeletError, Setup, host_path_refused, nested
from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.pods import Pod

_FOUND = {"dir": "Directory", "file": "File", None: ""}

_OF_FILES = ("configmap", "secret", "projected", "downward-api")
"""Volumes whose entries are files, as paths call them; what is in them, nobody knows here."""
_FOLDERS = ("pods", "plugins", "plugins_registry", "pod-resources", "checkpoints")
"""What the kubelet makes in its own folder: drivers of CSI have these as hostPaths that must be there."""
_LOGS = ("/var/log/pods", "/var/log/containers")


def set_up_folders(ledger: Ledger) -> None:
    """The kubelet starts: its folders are made, and are on a shared mount from then on.

    Source: kubernetes v1.33, pkg/kubelet/kubelet.go (setupDataDirs, initializeModules).

    Raises:
        MountError: when that cannot be done.
    """
    make_directories(ledger.world, ledger.process, ROOT)
    rows = ledger.world.mountinfo(ledger.process)
    holds = [row for row in rows if row.mountpoint in ("/", ROOT) or ROOT.startswith(f"{row.mountpoint}/")]
    if holds and not holds[-1].shared:
        ledger.mount("kubelet.root", ROOT, ROOT, None, model.MS_BIND)
        ledger.mount("kubelet.root", ROOT, ROOT, None, model.MS_SHARED | model.MS_REC)
    for path in (*(f"{ROOT}/{each}" for each in _FOLDERS), *_LOGS):
        make_directories(ledger.world, ledger.process, path)


def persistent_volumes(objects: Sequence[Object]) -> dict[str, Object]:
    """The PersistentVolume of each claim of a file, as the controller would bind them.

    By name, by the volume's claimRef, or else the first that is free and of the same class.
    """
    volumes = [each for each in objects if each.kind == "PersistentVolume" and each.is_played]
    bound: dict[str, Object] = {}
    for claim in objects:
        if claim.kind != "PersistentVolumeClaim" or not claim.is_played:
            continue
        free = [each for each in volumes if each not in bound.values()]
        found = next((each for each in free if _belongs(each, claim)), None)
        if found is not None:
            bound[claim.name] = found
    return bound


def _belongs(volume: Object, claim: Object) -> bool:
    named = claim.node.at("spec", "volumeName")
    reserved = volume.node.at("spec", "claimRef", "name")
    if named is not None or reserved is not None:
        return bool((named and named.value == volume.name) or (reserved and reserved.value == claim.name))
    classes = [each.node.at("spec", "storageClassName") for each in (volume, claim)]
    first, second = (node.value if node else "" for node in classes)
    return first == second


def make_volumes(ledger: Ledger, pod: Pod, setups: Mapping[str, Setup]) -> None:
    """Make the volumes of a pod on its node.

    Raises:
        KubeletError: in the kubelet's words.
    """
    for setup in setups.values():
        make_volume(ledger, setup)
        make_nested(ledger, pod, setup)


def make_nested(ledger: Ledger, pod: Pod, setup: Setup) -> None:
    """Make the folders of a volume of files on which the pod has others mounted."""
    for below in nested(pod, setup.name) if setup.kind in OF_FILES else ():
        make_directories(ledger.world, ledger.process, f"{setup.path}/{below}")


def make_volume(ledger: Ledger, setup: Setup) -> None:
    """Make one volume.

    Raises:
        KubeletError: in the kubelet's words.
    """
    try:
        _make(ledger, setup)
    except MountError as error:
        text = f'MountVolume.SetUp failed for volume "{setup.name}" : {setup.path}: {strerror(error)}'
        raise KubeletError("FailedMount", text) from None


def _make(ledger: Ledger, setup: Setup) -> None:
    world, process = ledger.world, ledger.process
    if setup.how == "found":
        _host_path(ledger, setup)
        return
    make_directories(world, process, setup.path)
    if setup.how == "tmpfs":
        ledger.mount("kubelet.tmpfs", "tmpfs", setup.path, "tmpfs", 0, setup.data)
    elif setup.how == "bind":
        if world.kind(process, setup.source) is None:
            head = f'MountVolume.NewMounter initialization failed for volume "{setup.inner_name}" :'
            raise KubeletError("FailedMount", f'{head} path "{setup.source}" does not exist')
        ledger.mount("kubelet.local", setup.source, setup.path, None, model.MS_BIND)
    elif setup.how in {"driver", "nfs"}:
        ledger.mount("kubelet.stand-in", setup.source, setup.path, "tmpfs", 0)


def _host_path(ledger: Ledger, setup: Setup) -> None:
    world, process = ledger.world, ledger.process
    found = _FOUND[world.kind(process, setup.path)]
    if why := host_path_refused(setup, found):
        text = f'MountVolume.SetUp failed for volume "{setup.name}" : {why}'
        raise KubeletError("FailedMount", text)
    if not found and setup.host_type == "DirectoryOrCreate":
        make_directories(world, process, setup.path)
    elif not found and setup.host_type == "FileOrCreate":
        world.write(process, setup.path, "")


def _make_source(ledger: Ledger, source: str) -> None:
    """What a subPath names and is not there: of volumes that hold files a file, else a directory."""
    is_file = any(f"/kubernetes.io~{kind}/" in source for kind in _OF_FILES)
    make_directories(ledger.world, ledger.process, posixpath.dirname(source) if is_file else source)
    if is_file:
        ledger.world.write(ledger.process, source, "")


def bind_sub_paths(ledger: Ledger, sub_paths: Sequence[SubPath]) -> None:
    """Bind each subPath at its own place; what is missing of it is made.

    Raises:
        MountError: when that cannot be done.
    """
    world, process = ledger.world, ledger.process
    for source, place in sub_paths:
        if world.kind(process, source) is None:
            _make_source(ledger, source)
        if world.kind(process, source) == "dir":
            make_directories(world, process, place)
        else:
            make_directories(world, process, posixpath.dirname(place))
            world.write(process, place, "")
        ledger.mount("kubelet.sub-path", source, place, None, model.MS_BIND)
