"""What real systemd makes of MountFlags=, PrivateMounts= and the like: for a unit, for dockerd in one."""

from __future__ import annotations

import time
from collections.abc import Iterator

from mountlab.mountinfo import MountInfo, render
from mountlab.runtimes.docker_matrix import IMAGE, said
from mountlab.runtimes.dockerd import DATA_ROOT
from mountlab.runtimes.matrix import Row, prepare, refused, tables
from mountlab.runtimes.places import CLEAR, INSIDE, MOUNTPOINT, SRC, Groups, at, words
from mountlab.runtimes.systemd import DockerUnit, Systemd

FLAGS: tuple[str, ...] = (
    "", "MountFlags=shared", "MountFlags=rshared", "MountFlags=slave", "MountFlags=rslave",
    "MountFlags=private", "MountFlags=bogus", "PrivateMounts=yes", "PrivateMounts=no",
    "PrivateMounts=yes MountFlags=shared",
    "PrivateMounts=yes MountFlags=slave", "PrivateMounts=yes MountFlags=private",
    "PrivateMounts=no MountFlags=slave",
)  # fmt: skip
"""Words of a unit's [Service] section, one setting each."""
OTHERS: tuple[str, ...] = (
    "PrivateTmp=yes", "PrivateTmp=yes MountFlags=slave", "PrivateTmp=yes MountFlags=private",
    "PrivateTmp=yes MountFlags=shared", "ProtectHome=yes", "ProtectHome=read-only", "ProtectHome=tmpfs",
    "ProtectSystem=yes", "ProtectSystem=full", "ProtectSystem=strict", "PrivateDevices=yes",
    "ProtectKernelTunables=yes", "ProtectControlGroups=yes",
    "ReadOnlyPaths=/etc", f"ReadOnlyPaths={MOUNTPOINT}", f"ReadOnlyPaths={MOUNTPOINT} MountFlags=slave",
    f"InaccessiblePaths={MOUNTPOINT}", f"ReadWritePaths={MOUNTPOINT}", f"BindPaths={SRC}:{INSIDE}",
    f"BindPaths={SRC}:{INSIDE}:norbind", f"BindPaths={SRC}:{INSIDE} MountFlags=slave",
    f"BindPaths={SRC}:{INSIDE} MountFlags=private", f"BindReadOnlyPaths={SRC}:{INSIDE}",
    f"TemporaryFileSystem={INSIDE}", f"BindPaths=/nowhere:{INSIDE}", f"BindPaths=-/nowhere:{INSIDE}",
)  # fmt: skip
FOR_DOCKER: tuple[str, ...] = (
    "", "MountFlags=shared", "MountFlags=slave", "MountFlags=private", "PrivateMounts=yes",
    "PrivateMounts=yes MountFlags=shared", "PrivateMounts=yes MountFlags=slave",
    "PrivateMounts=yes MountFlags=private", "ProtectHome=yes",
)  # fmt: skip
SOURCES: dict[str, str] = {
    "named volume": f"data_vol:{INSIDE}",
    "source shared": f"{SRC}:{INSIDE}:shared",
    "source rslave": f"{SRC}:{INSIDE}:rslave",
    "source": f"{SRC}:{INSIDE}",
    "data of the volume rshared": f"{DATA_ROOT}/volumes/data_vol/_data:{INSIDE}:rshared",
}
_SHOWN = "MountFlags PrivateMounts PrivateTmp ProtectHome ProtectSystem ReadOnlyPaths BindPaths".split()


def _namespace(systemd: Systemd, pid: int | str) -> str:
    return systemd.host.do(["readlink", f"/proc/{pid}/ns/mnt"]).strip()


def _prepare(systemd: Systemd) -> None:
    """A shared source anew; systemd, which watches the mount table, must see that the old one is gone.

    Otherwise it may stop the unit that it made for the old mount, and so unmount the new one.
    """
    systemd.host.script(CLEAR)
    while systemd.systemctl(["is-active", "lab-vol.mount"]).stdout.strip() == "active":
        time.sleep(0.01)
    prepare(systemd.host, "shared", submount=True)


