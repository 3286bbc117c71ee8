"""The model in the place of the real containerd: `runtimes/cri_*.py` ask it what they ask the real one.

So every row of the recording has its counterpart, made by the same questions in the same order.  The lines
that those modules run on the host are few, and read here.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from typing import Any, NamedTuple

from mountlab.containers.errors import ContainerError
from mountlab.containers.ledger import Ledger
from mountlab.containers.oci import Spec
from mountlab.containers.world import FIRST
from mountlab.kubernetes.cluster.containerd import Containerd
from mountlab.kubernetes.cri import CriContainer, CriMount, CriSandbox, Propagation
from mountlab.mountinfo import MountInfo, parse_table, render
from mountlab.runtimes.cri import CriError, Mount, Status
from mountlab.runtimes.host import Ran
from mountlab.runtimes.places import CLEAR
from mountlab.shell.complaints import TranscriptError
from tests.containers.modelled import ModelledHost

PLACES = {"/run/containerd/": "/lab/containerd/state/", "/var/lib/containerd/": "/lab/containerd/root/"}
"""The model's folders, and those of the recording."""
_SLEEP = ("sleep", "600")


class NotModelledError(CriError):
    """The model has no such thing; the reason why."""

    def __init__(self, reason: str) -> None:
        super().__init__("not modelled", reason, 0, reason)


def renamed(text: str) -> str:
    """With the recording's folders."""
    for ours, theirs in PLACES.items():
        text = text.replace(ours, theirs)
    return text


class Host:
    """The host of the recordings, simulated; made anew whenever its sources are."""

    def __init__(self) -> None:
        self._processes = {1: FIRST}
        self._numbers = itertools.count(2)
        self._asides = itertools.count(1)
        self.anew()

    def anew(self) -> None:
        """A fresh machine."""
        self.modelled = ModelledHost()
        self.modelled.type("umount /var/lib", *(f"mkdir -p {each}" for each in PLACES))
        self.modelled.type(*(f"mount -t tmpfs lab {each}" for each in PLACES))
        self.world = self.modelled.backend.daemons.world
        self.runtime = Containerd(Ledger(self.world, FIRST, []))

    def number(self, process: str) -> int:
        """A PID for it."""
        number = next(self._numbers)
        self._processes[number] = process
        return number

    def script(self, text: str) -> str:
        """Lines of shell."""
        if text.startswith(CLEAR):
            self.anew()
            text = text.removeprefix(CLEAR)
        commands = [each.strip() for each in re.split(r"[;\n]", text)]
        return "".join(self._command(each) for each in commands if each not in ("", ":"))

    def _command(self, line: str) -> str:
        if line == "echo ---":
            return "---\n"
        if found := re.fullmatch(r"cat /proc/(\d+)/mountinfo", line):
            rows = self.world.mountinfo(self._processes[int(found[1])])
            return "".join(renamed(render(row)) + "\n" for row in rows)
        if line.startswith("ln "):
            raise NotModelledError("the simulator has no symbolic links")
        process = FIRST
        if found := re.fullmatch(r"nsenter -t (\d+) -m (.*)", line):
            process, line = self._processes[int(found[1])], found[2]
        if found := re.fullmatch(r"echo (\w+) >(\S+)", line):
            self.world.write(process, found[2], found[1])
            return ""
        ran = self._beside(process, line.split())
        assert ran.status == 0, (line, ran.stderr)
        return ran.stdout

    def _beside(self, process: str, argv: list[str]) -> Ran:
        """A program that enters only the mount namespace, and may mount."""
        name = f":aside {next(self._asides)}"
        self.world.fork(FIRST, name)
        if process != FIRST:
            self.world.setns(name, process)
        ran = self.world.execute(name, argv)
        self.world.end(name)
        assert ran is not None, argv
        return Ran(*ran)

    def run(self, argv: list[str]) -> Ran:
        """A program; what a case undoes is gone with the machine."""
        return Ran(0, "", "") if argv[0] == "sh" else self._beside(FIRST, argv)

    def do(self, argv: list[str]) -> str:
        """`readlink -m`, where there are no links."""
        assert argv[:2] == ["readlink", "-m"]
        return argv[2] + "\n"

    def table(self, pid: int = 1) -> list[MountInfo]:
        """The mount table of a process."""
        return parse_table(self._command(f"cat /proc/{pid}/mountinfo"))


