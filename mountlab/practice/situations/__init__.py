"""What drills are made of: for each topic the commands that may come together, and what may be asked then.

A drill takes a beginning, a few moves in any order (one that fails is left out), and an ask; what turns out
to be useless is taken away again (`mountlab.practice.shapes`).
"""

from __future__ import annotations

from mountlab.practice.situations import binds, errors, groups, namespaces, slaves, umount
from mountlab.practice.situations.parts import Situation

SITUATIONS: dict[str, Situation] = {
    "binds": binds.SITUATION,
    "namespaces": namespaces.SITUATION,
    "groups": groups.SITUATION,
    "slaves": slaves.SITUATION,
    "umount": umount.SITUATION,
    "errors": errors.SITUATION,
}
"""By topic, in the order of the course."""
