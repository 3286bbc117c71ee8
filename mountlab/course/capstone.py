"""The last incident of the Linux half: a level without hints.

case = capstone()                  its output is the page
case.run("host# findmnt /jail")    without a page
"""

from __future__ import annotations

from pathlib import Path

from mountlab.course.levels import PlayedLevel, Told
from mountlab.play.worlds import SIMULATOR
from mountlab.practice.levels import level

FILE = Path(__file__).with_name("capstone.mnt")
NO_HINTS = "This one has no hints. Ask the machine: findmnt, /proc/NAME/mountinfo, and the picture."
HOW = 'lv = level("capstone")', "case = capstone()"
"""How a level says that it is begun without a page, and how it is here."""


class Capstone(PlayedLevel):
    """The incident as it is played."""

    def hint(self) -> Told:
        """There are none."""
        return Told(NO_HINTS)

    def __str__(self) -> str:
        return super().__str__().replace(*HOW).replace("lv.hint(), ", "").replace("lv.", "case.")


def capstone(backend: str = SIMULATOR) -> Capstone:
    """Begin the incident; `backend` as for a level."""
    return Capstone(level(FILE), backend)
