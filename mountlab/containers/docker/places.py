"""Where dockerd keeps what it has."""

from typing import Final

DATA_ROOT: Final = "/var/lib/docker"
"""The default of ``--data-root``."""
