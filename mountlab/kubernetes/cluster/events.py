"""Events: what happened, oldest first; what happens again is counted and not told twice."""

from __future__ import annotations

from dataclasses import replace

from mountlab.kubernetes.cluster.state import Event, PodState


class Events:
    """The events of a cluster."""

    def __init__(self) -> None:
        self.all: list[Event] = []

    def tell(
        self, pod: PodState, reason: str, message: str, *, source: str = "kubelet", is_warning: bool = False
    ) -> None:
        """Something happened to a pod."""
        self.add(Event(is_warning, reason, source, pod.namespace, f"pod/{pod.name}", message))

    def warn(self, pod: PodState, reason: str, message: str, source: str = "kubelet") -> None:
        """Something failed."""
        self.tell(pod, reason, message, source=source, is_warning=True)

    def add(self, event: Event) -> None:
        """One more, or one of them again."""
        for known in self.all:
            if replace(known, count=event.count) == event:
                known.count += 1
                return
        self.all.append(event)

    def of(self, namespace: str, name: str) -> list[Event]:
        """Those of one object."""
        return [each for each in self.all if (each.namespace, each.object) == (namespace, name)]

    def forget(self, namespace: str, name: str) -> None:
        """An object is gone; a new one of its name begins anew."""
        self.all = [each for each in self.all if (each.namespace, each.object) != (namespace, name)]
