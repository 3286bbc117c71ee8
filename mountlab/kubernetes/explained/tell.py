"""The stages of a manifest as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from mountlab.containers.explained import words as docker
from mountlab.containers.explained.stages import Told
from mountlab.containers.explained.tell import VERSIONS as DOCKER
from mountlab.containers.explained.tell import kinship, told_calls, told_entry, told_sight
from mountlab.kubernetes.containerd import Check
from mountlab.kubernetes.errors import Place
from mountlab.kubernetes.explained.chain import (
    Asked,
    ContainerChain,
    ManifestChain,
    PodChain,
    Refused,
)
from mountlab.kubernetes.explained.telltable import told_table
from mountlab.kubernetes.explained.words import SOURCES, say

_IN = "   "
VERSIONS = {"kubernetes": "1.33", "kubectl": "1.32.4", "containerd": "1.6.20", "runc": DOCKER["runc"]}
"""What is modelled."""
_REASON = _IN * 2
"""How a line begins that gives the reason of a call."""
_RULES = {"HostToContainer": "server.from-host", "Bidirectional": "server.both"}


def tell(chain: ManifestChain, *, with_fixtures: bool = False) -> list[str]:
    """The lines of an explanation.

    Args:
        chain: what came of the file.
        with_fixtures: also what every container gets, whatever is asked for.
    """
    lines = [*chain.sources, say("recorded", **VERSIONS)]
    said = set[str]()
    for pod in chain.pods:
        lines += ["", *_pod(pod, with_fixtures, said)]
    if not chain.pods and not chain.errors:
        lines += ["", say("pods.none")]
    for each in chain.refused:
        lines += ["", *_refused(each)]
    if chain.table.rows:
        lines += ["", say("table"), *_indented(told_table(chain.table))]
    if chain.pods:
        lines += ["", say("amiss"), *_indented(_warnings(chain))]
    return [_printable(line) for line in lines]


def _printable(line: str) -> str:
    """A path in a manifest may hold what would move a terminal's cursor."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in line)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (_IN + line for line in lines)


def _first(lines: Iterable[str], said: set[str], reason: str) -> Iterator[str]:
    """The lines without the reasons that were given before: each is given once.

    Args:
        lines: some.
        said: reasons so far; it grows.
        reason: how a line begins that is one.
    """
    for line in lines:
        if not line.startswith(reason) or line not in said:
            yield line
        if line.startswith(reason):
            said.add(line)


def _pod(pod: PodChain, with_fixtures: bool, said: set[str]) -> Iterator[str]:
    yield say("pod", kind=pod.kind, namespace=pod.namespace, name=pod.name, place=_spot(pod.place))
    yield from _indented(say("admission", text=text) for text in pod.admission)
    if pod.own_users:
        yield _IN + say("not-run.users", place=_spot(pod.own_users))
    if pod.steps:
        yield _IN + say("node")
        yield from _indented(_indented(_first(told_calls(pod.steps, with_fixtures=True), said, _REASON)))
    if pod.refused:
        yield from _indented(_refused(pod.refused))
    for container in pod.containers:
        yield ""
        yield _IN + say("container", name=container.name, place=_spot(container.place))
        yield from _indented(_indented(_container(container, pod, with_fixtures, said)))


def _spot(place: Place) -> str:
    return f"{place.source}:{place.line}"


def _container(
    container: ContainerChain, pod: PodChain, with_fixtures: bool, said: set[str]
) -> Iterator[str]:
    asked, told = container.asked, container.told
    stages: list[tuple[str, Iterable[str]]] = []
    if asked:
        stages.append((say("written"), _each(asked, _written)))
    else:
        yield say("container.plain")
    if asked and not pod.refused:
        stages.append((say("server"), [*_each(asked, _rule), _source("server")]))
    if any(each.cri for each in asked):
        stages.append((say("kubelet"), [*_each(asked, _cri), _source("kubelet")]))
        stages.append((say("containerd"), [*_each(asked, _looked_up), _source("containerd")]))
    if told:
        stages.append((say("told"), _told(told, with_fixtures)))
    if container.steps:
        stages.append((docker.say("calls"), _calls(container, with_fixtures, said)))
    if container.mounts:
        stages.append((say("result"), _result(container)))
    for number, (title, body) in enumerate(stages, 1):
        yield docker.say("stage", number=number, title=title)
        yield from _indented(_first(body, said, docker.say("source", source="")))
    if container.refused:
        yield from _refused(container.refused)
    elif not told and not pod.refused:
        yield say("container.waits")


