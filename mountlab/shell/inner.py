"""Commands within a command: what docker and ``kubectl exec`` are to run inside a container."""

from __future__ import annotations

from collections.abc import Sequence

from mountlab.containers.docker.cli import NotModelled, parse
from mountlab.containers.docker.client import SHELLS
from mountlab.containers.docker.requests import Create, Exec, Run
from mountlab.containers.errors import ContainerError
from mountlab.kubernetes import daemons
from mountlab.kubernetes.errors import KubernetesError
from mountlab.kubernetes.kubectl import cli as kubectl
from mountlab.kubernetes.kubectl import requests as kubernetes
from mountlab.shell import transcript
from mountlab.shell.complaints import TranscriptError
from mountlab.shell.syntax import Command

_SCRIPT = 3
"""Words of ``sh -c SCRIPT``."""


def inner_commands(argv: Sequence[str]) -> tuple[Command, ...] | None:
    """The commands of the language that such words stand for; None when the program is another one.

    Raises:
        TranscriptError: for a script that is outside the language.
    """
    from mountlab.shell import programs  # noqa: PLC0415 - programs judge docker's words, and so need this

    if len(argv) == _SCRIPT and argv[0] in SHELLS and argv[1] == "-c":
        steps = transcript.parse(f"inside# {argv[2]}").steps
        return tuple(command for step in steps if step.command for command in step.command.commands)
    command = Command(tuple(argv))
    known = argv[0] in programs.PROGRAMS or argv[0] in programs.BUILTINS
    return (command,) if known and programs.check(command) is None else None


def objection(argv: tuple[str, ...]) -> str | None:
    """Why a line of a client is outside the language, in one sentence."""
    if found := daemons.is_understood(argv):
        return f"{found[0]}: {found[1]}"
    words = _words_inside(argv)
    try:
        inner_commands(words or ("true",))
    except TranscriptError as error:
        return f"{words[-1]}: {error.sentence}"
    return None


def _words_inside(argv: tuple[str, ...]) -> Sequence[str]:
    """What a line is to run inside a container; nothing where the client itself refuses the line."""
    if argv[0] == "kubectl":
        try:
            asked = kubectl.parse(argv)
        except (KubernetesError, kubectl.NotModelled):
            return ()
        return asked.command if isinstance(asked, kubernetes.Exec) else ()
    if argv[0] != "docker":
        return ()
    try:
        request = parse(argv)
    except (ContainerError, NotModelled):
        return ()
    if isinstance(request, Run | Create):
        return request.settings.command
    return request.command if isinstance(request, Exec) else ()
