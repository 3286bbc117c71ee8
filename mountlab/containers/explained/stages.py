"""The stages between a command and its system calls, as data that can be printed or turned into JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from mountlab.containers.docker.compile import Check
from mountlab.containers.docker.mounts import MountPoint
from mountlab.containers.explained.kin import Kin
from mountlab.containers.ledger import Made
from mountlab.containers.oci import OciMount, Spec
from mountlab.containers.rules import RULES

Json = dict[str, object]
Origin = Literal["asked", "default", "volume", "in-data-root", "around-data-root", "tmpfs"]
"""Where a mount point's propagation comes from."""


class Refusal(NamedTuple):
    """Why nothing came of it."""

    by: Literal["client", "dockerd", "runtime", "systemd"]
    text: str
    """What the program prints on stderr, whole lines."""
    status: int
    """Its exit status."""

    def as_json(self) -> Json:
        return dict(self._asdict())


class Flag(NamedTuple):
    """A flag that asks for a mount, and how the client sends it to dockerd."""

    written: str
    field: str
    """The field of the API that carries it."""
    value: object
    """What is in that field because of it."""
    destination: str
    """The path in the container; "" where the flag names none."""

    def as_json(self) -> Json:
        return dict(self._asdict())


class Home(NamedTuple):
    """Where dockerd runs."""

    unit: str
    """The unit that started it; "" where there is no systemd."""
    asked: tuple[str, ...]
    """The unit's settings that touch mounts, ``MountFlags=slave``."""
    is_own_namespace: bool
    root: Kin
    """What its `/` has to do with the host's mounts."""

    def as_json(self) -> Json:
        return {**self._asdict(), "asked": [*self.asked], "root": self.root.as_json()}


class Point(NamedTuple):
    """One of the container's mount points, as dockerd has it."""

    point: MountPoint
    propagation: str
    """What the runtime will be told; "" for nothing."""
    origin: Origin
    is_made: bool
    """The source was missing, and dockerd made a directory."""
    check: Check | None

    def as_json(self) -> Json:
        point, check = self.point, self.check
        looked_up = None
        if check is not None:
            looked_up = {**check._asdict(), "passes": check.passes, "error": check.error or None}
        return {
            "type": point.type,
            "source": point.source,
            "destination": point.destination,
            "name": point.name,
            "read_only": not point.rw,
            "recursive": not point.nonrecursive,
            "propagation": self.propagation,
            "origin": self.origin,
            "source_is_made": self.is_made,
            "check": looked_up,
        }


class Told(NamedTuple):
    """What the runtime is told: the part of config.json that touches mounts."""

    spec: Spec
    because: str
    """The destination of the mount on account of which rootfsPropagation is set; "" when it is not."""
    runtime: str
    """Who is told."""

    @property
    def asked_for(self) -> tuple[OciMount, ...]:
        """The entries that the command asks for."""
        return tuple(mount for mount in self.spec.mounts if not mount.is_fixture)

    @property
    def fixtures(self) -> tuple[OciMount, ...]:
        """The entries that every container gets."""
        return tuple(mount for mount in self.spec.mounts if mount.is_fixture)

    def as_json(self) -> Json:
        fixtures = [mount.destination for mount in self.fixtures]
        whence = {"runtime": self.runtime, "rootfs_because": self.because or None, "fixtures": fixtures}
        return {**self.spec.as_config(), **whence}


class Step(NamedTuple):
    """A system call, by whom, and why."""

    made: Made
    by: str
    """The program that makes it."""

    @property
    def is_fixture(self) -> bool:
        """Every container has it, whatever was asked for."""
        return self.made.rule in _OF_FIXTURES

    @property
    def sentence(self) -> str:
        """What the rule says that asks for it."""
        return RULES[self.made.rule].sentence

    @property
    def source(self) -> str:
        """Where the rule is written."""
        return RULES[self.made.rule].source

    def as_json(self) -> Json:
        return {
            "call": self.made.call,
            "errno": self.made.errno,
            "by": self.by,
            "rule": self.made.rule,
            "sentence": self.sentence,
            "source": self.source,
            "fixture": self.is_fixture,
        }


