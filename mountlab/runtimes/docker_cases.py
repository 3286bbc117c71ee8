"""What the real docker is asked beside the matrix: mount tables, bad input, a session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from mountlab.mountinfo import render
from mountlab.runtimes import trace
from mountlab.runtimes.docker_matrix import IMAGE, flag, said
from mountlab.runtimes.dockerd import Dockerd
from mountlab.runtimes.matrix import Row, prepare, tables
from mountlab.runtimes.places import INSIDE, SRC, SUB, Groups, words

_SLEEP = [IMAGE, "sleep", "600"]
_BIND = f"type=bind,source={SRC},target={INSIDE}"

TABLES: dict[str, list[str]] = {
    "plain": [],
    "terminal": ["-t"],
    "privileged": ["--privileged"],
    "cap-add": ["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined"],
    "read-only": ["--read-only"],
    **{f"bind {option}": flag("-v", option) for option in ("default", "private", "rslave", "rshared")},
    "bind ro": ["-v", f"{SRC}:{INSIDE}:ro"],
    "bind ro,rslave": ["-v", f"{SRC}:{INSIDE}:ro,rslave"],
    "bind rshared privileged": ["--privileged", *flag("-v", "rshared")],
    "bind of a file": ["-v", f"{SRC}/file:{INSIDE}/file"],
    "bind of two, the deeper first": ["-v", f"{SRC}:{INSIDE}/deep/er", "-v", f"{SUB}:{INSIDE}"],
    "mount readonly": ["--mount", f"{_BIND},readonly"],
    "mount nonrecursive": ["--mount", f"{_BIND},bind-nonrecursive"],
    "mount nonrecursive rslave": ["--mount", f"{_BIND},bind-nonrecursive,bind-propagation=rslave"],
    "volume": ["-v", f"data_vol:{INSIDE}"],
    "volume ro": ["-v", f"data_vol:{INSIDE}:ro"],
    "volume nocopy": ["-v", f"data_vol:{INSIDE}:nocopy"],
    "mount volume": ["--mount", f"type=volume,source=data_vol,target={INSIDE}"],
    "anonymous volume": ["-v", INSIDE],
    "tmpfs": ["--tmpfs", INSIDE],
    "tmpfs options": ["--tmpfs", f"{INSIDE}:rw,noexec,size=64k"],
    "tmpfs shared": ["--tmpfs", f"{INSIDE}:shared"],
    "mount tmpfs": ["--mount", f"type=tmpfs,target={INSIDE}"],
    "mount tmpfs options": ["--mount", f"type=tmpfs,target={INSIDE},tmpfs-size=1048576,tmpfs-mode=700"],
    "volumes-from": ["--volumes-from", "giver"],
}

_NAMED = ["--name", "new", "-d"]
# Each of these is the words after `docker`; `running` and `stopped` are containers.
BAD: list[list[str]] = [
    *(
        ["run", *_NAMED, "-v", each, IMAGE, "true"]
        for each in (
            f"{SRC}:{INSIDE}:foo", f"{SRC}:{INSIDE}:rshared,rslave", f"{SRC}:{INSIDE}:unbindable",
            f"{SRC}:{INSIDE}:ro,rw", f"{SRC}:{INSIDE}:", f"{SRC}:{INSIDE}:rw:rshared", f"{SRC}:mnt",
            f"{SRC}:/", f"{SRC}:",
            ":", "", "/", f"data/x:{INSIDE}", f"./data:{INSIDE}", f"d:{INSIDE}", f":{INSIDE}",
            f"data_vol:{INSIDE}:rshared", f"data_vol:{INSIDE}:rslave", f"data_vol:{INSIDE}:foo",
            f"data vol:{INSIDE}", f"{SRC}:{INSIDE}:nocopy",
        )
    ),
    *(
        ["run", *_NAMED, "--mount", each, IMAGE, "true"]
        for each in (
            f"type=bind,source=/nowhere,target={INSIDE}", f"type=bind,source=data,target={INSIDE}",
            f"type=bind,target={INSIDE}", f"type=bind,source={SRC}", f"type=bind,source={SRC},target=mnt",
            f"type=bind,source={SRC},target=/", f"{_BIND},bind-propagation=foo", f"{_BIND},bind-propagation=",
            f"{_BIND},bind-propagation=unbindable", f"{_BIND},readonly=maybe", f"{_BIND},foo=bar",
            f"{_BIND},foo", f"{_BIND},volume-nocopy", f"type=foo,source={SRC},target={INSIDE}",
            f"type=volume,source=data_vol,target={INSIDE},bind-propagation=rshared",
            f"type=volume,source={SRC},target={INSIDE}", "type=volume,source=data_vol",
            f"type=tmpfs,target={INSIDE},bind-propagation=rshared",
            f"type=tmpfs,source={SRC},target={INSIDE}", "", "foo",
        )
    ),
    ["run", *_NAMED, "-v", f"{SRC}:{INSIDE}", "-v", f"{SUB}:{INSIDE}", IMAGE, "true"],
    ["run", *_NAMED, "-v", f"{SRC}:{INSIDE}", "--tmpfs", INSIDE, IMAGE, "true"],
    ["run", *_NAMED, "-v", f"{SRC}:{INSIDE}", "--mount", f"type=tmpfs,target={INSIDE}", IMAGE, "true"],
    ["run", *_NAMED, "-v", f"{SRC}:{INSIDE}", "-v", f"data_vol:{INSIDE}/", IMAGE, "true"],
    ["run", *_NAMED, "--tmpfs", "mnt", IMAGE, "true"],
    ["run", *_NAMED, "--tmpfs", f"{INSIDE}:foo", IMAGE, "true"],
    ["run", *_NAMED, "--tmpfs", f"{INSIDE}:rshared,rslave", IMAGE, "true"],
    ["run", *_NAMED, "--volumes-from", "nosuch", IMAGE, "true"],
    ["run", *_NAMED, "--volumes-from", "running:rshared", IMAGE, "true"],
    ["run", *_NAMED, "--cap-add", "BOGUS", IMAGE, "true"],
    ["run", *_NAMED, "--foo", IMAGE, "true"],
    ["run", "-z", IMAGE],
    ["run", "-d", "-v"],
    ["run"],
    ["run", "-d", "--name", "A", IMAGE, "true"],
    ["run", "-d", "--name", "running", IMAGE, "true"],
    ["run", "-d", "--name", "-x", IMAGE, "true"],
    ["run", "-d", "--name", "a b", IMAGE, "true"],
    ["run", "--rm", IMAGE, "nosuch"],
    ["run", "--rm", IMAGE, "/nosuch"],
    ["run", "--rm", IMAGE, "/etc"],
    ["run", "--rm", IMAGE, "/etc/hostname"],
    ["run", "--rm", IMAGE],
    ["run", "--rm", "Bad:Image:Name", "true"],
    ["run", "-it", "--rm", IMAGE, "true"],
    ["run", "--rm", IMAGE, "false"],
    ["run", "--rm", IMAGE, "sh", "-c", "exit 7"],
    ["run", "--rm", IMAGE, "mount", "-t", "tmpfs", "x", INSIDE],
    ["run", "--rm", "--cap-add", "SYS_ADMIN", IMAGE, "mount", "-t", "tmpfs", "x", INSIDE],
    ["exec", "stopped", "true"],
    ["exec", "nosuch", "true"],
    ["exec", "running"],
    ["exec"],
    ["exec", "running", "nosuch"],
    ["exec", "running", "/nosuch"],
    ["exec", "running", "/etc"],
    ["exec", "running", "false"],
    ["exec", "-it", "running", "true"],
    ["exec", "--foo", "running", "true"],
    ["stop", "nosuch"],
    ["stop"],
    ["stop", "stopped"],
    ["start", "nosuch"],
    ["start", "running"],
    ["rm", "running"],
    ["rm", "nosuch"],
    ["rm"],
    ["inspect", "nosuch"],
    ["inspect"],
    ["ps", "foo"],
    ["ps", "--foo"],
    ["volume", "create", "bad/name"],
    ["volume", "create", "v"],
    ["volume", "create", "one", "two"],
    ["volume", "inspect", "nosuch"],
    ["volume", "rm", "nosuch"],
    ["volume", "rm", "held"],
    ["volume", "foo"],
    ["foo"],
    ["--foo"],
]  # fmt: skip

MOUNTS = "{{json .Mounts}}"
SESSION: list[list[str]] = [
    ["ps"],
    ["volume", "ls"],
    ["volume", "create", "data_vol"],
    ["volume", "create", "data_vol"],
    ["volume", "ls"],
    ["volume", "inspect", "data_vol"],
    ["run", "-d", "--name", "first", "-v", f"data_vol:{INSIDE}", *_SLEEP],
    ["run", "-d", "--name", "second", "-v", f"{SRC}:{INSIDE}:rslave", *_SLEEP],
    ["run", "-d", "--name", "third", "--mount", f"{_BIND},readonly", "--tmpfs", "/tmp", *_SLEEP],
    ["run", "-d", "--name", "fourth", "--volumes-from", "first:ro", "-v", "/var", *_SLEEP],
    ["ps", "--format", "{{.Names}}"],
    *(["inspect", "-f", MOUNTS, name] for name in ("first", "second", "third", "fourth")),
    ["inspect", "-f", "{{.State.Status}} {{.State.Running}} {{.HostConfig.Privileged}}", "first"],
    ["inspect", "-f", "{{json .HostConfig.Binds}} {{json .HostConfig.Mounts}}", "third"],
    ["exec", "first", "ls", "/"],
    ["exec", "first", "sh", "-c", f"echo hello >{INSIDE}/file"],
    ["exec", "fourth", "cat", f"{INSIDE}/file"],
    ["exec", "fourth", "touch", f"{INSIDE}/other"],
    ["exec", "first", "mount", "-t", "tmpfs", "x", INSIDE],
    ["stop", "-t", "0", "first", "second"],
    ["ps", "-q", "--no-trunc"],
    ["ps", "-a", "--format", "{{.Names}} {{.State}}"],
    ["start", "first"],
    ["rm", "-f", "first"],
    ["rm", "second"],
    ["volume", "rm", "data_vol"],
    ["rm", "-f", "-v", "third", "fourth"],
    ["volume", "ls", "-q"],
    ["volume", "rm", "data_vol"],
    ["volume", "ls"],
]  # fmt: skip


def mount_tables(docker: Dockerd, names: tuple[str, ...] = tuple(TABLES)) -> Iterator[Row]:
    """The whole mount table of a container for each kind of flags, and the host's at that moment."""
    docker.docker_do(["volume", "create", "data_vol"])
    for name in names:
        prepare(docker.host, "shared", submount=True)
        docker.host.script(f"echo text >{SRC}/file")
        made = ["giver"] if name == "volumes-from" else []
        for giver in made:
            docker.docker_do(["run", "-d", "--name", giver, *TABLES["volume"], *_SLEEP])
        docker.docker_do(["run", "-d", "--name", "one", *TABLES[name], *_SLEEP])
        outside, inside = tables(docker.host, [1, docker.pid("one")])
        groups = Groups(outside)
        spec = cast("dict[str, Any]", docker.spec("one"))
        yield {
            "name": name,
            "argv": ["run", *(words(word) for word in TABLES[name])],
            "classes": {words(row.mountpoint): groups.describe(row) for row in inside},
            "oci_mounts": [
                each | {"source": words(each["source"]), "options": [*map(words, each.get("options", []))]}
                for each in spec["mounts"]
            ],
            "oci_linux": {
                key: spec["linux"].get(key) for key in ("rootfsPropagation", "maskedPaths", "readonlyPaths")
            },
            "readonly_rootfs": bool(spec["root"].get("readonly")),
            "mountinfo": [words(render(row)) for row in inside],
            "host_mountinfo": [words(render(row)) for row in outside],
        }
        docker.docker_do(["rm", "-f", "-v", "one", *made])
    docker.docker_do(["volume", "rm", "data_vol"])


