"""What the private machine makes of a line: which are refused, and the words that the real docker gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from mountlab.containers.docker.cli import NotModelled, parse
from mountlab.containers.docker.requests import (
    Create,
    Exec,
    MountRequest,
    Pull,
    Request,
    Restart,
    Run,
    Settings,
    Start,
    Stop,
    VolumeCreate,
    VolumeInspect,
    VolumeLs,
    VolumeRm,
)
from mountlab.containers.docker.state import Container
from mountlab.containers.errors import ContainerError
from mountlab.runtimes.shown import real_name
from mountlab.shell.complaints import Place, TranscriptError, shown
from mountlab.shell.syntax import Command
from mountlab.shell.transcript import Transcript

PROGRAMS = frozenset(
    "cat cd docker echo exit findmnt ls mkdir mount nsenter rm rmdir sed stat tee touch true umount"
    " unshare".split()
)
TABLE_FILE = re.compile(r"^/proc/([A-Za-z0-9_][A-Za-z0-9_.-]*)/mountinfo$")
_OTHER_TABLES = re.compile(r"/proc/(\S+/)?(mounts|mountstats)|/etc/mtab")
_RACE = re.compile(r'^time="[^"]*" level=error msg="error waiting for container: .*\n', re.MULTILINE)
_VOLUMES = VolumeCreate | VolumeInspect | VolumeLs | VolumeRm
_MOVES = re.compile(
    r"(-m|--mount|--propagation(=\S+)?|private|shared|slave|unchanged|-t|--target(=\S+)?|\w[\w.-]*)"
)


class Words(NamedTuple):
    """What the real docker is asked."""

    head: list[str]
    inner: tuple[str, ...] = ()
    """What is to run in the container."""
    container: str = ""
    """The container in which it is to run, where there is one already."""
    image: str = ""
    """The image that it needs."""
    server: str = ""
    """The program that image runs until it is stopped; empty: a shell."""
    enters: bool = False
    """Whether the terminal may be in a container afterwards."""
    volumes: int = 0
    """How many volumes without a name it makes."""


def check(transcript: Transcript, objects: Callable[[Command], str | None] | None = None) -> None:
    """Refuse a transcript of which this world cannot run every line.

    Raises:
        TranscriptError: with the first such line.
    """
    for step in transcript.steps:
        for command in step.command.commands if step.command else ():
            sentence = (objects or objection)(command)
            if sentence:
                place = Place(step.line)
                raise TranscriptError(
                    sentence, file=transcript.file, place=place, word=command.argv[0], source=step.text
                )


def objection(command: Command, client: str = "docker", world: str = "docker") -> str | None:
    """Why a command is refused, in one sentence; None: it is not.

    Args:
        command: the command.
        client: the program for which that world is there.
        world: what it is called.
    """
    program, *words = command.argv
    if program == "systemctl":
        return f"systemctl: --backend {world} starts its daemon itself, without systemd; use --backend kernel"
    programs = PROGRAMS - {"docker"} | {client}
    if program not in programs:
        known = ", ".join(sorted(programs))
        return f"{shown(program)} is not understood by --backend {world}; there are: {known}"
    if program == "mount" and not any(not word.startswith("-") for word in words):
        return "mount without a mountpoint would list what only the daemon needs; use findmnt"
    other = next((word for word in words if _OTHER_TABLES.fullmatch(word)), None)
    if other:
        return f"{shown(other)} would list what only the daemon needs; use findmnt, or /proc/self/mountinfo"
    if program in ("unshare", "nsenter") and not all(_MOVES.fullmatch(word) for word in words):
        return f"of {program} only --mount, --propagation and --target are understood by --backend {world}"
    if program == "docker" and isinstance(_parsed(command.argv), Pull):
        return "docker pull: there is no network; an image is made when it is first used"
    return None


def _parsed(argv: tuple[str, ...]) -> Request | None:
    try:
        return parse(argv)
    except (ContainerError, NotModelled):
        return None


def docker_words(argv: tuple[str, ...], number: int) -> Words:
    """The line as the real docker gets it.

    Names of one letter get a longer one, and a container without a name that of the model.  Where a
    terminal is to go inside, `-t` is left out: there is no tty here, and output and errors stay apart.
    What is stopped is killed at once: a shell or a server of ours would be anyway, ten seconds later.

    Args:
        argv: the words of the lesson.
        number: how many containers have been asked for, with this one.
    """
    request = _parsed(argv)
    if request is None or isinstance(request, _VOLUMES):
        return Words([*argv], volumes=int(isinstance(request, VolumeCreate) and not request.name))
    inner: tuple[str, ...] = ()
    if isinstance(request, Run | Create | Exec):
        inner = request.command if isinstance(request, Exec) else request.settings.command
    head = [_long(word) for word in argv[: len(argv) - len(inner)]]
    enters = _enters(request)
    if enters and not isinstance(request, Start):
        head = [word for word in map(_without_tty, head) if word]
    if isinstance(request, Stop | Restart):
        _insert(head, ["-t", "0"])
    if isinstance(request, Exec):
        return Words(head, inner, container=real_name(request.container), enters=enters)
    if isinstance(request, Run | Create):
        settings = request.settings
        head[-1] = settings.image
        _insert(head, [] if settings.name else ["--name", f"unnamed_{number}"])
        volumes = sum(map(_is_anonymous, settings.mounts))
        return Words(head, inner, "", settings.image, _server(settings), enters, volumes)
    return Words(head, enters=enters)


def _is_anonymous(mount: MountRequest) -> bool:
    return mount.via == "volumes" or (
        mount.spec is not None and mount.spec.type == "volume" and not mount.spec.source
    )


def without_race(stderr: str) -> str:
    """What docker said, without what its client adds now and then when a container does not start."""
    return _RACE.sub("", stderr)


def creates(argv: tuple[str, ...]) -> bool:
    """Whether a line asks for a new container."""
    return isinstance(_parsed(argv), Run | Create)


def _insert(head: list[str], words: list[str]) -> None:
    """Put these words after docker's own."""
    at = next(n for n, word in enumerate(head) if word in ("run", "create", "stop", "restart"))
    head[at + 1 : at + 1] = words


def _enters(request: Request) -> bool:
    if isinstance(request, Run):
        return not request.detach and request.settings.interactive and request.settings.tty
    if isinstance(request, Exec):
        return not request.detach and request.interactive and request.tty
    return isinstance(request, Start) and (request.attach or request.interactive)


def _long(word: str) -> str:
    """A word in which a container may be named by one letter."""
    option, equals, value = word.partition("=")
    if option in ("--name", "--volumes-from"):
        name, colon, mode = value.partition(":")
        return option + equals + real_name(name) + colon + mode
    name, colon, mode = word.partition(":")
    return real_name(name) + colon + mode if mode in ("", "ro", "rw") else word


def _without_tty(word: str) -> str:
    if word == "--tty" or word.startswith("--tty="):
        return ""
    if re.fullmatch(r"-[ditPq]+", word):
        return word.replace("t", "") if word != "-t" else ""
    return word


def _server(settings: Settings) -> str:
    """The program that the image of a server runs."""
    (first, *_) = Container("", "", Settings(image=settings.image), ()).command
    return "" if first == "sh" else first
