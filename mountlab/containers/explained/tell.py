"""The stages of a command as lines of text."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from mountlab.containers.docker.compile import Check
from mountlab.containers.docker.places import DATA_ROOT
from mountlab.containers.explained.kin import Kin
from mountlab.containers.explained.stages import (
    DockerChain,
    Flag,
    Home,
    Point,
    Refusal,
    Result,
    Sight,
    Step,
    Told,
    UnitChain,
)
from mountlab.containers.explained.words import SOURCES, say
from mountlab.containers.oci import OciMount

_IN = "   "
VERSIONS = {"docker": "20.10.24", "runc": "1.1.5", "crun": "1.8.1", "systemd": "252"}
"""What was recorded, and is modelled."""

Stage = tuple[str, Iterable[str]]
"""A title and its lines."""


def tell(chain: DockerChain | UnitChain, *, with_fixtures: bool = False) -> list[str]:
    """The lines of an explanation.

    Args:
        chain: what came of the command.
        with_fixtures: also what every container gets, whatever is asked for.
    """
    stages = _unit(chain) if isinstance(chain, UnitChain) else _docker(chain, with_fixtures)
    lines = [shlex.join(chain.argv), say("recorded", **VERSIONS)]
    for number, (title, body) in enumerate(stages, 1):
        lines += ["", say("stage", number=number, title=title), *(_IN + line for line in body)]
    if chain.refused is not None:
        lines += ["", *_refused(chain.refused)]
    return lines


def _docker(chain: DockerChain, with_fixtures: bool) -> Iterator[Stage]:
    if chain.flags or chain.home:
        yield say("flags"), _flags(chain.flags)
    if chain.home:
        yield say("home"), _home(chain.home)
    if chain.points or chain.told:
        yield say("points"), _points(chain.points)
    if chain.told:
        yield say("told"), _told(chain.told, with_fixtures)
    if chain.steps:
        yield say("calls"), told_calls(chain.steps, with_fixtures)
    if chain.result:
        yield say("result"), _result(chain.result)


def _unit(chain: UnitChain) -> Iterator[Stage]:
    if not chain.files:
        return
    yield say("unit", unit=chain.unit), _settings(chain)
    yield say("calls"), told_calls(chain.steps, with_fixtures=True)
    if chain.result:
        yield say("result"), _result(chain.result)
    elif chain.refused is None:
        yield say("result"), [say("unit.ended")]


def _refused(refusal: Refusal) -> Iterator[str]:
    yield say("refused", who=say(f"refused.{refusal.by}"), status=refusal.status)
    yield from (_IN + line for line in refusal.text.splitlines())


# -- docker -------------------------------------------------------------------------------------------------


def _flags(flags: Sequence[Flag]) -> Iterator[str]:
    if not flags:
        yield say("flags.none")
        return
    for flag in flags:
        yield say("flag", written=flag.written)
        yield _IN + say("flag.field", field=flag.field, value=json.dumps(flag.value))
    yield say("source", source=SOURCES["flags"])


def _home(home: Home) -> Iterator[str]:
    if not home.is_own_namespace:
        yield say("home.host")
    elif home.asked:
        yield say("home.own", unit=home.unit, settings=" ".join(home.asked), what=kinship(home.root))
    else:
        yield say("home.own.bare", what=kinship(home.root))


def _points(points: Sequence[Point]) -> Iterator[str]:
    if not points:
        yield say("points.none")
        return
    for each in points:
        yield _point(each)
        if each.is_made:
            yield _IN + say("point.made", source=each.point.source)
        if not each.point.rw:
            yield _IN + say("point.ro" if each.point.nonrecursive else "point.ro.below")
        yield _IN + (say("check.none") if each.check is None else _check(each.check))
    yield say("source", source=SOURCES["points"])
    if any(each.check for each in points):
        yield say("source", source=SOURCES["check"])


def _point(each: Point) -> str:
    point = each.point
    kind = "bind.alone" if point.type == "bind" and point.nonrecursive else point.type
    origin = "tmpfs.none" if each.origin == "tmpfs" and not each.propagation else each.origin
    return say(
        f"point.{kind}",
        destination=point.destination,
        source=point.source,
        name=point.name,
        propagation=say(f"origin.{origin}", word=each.propagation, data_root=DATA_ROOT),
    )


def _check(check: Check) -> str:
    words = (["state.shared"] if check.is_shared else []) + (["state.slave"] if check.is_slave else [])
    verdict = "passes" if check.passes else "excused" if check.is_excused else "fails"
    return say(
        "check",
        source=check.source,
        mounted_on=check.mounted_on,
        state=say("and").join(map(say, words or ["state.private"])),
        wants=say("check.wants.shared" if check.wants_shared else "check.wants.slave"),
        verdict=say(f"check.{verdict}"),
    )


def _told(told: Told, with_fixtures: bool) -> Iterator[str]:
    yield from map(told_entry, told.asked_for)
    if not told.asked_for:
        yield say("told.none")
    word = told.spec.rootfs_propagation
    none = f"told.root.none.{told.runtime}"
    yield say("told.root", word=word, because=told.because) if word else say(none)
    if told.spec.is_root_read_only:
        yield say("told.root.read-only")
    if with_fixtures:
        yield say("told.fixtures.all")
        yield from (_IN + told_entry(mount) for mount in told.fixtures)
    else:
        yield say("told.fixtures", count=len(told.fixtures))
    yield say("source", source=SOURCES["told"])


def told_entry(mount: OciMount) -> str:
    """An entry of the runtime's list, as it stands in config.json."""
    return json.dumps(
        {
            "destination": mount.destination,
            "type": mount.type,
            "source": mount.source,
            "options": [*mount.options],
        }
    )


