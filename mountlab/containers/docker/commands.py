"""The commands of docker 20.10: their options, their usage lines, and why some are not modelled.

Source: docker/cli v20.10.24, cli/command/*/*.go and cli/command/container/opts.go (addFlags).  What an
option does to mounts decides its last column: a field of the request, ``-`` for nothing, ``!`` and a reason
where mountlab does not know what would come of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mountlab.containers.docker.flags import Flag, table


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


_NO_FILE = "!it would read a file on the client's side, which mountlab does not do; write the values out"
_NEW_CONTAINER: Final = f"""
add-host list -
attach/a list attach
blkio-weight uint16 -
blkio-weight-device list -
cap-add list cap_add
cap-drop list cap_drop
cgroup-parent string -
cgroupns string cgroupns
cidfile string !it would write a file on the client's side, which mountlab does not do; use --name
cpu-period int -
cpu-quota int -
cpu-rt-period int -
cpu-rt-runtime int -
cpu-shares/c int -
cpus rational -
cpuset-cpus rational -
cpuset-mems string -
device list -
device-cgroup-rule list -
device-read-bps list -
device-read-iops list -
device-write-bps list -
device-write-iops list -
disable-content-trust bool -
dns list -
dns-opt list -
dns-option list -
dns-search list -
domainname string -
entrypoint string entrypoint
env/e env env
env-file list {_NO_FILE}
expose list -
gpus list !what a GPU's driver mounts into a container is not modelled
group-add list -
health-cmd string -
health-interval duration -
health-retries int -
health-start-period duration -
health-timeout duration -
help bool help
hostname/h string hostname
init bool init
interactive/i bool interactive
ip string -
ip6 string -
ipc string ipc
isolation string -
kernel-memory bytes -
label/l label -
label-file list {_NO_FILE}
link list -
link-local-ip list -
log-driver string -
log-opt list -
mac-address string -
memory/m bytes -
memory-reservation bytes -
memory-swap swap -
memory-swappiness int -
mount mount mount
name string name
net string network
net-alias list -
network string network
network-alias list -
no-healthcheck bool -
oom-kill-disable bool -
oom-score-adj int -
pid string pid
pids-limit int -
platform string -
privileged bool privileged
publish/p list -
publish-all/P bool -
pull string -
read-only bool read_only
restart string restart
rm bool remove
runtime string runtime
security-opt list security_opt
shm-size bytes shm_size
stop-signal string -
stop-timeout int -
storage-opt list !the size of a container's own layer is not modelled
sysctl list -
tmpfs list tmpfs
tty/t bool tty
ulimit list -
user/u string user
userns string userns
uts string uts
volume/v list volume
volume-driver string volume_driver
volumes-from list volumes_from
workdir/w string workdir
cpu-count int !it is an option for Windows only
cpu-percent int !it is an option for Windows only
io-maxbandwidth bytes !it is an option for Windows only
io-maxiops uint64 !it is an option for Windows only
"""
_RUN_ONLY: Final = """
detach/d bool detach
detach-keys string -
sig-proxy bool -
"""
_FILTERS = "!filters are not modelled; without it all are shown"

_CONTAINERS = "[OPTIONS] CONTAINER [CONTAINER...]"
_CREATE = Usage(
    "[OPTIONS] IMAGE [COMMAND] [ARG...]", "Create a new container", table(_NEW_CONTAINER), 1, None, False
)
_RUN = Usage(
    "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    "Run a command in a new container",
    table(_NEW_CONTAINER + _RUN_ONLY),
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
env-file list {_NO_FILE}
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
platform string -
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

MODELLED: Final[Mapping[str, tuple[str, Usage]]] = {
    "create": ("create", _CREATE),
    "run": ("run", _RUN),
    "exec": ("exec", _EXEC),
    "start": ("start", _START),
    "stop": ("stop", _STOP),
    "restart": ("restart", _RESTART),
    "kill": ("kill", _KILL),
    "rm": ("rm", _RM),
    "ps": ("ps", _PS),
    "inspect": ("inspect", _INSPECT),
    "pull": ("pull", _PULL),
    "container create": ("create", _CREATE),
    "container run": ("run", _RUN),
    "container exec": ("exec", _EXEC),
    "container start": ("start", _START),
    "container stop": ("stop", _STOP),
    "container restart": ("restart", _RESTART),
    "container kill": ("kill", _KILL),
    "container rm": ("rm", _RM),
    "container ls": ("ps", _PS),
    "container inspect": ("container inspect", _INSPECT_CONTAINER),
    "image pull": ("pull", _PULL),
    "volume create": ("volume create", _VOLUME_CREATE),
    "volume ls": ("volume ls", _VOLUME_LS),
    "volume inspect": ("volume inspect", _VOLUME_INSPECT),
    "volume rm": ("volume rm", _VOLUME_RM),
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
