"""The programs that ask a machine's daemons: their names alone, so that reading them costs nothing."""

from typing import Final

PROGRAMS: Final = ("docker", "kubectl", "systemctl")
"""The clients of dockerd, of a Kubernetes node and of systemd."""
