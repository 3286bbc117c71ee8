"""The docker client's command line: which request a line makes, or what the client says against it.

Source: docker/cli v20.10.24, cmd/docker/docker.go, cli/cobra.go, cli/required.go and cli/command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from mountlab.containers.docker import go
from mountlab.containers.docker.commands import ALIASES, GROUPS, MODELLED, NOT_MODELLED, VOLUME_HELP, Usage
from mountlab.containers.docker.flags import FlagError, Given, HelpAsked, read
from mountlab.containers.docker.messages import flag_refused, settings_refused
from mountlab.containers.docker.reference import why_no_reference
from mountlab.containers.docker.requests import (
    Create,
    Exec,
    Inspect,
    Kill,
    Ps,
    Pull,
    Request,
    Restart,
    Rm,
    Run,
    Start,
    Stop,
    VolumeCreate,
    VolumeInspect,
    VolumeLs,
    VolumeRm,
)
from mountlab.containers.docker.settings import new_container
from mountlab.containers.docker.values import READERS
from mountlab.containers.errors import ContainerError


class NotModelled(Exception):
    """Something that docker understands and mountlab does not.

    Attributes:
        word: the word of the command line.
        sentence: what about it, and what would work.
    """

    def __init__(self, word: str, sentence: str) -> None:
        super().__init__(sentence)
        self.word, self.sentence = word, sentence


def is_understood(argv: Sequence[str]) -> tuple[str, str] | None:
    """Whether mountlab models this command: None, or the word that it does not, and a sentence."""
    try:
        parse(argv)
    except NotModelled as error:
        return error.word, error.sentence
    except ContainerError:
        pass
    return None


def parse(argv: Sequence[str]) -> Request:
    """What a docker command line asks the daemon for.

    Args:
        argv: the words, "docker" the first.

    Raises:
        ContainerError: docker itself refuses the line; with its words and its exit status.
        NotModelled: docker would understand it, and mountlab does not.
    """
    path, arguments = _command(argv[1:])
    kind, usage = MODELLED[path]
    try:
        given = read(usage.flags, arguments, usage.interspersed, READERS)
    except FlagError as error:
        raise flag_refused("docker " + path, str(error)) from None
    except HelpAsked:
        raise NotModelled("--help", "help texts of docker are not modelled") from None
    if given.values.pop("help", False):
        raise NotModelled("--help", "help texts of docker are not modelled")
    _check_number("docker " + path, usage, len(given.rest))
    if given.refused:
        word, why = given.refused
        raise NotModelled(word, f"docker {path} {word} is not modelled: {why}")
    return _BUILDERS[kind](given)


def _command(words: Sequence[str]) -> tuple[str, list[str]]:
    """The command's own words, as docker's help shows them, and what follows them."""
    if not words:
        raise NotModelled("docker", "docker alone prints its help; say which command: " + _known())
    if words[0].startswith("-"):
        raise NotModelled(
            words[0], "options of docker itself are not modelled: there is one daemon; begin with the command"
        )
    first, length = words[0], 1
    if first in GROUPS:
        if len(words) == 1 or words[1].startswith("-"):
            raise NotModelled(first, f"docker {first} alone prints its help; understood are {_known(first)}")
        first, length = f"{first} {words[1]}", 2
    path = ALIASES.get(first, first)
    if path in MODELLED:
        return path, list(words[length:])
    if path in NOT_MODELLED:
        raise NotModelled(words[length - 1], f"docker {path} is not modelled; understood are {_known()}")
    if length == 1:
        raise ContainerError(f"docker: '{first}' is not a docker command.\nSee 'docker --help'", 1)
    if words[0] == "volume":
        raise ContainerError(VOLUME_HELP, 1)
    raise NotModelled(words[1], f"docker {path} is no command of docker; understood are {_known(words[0])}")


def _known(group: str = "") -> str:
    """The commands that are modelled, or those of a group."""
    paths = [path for path in MODELLED if (path.startswith(group + " ") if group else path not in _LONG)]
    return ", ".join(f"docker {path}" for path in paths)


_LONG: Final = frozenset(path for path in MODELLED if path.split()[0] in ("container", "image"))
"""Commands that have a shorter name too."""


def _check_number(path: str, usage: Usage, number: int) -> None:
    """Refuse too few and too many arguments (cli/required.go)."""
    least, most = usage.least, usage.most
    if most == 0 and number:
        said = "accepts no arguments"
    elif number < least or (most is not None and number > most):
        limit = most if most is not None and number > most else least
        how = "exactly" if least == most else "at least" if number < least else "at most"
        said = f"requires {how} {limit} argument" + ("" if limit == 1 else "s")
    else:
        return
    raise ContainerError(
        f"\"{path}\" {said}.\nSee '{path} --help'.\n\nUsage:  {path} {usage.arguments}\n\n{usage.short}", 1
    )


def _run(given: Given) -> Request:
    detach, streams = given.values.pop("detach", False), given.values.get("attach")
    settings = new_container("run", given)
    if detach and streams:
        raise ContainerError("Conflicting options: -a and -d", 1)
    if why := why_no_reference(settings.image):
        raise settings_refused("run", why)
    return Run(settings, detach)


def _create(given: Given) -> Request:
    settings = new_container("create", given)
    if why := why_no_reference(settings.image):
        raise ContainerError(why, 1)
    return Create(settings)


def _exec(given: Given) -> Request:
    env = tuple(given.values.pop("env", ()))
    return Exec(given.rest[0], tuple(given.rest[1:]), env=env, **given.values)


def _start(given: Given) -> Request:
    if given.values and len(given.rest) > 1:
        raise ContainerError("you cannot start and attach multiple containers at once", 1)
    return Start(tuple(given.rest), **given.values)


def _inspect(given: Given) -> Request:
    kind = given.values.get("type", "")
    if kind not in _INSPECTABLE:
        raise ContainerError(f"{go.quoted(kind)} is not a valid value for --type", 1)
    if kind not in ("", "container", "volume"):
        raise NotModelled("--type", f"docker inspect --type {kind} is not modelled; container and volume are")
    return Inspect(tuple(given.rest), **given.values)


_INSPECTABLE: Final = (
    "", "container", "image", "node", "network", "service", "volume", "task", "plugin", "secret"
)  # fmt: skip


def _pull(given: Given) -> Request:
    why = why_no_reference(given.rest[0])
    if why:
        raise ContainerError(why, 1)
    return Pull(given.rest[0], **given.values)


def _volume_create(given: Given) -> Request:
    values = given.values
    if given.rest and values.get("name"):
        raise ContainerError(
            "conflicting options: either specify --name or provide positional arg, not both", 1
        )
    return VolumeCreate(
        name=given.rest[0] if given.rest else values.get("name", ""),
        driver=values.get("driver", "local"),
        options=_pairs(values.get("options", ())),
        labels=_pairs(values.get("labels", ())),
    )


def _pairs(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """``KEY=VALUE`` each; the last one counts for a key."""
    return tuple({key: value for key, _, value in (text.partition("=") for text in texts)}.items())


def _of_names(request: Callable[..., Request]) -> Callable[[Given], Request]:
    """A command whose arguments are names and whose options are fields."""
    return lambda given: request(tuple(given.rest), **given.values)


_BUILDERS: Final[dict[str, Callable[[Given], Request]]] = {
    "create": _create,
    "run": _run,
    "exec": _exec,
    "start": _start,
    "stop": _of_names(Stop),
    "restart": _of_names(Restart),
    "kill": _of_names(Kill),
    "rm": _of_names(Rm),
    "ps": lambda given: Ps(**given.values),
    "inspect": _inspect,
    "container inspect": lambda given: Inspect(tuple(given.rest), type="container", **given.values),
    "pull": _pull,
    "volume create": _volume_create,
    "volume ls": lambda given: VolumeLs(**given.values),
    "volume inspect": _of_names(VolumeInspect),
    "volume rm": _of_names(VolumeRm),
}
