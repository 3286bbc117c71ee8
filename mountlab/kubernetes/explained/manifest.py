"""A manifest, stage by stage: its pods are started on a simulated node, and each stage is written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mountlab.containers.explained.stages import steps_of
from mountlab.containers.ledger import Ledger, Made
from mountlab.containers.texts import strerror
from mountlab.errors import MountError
from mountlab.kubernetes.cluster.volumes import bind_sub_paths, make_volumes, persistent_volumes, share_root
from mountlab.kubernetes.cri import CriSandbox, container_of, sandbox_of
from mountlab.kubernetes.daemons import Daemons
from mountlab.kubernetes.errors import KubernetesError
from mountlab.kubernetes.explained.amiss import amiss, amiss_on_node
from mountlab.kubernetes.explained.chain import (
    Asked,
    ContainerChain,
    ManifestChain,
    PodChain,
    Refused,
    Warned,
)
from mountlab.kubernetes.explained.running import start
from mountlab.kubernetes.explained.words import say
from mountlab.kubernetes.kubelet import KubeletError, Setup, setups_of
from mountlab.kubernetes.manifests import Object, read
from mountlab.kubernetes.pods import Container, Pod, pod_of
from mountlab.kubernetes.podsecurity import Policy, admitted, policy_of
from mountlab.kubernetes.validation import invalid, undecodable

_DEFAULT = "default"
"""The namespace of what names none."""


def explain_manifest(daemons: Daemons, content: str | bytes, source: str) -> ManifestChain:
    """Start what a manifest describes, and say how that came about; the node is changed by it.

    Args:
        daemons: of a simulated machine, which is the node.
        content: of the file.
        source: what the file is called.
    """
    manifest = read(content, source)
    share_root(Ledger(daemons.world, daemons.node(), []))
    pods: list[PodChain] = []
    refused: list[Refused] = []
    warned: list[Warned] = []
    policies = {each.name: policy_of(each.labels) for each in manifest.objects if each.kind == "Namespace"}
    readable = [each for each in manifest.objects if not undecodable(each)]
    persistent = persistent_volumes(readable)
    for found in manifest.objects:
        why = undecodable(found)
        pod = None if why else pod_of(found)
        why = why or invalid(found)
        if pod is None:
            refused += [_by_server(why)] if why else []
            continue
        chain = _pod(daemons, found, pod, _admitted(found, policies, why), persistent)
        pods.append(chain)
        warned += _warned(pod, chain)
    return ManifestChain(source, tuple(pods), tuple(refused), tuple(warned), manifest.errors)


def _by_server(error: KubernetesError) -> Refused:
    return Refused("server", error.text, error.places, error.hint)


def _admitted(
    found: Object, policies: Mapping[str, Policy], why: KubernetesError | None
) -> tuple[Refused | None, tuple[str, ...]]:
    """The API server's refusal, or that of the namespace's labels, and its warnings."""
    if why is not None:
        return _by_server(why), ()
    verdict = admitted(found, policies.get(found.namespace or _DEFAULT, Policy()))
    return _by_server(verdict.refused) if verdict.refused else None, verdict.warnings


def _pod(
    daemons: Daemons,
    found: Object,
    pod: Pod,
    verdict: tuple[Refused | None, tuple[str, ...]],
    persistent: Mapping[str, Object],
) -> PodChain:
    refused, admission = verdict
    namespace = found.namespace or _DEFAULT
    plain = tuple(_plain(found, pod, container, {}) for container in pod.all_containers)
    place = found.place("")
    chain = PodChain(found.kind, found.name, namespace, place, admission, (), plain, refused)
    if refused is not None:
        return chain
    sandbox = sandbox_of(pod, found.name, namespace)
    made: list[Made] = []
    try:
        setups = setups_of(pod, sandbox.uid, persistent)
        make_volumes(Ledger(daemons.world, daemons.node(), made), setups)
    except KubeletError as error:
        is_waiting = error.reason == "FailedScheduling"
        is_missing = "hostPath" in error.text
        hint = say("claim.hint") if is_waiting else say("host-path.hint") if is_missing else ""
        refused = Refused("scheduler" if is_waiting else "kubelet", error.text, (place,), hint)
        return chain._replace(steps=steps_of(made), refused=refused)
    containers = tuple(_containers(daemons, found, pod, sandbox, setups))
    return chain._replace(steps=steps_of(made), containers=containers)


def _containers(
    daemons: Daemons, found: Object, pod: Pod, sandbox: CriSandbox, setups: Mapping[str, Setup]
) -> Iterator[ContainerChain]:
    """Each container in the order in which they start; after an init container that fails none does."""
    has_failed = False
    for container in pod.all_containers:
        chain = _plain(found, pod, container, setups)
        if has_failed:
            yield chain
            continue
        made: list[Made] = []
        refused: Refused | None = None
        try:
            wanted = container_of(container, sandbox, setups)
            bind_sub_paths(Ledger(daemons.world, daemons.node(), made), wanted.sub_paths)
        except KubeletError as error:
            refused = Refused("kubelet", error.text, (chain.place,))
        except MountError as error:
            refused = Refused("kubelet", f"failed to prepare subPath: {strerror(error)}", (chain.place,))
        else:
            started = start(daemons, wanted, sandbox, chain)
            if container.list_name == "initContainers" and not container.is_sidecar and started.process:
                daemons.world.end(started.process)
                daemons.world.umount(daemons.node(), started.root)
            chain = started.chain._replace(steps=(*steps_of(made), *started.chain.steps))
        if refused is not None:
            chain = chain._replace(steps=steps_of(made), refused=refused)
        has_failed = chain.refused is not None and container.list_name == "initContainers"
        yield chain


def _plain(found: Object, pod: Pod, container: Container, setups: Mapping[str, Setup]) -> ContainerChain:
    """A container before anybody has done anything for it."""
    path = f"{pod.path}.{container.path}"
    asked = tuple(_asked(found, pod, container, path, setups))
    return ContainerChain(container.name, found.place(path), asked)


def _asked(
    found: Object, pod: Pod, container: Container, path: str, setups: Mapping[str, Setup]
) -> Iterator[Asked]:
    for index, mount in enumerate(container.mounts):
        field = f"{path}.volumeMounts[{index}]"
        spot = f"{field}.mountPropagation" if mount.propagation is not None else field
        volume = pod.volume(mount.name)
        volume_path = f"{pod.path}.volumes" + (f"[{volume.position}].{volume.kind}" if volume else "")
        yield Asked(
            found.place(spot),
            mount.mount_path,
            mount.propagation,
            container.is_privileged,
            found.place(volume_path),
            setups.get(mount.name),
        )


def _warned(pod: Pod, chain: PodChain) -> Iterator[Warned]:
    """What is amiss, in the order of the file's containers."""
    for container, told in zip(pod.all_containers, chain.containers, strict=True):
        for mount, asked in zip(container.mounts, told.asked, strict=True):
            yield from amiss(asked, pod.volume(mount.name))
            yield from amiss_on_node(asked)
