"""A manifest, stage by stage: its pods are started on a simulated node, and each stage is written down."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mountlab.containers.explained.stages import steps_of
from mountlab.containers.ledger import Ledger, Made
from mountlab.containers.texts import strerror
from mountlab.errors import MountError
from mountlab.kubernetes.cluster.controllers import claims_of, not_made
from mountlab.kubernetes.cluster.volumes import (
    bind_sub_paths,
    make_volumes,
    persistent_volumes,
    set_up_folders,
)
from mountlab.kubernetes.cri import CriSandbox, container_of, sandbox_of
from mountlab.kubernetes.daemons import Daemons
from mountlab.kubernetes.errors import CustomKindError, KubernetesError
from mountlab.kubernetes.explained.amiss import (
    Entry,
    amiss,
    amiss_between,
    amiss_on_node,
    custom_kind,
    given_twice,
    stands_in,
)
from mountlab.kubernetes.explained.chain import (
    Asked,
    ContainerChain,
    ManifestChain,
    PodChain,
    Refused,
    Warned,
)
from mountlab.kubernetes.explained.running import Started, start
from mountlab.kubernetes.explained.table import Folder, Party, tried
from mountlab.kubernetes.explained.words import say
from mountlab.kubernetes.kubelet import KubeletError, NotModelledError, Setup, setups_of
from mountlab.kubernetes.manifests import Object, read
from mountlab.kubernetes.pods import Container, Pod, Volume, first_name, pod_of
from mountlab.kubernetes.podsecurity import Policy, admitted, policy_of
from mountlab.kubernetes.validation import invalid, undecodable

_ANY_DRIVER = "a-csi-driver"
_DEFAULT = "default"
"""The namespace of what names none."""


class _Known(NamedTuple):
    """What the pods of all files have in common."""

    policies: Mapping[str, Policy]
    persistent: Mapping[str, Object]
    mounted: tuple[str, ...]
    """What was mounted on the node before them."""


def explain_manifests(daemons: Daemons, files: Sequence[tuple[str, str | bytes]]) -> ManifestChain:
    """Start what manifests describe, and say how that came about; the node is changed by it.

    Args:
        daemons: of a simulated machine, which is the node.
        files: what each is called, and its content.
    """
    manifests = [read(content, source) for source, content in files]
    objects = [each for manifest in manifests for each in manifest.objects]
    set_up_folders(Ledger(daemons.world, daemons.node(), []))
    known = _known(daemons, objects)
    pods: list[PodChain] = []
    refused: list[Refused] = []
    warned = [given_twice(place) for manifest in manifests for place in manifest.notes]
    errors = [error for manifest in manifests for error in manifest.errors]
    customs = [error for error in errors if isinstance(error, CustomKindError)]
    warned += map(custom_kind, customs)
    errors = [error for error in errors if error not in customs]
    entries: list[Entry] = []
    parties: list[Party] = []
    taken = set[tuple[str, str]]()
    for found in objects:
        why = undecodable(found)
        pod = None if why else pod_of(found)
        why = why or invalid(found)
        if pod is None:
            refused += [_by_server(why)] if why else []
            continue
        identity = (found.namespace or _DEFAULT, first_name(found))
        if identity in taken:
            warned.append(given_twice(found.place("")._replace(path=f"{found.kind} {found.name}")))
            continue
        taken.add(identity)
        chain, running = _pod(daemons, found, pod, _admitted(found, known.policies, why), known)
        pods.append(chain)
        parties += running
        own = _entries(pod, chain)
        entries += own
        warned += _warned(own, known.mounted)
        if chain.refused is None:
            warned += (stands_in(found, each) for each in _unbound(pod, known))
    warned += amiss_between(entries)
    sources = tuple(source for source, _ in files)
    order = {source: number for number, source in enumerate(sources)}
    warned.sort(key=lambda each: (order[each.place.source], each.place.line))
    table = tried(daemons, parties)
    return ManifestChain(sources, tuple(pods), tuple(refused), tuple(warned), tuple(errors), table)


def _known(daemons: Daemons, objects: Sequence[Object]) -> _Known:
    policies = {each.name: policy_of(each.labels) for each in objects if each.kind == "Namespace"}
    readable = [each for each in objects if not undecodable(each)]
    claims = [claim for each in readable if (pod := pod_of(each)) for claim in claims_of(each, pod)]
    persistent = persistent_volumes([*readable, *claims])
    mounted = tuple(row.mountpoint for row in daemons.world.mountinfo(daemons.node()))
    return _Known(policies, persistent, mounted)


def _by_server(error: KubernetesError) -> Refused:
    return Refused("server", error.text, error.places, error.hint)


def _admitted(
    found: Object, policies: Mapping[str, Policy], why: KubernetesError | None
) -> tuple[Refused | None, tuple[str, ...]]:
    """The API server's refusal, or that of the namespace's labels, and its warnings."""
    if why is not None:
        return _by_server(why), ()
    policy = policies.get(found.namespace or _DEFAULT, Policy())
    verdict = admitted(found, policy)
    if verdict.refused:
        return _by_server(verdict.refused), verdict.warnings
    failure = not_made(found, first_name(found), policy) if found.kind != "Pod" else None
    refused = Refused("server", failure.text, failure.places, say("not-made.hint")) if failure else None
    return refused, verdict.warnings


def _pod(
    daemons: Daemons,
    found: Object,
    pod: Pod,
    verdict: tuple[Refused | None, tuple[str, ...]],
    known: _Known,
) -> tuple[PodChain, list[Party]]:
    """A pod, and its containers that run."""
    refused, admission = verdict
    namespace = found.namespace or _DEFAULT
    plain = tuple(_plain(found, pod, container, {}) for container in pod.all_containers)
    place = found.place("")
    chain = PodChain(found.kind, found.name, namespace, place, admission, (), plain, refused)
    if not pod.has_host_users:
        chain = chain._replace(own_users=found.place(f"{pod.path}.hostUsers"))
    if refused is not None:
        return chain, []
    sandbox = sandbox_of(pod, first_name(found), namespace)
    made: list[Made] = []
    stand_ins = {volume.claim: _stand_in(volume) for volume in _unbound(pod, known)}
    try:
        setups = setups_of(pod, sandbox.uid, {**known.persistent, **stand_ins})
        make_volumes(Ledger(daemons.world, daemons.node(), made), pod, setups)
    except NotModelledError as error:
        refused = Refused("mountlab", error.text, (place,))
        return chain._replace(steps=steps_of(made), refused=refused), []
    except KubeletError as error:
        hint = say("host-path.hint") if "hostPath" in error.text else ""
        refused = Refused("kubelet", error.text, (place,), hint)
        return chain._replace(steps=steps_of(made), refused=refused), []
    started = list(_containers(daemons, found, pod, sandbox, setups))
    containers = tuple(each.chain for each in started)
    parties = _parties(daemons, pod, started, _shown(namespace, found.name))
    return chain._replace(steps=steps_of(made), containers=containers), parties


def _unbound(pod: Pod, known: _Known) -> list[Volume]:
    """The volumes whose claims have no PersistentVolume in the files."""
    return [each for each in pod.volumes if each.claim and each.claim not in known.persistent]


def _stand_in(volume: Volume) -> Object:
    """What a provisioner of the cluster would bind to a claim: nobody sees its driver in these files."""
    name = f"pvc-{volume.claim}"
    text = f"""
