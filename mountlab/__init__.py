"""mountlab: a simulator of Linux mount propagation, and a course around it."""

from __future__ import annotations

import importlib

from mountlab.errors import MountError
from mountlab.mountinfo import MountInfo
from mountlab.simulator import Process, Simulator

__version__ = "0.1.0"
__all__ = ["MountError", "MountInfo", "Process", "Simulator", "__version__"]
_LATER = {
    "Playground": "mountlab.play",
    "compare": "mountlab.view.beside",
    "show": "mountlab.view.display",
    "two_worlds": "mountlab.view.display",
}
"""Names that are loaded when they are asked for, with all that they need: `import mountlab` stays light.

They are not in ``__all__``: ``from mountlab import *`` would load them.
"""


def __getattr__(name: str) -> object:
    """`mountlab.show` and the other names of `_LATER`."""
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"module 'mountlab' has no attribute {name!r}")
