"""The answers to "why is it here" and "why is it not", for a shell and a path."""

from __future__ import annotations

from mountlab.explain.absence import Absence
from mountlab.explain.answer import Answer, Link
from mountlab.explain.ask import Question, Reached
from mountlab.explain.chain import Chain
from mountlab.explain.chronicle import shells_of
from mountlab.explain.cures import search
from mountlab.explain.elsewhere import Once, Wanted, absolute, covered, elsewhere, once
from mountlab.explain.tell import Fact, Names, Parts, Teller, When
from mountlab.explain.words import say
from mountlab.model import Task, Vfs
from mountlab.processes import FIRST
from mountlab.shell.complaints import shown
from mountlab.shell.simbackend import SimulatorBackend

CURES = 2
"""Edits that a cure may have."""


def why(
    machine: SimulatorBackend,
    shell: str,
    path: str,
    step: int | None = None,
    names: Names | None = None,
    cures: int = CURES,
) -> Answer:
    """The chain from a user's command to the mount that a shell sees at a path.

    Where no mount is, it is the answer of `whynot`.

    Args:
        machine: a machine with its history.
        shell: a terminal of it.
        path: as that terminal would type it.
        step: the state after this line is meant; the present when left out.
        names: how the numbers of mounts and groups are told.
        cures: for `whynot`.

    Raises:
        QuestionError: when there is no such shell or step.
    """
    question = Question(machine, shell, step, names)
    reached = question.look(path)
    row = question.vfs.mounts[reached.mount]
    if reached.missing is not None or reached.dentry != row.root:
        return whynot(machine, shell, path, step, names, cures)
    chain = Chain(question.teller).of_row(reached.mount, row.attached, question.moment)
    facts = [*_eyes(question), *chain, *_covers(question, reached.mount)]
    return Answer(shell, path, question.step, True, question.teller.links(facts))


def _covers(question: Question, mount: int) -> list[Fact]:
    """What stands beneath it at the same place."""
    row = question.vfs.mounts[mount]
    below = question.vfs.mounts[row.parent_id]
    if below.mount_id in (mount, question.vfs.namespaces[question.task.namespace].root):
        return []
    if row.mountpoint != below.root:
        return []
    return [Fact("covers", "mount.new", None, {"below": question.at(below.mount_id)})]


def _eyes(question: Question) -> list[Fact]:
    """That the shell's root is not everybody's, if so."""
    vfs, task = question.vfs, question.task
    top = vfs.topmost(vfs.namespaces[task.namespace].root)
    if (task.root_mount, task.root_dentry) == (top, vfs.mounts[top].root):
        return []
    known = question.teller.chronicle
    if vfs.topmost(task.root_mount) == top and task.root_dentry == vfs.mounts[task.root_mount].root:
        since = known.lives[top].place(question.moment).moment
        over: Parts = {"shell": question.shell, "cover": question.at(top), "when": When(since)}
        return [Fact("view.beneath", "mount.new", since, over)]
    root = question.teller.path(question.at(task.root_mount, task.root_dentry), None) or "/"
    since = known.rooted(task.pid, question.moment)
    key = "view" if known.line(since) else "view.opened"
    parts: Parts = {"shell": question.shell, "root": root, "when": When(since)}
    return [Fact(key, "process.chroot", since, parts)]


def whynot(
    machine: SimulatorBackend,
    shell: str,
    path: str,
    step: int | None = None,
    names: Names | None = None,
    cures: int = CURES,
) -> Answer:
    """What keeps a mount from being at a path, and what change of the commands would have let it through.

    Args:
        machine: a machine with its history.
        shell: a terminal of it.
        path: as that terminal would type it.
        step: the state after this line is meant; the present when left out.
        names: how the numbers of mounts and groups are told.
        cures: how many edits a cure may have; 0: none is looked for.

    Raises:
        QuestionError: when there is no such shell or step.
    """
    question = Question(machine, shell, step, names)
    place = absolute(question.vfs, question.task, path)
    reached = question.look(path)
    absence = Absence(question.teller, question.vfs, question.moment, question.task, shell)
    hidden = covered(question.vfs, question.task, place)
    facts = [*_eyes(question), *_present(question, path, reached)]
    wanted: Wanted | None = None
    if hidden:
        wanted = Wanted(hidden[0][0], place)
        facts += [_hidden(question, *pair) for pair in hidden]
        absence.met |= {mount for pair in hidden for mount in pair}
    elif not _is_mounted(question, reached):
        wanted = next(elsewhere(question.vfs, question.task, place), None)
        facts += _present_elsewhere(absence, wanted, place)
    if not hidden and not _is_mounted(question, reached):
        there = None if reached.missing else reached.dentry
        last = once(question.teller, question.moment, question.task, place, there)
        if wanted is None:
            facts += _past(absence, last, place)
            wanted = Wanted(last.mount, place) if last is not None else None
        elif last is not None and last.is_own and not any(fact.key.startswith("was.") for fact in facts):
            facts.append(absence.left(last.mount, last.until))
    cure, count = search(question, path, wanted, facts, absence.met, cures) if cures and wanted else (None, 0)
    links = question.teller.links(facts)
    if count and cure is None:
        links += (Link(say("no.cure", count=count)),)
    mounted = _is_mounted(question, reached)
    return Answer(shell, path, question.step, mounted, links, cure, count)


