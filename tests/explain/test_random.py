"""Truths about the answers for every machine that random commands can make."""

from __future__ import annotations

import re
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from mountlab.agree.programs import random_lines
from mountlab.explain import obstacles, whatif, why, why_mount, whynot
from mountlab.library import load, names
from mountlab.shell.lookup import find
from mountlab.shell.runner import play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import Transcript, parse

MANY = 60
SEEDS = st.integers(0, 2**32)


def random_machine(seed: int, length: int) -> SimulatorBackend:
    """A machine on which random commands were run, right and wrong ones."""
    rng = Random(seed)
    lines = random_lines(rng, length)
    machine = SimulatorBackend(rng.choice(["bare", "systemd"]))
    for _ in play(parse("\n".join(lines), "random"), machine):
        if len(machine.sim.vfs.mounts) > MANY:
            break
    return machine


def run(transcript: Transcript) -> SimulatorBackend:
    machine = SimulatorBackend(transcript.header.get("init", "bare"))
    for _ in play(transcript, machine):
        pass
    return machine


def paths_elsewhere(machine: SimulatorBackend, shell: str) -> list[str]:
    """Where some other terminal has a mount and this one has not."""
    tables = machine.tables()
    everywhere = {row.mountpoint for table in tables for row in table.mounts}
    own = {row.mountpoint for row in machine.sim.mountinfo(machine.terminals[shell])}
    return sorted(everywhere - own)


def check_every_why(machine: SimulatorBackend) -> None:
    vfs, last = machine.sim.vfs, len(machine.history)
    for mount, row in vfs.mounts.items():
        if row.namespace is None:
            continue
        chain = why_mount(machine, vfs, mount)
        assert chain[0].step or "was there when the machine started" in chain[0].text
        assert all(1 <= link.step <= last for link in chain if link.step)
        assert all(link.sentence and link.source for link in chain if link.rule)
        assert all("{" not in link.text and link.text.endswith((".", "…")) for link in chain)
        assert re.search(rf"\(mount {mount}\)", " ".join(link.text for link in chain))
        steps = [link.step for link in chain if link.step]
        assert not steps or steps[-1] == max(steps), "the chain ends with what happened last"


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_every_mount_has_a_why_that_begins_with_a_command_or_the_start(seed: int) -> None:
    check_every_why(random_machine(seed, 30))


def test_every_mount_of_every_transcript_in_the_library_has_a_why() -> None:
    for name in names():
        transcript = load(name)
        if name not in ("rule-mount-max", "fact-13-root-into-itself"):  # thousands of mounts
            check_every_why(run(transcript))


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_whynot_always_has_an_answer_and_never_shrugs(seed: int) -> None:
    machine = random_machine(seed, 25)
    for shell in list(machine.terminals):
        for path in [*paths_elsewhere(machine, shell)[:6], "/nothing/here", "/a/x", "."]:
            answer = whynot(machine, shell, path, cures=0)
            assert answer.links
            assert "explains it" not in str(answer)
            assert answer.mounted == why(machine, shell, path, cures=0).mounted
            assert all(link.sentence for link in answer.links if link.rule)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_a_cure_that_is_typed_brings_the_mount(seed: int) -> None:
    machine = random_machine(seed, 12)
    for shell in list(machine.terminals)[:2]:
        for path in paths_elsewhere(machine, shell)[:1]:
            answer = whynot(machine, shell, path)
            if answer.cure is None:
                continue
            changed = run(parse(answer.cure.transcript, "cure"))
            # By the printed table alone: the search looks at the state itself.
            found = find(changed.sim.mountinfo(changed.terminals[shell]), path)
            assert found is not None
            assert found.is_mountpoint
            assert 1 <= len(answer.cure.edits) <= 2


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_the_past_is_told_as_it_was_asked_then(seed: int) -> None:
    """What is asked of an earlier step is what a machine says that has gone no further."""
    rng = Random(seed)
    lines = random_lines(rng, 16)
    whole = run(parse("\n".join(lines), "random"))
    step = rng.randrange(1, len(whole.history))
    part = run(parse("\n".join(lines[:step]), "random"))
    for shell in part.terminals:
        for path in ("/a", "/b/x", "/"):
            then = whynot(part, shell, path, cures=0)
            assert whynot(whole, shell, path, step=step, cures=0) == then
            now = why(part, shell, path, cures=0)
            assert why(whole, shell, path, step=step, cures=0) == now


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_a_command_replaced_by_itself_changes_nothing(seed: int) -> None:
    machine = random_machine(seed, 15)
    ran = Random(seed).choice(machine.history)

    assert whatif(machine, ran.number, ran.typed).is_same


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_a_picture_may_ask_about_every_empty_place(seed: int) -> None:
    machine = random_machine(seed, 20)
    for shell, process in machine.terminals.items():
        for path in paths_elsewhere(machine, shell):
            obstacles(machine, machine.sim.vfs, None, process.ns, path, shell=shell)


def test_the_chains_of_very_many_copies_stay_short() -> None:
    lines = ["host# mkdir /p", "host# mount -t tmpfs p /p", "host# mkdir /p/x"]
    lines.append("host# mount --make-shared /p")
    for number in range(150):
        lines += [f"host# mkdir /m{number}", f"host# mount --bind /p /m{number}"]
    machine = run(parse("\n".join([*lines, "host# mount -t tmpfs disk /p/x"]), "many"))
    mounts = list(machine.sim.vfs.mounts)

    assert len(mounts) > 300
    assert sum(len(why_mount(machine, machine.sim.vfs, mount)) for mount in mounts) < 5 * len(mounts)
