"""Every belief that can be computed: the slug of a misconception, and how its believer reads a command.

A function's name is the slug with underscores.  Each is a generator: it yields the commands that the believer
thinks are run, and may change the state between them (see `mountlab.practice.mind`).
"""

from __future__ import annotations

from mountlab.practice.beliefs import (
    binds,
    containers,
    copies,
    directories,
    groups,
    namespaces,
    pods,
    types,
    umounts,
)
from mountlab.practice.mind import Belief, Mind

BELIEFS: dict[str, Belief] = {
    belief.__name__.replace("_", "-"): belief
    for theme in (binds, directories, namespaces, types, groups, copies, umounts, containers, pods)
    for belief in theme.ALL
}


def mind_of(slug: str, init: str = "bare") -> Mind:
    """A machine as the believer of a misconception imagines it.

    Raises:
        KeyError: when the misconception has no computed believer.
    """
    return Mind(BELIEFS[slug], init)
