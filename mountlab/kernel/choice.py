"""Which real kernel is taken where several are to be had.

The order of ``auto``: user-mode Linux first, for a mistake in its kernel is a mistake in a process without
rights; then the sandbox on this computer's kernel.  ``userns`` is that sandbox started as an ordinary user,
also where the caller is root; ``kernel`` takes what it finds.
"""

from __future__ import annotations

from mountlab.kernel import reuse
from mountlab.kernel.limits import Limits
from mountlab.kernel.probe import Probe, probe, probe_uml, probe_userns
from mountlab.kernel.stage import SetupError

WORDS = ("kernel", "userns", "uml")


def choose(word: str) -> Probe:
    """The kernel that a word means, one of `WORDS` or ``auto``; without a kind: there is none, and why."""
    if word == "uml":
        return _booted(probe_uml())
    if word == "userns":
        return probe_userns()
    if word == "kernel":
        return probe()
    guest = choose("uml")
    if guest.kind:
        return guest
    here = probe()
    return here if here.kind else here._replace(reason=f"{here.reason}; and {guest.reason}")


def _booted(found: Probe) -> Probe:
    """Whether it runs is only known when it runs; it stays for whoever comes next."""
    if found.kind is None:
        return found
    try:
        reuse.end(reuse.begin("uml", "bare", Limits()))
    except SetupError as error:
        return found._replace(kind=None, reason=str(error))
    return found
