# ruff: noqa: PLR2004, S108 - the numbers are chances, the paths a machine's own
"""Random lines of docker, systemctl and mount on one machine: containers, volumes, units, and what people do.

What the lines mean is not looked at: a container that is not there, a mode that cannot be and a mount that
is busy are as welcome as what succeeds, as long as the line is of the language.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

HOST, INSIDE = "host", ("a", "b")
"""A terminal that stays on the machine, and two that go into containers."""
CONTAINERS: Final = ("A", "B", "C")
_VOLUMES = ("vol", "data_vol")
_DATA = "/var/lib/docker"
_SOURCES = ("/data", "/data/sub", "/src", "/", "/etc", "/src/file", "/nowhere", _DATA, "/data/./sub")
_DESTINATIONS = ("/mnt", "/mnt/deep", "/data", "/opt/new", "/etc/hosts", "/tmp")
_MODES = ("", "", "ro", "rw", "shared", "rshared", "slave", "rslave", "private", "rprivate", "ro,rslave", "z")
_PATHS = (
    "/data", "/data/sub", "/data/c", "/src", "/mnt", "/mnt/c", "/mnt/deep", "/tmp", "/opt", "/", "/etc",
    f"{_DATA}/volumes/vol/_data", f"{_DATA}/volumes/data_vol/_data", f"{_DATA}/overlay2/A/merged",
    f"{_DATA}/overlay2/B/merged/mnt", f"{_DATA}/overlay2/A/diff", _DATA, "/nowhere",
)  # fmt: skip
_INSIDE_PATHS = ("/mnt", "/mnt/c", "/mnt/deep", "/data", "/data/c", "/tmp", "/", "/etc", "/opt/new", "/run")
_IMAGES = ("nginx", "nginx", "centos", "alpine")
_PROPAGATION = ("shared", "slave", "private", "unbindable", "rshared", "rslave", "rprivate")
_MOUNT_FLAGS = ("shared", "slave", "private", "rslave", "")
_FLAGS = (("--privileged", 0.5), ("--rm", 0.15), ("--read-only", 0.1), ("--cap-add SYS_ADMIN", 0.1))
_UNIT, _FOLDER = "docker", "/etc/systemd/system/docker.service.d"
_SHIPPED = "/usr/lib/systemd/system/docker.service"
SETTING: Final = (
    f"{HOST}# mkdir -p /data/sub /data/c /src /mnt/c /opt /etc/systemd/system",
    f"{HOST}# touch /src/file /etc/f",
)
MACHINES: Final = ("bare", "systemd", "systemd", "docker-1.10")


def random_container_lines(rng: Random, length: int) -> list[str]:
    """The setting, and as many lines as asked for; each is of the language."""
    kinds = [kind for kind in _KINDS if rng.random() < _KEPT] or list(_KINDS)
    weights = [_KINDS[kind] for kind in kinds]
    return [*SETTING, *(rng.choices(kinds, weights)[0](rng) for _ in range(length))]


_KEPT = 0.75
"""Some kinds of lines are left out of each run, so that the others meet more often."""


def _host(line: str) -> str:
    return f"{HOST}# {line}"


def _anywhere(rng: Random, line: str) -> str:
    return f"{rng.choice((HOST, HOST, *INSIDE))}# {line}"


def _volume(rng: Random) -> str:
    destination = rng.choice(_DESTINATIONS)
    source = rng.choice((*_SOURCES, *_VOLUMES, *_VOLUMES))
    mode = rng.choice(_MODES)
    kind = rng.randrange(10)
    if kind == 0:
        return f"--tmpfs {destination}{rng.choice(('', ':ro', ':shared', ':size=1m'))}"
    if kind == 1:
        return f"--volumes-from {rng.choice(CONTAINERS)}{rng.choice(('', ':ro'))}"
    if kind == 2:
        return f"-v {destination}"
    if kind == 3:
        propagation = ",bind-propagation=" + rng.choice(_MODES[4:10])
        words = rng.choice(("", propagation, ",bind-nonrecursive", ",readonly"))
        return f"--mount type=bind,source={rng.choice(_SOURCES)},target={destination}{words}"
    if kind == 4:
        what = rng.choice((f"type=volume,source={rng.choice(_VOLUMES)},", "type=tmpfs,", "type=volume,"))
        return f"--mount {what}target={destination}"
    return f"-v {source}:{destination}{':' + mode if mode else ''}"


def _options(rng: Random) -> str:
    words = [_volume(rng) for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3)))]
    words += [word for word, chance in _FLAGS if rng.random() < chance]
    if rng.random() < 0.9:
        words.append(f"--name {rng.choice(CONTAINERS)}")
    return " ".join(words)


def _inner(rng: Random) -> str:
    """A command that is run in a container."""
    path, other = rng.choice(_INSIDE_PATHS), rng.choice(_INSIDE_PATHS)
    return rng.choice(
        (
            "findmnt",
            "findmnt -o TARGET,PROPAGATION,SOURCE,FSROOT",
            "mount",
            f"mount --bind {path} {other}",
            f"mount --rbind {path} {other}",
            f"mount -t tmpfs inside {path}",
            f"mount --make-{rng.choice(_PROPAGATION)} {path}",
            f"mount -o remount,bind,{rng.choice(('ro', 'rw'))} {path}",
            f"umount {path}",
            f"umount -l {path}",
            f"ls -a {path}",
            f"mkdir -p {path}/c {path}/n{rng.randrange(2)}",
            f"touch {path}/t{rng.randrange(2)}",
            f"rm -r {path}/n{rng.randrange(2)}",
            "cat /etc/os-release",
            f"cat {path}/t{rng.randrange(2)}",
        )
    )


def _run_detached(rng: Random) -> str:
    verb = rng.choice(("run -d", "run -d", "run -d", "create"))
    return _host(f"docker {verb} {_options(rng)} {rng.choice(_IMAGES)}")


def _run_command(rng: Random) -> str:
    inner = _inner(rng)
    inner = f"sh -c '{inner}; {_inner(rng)}'" if rng.random() < 0.3 else inner
    return _host(f"docker run {_options(rng)} {rng.choice(_IMAGES)} {inner}")


def _run_terminal(rng: Random) -> str:
    return f"{rng.choice(INSIDE)}# docker run -it {_options(rng)} {rng.choice(('centos bash', 'alpine'))}"


def _exec(rng: Random) -> str:
    name = rng.choice(CONTAINERS)
    if rng.random() < 0.3:
        return f"{rng.choice(INSIDE)}# docker exec -it {name} sh"
    inner = _inner(rng)
    inner = f"sh -c '{inner} && {_inner(rng)}'" if rng.random() < 0.2 else inner
    return _host(f"docker exec {name} {inner}")


def _inside(rng: Random) -> str:
    return f"{rng.choice(INSIDE)}# {_inner(rng)}"


def _leave(rng: Random) -> str:
    line = rng.choice(("exit", "exit", "exit 3", "cd /mnt", "unshare -m", "chroot /mnt"))
    return f"{rng.choice(INSIDE)}# {line}"


def _life(rng: Random) -> str:
    name = rng.choice(CONTAINERS)
    verb = rng.choice(("stop", "stop", "start", "start", "start", "restart", "kill", "rm", "rm -f", "rm -fv"))
    more = f" {rng.choice(CONTAINERS)}" if rng.random() < 0.2 else ""
    return _anywhere(rng, f"docker {verb} {name}{more}")


def _look(rng: Random) -> str:
    name, volume = rng.choice(CONTAINERS), rng.choice(_VOLUMES)
    return _anywhere(
        rng,
        rng.choice(
            (
                "docker ps -a",
                "docker ps",
                f"docker inspect {name}",
                f"docker inspect -f '{{{{json .Mounts}}}}' {name}",
                "docker volume ls",
                f"docker volume inspect {volume}",
                "findmnt",
                "cat /proc/self/mountinfo",
                f"ls -a {rng.choice(_PATHS)}",
                f"ls {_DATA} {_DATA}/overlay2 {_DATA}/volumes",
            )
        ),
    )


def _volumes(rng: Random) -> str:
    volume = rng.choice(_VOLUMES)
    options = rng.choice(
        (
            "",
            "--opt type=none --opt o=bind --opt device=/data",
            "--opt type=none --opt o=bind,rshared --opt device=/src",
            "--opt type=tmpfs --opt device=tmpfs --opt o=size=1m",
            "--opt type=none --opt o=bind --opt device=/gone",
        )
    )
    verb = rng.choice((f"create {options} {volume}", f"create {volume}", f"rm {volume}", f"rm -f {volume}"))
    return _host(f"docker volume {' '.join(verb.split())}")


def _mount(rng: Random) -> str:
    path, other = rng.choice(_PATHS), rng.choice(_PATHS)
    return _host(
        rng.choice(
            (
                f"mount -t tmpfs late {path}",
                f"mount -t tmpfs -o ro late {path}",
                f"mount --bind {other} {path}",
                f"mount --rbind {other} {path}",
                f"mount --make-{rng.choice(_PROPAGATION)} {path}",
                f"mount --make-{rng.choice(_PROPAGATION)} {path}",
                f"mount -o remount,bind,ro {path}",
                f"mount --move {other} {path}",
                f"umount {path}",
                f"umount -l {path}",
                f"umount -R {path}",
            )
        )
    )


def _files(rng: Random) -> str:
    path = rng.choice(_PATHS)
    return _host(
        rng.choice(
            (
                f"mkdir -p {path}/c {path}/n{rng.randrange(2)}",
                f"touch {path}/t{rng.randrange(2)}",
                f"echo {rng.randrange(9)} > {path}/t{rng.randrange(2)}",
                f"rm -r {path}/n{rng.randrange(2)}",
                f"rm -r {path}/c",
                f"cd {path}",
            )
        )
    )


def _systemctl(rng: Random) -> str:
    unit = rng.choice((_UNIT, _UNIT, _UNIT, "docker.service", "web"))
    verb = rng.choice(("restart", "restart", "restart", "stop", "start", "cat", "is-active", "try-restart"))
    return _anywhere(
        rng,
        rng.choice(
            (
                f"systemctl {verb} {unit}",
                f"systemctl {verb} {unit}",
                "systemctl daemon-reload",
                "systemctl daemon-reload",
                f"systemctl show -p MountFlags -p PrivateMounts -p NeedDaemonReload {unit}",
            )
        ),
    )


def _units(rng: Random) -> str:
    setting = rng.choice(
        (
            f"MountFlags={rng.choice(_MOUNT_FLAGS)}",
            f"MountFlags={rng.choice(_MOUNT_FLAGS)}",
            f"PrivateMounts={rng.choice(('yes', 'no'))}",
            "PrivateTmp=yes",
            "ProtectHome=yes",
            "ReadOnlyPaths=/etc",
            "BindPaths=/data:/src",
        )
    )
    reload = rng.choice(("", "systemctl daemon-reload", "systemctl daemon-reload; systemctl restart docker"))
    lines = rng.choice(
        (
            [f"mkdir -p {_FOLDER}", *_written(f"{_FOLDER}/m.conf", "'[Service]'", setting)],
            [f"rm {_FOLDER}/m.conf"],
            [f"sed -i 's/^MountFlags=.*/MountFlags={rng.choice(_MOUNT_FLAGS)}/' {_SHIPPED}"],
            _written("/etc/systemd/system/web.service", "'[Service]'", "ExecStart=/usr/bin/web", setting),
        )
    )
    return _host("; ".join(line for line in (*lines, reload) if line))


def _written(path: str, first: str, *lines: str) -> list[str]:
    """What writes these lines to a file."""
    return [f"echo {first} > {path}", *(f"echo {line} >> {path}" for line in lines)]


def _namespaces(rng: Random) -> str:
    shell = rng.choice(INSIDE)
    mode = rng.choice(("private", "slave", "shared", "unchanged"))
    return rng.choice(
        (
            f"{shell}# unshare --mount --propagation {mode}",
            f"{shell}# nsenter --target {rng.choice(INSIDE)} --mount",
            f"{HOST}# lsns -t mnt",
        )
    )


_KINDS: Final[dict[Callable[[Random], str], int]] = {
    _run_detached: 16,
    _run_command: 6,
    _run_terminal: 8,
    _exec: 14,
    _inside: 16,
    _leave: 4,
    _life: 12,
    _look: 8,
    _volumes: 4,
    _mount: 18,
    _files: 6,
    _systemctl: 8,
    _units: 6,
    _namespaces: 2,
}
"""How often each kind of line comes, one against another."""
