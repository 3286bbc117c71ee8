"""What people believe of docker's volumes, of a container's own mounts, and of dockerd's unit."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Container, Sequence
from contextlib import suppress

from mountlab.containers.docker.places import DATA_ROOT
from mountlab.errors import MountError
from mountlab.model import MNT_DETACH, MS_REC, MS_SHARED
from mountlab.mountinfo import MountInfo
from mountlab.practice.mind import Mind, Reading

UNIT = "docker.service"
VOLUME = ("-v", "--volume")
SHARED, SLAVE = ("shared", "rshared"), ("slave", "rslave")
Mode = Callable[[str, str], str]
"""The propagation that a believer takes for granted, from the source and the words behind the target."""


def volume_is_private(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A named volume is rprivate: nothing that the host mounts in it is seen."""
    before = {table.id for table in mind.tables()}
    yield argv
    for row in _rows_of_new(mind, before):
        if row.root.startswith(f"{DATA_ROOT}/volumes/"):
            mind.make_private(row.mount_id)


def volume_shares_mounts(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """Containers that have the same volume see what each other mounts in it."""
    yield from _as_if_rshared(mind, argv)


def mountflags_share(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """With MountFlags=shared in dockerd's unit containers share what they mount in a volume."""
    if _is_run(argv) and "shared" in _property(mind, shell, "MountFlags"):
        yield from _as_if_rshared(mind, argv)
    else:
        yield argv


def private_mounts_hide(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """With PrivateMounts= nothing that a container mounts is seen by another one."""
    if _is_run(argv) and _property(mind, shell, "PrivateMounts") == "yes":
        yield _modes(argv, lambda _, mode: "rprivate" if mode in SHARED else mode)
    else:
        yield argv


def private_is_rprivate(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """The option private holds for what is mounted below the source too."""
    yield _modes(argv, lambda _, mode: "rprivate" if mode == "private" else mode)


def container_follows_host(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A container sees in its directories whatever the host mounts and unmounts there."""
    yield _modes(argv, lambda source, mode: "rslave" if source.startswith("/") and not mode else mode)


def bind_is_always_private(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """Without a word docker makes every bind mount rprivate, that of / too."""
    before = {table.id for table in mind.tables()}
    yield argv
    has_silent_bind = any(source.startswith("/") and not mode for source, mode in _volumes(argv))
    for row in _rows_of_new(mind, before) if has_silent_bind else ():
        if row.mountpoint != "/":
            mind.make_private(row.mount_id)


def docker_shares_the_source(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """With the options shared and slave docker makes the source what it has to be."""
    if any(mode in (*SHARED, *SLAVE) for _, mode in _volumes(argv)):
        yield from _sharing(mind)
    yield argv


def container_root_is_private(mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """A container's / hears nothing of the host."""
    before = {table.id for table in mind.tables()}
    yield argv
    for row in _rows_of_new(mind, before) if _is_run(argv) else ():
        if row.mountpoint == "/":
            mind.make_private(row.mount_id)


def container_takes_along(mind: Mind, shell: str, argv: Sequence[str]) -> Reading:
    """What a container has mounted is unmounted everywhere when it ends."""
    stops = argv[0] == "docker" and argv[1] in ("stop", "kill", "rm")
    for table in mind.tables():
        names = [holder.name for holder in table.holders if holder.kind == "container"]
        ends = (stops and set(names) & set(argv)) or (argv[0] == "exit" and shell in table.shells)
        for name in names if ends else ():
            for row in reversed(table.mounts):
                with suppress(MountError):
                    mind.machine.daemons.world.umount(f":container {name}", row.mountpoint, MNT_DETACH)
    yield argv


def unit_file_counts_at_once(_mind: Mind, _shell: str, argv: Sequence[str]) -> Reading:
    """dockerd runs by what its unit file says at this moment."""
    yield argv
    if argv[0] in ("sed", "tee") and UNIT in argv[-1]:
        yield ["systemctl", "daemon-reload"]
        yield ["systemctl", "restart", UNIT]


# -- what believers do ---------------------------------------------------------------------------------------


def _sharing(mind: Mind) -> Reading:
    """All that dockerd sees becomes shared."""
    yield ["docker", "ps"]
    dockerd = mind.machine.daemons.dockerd
    if dockerd is not None:
        mind.machine.daemons.world.mount(dockerd.process, "", "/", None, MS_SHARED | MS_REC)


def _as_if_rshared(mind: Mind, argv: Sequence[str]) -> Reading:
    """Named volumes are bound as if they were directories of the host, with rshared."""
    names = [source for source, _ in _volumes(argv) if source and not source.startswith("/")]
    changed = _modes(argv, lambda source, words: "rshared" if source in names else words)
    for name in names:
        yield from _sharing(mind)
        yield ["docker", "volume", "create", name]
        folder = f"{DATA_ROOT}/volumes/{name}/_data:"
        changed = [re.sub(f"^{re.escape(name)}:", folder, word) for word in changed]
    yield changed


def _rows_of_new(mind: Mind, before: Container[int]) -> list[MountInfo]:
    """What is mounted in the namespaces that were not there before."""
    return [row for table in mind.tables() if table.id not in before for row in table.mounts]


# -- how docker's words are read ----------------------------------------------------------------------------


def _is_run(argv: Sequence[str]) -> bool:
    return tuple(argv[:2]) in (("docker", "run"), ("docker", "create"))


def _volumes(argv: Sequence[str]) -> list[tuple[str, str]]:
    """The source of each ``-v``, and the words behind its target."""
    if not _is_run(argv):
        return []
    words = [word for option, word in itertools.pairwise(argv) if option in VOLUME]
    return [(source, mode) for source, _, mode in map(_parts, words)]


def _parts(word: str) -> tuple[str, str, str]:
    source, _, rest = word.partition(":")
    target, _, mode = rest.partition(":")
    return source, target, mode


def _modes(argv: Sequence[str], mode: Mode) -> list[str]:
    """The words, with another propagation behind each ``-v``."""
    if not _is_run(argv):
        return list(argv)
    changed = list(argv)
    for number, option in enumerate(argv):
        if option in VOLUME:
            source, target, words = _parts(argv[number + 1])
            changed[number + 1] = ":".join(word for word in (source, target, mode(source, words)) if word)
    return changed


def _property(mind: Mind, shell: str, name: str) -> str:
    """What systemd has in its memory of dockerd's unit."""
    ran, _ = mind.machine.daemons.run(("systemctl", "show", "-p", name, UNIT), shell)
    return ran.stdout.partition("=")[2].strip()


ALL = (
    volume_is_private,
    volume_shares_mounts,
    private_is_rprivate,
    container_follows_host,
    bind_is_always_private,
    docker_shares_the_source,
    container_root_is_private,
    container_takes_along,
    mountflags_share,
    private_mounts_hide,
    unit_file_counts_at_once,
)
