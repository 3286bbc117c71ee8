"""mountlab: a simulator of Linux mount propagation, and a course around it."""

from __future__ import annotations

import importlib

from mountlab.errors import MountError
from mountlab.mountinfo import MountInfo
from mountlab.simulator import Process, Simulator

__version__ = "0.1.0"
__all__ = ["MountError", "MountInfo", "Process", "Simulator", "__version__"]
# `Playground` is not among them: `from mountlab import *` would load it.


def __getattr__(name: str) -> object:
    """`mountlab.Playground` is loaded when it is asked for, and pictures with it."""
    if name == "Playground":
        return importlib.import_module("mountlab.play").Playground
    raise AttributeError(f"module 'mountlab' has no attribute {name!r}")