class Pod(NamedTuple):
    """A sandbox."""

    name: str
    is_privileged: bool


class ModelledCri:
    """Speaks as `runtimes.cri.Containerd` does, and does what the model does."""

    def __init__(self) -> None:
        self.host = Host()
        self._names = itertools.count(1)
        self._made: dict[str, Spec] = {}
        self._running: dict[str, int] = {}
        self._ended: set[str] = set()

    def run_pod(self, name: str = "pod", *, privileged: bool = False) -> Pod:
        """A sandbox."""
        return Pod(name, privileged)

    def create(
        self,
        pod: Pod,
        mounts: tuple[Mount, ...] = (),
        *,
        privileged: bool = False,
        command: tuple[str, ...] = _SLEEP,
        image: str = "",
    ) -> str:
        """A container of a pod; its id."""
        if image or command != _SLEEP:
            raise NotModelledError("every image is there, and every command")
        if any(each.propagation not in set(Propagation) for each in mounts):
            raise NotModelledError("a pod has three modes")
        if any(not each.host_path.startswith("/") for each in mounts):
            raise NotModelledError("the kubelet gives whole paths")
        if any(each.container_path in {"/", "/bin/busybox"} for each in mounts):
            raise NotModelledError("an image has folders, and no programs to mount on")
        number = hashlib.sha256(str(next(self._names)).encode()).hexdigest()
        asked = tuple(
            CriMount(each.container_path, each.host_path, each.readonly, Propagation(each.propagation))
            for each in mounts
        )
        wanted = CriContainer("c", "busybox", command, (), asked, (), privileged, False, (), (), privileged)
        sandbox = CriSandbox(pod.name, "default", number, pod.is_privileged, False, True, True)
        try:
            self.host.runtime.create(wanted, sandbox, number)
        except ContainerError as error:
            raise CriError("CreateContainer", "UNKNOWN", error.status, renamed(error.text)) from None
        self._made[number] = self.host.runtime.made[number][1]
        return number

    def start(self, container: str) -> None:
        """Start it."""
        if container in self._ended:
            raise NotModelledError("the kubelet makes a new container")
        try:
            self.host.runtime.start(container, f":container {container}")
        except ContainerError as error:
            raise CriError("StartContainer", "UNKNOWN", error.status, renamed(error.text)) from None
        self._running[container] = self.host.number(f":container {container}")

    def run(self, pod: Pod, mounts: tuple[Mount, ...] = (), *, privileged: bool = False) -> str:
        """Make a container and start it."""
        container = self.create(pod, mounts, privileged=privileged)
        self.start(container)
        return container

    def exec(self, container: str, argv: list[str]) -> Ran:
        """Run a program inside."""
        if container in self._ended:
            raise NotModelledError("kubectl refuses before it asks")
        process = f":exec {next(self._names)}"
        self.host.world.fork(f":container {container}", process)
        try:
            ran = self.host.world.execute(process, argv)
        except TranscriptError:
            raise NotModelledError("not in the transcript language") from None
        finally:
            self.host.world.end(process)
        if ran is None:
            raise NotModelledError("no such program here")
        return Ran(*ran)

    def status(self, container: str) -> Status:
        """What is known of a container, with the mounts of its config.json."""
        spec = self._made[container]
        mounts = [
            {"destination": each.destination, "type": each.type, "source": renamed(each.source)}
            | {"options": list(each.options)}
            for each in spec.mounts
        ]
        linux = {"rootfsPropagation": spec.rootfs_propagation} if spec.rootfs_propagation else {}
        config: dict[str, Any] = {"mounts": mounts, "linux": linux, "root": {}}
        state = "exited" if container in self._ended else "running"
        return Status(state, 0, self._running.get(container, 0), config)

    def table(self, container: str) -> list[MountInfo]:
        """The mount table of a container."""
        return self.host.table(self._running[container])

    def stop(self, container: str, seconds: int = 0) -> None:
        """End its processes."""
        del seconds
        self.host.runtime.stop(container, f":container {container}")
        self._ended.add(container)

    def remove(self, *containers: str) -> None:
        """End and forget."""
        for each in containers:
            self.stop(each)

    def remove_pod(self, pod: Pod) -> None:
        """End all: here all containers, as there is one pod at a time when it matters."""
        del pod
        self.remove(*(each for each in self._running if each not in self._ended))
