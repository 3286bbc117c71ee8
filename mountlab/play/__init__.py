"""The playground: terminals on a machine of one's own, with its picture beside them.

In a notebook: ``mountlab.Playground()``.  Without a page: `Session`.
"""

from __future__ import annotations

from mountlab.play.session import PlayError, Session
from mountlab.play.widget import Playground

__all__ = ["PlayError", "Playground", "Session"]
