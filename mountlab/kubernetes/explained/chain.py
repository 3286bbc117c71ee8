"""The stages between a manifest and the system calls, as data that can be printed or turned into JSON."""

from __future__ import annotations

from typing import Literal, NamedTuple

from mountlab.containers.explained.stages import Inside, Sight, Step, Told
from mountlab.kubernetes.containerd import Check
from mountlab.kubernetes.cri import CriMount
from mountlab.kubernetes.errors import KubernetesError, Place
from mountlab.kubernetes.explained.rules import RULES, Level
from mountlab.kubernetes.explained.table import Table
from mountlab.kubernetes.kubelet import Setup

Json = dict[str, object]
By = Literal["server", "kubelet", "containerd", "runc", "mountlab"]


class Refused(NamedTuple):
    """Who refused, and in which words."""

    by: By
    text: str
    places: tuple[Place, ...] = ()
    hint: str = ""

    def as_json(self) -> Json:
        places = [place_as_json(place) for place in self.places]
        return {"by": self.by, "text": self.text, "places": places, "hint": self.hint or None}


class Asked(NamedTuple):
    """One entry of ``volumeMounts`` on its way to the runtime."""

    place: Place
    """Of the mode, or of the whole entry where the manifest says nothing of it."""
    mount_path: str
    propagation: str | None
    """As it is written."""
    is_privileged: bool
    volume_place: Place
    setup: Setup | None = None
    cri: CriMount | None = None
    check: Check | None = None
    recursive: str | None = None
    """``recursiveReadOnly`` as it is written: from the source, not run."""

    def as_json(self) -> Json:
        cri, check = self.cri, self.check
        return {
            "place": place_as_json(self.place),
            "mountPath": self.mount_path,
            "mountPropagation": self.propagation,
            "privileged": self.is_privileged,
            "recursiveReadOnly": self.recursive,
            "volume": {
                "place": place_as_json(self.volume_place),
                "kind": self.setup.kind if self.setup else None,
                "path": self.setup.path if self.setup else None,
            },
            "cri": {
                "container_path": cri.container_path,
                "host_path": cri.host_path,
                "readonly": cri.readonly,
                "propagation": int(cri.propagation),
            }
            if cri
            else None,
            "check": {**check._asdict(), "error": check.error or None} if check else None,
        }


class ContainerChain(NamedTuple):
    """A container; where something is refused, what comes after it is empty."""

    name: str
    place: Place
    asked: tuple[Asked, ...]
    told: Told | None = None
    steps: tuple[Step, ...] = ()
    mounts: tuple[Inside, ...] = ()
    sights: tuple[Sight, ...] = ()
    refused: Refused | None = None

    def as_json(self) -> Json:
        return {
            "name": self.name,
            "place": place_as_json(self.place),
            "mounts": [asked.as_json() for asked in self.asked],
            "oci": self.told.as_json() if self.told else None,
            "calls": [step.as_json() for step in self.steps],
            "inside": [mount.as_json() for mount in self.mounts],
            "sights": [sight.as_json() for sight in self.sights],
            "refused": self.refused.as_json() if self.refused else None,
        }


class PodChain(NamedTuple):
    """A pod, or one that is made of a template."""

    kind: str
    name: str
    namespace: str
    place: Place
    admission: tuple[str, ...] = ()
    """What Pod Security warns of."""
    steps: tuple[Step, ...] = ()
    """What the kubelet mounts on the node first."""
    containers: tuple[ContainerChain, ...] = ()
    refused: Refused | None = None
    own_users: Place | None = None
    """Where it says ``hostUsers: false``: from the source, not run."""

    @property
    def not_run(self) -> tuple[str, ...]:
        """Fields that no runtime here was run with."""
        asked = [each for container in self.containers for each in container.asked]
        found = ["hostUsers"] if self.own_users else []
        return (*found, *(["recursiveReadOnly"] if any(each.recursive for each in asked) else []))

    def as_json(self) -> Json:
        return {
            "kind": self.kind,
            "name": self.name,
            "namespace": self.namespace,
            "place": place_as_json(self.place),
            "admission": [*self.admission],
            "from_source_not_run": [*self.not_run],
            "kubelet": [step.as_json() for step in self.steps],
            "containers": [each.as_json() for each in self.containers],
            "refused": self.refused.as_json() if self.refused else None,
        }


class Warned(NamedTuple):
    """Something that will not do what its author hopes, and what would."""

    place: Place
    rule: str
    """One of `RULES`."""
    sentence: str
    cure: str

    @property
    def level(self) -> Level:
        """How much it matters."""
        return RULES[self.rule]

    def as_json(self) -> Json:
        return {**self._asdict(), "place": place_as_json(self.place), "level": self.level}


class ManifestChain(NamedTuple):
    """All files that were given."""

    sources: tuple[str, ...]
    pods: tuple[PodChain, ...]
    refused: tuple[Refused, ...]
    """Objects that are no pods, and that the API server does not take."""
    warned: tuple[Warned, ...]
    errors: tuple[KubernetesError, ...]
    """What kubectl could not read."""
    table: Table = Table()
    """Who sees whose mounts."""

    @property
    def is_refused(self) -> bool:
        """Whether somebody refused something."""
        return bool(self.refused) or any(
            pod.refused or any(each.refused for each in pod.containers) for pod in self.pods
        )

    def as_json(self) -> Json:
        return {
            "files": [*self.sources],
            "pods": [pod.as_json() for pod in self.pods],
            "refused": [each.as_json() for each in self.refused],
            "warnings": [each.as_json() for each in self.warned],
            "errors": [error.told for error in self.errors],
            "table": self.table.as_json(),
        }


def place_as_json(place: Place) -> Json:
    """A spot in the file."""
    return {"file": place.source, "line": place.line, "field": place.path}