def _is_mounted(question: Question, reached: Reached) -> bool:
    return reached.missing is None and question.vfs.mounts[reached.mount].root == reached.dentry


def _present(question: Question, path: str, reached: Reached) -> list[Fact]:
    """What there is at the path."""
    parts: Parts = {"shell": question.shell, "path": path, "mount": question.at(reached.mount)}
    kind = question.vfs.dentries[reached.dentry].kind
    directory = question.at(reached.mount, reached.dentry)
    if reached.missing is not None:
        is_root = question.row(reached.mount).root == reached.dentry
        key = "inside.notdir" if kind != "dir" else "inside.missing.root" if is_root else "inside.missing"
        name = shown(reached.missing)
        return [Fact(key, "path.missing", None, parts | {"name": name, "directory": directory})]
    if _is_mounted(question, reached):
        row = question.vfs.mounts[reached.mount]
        what = f"{row.source} ({question.vfs.filesystems[row.fs].fstype})"
        return [Fact("is.there", None, None, {"mount": question.at(reached.mount), "what": what})]
    return [Fact("inside", None, None, parts | {"kind": say(f"kind.{kind}")})]


def _hidden(question: Question, mount: int, cover: int) -> Fact:
    since = question.teller.chronicle.lives[cover].place(question.moment).moment
    parts: Parts = {"mount": question.at(mount), "cover": question.at(cover), "when": When(since)}
    return Fact("covered", "mount.new", since, parts)


def _present_elsewhere(absence: Absence, wanted: Wanted | None, path: str) -> list[Fact]:
    """Why the mount that is somewhere else is not here."""
    if wanted is None:
        return []
    above: list[Fact] = []
    if wanted.path != path:
        above.append(Fact("because", None, None, {"path": path, "prefix": wanted.path}))
    return above + absence.obstacles(wanted.mount, wanted.path)


def _past(absence: Absence, last: Once | None, path: str) -> list[Fact]:
    """What became of the mount that was here once, or somewhere else at the same place."""
    if last is None:
        return [Fact("never", None, None, {})]
    facts: list[Fact] = []
    if not last.is_own:
        facts += absence.obstacles(last.mount, path)
    return [*facts, absence.left(last.mount, last.until)]


def obstacles(
    machine: SimulatorBackend,
    vfs: Vfs,
    origin_mount_id: int | None,
    namespace: int,
    path: str,
    *,
    shell: str | None = None,
    names: Names | None = None,
    until: int | None = None,
) -> tuple[Link, ...]:
    """Why a mount that is elsewhere is not at a path of a namespace; no cure is looked for.

    Args:
        machine: whose history is told.
        vfs: the state that is meant, `machine.sim.vfs` or a past one.
        origin_mount_id: the mount that is missed; None: found by the path.
        namespace: where it is missed.
        path: from that namespace's root, or from the root of `shell`.
        shell: whose view is meant, when a namespace has several.
        names: how numbers are told.
        until: how many system calls led to that state; all, when left out.
    """
    teller = Teller(machine, names)
    task = _eyes_of(vfs, namespace, shell, shells_of(machine))
    if task is None:
        return ()
    if origin_mount_id is None:
        wanted = next(elsewhere(vfs, task, path), None)
        if wanted is None:
            return ()
        origin_mount_id, path = wanted
    is_shell = task.pid != FIRST and task.name in shells_of(machine)
    called = task.name if is_shell else say("namespace", number=namespace)
    teller.now = teller.chronicle.end_of(until)
    absence = Absence(teller, vfs, teller.now, task, called)
    return teller.links(absence.obstacles(origin_mount_id, path))


def _eyes_of(vfs: Vfs, namespace: int, shell: str | None, shells: set[str]) -> Task | None:
    """The process whose view of a namespace is meant: the first terminal, if none is named."""
    inside = [task for task in vfs.tasks.values() if task.namespace == namespace]
    named = [task for task in inside if task.name == shell]
    order = {task.pid: (task.name not in shells or task.pid == FIRST, task.pid) for task in inside}
    return min(named or inside, key=lambda task: order[task.pid], default=None)
