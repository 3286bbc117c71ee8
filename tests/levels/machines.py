"""What the tests of the levels share: a short level, and a machine whose numbers are not the usual ones."""

from __future__ import annotations

from mountlab.practice.level_file import Level, read_level
from mountlab.shell.backend import NamespaceTable, Outcome
from mountlab.shell.simbackend import SimulatorBackend
from mountlab.shell.syntax import CommandLine
from mountlab.shell.transcript import parse

SHORT = """\
#: title="Two names" notebook=01 par=1 teaches="bind-copies"
# A disk is at /a. It is wanted at /b as well.
host# mkdir /a /b /c
host# mount -t tmpfs disk /a
#? goal host: /b same-as host: /a => /b is /a.
#? hint host: /c mounted => That is /c.
#? hint always => Bind it.
#? fail host: /a absent => The disk is gone.
"""
ANSWERS = """\
#? solution
# One directory, two names.
host# mount --bind /a /b
#? another
host# mount --rbind /a /b
#? detour
host# mount --bind /a /c
#? detour
host# umount /a
"""
BEFORE = """\
other# unshare --mount
other# mount -t tmpfs one /mnt
other# mount --make-shared /mnt
other# mount --bind /mnt /var
other# mount --make-slave /var
other# mount --make-shared /var
other# mount -t tmpfs two /tmp
other# mount --make-shared /tmp
"""


def short(text: str = SHORT, answers: str | None = ANSWERS) -> Level:
    return read_level(text, "short.mnt", "short", answers, "short.answers.mnt")


class Shifted:
    """A simulated machine on which somebody else has used up the first numbers; files are found by `ls`."""

    name = "shifted"

    def __init__(self) -> None:
        self.sim = SimulatorBackend()

    def reset(self, init: str | None = None) -> None:
        self.sim = SimulatorBackend(init or "bare")
        for step in parse(BEFORE).steps:
            assert step.command is not None
            self.run(step.shell, step.command)

    def open(self, shell: str) -> None:
        self.sim.open(shell)

    def run(self, shell: str, line: CommandLine) -> Outcome:
        return self.sim.run(shell, line)

    def tables(self) -> list[NamespaceTable]:
        return self.sim.tables()

    def close(self) -> None:
        self.sim.close()
