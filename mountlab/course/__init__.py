"""The course's room: transcripts in notebook cells.

A notebook begins with one line, ``%load_ext mountlab.course``.  Then a cell that begins with ``%%lab`` is a
transcript.  This is the only room that knows of IPython; `import mountlab` does not come here.

    from mountlab.course import answer, drill, level, posttest, predict, pretest
"""

from __future__ import annotations

from mountlab.course.decision import decide
from mountlab.course.here import kernel_here
from mountlab.course.levels import level
from mountlab.course.magic import load_ipython_extension
from mountlab.course.manifests import explain
from mountlab.course.practice import answer, drill, posttest, predict, pretest
from mountlab.course.show import display_of

__all__ = [
    "answer",
    "decide",
    "display_of",
    "drill",
    "explain",
    "kernel_here",
    "level",
    "load_ipython_extension",
    "posttest",
    "predict",
    "pretest",
]
