"""The modelled runtimes with a config.json, on a simulated host that is laid out as the recordings' one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from mountlab.containers.errors import ContainerError
from mountlab.containers.ledger import Ledger, Made
from mountlab.containers.oci import OciMount, Spec
from mountlab.runtimes.bundle import ROOTFS
from mountlab.runtimes.places import INSIDE, SRC, setup, words
from tests.containers.modelled import ModelledHost, renamed, seen

Create = Callable[[Ledger, Spec], None]
Row = dict[str, Any]
_DEV = OciMount("/dev", "tmpfs", "tmpfs", ("nosuid", "mode=755"))
_PROC = OciMount("/proc", "proc", "proc", ())


class Bundle:
    """A runtime of the model with a mounted root."""

    def __init__(self, create: Create, state: str) -> None:
        self.host, self.create = ModelledHost(), create
        self.made: list[Made] = []
        self.host.type(f"mkdir -p {ROOTFS}", f"mount -t tmpfs rootfs {ROOTFS}")
        self.host.type(f"mkdir {' '.join(ROOTFS + path for path in ('/proc', '/dev', '/mnt'))}")
        self.host.type(*setup(state, submount=True))

    def start(self, name: str, root: str | None, options: Iterable[str]) -> tuple[int, str]:
        """Start a container; the runtime's status, and what it said."""
        mounts = (_PROC, _DEV, OciMount(INSIDE, "bind", SRC, tuple(options)))
        world = self.host.backend.daemons.world
        process = f":container {name}"
        world.fork(":init", process)
        try:
            self.create(Ledger(world, process, self.made), Spec(ROOTFS, mounts, root or ""))
        except ContainerError as error:
            return error.status, error.text
        return 0, ""


def row_of(create: Create, asked: Row) -> Row:
    """A row of the matrix as the model makes it."""
    bundle = Bundle(create, asked["source"])
    for name in ("one", "two"):
        status, said = bundle.start(name, asked["rootfs_propagation"], asked["options"])
        if status:
            return {"starts": False, "status": status, "error": words(said)}
    return {"starts": True, "status": 0, "error": "", **seen(bundle.host, asked["source"], submount=True)}


def calls_of(made: Iterable[Made]) -> list[tuple[str, ...]]:
    """The model's calls in the form of a recording: name, arguments, result.

    A real process gets its namespace when it is cloned.
    """
    return [_parts(renamed(each.call), each.errno or "0") for each in made if "unshare" not in each.call]


def recorded_calls(calls: list[Row]) -> list[tuple[str, ...]]:
    """What the process that became the container called in a recording, as far as it is about mounts."""
    first = next(call["process"] for call in calls if call["call"] == "pivot_root")
    return [
        (call["call"], *(_flags(arg.removeprefix("fd:")) for arg in call["args"]), str(call["result"]))
        for call in calls
        if call["process"] == first and call["call"] in ("mount", "umount2", "pivot_root")
    ]


def _parts(call: str, result: str) -> tuple[str, ...]:
    name, _, rest = call.partition("(")
    args = re.findall(r'"[^"]*"|[^", )]+', rest)
    return (name, *(_flags("" if arg == "NULL" else arg.strip('"')) for arg in args), result)


def _flags(arg: str) -> str:
    """Flags are a set."""
    return "|".join(sorted(arg.split("|"))) if arg.startswith("MS_") else arg
