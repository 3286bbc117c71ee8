"""The commands of docker 20.10: their options, their usage lines, and why some are not modelled.

Source: docker/cli v20.10.24, cli/command/*/*.go.  How options are written down: see `options`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mountlab.containers.docker.flags import Flag, table
from mountlab.containers.docker.options import NEW_CONTAINER, NO_FILE, RUN_ONLY


@dataclass(frozen=True)
class Usage:
    """A command as its help shows it.

    Attributes:
        arguments: the usage line after the command's own words.
        short: what it does, in a line.
        least: how many arguments it needs.
        most: how many it takes; None: any number.
        interspersed: whether options may follow arguments.
    """

    arguments: str
    short: str
    flags: Mapping[str, Flag]
    least: int = 0
    most: int | None = None
    interspersed: bool = True


_FILTERS = "!filters are not modelled; without it all are shown"

_CONTAINERS = "[OPTIONS] CONTAINER [CONTAINER...]"
_CREATE = Usage(
    "[OPTIONS] IMAGE [COMMAND] [ARG...]", "Create a new container", table(NEW_CONTAINER), 1, None, False
)
_RUN = Usage(
    "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    "Run a command in a new container",
    table(NEW_CONTAINER + RUN_ONLY),
    1,
    None,
    False,
)
_EXEC = Usage(
    "[OPTIONS] CONTAINER COMMAND [ARG...]",
    "Run a command in a running container",
    table(
        f"""
detach/d bool detach
detach-keys string -
env/e env env
env-file list {NO_FILE}
interactive/i bool interactive
privileged bool privileged
tty/t bool tty
user/u string user
workdir/w string workdir
"""
    ),
    2,
    None,
    False,
)
_START = Usage(
    _CONTAINERS,
    "Start one or more stopped containers",
    table(
        """
attach/a bool attach
interactive/i bool interactive
detach-keys string -
checkpoint string !checkpoints are not modelled
checkpoint-dir string !checkpoints are not modelled
"""
    ),
    1,
)
_TIME = table("time/t int -")
_STOP = Usage(_CONTAINERS, "Stop one or more running containers", _TIME, 1)
_RESTART = Usage(_CONTAINERS, "Restart one or more containers", _TIME, 1)
_KILL = Usage(_CONTAINERS, "Kill one or more running containers", table("signal/s string signal"), 1)
_RM = Usage(
    _CONTAINERS,
    "Remove one or more containers",
    table("force/f bool force\nvolumes/v bool volumes\nlink/l bool !links are not modelled"),
    1,
)
_PS = Usage(
    "[OPTIONS]",
    "List containers",
    table(
        f"""
all/a bool all
filter/f list {_FILTERS}
format string format
last/n int !the order of creation is not modelled; use --all
latest/l bool !the order of creation is not modelled; use --all
no-trunc bool no_trunc
quiet/q bool quiet
size/s bool !sizes are not modelled
"""
    ),
    0,
    0,
)
_SIZE = "size/s bool !sizes are not modelled"
_INSPECT = Usage(
    "[OPTIONS] NAME|ID [NAME|ID...]",
    "Return low-level information on Docker objects",
    table("format/f string format\ntype string type\n" + _SIZE),
    1,
)
_INSPECT_CONTAINER = Usage(
    _CONTAINERS,
    "Display detailed information on one or more containers",
    table("format/f string format\n" + _SIZE),
    1,
)
_PULL = Usage(
    "[OPTIONS] NAME[:TAG|@DIGEST]",
    "Pull an image or a repository from a registry",
    table(
        """
all-tags/a bool !a registry's list of tags is not modelled
disable-content-trust bool -
platform string !images of other machines are not modelled
quiet/q bool quiet
"""
    ),
    1,
    1,
)
_VOLUME_CREATE = Usage(
    "[OPTIONS] [VOLUME]",
    "Create a volume",
    table("driver/d string driver\nname string name\nopt/o list options\nlabel label labels"),
    0,
    1,
)
_VOLUME_LS = Usage(
    "[OPTIONS]",
    "List volumes",
    table(f"filter/f list {_FILTERS}\nformat string format\nquiet/q bool quiet"),
    0,
    0,
)
_VOLUMES = "[OPTIONS] VOLUME [VOLUME...]"
_VOLUME_INSPECT = Usage(
    _VOLUMES, "Display detailed information on one or more volumes", table("format/f string format"), 1
)
_VOLUME_RM = Usage(_VOLUMES, "Remove one or more volumes", table("force/f bool force"), 1)

_SHORT: Final[dict[str, Usage]] = {
    "create": _CREATE,
    "run": _RUN,
    "exec": _EXEC,
    "start": _START,
    "stop": _STOP,
    "restart": _RESTART,
    "kill": _KILL,
    "rm": _RM,
    "ps": _PS,
    "inspect": _INSPECT,
    "pull": _PULL,
}
_IN_GROUPS: Final[dict[str, Usage]] = {
    "container inspect": _INSPECT_CONTAINER,
    "volume create": _VOLUME_CREATE,
    "volume ls": _VOLUME_LS,
    "volume inspect": _VOLUME_INSPECT,
    "volume rm": _VOLUME_RM,
}
MODELLED: Final[Mapping[str, tuple[str, Usage]]] = {
    **{word: (word, usage) for word, usage in (_SHORT | _IN_GROUPS).items()},
    **{
        f"container {word}": (word, usage)
        for word, usage in _SHORT.items()
        if word not in ("ps", "inspect", "pull")
    },
    "container ls": ("ps", _PS),
    "image pull": ("pull", _PULL),
}
"""Commands by the words that docker's help shows for them: what they are, and their usage."""
ALIASES: Final[Mapping[str, str]] = {
    "container ps": "container ls",
    "container list": "container ls",
    "volume list": "volume ls",
    "volume remove": "volume rm",
}
GROUPS: Final = ("container", "image", "volume")
_COMMANDS = (
    "attach build builder checkpoint commit config context cp diff events export help history image images"
    " import info load login logout logs manifest network node pause plugin port push rename rmi save search"
    " secret service stack stats swarm system tag top trust unpause update version wait"
    " app buildx compose scan"
)
_IN_CONTAINER = "attach commit cp diff export logs pause port prune rename stats top unpause update wait"
_IN_IMAGE = "build history import inspect load ls list prune push rm save tag"
NOT_MODELLED: Final = frozenset(
    _COMMANDS.split()
    + [f"container {word}" for word in _IN_CONTAINER.split()]
    + [f"image {word}" for word in _IN_IMAGE.split()]
    + ["volume prune"]
)
"""What docker and its usual plugins understand and mountlab does not."""

VOLUME_HELP: Final = """
Usage:  docker volume COMMAND

Manage volumes

Commands:
  create      Create a volume
  inspect     Display detailed information on one or more volumes
  ls          List volumes
  prune       Remove all unused local volumes
  rm          Remove one or more volumes

Run 'docker volume COMMAND --help' for more information on a command."""
"""What is printed for a word that ``docker volume`` does not know."""
