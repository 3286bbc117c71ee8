"""runc and crun themselves, run on a private host with a config.json."""

from __future__ import annotations

import json
from typing import Any

from mountlab.runtimes.dockerd import busybox_tree
from mountlab.runtimes.host import WORK, Host, HostError, Ran, why_not

BUNDLE = f"{WORK}/bundle"
ROOTFS = f"{BUNDLE}/rootfs"
_WORDS = f"{WORK}/words"
_PROC = {"destination": "/proc", "type": "proc", "source": "proc"}
_DEV = {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]}
Mount = dict[str, Any]


def runtime_missing(runtime: str) -> str | None:
    """Why this OCI runtime cannot be run here; None: it can."""
    return why_not(runtime, "busybox")


def config(mounts: list[Mount], propagation: str | None = None) -> dict[str, Any]:
    """The smallest config.json for /proc, /dev, these mounts and this rootfsPropagation."""
    linux: dict[str, Any] = {"namespaces": [{"type": each} for each in ("pid", "mount", "ipc", "uts")]}
    if propagation is not None:
        linux["rootfsPropagation"] = propagation
    process = {
        "terminal": False,
        "user": {"uid": 0, "gid": 0},
        "args": ["sleep", "600"],
        "env": ["PATH=/bin"],
        "cwd": "/",
    }
    return {
        "ociVersion": "1.0.2",
        "process": process,
        "root": {"path": "rootfs"},
        "mounts": [_PROC, _DEV, *mounts],
        "linux": linux,
    }


class Bundles:
    """A runtime, a host, and a bundle with busybox in its own mounted rootfs."""

    def __init__(self, runtime: str, host: Host) -> None:
        """Make the bundle.

        Raises:
            HostError: when the runtime is missing here.
        """
        reason = runtime_missing(runtime)
        if reason:
            raise HostError(reason)
        self.runtime, self.host = runtime, host
        host.script(f"mkdir -p {ROOTFS}; mount -t tmpfs rootfs {ROOTFS}")
        host.do(["tar", "-x", "-C", ROOTFS], busybox_tree())

    def start(self, name: str, spec: dict[str, Any], wrapper: str = "") -> Ran:
        """Run a container in the background; what the runtime said."""
        self.host.write(f"{BUNDLE}/config.json", json.dumps(spec))
        line = f"cd {BUNDLE}; {wrapper} {self.runtime} run -d {name} </dev/null >{_WORDS} 2>&1"
        status = self.host.run(["sh", "-c", line]).status
        return Ran(status, "", self.host.read(_WORDS))

    def pid(self, name: str) -> int:
        """The number of a container's process 1, in the host's PID namespace."""
        state: dict[str, Any] = json.loads(self.host.do([self.runtime, "state", name]))
        return int(state["pid"])

    def delete(self, *names: str) -> None:
        """Kill and remove containers; harmless where they are not."""
        self.host.run(["sh", "-c", f"for n in {' '.join(names)}; do {self.runtime} delete -f $n; done"])