apiVersion: v1
kind: PersistentVolume
metadata: {{name: {json.dumps(name)}}}
spec: {{csi: {{driver: {_ANY_DRIVER}, volumeHandle: {json.dumps(name)}}}}}
"""
    return read(text, _ANY_DRIVER).objects[0]


def _shown(namespace: str, name: str) -> str:
    return name if namespace == _DEFAULT else f"{namespace}/{name}"


def _parties(daemons: Daemons, pod: Pod, started: Sequence[Started], name: str) -> list[Party]:
    """The containers that run now, each with the folders that it has of the node."""
    return [
        Party(
            f"{name}/{container.name}",
            each.process,
            container.may_administer,
            tuple(
                Folder(asked.cri.host_path, posixpath.normpath(asked.cri.container_path))
                for asked in each.chain.asked
                if asked.cri and daemons.world.kind(daemons.node(), asked.cri.host_path) == "dir"
            ),
        )
        for container, each in zip(pod.all_containers, started, strict=True)
        if each.process and daemons.world.is_alive(each.process)
    ]


def _containers(
    daemons: Daemons, found: Object, pod: Pod, sandbox: CriSandbox, setups: Mapping[str, Setup]
) -> Iterator[Started]:
    """Each container in the order in which they start; after an init container that fails none does."""
    has_failed = False
    for container in pod.all_containers:
        chain = _plain(found, pod, container, setups)
        if has_failed:
            yield Started(chain)
            continue
        started = _started(daemons, container, chain, sandbox, setups)
        has_failed = started.chain.refused is not None and container.list_name == "initContainers"
        yield started


def _started(
    daemons: Daemons,
    container: Container,
    chain: ContainerChain,
    sandbox: CriSandbox,
    setups: Mapping[str, Setup],
) -> Started:
    made: list[Made] = []
    try:
        wanted = container_of(container, sandbox, setups)
        bind_sub_paths(Ledger(daemons.world, daemons.node(), made), wanted.sub_paths)
    except KubeletError as error:
        refused = Refused("kubelet", error.text, (chain.place,))
        return Started(chain._replace(steps=steps_of(made), refused=refused))
    except MountError as error:
        refused = Refused("kubelet", f"failed to prepare subPath: {strerror(error)}", (chain.place,))
        return Started(chain._replace(steps=steps_of(made), refused=refused))
    started = start(daemons, wanted, sandbox, chain)
    if container.list_name == "initContainers" and not container.is_sidecar and started.process:
        if daemons.world.is_alive(started.process):
            daemons.world.end(started.process)
        daemons.world.umount(daemons.node(), started.root)
    return started._replace(chain=started.chain._replace(steps=(*steps_of(made), *started.chain.steps)))


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
        volume_path = volume.path if volume else f"{pod.path}.volumes"
        if volume and volume_path.startswith(pod.path):
            volume_path += f".{volume.kind}"
        yield Asked(
            found.place(spot),
            mount.mount_path,
            mount.propagation,
            container.is_privileged,
            found.place(volume_path),
            setups.get(mount.name),
            recursive=mount.recursive_read_only,
        )


def _entries(pod: Pod, chain: PodChain) -> list[Entry]:
    """All entries of a pod, in the order of the file's containers."""
    return [
        Entry(asked, mount, pod.volume(mount.name), container, pod, told.asked)
        for container, told in zip(pod.all_containers, chain.containers, strict=True)
        for mount, asked in zip(container.mounts, told.asked, strict=True)
    ]


def _warned(entries: Sequence[Entry], mounted: Sequence[str]) -> Iterator[Warned]:
    for entry in entries:
        yield from amiss(entry)
        yield from amiss_on_node(entry, mounted)
