"""What is known of pods that are, or should be, on the node: their containers, their events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mountlab.kubernetes.kubelet import Setup
from mountlab.kubernetes.manifests import Object
from mountlab.kubernetes.pods import Container, Pod

NODE = "node"
"""The name of the only node."""


@dataclass
class Event:
    """Something that happened to an object; what happens again is counted."""

    is_warning: bool
    reason: str
    source: str
    """Who says it: ``kubelet``, ``default-scheduler`` …"""
    namespace: str
    object: str
    """``pod/web``."""
    message: str
    count: int = 1


@dataclass
class ContainerState:
    """A container of a pod."""

    container: Container
    state: Literal["waiting", "running", "terminated"] = "waiting"
    reason: str = ""
    message: str = ""
    exit_code: int = 0
    restarts: int = 0
    last_exit: int | None = None
    """How it ended the last time, when it was started again or waits for that."""
    output: str = ""
    """What it printed: ``kubectl logs``."""
    process: str = ""
    """Its first process, while it runs."""
    shells: list[str] = field(default_factory=list)
    """Terminals inside."""
    servers: list[str] = field(default_factory=list)
    """Processes inside that serve filesystems of FUSE."""
    is_opaque: bool = False
    """It does something that is not in the transcript language."""

    @property
    def name(self) -> str:
        """Of the container."""
        return self.container.name

    @property
    def is_init(self) -> bool:
        """Whether the others wait for its end."""
        return self.container.list_name == "initContainers" and not self.container.is_sidecar

    @property
    def has_ended(self) -> bool:
        """Whether it ended well, and is not to be started again."""
        return self.state == "terminated" and not self.exit_code


@dataclass
class PodState:
    """A pod."""

    name: str
    namespace: str
    uid: str
    found: Object
    """What it is described by: itself, or what makes pods like it."""
    pod: Pod
    owner: str = ""
    """``DaemonSet/agent``; "" for a pod that nobody made but the user."""
    is_scheduled: bool = False
    is_deleting: bool = False
    setups: dict[str, Setup] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    """Names of the volumes that are made."""
    sub_paths: list[str] = field(default_factory=list)
    """Where subPaths are bound."""
    containers: list[ContainerState] = field(default_factory=list)
    """Init containers first."""

    @property
    def key(self) -> tuple[str, str]:
        """Namespace and name."""
        return self.namespace, self.name

    @property
    def restart_policy(self) -> str:
        """``Always`` when the manifest says nothing."""
        return self.pod.spec.text("restartPolicy") or "Always"

    @property
    def init(self) -> list[ContainerState]:
        """Init containers and sidecars."""
        return [each for each in self.containers if each.container.list_name == "initContainers"]

    @property
    def regular(self) -> list[ContainerState]:
        """The containers that the pod is for."""
        return [each for each in self.containers if each.container.list_name == "containers"]

    @property
    def phase(self) -> str:
        """Pending, Running, Succeeded or Failed."""
        if not all(each.has_ended for each in self.init if each.is_init):
            failed = self.restart_policy == "Never" and any(each.exit_code for each in self.init)
            return "Failed" if failed else "Pending"
        states = self.regular
        if any(each.state == "running" or each.restarts or each.last_exit is not None for each in states):
            return "Running"
        if any(each.state == "waiting" for each in states):
            return "Pending"
        return "Failed" if any(each.exit_code for each in states) else "Succeeded"

    def find(self, name: str) -> ContainerState | None:
        """The container of that name."""
        return next((each for each in self.containers if each.name == name), None)
