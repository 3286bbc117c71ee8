# ruff: noqa: PLR2004 - the numbers are chances
"""Random lines of kubectl and mount on one node: pods with volumes in every mode, and what people do in them.

As with containers, what the lines mean is not looked at: a pod that the API server refuses, a container that
is not there and a mount that is busy are as welcome as what succeeds.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

HOST, INSIDE = "host", ("a", "b")
"""A terminal that stays on the node, and two that go into pods."""
_PODS = ("one", "two", "three")
_CONTAINERS = ("c", "c", "c", "d")
_HOST_PATHS = ("/data", "/data", "/data/sub", "/src", "/", "/new", "/src/file", "/disk")
_MOUNT_PATHS = ("/mnt", "/mnt", "/mnt/deep", "/data", "/opt/new")
_MODES = ("", "None", "HostToContainer", "HostToContainer", "Bidirectional", "Bidirectional", "Bidirectional")
_TYPES = ("", "", "", "Directory", "DirectoryOrCreate", "File")
_PROPAGATION = ("shared", "slave", "private", "unbindable", "rshared", "rslave", "rprivate")
_PATHS = ("/data", "/data/sub", "/data/c", "/src", "/disk", "/disk/c", "/mnt", "/", "/nowhere", "/new")
_INSIDE_PATHS = ("/mnt", "/mnt/c", "/mnt/sub", "/mnt/deep", "/data", "/data/c", "/opt/new", "/tmp")  # noqa: S108
_LIVES = (
    "",
    "mount -t tmpfs life /mnt/c; sleep infinity",
    "mkdir -p /mnt/c && mount -t tmpfs life /mnt/c && sleep infinity",
    "umount /mnt/c; exit 0",
    "exit 1",
)
POD_SETTING: Final = (
    f"{HOST}# mkdir -p /data/sub /data/c /src /mnt/c /disk /opt",
    f"{HOST}# touch /src/file",
    f"{HOST}# mount -t tmpfs disk /disk",
    f"{HOST}# mkdir /disk/c",
)
POD_MACHINES: Final = ("systemd", "systemd", "bare", "wsl2")


def random_pod_lines(rng: Random, length: int) -> list[str]:
    """The setting, and as many lines as asked for; each is of the language."""
    return [*POD_SETTING, *(rng.choices(list(_KINDS), [*_KINDS.values()])[0](rng) for _ in range(length))]


def _host(line: str) -> str:
    return f"{HOST}# {line}"


def _volumes(rng: Random) -> dict[str, str]:
    """Name -> what the manifest says of it."""
    chosen: dict[str, str] = {}
    for name in ("v", "w")[: rng.choice((1, 1, 2))]:
        host_type = rng.choice(_TYPES)
        of_host = (
            f"hostPath: {{path: {rng.choice(_HOST_PATHS)}{', type: ' + host_type if host_type else ''}}}"
        )
        memory = rng.choice(("emptyDir: {}", "emptyDir: {medium: Memory}"))
        chosen[name] = of_host if rng.random() < 0.7 else memory
    return chosen


def _container(rng: Random, name: str, volumes: dict[str, str]) -> str:
    security = rng.choices(("{privileged: true}", "{}", "{capabilities: {add: [SYS_ADMIN]}}"), (6, 3, 1))[0]
    mounts: list[str] = []
    places = list(dict.fromkeys(_MOUNT_PATHS))
    rng.shuffle(places)
    for volume, place in zip(volumes, places, strict=False):
        mode = rng.choice(_MODES)
        words = [f"name: {volume}", f"mountPath: {place}"]
        words += [f"mountPropagation: {mode}"] if mode else []
        words += ["readOnly: true"] if rng.random() < 0.15 else []
        words += [f"subPath: {rng.choice(('sub', 'c', 'a/b'))}"] if rng.random() < 0.15 else []
        mounts.append("{" + ", ".join(words) + "}")
    life = rng.choice(_LIVES) if rng.random() < 0.4 else ""
    command = f', command: [sh, -c, "{life}"]' if life else ""
    listed = ", ".join(mounts)
    return f"{{name: {name}, image: nginx, securityContext: {security}{command}, volumeMounts: [{listed}]}}"


def _apply(rng: Random) -> str:
    volumes = _volumes(rng)
    names = ("c", "d") if rng.random() < 0.25 else ("c",)
    listed = "\n".join(f"  - {_container(rng, name, volumes)}" for name in names)
    given = "\n".join(f"  - {{name: {name}, {source}}}" for name, source in volumes.items())
    restart = rng.choice(("Always", "Always", "Never"))
    head = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {rng.choice(_PODS)}}}"
    spec = f"spec:\n  restartPolicy: {restart}\n  containers:\n{listed}\n  volumes:\n{given}"
    return _host(f"kubectl apply -f - <<'Y'\n{head}\n{spec}\nY")


def _inner(rng: Random) -> str:
    """A command that is run in a container."""
    path, other = rng.choice(_INSIDE_PATHS), rng.choice(_INSIDE_PATHS)
    return rng.choice(
        (
            "findmnt -o TARGET,PROPAGATION,SOURCE,FSROOT",
            "cat /proc/self/mountinfo",
            f"mount --bind {path} {other}",
            f"mount --rbind {path} {other}",
            f"mount -t tmpfs inside {path}",
            f"mount -t tmpfs inside {path}",
            f"mount --make-{rng.choice(_PROPAGATION)} {path}",
            f"umount {path}",
            f"umount -l {path}",
            f"ls -a {path}",
            f"mkdir -p {path}/c",
            f"touch {path}/t",
        )
    )


def _exec(rng: Random) -> str:
    name = f"{rng.choice(_PODS)} -c {rng.choice(_CONTAINERS)}"
    if rng.random() < 0.25:
        return f"{rng.choice(INSIDE)}# kubectl exec -it {name} -- sh"
    inner = _inner(rng)
    inner = f"sh -c '{inner} && {_inner(rng)}'" if rng.random() < 0.2 else inner
    return _host(f"kubectl exec {name} -- {inner}")


def _inside(rng: Random) -> str:
    line = _inner(rng) if rng.random() < 0.8 else rng.choice(("exit", "exit 3"))
    return f"{rng.choice(INSIDE)}# {line}"


def _delete(rng: Random) -> str:
    how = rng.choice(("", "", "", "--wait=false", "--force --grace-period=0"))
    return _host(f"kubectl delete pod {rng.choice(_PODS)} {how}".strip())


def _look(rng: Random) -> str:
    verb = rng.choice(("get pods", "get pods", "get events", f"describe pod {rng.choice(_PODS)}"))
    return _host(f"kubectl {verb}")


def _mount(rng: Random) -> str:
    path, other = rng.choice(_PATHS), rng.choice(_PATHS)
    return _host(
        rng.choice(
            (
                f"mount -t tmpfs late {path}",
                f"mount -t tmpfs late {path}",
                f"mount --bind {other} {path}",
                f"mount --rbind {other} {path}",
                f"mount --make-{rng.choice(_PROPAGATION)} {path}",
                f"mount --make-{rng.choice(_PROPAGATION)} {path}",
                f"umount {path}",
                f"umount -l {path}",
                f"mkdir -p {path}/c",
            )
        )
    )


_KINDS: Final[dict[Callable[[Random], str], int]] = {
    _apply: 20,
    _exec: 18,
    _inside: 16,
    _delete: 7,
    _look: 5,
    _mount: 20,
}
"""How often each kind of line comes, one against another."""
