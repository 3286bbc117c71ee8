"""dockerd's folders: the data-root, images, the overlay that is a container's root.

Real docker gives layers random names of 64 digits; here they are named after the container and the
image, so that they can be typed.
"""

from __future__ import annotations

import contextlib

from mountlab import model
from mountlab.containers.docker.places import DATA_ROOT
from mountlab.containers.docker.state import Container
from mountlab.containers.errors import ContainerError
from mountlab.containers.ledger import Ledger
from mountlab.containers.places import mount_that_holds
from mountlab.containers.texts import strerror
from mountlab.containers.world import make_directories
from mountlab.errors import MountError

IMAGE_DIRECTORIES = ("bin", "dev", "etc", "home", "mnt", "proc", "root", "run", "sys", "tmp", "usr", "var")
"""What every image holds."""
NETWORK_FILES = ("hostname", "hosts", "resolv.conf")
"""Files in /etc on which docker mounts files of its own."""


def prepare_data_root(ledger: Ledger) -> bool:
    """Make the data-root; True when it had to be bound on itself (setupDaemonRootPropagation).

    Raises:
        ContainerError: when it cannot be made: dockerd does not start.
    """
    world, process = ledger.world, ledger.process
    try:
        make_directories(world, process, DATA_ROOT)
    except MountError as error:
        text = f"failed to start daemon: mkdir {DATA_ROOT}: {strerror(error)}"
        raise ContainerError(text, 1) from None
    holds = mount_that_holds(world.mountinfo(process), DATA_ROOT)
    if holds is None or holds.shared or holds.master:
        return False
    is_new = holds.mountpoint != DATA_ROOT
    if is_new:
        ledger.mount("docker.data-root", DATA_ROOT, DATA_ROOT, None, model.MS_BIND)
    ledger.mount("docker.data-root", "", DATA_ROOT, None, model.MS_SHARED)
    return is_new


def image_folder(ledger: Ledger, image: str) -> str:
    """The folder with an image's files, made when it is missing."""
    folder = f"{DATA_ROOT}/image/{image.translate(str.maketrans('/:@', '___'))}"
    if ledger.world.kind(ledger.process, folder) is None:
        for name in IMAGE_DIRECTORIES:
            make_directories(ledger.world, ledger.process, f"{folder}/{name}")
        ledger.world.write(ledger.process, f"{folder}/etc/os-release", f"NAME={image}\n")
        for name in NETWORK_FILES:
            ledger.world.write(ledger.process, f"{folder}/etc/{name}", "")
    return folder


def mount_layer(ledger: Ledger, container: Container) -> str:
    """Mount the container's overlay; the path where it is."""
    lower = image_folder(ledger, container.settings.image)
    for name in ("diff", "work", "merged"):
        make_directories(ledger.world, ledger.process, f"{container.layer}/{name}")
    merged = f"{container.layer}/merged"
    data = f"lowerdir={lower},upperdir={container.layer}/diff,workdir={container.layer}/work"
    ledger.mount("docker.layer", "overlay", merged, "overlay", 0, data)
    return merged


def write_network_files(ledger: Ledger, container: Container) -> None:
    """Write what is mounted on the files in /etc."""
    make_directories(ledger.world, ledger.process, container.folder)
    for name in NETWORK_FILES:
        ledger.world.write(ledger.process, f"{container.folder}/{name}", "")


def unmount_layer(ledger: Ledger, container: Container) -> None:
    """Unmount the overlay and take its folder away, as far as that can be done (overlay2: Put)."""
    merged = f"{container.layer}/merged"
    with contextlib.suppress(MountError):
        ledger.umount("docker.layer-gone", merged, model.MNT_DETACH)
    with contextlib.suppress(MountError):
        ledger.world.rmdir(ledger.process, merged)
