"""The OCI runtimes that a dockerd knows, by the names it was told, and what each says of a bad program.

Source: moby v20.10.24, daemon/runtime_unix.go, cmd/dockerd (``--add-runtime``, ``--default-runtime``).  What
crun 1.8.1 says below docker was read from the real one; a runtime of another program is not known here.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from mountlab.containers import crun, runc
from mountlab.containers.docker import go
from mountlab.containers.docker.messages import DaemonError
from mountlab.containers.ledger import Ledger
from mountlab.containers.oci import Spec

Why = Literal["nowhere", "absent", "directory", "file"]
"""A name that is in no folder of programs, a path that is not there, or one of something else."""


class Runtime(NamedTuple):
    """An OCI runtime."""

    create: Callable[[Ledger, Spec], None]
    refusals: dict[Why, str]
    """What it says of a program that cannot be run."""
    at_create: str = ""
    """What it puts before that when a container is made."""
    at_exec: str = ""

    def refuses(self, program: str, why: Why) -> str:
        """What it says of that program."""
        return self.refusals[why].format(program=program, quoted=go.quoted(program))


_RUNC_STARTS = "unable to start container process: "
_CRUN_MISSING = "executable file `{program}` not found in $PATH: No such file or directory"
_PROGRAMS: Final = {
    "runc": Runtime(
        runc.create,
        {
            "nowhere": "exec: {quoted}: executable file not found in $PATH",
            "absent": "exec: {quoted}: stat {program}: no such file or directory",
            "directory": "exec: {quoted}: permission denied",
            "file": "exec: {quoted}: permission denied",
        },
        f"runc create failed: {_RUNC_STARTS}",
        f"exec failed: {_RUNC_STARTS}",
    ),
    "crun": Runtime(
        crun.create,
        {
            "nowhere": _CRUN_MISSING,
            "absent": _CRUN_MISSING,
            "directory": "open executable: Operation not permitted",
            "file": "open executable: Permission denied",
        },
    ),
}
"""By the name of the program."""


class Runtimes(NamedTuple):
    """The runtimes of one dockerd."""

    by_name: dict[str, Runtime]
    default: str

    def of(self, name: str) -> Runtime:
        """The one of that name; the default where none was said.

        Raises:
            DaemonError: when dockerd was started anew without that one.
        """
        if name and name not in self.by_name:
            raise DaemonError(f"runtime not found in config: {name}")
        return self.by_name[name or self.default]


def runtimes_of(command: Sequence[str] = ()) -> Runtimes:
    """The runtimes of a dockerd that is started like this: runc, and what ``--add-runtime`` names."""
    by_name = {"runc": _PROGRAMS["runc"]}
    for text in _values(command, "--add-runtime"):
        name, _, path = text.partition("=")
        if program := _PROGRAMS.get(posixpath.basename(path)):
            by_name[name] = program
    default = [name for name in _values(command, "--default-runtime") if name in by_name]
    return Runtimes(by_name, default[-1] if default else "runc")


def _values(command: Sequence[str], option: str) -> list[str]:
    """What follows an option, in a word of its own or after an equals sign."""
    after = [word for before, word in pairwise(command) if before == option]
    return after + [word.partition("=")[2] for word in command if word.startswith(option + "=")]
