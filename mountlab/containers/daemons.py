"""The daemons of one machine: systemd where it was booted, and dockerd from the first time it is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from mountlab.containers.docker import cli, client
from mountlab.containers.docker.daemon import Dockerd
from mountlab.containers.docker.listing import is_simple_template
from mountlab.containers.docker.messages import reported
from mountlab.containers.docker.runtimes import runtimes_of
from mountlab.containers.errors import ContainerError
from mountlab.containers.ledger import Made
from mountlab.containers.systemd import systemctl
from mountlab.containers.systemd.manager import Manager
from mountlab.containers.world import FIRST, Ran, World

_UNIT = "docker.service"
_PROCESS = ":dockerd"
_SEPARATE = "--containerd"
_NOBODY = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"


class Daemons:
    """What runs on a machine besides terminals.

    Args:
        world: the machine.
        has_systemd: whether systemd is its first process.
    """

    def __init__(self, world: World, *, has_systemd: bool) -> None:
        self.world = world
        self.dockerd: Dockerd | None = None
        self.manager = Manager(world, {_UNIT: self}) if has_systemd else None
        """systemd; None where another program is the first process."""
        self._kept: Dockerd | None = None
        """A dockerd that was stopped: what it knew is on its disk."""

    def is_inside(self, shell: str) -> bool:
        """Whether the terminal is in a container, where no daemon is to be asked."""
        return self.dockerd is not None and self.dockerd.inside(shell) is not None

    def run(self, argv: Sequence[str], shell: str, stdin: str | None = None) -> tuple[Ran, list[Made]]:  # noqa: ARG002 - neither reads anything
        """Run docker or systemctl for a terminal: what it printed, and the system calls the daemons made."""
        if self.is_inside(shell):
            return Ran(127, "", f"bash: {argv[0]}: command not found\n"), []
        lists = [self.manager.made] if self.manager else []
        lists += [self.dockerd.made] if self.dockerd else []
        before = [len(made) for made in lists]
        ran = self._docker(argv, shell) if argv[0] == "docker" else self._systemctl(argv)
        made = [call for each, start in zip(lists, before, strict=True) for call in each[start:]]
        if self.dockerd is not None and self.dockerd.made not in lists:
            made += self.dockerd.made
        return ran, made

    def left(self, shell: str, code: int) -> bool:
        """The terminal's shell has ended with that status; True when it was in a container, and is back."""
        return self.dockerd is not None and self.dockerd.left(shell, code)

    def _systemctl(self, argv: Sequence[str]) -> Ran:
        return Ran(*systemctl.run(self.manager, argv[1:]))

    def _docker(self, argv: Sequence[str], shell: str) -> Ran:
        """The socket starts dockerd when it is first asked, or after it was stopped."""
        if self.dockerd is None and self.manager is not None:
            with contextlib.suppress(ContainerError):  # who asks the socket is told of no unit
                self.manager.start(_UNIT)
        elif self.dockerd is None:
            self.world.fork(FIRST, _PROCESS)
            try:
                self.dockerd = Dockerd(self.world, _PROCESS)
            except ContainerError:
                self.world.end(_PROCESS)
        if self.dockerd is None:
            is_run = "run" in argv[1:3]
            return Ran(125, "", reported("run", _NOBODY) + "\n") if is_run else Ran(1, "", _NOBODY + "\n")
        return client.run(self.dockerd, argv, shell)

    # -- docker.service, as systemd runs it -----------------------------------------------------------------

    def started(self, process: str, command: Sequence[str]) -> None:
        """dockerd begins, in the unit's namespace."""
        has_own = not any(word.startswith(_SEPARATE) for word in command)
        if self._kept is None:
            self.dockerd = Dockerd(self.world, process, has_own, runtimes=runtimes_of(command))
        else:
            self._kept.begin_again(process, has_own, runtimes_of(command))
            self.dockerd, self._kept = self._kept, None

    def stopped(self, process: str) -> None:  # noqa: ARG002 - there is one dockerd
        """dockerd ends."""
        if self.dockerd is not None:
            self.dockerd.shut_down()
        self.dockerd, self._kept = None, self.dockerd


def is_understood(argv: Sequence[str]) -> tuple[str, str] | None:
    """Whether a line of docker or systemctl is modelled: None, or the word that is not, and a sentence."""
    if argv[0] == "docker":
        for word in argv:
            if "{{" in word and not is_simple_template(word):
                return word, "of templates only {{.Field}} and {{json .Field}} are understood here"
        return cli.is_understood(argv)
    if systemctl.is_understood(argv[1:]):
        return None
    verb = next((word for word in argv[1:] if not word.startswith("-")), "systemctl")
    if verb in systemctl.VERBS:
        known = ", ".join(systemctl.OPTIONS)
        return (
            verb,
            f"it is understood with names of services, for show with -p and properties; options: {known}",
        )
    return verb, f"this is not understood; systemctl knows here {', '.join(systemctl.VERBS)}"
