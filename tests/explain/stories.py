"""Small machines with a history, for questions whose answers were worked out by hand."""

from __future__ import annotations

from mountlab.explain import Answer, Link
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse


def machine(text: str, init: str = "bare") -> SimulatorBackend:
    """A simulated machine on which a transcript was run; every command of it must succeed."""
    backend = SimulatorBackend(init)
    for step in parse(text, "story").steps:
        backend.open(step.shell)
        if step.command is not None:
            outcome = backend.run(step.shell, step.command)
            assert outcome.exit == 0, (step.text, outcome.stderr)
    return backend


def reasons(answer: Answer) -> list[tuple[int | None, str | None]]:
    """Step and rule of each link."""
    return [(link.step, link.rule) for link in answer.links]


def rule_of(answer: Answer, rule: str) -> Link:
    """The one link with a rule."""
    (link,) = [link for link in answer.links if link.rule == rule]
    return link


ISSUE = """\
host# mkdir -p /a /b
host# mount -t tmpfs disk1 /a
host# mount --make-shared /a
c1# unshare --mount --propagation slave
host# mkdir /a/x
host# mount -t tmpfs disk2 /a/x
"""
"""The example of mount_namespaces(7) for slaves, with a second disk."""
