"""The API server of a cluster of one node, and its controllers: objects, and the pods that they want.

Every request first finds the node settled, and leaves it so: nobody waits here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

from mountlab.containers.ledger import Made
from mountlab.containers.world import World
from mountlab.kubernetes.cluster import claims, controllers, csi
from mountlab.kubernetes.cluster.containerd import Runtime
from mountlab.kubernetes.cluster.events import Events
from mountlab.kubernetes.cluster.node import Kubelet
from mountlab.kubernetes.cluster.state import ContainerState, Event, PodState
from mountlab.kubernetes.errors import KubernetesError
from mountlab.kubernetes.kinds import plural
from mountlab.kubernetes.kubelet import uid_of
from mountlab.kubernetes.manifests import CLUSTER_WIDE, Object
from mountlab.kubernetes.pods import pod_of
from mountlab.kubernetes.podsecurity import Policy, admitted, policy_of
from mountlab.kubernetes.validation import invalid, undecodable

DEFAULT = "default"
NAMESPACES = (DEFAULT, "kube-node-lease", "kube-public", "kube-system")
"""What is there from the beginning."""
_UPDATABLE = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow "
    "it to be set to 1 if it was previously negative)"
)
_CLAIM = "PersistentVolumeClaim"
Key = tuple[str, str, str]
"""Kind, namespace, name."""


class Cluster:
    """A cluster.

    Args:
        world: the machine that is its node, or on which its node is a container.
        node: the node's process.
        made: where system calls are written down.
        runtime: what runs the node's containers; the modelled containerd otherwise.
    """

    def __init__(self, world: World, node: str, made: list[Made], runtime: Runtime | None = None) -> None:
        self.world, self.node, self.made = world, node, made
        self.events = Events()
        self.objects: dict[Key, Object] = {}
        """What was applied and is no pod, oldest first."""
        self.pods: dict[tuple[str, str], PodState] = {}
        """By namespace and name, oldest first."""
        self.kubelet = Kubelet(world, node, self.pods, made, self.events, runtime)
        self._numbers: dict[Key, int] = {}
        """How many pods each object has made."""

    def node_began(self) -> None:
        """The node was gone, and is there again: its kubelet begins anew."""
        self.kubelet = Kubelet(self.world, self.node, self.pods, self.made, self.events)

    def node_ended(self) -> None:
        """The node is gone; what the API server knows is kept."""
        self.kubelet.lost(self.pods.values())

    # -- objects -------------------------------------------------------------------------------------------

    def has_namespace(self, name: str) -> bool:
        """Whether there is such a namespace."""
        return name in NAMESPACES or ("Namespace", "", name) in self.objects

    def apply(self, found: Object, *, only_new: bool = False) -> tuple[str, tuple[str, ...]]:
        """Store an object: what kubectl says has been done, and the server's warnings.

        Args:
            found: with its namespace.
            only_new: refuse one that is there already, as ``kubectl create`` does.

        Raises:
            KubernetesError: in kubectl's words; nothing has changed.
        """
        why = undecodable(found)
        if why is None and found.namespace and not self.has_namespace(found.namespace):
            why = _server_error(found, "NotFound", f'namespaces "{found.namespace}" not found')
        if why := why or invalid(found):
            raise why
        known = self._known(found)
        if known is not None and only_new:
            raise _server_error(found, "AlreadyExists", f'{plural(found.kind)} "{found.name}" already exists')
        verdict = admitted(found, self.policy(found.namespace))
        if verdict.refused:
            raise verdict.refused
        if known is not None and known.node.plain() == found.node.plain():
            return "unchanged", ()
        self._store(found, known)
        return "configured" if known else "created", verdict.warnings

    def _known(self, found: Object) -> Object | None:
        if found.kind == "Pod":
            pod = self.pods.get((found.namespace, found.name))
            return pod.found if pod else None
        return self.objects.get(key_of(found))

    def policy(self, namespace: str) -> Policy:
        """What the labels of a namespace ask for."""
        found = self.objects.get(("Namespace", "", namespace))
        return policy_of(found.labels) if found else Policy()

    def _store(self, found: Object, known: Object | None) -> None:
        if found.kind != "Pod":
            self.objects[key_of(found)] = found
        elif known is None:
            self._add_pod(found, found.name)
        else:
            specs = [each.node.get("spec") for each in (known, found)]
            if specs[0] and specs[1] and specs[0].plain() != specs[1].plain():
                text = f"spec: Forbidden: pod updates may not change fields other than {_UPDATABLE}"
                raise KubernetesError(f'The Pod "{found.name}" is invalid: {text}')
            self.pods[found.namespace, found.name].found = found

    def _add_pod(self, found: Object, name: str, owner: str = "") -> None:
        pod = pod_of(found, name)
        assert pod is not None  # noqa: S101 - what makes pods has one
        for claim in controllers.claims_of(found, pod):
            self.objects.setdefault(key_of(claim), claim)
        containers = [ContainerState(each) for each in (*pod.init_containers, *pod.containers)]
        state = PodState(name, found.namespace, uid_of(found.namespace, name), found, pod, owner)
        state.containers = containers
        self.pods[state.key] = state

    # -- pods ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let controllers and the kubelet do what can be done now."""
        for pod in [each for each in self.pods.values() if each.is_deleting]:
            self._finish(pod)
        done = set[tuple[str, str]]()
        makers = [*self.objects.values()]
        while True:
            for found in makers:
                self._reconcile(found)
            for found in [*claims.provided(self.objects, self.pods, self.events)]:
                self.objects[key_of(found)] = found
            fresh = [each for each in self.pods.values() if not each.is_deleting and each.key not in done]
            if not fresh:
                return
            for pod in sorted(fresh, key=lambda each: not csi.is_plugin(each)):
                self._sync(pod)
            done |= {each.key for each in fresh}
            owners = {(each.namespace, each.owner) for each in fresh}
            makers = [each for each in makers if (each.namespace, owner_of(each)) in owners]

    def _sync(self, pod: PodState) -> None:
        drivers = {each.name for each in self.stored("CSIDriver") if _asks_again(each)}
        self.kubelet.volumes.publish_again(pod, drivers)
        find = partial(self._find, pod.namespace)
        self.kubelet.sync(pod, self.persistent(pod.namespace), find)

    def _find(self, namespace: str, kind: str, name: str) -> Object | None:
        return self.objects.get((kind, namespace, name))

    def persistent(self, namespace: str) -> dict[str, Object]:
        """The PersistentVolume of each claim of a namespace."""
        bound = claims.bindings(self.objects)
        return {name: volume for (within, name), volume in bound.items() if within == namespace}

    def _reconcile(self, found: Object) -> None:
        """Make the pods that an object wants and has not, and end those of an older template."""
        if found.kind not in controllers.MAKERS:
            return
        own = self.pods_of(found)
        for pod in own:
            if controllers.is_outdated(pod.found, found):
                self.delete_pod(pod)
        alive = [each for each in own if not each.is_deleting]
        taken = {name for namespace, name in self.pods if namespace == found.namespace}
        for number in range(len(alive), controllers.wanted(found)):
            name = self._new_name(found, number, taken)
            if name in taken or self._waits(found):
                return
            if failure := controllers.not_made(found, name, self.policy(found.namespace)):
                place = f"{found.kind.lower()}/{found.name}"
                source = controllers.SOURCES[found.kind]
                self.events.add(Event(True, "FailedCreate", source, found.namespace, place, failure.text))
                return
            self._numbers[key_of(found)] = self._numbers.get(key_of(found), 0) + 1
            self._add_pod(found, name, owner_of(found))
            taken.add(name)

    def _waits(self, found: Object) -> bool:
        """Whether a pod of it must run before the next one is made."""
        is_one_by_one = controllers.is_ordered(found)
        return is_one_by_one and any(each.phase != "Running" for each in self.pods_of(found))

    def _new_name(self, found: Object, number: int, taken: set[str]) -> str:
        """A StatefulSet's pods keep their names; others get the next number."""
        if found.kind == "StatefulSet":
            names = (f"{found.name}-{each}" for each in range(number + 1))
            return next((name for name in names if name not in taken), f"{found.name}-{number}")
        return f"{found.name}-{self._numbers.get(key_of(found), 0) + 1}"

    def delete_pod(self, pod: PodState) -> bool:
        """End a pod; whether nothing is left of it."""
        pod.is_deleting = True
        return self._finish(pod)

    def _finish(self, pod: PodState) -> bool:
        self.kubelet.kill(pod)
        if not self.kubelet.volumes.clean_up(pod):
            return False
        self.forget(pod)
        return True

    def forget(self, pod: PodState) -> None:
        """A pod's object is gone."""
        self.pods.pop(pod.key, None)
        for volume in pod.pod.volumes:
            if volume.kind == "ephemeral":
                self.objects.pop((_CLAIM, pod.namespace, volume.claim), None)
        self.events.forget(pod.namespace, f"pod/{pod.name}")

    def delete(self, kind: str, namespace: str, name: str) -> list[PodState] | Literal[False]:
        """Delete an object and the pods that it made: those that stay; False when there is no such object."""
        if kind == "Pod":
            pod = self.pods.get((namespace, name))
            return False if pod is None else [] if self.delete_pod(pod) else [pod]
        found = self.objects.pop((kind, namespace, name), None)
        if found is None:
            return False
        return [pod for pod in self.pods_of(found) if not self.delete_pod(pod)]

    def pods_of(self, found: Object) -> list[PodState]:
        """The pods that go with an object: its own, or all of a namespace."""
        if found.kind == "Namespace":
            for key in [key for key in self.objects if key[1] == found.name]:
                del self.objects[key]
            return [each for each in self.pods.values() if each.namespace == found.name]
        owner = (found.namespace, owner_of(found))
        return [each for each in self.pods.values() if (each.namespace, each.owner) == owner]

    def stored(self, kind: str) -> Iterator[Object]:
        """The objects of a kind, oldest first."""
        return (each for each in self.objects.values() if each.kind == kind)

    # -- going inside --------------------------------------------------------------------------------------

    def inside(self, shell: str) -> ContainerState | None:
        """The container in which the terminal is."""
        states = (state for pod in self.pods.values() for state in pod.containers)
        return next((each for each in states if shell in each.shells), None)

    def left(self, shell: str) -> bool:
        """The terminal's shell has ended; True when it was in a pod, and so is back outside."""
        state = self.inside(shell)
        if state is None:
            return False
        state.shells.remove(shell)
        self.world.leave(shell)
        return True


def key_of(found: Object) -> Key:
    """How an object is found again."""
    return found.kind, "" if found.kind in CLUSTER_WIDE else found.namespace, found.name


def owner_of(found: Object) -> str:
    """What the pods that an object makes say of it."""
    return f"{found.kind}/{found.name}"


def _asks_again(driver: Object) -> bool:
    """Whether the kubelet lets a driver publish its volumes again and again."""
    spec = driver.node.get("spec")
    return bool(spec and spec.flag("requiresRepublish"))


def _server_error(found: Object, reason: str, text: str) -> KubernetesError:
    head = f'Error from server ({reason}): error when creating "{found.source}":'
    return KubernetesError(f"{head} {text}")
