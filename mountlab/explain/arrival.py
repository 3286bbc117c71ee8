"""How a mount came to where it is: the one command, and on which mount it was carried out."""

from __future__ import annotations

from typing import NamedTuple

from mountlab.events import Cloned, Received
from mountlab.explain.chain import Chain
from mountlab.explain.chronicle import SPREAD, Chronicle
from mountlab.explain.lives import START, Place
from mountlab.explain.tell import Fact, Teller


class Arrival(NamedTuple):
    """Something was attached."""

    moment: int
    source: int
    """The mount that the command attached; the mount asked about is that one, or a copy of it."""
    dest: int
    """On which mount."""
    mountpoint: int
    """At which dentry of it."""
    place: Place | None = None
    """The move that brought it there, when it had been elsewhere before."""


def arrival(known: Chronicle, mount: int, moment: int) -> Arrival:
    """How a mount, or what it was copied from together with its namespace, came to its place."""
    while True:
        life = known.lives[mount]
        moved = next(
            (p for p in reversed(life.places[1:]) if p.moment < moment and p.rule in ("move", "pivot")), None
        )
        if moved is not None:
            return Arrival(moved.moment, mount, moved.parent, moved.mountpoint, moved)
        came = life.places[0]
        event = life.event
        if event is None:
            return Arrival(START, mount, came.parent, came.mountpoint)
        if event.rule in SPREAD:
            return _spread(known, mount)
        if isinstance(event, Cloned | Received) and event.rule.startswith("unshare"):
            mount, moment = event.original, life.born
            continue
        return Arrival(life.born, mount, came.parent, came.mountpoint)


def _spread(known: Chronicle, mount: int) -> Arrival:
    """A copy that propagation made: what was attached, not the copy."""
    born = known.lives[mount].born
    operation = known.operation(born)
    spread, seed = known.spreads[operation], known.seeds[mount]
    place = known.lives[seed].place(known.end_of(operation + 1))
    moved = place if place.rule == "move" and place.moment >= known.starts[operation] else None
    if seed == spread.source:
        return Arrival(born, seed, spread.dest, spread.mountpoint, moved)
    return Arrival(born, seed, place.parent, place.mountpoint)


def told(teller: Teller, came: Arrival) -> Fact:
    """The sentence about it."""
    chain = Chain(teller)
    if came.place is not None:
        return chain.placed(came.source, came.place)
    return chain.birth(came.source)[-1]
