"""The kubelet's requests to a real containerd that runs on the machine of a transcript."""

from __future__ import annotations

import itertools
import re

from mountlab.containers.errors import ContainerError
from mountlab.containers.world import Ran
from mountlab.kubernetes.containerd import UNKNOWN
from mountlab.kubernetes.cri import CriContainer, CriSandbox
from mountlab.runtimes import cri
from mountlab.runtimes.cri_world import NodeWorld
from mountlab.runtimes.dockerd import wrapped_runc
from mountlab.runtimes.image import tree
from mountlab.runtimes.machine import HIDDEN, Machine, Running
from mountlab.runtimes.wire import Message

SOCKET = f"{HIDDEN}/containerd.sock"
_HEX = re.compile(r"\b[0-9a-f]{64}\b")
_WAITS = ("sleep", "infinity")
"""What a container's first process is: its command is run beside it, as far as it is in the language."""
_ENV: list[Message] = [{1: name, 2: value} for name, value in (("LC_ALL", "C.UTF-8"), ("TZ", "UTC"))]


class Containerd(cri.Containerd):
    """A containerd in the machine's namespace, with its folders at their own places."""

    def __init__(self, machine: Machine) -> None:
        self._holder = machine.holder
        super().__init__(machine.host)

    def _launch(self, tracer: str) -> None:
        runc = wrapped_runc(self.host, tracer)
        if runc:
            self.host.script(f"cp -p {runc} {HIDDEN}/runc")
        text = cri.config(f"{HIDDEN}/runc" if runc else "/usr/sbin/runc")
        for ours, theirs in (
            (f"{cri.FOLDER}/root", "/var/lib/containerd"),
            (f"{cri.FOLDER}/state", "/run/containerd"),
            (cri.SOCKET, SOCKET),
        ):
            text = text.replace(f'"{ours}"', f'"{theirs}"')
        # A path from the root would be looked up in the root of who connects.
        self.host.script(f"ln -s ..{SOCKET} {cri.SOCKET}; busybox ip link set lo up")
        self.host.write(f"{HIDDEN}/containerd.toml", text)
        # It copies these for its pods.
        self.host.script(f"nsenter -t {self._holder} -m touch /etc/hosts /etc/hostname /etc/resolv.conf")
        words = ["containerd", "-c", f"{HIDDEN}/containerd.toml"]
        self.host.start(words, cri.LOG, wrapper=f"nsenter -t {self._holder} -m --")


class Runtime:
    """The kubelet's requests, made of the real containerd."""

    def __init__(self, daemon: Containerd, world: NodeWorld) -> None:
        self._cri, self._world = daemon, world
        self._pods: dict[str, cri.Pod] = {}
        self._ids: dict[str, str] = {}
        self._images: dict[str, str] = {}
        self._of: dict[str, str] = {}
        self.names: dict[str, str] = {}
        """The real id of a container -> what the model calls it; kept when it is gone."""
        self._numbers = itertools.count(1)

    def _image(self, image: str) -> str:
        """An image of that name is made when it is first asked for."""
        if image not in self._images:
            self._images[image] = f"docker.io/library/lesson{len(self._images) + 1}:local"
            self._cri.add_images((self._images[image],), tree(image, ""))
        return self._images[image]

    def create(self, wanted: CriContainer, sandbox: CriSandbox, container_id: str) -> None:
        """RunPodSandbox for the first of a pod, then CreateContainer."""
        pod = self._pods.get(sandbox.uid)
        if pod is None:
            name = f"{sandbox.namespace}-{sandbox.name}"
            pod = self._pods[sandbox.uid] = self._cri.run_pod(name, privileged=sandbox.is_privileged)
        image = self._image(wanted.image)
        may_mount = wanted.may_administer and not wanted.is_privileged
        capabilities: Message = {1: ["SYS_ADMIN"] if may_mount else []}
        security: Message = {
            1: capabilities,
            2: wanted.is_privileged,
            3: cri.NAMESPACES,
            7: wanted.is_root_read_only,
            13: list(wanted.masked_paths),
            14: list(wanted.read_only_paths),
        }
        mounts = [
            cri.Mount(each.host_path, each.container_path, int(each.propagation), each.readonly).message()
            for each in wanted.mounts
            if not each.is_fixture
        ]
        config: Message = {
            1: {1: f"{wanted.name}-{next(self._numbers)}"},
            2: {1: image},
            3: _WAITS,
            6: _ENV,
            7: mounts,
            15: {2: security},
        }
        try:
            made = self._cri.call("CreateContainer", {1: pod.id, 2: config, 3: pod.config}).text(1)
        except cri.CriError as error:
            raise ContainerError(_HEX.sub(container_id, error.details), UNKNOWN) from None
        self._ids[container_id], self.names[made] = made, container_id
        self._of[container_id] = wanted.image

    def start(self, container_id: str, process: str) -> None:
        """StartContainer."""
        made = self._ids[container_id]
        try:
            self._cri.start(made)
        except cri.CriError as error:
            self._cri.remove(self._ids.pop(container_id))
            raise ContainerError(_HEX.sub(container_id, error.details), UNKNOWN) from None
        pid = self._cri.status(made).pid
        name = process.removeprefix(":container ")
        started = f"{next(self._numbers):08}"
        self._world.containers[process] = Running(name, pid, started, made, self._of[container_id])

    def stop(self, container_id: str, process: str) -> None:
        """RemoveContainer, which kills."""
        self._world.containers.pop(process, None)
        made = self._ids.pop(container_id, None)
        if made:
            self._cri.remove(made)

    def remove_sandbox(self, uid: str) -> None:
        """StopPodSandbox, RemovePodSandbox."""
        pod = self._pods.pop(uid, None)
        if pod is not None:
            self._cri.remove_pod(pod)

    def execute(self, container: Running, line: str) -> Ran:
        """ExecSync."""
        return Ran(*self._cri.exec(container.layer, ["sh", "-c", line]))

    def words_to_enter(self, container: Running) -> list[str]:
        """What starts a shell in a container, and hands lines on to it: kubectl's part of ``exec -i``."""
        exec_id = f"terminal-{next(self._numbers)}"
        head = ["ctr", "-a", SOCKET, "-n", "k8s.io", "tasks", "exec", "--exec-id", exec_id]
        return [*head, container.layer, "sh"]
