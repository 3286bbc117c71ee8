"""Random command lines for the real programs: what people type, right and wrong."""

# ruff: noqa: PLR2004 - the numbers are chances
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from mountlab.agree.operations import DIRECTORIES, FILES, SHELLS, random_path, random_run
from mountlab.agree.worlds import Difference
from mountlab.model import Vfs
from mountlab.processes import at_top
from mountlab.resolve import resolve
from mountlab.shell.runner import Counterpart, play
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.transcript import parse
from mountlab.table import rows_seen_by

if TYPE_CHECKING:
    from mountlab.kernel.backend import KernelBackend

_PROPAGATION = ("shared", "slave", "private", "unbindable")
_FLAGS = ("ro", "rw", "nosuid", "nodev", "noexec", "noatime")
MANY = 60


def random_lines(rng: Random, length: int) -> list[str]:
    """The setting, and commands of which some are the plain operations of `mountlab agree`."""
    lines = ["s0# mkdir -p " + " ".join(DIRECTORIES), "s0# touch /f /a/g"]
    plain = [op.command() for op in random_run(rng, length)[len(DIRECTORIES) + 2 :]]
    for line in plain[:length]:
        own = rng.random() < 0.45
        lines += [f"{rng.choice(SHELLS)}# {_line(rng)}" if own else line]
    return lines


def _line(rng: Random) -> str:
    path, other, file = random_path(rng), random_path(rng), rng.choice(FILES)
    recursive = rng.choice(("", "r"))
    word, flags = rng.choice(_PROPAGATION), ",".join(rng.sample(_FLAGS, rng.choice((1, 1, 2))))
    return rng.choice(
        (
            f"mount -o bind,{flags} {other} {path}",
            f"mount --{recursive}bind --make-{recursive}{word} {other} {path}",
            f"mount -t tmpfs -o {flags} t {path}",
            f"mount -t tmpfs --make-{word} t {path}",
            f"mount -o remount,{flags} {path if path not in FILES else DIRECTORIES[0]}",
            f"mount -o remount,bind,{flags} {path}",
            f"umount -R {path}",
            f"umount {path} {other}",
            f"umount -l {path} {other}",
            f"unshare --mount={file} --propagation {rng.choice(('private', 'slave', 'unchanged'))}",
            f"nsenter --mount={file}",
            f"lsns -t mnt -p {rng.choice(SHELLS)}",
            f"unshare --mount --propagation {rng.choice(('private', 'shared', 'slave', 'unchanged'))}",
            "unshare -U -r --mount",
            f"findmnt -n -o TARGET,SOURCE,FSTYPE,PROPAGATION,FSROOT {rng.choice(('', '-l', '-R ' + path))}",
            "cat /proc/self/mountinfo",
            "cat /proc/self/mounts",
            "mount",
            f"ls -a {path}",
            f"ls -id {path} {other}",
            f"mkdir -p {path}/n{rng.randrange(3)}",
            f"rmdir {path}/n{rng.randrange(3)}",
            f"cd {path}",
            f"echo {rng.randrange(9)} > {path}/file",
            f"cat {path}/file",
            f"stat -c '%n %i %F %h' {path}",
            f"rm -r {path}/n1",
            "exit",
        )
    )


def _out_of_sight(vfs: Vfs) -> bool:
    """Whether a namespace lives by mounts of its file alone, and all of them are covered.

    The sandbox looks into such a namespace through its file, and then cannot tell of it.
    """
    attended = {task.namespace for task in vfs.tasks.values()}
    empty = [number for number in vfs.ns_files if number not in attended]
    viewers = list(vfs.tasks.values())
    viewers += [at_top(vfs, viewers[0], number) for number in empty]
    seen = set()
    for viewer in viewers:
        for row in rows_seen_by(vfs, viewer):
            if row.fstype == "nsfs":
                found = vfs.dentries[resolve(vfs, viewer, row.mountpoint).dentry]
                seen.add(found.namespace)
    return not seen.issuperset(empty)


def first_difference_of_programs(
    lines: Sequence[str], init: str, kernel: KernelBackend, tally: Counter[str] | None = None
) -> Difference | None:
    """Run the lines with the simulated and with the real programs; None when nothing differs."""
    transcript = parse("".join(line + "\n" for line in lines), "random")
    kernel.reset(init)
    simulated = SimulatorBackend(init)
    for number, result in enumerate(play(transcript, simulated, Counterpart(kernel))):
        if _out_of_sight(simulated.sim.vfs):
            return None
        if result.differs:
            return Difference(number, result.differs)
        if tally is not None and result.outcome is not None:
            tally["operations"] += 1
            tally[f"program {lines[number].split()[1]}"] += 1
            tally["failed"] += result.outcome.exit != 0
        floors = {namespace.root for namespace in simulated.sim.vfs.namespaces.values()}
        on_the_floor = any(task.root_mount in floors for task in simulated.sim.vfs.tasks.values())
        if on_the_floor or len(simulated.sim.vfs.mounts) > MANY:
            return None
    return None