_OF_FIXTURES = ("runc.proc",)
_PROGRAMS = {"docker": "dockerd"}
"""Who makes a call, by the first part of its rule's id, where that is not the program's own name."""


def steps_of(calls: Sequence[Made]) -> tuple[Step, ...]:
    """System calls, each with the program that makes it: in a container all are the runtime's."""
    own = {made.process: _program(made) for made in calls if made.rule.endswith(".namespace")}
    return tuple(Step(made, own.get(made.process, _program(made))) for made in calls)


def _program(made: Made) -> str:
    family = made.rule.partition(".")[0]
    return _PROGRAMS.get(family, family)


class Inside(NamedTuple):
    """A mount in the new namespace, and what it has to do with the host's."""

    mountpoint: str
    kin: Kin
    is_read_only: bool

    def as_json(self) -> Json:
        return {**self._asdict(), "kin": self.kin.as_json()}


class Sight(NamedTuple):
    """Who sees whose later mounts at one place: each was tried. None: that could not be tried."""

    outside: str
    """The path on the host."""
    inside: str
    host_to_inside: bool | None = None
    inside_to_host: bool | None = None
    inside_to_second: bool | None = None
    """A second container that was started with the same flags."""
    dockerd_to_inside: bool | None = None
    """From dockerd's namespace, where that is not the host's."""
    inside_to_dockerd: bool | None = None

    def as_json(self) -> Json:
        return dict(self._asdict())


class Result(NamedTuple):
    """What came of it."""

    mounts: tuple[Inside, ...]
    sights: tuple[Sight, ...]
    may_mount: bool
    """Whether the processes inside have CAP_SYS_ADMIN."""

    def as_json(self) -> Json:
        return {
            "mounts": [mount.as_json() for mount in self.mounts],
            "sights": [sight.as_json() for sight in self.sights],
            "may_mount": self.may_mount,
        }


class DockerChain(NamedTuple):
    """All stages of a ``docker run``; where docker refuses, those after it are empty."""

    argv: tuple[str, ...]
    flags: tuple[Flag, ...] = ()
    home: Home | None = None
    points: tuple[Point, ...] = ()
    told: Told | None = None
    steps: tuple[Step, ...] = ()
    result: Result | None = None
    refused: Refusal | None = None

    def as_json(self) -> Json:
        return {
            "command": [*self.argv],
            "flags": [flag.as_json() for flag in self.flags],
            "dockerd": self.home.as_json() if self.home else None,
            "points": [point.as_json() for point in self.points],
            "oci": self.told.as_json() if self.told else None,
            "calls": [step.as_json() for step in self.steps],
            "result": self.result.as_json() if self.result else None,
            "refused": self.refused.as_json() if self.refused else None,
        }


class UnitChain(NamedTuple):
    """All stages of a ``systemctl start``."""

    argv: tuple[str, ...]
    unit: str
    files: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Those that touch mounts, as they count: ``MountFlags=slave``."""
    outdated: bool = False
    """The files have changed since systemd read them."""
    needs_namespace: bool = False
    was_running: bool = False
    """It ran already, so nothing was done."""
    steps: tuple[Step, ...] = ()
    result: Result | None = None
    refused: Refusal | None = None

    def as_json(self) -> Json:
        return {
            "command": [*self.argv],
            "unit": self.unit,
            "files": [*self.files],
            "settings": [*self.settings],
            "outdated": self.outdated,
            "needs_namespace": self.needs_namespace,
            "was_running": self.was_running,
            "calls": [step.as_json() for step in self.steps],
            "result": self.result.as_json() if self.result else None,
            "refused": self.refused.as_json() if self.refused else None,
        }
