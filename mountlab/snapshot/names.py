"""Chooses the names: how a namespace's terminal is called, and which mounts show a file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

HOST = "host"
LONGEST = 24
FILE_NAMES = frozenset(
    "hosts hostname resolv.conf localtime timezone machine-id passwd group shadow gshadow sudoers fstab mtab"
    " null zero full random urandom tty console ptmx kmsg fuse core kcore keys timer_list timer_stats"
    " sched_debug sysrq-trigger interrupts latency_stats termination-log token ca.crt namespace kallsyms"
    " .dockerenv .containerenv os-release nsswitch.conf docker-init kubelet.conf".split()
)
_FILE_ENDINGS = re.compile(
    r".+\.(conf|cfg|cnf|ini|json|ya?ml|toml|env|properties|xml|txt|log|sock|socket|pid|lock|crt|cer|pem|key|pub"
    r"|so(\.[0-9]+)*|sh|py|js|html?|css|sql|db|sqlite3?|img|iso|raw|bin|gz|xz|zip|jar|war|list|repo|service)"
)
_NAMESPACE_FILE = re.compile(r"[a-z_]+:\[[0-9]+\]")


class Holder(NamedTuple):
    """A view that needs a name: the smallest pid that sees it, and that process's name."""

    pid: int
    process: str


def terminal_names(holders: Sequence[Holder]) -> list[str]:
    """A name for each, in order: letters, digits, ``-``, ``_``, a letter first, no two the same.

    Process 1 is ``host``.  A process whose name is there once has just that; of several each has its pid.
    """
    plain = [HOST if holder.pid == 1 else _plain(holder.process) for holder in holders]
    count = Counter(plain)
    taken: set[str] = set()
    names = []
    for holder, name in zip(holders, plain, strict=True):
        wanted = name if name and (count[name] == 1 or holder.pid == 1) else f"{name or 'c'}-{holder.pid}"
        while wanted in taken:
            wanted += "-" + str(holder.pid)
        taken.add(wanted)
        names.append(wanted)
    return names


def _plain(process: str) -> str:
    """A process's name with what a terminal's may not hold made ``-``."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", process)[:LONGEST].strip("-_")
    return name if not name or name[0].isalpha() else f"c-{name}"


def shows_a_file(fstype: str, root: str) -> bool:
    """Whether a mount's root is a file rather than a directory, as far as its name tells.

    The table does not say; to look at it would mean to walk paths inside the namespace.
    """
    if fstype == "nsfs" or _NAMESPACE_FILE.fullmatch(root):
        return True
    name = root.removesuffix("//deleted").rpartition("/")[2]
    return name in FILE_NAMES or bool(_FILE_ENDINGS.fullmatch(name))
