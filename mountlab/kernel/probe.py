"""Is there a real kernel here that lets us mount, and if not, why?"""

from __future__ import annotations

import functools
import os
import platform
from typing import Literal, NamedTuple

from mountlab.kernel import syscalls, tools
from mountlab.kernel.limits import Limits
from mountlab.kernel.sandbox import Sandbox
from mountlab.kernel.stage import SetupError
from mountlab.kernel.uml import package

Kind = Literal["root", "userns", "uml"]
UML = "user-mode Linux, a kernel of its own in a process without any privilege"
WITHOUT_ROOT = "without root: all is the same, but that there is one user only (no uid=, no gid=)"


class Probe(NamedTuple):
    """What was found."""

    kind: Kind | None
    """``root``: started by root, who is left behind at once; ``userns``: by anybody; ``uml``: a kernel of
    its own in user-mode Linux; None: no kernel."""
    reason: str
    """Why this kind, or why none, in words for a person."""
    kernel: str
    """Such as ``6.18.44``; empty on other systems."""
    utillinux: str
    """Version of mount(8); empty where it is missing."""


def probe() -> Probe:
    """Look once per process and setting; MOUNTLAB_KERNEL=root|userns|none forces an answer."""
    return _probe(os.environ.get("MOUNTLAB_KERNEL", ""))


def probe_userns() -> Probe:
    """The sandbox on this computer's kernel, started as an ordinary user."""
    return _probe("userns")


def probe_uml() -> Probe:
    """Is user-mode Linux here?  Whether it runs is known when it is started."""
    try:
        kernel = package.release()
    except SetupError as error:
        return Probe(None, str(error), "", "")
    version = tools.util_linux_version()
    if not kernel:
        return Probe(None, f"{package.program()} does not run here", "", version)
    return Probe("uml", UML, kernel, version)


@functools.lru_cache(maxsize=4)
def _probe(forced: str) -> Probe:
    if platform.system() != "Linux":
        return Probe(
            None,
            f"a Linux kernel is needed and this is {platform.system() or 'another system'};"
            " the simulator does everything else (WSL2, a Linux virtual machine or Codespaces have one)",
            "",
            "",
        )
    kernel = platform.release()
    if forced not in {"", "root", "userns", "none"}:
        return Probe(None, f"MOUNTLAB_KERNEL={forced}: it may be root, userns or none", kernel, "")
    version = tools.util_linux_version()
    if forced == "none":
        return Probe(None, "switched off by MOUNTLAB_KERNEL=none", kernel, version)
    if not syscalls.NUMBERS:
        machine = platform.machine()
        return Probe(None, f"the sandbox knows x86_64 and aarch64, and this is {machine}", kernel, version)
    if "microsoft" in kernel.lower() and "wsl2" not in kernel.lower():
        advice = "WSL 1 has no Linux kernel; `wsl --set-version NAME 2` changes it"
        return Probe(None, advice, kernel, version)
    if forced == "root" and os.geteuid() != 0:
        return Probe(None, "MOUNTLAB_KERNEL=root, but this user is not root", kernel, version)
    kind: Kind = "root" if os.geteuid() == 0 and forced != "userns" else "userns"
    try:
        Sandbox(kind, "bare", Limits()).close()
    except SetupError as error:
        return Probe(None, str(error), kernel, version)
    who = "started as root, left at once for an unused user" if kind == "root" else WITHOUT_ROOT
    return Probe(kind, f"a sandbox in a user namespace, {who}", kernel, version)
