"""A private containerd with its CRI plugin, and what a kubelet asks of it: pods and containers.

It speaks gRPC over a socket of its private host.  `grpcio` is needed for that, here and nowhere else in
mountlab: it is among the packages of the tests.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from mountlab.mountinfo import MountInfo
from mountlab.runtimes.cri_image import oci_layout
from mountlab.runtimes.dockerd import busybox_tree, wrapped_runc
from mountlab.runtimes.host import WORK, Host, HostError, Ran, why_not
from mountlab.runtimes.wire import Message, Reply, encode

if TYPE_CHECKING:
    import grpc

SOCKET = f"{WORK}/containerd.sock"
FOLDER = f"{WORK}/containerd"
LOG = f"{WORK}/containerd.log"
BUSYBOX, PAUSE = "docker.io/library/busybox:local", "docker.io/library/pause:local"
"""A pod's first container only waits to be killed: `sleep` does that as well as `pause`."""
PROGRAMS = ("containerd", "ctr", "runc", "busybox")

PRIVATE, HOST_TO_CONTAINER, BIDIRECTIONAL = range(3)
"""CRI's MountPropagation; a pod's None, HostToContainer and Bidirectional."""
MODES = {PRIVATE: "PRIVATE", HOST_TO_CONTAINER: "HOST_TO_CONTAINER", BIDIRECTIONAL: "BIDIRECTIONAL"}

_CONFIG = f"""version = 2
root = "{FOLDER}/root"
state = "{FOLDER}/state"
[grpc]
  address = "{SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "%s"
      SystemdCgroup = false
"""
_SLEEP = ("sleep", "600")
_NODE, _CONTAINER = 2, 1
"""NamespaceMode: the node's network, so that no CNI is needed; processes of a container's own."""
NAMESPACES: Message = {1: _NODE, 2: _CONTAINER}
_STATES = ("created", "running", "exited", "unknown")
_START_SECONDS = 20.0
_ENDING_TRIES = 20


class CriError(HostError):
    """The CRI refused; its words."""

    def __init__(self, call: str, code: str, number: int, details: str) -> None:
        super().__init__(f"{call}: {code}: {details}")
        self.call, self.code, self.number, self.details = call, code, number, details


class Mount(NamedTuple):
    """A mount that is asked of a container."""

    host_path: str
    container_path: str
    propagation: int = PRIVATE
    readonly: bool = False

    def message(self) -> Message:
        return {1: self.container_path, 2: self.host_path, 3: self.readonly, 5: self.propagation}


class Pod(NamedTuple):
    """A pod's sandbox that runs."""

    id: str
    config: bytes


class Status(NamedTuple):
    """What is known of a container."""

    state: str
    """``created``, ``running`` or ``exited``."""
    exit_code: int
    pid: int
    """Of its process 1, in the host's PID namespace."""
    spec: dict[str, Any]
    """The OCI config.json that was made for it."""


def config(runc: str) -> str:
    """Its config.toml, with this runc."""
    return _CONFIG % runc


def cri_missing() -> str | None:
    """Why there can be no private containerd here; None: there can."""
    if importlib.util.find_spec("grpc") is None:
        return "not installed: grpcio (pip install grpcio)"
    return why_not(*PROGRAMS)