TRACED = (
    "plain", "bind default", "bind ro", "bind rslave", "bind rshared", "bind rshared privileged", "volume",
    "tmpfs shared",
)  # fmt: skip


def call_orders(docker: Dockerd, names: tuple[str, ...] = TRACED) -> Iterator[Row]:
    """runc's mount-related system calls for some of these containers; `docker` has `trace.TRACER`."""
    for name in names:
        prepare(docker.host, "shared", submount=True)
        docker.docker_do(["run", "-d", "--name", "one", *TABLES[name], *_SLEEP])
        docker.host.script(trace.SETTLED)
        yield {
            "name": name,
            "argv": ["run", *(words(word) for word in TABLES[name])],
            "calls": trace.calls_in(docker.host.read(trace.OUTPUT)),
        }
        docker.docker_do(["rm", "-f", "-v", "one"])


def bad_input(docker: Dockerd) -> Iterator[Row]:
    """What docker answers to what it cannot do."""
    prepare(docker.host, "shared", submount=True)
    docker.docker_do(["volume", "create", "data_vol"])
    docker.docker_do(["run", "-d", "--name", "running", "-v", "held:/var", *_SLEEP])
    docker.docker_do(["run", "--name", "stopped", IMAGE, "true"])
    for argv in BAD:
        yield said(argv, docker.docker(argv))
        docker.docker(["rm", "-f", "-v", "new"])
    docker.docker_do(["rm", "-f", "running", "stopped"])
    docker.docker_do(["volume", "prune", "-f"])


def session(docker: Dockerd) -> Iterator[Row]:
    """An ordinary session: what docker prints when all is well."""
    prepare(docker.host, "shared", submount=True)
    for argv in SESSION:
        row = said(argv, docker.docker(argv))
        if MOUNTS in argv:  # docker keeps them in a map, and prints them in any order
            mounts = sorted(json.loads(str(row["stdout"])), key=lambda mount: str(mount["Destination"]))
            row["stdout"] = json.dumps(mounts, separators=(",", ":")) + "\n"
        yield row
