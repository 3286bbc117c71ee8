"""The unit files of Docker that a machine may come with."""

from __future__ import annotations

from pathlib import Path

DOCKER = "docker.service"
"""As in moby today, without ``--containerd=``: no word on mounts, so dockerd is in the host's namespace."""
DOCKER_1_10 = "docker-1.10.service"
"""As Docker 1.10 shipped it (moby v1.10.3, contrib/init/systemd/docker.service): ``MountFlags=slave``."""


def unit_file(name: str) -> str:
    """Text of a shipped unit file."""
    return (Path(__file__).parents[1] / "units" / name).read_text("utf-8")
