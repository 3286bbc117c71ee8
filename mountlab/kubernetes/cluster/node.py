"""The kubelet of the node: what it does for each pod until nothing more is to be done now.

Source: kubernetes v1.33, pkg/kubelet/kuberuntime/kuberuntime_manager.go (SyncPod, computePodActions) and
kuberuntime_container.go (startContainer, killContainer), pkg/kubelet/events/event.go for the reasons.

Two decisions, since nobody waits here: a container that ended is started once more at once, and then its
back-off lasts as long as the transcript; what could not be made, or taken away, is tried again whenever
somebody asks kubectl.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mountlab.containers.docker.state import BASES
from mountlab.containers.errors import ContainerError
from mountlab.containers.ledger import Ledger, Made
from mountlab.containers.texts import strerror
from mountlab.containers.world import Lived, Ran, World
from mountlab.errors import MountError
from mountlab.kubernetes.cluster.containerd import Containerd, Runtime
from mountlab.kubernetes.cluster.events import Events
from mountlab.kubernetes.cluster.files import Find
from mountlab.kubernetes.cluster.state import NODE, ContainerState, PodState
from mountlab.kubernetes.cluster.volumemanager import VolumeManager
from mountlab.kubernetes.cluster.volumes import bind_sub_paths
from mountlab.kubernetes.cri import CriContainer, CriSandbox, container_of, sandbox_of
from mountlab.kubernetes.kubelet import KubeletError, setups_of
from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.pods import Container

SHELLS = ("sh", "bash", "ash", "/bin/sh", "/bin/bash", "/bin/ash")
"""Programs that move a terminal inside, or end at once without one."""
_KILLED = 137
_CLAIM = "PersistentVolumeClaim"


class Kubelet:
    """The kubelet and the containerd of a node.

    Args:
        world: the machine.
        process: the node's own, in whose namespace it works.
        pods: those that the API server knows, by namespace and name.
        made: where system calls are written down.
        events: where it tells what happened.
        runtime: what runs its containers; the modelled containerd otherwise.
    """

    def __init__(
        self,
        world: World,
        process: str,
        pods: Mapping[tuple[str, str], PodState],
        made: list[Made],
        events: Events,
        runtime: Runtime | None = None,
    ) -> None:
        self.world, self.events = world, events
        self.ledger = Ledger(world, process, made)
        self.runtime: Runtime = runtime or Containerd(self.ledger)
        self._execs = 0
        self.volumes = VolumeManager(self.ledger, pods, events, self._fork)

    # -- a pod's beginning ---------------------------------------------------------------------------------

    def sync(self, pod: PodState, persistent: Mapping[str, Object], find: Find) -> None:
        """Do what can be done for a pod.

        Args:
            pod: not one that is being deleted.
            persistent: the PersistentVolume of each claim of its namespace.
            find: finds other objects of its namespace.
        """
        if pod.phase in {"Succeeded", "Failed"} or not self._is_scheduled(pod, persistent, find):
            return
        if not self.volumes.has_all(pod, find):
            return
        for state in pod.init:
            if state.state == "waiting" and not self._start(pod, state):
                return
            if state.is_init and not state.has_ended:
                return
        for state in pod.regular:
            if state.state == "waiting":
                self._start(pod, state)

    def _is_scheduled(self, pod: PodState, persistent: Mapping[str, Object], find: Find) -> bool:
        """Whether its claims are bound, and so it is known where its volumes are."""
        claims = [each.claim for each in pod.pod.volumes if each.claim]
        try:
            pod.setups = pod.setups or setups_of(pod.pod, pod.uid, persistent)
        except KubeletError as error:
            is_waiting = error.reason == "FailedScheduling"
            is_there = any(each not in persistent and find(_CLAIM, each) for each in claims)
            why = "pod has unbound immediate PersistentVolumeClaims" if is_there else error.text
            head = f"0/1 nodes are available: {why}. preemption: 0/1 nodes are available: 1 Preemption"
            text = f"{head} is not helpful for scheduling." if is_waiting else error.text
            self.events.warn(pod, error.reason, text, "default-scheduler" if is_waiting else "kubelet")
            return False
        if not pod.is_scheduled:
            pod.is_scheduled = True
            said = f"Successfully assigned {pod.namespace}/{pod.name} to {NODE}"
            self.events.tell(pod, "Scheduled", said, source="default-scheduler")
        return True

    def _start(self, pod: PodState, state: ContainerState) -> bool:
        """Start a container that waits; whether it was started."""
        if state.reason == "CrashLoopBackOff":
            return False
        self.events.tell(
            pod, "Pulled", f'Container image "{state.container.image}" already present on machine'
        )
        sandbox = sandbox_of(pod.pod, pod.name, pod.namespace)
        try:
            wanted = self._wanted(pod, state, sandbox)
            process = self._created(pod, state, wanted, sandbox)
        except KubeletError as error:
            state.reason, state.message = error.reason, error.text
            self.events.warn(pod, "Failed", f"Error: {error.text}")
            return False
        state.state, state.reason, state.message, state.process = "running", "", "", process
        self.events.tell(pod, "Started", f"Started container {state.name}")
        self._live(pod, state)
        return True

    def _wanted(self, pod: PodState, state: ContainerState, sandbox: CriSandbox) -> CriContainer:
        """What is asked of containerd; subPaths are bound."""
        try:
            wanted = container_of(state.container, sandbox, pod.setups)
        except KubeletError as error:
            raise KubeletError("CreateContainerConfigError", error.text) from None
        new = [each for each in wanted.sub_paths if each.place not in pod.sub_paths]
        try:
            bind_sub_paths(self.ledger, new)
        except MountError as error:
            text = f'failed to prepare subPath for volumeMount of container "{state.name}": {strerror(error)}'
            raise KubeletError("CreateContainerConfigError", text) from None
        pod.sub_paths += [each.place for each in new]
        return wanted

    def _created(
        self, pod: PodState, state: ContainerState, wanted: CriContainer, sandbox: CriSandbox
    ) -> str:
        """Create the container and start its process; the process's name."""
        container_id, process = identity(pod, state), f":container {shown(pod)}/{state.name}"
        try:
            self.runtime.create(wanted, sandbox, container_id)
        except ContainerError as error:
            raise KubeletError("CreateContainerError", error.text) from None
        self.events.tell(pod, "Created", f"Created container: {state.name}")
        try:
            self.runtime.start(container_id, process)
        except ContainerError as error:
            raise KubeletError("RunContainerError", error.text) from None
        return process

    # -- its life ------------------------------------------------------------------------------------------

    def _live(self, pod: PodState, state: ContainerState) -> None:
        """Let the first process do its work, as far as it ends by itself."""
        command = command_of(state.container)
        if command[0] in SHELLS and len(command) == 1:
            has_terminal = state.container.node.flag("stdin") and state.container.node.flag("tty")
            if not has_terminal:  # a shell without a terminal reads the end of its input
                self._ended(pod, state, 0)
            return
        lived = self._inside(state, command)
        state.output = lived.output
        state.is_opaque = lived.is_opaque
        if lived.status is not None:
            self._ended(pod, state, lived.status)

    def _inside(self, state: ContainerState, argv: Sequence[str]) -> Lived:
        process = self._fork(state)
        try:
            return self.world.live(process, argv)
        finally:
            self.world.end(process)

    def _fork(self, state: ContainerState) -> str:
        self._execs += 1
        process = f":exec {state.name} {self._execs}"
        self.world.fork(state.process, process)
        return process

    def execute(self, state: ContainerState, argv: Sequence[str]) -> Ran | None:
        """Run a command in a process of its own inside; None when the program is not of the language."""
        process = self._fork(state)
        try:
            return self.world.execute(process, argv)
        finally:
            self.world.end(process)

    def enter(self, state: ContainerState, shell: str) -> None:
        """The terminal is inside from now on."""
        self.world.enter(shell, state.process)
        state.shells.append(shell)

    def _ended(self, pod: PodState, state: ContainerState, code: int) -> None:
        """A container has ended by itself: it stays so, or is started again."""
        self._stop(pod, state)
        state.exit_code, state.last_exit = code, code
        always = pod.restart_policy == "Always" or state.container.is_sidecar
        if state.is_init:
            goes_on = bool(code) and pod.restart_policy != "Never"
        else:
            goes_on = always or (bool(code) and pod.restart_policy == "OnFailure")
        if not goes_on:
            state.state, state.reason = "terminated", "Error" if code else "Completed"
            state.last_exit = None
            return
        state.state, state.reason = "waiting", ""
        if not state.restarts:
            state.restarts = 1
            self._start(pod, state)
        else:
            state.reason = "CrashLoopBackOff"
            place = f"{pod.name}_{pod.namespace}({pod.uid})"
            state.message = f"back-off 10s restarting failed container={state.name} pod={place}"
            self.events.warn(
                pod, "BackOff", f"Back-off restarting failed container {state.name} in pod {place}"
            )

    # -- its end -------------------------------------------------------------------------------------------

    def _stop(self, pod: PodState, state: ContainerState) -> None:
        """End all of a container's processes and let go of its root; mounts it made elsewhere stay."""
        for shell in reversed(state.shells):
            self.world.leave(shell)
        state.shells.clear()
        for server in state.servers:
            self.world.end(server)
        state.servers.clear()
        self.runtime.stop(identity(pod, state), state.process)
        state.process = ""

    def kill(self, pod: PodState) -> None:
        """End the containers of a pod, sidecars last."""
        for state in [*pod.regular, *reversed(pod.init)]:
            if state.state == "running":
                self.events.tell(pod, "Killing", f"Stopping container {state.name}")
                hook = state.container.node.at("lifecycle", "preStop", "exec")
                words = [str(each.value) for each in hook.items("command")] if hook else []
                if words:
                    self._inside(state, words)
                self._stop(pod, state)
                state.state, state.reason, state.exit_code = "terminated", "Error", _KILLED
        self.runtime.remove_sandbox(pod.uid)

    def lost(self, pods: Iterable[PodState]) -> None:
        """The node has ended, and with it all processes and mounts: what is left lies on its disk."""
        for pod in pods:
            pod.made.clear()
            pod.sub_paths.clear()
            for state in pod.containers:
                for shell in reversed(state.shells):
                    self.world.leave(shell)
                state.shells.clear()
                for server in (*state.servers, state.process):
                    self.world.end(server)
                state.servers.clear()
                if state.state == "running":
                    state.state, state.reason, state.process = "waiting", "", ""
                    state.restarts += 1


def identity(pod: PodState, state: ContainerState) -> str:
    """What containerd calls a container here."""
    return f"{pod.namespace}-{pod.name}-{state.name}"


def shown(pod: PodState) -> str:
    """A pod's name, with its namespace where that is not the default one."""
    return pod.name if pod.namespace == "default" else f"{pod.namespace}/{pod.name}"


def command_of(container: Container) -> tuple[str, ...]:
    """The program it starts and its words; without one, what the image is for."""
    name = container.image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    is_base = name in BASES
    own = container.command or (() if is_base else (name,))
    return (*own, *container.args) or ("sh",)