def units(systemd: Systemd, settings: tuple[str, ...] = FLAGS + OTHERS) -> Iterator[Row]:
    """A unit that only sleeps, with each of these settings, on a shared source."""
    host = systemd.host
    for each in settings:
        _prepare(systemd)
        systemd.write_unit("probe", each.replace(" ", "\n"))
        verified = host.run(["systemd-analyze", "verify", "/etc/systemd/system/probe.service"]).stderr
        ran = systemd.systemctl(["start", "probe"])
        shown = systemd.do(["show", "probe", *(f"-p{name}" for name in _SHOWN)])
        row: Row = {
            "settings": words(each),
            "verify": [words(line) for line in verified.splitlines() if "probe.service" in line],
            "show": [words(line) for line in shown.splitlines()],
        }
        alive = systemd.systemctl(["is-active", "probe"]).stdout.strip() == "active"
        if not alive:
            status = systemd.do(["show", "probe", "-p", "ExecMainStatus", "--value"]).strip()
            yield row | refused(ran.status, ran.stderr) | {"exec_status": int(status)}
        else:
            yield row | {"starts": True, "status": ran.status} | _inside(systemd, systemd.pid("probe"))
        systemd.systemctl(["stop", "probe"])


def _inside(systemd: Systemd, pid: int) -> Row:
    """The namespace of a unit, and who sees whose mounts."""
    host = systemd.host
    own = _namespace(systemd, pid) != _namespace(systemd, 1)
    outside, inside = tables(host, [1, pid])
    groups = Groups(outside)
    host.script(f"mount -t tmpfs h {SRC}/h")
    entered = host.run(["nsenter", "-t", str(pid), "-m", "mount", "-t", "tmpfs", "c", f"{SRC}/c"])
    after_outside, after_inside = tables(host, [1, pid])
    return {
        "own_namespace": own,
        "classes": {words(row.mountpoint): groups.describe(row) for row in inside},
        "host_to_unit": at(after_inside, f"{SRC}/h") is not None,
        "unit_to_host": None if entered.status else at(after_outside, f"{SRC}/c") is not None,
        "mountinfo": [words(render(row)) for row in inside],
        "host_mountinfo": [words(render(row)) for row in outside],
    }


def dockers(systemd: Systemd, settings: tuple[str, ...] = FOR_DOCKER) -> Iterator[Row]:
    """dockerd in a unit with each of these settings: what its containers share, and with whom."""
    for round_, each in enumerate(settings):
        _prepare(systemd)  # before: what is mounted later is not in dockerd's namespace, if that is private
        docker = DockerUnit(systemd, each.replace(" ", "\n"))
        try:
            docker.docker_do(["volume", "create", "data_vol"])
            daemon = systemd.pid("docker")
            own = _namespace(systemd, daemon) != _namespace(systemd, 1)
            for number, (name, volume) in enumerate(SOURCES.items()):
                row: Row = {"settings": each, "source": name, "volume": words(volume), "own_namespace": own}
                yield row | _container(docker, daemon, volume, f"{round_}{number}")
        finally:
            docker.close()


def _container(docker: DockerUnit, daemon: int, volume: str, number: str) -> Row:
    """Two containers with this volume: a mount made in one, and a later one of the host."""
    host = docker.host
    names = ["one", "two"]
    place = SRC if volume.startswith(SRC) else f"{DATA_ROOT}/volumes/data_vol/_data"
    theirs, later = f"c{number}", f"h{number}"
    host.script(f"mkdir -p {place}/{theirs} {place}/{later}")
    try:
        for name in names:
            ran = docker.docker(["run", "-d", "--name", name, "-v", volume, IMAGE, "sleep", "600"])
            if ran.status:
                return refused(ran.status, ran.stderr)
        one, two = docker.pids(*names)
        row = _classes(*tables(host, [1, daemon, one]))
        inner = f"nsenter -t {one} -m mount -t tmpfs c {INSIDE}/{theirs}"
        host.script(f"mount -t tmpfs h {place}/{later}; {inner}")
        of_host, of_daemon, of_one, of_two = tables(host, [1, daemon, one, two])
        return row | {
            "container_to_host": at(of_host, f"{place}/{theirs}") is not None,
            "container_to_dockerd": at(of_daemon, f"{place}/{theirs}") is not None,
            "host_to_container": at(of_one, f"{INSIDE}/{later}") is not None,
            "container_to_container": at(of_two, f"{INSIDE}/{theirs}") is not None,
        }
    finally:
        docker.remove(*names)
        host.run(["umount", f"{place}/{theirs}", f"{place}/{later}"])