class Containerd:
    """A running containerd of Debian, asked as a kubelet asks it."""

    def __init__(self, host: Host | None = None, tracer: str = "") -> None:
        """Start it, on this host or on one of its own.

        Args:
            host: where; its own otherwise, which then ends with it.
            tracer: words put before `runc` where a container is created, such as ``strace -f``.

        Raises:
            HostError: when programs or grpcio are missing, or it does not start.
        """
        reason = cri_missing()
        if reason:
            raise HostError(reason)
        self._own, self._names = host is None, itertools.count(1)
        self._channel: grpc.Channel | None = None
        self.host = host or Host()
        self._pods: list[Pod] = []
        try:
            self._launch(tracer)
            self._connect()
            self.add_images((BUSYBOX, PAUSE))
        except BaseException:
            self.close()
            raise

    def _launch(self, tracer: str) -> None:
        runc = wrapped_runc(self.host, tracer) or "/usr/sbin/runc"
        # It wants to listen on the host's own loopback for streams, which nobody asks for here.
        self.host.script(f"mkdir -p {FOLDER}; busybox ip link set lo up")
        self.host.write(f"{FOLDER}/config.toml", config(runc))
        words = ["containerd", "-c", f"{FOLDER}/config.toml"]
        self.host.start(["sh", "-c", 'echo $$ >"$0"; exec "$@"', f"{FOLDER}/pid", *words], LOG)

    def _connect(self) -> None:
        import grpc  # noqa: PLC0415 - mountlab does not need it, only who comes here

        self._channel = grpc.insecure_channel(f"unix:/proc/{self.host.pid}/root{SOCKET}")
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.call("Version", {})
                return
            except CriError as error:
                if time.monotonic() > deadline:
                    said = self.host.run(["tail", "-n", "3", LOG]).stdout
                    raise HostError(f"containerd did not start: {said or error}") from error
            time.sleep(0.05)

    def add_images(self, names: tuple[str, ...], tree: bytes | None = None) -> None:
        """Import a root file system (a tar file; busybox otherwise) under full names."""
        layout = oci_layout(tree or busybox_tree(), names)
        self.host.do(["ctr", "-a", SOCKET, "-n", "k8s.io", "images", "import", "-"], layout)
        deadline = time.monotonic() + _START_SECONDS
        for name in names:  # the CRI plugin hears of them a moment later
            while not self.call("ImageStatus", {1: {1: name}}, "ImageService").messages(1):
                if time.monotonic() > deadline:
                    raise HostError(f"containerd's CRI does not see the image {name}")
                time.sleep(0.02)

    def call(self, method: str, request: Message, service: str = "RuntimeService") -> Reply:
        """One call of the CRI.

        Raises:
            CriError: when it is refused.
        """
        import grpc  # noqa: PLC0415 - as above

        if self._channel is None:
            raise HostError("this containerd has ended")
        call = self._channel.unary_unary(f"/runtime.v1.{service}/{method}")
        try:
            return Reply(call(encode(request), timeout=60))
        except grpc.RpcError as error:
            code = error.code()
            raise CriError(method, code.name, code.value[0], error.details() or "") from error

    def _end(self, method: str, request: Message) -> None:
        """A call that ends something, made again where that is just ending by itself, as a kubelet does."""
        for _ in range(_ENDING_TRIES):
            try:
                self.call(method, request)
                return
            except CriError as error:
                if "ttrpc: closed" not in error.details:
                    raise
            time.sleep(0.05)
        self.call(method, request)

    def run_pod(self, name: str = "pod", *, privileged: bool = False) -> Pod:
        """Start a pod's sandbox; a name may be used again."""
        metadata: Message = {1: name, 2: f"uid-{next(self._names)}", 3: "default"}
        config = encode({1: metadata, 8: {2: {1: NAMESPACES, 6: privileged}}})
        pod = Pod(self.call("RunPodSandbox", {1: config}).text(1), config)
        self._pods.append(pod)
        return pod

    def create(
        self,
        pod: Pod,
        mounts: tuple[Mount, ...] = (),
        *,
        privileged: bool = False,
        command: tuple[str, ...] = _SLEEP,
        image: str = BUSYBOX,
    ) -> str:
        """Make a container of a pod, which is not started yet; its id."""
        config: Message = {
            1: {1: f"container-{next(self._names)}"},
            2: {1: image},
            3: command,
            7: [mount.message() for mount in mounts],
            15: {2: {2: privileged, 3: NAMESPACES}},
        }
        return self.call("CreateContainer", {1: pod.id, 2: config, 3: pod.config}).text(1)

    def start(self, container: str) -> None:
        """Start a container that was made."""
        self.call("StartContainer", {1: container})

    def run(self, pod: Pod, mounts: tuple[Mount, ...] = (), *, privileged: bool = False) -> str:
        """Make a container that sleeps and start it; its id.  One that cannot be started is removed."""
        container = self.create(pod, mounts, privileged=privileged)
        try:
            self.start(container)
        except CriError:
            self.remove(container)
            raise
        return container

    def exec(self, container: str, argv: list[str]) -> Ran:
        """Run a program in a container, as a probe does: ExecSync."""
        reply = self.call("ExecSync", {1: container, 2: argv, 3: 30})
        return Ran(reply.number(3), reply.text(1), reply.text(2))

    def status(self, container: str) -> Status:
        """What the CRI knows of a container."""
        reply = self.call("ContainerStatus", {1: container, 2: True})
        known = reply.messages(1)[0]
        info = json.loads(reply.table(2)["info"])
        return Status(_STATES[known.number(3)], known.number(7), info["pid"], info["runtimeSpec"])

    def table(self, container: str) -> list[MountInfo]:
        """The mount table of a container's process 1."""
        return self.host.table(self.status(container).pid)

    def stop(self, container: str, seconds: int = 0) -> None:
        """Stop a container: SIGTERM, and after so many seconds SIGKILL."""
        self._end("StopContainer", {1: container, 2: seconds})

    def remove(self, *containers: str) -> None:
        """Kill and remove containers; harmless where they are not."""
        for container in containers:
            self._end("RemoveContainer", {1: container})

    def remove_pod(self, pod: Pod) -> None:
        """Stop a pod's containers and remove it."""
        self._end("StopPodSandbox", {1: pod.id})
        self._end("RemovePodSandbox", {1: pod.id})
        self._pods.remove(pod)

    def close(self) -> None:
        """End it with its pods; on a host of its own, with the host."""
        if self._channel is not None and not self._own:
            for pod in list(self._pods):
                self.remove_pod(pod)
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._own:
            self.host.close()
        else:
            self.host.run(["sh", "-c", f"kill $(cat {FOLDER}/pid)"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
