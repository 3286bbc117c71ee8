"""The machine of a transcript on a private host: its own mount namespace, with a real dockerd on demand.

A terminal and dockerd see the same tree: one tmpfs at `/` with the folders that every machine of a
transcript has, and the data-root at Docker's own place, /var/lib/docker.  The programs of the real
machine, /proc, /sys and /dev are mounted there too, or no dockerd could run; they are known by their
devices and left out of tables.  What lessons need not see (socket, log, control files) is in /dev/lab.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any, NamedTuple

from mountlab.containers.docker.places import DATA_ROOT
from mountlab.runtimes import dockerd
from mountlab.runtimes.host import WORK, Host, HostError
from mountlab.runtimes.image import tree

HIDDEN = "/dev/lab"
"""The folder of what belongs to no lesson, in the host and in the machine."""
SOCKET = dockerd.SOCKET.replace(WORK, HIDDEN)
_ROOT = f"{WORK}/machine"
_MAKE = f"""
mkdir -p {_ROOT} {HIDDEN}
ln -s {SOCKET} {dockerd.SOCKET}
exec unshare --mount --propagation private sh -eu -c '
    mount -t tmpfs root {_ROOT}
    cd {_ROOT}
    chmod 755 .
    mkdir bin dev etc home mnt proc root run tmp usr var sys
    chmod 1777 tmp
    for name in sbin lib lib64; do ln -s usr/$name $name; done
    for each in proc sys dev; do mount --rbind /$each $each; done
    mount --bind /usr usr
    mount --bind /usr/bin bin
    pivot_root . .
    umount -l .
    mount --make-r$1 /
    touch {HIDDEN}/ready
    exec sleep infinity
' sh "$1"
"""
_START_SECONDS = 20.0
_FORMAT = (
    '{"name":{{json .Name}},"pid":{{json .State.Pid}},"started":{{json .State.StartedAt}},'
    '"merged":{{json .GraphDriver.Data.MergedDir}},"image":{{json .Config.Image}},"mounts":{{json .Mounts}}}'
)


class Running(NamedTuple):
    """A container, as docker tells of it."""

    name: str
    pid: int
    """Of its process 1, in the host's PID namespace; 0 when it does not run."""
    started: str
    layer: str
    """The random name of its layer's folder."""
    image: str
    anonymous: tuple[str, ...] = ()
    """The random names of its volumes that were given none."""


class Daemon(dockerd.Dockerd):
    """A dockerd in the machine's namespace."""

    def __init__(self, host: Host, holder: int) -> None:
        self._holder = holder
        super().__init__(host, images=())

    def launch(self) -> None:
        words = self.words()
        self.host.script(f"[ ! -e {WORK}/runc ] || cp -p {WORK}/runc {HIDDEN}/runc")
        self.host.start(words, dockerd.LOG, wrapper=f"nsenter -t {self._holder} -m --")

    def words(self) -> list[str]:
        return [
            DATA_ROOT if word == dockerd.DATA_ROOT else word.replace(f"{WORK}/", f"{HIDDEN}/")
            for word in super().words()
        ]

    def add_images(self, names: tuple[str, ...]) -> None:
        """None in advance: a lesson names its own."""


class Machine:
    """A private host with that namespace on it."""

    def __init__(self, *, shared: bool) -> None:
        """Make it.

        Args:
            shared: whether `/` is, as systemd leaves it.

        Raises:
            HostError: when the kernel does not let us.
        """
        self.host = Host()
        self.daemon: Daemon | None = None
        self._images: set[str] = set()
        try:
            propagation = "shared" if shared else "private"
            line = f'setsid sh -eu -c "$1" sh {propagation} >{WORK}/log 2>&1 </dev/null & echo $!'
            self.holder = int(self.host.do(["sh", "-c", line, "sh", _MAKE]))
            self._wait()
        except BaseException:
            self.close()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        line = f"[ -e {HIDDEN}/ready ] || {{ kill -0 {self.holder} && exit 3; cat {WORK}/log >&2; exit 4; }}"
        while (ran := self.host.run(["sh", "-c", line])).status:
            if ran.status != 3 or time.monotonic() > deadline:  # noqa: PLR2004 - the line's own
                raise HostError(f"the machine was not made: {ran.stderr.strip()}")
            time.sleep(0.02)

    def words(self, argv: list[str]) -> list[str]:
        """The command line that starts a program in the machine, from outside."""
        outer = ["nsenter", "-t", str(self.host.pid), "-m", "-p", "-n", "-i", "-u", "-C", "--"]
        return [*outer, "nsenter", "-t", str(self.holder), "-m", "--", *argv]

    def docker(self) -> Daemon:
        """The daemon; it is started when it is first asked for."""
        if self.daemon is None:
            self.daemon = Daemon(self.host, self.holder)
        return self.daemon

    def need_image(self, image: str, server: str) -> None:
        """Make the image unless it is there."""
        if image not in self._images:
            changes = [f"CMD {json.dumps([server or 'sh'])}", "ENV LC_ALL=C.UTF-8 TZ=UTC"]
            options = [word for change in changes for word in ("--change", change)]
            self.docker().docker_do(["import", *options, "-", image], tree(image, server))
            self._images.add(image)

    def containers(self) -> list[Running]:
        """Every container, the oldest first."""
        if self.daemon is None:
            return []
        names = self.daemon.docker_do(["ps", "-aq", "--no-trunc"]).split()
        if not names:
            return []
        lines = self.daemon.docker_do(["inspect", "-f", _FORMAT, *names]).splitlines()
        return [_read(json.loads(line)) for line in reversed(lines)]

    def close(self) -> None:
        """End it, with everything in it."""
        self.host.close()


def _read(said: dict[str, Any]) -> Running:
    layer = str(said["merged"]).removesuffix("/merged").rpartition("/")[2]
    mounts = sorted(said["mounts"], key=lambda each: str(each["Destination"]))
    anonymous = tuple(each["Name"] for each in mounts if re.fullmatch(r"[0-9a-f]{64}", each.get("Name", "")))
    name = said["name"].removeprefix("/")
    return Running(name, said["pid"], said["started"], layer, said["image"], anonymous)
