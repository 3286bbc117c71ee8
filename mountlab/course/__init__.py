"""The course's room: transcripts in notebook cells.

A notebook begins with one line, ``%load_ext mountlab.course``.  Then a cell that begins with ``%%lab`` is a
transcript.  This is the only room that knows of IPython; `import mountlab` does not come here.
"""

from __future__ import annotations

from mountlab.course.here import kernel_here
from mountlab.course.magic import load_ipython_extension
from mountlab.course.show import display_of

__all__ = ["display_of", "kernel_here", "load_ipython_extension"]
