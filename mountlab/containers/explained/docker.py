"""``docker run``, stage by stage: it is really run, on the machine, and every stage is written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mountlab.containers.daemons import Daemons
from mountlab.containers.docker import cli
from mountlab.containers.docker.compile import check_of
from mountlab.containers.docker.daemon import Dockerd
from mountlab.containers.docker.listing import asked
from mountlab.containers.docker.messages import run_refused
from mountlab.containers.docker.mounts import DEFAULT_PROPAGATION, MountPoint, to_mount
from mountlab.containers.docker.places import DATA_ROOT
from mountlab.containers.docker.requests import Run, Settings
from mountlab.containers.docker.specs import clean, read_bind
from mountlab.containers.docker.state import Container
from mountlab.containers.docker.tmpfs import merged_tmpfs_options
from mountlab.containers.errors import ContainerError
from mountlab.containers.explained.kin import kin_of
from mountlab.containers.explained.stages import (
    DockerChain,
    Flag,
    Home,
    Inside,
    Origin,
    Point,
    Refusal,
    Result,
    Told,
    steps_of,
)
from mountlab.containers.explained.trial import container_sight, namespaces_differ
from mountlab.containers.explained.units import settings_as_written
from mountlab.containers.oci import PROPAGATION, Spec
from mountlab.containers.places import mount_that_holds
from mountlab.containers.world import FIRST

_UNIT = "docker.service"
_RUNTIME_FAILED = "failed to create shim task"


def explain_run(daemons: Daemons, argv: Sequence[str]) -> DockerChain:
    """Run a container, and say how that came about; the machine is changed by it.

    Args:
        daemons: of a simulated machine.
        argv: ``docker run …``, of which `cli.is_understood` has nothing to say.
    """
    chain = DockerChain(tuple(argv))
    try:
        request = cli.parse(argv)
    except ContainerError as error:
        return chain._replace(refused=Refusal("client", error.text, error.status))
    assert isinstance(request, Run)  # noqa: S101 - the caller looked
    chain = chain._replace(flags=tuple(_flags(request.settings)))
    was_there = daemons.dockerd is not None
    daemons.run(("docker", "ps"), "")  # dockerd starts when it is first asked
    dockerd = daemons.dockerd
    if dockerd is None:
        ran, _ = daemons.run(argv, "")
        return chain._replace(refused=Refusal("client", ran.stderr.rstrip("\n"), ran.status))
    chain = chain._replace(home=_home(daemons, dockerd))
    before = len(dockerd.made) if was_there else 0
    attempt = _attempt(dockerd, request.settings)
    steps = steps_of(dockerd.made[before:])
    chain = chain._replace(points=attempt.points, steps=steps, refused=attempt.refused)
    container = attempt.container
    if container is None or container.spec is None:
        return chain
    runtime = next(step.by for step in steps if step.made.process == container.process)
    because = _because(container.spec, attempt.points)
    chain = chain._replace(told=Told(container.spec, because, runtime))
    if attempt.refused is None:
        chain = chain._replace(result=_result(daemons, container, chain.points))
    return chain


class _Attempt(NamedTuple):
    container: Container | None
    points: tuple[Point, ...] = ()
    refused: Refusal | None = None


def _attempt(dockerd: Dockerd, settings: Settings) -> _Attempt:
    """Create and start the container; what dockerd made of the flags, and why not more."""
    try:
        container = dockerd.create(settings)
    except ContainerError as error:
        error = run_refused(error)
        return _Attempt(None, (), Refusal("dockerd", error.text, error.status))
    points = to_mount(container.points, settings)
    missing = {point.source for point in points if point.type == "bind" and not _kind(dockerd, point)}
    refused = None
    try:
        dockerd.start(container)
    except ContainerError as error:
        by_runtime = error.text.startswith(_RUNTIME_FAILED)
        error = run_refused(error, starting=True)
        refused = Refusal("runtime" if by_runtime else "dockerd", error.text, error.status)
    made = {point.source for point in points if point.source in missing and _kind(dockerd, point)}
    rows = dockerd.world.mountinfo(dockerd.process)
    stage = (Point(each, *_propagation(each), each.source in made, check_of(each, rows)) for each in points)
    return _Attempt(container, tuple(stage), refused)


def _kind(dockerd: Dockerd, point: MountPoint) -> str | None:
    return dockerd.world.kind(dockerd.process, point.source)


def _flags(settings: Settings) -> Iterator[Flag]:
    """The mount flags, in the order in which dockerd goes through them (opts.go: parse)."""
    for text in settings.volumes_from:
        yield Flag(f"--volumes-from {text}", "HostConfig.VolumesFrom", text, "")
    for request in settings.mounts:
        if request.spec is not None:
            target = clean(request.spec.target)
            yield Flag(f"--mount {request.spec.written}", "HostConfig.Mounts", asked(request), target)
        elif request.via == "binds":
            target = _destination(request.written)
            yield Flag(f"-v {request.written}", "HostConfig.Binds", request.written, target)
        else:
            target = clean(request.written)
            yield Flag(f"-v {request.written}", "Config.Volumes", {request.written: {}}, target)
    for destination, options in settings.tmpfs:
        text = f"{destination}:{options}" if options else destination
        yield Flag(f"--tmpfs {text}", "HostConfig.Tmpfs", {destination: options}, clean(destination))


def _destination(bind: str) -> str:
    try:
        return clean(read_bind(bind)[0].target)
    except ContainerError:  # dockerd will say so
        return ""


def _home(daemons: Daemons, dockerd: Dockerd) -> Home:
    world, manager = daemons.world, daemons.manager
    own = namespaces_differ(world, dockerd.process, FIRST)
    root = mount_that_holds(world.mountinfo(dockerd.process), "/")
    assert root is not None  # noqa: S101 - every namespace has one
    settings = settings_as_written(manager.unit(_UNIT).settings) if manager else ()
    return Home(_UNIT if manager else "", settings, own, kin_of(root, world.mountinfo(FIRST)))


def _propagation(point: MountPoint) -> tuple[str, Origin]:
    """What the runtime will be told of a mount point's propagation, and on whose account."""
    if point.type == "tmpfs":
        try:
            words = merged_tmpfs_options(point.options)
        except ContainerError:
            return "", "tmpfs"
        return next(word for word in words if word in PROPAGATION), "tmpfs"
    if point.type == "volume":
        return "", "volume"
    if point.is_propagation_asked:
        return point.propagation, "asked"
    if point.propagation == DEFAULT_PROPAGATION:
        return point.propagation, "default"
    return point.propagation, "in-data-root" if point.source.startswith(DATA_ROOT) else "around-data-root"


def _because(spec: Spec, points: Sequence[Point]) -> str:
    """The mount that decided on rootfsPropagation: shared wins over rslave."""
    wants_shared = spec.rootfs_propagation == "shared"
    for each in points if spec.rootfs_propagation else ():
        if each.check and each.check.passes and each.check.wants_shared == wants_shared:
            return each.point.destination
    return ""


def _result(daemons: Daemons, container: Container, points: Sequence[Point]) -> Result:
    world = daemons.world
    host = world.mountinfo(FIRST)
    rows = (row for row in world.mountinfo(container.process) if row.fstype != "proc")
    inside = tuple(Inside(row.mountpoint, kin_of(row, host), "ro" in row.options.split(",")) for row in rows)
    places = (each.point for each in points if each.point.type != "tmpfs")
    sights = tuple(
        container_sight(daemons, container.name, place.source, clean(place.destination)) for place in places
    )
    return Result(inside, sights, container.may_administer)
