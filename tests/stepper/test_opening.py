"""Where the stepper rests when somebody opens it: at the last change, not at what was only looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mountlab.view.frames import frames
from tests.stepper.samples import machine

if TYPE_CHECKING:
    from tests.stepper.conftest import Opened

pytestmark = pytest.mark.browser
LOOKING = """
host# mkdir /a
host# mount -t tmpfs disk /a
c1# unshare -m
c1# umount /a
host# mkdir /a/x
host# findmnt
c1# cat /proc/self/mountinfo
"""


@pytest.mark.parametrize(
    ("more", "rests"),
    [("", 3), ("c1# umount /nothing\n", 7), ("host# mount --bind /a /mnt\nhost# ls /\n", 7)],
    ids=["a change", "a failure", "a later change"],
)
def test_it_opens_at_the_last_change_or_failure(stepper: Opened, more: str, rests: int) -> None:
    data = frames(machine(LOOKING + more))

    assert stepper(data).at[0] == rests
    assert stepper({"v": 1, "pair": [data, data], "titles": ["one", "two"], "at": data["at"]}).at[0] == rests


def test_where_nothing_ever_changed_it_opens_at_the_end(stepper: Opened) -> None:
    assert stepper(frames(machine("host# ls /\nhost# findmnt\n"))).at == (1, 0)