# -- both ---------------------------------------------------------------------------------------------------


def told_calls(steps: Sequence[Step], with_fixtures: bool) -> Iterator[str]:
    """System calls, grouped by who makes them, each reason once."""
    shown = [step for step in steps if with_fixtures or not step.is_fixture]
    if not shown:
        yield say("calls.none")
    told = set[str]()
    for who, group in groupby(shown, lambda step: step.by):
        yield say("call.by", who=who)
        for step in group:
            call, errno = step.made.call, step.made.errno
            yield _IN + (say("call.failed", call=call, errno=errno) if errno else call)
            if step.made.rule not in told:
                yield _IN * 2 + say("call.reason", sentence=step.sentence, source=step.source)
            told.add(step.made.rule)
    if len(shown) < len(steps):
        yield say("calls.fixtures", count=len(steps) - len(shown))


def _result(result: Result) -> Iterator[str]:
    sights = {sight.inside: sight for sight in result.sights}
    for mount in dict.fromkeys(result.mounts):  # of two that are stacked and alike, one is told
        yield say("kin", mount=mount.mountpoint, what=kinship(mount.kin))
        if sight := sights.pop(mount.mountpoint, None):
            yield from (_IN + line for line in told_sight(sight))
    if any(sight.host_to_inside is not None for sight in result.sights):
        yield say("tried")
    if not result.may_mount:
        yield say("may.not")


def kinship(kin: Kin) -> str:
    """What a mount is, told by the host's mountpoints: a phrase."""
    phrases = []
    if kin.is_shared:
        phrases.append(_relatives("kin.peer", kin.peers))
    if kin.is_slave:
        phrases.append(_relatives("kin.slave", kin.masters))
    alone = "kin.unbindable" if kin.is_unbindable else "kin.private"
    return say("kin.and").join(phrases or [say(alone)])


def _relatives(key: str, places: Sequence[str]) -> str:
    return say(key, places=say("and").join(places)) if places else say(f"{key}.unknown")


def told_sight(sight: Sight) -> Iterator[str]:
    """Who sees whose later mounts at one place."""
    answers = {
        "host": sight.host_to_inside,
        "dockerd": sight.dockerd_to_inside,
        "inside": sight.inside_to_host,
        "to.dockerd": sight.inside_to_dockerd,
        "second": sight.inside_to_second,
    }
    said = {key: "yes" if seen else "no" for key, seen in answers.items() if seen is not None}
    for key, word in said.items():
        yield say(f"sight.{key}.{word}", outside=sight.outside, inside=sight.inside)
    if not said:
        yield say("sight.untried", inside=sight.inside)


def _settings(chain: UnitChain) -> Iterator[str]:
    yield say("unit.files", files=say("and").join(chain.files))
    yield from (say("unit.settings", settings=line) for line in chain.settings)
    if not chain.settings:
        yield say("unit.settings.none")
    yield say("unit.own" if chain.needs_namespace else "unit.shared")
    if chain.outdated:
        yield say("unit.outdated")
    if chain.was_running:
        yield say("unit.running")
    yield say("source", source=SOURCES["unit"])
