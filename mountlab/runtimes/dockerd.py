"""A private dockerd: on a private host, behind a socket of that host, without a network."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from mountlab.mountinfo import MountInfo
from mountlab.runtimes.docker_matrix import IMAGE
from mountlab.runtimes.host import WORK, Host, HostError, Ran, why_not

SOCKET = f"{WORK}/docker.sock"
DATA_ROOT = f"{WORK}/docker"
EXEC_ROOT = f"{WORK}/exec"
LOG = f"{WORK}/dockerd.log"
PROGRAMS = ("dockerd", "containerd", "runc", "docker", "busybox")

_DOCKER = "/usr/bin/docker"
"""Debian's: a newer one of another maker may stand before it in PATH."""
_WRAPPER = f"{WORK}/runc"
_WRAP = r"""#!/bin/sh
# Where the machine's root lacks CAP_SYS_RESOURCE, runc cannot give it away.
prev=
for word in "$@"; do
    case $prev in --bundle|-b) bundle=$word ;; --process|-p) process=$word ;; esac
    prev=$word
done
for file in "${bundle:+$bundle/config.json}" "${process:-}"; do
    [ -n "$file" ] && [ -f "$file" ] && %s "$file"
done
case " $* " in *" create "*) exec %s/usr/sbin/runc "$@" ;; esac
exec /usr/sbin/runc "$@"
"""
_SYS_RESOURCE = 1 << 24
_START_SECONDS = 20.0


def docker_missing() -> str | None:
    """Why there can be no private dockerd here; None: there can."""
    return why_not(*PROGRAMS)


def lacks_sys_resource() -> bool:
    """Is CAP_SYS_RESOURCE out of this machine's reach?"""
    status = Path("/proc/self/status").read_text()
    bounding = next(line for line in status.splitlines() if line.startswith("CapBnd:"))
    return not int(bounding.split()[1], 16) & _SYS_RESOURCE


def wrapped_runc(host: Host, tracer: str = "") -> str | None:
    """Write a runc that works here, with a tracer where a container is created; None: the real one does."""
    if not tracer and not lacks_sys_resource():
        return None
    mend = """sed -i 's/,"CAP_SYS_RESOURCE"//g'""" if lacks_sys_resource() else ":"
    host.write(_WRAPPER, _WRAP % (mend, f"{tracer} " if tracer else ""), "755")
    return _WRAPPER


def _names(binary: str) -> list[str]:
    return subprocess.run([binary, "--list"], capture_output=True, text=True, check=True).stdout.split()


def busybox_tree() -> bytes:
    """A root file system as a tar file: busybox under all its names, and empty folders."""
    binary = shutil.which("busybox", path="/bin:/usr/bin")
    if binary is None:
        raise HostError("not installed: busybox (Debian: busybox-static)")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in ("bin", "dev", "etc", "home", "mnt", "proc", "root", "run", "sys", "tmp", "usr", "var"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)
        tar.add(binary, "bin/busybox")
        for name in _names(binary):
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            if name != "busybox":
                tar.addfile(link)
    return buffer.getvalue()


class Dockerd:
    """A running dockerd of Debian's docker.io, and the docker command that speaks to it."""

    def __init__(
        self, host: Host | None = None, images: tuple[str, ...] = (IMAGE,), tracer: str = ""
    ) -> None:
        """Start it, on this host or on one of its own, with these names for the one image it has.

        Args:
            host: where; its own otherwise, which then ends with it.
            images: the names.
            tracer: words put before `runc` where a container is created, such as ``strace -f``.

        Raises:
            HostError: when programs are missing, or it does not start.
        """
        reason = docker_missing()
        if reason:
            raise HostError(reason)
        self._own, self._tracer = host is None, tracer
        self.host = host or Host()
        try:
            self.launch()
            self._wait()
            self.add_images(images)
        except BaseException:
            self.close()
            raise

    def launch(self) -> None:
        """Start the program."""
        self.host.start(self.words(), LOG)

    def words(self) -> list[str]:
        """The command line of dockerd; the OCI wrapper is written where it is needed."""
        words = ["dockerd", "-H", f"unix://{SOCKET}", "--data-root", DATA_ROOT, "--exec-root", EXEC_ROOT]
        words += ["--pidfile", f"{WORK}/docker.pid", "--storage-driver", "overlay2", "--bridge=none"]
        words += ["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"]
        wrapper = wrapped_runc(self.host, self._tracer)
        if wrapper:
            words += ["--add-runtime", f"wrapped={wrapper}", "--default-runtime", "wrapped"]
        return words

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while self.docker(["version"]).status:
            if time.monotonic() > deadline:
                raise HostError(f"dockerd did not start: {self.host.run(['tail', '-n', '3', LOG]).stdout}")
            time.sleep(0.05)

    def add_images(self, names: tuple[str, ...]) -> None:
        """Import the busybox tree under these names."""
        tree = busybox_tree()
        first, *others = names
        self.docker_do(["import", "-", first], tree)
        for name in others:
            self.docker_do(["tag", first, name])

    def docker(self, argv: list[str], stdin: str | bytes = b"", timeout: float = 60.0) -> Ran:
        """Run `docker ARGV` and return its status and words."""
        return self.host.run([_DOCKER, "-H", f"unix://{SOCKET}", *argv], stdin, timeout)

    command = docker

    def remove(self, *names: str) -> None:
        """Kill and remove containers; harmless where they are not."""
        self.docker(["rm", "-f", *names])

    def docker_do(self, argv: list[str], stdin: str | bytes = b"") -> str:
        """Run `docker ARGV`, which must succeed."""
        return self.host.do([_DOCKER, "-H", f"unix://{SOCKET}", *argv], stdin)

    def pids(self, *names: str) -> list[int]:
        """The numbers of these containers' processes 1, in the host's PID namespace."""
        return [int(word) for word in self.docker_do(["inspect", "-f", "{{.State.Pid}}", *names]).split()]

    def pid(self, container: str) -> int:
        """The number of a container's process 1, in the host's PID namespace."""
        return self.pids(container)[0]

    def table(self, container: str) -> list[MountInfo]:
        """The mount table of a container's process 1."""
        return self.host.table(self.pid(container))

    def exec(self, container: str, argv: list[str]) -> Ran:
        """Run a program in a container, as `docker exec` does."""
        return self.docker(["exec", container, *argv])

    def inspect(self, container: str) -> dict[str, object]:
        """What `docker inspect` says of a container."""
        found: list[dict[str, object]] = json.loads(self.docker_do(["inspect", container]))
        return found[0]

    def spec(self, container: str) -> dict[str, object]:
        """The OCI config.json that dockerd had made for a running container."""
        full = self.docker_do(["inspect", "-f", "{{.Id}}", container]).strip()
        path = f"{EXEC_ROOT}/containerd/daemon/io.containerd.runtime.v2.task/moby/{full}/config.json"
        spec: dict[str, object] = json.loads(self.host.read(path))
        return spec

    def close(self) -> None:
        """End it; on a host of its own, with the host."""
        if self._own:
            self.host.close()
        else:
            self.host.run(["sh", "-c", f"kill $(cat {WORK}/docker.pid)"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
