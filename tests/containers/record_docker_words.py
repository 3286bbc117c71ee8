"""Ask the real docker 20.10 for its words: run this file as root to write two files in `recorded` anew.

docker-client.json: lines of which the client alone decides; no daemon is asked.  docker-mounts.json: what a
private dockerd answers to `docker create`, and the mounts of the container as inspect shows them.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

from mountlab.runtimes.dockerd import Dockerd

RECORDED = Path(__file__).with_name("recorded")
CLIENT = ["/usr/bin/docker", "-H", "unix:///nonexistent"]
REACHES_DAEMON = "Cannot connect to the Docker daemon"
LINES = r"""
run | run --foo x | run -x | run -itx x | run --name | run -v | run -it -v | run --rm=maybe x
run --=x y | run ---x y | run -d=x y | run -m x y | run -m 1.5GiB y | run --stop-timeout x y
run --stop-timeout 0x10 y | run --stop-timeout 08 y | run --blkio-weight 70000 y
run --blkio-weight -1 y | run --health-interval x y | run --health-interval 1h3.5m y | run --cpus x y
run --cpus 1/2 y | run --memory-swap x y | run --memory-swap -1 y | run -e =x y | run -l =x y
run -a foo y | run -a STDIN y | run -d -a stdout y
run --add-host x y | run --add-host a:x y | run --add-host a:::1 y
run --pid foo y | run --pid container: y | run --pid container:a y | run --userns foo y
run --uts foo y | run --uts container:a y | run --pid container:a:b y
run --cgroupns foo y | run --cgroupns private y | run --restart a:b:c y | run --restart always:x y
run --rm --restart always y | run --security-opt foo y | run --security-opt label:disable y
run --security-opt no-new-privileges y | run Foo | run a:b:c | run localhost:5000/x:y | run a/B/c
run a@sha256:0 | run -h | run -h name y | create --foo | create Foo | create --rm --restart always y
create --pid foo y | container run --foo | container run | container run --pid foo y | exec | exec a
exec -e =x a b | exec --foo a b | exec a --foo | exec -it a -x | stop | stop -t x a | stop a -t 3 | start
start -a a b | start -i a | kill | kill -s | rm | rm a -f | rm -fv a | rm -fx a | restart | ps x | ps -aq
ps -qax | container ls x | container ps x | container list -x | inspect | inspect --type foo x
inspect -f '{{.Name}}' x | container inspect | pull | pull a b | pull Foo | image pull | volume foo
volume create a b | volume create --name a b | volume create --name a | volume create --foo
volume create -o type=tmpfs -o device=x v | volume ls x | volume list x | volume inspect | volume rm
volume remove -x | foo | run -- --foo | run --mount | run --tmpfs | run -ti=false y | run -iv /a:/b y
run -v=/a:/b y | run -v/a:/b y | run --interactive=0 --tty=T y | run --volume=/a:/b --rm y z
"""
MOUNT_FLAGS = r"""
'' | x | type=bind,src=/a | type=bind,src=/a,dst= | type=,dst=/m | type=bind,dst=/m,readonly=x
type=bind,dst=/m,readonly=1,ro=F | type=bind,dst=/m,foo=x | type=bind,dst=/m,READONLY
dst=/m,volume-nocopy=x | type=tmpfs,dst=/m,tmpfs-size=x | type=tmpfs,dst=/m,tmpfs-size=1.5g
type=tmpfs,dst=/m,tmpfs-mode=9 | type=tmpfs,dst=/m,tmpfs-mode=0777
type=volume,dst=/m,bind-propagation=shared | type=bind,dst=/m,volume-opt=a=b
type=bind,dst=/m,tmpfs-size=1 | type=foo,dst=/m | TYPE=Bind,Src=/a,Dst=/m | 'type=bind,"a"b'
'type=bind,a"b' | 'type=bind,"a' | '"type=bind","dst=/a,b"' | '"type=bind","dst=/a""b"'
type=bind,dst=/m, | dst=/m,bind-nonrecursive
"""
OPTIONS = r"""
-v d:/mnt | -v :/mnt | -v : | -v x | -v /x -v /x/ | -v C:/x:/mnt | -v /src:/mnt: | -v /src::/mnt
-v /src:/mnt -v /src:/mnt | -v '~/x:/mnt' | -v /mnt -v /src:/mnt | -v /mnt --tmpfs /mnt
-v /src:/mnt:ro, | --tmpfs /mnt --mount type=bind,src=/src,dst=/mnt | --tmpfs / | --tmpfs '' | -v /:/host
-v /:/host:private | -v /:/host:shared | -v /:/host:rshared | -v /la:/host
--mount type=bind,src=/lab,dst=/host,bind-nonrecursive | -v /lab/docker/volumes:/v:rprivate
--mount type=tmpfs,dst=/t,tmpfs-size=64m,tmpfs-mode=1770,readonly | --mount type=volume,dst=/mnt,readonly
--mount type=volume,src=,dst=/mnt
--mount type=volume,src=v2,dst=/mnt,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-opt=foo=1
--mount type=volume,src=v3,dst=/mnt,volume-opt=type=tmpfs | --mount type=volume,src=v4,dst=/mnt
-v /src/file/x:/mnt | --mount type=bind,src=/src/file/x,dst=/mnt | -v /src:/mnt:z,ro,consistent
-v /src:/mnt:consistent,delegated | -v /src:/mnt:default | -v ro:rw | -v v5:ro | -v v5:/mnt:nocopy,ro
-v v6:/mnt | -v v6:/mnt/../x | -v v6:mnt | -v v6:/
--mount type=bind,src=/src,dst=/mnt --mount type=bind,src=/src,dst=/mnt/
--mount 'type=bind,src=/src,dst=\mnt' | -v /src//sub/:/mnt/../x/./y | -v //src:/mnt
--tmpfs /t:ro,size=1m --tmpfs /t:exec | -v /src:/mnt:rbind | -v /src:/mnt:Z,z | --workdir rel
--restart foo | --restart always:3 | --restart on-failure:-1 | --cap-drop foo | --cap-add all
--cap-add cap_sys_admin | --runtime foo | --volumes-from other | --volumes-from other:ro -v /src:/two
--volumes-from other:z | --volumes-from other:nocopy | --volumes-from '' | --volumes-from other:foo
--mount type=bind,src=/src,dst=/mnt,bind-propagation=RSLAVE | -v /src:/mnt:slave
"""
OTHER = ["-v", "data_vol:/one:ro", "-v", "/src:/two:rslave", "-v", "/three"]
"""The mounts of the container "other", for --volumes-from."""
VOLUMES = r"""
--opt type=tmpfs vv | --opt foo=1 vv | --opt o=bind vv | --opt size=x vv | --opt size=1m vv | -d foo vv
-o foo vv | v | v/x | 'a b'
"""


def client_lines() -> list[list[str]]:
    """Every line for the client."""
    return _lines(LINES) + [["run", "--mount", *flag, "busybox"] for flag in _lines(MOUNT_FLAGS)]


def _lines(text: str) -> list[list[str]]:
    return [shlex.split(line) for row in text.strip().splitlines() for line in row.split(" | ")]


def ask_client(argv: list[str]) -> dict[str, object]:
    """What the client says, and with which status; nothing when it would ask the daemon."""
    ran = subprocess.run(
        [*CLIENT, *argv], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    asks = REACHES_DAEMON in ran.stderr or "is not a TTY" in ran.stderr
    return {"argv": argv, "status": 0 if asks else ran.returncode, "stderr": "" if asks else ran.stderr}


def _ask_daemon(daemon: Dockerd, argv: list[str]) -> dict[str, object]:
    ran = daemon.docker(argv)
    mounts: list[dict[str, object]] = []
    if ran.status == 0 and argv[0] == "create":
        made = ran.stdout.strip()
        mounts = json.loads(daemon.docker_do(["inspect", "-f", "{{json .Mounts}}", made]))
        daemon.docker_do(["rm", made])
    said = json.dumps(sorted(mounts, key=lambda mount: str(mount["Destination"])))
    mounts = json.loads(re.sub(r"[0-9a-f]{64}", "ID", said))
    return {"argv": argv, "status": ran.status, "stderr": ran.stderr, "mounts": mounts}


def record() -> None:
    """Write both files."""
    asked = [ask_client(argv) for argv in client_lines()]
    with Dockerd() as daemon:
        daemon.host.do(["mkdir", "-p", "/src/sub"])
        daemon.host.write("/src/file", "")
        daemon.docker_do(["create", "--name", "other", *OTHER, "busybox", "true"])
        lines = [["create", *options, "busybox", "true"] for options in _lines(OPTIONS)]
        lines += [["volume", "create", *options] for options in _lines(VOLUMES)]
        answered = [_ask_daemon(daemon, argv) for argv in lines]
    for name, rows in (("docker-client", asked), ("docker-mounts", answered)):
        text = ",\n".join(json.dumps(row) for row in rows)
        (RECORDED / f"{name}.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    record()