def _classes(of_host: list[MountInfo], of_daemon: list[MountInfo], inside: list[MountInfo]) -> Row:
    def describe(groups: Groups, rows: list[MountInfo], path: str) -> str | None:
        row = at(rows, path)
        return groups.describe(row) if row else None

    by_host, by_daemon = Groups(of_host), Groups(of_daemon)
    return {
        "starts": True,
        "status": 0,
        "error": "",
        "dockerd_root": describe(by_host, of_daemon, "/"),
        "mount": describe(by_host, inside, INSIDE),
        "mount_by_dockerd": describe(by_daemon, inside, INSIDE),
        "root_by_dockerd": describe(by_daemon, inside, "/"),
    }


_UNIT = "/etc/systemd/system/probe.service"
_DROP_INS = "/etc/systemd/system/probe.service.d"
_TEE = f"mkdir {_DROP_INS}; printf '[Service]\\nMountFlags=private\\n' | tee {_DROP_INS}/mounts.conf"
SESSION: list[list[str]] = [
    ["systemctl", "daemon-reload"],
    ["systemctl", "cat", "probe"],
    ["systemctl", "start", "probe"],
    ["systemctl", "is-active", "probe"],
    ["systemctl", "show", "probe", "-p", "MountFlags"],
    ["systemctl", "show", "probe", "-p", "MountFlags", "-p", "PrivateMounts", "-p", "LoadState"],
    ["systemctl", "show", "probe", "-p", "MountFlags", "--value"],
    ["systemctl", "show", "-p", "Nonsense", "probe"],
    ["sed", "-i", "s/^MountFlags=.*/MountFlags=shared/", _UNIT],
    ["systemctl", "show", "probe", "-p", "MountFlags", "-p", "NeedDaemonReload"],
    ["systemctl", "restart", "probe"],
    ["systemctl", "cat", "probe"],
    ["sh", "-c", "systemctl stop probe 2>/dev/null; sleep 1"],  # forgotten then, as nothing refers to it ...
    ["systemctl", "show", "probe", "-p", "MountFlags", "-p", "NeedDaemonReload"],  # ... and read again
    ["systemctl", "start", "probe"],
    ["systemctl", "daemon-reload"],
    ["systemctl", "show", "probe", "-p", "MountFlags", "-p", "NeedDaemonReload"],
    ["sh", "-c", _TEE],
    ["systemctl", "daemon-reload"],
    ["systemctl", "show", "probe", "-p", "MountFlags"],
    ["systemctl", "cat", "probe"],
    ["systemctl", "restart", "probe"],
    ["systemctl", "stop", "probe"],
    ["systemctl", "is-active", "probe"],
    ["systemctl", "status", "nosuch"],
    ["systemctl", "start", "nosuch"],
    ["systemctl", "restart", "nosuch"],
    ["systemctl", "stop", "nosuch"],
    ["systemctl", "cat", "nosuch"],
    ["systemctl", "show", "nosuch", "-p", "MountFlags", "-p", "LoadState"],
    ["systemctl", "is-active", "nosuch"],
    ["systemctl", "edit", "probe"],
    ["systemctl", "edit", "nosuch"],
    ["systemctl", "frobnicate"],
    ["systemctl", "--frobnicate"],
    ["systemctl", "start"],
    ["systemctl", "cat"],
    ["systemctl", "show", "-p"],
]


def session(systemd: Systemd) -> Iterator[Row]:
    """systemctl's answers: a setting that changes, with daemon-reload and without; bad input."""
    text = "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 600\nMountFlags=slave\n"
    systemd.host.write(_UNIT, text)
    for argv in SESSION:
        yield said(argv, systemd.host.run(argv))