def _calls(container: ContainerChain, with_fixtures: bool, said: set[str]) -> Iterator[str]:
    """The system calls; the container's root has a long path, and is called ROOT."""
    root = container.told.spec.root if container.told else ""
    lines = _first(told_calls(container.steps, with_fixtures), said, _REASON)
    if not root:
        yield from lines
        return
    yield say("root", root=root)
    for line in lines:
        yield line.replace(f'"{root}', '"ROOT')


def _each(asked: Sequence[Asked], painter: Callable[[Asked], Iterator[str]]) -> Iterator[str]:
    for each in asked:
        yield from painter(each)


def _source(stage: str) -> str:
    return docker.say("source", source=SOURCES[stage])


def _written(each: Asked) -> Iterator[str]:
    key = "written.mount.silent" if each.propagation is None else "written.mount"
    yield say(key, place=_spot(each.place), path=each.mount_path, mode=each.propagation)
    kind = each.volume_place.path.rpartition(".")[2]
    yield _IN + say("written.volume", place=_spot(each.volume_place), kind=kind)
    if each.recursive:
        facts = {"mode": each.recursive, "containerd": VERSIONS["containerd"]}
        yield _IN + say("not-run.recursive", place=_spot(each.place), **facts)


def _rule(each: Asked) -> Iterator[str]:
    yield say(_RULES.get(each.propagation or "", "server.none"), path=each.mount_path)


def _cri(each: Asked) -> Iterator[str]:
    if each.cri:
        number = each.cri.propagation
        yield say(
            "kubelet.mount",
            path=each.cri.container_path,
            source=each.cri.host_path,
            readonly=str(each.cri.readonly).lower(),
            name=f"PROPAGATION_{number.name}",
            number=int(number),
        )


def _looked_up(each: Asked) -> Iterator[str]:
    yield say("containerd.none", path=each.mount_path) if each.check is None else _check(each.check)


def _check(check: Check) -> str:
    states = (["state.shared"] if check.is_shared else []) + (["state.slave"] if check.is_slave else [])
    return docker.say(
        "check",
        source=check.source,
        mounted_on=check.mounted_on,
        state=docker.say("and").join(map(docker.say, states or ["state.private"])),
        wants=docker.say("check.wants.shared" if check.wants_shared else "check.wants.slave"),
        verdict=docker.say("check.fails" if check.error else "check.passes"),
    )


def _told(told: Told, with_fixtures: bool) -> Iterator[str]:
    yield from map(told_entry, told.asked_for)
    word = told.spec.rootfs_propagation
    none = docker.say("told.root.none.runc")
    yield docker.say("told.root", word=word, because=told.because) if word else none
    if with_fixtures:
        yield docker.say("told.fixtures.all")
        yield from _indented(map(told_entry, told.fixtures))
    else:
        yield docker.say("told.fixtures", count=len(told.fixtures))


def _result(container: ContainerChain) -> Iterator[str]:
    sights = {sight.inside: sight for sight in container.sights}
    for mount in dict.fromkeys(container.mounts):
        yield docker.say("kin", mount=mount.mountpoint, what=kinship(mount.kin))
        if sight := sights.pop(mount.mountpoint, None):
            yield from _indented(told_sight(sight))
    if any(sight.host_to_inside is not None for sight in container.sights):
        yield docker.say("tried")


def _refused(refused: Refused) -> Iterator[str]:
    yield say("refused", who=say(f"refused.{refused.by}"))
    yield from _indented(refused.text.splitlines())
    yield from _indented(_indented(map(str, refused.places)))
    if refused.hint:
        yield _IN * 2 + refused.hint


def _warnings(chain: ManifestChain) -> Iterator[str]:
    if not chain.warned:
        yield say("amiss.none-besides" if chain.is_refused else "amiss.none")
    for each in chain.warned:
        yield say(f"amiss.{each.level}", place=_spot(each.place), rule=each.rule, sentence=each.sentence)
        yield _IN + each.cure
