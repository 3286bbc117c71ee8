"""mountlab: a simulator of Linux mount propagation, and a course around it."""

from __future__ import annotations

from mountlab.errors import MountError
from mountlab.mountinfo import MountInfo
from mountlab.simulator import Process, Simulator

__version__ = "0.1.0"
__all__ = ["MountError", "MountInfo", "Process", "Simulator", "__version__"]
