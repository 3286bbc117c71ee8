"""systemd as process 1 of a private host, with units of our own."""

from __future__ import annotations

import time

from mountlab.runtimes.dockerd import Dockerd
from mountlab.runtimes.host import Host, HostError, Ran, why_not

_PROGRAM = "/lib/systemd/systemd"
_TARGET = "/etc/systemd/system/mountlab.target"
_NOTHING = "[Unit]\nDescription=Nothing but what is started by hand\nDefaultDependencies=no\n"
_GENERATORS = "/usr/lib/systemd/system-generators"
"""They make units for what a machine has; here they would only take a second of each daemon-reload."""
_START_SECONDS = 20.0


def systemd_missing() -> str | None:
    """Why systemd cannot be process 1 of a private host here; None: it can."""
    return why_not("systemctl", _PROGRAM)


class Systemd:
    """A host whose process 1 is systemd; it makes `/` shared with all below, as on a real machine."""

    def __init__(self) -> None:
        """Boot it, into a target without anything.

        Raises:
            HostError: when it is missing here, or does not come up.
        """
        reason = systemd_missing()
        if reason:
            raise HostError(reason)
        self.host = Host([_PROGRAM, "--unit=mountlab.target"], {_TARGET: _NOTHING, _GENERATORS: None})
        deadline = time.monotonic() + _START_SECONDS
        while self.systemctl(["is-active", "mountlab.target"]).status:
            if time.monotonic() > deadline:
                self.host.close()
                raise HostError(f"systemd did not come up in {_START_SECONDS:g} s")
            time.sleep(0.05)

    def systemctl(self, argv: list[str]) -> Ran:
        """Run `systemctl ARGV`."""
        return self.host.run(["systemctl", "--no-pager", *argv])

    def do(self, argv: list[str]) -> str:
        """Run `systemctl ARGV`, which must succeed."""
        return self.host.do(["systemctl", "--no-pager", *argv])

    def write_unit(self, name: str, settings: str, exec_start: str = "/bin/sleep 600") -> None:
        """Write NAME.service with these lines in [Service], and reload."""
        text = f"[Unit]\nDefaultDependencies=no\n[Service]\nExecStart={exec_start}\n{settings}\n"
        self.host.write(f"/etc/systemd/system/{name}.service", text)
        self.do(["daemon-reload"])

    def pid(self, name: str) -> int:
        """The number of a unit's main process, in the host's PID namespace."""
        return int(self.do(["show", "-p", "MainPID", "--value", name]))

    def close(self) -> None:
        """End it, with everything in it."""
        self.host.close()


class DockerUnit(Dockerd):
    """dockerd as docker.service of a `Systemd`, with these settings in its unit."""

    def __init__(self, systemd: Systemd, settings: str = "") -> None:
        self.systemd, self.settings = systemd, settings
        super().__init__(systemd.host)

    def launch(self) -> None:
        self.systemd.write_unit("docker", self.settings, " ".join(self.words()))
        self.systemd.do(["start", "docker"])

    def close(self) -> None:
        self.systemd.do(["stop", "docker"])
